//! What to do about a verdict: the sentences of the specification's Phase 5, and ours where it is silent.

use crate::documents::{changed, document, judge, level_set, places, without};
use crate::trials::{merged, runs};
use perfbridge_guest::document::evals::{STATED, pair};
use serde_json::{Value, json};

fn advice(current: &Value) -> (String, String) {
    let judgement = judge(&document(), current);
    let rule = judgement.rule.as_str().to_owned();
    (rule, judgement.recommendation)
}

#[test]
fn each_rule_has_its_advice() {
    let failing = changed(&[("/metrics/4/errors", json!(500))]);
    let slow = level_set(document(), "16", &["throughput_toks_per_s"], 50.0);
    let hits = "/server_metrics_delta/prefix_cache_hit_rate_post";
    let mut many = level_set(document(), "4", &["ttft_p50_ms", "ttft_p95_ms"], 300.0);
    many["metrics"]["16"]["ttft_p50_ms"] = json!(300.0);
    let mut routed = many.clone();
    *routed.pointer_mut(hits).expect("a rate") = json!(0.1);
    let mut latency = level_set(document(), "4", &["itl_p50_ms"], 110.0);
    latency["metrics"]["16"]["itl_p50_ms"] = json!(110.0);
    latency["metrics"]["16"]["request_latency_p50_ms"] = json!(11000.0);
    let cases = [
        (
            document(),
            "none",
            "no inference perf regression detected. The noise between runs is not known:",
        ),
        (
            failing,
            "failed-level",
            "requests fail: look at the server log and at AIPerf's error summary before any latency.",
        ),
        (
            slow,
            "headline",
            "check for cohort contention via prometheus-anchored-query on vllm:num_requests_running for the same time window.",
        ),
        (
            many,
            "many",
            "TTFT regressed but throughput did not: check scheduler / queue depth (vllm:num_requests_running peak + vllm:gpu_cache_usage_perc peak deltas).",
        ),
        (
            routed,
            "many",
            "try --connection-reuse-strategy sticky-user-sessions; a hit-rate drop is often a routing problem (cross-region hops breaking session affinity), not a model-side issue.",
        ),
        (
            latency,
            "many",
            "do not promote. Re-run the perf-bench once to exclude a bad node, then bisect what changed between the two runs.",
        ),
        (
            level_set(document(), "4", &["ttft_p50_ms"], 300.0),
            "few",
            "spot regression on 1 metric. Recommend re-running the perf-bench against the same dev cluster cohort to rule out noise, then re-diff.",
        ),
        (
            level_set(document(), "4", &["ttft_p50_ms", "itl_p50_ms"], 110.0),
            "few",
            "spot regression on 2 metrics. Recommend",
        ),
        (
            without(document(), "/metrics", "4"),
            "lost",
            "a measurement that the baseline has is missing. Re-run the perf-bench with the baseline's sweep, then re-diff.",
        ),
        (
            changed(&[("/model", json!("other"))]),
            "not-comparable",
            "re-run the perf-bench with the baseline's configuration, or declare what you changed as varied, or record a new baseline for the new configuration.",
        ),
        (
            changed(&[("/metrics/16/throughput_toks_per_s", Value::Null)]),
            "headline-unmeasured",
            "re-run the perf-bench so that the headline level is measured, or choose another headline level.",
        ),
    ];
    for (current, rule, expected) in cases {
        let (found, advice) = advice(&current);
        assert_eq!(found, rule, "{advice}");
        assert!(advice.contains(expected), "{rule}: {advice}");
    }
}

/// What could not have been seen is not safe: the latencies of concurrency 4 lie 20 % apart, its tolerance is 5 %.
#[test]
fn a_verdict_promises_nothing_of_rows_whose_noise_hides_a_loss() {
    let trials = |latencies: [f64; 3]| {
        let all = runs(&[100.0, 100.3, 99.8]).into_iter().zip(latencies);
        let all =
            all.map(|(run, latency)| level_set(run, "4", &["request_latency_p50_ms"], latency));
        merged(&all.collect::<Vec<_>>())
    };
    let judged = |latencies| judge(&trials([10_002.0, 10_012.0, 9_992.0]), &trials(latencies));
    let quiet = judged([10_001.0, 10_011.0, 9_991.0]);
    assert_eq!(
        quiet.recommendation,
        "no inference perf regression detected. Safe to promote."
    );
    let restless = judged([10_000.0, 11_500.0, 9_500.0]);
    assert_eq!(restless.rule.as_str(), "none");
    assert_eq!(restless.tier.as_str(), "VERDICT", "{:?}", restless.promote);
    let blind = places(&restless, "NOISE_ABOVE_TOLERANCE");
    assert!(blind.contains(&"metrics.4.request_latency_p50_ms".to_owned()));
    let advice = &restless.recommendation;
    assert!(
        advice.starts_with("no inference perf regression detected. The headline is safe to promote; of request_latency_p50_ms at c4"),
        "{advice}"
    );
    assert!(
        advice.contains(" a loss of the size of the tolerance could not have been seen, because identical runs differ by more:"),
        "{advice}"
    );
    assert!(!advice.contains("Safe to promote"), "{advice}");
}

/// Scores decide nothing; but a model that became worse is not safe to promote for its speed.
#[test]
fn nothing_is_safe_to_promote_whose_quality_fell() {
    let side = |values: [f64; 3], latency: f64, score: &str| {
        let all = runs(&values).into_iter().zip([1.0, 1.15, 0.95]);
        let all = all.map(|(run, of)| {
            let of = if latency == 0.0 { 1.0 } else { latency * of };
            level_set(run, "4", &["request_latency_p50_ms"], 10_000.0 * of)
        });
        let document = merged(&all.collect::<Vec<_>>()).to_string();
        let given = [(STATED.to_owned(), score.to_owned())];
        let (_, text) = pair(&document, &given).unwrap_or_else(|fault| panic!("{fault}"));
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    for latency in [0.0, 1.0] {
        let baseline = side([100.0, 100.3, 99.8], latency, "GPQA=0.71");
        let fell = judge(
            &baseline,
            &side([120.0, 120.3, 119.8], latency, "GPQA=0.10"),
        );
        assert_eq!(fell.tier.as_str(), "VERDICT", "{:?}", fell.promote);
        let advice = &fell.recommendation;
        assert!(!advice.contains("afe to promote"), "{advice}");
        assert!(
            advice.ends_with("do not promote for speed alone."),
            "{advice}"
        );
        let held = judge(
            &baseline,
            &side([120.0, 120.3, 119.8], latency, "GPQA=0.71"),
        );
        assert!(held.recommendation.contains("afe to promote"));
    }
}

/// A level that fails on both sides: nothing regressed, and nothing is well.
#[test]
fn failing_requests_hide_behind_the_survivors() {
    let failing = |errors: u64| changed(&[("/metrics/4/errors", json!(errors))]);
    let judgement = judge(&failing(105), &failing(110));
    assert_eq!(judgement.rule.as_str(), "unhealthy");
    assert!(
        judgement
            .recommendation
            .starts_with("failing requests hide behind the latencies of the survivors."),
        "{}",
        judgement.recommendation
    );
}

#[test]
fn nothing_comparable_asks_for_the_same_sweep() {
    let mut current = document();
    current["metrics"] = json!({"8": current["metrics"]["4"]});
    let (rule, advice) = advice(&current);
    assert_eq!(rule, "nothing-comparable");
    assert_eq!(
        advice,
        "re-run the perf-bench with the baseline's sweep and metrics; nothing of the two runs could be compared."
    );
}
