//! Which status, count or equation is asked before which.

use crate::documents::{
    changed, document, judge, level, level_set, places, row, said, status, with, without,
};
use crate::trials::{merged, runs};
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

/// The unmatched place, then the missing number, then the other definition, then the artefact.
#[test]
fn the_statuses_of_a_row_in_their_order() {
    let defined = |document: Value, what: &str| {
        with(document, &[("/definitions", json!({"itl_p50_ms": what}))])
    };
    let baseline = defined(document(), "tpot-per-request");
    let artefact = level_set(document(), "4", &["itl_p50_ms"], 0.001);
    let of = |current: &Value| {
        let judgement = judge(&baseline, current);
        let lost =
            places(&judgement, "LOST_MEASUREMENT").contains(&"metrics.4.itl_p50_ms".to_owned());
        (status(&judgement, "itl_p50_ms", "4"), lost)
    };
    let same = defined(artefact.clone(), "tpot-per-request");
    assert_eq!(of(&same), (Status::Unreliable, true));
    let other = defined(artefact, "gap-pooled");
    assert_eq!(of(&other), (Status::DefinitionMismatch, true));
    let null = with(other.clone(), &[("/metrics/4/itl_p50_ms", Value::Null)]);
    assert_eq!(of(&null), (Status::NullLegacyBaseline, true));
    let gone = without(null, "/metrics", "4");
    assert_eq!(of(&gone), (Status::UnmatchedLevel, false));
    assert!(places(&judge(&baseline, &gone), "LOST_MEASUREMENT").contains(&"metrics.4".to_owned()));
    // A baseline that had no usable number has lost none.
    let judgement = judge(
        &other,
        &with(document(), &[("/metrics/4/itl_p50_ms", Value::Null)]),
    );
    assert!(places(&judgement, "LOST_MEASUREMENT").is_empty());
    let judgement = judge(&other, &baseline);
    assert_eq!(
        status(&judgement, "itl_p50_ms", "4"),
        Status::DefinitionMismatch
    );
    assert_eq!(
        places(&judgement, "LOST_MEASUREMENT"),
        ["metrics.16.itl_p50_ms"]
    );
}

/// Counts first, else a throughput of 0, else errors beside no number at all.
#[test]
fn what_says_that_nothing_succeeded() {
    let at = |cell: Value| changed(&[("/metrics/4", cell)]);
    let well = |cell: &Value| with(cell.clone(), &[("/errors", json!(0))]);
    for (cell, verdict) in [
        // Numbers beside counts that say otherwise.
        (
            with(level(), &[("/errors", json!(1000))]),
            "RED failed-level",
        ),
        (with(level(), &[("/errors", json!(9))]), "GREEN none"),
        // Nobody counts requests.
        (
            json!({"throughput_toks_per_s": 0.0, "ttft_p50_ms": 100.0, "errors": 1}),
            "RED failed-level",
        ),
        (json!({"ttft_p50_ms": 100.0, "errors": 1}), "GREEN none"),
        (json!({"errors": 1}), "RED failed-level"),
    ] {
        let baseline = match cell["ttft_p50_ms"].is_null() {
            true => json!({"ttft_p50_ms": 100.0, "errors": 0}),
            false => well(&cell),
        };
        let baseline = match baseline["throughput_toks_per_s"] == json!(0.0) {
            true => with(baseline, &[("/throughput_toks_per_s", json!(100.0))]),
            false => baseline,
        };
        assert_eq!(
            said(&judge(&at(baseline), &at(cell.clone()))),
            verdict,
            "{cell}"
        );
    }
}

/// Both requests failed, one in the baseline: too few for a rate, and nothing came back beside numbers that say so.
#[test]
fn counts_are_asked_before_numbers() {
    let of = |errors: u64| {
        let cell = with(
            level(),
            &[("/requests", json!(2)), ("/errors", json!(errors))],
        );
        changed(&[("/metrics/4", cell)])
    };
    let judgement = judge(&of(1), &of(2));
    assert_eq!(said(&judgement), "RED failed-level");
    assert_eq!(
        judgement.reason,
        "at concurrency 4 no request succeeded, in the baseline some did"
    );
}

