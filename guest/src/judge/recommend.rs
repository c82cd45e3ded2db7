//! What to do about a verdict.

use super::row::Row;
use super::rule::{Rule, Verdict};
use super::status::Status;
use crate::measure::metrics::Family;

/// The recommendation of the specification's Phase 5.
pub fn recommend(rule: Rule, rows: &[Row]) -> String {
    let regressed: Vec<&Row> = rows
        .iter()
        .filter(|row| row.status == Status::Regressed)
        .collect();
    match (rule.verdict(), rule) {
        (Verdict::Green, _) => "no inference perf regression detected. Safe to promote.".to_owned(),
        (Verdict::Yellow, Rule::Unresolved) => unresolved(rows),
        (Verdict::Yellow, Rule::Unhealthy) => "failing requests hide behind the latencies of the survivors. Find out why they fail, then re-run the perf-bench and re-diff.".to_owned(),
        (Verdict::Yellow, Rule::Lost) => "a measurement that the baseline has is missing. Re-run the perf-bench with the baseline's sweep, then re-diff.".to_owned(),
        (Verdict::Yellow, _) => format!(
            "spot regression on {} metric{}. Recommend re-running the perf-bench against the same dev cluster cohort to rule out noise, then re-diff.",
            regressed.len(),
            if regressed.len() == 1 { "" } else { "s" }
        ),
        (Verdict::Red, _) => red(rule, &regressed),
        (Verdict::NoVerdict, _) => no_verdict(rule),
    }
}

fn unresolved(rows: &[Row]) -> String {
    let trials = rows.iter().filter_map(|row| row.known.trials_needed).max();
    match trials {
        Some(trials) => format!("a change that the noise could explain. Run {trials} trials a side, interleaved on one node, then re-diff."),
        None => "a change that the noise could explain, and that no practical number of trials would show. Measure on a quieter machine, or with more requests a level.".to_owned(),
    }
}

fn red(rule: Rule, regressed: &[&Row]) -> String {
    let has = |family| regressed.iter().any(|row| row.metric.family == family);
    let throughput = has(Family::Throughput);
    let mut advice = Vec::new();
    if rule == Rule::FailedLevel {
        advice.push("requests fail: look at the server log and at AIPerf's error summary before any latency.");
    }
    if rule == Rule::Headline {
        advice.push("check for cohort contention via prometheus-anchored-query on vllm:num_requests_running for the same time window.");
    }
    if has(Family::FirstToken) && !throughput {
        advice.push("TTFT regressed but throughput did not: check scheduler / queue depth (vllm:num_requests_running peak + vllm:gpu_cache_usage_perc peak deltas).");
    }
    if has(Family::CacheHits) {
        advice.push("the prefix cache hit rate dropped: try --connection-reuse-strategy sticky-user-sessions; a hit-rate drop is often a routing problem (cross-region hops breaking session affinity), not a model-side issue.");
    }
    if advice.is_empty() {
        advice.push("do not promote. Re-run the perf-bench once to exclude a bad node, then bisect what changed between the two runs.");
    }
    advice.join(" ")
}

fn no_verdict(rule: Rule) -> String {
    match rule {
        Rule::NotComparable => "re-run the perf-bench with the baseline's configuration, or declare what you changed as varied, or record a new baseline for the new configuration.",
        Rule::HeadlineUnmeasured => "re-run the perf-bench so that the headline level is measured, or choose another headline level.",
        _ => "re-run the perf-bench with the baseline's sweep and metrics; nothing of the two runs could be compared.",
    }
    .to_owned()
}
