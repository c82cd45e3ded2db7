//! Which earlier baselines count, for the noise and for the best of the last ten.

use crate::documents::{changed, document, level_set, parse, places, row, said, with};
use crate::trials::{THROUGHPUT, merged, runs};
use perfbridge_guest::judge::{self as judging, Judgement};
use serde_json::{Value, json};

/// A run of one day of November with this throughput at 16.
fn of_day(day: usize, throughput: f64) -> Value {
    let run = level_set(document(), "16", &THROUGHPUT, throughput);
    let provenance = json!({
        "bundle_sha256": format!("{day:064}"),
        "captured_at": format!("2026-11-{day:02}T10:00:00Z"),
    });
    with(run, &[("/provenance", provenance)])
}

fn judged(baseline: &Value, current: &Value, history: &[Value]) -> Judgement {
    let history: Vec<_> = history.iter().map(parse).collect();
    judging::judge(
        &parse(baseline),
        &parse(current),
        &history,
        &Default::default(),
    )
    .unwrap_or_else(|fault| panic!("{fault}"))
}

/// What the noise of the headline came from.
fn entries(judgement: &Judgement) -> (Vec<usize>, Vec<String>) {
    let row = row(judgement, "throughput_toks_per_s", "16");
    let noise = row.known.noise.as_ref().expect("known");
    (noise.history.clone(), noise.left_out.clone())
}

fn steady(days: std::ops::Range<usize>) -> Vec<Value> {
    let value = |day: usize| 100.0 + (day * day % 5) as f64 * 0.2;
    days.map(|day| of_day(day, value(day))).collect()
}

#[test]
fn only_entries_of_this_configuration_count_and_the_others_say_why() {
    let mut history = steady(1..7);
    history[1]["deployment"]["vllm_version"] = json!("0.31.0");
    history[2]["context"]["hardware"] = json!("H100");
    history.push(of_day(20, 100.3));
    history.push(of_day(25, 91.0));
    history.push(of_day(6, 100.2));
    let judgement = judged(&of_day(20, 100.3), &of_day(25, 91.0), &history);
    let listed: Vec<_> = judgement
        .history
        .iter()
        .map(|it| it.left_out.as_deref())
        .collect();
    let expected = [
        None,
        Some("deployment.vllm_version 0.31.0, in the baseline 0.32.0"),
        Some("another hardware"),
        None,
        None,
        None,
        Some("the same run as an earlier entry"),
        Some("the baseline itself"),
        Some("the current run itself"),
    ];
    assert_eq!(listed, expected);
    // Four are too few.
    assert_eq!(
        row(&judgement, "throughput_toks_per_s", "16").known.noise,
        None
    );
    history.push(of_day(8, 99.9));
    let judgement = judged(&of_day(20, 100.3), &of_day(25, 91.0), &history);
    assert_eq!(entries(&judgement), (vec![1, 4, 5, 6, 8], vec![]));
    assert_eq!(said(&judgement), "RED headline");
    let json: Value = serde_json::from_str(&judgement.to_json()).expect("JSON");
    assert_eq!(json["history"][1]["entry"], 2);
    assert_eq!(json["history"][1]["captured_at"], "2026-11-02T10:00:00Z");
}

/// What its CSV export and its console log say of a run, which name neither it nor a time, is no further entry.
#[test]
fn a_run_counts_once_through_whichever_of_its_files() {
    let metrics = [
        "throughput_toks_per_s",
        "ttft_p50_ms",
        "ttft_p95_ms",
        "ttft_p99_ms",
        "tps_per_user",
    ];
    let of = |hash: usize, numbers: [f64; 5]| {
        let mut run = changed(&[(
            "/provenance",
            json!({"bundle_sha256": format!("{hash:064}")}),
        )]);
        for (metric, value) in metrics.iter().zip(numbers) {
            run = level_set(run, "16", &[*metric], value);
        }
        run
    };
    let history = [
        of(
            1,
            [
                100.123_456,
                101.234_567,
                102.345_678,
                103.456_789,
                104.567_891,
            ],
        ),
        of(2, [100.12, 101.23, 102.35, 103.46, 104.57]),
        of(3, [100.1, 101.2, 102.3, 103.5, 104.6]),
        of(4, [100.12, 101.34, 102.35, 103.46, 104.57]),
    ];
    let judgement = judged(&of_day(20, 100.3), &of_day(25, 91.0), &history);
    let listed: Vec<_> = judgement
        .history
        .iter()
        .map(|it| it.left_out.as_deref())
        .collect();
    let again = Some("the same run as an earlier entry");
    assert_eq!(listed, [None, again, again, None]);
}

