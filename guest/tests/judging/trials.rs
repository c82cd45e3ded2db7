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
    let twice = |a: Value, b: Value| {
        let fault = refused(&[runs(&[90.0])[0].clone(), a, b]);
        assert_eq!(fault.code, Code::Conflict);
        assert_eq!(fault.place.as_deref(), Some("trial 3"));
        assert!(
            fault
                .message
                .contains("as trial 2: one run given twice; expected each run once"),
            "{fault}"
        );
        fault.message
    };
    assert!(twice(document(), document()).starts_with("found the same run as"));
    // The same bundle, read with different settings.
    let of = |notes: &str, hair: f64| {
        let run = changed(&[
            ("/provenance", json!({"bundle_sha256": "ab"})),
            ("/context/image", json!(notes)),
        ]);
        level_set(run, "4", &["ttft_p50_ms"], hair)
    };
    assert!(twice(of("a", 100.0), of("b", 100.5)).starts_with("found the same run as"));
    // A copy of the directory in which only what stands beside the results was touched.
    let touched = changed(&[("/cpu_spinpoll_pct", json!(9.0))]);
    assert!(twice(document(), touched).starts_with("found the same numbers at every place as"));
    // One level of another trial, copied.
    let result = |run_id: &str, hash: &str, hair: f64| {
        let run = level_set(document(), "4", &["ttft_p50_ms"], hair);
        let of_level = [
            ("/metrics/16/run_id", json!(run_id)),
            ("/metrics/16/result_sha256", json!(hash.repeat(64))),
        ];
        with(run, &of_level)
    };
    for (a, b) in [(("r1", "a"), ("r2", "a")), (("r1", "a"), ("r1", "b"))] {
        let (a, b) = (result(a.0, a.1, 100.0), result(b.0, b.1, 100.5));
        assert!(twice(a, b).starts_with("found the same run or result file at c16 as"));
    }
    merged(&[result("r1", "a", 100.0), result("r2", "b", 100.5)]);
}

/// One slow run, which lacks the quantization, given first, second or last.
#[test]
fn trials_are_one_configuration_whatever_the_order() {
    let started = |at: usize, run: Value| {
        let start = format!("2026-11-25T10:{at:02}:00Z");
        with(run, &[("/provenance", json!({"captured_at": start}))])
    };
    let mut three = runs(&[100.0, 130.0, 90.0]);
    three[0] = without(three[0].clone(), "/deployment", "quantization");
    three[1] = with(three[1].clone(), &[("/context/image", json!("other"))]);
    let three: Vec<Value> = three
        .into_iter()
        .enumerate()
        .map(|(at, run)| started(at, run))
        .collect();
    let texts: Vec<String> = three.iter().map(Value::to_string).collect();
    let order = |order: [usize; 3]| {
        let texts = order.map(|at| texts[at].clone());
        trials::merge(&texts)
            .unwrap_or_else(|fault| panic!("{fault}"))
            .to_json()
    };
    let first = order([0, 1, 2]);
    for other in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(order(other), first, "{other:?}");
    }
    let document: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!(document["deployment"]["quantization"], json!("FP8"));
    // Two runs that differ behind one that says nothing.
    let bf16 = with(
        three[2].clone(),
        &[("/deployment/quantization", json!("BF16"))],
    );
    let fault = refused(&[three[0].clone(), three[1].clone(), bf16]);
    assert_eq!(fault.place.as_deref(), Some("trial 3"));
    assert_eq!(
        fault.message,
        "found deployment.quantization BF16, in trial 2 FP8; expected repeated runs of one configuration"
    );
}

/// The trials of one side, each with a throughput and, at a path, a value of its own.
fn of_values<V: Into<Value>>(
    throughputs: &[f64],
    path: &str,
    values: impl IntoIterator<Item = V>,
) -> Value {
    let all = runs(throughputs).into_iter().zip(values);
    let runs: Vec<Value> = all
        .map(|(run, value)| with(run, &[(path, value.into())]))
        .collect();
    merged(&runs)
}

