//! A fleet of 200 made measurements with three planted causes: what is grouped, what is not, and how it reads.

use crate::documents::{document, judge, with};
use perfbridge_guest::judge::rule::Verdict;
use perfbridge_guest::judge::sweep::{Swept, sweep};
use perfbridge_guest::render;
use perfbridge_guest::stats::rng::Rng;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What a measurement fails by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Planted {
    Version,
    Hardware,
    Commit,
    Alone,
    Nothing,
}

use Planted::{Alone, Commit, Hardware, Nothing, Version};

/// Of 200: 24 by the version, 18 by the hardware, 15 by the commit, 6 alone.
fn planted(at: usize) -> Planted {
    match at {
        0..24 => Version,
        24..42 => Hardware,
        42..57 => Commit,
        57..63 => Alone,
        _ => Nothing,
    }
}

fn names(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|at| format!("m-{at:03}")).collect()
}

fn one_of<T: Clone>(rng: &mut Rng, all: &[T]) -> T {
    all[rng.below(all.len())].clone()
}

/// Both documents of a measurement. What is drawn has nothing to do with what fails.
fn sides(at: usize, rng: &mut Rng) -> [Value; 2] {
    let cause = planted(at);
    let hardware = match cause {
        Hardware => json!("GB300"),
        _ => one_of(rng, &[json!("H100"), json!("B200"), json!("MI355X")]),
    };
    // All that fail by the version stand in one cluster, where many pass.
    let cluster = match cause {
        Version => json!("eu-1"),
        _ => one_of(rng, &[json!("eu-1"), json!("us-1"), json!("us-2")]),
    };
    let seqs = [json!(128), json!(256), json!(512)];
    let baseline = with(
        document(),
        &[
            ("/model", json!(format!("m-{at:03}"))),
            ("/model_path", json!(format!("org/m-{at:03}"))),
            ("/deployment/cluster", cluster),
            ("/deployment/namespace", json!(format!("team-{}", at % 40))),
            ("/deployment/service", json!(format!("svc-{at}"))),
            ("/deployment/vllm_version", json!("0.31.0")),
            (
                "/deployment/tensor_parallel_size",
                one_of(rng, &[json!(4), json!(8)]),
            ),
            ("/context/hardware", hardware),
            ("/context/image", json!("vllm:0.31.0")),
            ("/context/max_num_seqs", one_of(rng, &seqs)),
            (
                "/provenance",
                json!({"profile_and_optimize_sha": "aaaa", "tool": "aiperf 0.12", "captured_at": "2026-11-01T00:00:00Z"}),
            ),
        ],
    );
    let version = match cause {
        Version => "0.33.0",
        _ => one_of(rng, &["0.31.0", "0.32.0"]),
    };
    let commit = match cause {
        Commit => "cccc",
        _ => one_of(rng, &["aaaa", "bbbb"]),
    };
    let current = with(
        baseline.clone(),
        &[
            ("/deployment/vllm_version", json!(version)),
            ("/context/image", json!(format!("vllm:{version}"))),
            ("/context/max_num_seqs", one_of(rng, &seqs)),
            // What all share, whether they fail or pass.
            ("/context/delivery", json!("image")),
            ("/provenance/tool", json!("aiperf 0.13")),
            ("/provenance/profile_and_optimize_sha", json!(commit)),
            ("/provenance/captured_at", json!("2026-11-28T06:00:00Z")),
        ],
    );
    let moved: &[(&str, Value)] = match cause {
        Version => &[
            ("/metrics/16/throughput_toks_per_s", json!(80.0)),
            ("/metrics/16/tps_per_user", json!(80.0)),
        ],
        Hardware => &[("/metrics/4/ttft_p95_ms", json!(150.0))],
        Commit => &[
            ("/metrics/16/request_latency_p50_ms", json!(13000.0)),
            ("/metrics/4/request_latency_p50_ms", json!(13000.0)),
        ],
        Alone => &[("/metrics/16/ttft_p50_ms", json!(130.0))],
        Nothing => &[],
    };
    [baseline, with(current, moved)]
}