/// What is varied now is nothing that the past may differ in.
#[test]
fn history_is_compared_with_an_empty_vary() {
    let mut history = steady(1..7);
    for entry in &mut history {
        entry["deployment"]["quantization"] = json!("NVFP4");
    }
    let mut policy = judging::policy::Policy::default();
    policy.vary.push("quantization".to_owned());
    let history: Vec<_> = history.iter().map(parse).collect();
    let judgement = judging::judge(
        &parse(&of_day(20, 100.0)),
        &parse(&of_day(25, 99.0)),
        &history,
        &policy,
    )
    .unwrap_or_else(|fault| panic!("{fault}"));
    assert!(
        judgement
            .history
            .iter()
            .all(|it| it.left_out.as_deref() == Some("another quantization"))
    );
}

/// A step, a drift, and two bad entries in six: a loss of 15 % stays RED.
#[test]
fn steps_drift_and_bad_entries_hide_no_loss() {
    let days = |values: [f64; 8]| -> Vec<Value> {
        let all = values.into_iter().enumerate();
        all.map(|(at, value)| of_day(at + 1, value)).collect()
    };
    let wiggle = [0.0, 0.4, -0.3, 0.2, -0.1, 0.3, 0.1, -0.2];
    let step = std::array::from_fn(|at| wiggle[at] + if at < 3 { 80.0 } else { 100.0 });
    let drift = std::array::from_fn(|at| wiggle[at] + 84.0 + 2.0 * at as f64);
    let bad = std::array::from_fn(|at| wiggle[at] + if at == 2 || at == 5 { 78.0 } else { 100.0 });
    for (what, history, counted, left_out) in [
        ("step", days(step), vec![4, 5, 6, 7, 8], vec![]),
        ("drift", days(drift), vec![1, 2, 3, 4, 5, 6, 7, 8], vec![]),
        (
            "bad",
            days(bad),
            vec![1, 2, 4, 5, 7, 8],
            vec!["history 3".to_owned(), "history 6".to_owned()],
        ),
    ] {
        let same = judged(&of_day(20, 100.0), &of_day(25, 99.8), &history);
        assert_eq!(said(&same), "GREEN none", "{what}");
        let judgement = judged(&of_day(20, 100.0), &of_day(25, 85.0), &history);
        assert_eq!(said(&judgement), "RED headline", "{what}");
        assert_eq!(entries(&judgement), (counted, left_out), "{what}");
    }
}

/// A number of another definition is no noise of this one.
#[test]
fn history_of_another_definition_is_no_history() {
    let defined =
        |run: Value, name: &str| with(run, &[("/definitions", json!({"itl_p50_ms": name}))]);
    let history: Vec<Value> = steady(1..7)
        .into_iter()
        .map(|run| defined(run, "gap-pooled"))
        .collect();
    let [baseline, current] = [(20, 100.0), (25, 99.9)]
        .map(|(day, value)| defined(of_day(day, value), "tpot-per-request"));
    let judgement = judged(&baseline, &current, &history);
    assert_eq!(row(&judgement, "itl_p50_ms", "16").known.noise, None);
    assert!(row(&judgement, "ttft_p50_ms", "16").known.noise.is_some());
}

