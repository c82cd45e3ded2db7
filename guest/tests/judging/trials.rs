//! Repeated runs as one document, and earlier baselines as history.

use crate::documents::{changed, document, judge, level_set, parse, places, said, with, without};
use perfbridge_guest::document::trials;
use perfbridge_guest::fault::Code;
use serde_json::{Value, json};

pub const THROUGHPUT: [&str; 1] = ["throughput_toks_per_s"];

pub fn merged(runs: &[Value]) -> Value {
    let texts: Vec<String> = runs.iter().map(Value::to_string).collect();
    let document = trials::merge(&texts).unwrap_or_else(|fault| panic!("{fault}"));
    serde_json::from_str(&document.to_json()).expect("JSON")
}

fn refused(runs: &[Value]) -> perfbridge_guest::fault::Fault {
    let texts: Vec<String> = runs.iter().map(Value::to_string).collect();
    trials::merge(&texts).map(drop).expect_err("refused")
}

/// Runs whose throughput at 16 is as given; the other numbers move by a hair, so that no two runs are one.
pub fn runs(throughputs: &[f64]) -> Vec<Value> {
    let all = throughputs.iter().enumerate();
    all.map(|(at, throughput)| {
        let hair = 100.0 + at as f64 * 1e-3;
        let run = level_set(document(), "4", &["ttft_p50_ms", "itl_p50_ms"], hair);
        level_set(run, "16", &THROUGHPUT, *throughput)
    })
    .collect()
}

#[test]
fn medians_of_numbers_and_sums_of_counts() {
    let mut three = runs(&[100.0, 130.0, 90.0]);
    three[1] = with(three[1].clone(), &[("/metrics/4/errors", json!(7))]);
    let document = merged(&three);
    assert_eq!(
        document["metrics"]["16"]["throughput_toks_per_s"],
        json!(100.0)
    );
    assert_eq!(document["metrics"]["4"]["errors"], json!(7));
    assert_eq!(document["metrics"]["4"]["requests"], json!(3000));
    assert_eq!(document["trials"]["n"], json!(3));
    assert_eq!(document["context"]["trials"], json!(3));
    let summary = &document["trials"]["summary"]["metrics.16.throughput_toks_per_s"];
    // mean 320 / 3; sample standard deviation sqrt((44.44 + 544.44 + 277.78) / 2).
    assert!((summary["mean"].as_f64().expect("mean") - 320.0 / 3.0).abs() < 1e-9);
    assert!((summary["std"].as_f64().expect("std") - 20.816_659_994_661_327).abs() < 1e-9);
    let two = merged(&runs(&[100.0, 130.0]));
    assert_eq!(two["metrics"]["16"]["throughput_toks_per_s"], json!(115.0));
}

#[test]
fn merging_refuses_what_is_not_one_configuration() {
    let other = changed(&[("/deployment/quantization", json!("BF16"))]);
    let fault = refused(&[document(), other]);
    assert_eq!(fault.code, Code::Conflict);
    assert_eq!(fault.place.as_deref(), Some("trial 2"));
    assert!(
        fault.message.contains("deployment.quantization BF16"),
        "{fault}"
    );
    let longer = level_set(document(), "4", &["osl_mean"], 106.0);
    assert!(refused(&[document(), longer]).message.contains("osl_mean"));
    let two = merged(&runs(&[100.0, 101.0]));
    assert!(
        refused(&[two, document()])
            .message
            .contains("already carries trials")
    );
    assert_eq!(refused(&[]).code, Code::Usage);
}

/// AIPerf's ITL is per request and vLLM's per gap; hit rates are of tokens or of blocks.
#[test]
fn merging_refuses_runs_of_different_definitions() {
    let defined = |name: &str, value: Value, hair: f64| {
        let run = changed(&[("/definitions", json!({name: value}))]);
        level_set(run, "4", &["ttft_p50_ms"], hair)
    };
    let itl = |value: &str, hair: f64| defined("itl_p50_ms", json!(value), hair);
    let fault = refused(&[itl("tpot-per-request", 100.0), itl("gap-pooled", 100.1)]);
    assert_eq!(fault.code, Code::Conflict);
    assert_eq!(fault.place.as_deref(), Some("trial 2"));
    assert!(
        fault.message.starts_with("found definitions.itl_p50_ms gap-pooled, in trial 1 tpot-per-request; expected one definition in all runs"),
        "{fault}"
    );
    // A run that does not define it does not hide the two that do.
    let unknown = defined("itl_p50_ms", Value::Null, 100.2);
    let fault = refused(&[
        unknown.clone(),
        itl("tpot-per-request", 100.0),
        itl("gap-pooled", 100.1),
    ]);
    assert_eq!(fault.place.as_deref(), Some("trial 3"));
    assert!(
        fault.message.contains("in trial 2 tpot-per-request"),
        "{fault}"
    );
    let rate = |value: &str, hair: f64| defined("prefix_cache_hit_rate_post", json!(value), hair);
    let fault = refused(&[rate("tokens", 100.0), rate("blocks", 100.1)]);
    assert!(
        fault.message.contains("prefix_cache_hit_rate_post blocks"),
        "{fault}"
    );
    merged(&[unknown, itl("gap-pooled", 100.0), itl("gap-pooled", 100.1)]);
}

