//! What repeated runs and earlier baselines say about a row.

use crate::documents::{
    codes, document, judge, level_set, parse, row, said, status, with, without,
};
use crate::trials::{THROUGHPUT, merged, runs};
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

#[test]
fn a_loss_far_beyond_the_noise_is_red_and_a_verdict() {
    let baseline = merged(&runs(&[100.0, 100.4, 99.7]));
    let judgement = judge(&baseline, &merged(&runs(&[90.0, 90.3, 89.8])));
    assert_eq!(said(&judgement), "RED headline");
    assert_eq!(
        judgement.tier.as_str(),
        "VERDICT",
        "{:?}",
        judgement.promote
    );
    let row = row(&judgement, "throughput_toks_per_s", "16");
    let noise = row.known.noise.as_ref().expect("known");
    assert_eq!((noise.method, noise.n), ("trials", 6));
    let [low, high] = row.known.interval.expect("known");
    assert!(low < -10.0 && -10.0 < high && high < 0.0, "{low} {high}");
    assert!(row.known.p_value.is_some_and(|p| p < 0.005));
}

/// Beyond tolerance, but identical runs of such a machine differ as much.
#[test]
fn a_loss_inside_the_noise_is_unresolved() {
    let baseline = merged(&runs(&[100.0, 112.0, 88.0]));
    let current = merged(&runs(&[95.0, 84.0, 107.0]));
    let judgement = judge(&baseline, &current);
    assert_eq!(
        status(&judgement, "throughput_toks_per_s", "16"),
        Status::Unresolved
    );
    assert_eq!(said(&judgement), "YELLOW unresolved");
    assert_eq!(judgement.tier.as_str(), "DRAFT");
    assert!(
        judgement
            .promote
            .iter()
            .any(|need| need.contains("noise floor")),
        "{:?}",
        judgement.promote
    );
    // The medians alone, without the runs behind them, are the bare rule.
    let bare = |document: &Value| without(document.clone(), "", "trials");
    assert_eq!(
        said(&judge(&bare(&baseline), &bare(&current))),
        "RED headline"
    );
}

/// Failures are counted: a bad run is not excused by another bad run.
#[test]
fn errors_are_never_unresolved() {
    let failing = |errors: [u64; 3]| {
        let all = runs(&[100.0, 100.1, 99.9]).into_iter().zip(errors);
        let runs: Vec<Value> = all
            .map(|(run, errors)| with(run, &[("/metrics/4/errors", json!(errors))]))
            .collect();
        merged(&runs)
    };
    let judgement = judge(&failing([0, 0, 0]), &failing([0, 0, 40]));
    assert_eq!(status(&judgement, "error_rate", "4"), Status::Regressed);
    assert_eq!(said(&judgement), "YELLOW few");
    assert_eq!(
        said(&judge(&failing([0, 0, 0]), &failing([0, 0, 1000]))),
        "RED failed-level"
    );
}

fn with_history(
    baseline: &Value,
    current: &Value,
    history: &[Value],
) -> perfbridge_guest::judge::Judgement {
    let history: Vec<_> = history.iter().map(parse).collect();
    perfbridge_guest::judge::judge(
        &parse(baseline),
        &parse(current),
        &history,
        &Policy::default(),
    )
    .unwrap_or_else(|fault| panic!("{fault}"))
}

fn numbered(at: usize, throughput: f64) -> Value {
    let run = level_set(document(), "16", &THROUGHPUT, throughput);
    with(
        run,
        &[("/provenance", json!({"bundle_sha256": format!("{at}")}))],
    )
}

#[test]
fn five_earlier_baselines_are_a_known_noise() {
    let steady = [100.0, 100.6, 99.5, 100.2, 99.9, 100.3];
    let history: Vec<Value> = steady
        .iter()
        .enumerate()
        .map(|(at, value)| numbered(at, *value))
        .collect();
    let baseline = numbered(50, 100.1);
    let worse = numbered(60, 90.0);
    let judgement = with_history(&baseline, &worse, &history);
    assert_eq!(said(&judgement), "RED headline");
    let noise = row(&judgement, "throughput_toks_per_s", "16")
        .known
        .noise
        .as_ref()
        .expect("known");
    assert_eq!((noise.method, noise.n), ("history", 6));
    // A restless history makes the same loss a question.
    let restless = [100.0, 115.0, 88.0, 107.0, 93.0, 120.0];
    let history: Vec<Value> = restless
        .iter()
        .enumerate()
        .map(|(at, value)| numbered(at, *value))
        .collect();
    let judgement = with_history(&baseline, &worse, &history);
    assert_eq!(
        status(&judgement, "throughput_toks_per_s", "16"),
        Status::Unresolved
    );
    assert_eq!(said(&judgement), "YELLOW unresolved");
}

/// Another identity, the baseline itself, and one run twice do not count.
#[test]
fn history_counts_each_earlier_run_of_this_identity_once() {
    let baseline = numbered(50, 100.1);
    let other = |at: usize| with(numbered(at, 60.0), &[("/context/hardware", json!("H100"))]);
    let steady = [100.0, 100.22, 100.05, 100.31, 100.13];
    let mut history: Vec<Value> = steady
        .iter()
        .enumerate()
        .map(|(at, value)| numbered(at, *value))
        .collect();
    history.extend([baseline.clone(), numbered(4, 100.4), other(10), other(11)]);
    let judgement = with_history(&baseline, &numbered(60, 90.0), &history);
    let noise = row(&judgement, "throughput_toks_per_s", "16")
        .known
        .noise
        .as_ref()
        .expect("known");
    assert_eq!(noise.n, 5);
    // Four are too few, and the bare tolerance decides.
    let judgement = with_history(&baseline, &numbered(60, 90.0), &history[1..5]);
    assert_eq!(
        row(&judgement, "throughput_toks_per_s", "16").known.noise,
        None
    );
    assert_eq!(said(&judgement), "RED headline");
    assert!(!codes(&judgement).contains(&"NOISE_ABOVE_TOLERANCE"));
}

/// A gain is believed as little as a loss where identical runs differ as much.
#[test]
fn a_gain_inside_the_noise_is_within() {
    let restless = merged(&runs(&[95.0, 84.0, 107.0]));
    let other = merged(&runs(&[100.0, 112.0, 88.0]));
    let judgement = judge(&restless, &other);
    let headline = row(&judgement, "throughput_toks_per_s", "16");
    assert!(headline.delta_pct.is_some_and(|change| change > 3.0));
    assert_eq!(headline.status, Status::Within);
    let steady = merged(&runs(&[95.0, 95.1, 94.9]));
    let faster = merged(&runs(&[100.0, 100.1, 99.9]));
    let judgement = judge(&steady, &faster);
    assert_eq!(
        status(&judgement, "throughput_toks_per_s", "16"),
        Status::Improved
    );
}
