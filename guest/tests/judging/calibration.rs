//! `calibrate` and `history` against numpy and scipy (`tests/stats/commands.py`), and what they refuse.

use super::documents::{changed, document, with, without};
use perfbridge_guest::judge::calibration::Report;
use perfbridge_guest::judge::history::{self, Entry};
use perfbridge_guest::render;
use serde_json::{Value, json};

fn expected() -> Value {
    serde_json::from_str(include_str!("../../../tests/stats/commands.json")).expect("JSON")
}

#[track_caller]
fn close(got: &Value, want: &Value, what: &str) {
    let (got, want) = (got.as_f64().expect(what), want.as_f64().expect(what));
    assert!(
        (got - want).abs() <= 1e-7 * want.abs(),
        "{what}: got {got}, scipy says {want}"
    );
}

/// The documents of the runs whose values stand in the vectors; every other number is the same in each run.
fn runs() -> Vec<String> {
    let rows = expected()["calibration"].clone();
    let run = |at: usize| {
        let mut run = document();
        for row in rows.as_array().expect("rows") {
            let (metric, level) = (row["metric"].as_str(), row["level"].as_str());
            let (metric, level) = (metric.expect("metric"), level.expect("level"));
            let pointer = if level == "server" {
                format!("/server_metrics_delta/{metric}")
            } else {
                format!("/metrics/{level}/{metric}")
            };
            run = with(run, &[(&pointer, row["values"][at].clone())]);
        }
        run.to_string()
    };
    (0..5).map(run).collect()
}

fn calibrated() -> (Report, Value) {
    let report = Report::new(&runs()).unwrap_or_else(|fault| panic!("{fault}"));
    let json = serde_json::from_str(&report.to_json()).expect("JSON");
    (report, json)
}

#[test]
fn noise_tolerances_and_detectable_effects_are_those_of_scipy() {
    let (_, json) = calibrated();
    let rows = json["rows"].as_array().expect("rows");
    for want in expected()["calibration"].as_array().expect("rows") {
        let same = |row: &&Value| row["metric"] == want["metric"] && row["level"] == want["level"];
        let row = rows.iter().find(same).expect("the row");
        for key in [
            "n",
            "mean",
            "median",
            "std_of_these_runs",
            "std",
            "degrees_of_freedom",
        ] {
            close(&row[key], &want[key], &format!("{} {key}", want["metric"]));
        }
        assert_eq!(row["outlier_run"], Value::Null);
        for (plan, want) in (0..4).map(|at| (&row["plans"][at], &want["plans"][at])) {
            close(&plan["trials"], &want[0], "trials");
            close(&plan["tolerance_once_in_100"], &want[1], "tolerance");
            close(&plan["detectable"], &want[2], "detectable");
        }
    }
    // Two levels of seven metrics, two of the server, three classes and the spin-poll share.
    assert_eq!(rows.len(), 20);
    let any = json["any_row_in_100"].as_f64().expect("a number");
    let want = 100.0 * (1.0 - 0.99_f64.powi(20));
    assert!((any - want).abs() < 1e-9, "{any}");
    assert_eq!(json["not_calibrated"], json!([]));
}

#[test]
fn the_policy_holds_the_noisiest_level_rounded_up_in_the_units_that_users_write() {
    let (report, _) = calibrated();
    let rows = expected()["calibration"].clone();
    let tolerance = |at: usize| rows[at]["plans"][0][1].as_f64().expect("a number");
    let up = |value: f64| (100.0 * value).ceil() / 100.0;
    let policy = report.policy();
    for (name, want) in [
        ("throughput_toks_per_s", up(tolerance(0).max(tolerance(1)))),
        ("ttft_p50_ms", up(tolerance(2).max(tolerance(3)))),
        // Points of a rate: 0.02 are 2.
        ("prefix_cache_hit_rate_post", up(100.0 * tolerance(4))),
    ] {
        let line = format!("\"{name}\" = {want:.2}\n");
        assert!(policy.contains(&line), "{line} is not in {policy}");
    }
    assert!(policy.contains("[tolerance]\n") && policy.contains("from 5 runs of \"m\""));
}

