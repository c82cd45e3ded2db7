//! The first rule that applies decides: each rule against every later one.

use crate::documents::{changed, document, judge, level_set, said, with, without};
use serde_json::{Value, json};

const THREE: [&str; 3] = ["ttft_p50_ms", "ttft_p95_ms", "ttft_p99_ms"];
const THROUGHPUT: [&str; 1] = ["throughput_toks_per_s"];

fn baseline() -> Value {
    let level = document()["metrics"]["4"].clone();
    changed(&[("/metrics/8", level.clone()), ("/metrics/64", level)])
}

fn check(current: Value, expected: &str) {
    assert_eq!(said(&judge(&baseline(), &current)), expected);
}

/// One run that has everything wrong at once, then is healed one rule at a time.
#[test]
fn each_rule_yields_to_the_one_before_it() {
    // Lost level 64.
    let lost = without(baseline(), "/metrics", "64");
    check(lost.clone(), "YELLOW lost");
    // 10.5 % failed, as in the baseline.
    let sick =
        |document: Value, errors: u64| with(document, &[("/metrics/8/errors", json!(errors))]);
    let sick_baseline = sick(baseline(), 100);
    let unhealthy = sick(lost, 105);
    let against_sick = |current: &Value| said(&judge(&sick_baseline, current));
    assert_eq!(against_sick(&unhealthy), "YELLOW unhealthy");
    let few = level_set(unhealthy, "4", &["itl_p50_ms"], 150.0);
    assert_eq!(against_sick(&few), "YELLOW few");
    let localized = level_set(few, "4", &THREE, 150.0);
    assert_eq!(against_sick(&localized), "YELLOW localized");
    let unmeasured = with(
        localized,
        &[("/metrics/16/throughput_toks_per_s", Value::Null)],
    );
    assert_eq!(against_sick(&unmeasured), "NO_VERDICT headline-unmeasured");
    let many = level_set(unmeasured, "8", &["itl_p50_ms"], 150.0);
    assert_eq!(against_sick(&many), "RED many");
    let headline = level_set(many.clone(), "16", &THROUGHPUT, 50.0);
    assert_eq!(against_sick(&headline), "RED headline");
    let failed = sick(headline.clone(), 500);
    assert_eq!(against_sick(&failed), "RED failed-level");
    let other = with(failed, &[("/deployment/quantization", json!("BF16"))]);
    assert_eq!(against_sick(&other), "NO_VERDICT not-comparable");
}

#[test]
fn failed_level_comes_before_nothing_comparable() {
    let dead = json!({"errors": 1000, "requests": 1000});
    let current = with(document(), &[("/metrics", json!({"4": dead, "16": dead}))]);
    check(current, "RED failed-level");
}

/// Three regressed rows of server and profile do not make up for performance that nobody could compare.
#[test]
fn nothing_comparable_comes_before_many() {
    let empty = json!({"errors": 0, "requests": 1000});
    let current = changed(&[
        ("/metrics", json!({"4": empty, "8": empty, "16": empty})),
        (
            "/server_metrics_delta/prefix_cache_hit_rate_post",
            json!(0.1),
        ),
        (
            "/server_metrics_delta/gpu_cache_usage_perc_peak",
            json!(0.9),
        ),
        ("/cpu_spinpoll_pct", json!(50.0)),
    ]);
    check(current, "NO_VERDICT nothing-comparable");
}

/// Two at one level, one at another, and the headline gone: the three rows are known, so this is RED.
#[test]
fn many_comes_before_a_lost_headline() {
    let mut current = level_set(baseline(), "4", &THREE[..2], 150.0);
    current = level_set(current, "8", &THREE[..1], 150.0);
    check(without(current, "/metrics", "16"), "RED many");
}
