//! What to do about a verdict.

use super::causes::Cause;
use super::row::Row;
use super::rule::{Rule, Verdict};
use super::settle::Settle;
use super::status::Status;
use super::tier::Tier;
use super::tolerance::in_words;
use crate::measure::Number;
use crate::measure::metrics::Family;
use crate::text;

/// Rows that are named whose noise hides a loss.
const HIDDEN: usize = 3;

/// What advice rests on.
pub struct Ruled<'a> {
    /// The rule that decided.
    pub rule: Rule,
    /// How much it can carry.
    pub tier: Tier,
    /// All rows.
    pub rows: &'a [Row],
    /// The number that decides first.
    pub headline: &'a Number,
    /// What explains the change.
    pub causes: &'a [Cause],
    /// The advice on trials.
    pub settle: &'a Settle,
    /// Whether a quality score fell: then the speed alone promotes nothing.
    pub quality_fell: bool,
}

/// What explains the change, then the recommendation of the specification's Phase 5.
pub fn recommend(ruled: &Ruled) -> String {
    let mut advice: Vec<String> = ruled.causes.iter().map(Cause::advice).collect();
    advice.push(ruled.of_rule());
    advice.join(" ")
}

impl Ruled<'_> {
    fn of_rule(&self) -> String {
        let regressed: Vec<&Row> = self.with(Status::Regressed).collect();
        match (self.rule.verdict(), self.rule) {
            (Verdict::Green, _) => self.green(),
            (Verdict::Yellow, Rule::Unresolved) => self.unresolved(),
            (Verdict::Yellow, Rule::Uneven) => "one trial in several is slower than a run of the baseline can be: look for a node, a GPU or a replica that is slow at times, and run more trials.".to_owned(),
            (Verdict::Yellow, Rule::Creep) => "no row is beyond its tolerance, but losses add up: bisect over the last baselines before this run becomes one itself.".to_owned(),
            (Verdict::Yellow, Rule::Unhealthy) => "failing requests hide behind the latencies of the survivors. Find out why they fail, then re-run the perf-bench and re-diff.".to_owned(),
            (Verdict::Yellow, Rule::Lost) => "a measurement that the baseline has is missing. Re-run the perf-bench with the baseline's sweep, then re-diff.".to_owned(),
            (Verdict::Yellow, _) => format!(
                "spot regression on {} metric{}. Recommend re-running the perf-bench against the same dev cluster cohort to rule out noise, then re-diff.",
                regressed.len(),
                if regressed.len() == 1 { "" } else { "s" }
            ),
            (Verdict::Red, _) => red(self.rule, &regressed),
            (Verdict::NoVerdict, _) => no_verdict(self.rule),
        }
    }

    fn with(&self, status: Status) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.status == status)
    }

    /// A draft cannot promise what only a verdict can, and a verdict nothing of rows whose noise hides a loss.
    fn green(&self) -> String {
        let found = "no inference perf regression detected.";
        let hidden = self.rows.iter().filter(|row| row.hidden_below().is_some());
        let hidden: Vec<String> = hidden.map(|row| in_words(&row.number)).collect();
        let of = if self.quality_fell {
            "Of"
        } else {
            "The headline is safe to promote; of"
        };
        match self.tier {
            Tier::Verdict if !hidden.is_empty() => format!(
                "{found} {of} {} a loss of the size of the tolerance could not have been seen, because identical runs differ by more: run more trials, or measure on a quieter machine.",
                text::first_of(&hidden, HIDDEN)
            ),
            Tier::Verdict if self.quality_fell => found.to_owned(),
            Tier::Verdict => format!("{found} Safe to promote."),
            Tier::Draft => {
                let seen = self.settle.seen(self.rows, self.headline);
                format!("{found} {seen}").trim_end().to_owned()
            }
        }
    }

    fn unresolved(&self) -> String {
        let mut advice: Vec<String> = Vec::new();
        let any = |of: fn(&Row) -> bool| self.with(Status::Unresolved).any(of);
        if any(|row| row.rounded) {
            advice.push("few digits were printed: give what the tool itself wrote of both runs (GuideLLM: benchmarks.json) in place of its console.".to_owned());
        }
        if any(|row| row.because.is_some() && !row.rounded) {
            advice.push("outputs of another length hide or explain a change: fix the output length (equal minimum and maximum of tokens, end-of-sequence ignored), then re-run both sides.".to_owned());
        }
        advice.extend(self.settle.hidden());
        advice.join(" ")
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
        Rule::SameRun => "give a run of its own as the current side: a benchmark that died before it wrote leaves the export of the run before it in its directory.",
        Rule::InvalidRun => "the measurement itself is at fault: mend it and re-run the perf-bench; its numbers say nothing about the server.",
        Rule::HeadlineUnmeasured => "re-run the perf-bench so that the headline level is measured, or choose another headline level. An endpoint without output tokens (embeddings, rankings) has no headline: judge it by its latency rows.",
        _ => "re-run the perf-bench with the baseline's sweep and metrics; nothing of the two runs could be compared.",
    }
    .to_owned()
}