#[test]
fn artefacts_and_what_too_few_runs_have_are_left_out_with_the_reason() {
    let mut runs: Vec<Value> = runs()
        .iter()
        .map(|run| serde_json::from_str(run).expect("JSON"))
        .collect();
    runs[0] = with(runs[0].clone(), &[("/metrics/4/itl_p50_ms", json!(0.0))]);
    runs[1] = with(
        runs[1].clone(),
        &[("/metrics/16/request_latency_p50_ms", json!(0.0))],
    );
    for run in &mut runs[..3] {
        *run = without(run.clone(), "", "cpu_spinpoll_pct");
    }
    let texts: Vec<String> = runs.iter().map(Value::to_string).collect();
    let report = Report::new(&texts).unwrap_or_else(|fault| panic!("{fault}"));
    let json: Value = serde_json::from_str(&report.to_json()).expect("JSON");
    let left: Vec<String> = json["not_calibrated"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| {
            format!("{}@{}: {}", row["metric"], row["level"], row["reason"]).replace('"', "")
        })
        .collect();
    let coalesced = "streams arrived in one read, an artefact of measuring";
    let mut want: Vec<String> = [
        "ttft_p50_ms",
        "ttft_p95_ms",
        "ttft_p99_ms",
        "itl_p50_ms",
        "tps_per_user",
    ]
    .map(|name| format!("{name}@4: {coalesced}"))
    .into();
    want.push("request_latency_p50_ms@16: a run has 0, of which there is no percentage".to_owned());
    want.push("cpu_spinpoll_pct@profile: fewer than three runs have a number".to_owned());
    assert_eq!(left, want);
    let text = render::calibration::render(&report);
    assert!(
        text.contains(&format!("not calibrated: ttft_p50_ms at 4: {coalesced}\n")),
        "{text}"
    );
}

#[test]
fn one_outlier_run_of_five_is_named() {
    let mut texts = runs();
    let slow: Value = serde_json::from_str(&texts[2]).expect("JSON");
    texts[2] = with(slow, &[("/metrics/16/throughput_toks_per_s", json!(120.0))]).to_string();
    let report = Report::new(&texts).unwrap_or_else(|fault| panic!("{fault}"));
    let text = render::calibration::render(&report);
    let line = "run 3 is an outlier in throughput_toks_per_s at 16 and left out of its noise\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn calibration_refuses_what_shows_no_noise() {
    let refused = |texts: &[String]| {
        Report::new(texts)
            .map(drop)
            .expect_err("refused")
            .to_string()
    };
    let mut texts = runs();
    assert_eq!(
        refused(&texts[..2]),
        "found 2 runs; expected at least 3 repeated runs of one configuration, which is the least that shows noise"
    );
    texts[1] = changed(&[("/deployment/quantization", json!("NVFP4"))]).to_string();
    assert_eq!(
        refused(&texts),
        "trial 2: found deployment.quantization NVFP4, in the first trial FP8; expected repeated runs of one configuration"
    );
    texts[1] = texts[0].clone();
    assert!(refused(&texts).starts_with("trial 2: found the same run as trial 1;"));
}

fn entry(at: usize, document: Value) -> Entry {
    Entry {
        slug: format!("slug-{at}"),
        stamp: format!("stamp-{at}"),
        json: document.to_string(),
    }
}

/// The series of the vectors; from the change on another engine version.
fn entries() -> Vec<Entry> {
    let history = expected()["history"].clone();
    let values = history["values"].as_array().expect("values").clone();
    let one = |(at, value): (usize, Value)| {
        let version = if history["split"].as_u64() > Some(at as u64) {
            "0.32.0"
        } else {
            "0.33.0"
        };
        let changes = [
            ("/metrics/16/throughput_toks_per_s", value),
            ("/deployment/vllm_version", json!(version)),
        ];
        entry(at, changed(&changes))
    };
    values.into_iter().enumerate().map(one).collect()
}

