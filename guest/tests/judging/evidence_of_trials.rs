//! Requests of several trials: pooled, and each trial looked at for drift.

use super::documents::{changed, judge, places, with};
use super::evidence::{evidence, sampled, samples, values};
use perfbridge_guest::document::trials::merge;
use serde_json::{Value, json};

/// The run that began so many minutes after the first, with a number of its own.
fn numbered(at: usize, run: Value) -> Value {
    let start = json!({"captured_at": format!("2026-11-25T10:{at:02}:00Z")});
    let changes = [
        ("/provenance", start),
        ("/metrics/4/ttft_p50_ms", json!(100.0 + at as f64)),
    ];
    with(run, &changes)
}

/// Runs whose requests take 1, 2, ... ms, from 100, 200, ... ms on.
fn merged(of_runs: &[(u64, usize)]) -> Value {
    let run = |(at, (of, kept)): (usize, &(u64, usize))| {
        let first = 100 * (at + 1);
        let ttft: Vec<f64> = (first..first + kept).map(|value| value as f64).collect();
        let run = changed(&[("/request_samples", json!({"4": samples(*of, &ttft)}))]);
        numbered(at, run).to_string()
    };
    let runs: Vec<String> = of_runs.iter().enumerate().map(run).collect();
    serde_json::from_str(&merge(&runs).expect("a document").to_json()).expect("JSON")
}

#[test]
fn trials_pool_their_requests() {
    let whole = merged(&[(3, 3), (2, 2)]);
    let expected = json!({
        "of": 5, "trials": [3, 2],
        "ttft_ms": [100.0, 101.0, 102.0, 200.0, 201.0],
        "request_latency_ms": [100.0, 101.0, 102.0, 200.0, 201.0],
    });
    assert_eq!(whole["request_samples"], json!({"4": expected}));
    let judgement = judge(&whole, &whole);
    assert_eq!(judgement.distributions[0]["current"]["n"], 5);
    let without = merged(&[(2, 2), (0, 0)]);
    assert_eq!(
        without["request_samples"]["4"]["trials"],
        json!([2, 0]),
        "a run without requests"
    );
}

/// One in four of the first run was kept, so one in four of all others stays: 400 of 1600, 100 of 400. Three
/// runs of 400 make 1200, of which one in four is left.
#[test]
fn pooled_requests_are_thinned_to_one_stride() {
    for (of_runs, of, trials, second) in [
        (vec![(1_600, 400), (400, 400)], 2_000, vec![400, 100], 204.0),
        (vec![(400, 400); 3], 1_200, vec![100; 3], 204.0),
        (vec![(256, 256); 2], 512, vec![256; 2], 201.0),
        (vec![(257, 257), (256, 256)], 513, vec![129, 128], 202.0),
    ] {
        let level = &merged(&of_runs)["request_samples"]["4"];
        assert_eq!(
            (&level["of"], &level["trials"]),
            (&json!(of), &json!(trials))
        );
        let values = level["ttft_ms"].as_array().expect("a list");
        assert_eq!(values.len(), trials.iter().sum::<usize>());
        assert_eq!(
            (&values[trials[0]], &values[trials[0] + 1]),
            (&json!(200.0), &json!(second))
        );
    }
}

#[test]
fn a_run_without_a_quantity_has_nulls_among_those_that_have_it() {
    let run = |at: usize, samples: Value| {
        let run = changed(&[("/request_samples", json!({"4": samples}))]);
        numbered(at, run).to_string()
    };
    let runs = [
        run(0, json!({"of": 2, "ttft_ms": [1.0, 2.0]})),
        run(1, json!({"of": 1, "itl_ms": [9.0]})),
    ];
    let whole: Value = serde_json::from_str(&merge(&runs).unwrap().to_json()).expect("JSON");
    let expected = json!({"of": 3, "trials": [2, 1], "ttft_ms": [1.0, 2.0, null], "itl_ms": [null, null, 9.0]});
    assert_eq!(whole["request_samples"]["4"], expected);
    assert_eq!(judge(&whole, &whole).distributions[0]["current"]["n"], 2);
}

#[test]
fn drift_is_looked_for_in_each_trial() {
    let steady = sampled(&values(160, 1.0));
    let all = [steady.clone(), sampled(&values(160, 1.3)), steady.clone()];
    let runs = all.into_iter().enumerate();
    let runs: Vec<String> = runs
        .map(|(at, run)| numbered(at, run).to_string())
        .collect();
    let whole: Value = serde_json::from_str(&merge(&runs).unwrap().to_json()).expect("JSON");
    let judgement = judge(&steady, &whole);
    assert_eq!(
        places(&judgement, "DRIFT"),
        ["current: trial 2: metrics.4"],
        "a third of 144 has only three blocks of 16"
    );
    let current = evidence(&judgement, "drift", "4");
    let current: Vec<_> = current
        .iter()
        .filter(|one| one["side"] == "current")
        .collect();
    let trials: Vec<_> = current.iter().map(|one| one["trial"].clone()).collect();
    assert_eq!(trials, [1, 2, 3, 1, 2, 3]);
    for one in current {
        assert_eq!(one["drifted"], one["trial"] == 2, "{one}");
    }
}