/// What is not identity may differ between the sides, but not between the trials of one.
#[test]
fn trials_that_differ_otherwise_are_told_and_stay_a_draft() {
    let side = |throughputs: [f64; 3], images: [&str; 3]| {
        of_values(&throughputs, "/context/image", images)
    };
    let baseline = side([100.0, 100.4, 99.7], ["v1"; 3]);
    let current = side([100.1, 100.3, 99.8], ["v1", "v2", "v1"]);
    assert_eq!(current["context"]["image"], Value::Null);
    let judgement = judge(&baseline, &current);
    assert_eq!(said(&judgement), "GREEN none");
    assert_eq!(
        places(&judgement, "TRIALS_DIFFER"),
        ["current: context.image"]
    );
    assert_eq!(judgement.tier.as_str(), "DRAFT");
    let need = "trials of one configuration on each side, which differ in: current: context.image";
    assert_eq!(judgement.promote, [need]);
    let alike = side([100.1, 100.3, 99.8], ["v2"; 3]);
    assert_eq!(judge(&baseline, &alike).tier.as_str(), "VERDICT");
    // What the engine makes of its memory moves a little from start to start.
    let two = |path: &str, values: [Value; 2]| {
        of_values(&[100.0, 100.4], path, values)["findings"].clone()
    };
    let blocks = |counts: [u64; 2]| two("/context/num_gpu_blocks", counts.map(Value::from));
    assert_eq!(blocks([10_000, 10_090]), json!([]));
    assert_eq!(blocks([10_000, 10_110])[0]["code"], json!("TRIALS_DIFFER"));
    // The limit of a rate is none of its kind.
    let load = |limit: u64| json!({"kind": "rate", "request_rate": 2.0, "concurrency": limit});
    let limits = |limits: [u64; 2]| two("/metrics/16/load", limits.map(load));
    assert_eq!(limits([64, 64]), json!([]));
    let told = &limits([64, 4])[0];
    assert_eq!(told["code"], "TRIALS_DIFFER");
    assert_eq!(told["where"], "metrics.16.load.concurrency");
    assert_eq!(
        told["message"],
        "the trials are not of one configuration: 64 (trial 1), 4 (trial 2)"
    );
}

/// One of three that ran on a cache which an earlier one had filled, on either side.
#[test]
fn trials_of_two_regimes_stay_a_draft() {
    let side = |throughputs: [f64; 3], regimes: [&str; 3]| {
        of_values(&throughputs, "/context/regime", regimes)
    };
    let cold = side([100.0, 100.4, 99.7], ["cold"; 3]);
    let also_cold = side([100.1, 100.3, 99.8], ["cold"; 3]);
    assert_eq!(judge(&cold, &also_cold).tier.as_str(), "VERDICT");
    let mixed = side([100.1, 100.3, 99.8], ["cold", "warm", "warm"]);
    assert_eq!(mixed["context"]["regime"], Value::Null);
    for (sides, place) in [
        ([&cold, &mixed], "current: context.regime"),
        ([&mixed, &cold], "baseline: context.regime"),
    ] {
        let judgement = judge(sides[0], sides[1]);
        assert_eq!(said(&judgement), "GREEN none");
        assert_eq!(places(&judgement, "TRIALS_DIFFER"), [place]);
        assert_eq!(judgement.tier.as_str(), "DRAFT");
    }
}

/// Another kind of load is another measurement; the lengths of survivors say nothing.
#[test]
fn load_and_lengths_belong_to_the_configuration() {
    let closed = |kind: Value| with(runs(&[100.0])[0].clone(), &[("/metrics/4/load", kind)]);
    let other = |kind: Value| {
        with(
            runs(&[101.0, 102.0])[1].clone(),
            &[("/metrics/4/load", kind)],
        )
    };
    let fault = refused(&[
        closed(json!({"kind": "closed"})),
        other(json!({"kind": "schedule"})),
    ]);
    assert!(
        fault
            .message
            .starts_with("found metrics.4.load.kind schedule, in the first trial closed;"),
        "{fault}"
    );
    let rate = |burstiness: f64| json!({"kind": "rate", "burstiness": burstiness});
    let fault = refused(&[closed(rate(1.0)), other(rate(2.0))]);
    assert!(
        fault
            .message
            .starts_with("found metrics.4.load.burstiness 2, in the first trial 1;"),
        "{fault}"
    );
    let lengths = |errors: u64| {
        let shorter = level_set(runs(&[100.0, 101.0])[1].clone(), "4", &["osl_mean"], 80.0);
        let shorter = with(shorter, &[("/metrics/4/errors", json!(errors))]);
        let texts = [runs(&[100.0])[0].to_string(), shorter.to_string()];
        trials::merge(&texts).is_ok()
    };
    assert!(!lengths(10), "1 % failed");
    assert!(lengths(11));
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