fn series(entries: &[Entry], metric: Option<&str>, level: Option<&str>) -> (Value, String) {
    let report =
        history::Report::new(entries, metric, level).unwrap_or_else(|fault| panic!("{fault}"));
    let json = serde_json::from_str(&report.to_json()).expect("JSON");
    (json, render::history::render(&report))
}

#[test]
fn a_history_finds_the_split_of_the_brute_force_search() {
    let (json, text) = series(&entries(), None, None);
    let want = &expected()["history"];
    assert_eq!(json["searched"], true);
    let changes = json["change_points"].as_array().expect("a list");
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0]["slug"], format!("slug-{}", want["split"]));
    assert_eq!(changes[0]["version"], "0.33.0");
    close(&changes[0]["before"], &want["before"], "before");
    close(&changes[0]["after"], &want["after"], "after");
    assert_eq!(json["entries"][0]["delta"], Value::Null);
    for (at, delta) in want["delta_pct"]
        .as_array()
        .expect("a list")
        .iter()
        .enumerate()
    {
        close(&json["entries"][at + 1]["delta_pct"], delta, "delta");
    }
    assert!(
        text.contains(&format!("  slug-{} (0.33.0): ", want["split"])),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    // One star for each entry, one mark below the column where the change begins.
    let plot: Vec<&str> = text
        .lines()
        .filter(|line| line.get(12..13) == Some("|"))
        .collect();
    assert_eq!(plot.len(), 8, "{text}");
    assert_eq!(plot.concat().matches('*').count(), 15, "{text}");
    let mark = text
        .lines()
        .find(|line| line.get(12..13) == Some("+"))
        .expect("the axis");
    let split = want["split"].as_u64().expect("a number") as usize;
    assert_eq!(mark.find('^'), Some(14 + split * 65 / 14), "{text}");
}

#[test]
fn a_history_of_nine_says_what_it_lacks() {
    let (json, text) = series(&entries()[..9], None, None);
    assert_eq!(
        (&json["searched"], &json["change_points"]),
        (&json!(false), &json!([]))
    );
    assert!(
        text.contains("9 comparable entries; change points and the plot need 10\n"),
        "{text}"
    );
}

#[test]
fn a_steady_history_has_no_change_point() {
    let steady: Vec<Entry> = (0..12)
        .map(|at| {
            entry(
                at,
                changed(&[(
                    "/metrics/16/throughput_toks_per_s",
                    json!(250.0 + f64::from(at as u32 % 3) + 0.001 * at as f64),
                )]),
            )
        })
        .collect();
    let (json, text) = series(&steady, None, None);
    assert_eq!(json["change_points"], json!([]));
    assert!(
        text.contains("no change point (E-divisive, level 0.01)\n"),
        "{text}"
    );
}

#[test]
fn other_configurations_other_definitions_and_repeated_runs_are_excluded_with_the_reason() {
    let name = |value: f64| ("/metrics/16/throughput_toks_per_s", json!(value));
    let mut defined = changed(&[name(4.0)]);
    defined["definitions"] = json!({"throughput_toks_per_s": "other"});
    let mut newest = changed(&[name(5.0)]);
    newest["definitions"] = json!({"throughput_toks_per_s": "output-tokens"});
    let all = [
        entry(
            0,
            changed(&[name(1.0), ("/deployment/quantization", json!("NVFP4"))]),
        ),
        entry(1, changed(&[name(2.0)])),
        entry(2, changed(&[name(2.0)])),
        entry(
            3,
            changed(&[name(3.0), ("/metrics/16/osl_mean", json!(110.0))]),
        ),
        entry(4, without(document(), "/metrics", "16")),
        entry(5, defined),
        entry(6, newest),
    ];
    let (json, text) = series(&all, None, None);
    let excluded: Vec<&str> = json["excluded"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| entry["reason"].as_str().expect("a reason"))
        .collect();
    assert_eq!(
        excluded,
        [
            "deployment.quantization is NVFP4, in the newest FP8",
            "the same run is registered earlier too",
            "metrics.16.osl_mean is 110.0, in the newest 100.0",
            "it has no such number",
            "definitions.throughput_toks_per_s is other, in the newest output-tokens",
        ]
    );
    assert_eq!(json["entries"][1]["delta"], 3.0);
    assert!(
        text.contains("excluded: stamp-0 slug-0: deployment.quantization is NVFP4"),
        "{text}"
    );
}