/// Four losses of 2 % that each passed; the engine was another each time.
#[test]
fn losses_that_each_passed_are_seen_against_the_best_of_ten() {
    let version = |day: usize, throughput: f64| {
        let version = json!(format!("0.{day}.0"));
        with(
            of_day(day, throughput),
            &[("/deployment/vllm_version", version)],
        )
    };
    let mut history: Vec<Value> = [100.0, 98.0, 96.0]
        .into_iter()
        .enumerate()
        .map(|(at, value)| version(at + 1, value))
        .collect();
    let judgement = judged(&version(20, 95.0), &version(25, 93.0), &history);
    assert_eq!(places(&judgement, "RATCHET"), ["history 1"]);
    let found = judgement
        .findings
        .iter()
        .find(|it| it.code.as_str() == "RATCHET")
        .expect("found");
    assert!(found.message.starts_with("metrics.16.throughput_toks_per_s is -7.0 % from 100, the best of the last 3 baselines (2026-11-01T10:00:00Z)"), "{}", found.message);
    // A run that was only looked at was never a baseline.
    history[0]["provenance"]["observation"] = json!(true);
    history[1]["provenance"]["observation"] = json!(true);
    let judgement = judged(&version(20, 95.0), &version(25, 93.5), &history);
    assert!(places(&judgement, "RATCHET").is_empty());
    assert!(judgement.history[0].observation && !judgement.history[2].observation);
}

/// Observations are history like any other entry.
#[test]
fn observations_count_for_the_noise() {
    let mut history = steady(1..7);
    for entry in &mut history {
        entry["provenance"]["observation"] = json!(true);
    }
    let judgement = judged(&of_day(20, 100.3), &of_day(25, 91.0), &history);
    assert_eq!(entries(&judgement).0, [1, 2, 3, 4, 5, 6]);
}

/// One current trial of three stands far below what the baseline's trials let expect; the median does not.
#[test]
fn one_slow_trial_of_three_is_told() {
    let baseline = merged(&runs(&[100.0, 100.4, 99.7]));
    let slow = |third: f64| {
        let judgement = judged(&baseline, &merged(&runs(&[100.1, 100.3, third])), &[]);
        (places(&judgement, "TRIAL_SLOW").len(), judgement.verdict)
    };
    assert_eq!(slow(97.5).0, 0, "within tolerance");
    assert_eq!(slow(60.0).0, 1);
    // Where the median is beyond tolerance, the row says it.
    let judgement = judged(&baseline, &merged(&runs(&[60.1, 60.3, 60.0])), &[]);
    assert!(places(&judgement, "TRIAL_SLOW").is_empty());
}

#[test]
fn a_trial_that_is_left_out_is_named() {
    let baseline = merged(&runs(&[100.0, 100.4, 99.7, 100.2, 99.9]));
    let judgement = judged(
        &baseline,
        &merged(&runs(&[100.1, 100.3, 99.8, 60.0, 100.25])),
        &[],
    );
    let named = places(&judgement, "TRIAL_LEFT_OUT");
    assert_eq!(named.len(), 1, "{:?}", judgement.findings);
    assert!(named[0].starts_with("current trial "), "{named:?}");
    let (_, left_out) = entries(&judgement);
    assert_eq!(left_out, named);
}

/// Rows with trials say how many, their mean and their spread on both sides.
#[test]
fn rows_carry_the_trials_of_both_sides() {
    let judgement = judged(&merged(&runs(&[100.0, 130.0, 90.0])), &document(), &[]);
    let of_row = row(&judgement, "throughput_toks_per_s", "16");
    let arms = of_row.known.trials.expect("trials");
    // mean 320 / 3; sample standard deviation sqrt((44.44 + 544.44 + 277.78) / 2).
    assert_eq!((arms.baseline.n, arms.current.n), (3, 1));
    assert!((arms.baseline.mean.expect("mean") - 320.0 / 3.0).abs() < 1e-9);
    assert!((arms.baseline.std.expect("std") - 20.816_659_994_661_327).abs() < 1e-9);
    assert_eq!((arms.current.mean, arms.current.std), (Some(100.0), None));
    let single = judged(
        &document(),
        &changed(&[("/cpu_spinpoll_pct", json!(9.5))]),
        &[],
    );
    assert_eq!(
        row(&single, "throughput_toks_per_s", "16").known.trials,
        None
    );
}
