//! What to do about a verdict.

use super::rows::{Row, Status};
use super::verdict::{Ruling, Verdict};
use crate::measure::metrics;

/// The recommendation of the specification's Phase 5.
pub fn recommend(ruling: &Ruling, rows: &[Row]) -> String {
    let regressed: Vec<&Row> = rows
        .iter()
        .filter(|row| row.status == Status::Regressed)
        .collect();
    match ruling.verdict {
        Verdict::Green => "no inference perf regression detected. Safe to promote.".to_owned(),
        Verdict::Yellow if ruling.rule == "unresolved" => unresolved(rows),
        Verdict::Yellow if regressed.is_empty() => match ruling.rule {
            "unhealthy" => "failing requests hide behind the latencies of the survivors. Find out why they fail, then re-run the perf-bench and re-diff.".to_owned(),
            _ => "a measurement that the baseline has is missing. Re-run the perf-bench with the baseline's sweep, then re-diff.".to_owned(),
        },
        Verdict::Yellow => format!(
            "spot regression on {} metric{}. Recommend re-running the perf-bench against the same dev cluster cohort to rule out noise, then re-diff.",
            regressed.len(),
            if regressed.len() == 1 { "" } else { "s" }
        ),
        Verdict::Red => red(ruling, &regressed),
        Verdict::NoVerdict => no_verdict(ruling),
    }
}

fn unresolved(rows: &[Row]) -> String {
    let trials = rows.iter().filter_map(|row| row.known.trials_needed).max();
    match trials {
        Some(trials) => format!("a change that the noise could explain. Run {trials} trials a side, interleaved on one node, then re-diff."),
        None => "a change that the noise could explain, and that no practical number of trials would show. Measure on a quieter machine, or with more requests a level.".to_owned(),
    }
}

fn red(ruling: &Ruling, regressed: &[&Row]) -> String {
    let has = |prefix: &str| regressed.iter().any(|row| row.metric.starts_with(prefix));
    let throughput = has(metrics::HEADLINE);
    let mut advice = Vec::new();
    if ruling.rule == "failed-level" {
        advice.push("requests fail: look at the server log and at AIPerf's error summary before any latency.");
    }
    if ruling.rule == "headline" {
        advice.push("check for cohort contention via prometheus-anchored-query on vllm:num_requests_running for the same time window.");
    }
    if has("ttft_") && !throughput {
        advice.push("TTFT regressed but throughput did not: check scheduler / queue depth (vllm:num_requests_running peak + vllm:gpu_cache_usage_perc peak deltas).");
    }
    if has(metrics::HIT_RATE) {
        advice.push("the prefix cache hit rate dropped: try --connection-reuse-strategy sticky-user-sessions; a hit-rate drop is often a routing problem (cross-region hops breaking session affinity), not a model-side issue.");
    }
    if advice.is_empty() {
        advice.push("do not promote. Re-run the perf-bench once to exclude a bad node, then bisect what changed between the two runs.");
    }
    advice.join(" ")
}

fn no_verdict(ruling: &Ruling) -> String {
    match ruling.rule {
        "not-comparable" => "re-run the perf-bench with the baseline's configuration, or declare what you changed with --vary, or record a new baseline for the new configuration.",
        "headline-unmeasured" => "re-run the perf-bench so that the headline level is measured, or choose another level with --headline-level.",
        _ => "re-run the perf-bench with the baseline's sweep and metrics; nothing of the two runs could be compared.",
    }
    .to_owned()
}