/// Errors where nobody counts requests are those of one run: of three trials their median, not their sum.
#[test]
fn errors_of_trials_without_requests() {
    let side = |errors: [u64; 3], first: f64| {
        let all = runs(&[first, first + 0.3, first - 0.3])
            .into_iter()
            .zip(errors);
        let counted = |(run, errors): (Value, u64)| {
            let run = without(run, "/metrics/4", "requests");
            with(run, &[("/metrics/4/errors", json!(errors))])
        };
        merged(&all.map(counted).collect::<Vec<_>>())
    };
    for (errors, expected) in [
        ([1, 1, 1], Status::Within),
        ([0, 0, 50], Status::Within),
        ([2, 2, 0], Status::Regressed),
    ] {
        let judgement = judge(&side([0, 0, 0], 100.0), &side(errors, 100.05));
        assert_eq!(status(&judgement, "errors", "4"), expected, "{errors:?}");
        let told = places(&judgement, "ONE_MORE_ERROR");
        assert_eq!(told.len(), usize::from(errors == [1, 1, 1]), "{errors:?}");
    }
}

/// In an open loop as many requests are in flight as come: only a latency and its parts can contradict each other.
#[test]
fn the_equations_of_an_open_loop() {
    let of = |changes: &[(&str, f64)]| {
        let mut cell = level();
        for (name, value) in changes {
            cell[*name] = json!(value);
        }
        changed(&[
            ("/metrics", json!({})),
            ("/metrics_by_request_rate", json!({ "2": cell })),
            ("/definitions", json!({"itl_p50_ms": "tpot-per-request"})),
        ])
    };
    let crowded = of(&[("request_latency_mean_ms", 900_000.0)]);
    assert_eq!(said(&judge(&crowded, &crowded)), "GREEN none");
    let parts = [("ttft_mean_ms", 100.0), ("itl_mean_ms", 100.0)];
    let apart = |latency: f64| {
        let run = of(&[parts[0], parts[1], ("request_latency_mean_ms", latency)]);
        said(&judge(&run, &run))
    };
    // 100 ms + 99 x 100 ms are 10 s, within a factor of 3 of 30 s.
    assert_eq!(apart(30_000.0), "GREEN none");
    assert_eq!(apart(30_001.0), "NO_VERDICT invalid-run");
}

/// Two trials a side do not make the noise known: the tolerance alone decides.
#[test]
fn two_trials_are_no_noise() {
    let two = |values: [f64; 2]| merged(&runs(&values));
    let judgement = judge(&two([100.0, 112.0]), &two([95.0, 84.0]));
    assert_eq!(
        row(&judgement, "throughput_toks_per_s", "16").known.noise,
        None
    );
    assert_eq!(said(&judgement), "RED headline");
    let judgement = judge(&merged(&runs(&[100.0, 112.0, 88.0])), &two([95.0, 84.0]));
    assert!(
        row(&judgement, "throughput_toks_per_s", "16")
            .known
            .noise
            .is_some()
    );
    assert_eq!(said(&judgement), "YELLOW unresolved");
    let needed = judgement.promote.join("\n");
    assert!(
        needed.contains("trials of the current run (it has 2)"),
        "{needed}"
    );
    assert!(!needed.contains("trials of the baseline"), "{needed}");
}

/// One trial of three died early: 10 of 2010 requests are no error rate, and nothing of it came back.
#[test]
fn a_trial_in_which_nothing_succeeded() {
    let mut three = runs(&[100.1, 100.3, 99.8]);
    let dead = [
        ("/metrics/4/requests", json!(10)),
        ("/metrics/4/errors", json!(10)),
    ];
    three[1] = with(three[1].clone(), &dead);
    let judgement = judge(&merged(&runs(&[100.0, 100.4, 99.7])), &merged(&three));
    assert_eq!(status(&judgement, "error_rate", "4"), Status::Within);
    assert_eq!(said(&judgement), "RED failed-level");
    assert!(
        judgement.reason.contains("no request of trial "),
        "{}",
        judgement.reason
    );
}