#[test]
fn a_history_follows_any_metric() {
    let one = [entry(0, document())];
    for (metric, level, at, value) in [
        ("ttft", None, "16", 100.0),
        ("ttft_p50_ms", Some("4"), "4", 100.0),
        ("error_rate", None, "16", 0.0),
        ("errors", Some("4"), "4", 0.0),
        ("hit-rate", None, "server", 0.80),
        ("cpu_spinpoll_pct", None, "profile", 10.0),
        ("kernel_class_gpu_pct.fp8_bmm", None, "profile", 40.0),
    ] {
        let (json, _) = series(&one, Some(metric), level);
        assert_eq!(json["level"], at, "{metric}");
        assert_eq!(json["entries"][0]["value"], value, "{metric}");
    }
}

#[test]
fn a_history_refuses_what_does_not_exist() {
    let one = [entry(0, document())];
    let refused = |entries: &[Entry], metric: Option<&str>, level: Option<&str>| {
        history::Report::new(entries, metric, level)
            .map(drop)
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        refused(&[], None, None),
        "found no baseline; expected at least one. Record one with perfbridge record"
    );
    assert_eq!(
        refused(&one, Some("tp"), None),
        "there is no metric \"tp\" with a tolerance. Did you mean tps?"
    );
    let more = ". Choose another with --metric and --level";
    for (metric, level, words) in [
        (
            "tps",
            "8",
            "throughput_toks_per_s at \"8\"; it has the levels 4, 16",
        ),
        (
            "hit-rate",
            "16",
            "prefix_cache_hit_rate_post at \"16\"; it stands at the level server",
        ),
        (
            "cpu_spinpoll_pct",
            "4",
            "cpu_spinpoll_pct at \"4\"; it stands at the level profile",
        ),
        (
            "kernel_class_gpu_pct",
            "profile",
            "kernel_class_gpu_pct at \"profile\"; at the level profile it has the classes fp8_bmm, mla_attention, tp_all_reduce",
        ),
    ] {
        assert_eq!(
            refused(&one, Some(metric), Some(level)),
            format!("the newest baseline has no number for {words}{more}")
        );
    }
    let broken = [Entry {
        json: "{".to_owned(),
        ..one[0].clone()
    }];
    assert!(refused(&broken, None, None).starts_with("slug-0:1:"));
}

#[test]
fn markdown_explains_each_row_on_request_only() {
    let judgement = super::documents::judge(
        &document(),
        &changed(&[("/metrics/16/ttft_p50_ms", json!(110.0))]),
    );
    let plain = render::markdown::render(&judgement, false);
    let explained = render::markdown::render(&judgement, true);
    let line = "- `REGRESSED` ttft_p50_ms at 16: 100.0 -&gt; 110.0 is a change of +10.0 % for the worse, beyond the tolerance of 5 % (default).\n";
    assert!(explained.contains(line), "{explained}");
    let section = explained
        .split("## Why each row has its status\n\n")
        .nth(1)
        .expect("the section");
    let sentences = section
        .lines()
        .take_while(|line| line.starts_with("- "))
        .count();
    assert_eq!(sentences, judgement.rows.len());
    assert!(!plain.contains("Why each row"));
}