/// The line of a measurement as a host hands it in.
fn line(told: Value, [baseline, current]: [&Value; 2]) -> String {
    let judged = render::member::render(&judge(baseline, current));
    let judged: Value = serde_json::from_str(&judged).expect("JSON");
    with(told, &[("/judged", judged)]).to_string()
}

fn fleet(seed: u64) -> Vec<String> {
    let mut rng = Rng::new(seed);
    let of = |at| {
        let [baseline, current] = sides(at, &mut rng);
        let told = json!({"measurement": format!("m-{at:03}-perfbench-v1"), "run": format!("runs/r-{at:03}")});
        line(told, [&baseline, &current])
    };
    (0..200).map(of).collect()
}

/// Made once: a judgement takes its time where nothing is optimised.
static FLEETS: LazyLock<[Vec<String>; 3]> = LazyLock::new(|| [fleet(0), fleet(1), fleet(2)]);

fn members(swept: &Swept) -> Vec<Vec<String>> {
    let name = |at: &usize| swept.members[*at].model().to_owned();
    let of_group = |group: &perfbridge_guest::judge::sweep::Group| {
        let mut names: Vec<String> = group.members.iter().map(name).collect();
        names.sort();
        names
    };
    swept.groups.iter().map(of_group).collect()
}

/// Whatever else is drawn, three groups and no other.
#[test]
fn three_planted_causes_are_three_groups() {
    for seed in 0..3 {
        let swept = sweep(&FLEETS[seed]).expect("a sweep");
        let shared: Vec<Value> = swept
            .groups
            .iter()
            .map(|group| group.shared.clone().into())
            .collect();
        let expected = [
            json!({"context.image": "vllm:0.33.0", "deployment.vllm_version": "0.33.0"}),
            json!({"context.hardware": "GB300"}),
            json!({"provenance.profile_and_optimize_sha": "cccc"}),
        ];
        assert_eq!(shared, expected, "seed {seed}");
        assert_eq!(
            members(&swept),
            [names(0..24), names(24..42), names(42..57)],
            "seed {seed}"
        );
        let single: BTreeSet<String> = swept
            .members
            .iter()
            .filter(|member| member.is_open() && member.group.is_none())
            .map(|member| member.model().to_owned())
            .collect();
        assert_eq!(Vec::from_iter(single), names(57..63), "seed {seed}");
        assert_eq!(
            ["RED", "GREEN"].map(|word| swept
                .members
                .iter()
                .filter(|member| member.word() == word)
                .count()),
            [24, 137],
            "seed {seed}"
        );
        assert_eq!(swept.exit(), 1);
    }
}

#[test]
fn the_order_of_the_lines_changes_no_byte() {
    let mut lines = FLEETS[2].clone();
    let one = sweep(&lines).expect("a sweep");
    lines.reverse();
    lines.swap(20, 150);
    let other = sweep(&lines).expect("a sweep");
    assert_eq!(render::sweep::render(&one), render::sweep::render(&other));
}

#[test]
fn lines_for_programs() {
    let text = render::sweep::render(&sweep(&FLEETS[1]).expect("a sweep"));
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let kinds = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    assert_eq!(
        (kinds("group"), kinds("measurement"), lines.len()),
        (3, 200, 203)
    );
    assert_eq!(lines[1]["members"], json!(names(24..42)));
    assert_eq!(lines[0]["from"]["deployment.vllm_version"], "0.31.0");
    assert_eq!(
        lines[0]["worse"],
        json!({"throughput_toks_per_s": 24, "tps_per_user": 24})
    );
    assert_eq!(
        (&lines[0]["passing"], &lines[0]["days_failing"]),
        (&json!(0), &json!(0))
    );
    let first = &lines[3];
    assert_eq!(first["model"], "m-000");
    assert_eq!(
        (&first["verdict"], &first["rule"], &first["run"]),
        (&json!("RED"), &json!("headline"), &json!("runs/r-000"))
    );
    // 20 % beyond a tolerance of 3 %.
    let row = json!({"metric": "throughput_toks_per_s", "place": "c16", "direction": "worse", "off": 6.67, "shown": "c16 throughput regressed: 100.0 -> 80.00 tok/s, -20.0 % (tolerance 3 %)"});
    assert_eq!(first["rows"][0], row);
    assert_eq!(first["group"], 1);
}