/// One run given three times would be a noise of 0, and so a certainty that nobody measured.
#[test]
fn one_run_given_twice_is_no_two_trials() {
    let fault = refused(&[
        document(),
        changed(&[("/cpu_spinpoll_pct", json!(9.0))]),
        document(),
    ]);
    assert_eq!(fault.code, Code::Conflict);
    assert_eq!(fault.place.as_deref(), Some("trial 3"));
    assert!(fault.message.contains("the same run as trial 1"), "{fault}");
    // The same bundle, read with different settings.
    let of = |notes: &str| {
        changed(&[
            ("/provenance", json!({"bundle_sha256": "ab"})),
            ("/context/image", json!(notes)),
        ])
    };
    assert!(
        refused(&[of("a"), of("b")])
            .message
            .contains("the same run")
    );
}

/// Two of three trials finished the level: that is not what the baseline measured.
#[test]
fn a_level_that_one_trial_lost_is_no_pass() {
    let baseline = merged(&runs(&[100.0, 100.1, 99.9]));
    let mut three = runs(&[100.05, 99.95, 100.02]);
    three[2] = without(three[2].clone(), "/metrics", "16");
    let judgement = judge(&baseline, &merged(&three));
    assert_eq!(said(&judgement), "NO_VERDICT headline-unmeasured");
    assert!(
        judgement
            .reason
            .ends_with("was measured in only 2 of 3 trials of the current run"),
        "{}",
        judgement.reason
    );
    // As much where it is the baseline that has it in some of its trials only.
    let judgement = judge(&merged(&three), &baseline);
    assert_eq!(said(&judgement), "NO_VERDICT headline-unmeasured");
    let judgement = judge(&baseline, &merged(&three));
    assert!(
        places(&judgement, "LOST_MEASUREMENT")
            .contains(&"metrics.16.throughput_toks_per_s".to_owned()),
        "{:?}",
        judgement.findings
    );
    let mut three = runs(&[100.05, 99.95, 100.02]);
    three[0] = with(three[0].clone(), &[("/metrics/4/ttft_p99_ms", Value::Null)]);
    let judgement = judge(&baseline, &merged(&three));
    assert_eq!(said(&judgement), "YELLOW lost");
    assert_eq!(
        places(&judgement, "LOST_MEASUREMENT"),
        ["metrics.4.ttft_p99_ms"]
    );
}

/// Numbers in `metrics` that are not the medians of the runs below are an edit, as for the mirror.
#[test]
fn trials_that_disagree_with_the_medians_are_refused() {
    let document = merged(&runs(&[100.0, 101.0, 99.0]));
    let mirrored = "metrics.16.throughput_toks_per_s";
    let mut edited = with(
        document.clone(),
        &[("/metrics/16/throughput_toks_per_s", json!(90.0))],
    );
    edited[mirrored] = json!(90.0);
    let fault = crate::documents::refusal(&edited.to_string());
    assert_eq!(fault.code, Code::Conflict, "{fault}");
    assert!(fault.message.contains("median"), "{fault}");
    assert!(
        fault
            .place
            .as_deref()
            .is_some_and(|place| place.contains(mirrored)),
        "{fault}"
    );
    for broken in [
        json!({}),
        json!({"runs": 3}),
        json!({"runs": [{}]}),
        json!({"runs": [{"values": {"a": -1}}]}),
    ] {
        let mut edited = document.clone();
        edited["trials"] = broken.clone();
        if broken == json!({}) {
            parse(&edited);
        } else {
            let fault = crate::documents::refusal(&edited.to_string());
            assert!(fault.message.contains("trials of another form"), "{fault}");
        }
    }
}