#[test]
fn days_are_counted_from_the_first_of_the_failing_runs() {
    let [baseline, current] = sides(0, &mut Rng::new(1));
    let at = |start: &str| {
        let run = with(
            current.clone(),
            &[("/provenance/captured_at", json!(start))],
        );
        let judged = render::member::render(&judge(&baseline, &run));
        serde_json::from_str::<Value>(&judged).expect("JSON")
    };
    // The last run is of 2026-11-28T06:00:00Z.
    for (start, days) in [
        ("2026-11-19T06:00:00Z", Some(9)),
        ("2026-11-19T06:00:01Z", Some(8)),
        ("2026-11-19T07:00:00+02:00", Some(9)),
        ("at noon", None),
    ] {
        let told = json!({"measurement": "m-000-perfbench-v1", "since": at(start)});
        let swept = sweep(&[line(told, [&baseline, &current])]).expect("a sweep");
        assert_eq!(swept.members[0].days, days, "{start}");
        assert_eq!(swept.members[0].since.as_deref(), Some(start));
    }
}

#[test]
fn the_worst_decides_the_exit_code() {
    let [baseline, current] = sides(100, &mut Rng::new(1));
    let green = line(
        json!({"run": "a"}),
        [
            &baseline,
            &with(
                current.clone(),
                &[("/deployment/vllm_version", json!("0.31.0"))],
            ),
        ],
    );
    let other = line(
        json!({"run": "b"}),
        [
            &baseline,
            &with(current, &[("/context/hardware", json!("H200"))]),
        ],
    );
    let problem =
        |problem: &str| json!({"run": problem, "rule": problem, "reason": "why"}).to_string();
    let [red, _] = sides(0, &mut Rng::new(1));
    let red = line(
        json!({"run": "c"}),
        [
            &red,
            &with(
                red.clone(),
                &[("/metrics/16/throughput_toks_per_s", json!(80.0))],
            ),
        ],
    );
    let (unreadable, no_run, none) = (
        problem("unreadable"),
        problem("no-run"),
        problem("no-baseline"),
    );
    for (lines, exit) in [
        (vec![&green], 0),
        (vec![], 0),
        (vec![&green, &other], 3),
        (vec![&green, &no_run], 3),
        (vec![&green, &none], 3),
        (vec![&green, &no_run, &unreadable], 2),
        (vec![&green, &no_run, &unreadable, &red], 1),
    ] {
        let lines: Vec<String> = lines.into_iter().cloned().collect();
        let swept = sweep(&lines).expect("a sweep");
        assert_eq!(swept.exit(), exit, "{lines:?}");
    }
    let swept = sweep(&[no_run, green, unreadable, other, red, none]).expect("a sweep");
    let words: Vec<&str> = swept.members.iter().map(|member| member.word()).collect();
    assert_eq!(
        words,
        [
            "RED",
            "unreadable",
            "NO_VERDICT",
            "no-baseline",
            "no-run",
            "GREEN"
        ]
    );
    assert_eq!(swept.members[2].verdict, Some(Verdict::NoVerdict));
}

#[test]
fn what_is_no_line_is_refused() {
    assert!(sweep(&["{".to_owned()]).is_err());
}

/// A log of a pipeline takes `##[` for a command.
#[test]
fn names_are_no_commands() {
    let name = "x ##[error]";
    let [baseline, current] = sides(0, &mut Rng::new(1)).map(|side| {
        with(
            side,
            &[("/model", json!(name)), ("/context/image", json!(name))],
        )
    });
    let lines = [
        line(json!({"run": name}), [&baseline, &current]),
        json!({"run": name, "rule": "unreadable", "reason": name}).to_string(),
    ];
    let text = render::sweep::render(&sweep(&lines).expect("a sweep"));
    assert!(!text.contains("##["), "{text}");
    let first: Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["model"], name);
}
