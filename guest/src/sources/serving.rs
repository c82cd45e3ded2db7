//! What `vllm bench serve` and SGLang's `bench_serving`, which have one ancestor, say alike.

use super::entry::{Entry, Row, add_count, add_mean};
use crate::fault::Result;
use crate::measure::definition::OUTPUT_TOKENS;
use crate::measure::{Definition, Load, LoadKind, Quantity as Q};
use crate::run::{LevelResult, Reading};

/// Rates over the whole run: zeros of them are measured even where no request succeeded.
pub(super) const RATES: &[Row] = &[
    (Q::Throughput, "output_throughput", 1.0),
    (Q::RequestRate, "request_throughput", 1.0),
    (Q::Goodput, "request_goodput", 1.0),
    (Q::BenchmarkSeconds, "duration", 1.0),
];

/// Statistics of the successful requests.
pub(super) const TIMES: &[Row] = &[
    (Q::TtftP50, "median_ttft_ms", 1.0),
    (Q::TtftP95, "p95_ttft_ms", 1.0),
    (Q::TtftP99, "p99_ttft_ms", 1.0),
    (Q::TtftMean, "mean_ttft_ms", 1.0),
];

/// One value a request: (latency - TTFT) / (tokens - 1).
pub(super) const TPOT: &[Row] = &[
    (Q::ItlP50, "median_tpot_ms", 1.0),
    (Q::ItlMean, "mean_tpot_ms", 1.0),
];

/// Every gap between two chunks, pooled.
const GAPS: &[Row] = &[
    (Q::ItlP50, "median_itl_ms", 1.0),
    (Q::ItlMean, "mean_itl_ms", 1.0),
];

/// The keys that are read here.
pub(super) const KEYS: &[&str] = &[
    "output_throughput",
    "request_throughput",
    "request_goodput",
    "goodput_slos_ms",
    "duration",
    "median_ttft_ms",
    "p95_ttft_ms",
    "p99_ttft_ms",
    "mean_ttft_ms",
    "median_tpot_ms",
    "mean_tpot_ms",
    "median_itl_ms",
    "mean_itl_ms",
    "completed",
    "total_input_tokens",
    "total_output_tokens",
    "request_rate",
    "max_concurrency",
    "backend",
];

/// Adds numbers and definitions; `times` are the statistics that the tools call differently.
///
/// Where nothing succeeded each statistic is written as 0, which nobody measured. Where a run names no TPOT its gaps
/// stand in, under their own definition.
pub(super) fn add(entry: &Entry<'_>, result: &mut LevelResult, times: &[Row]) -> Result<()> {
    let completed = entry.count("completed")?;
    entry.add(result, RATES, None)?;
    result.slo = entry.slo("goodput_slos_ms")?;
    if completed != Some(0) {
        entry.add(result, TIMES, completed)?;
        entry.add(result, times, completed)?;
        let has_tpot = entry.get("median_tpot_ms").is_some();
        let (rows, is) = match has_tpot {
            true => (TPOT, Definition::TpotPerRequest),
            false => (GAPS, Definition::GapPooled),
        };
        entry.add(result, rows, None)?;
        if result.get(Q::ItlP50).is_some() {
            result.define("itl_p50_ms", is);
        }
        let sum = entry.number("total_input_tokens")?;
        add_mean(result, Q::IslMean, sum, completed);
        let sum = entry.number("total_output_tokens")?;
        add_mean(result, Q::OslMean, sum, completed);
    }
    result.define("request_latency_p50_ms", Definition::StreamEnd);
    entry.check(result, &[RATES, TIMES, times, TPOT, GAPS])
}

/// What stands for a rate where each request was sent at the time that its trace says: SGLang's own word.
pub(super) const TRACE: &str = "trace";

/// Whether requests were sent at the times of a trace, which is of no one place; then their load is set.
pub(super) fn is_trace(entry: &Entry<'_>, result: &mut LevelResult) -> Result<bool> {
    if entry.text("request_rate") != Some(TRACE) {
        return Ok(false);
    }
    result.load = Some(Load {
        concurrency: entry.concurrency("max_concurrency")?,
        schedule: Some("times of a trace".to_owned()),
        ..Load::new(LoadKind::Schedule)
    });
    Ok(true)
}

/// Says that the server counted the output tokens.
pub(super) fn server_counts(result: &mut LevelResult) {
    result.define(OUTPUT_TOKENS, Definition::ServerUsage);
}

/// How many entries the list `errors` has, one for each request that was sent.
pub(super) fn listed(entry: &Entry<'_>) -> Option<u64> {
    entry.get("errors")?.get(0)?.as_u64()
}

/// Adds the counts of requests: `sent` where that is known. What failed is the rest.
pub(super) fn add_counts(result: &mut LevelResult, completed: Option<u64>, sent: Option<u64>) {
    let Some(completed) = completed else { return };
    match sent.and_then(|sent| Some((sent, sent.checked_sub(completed)?))) {
        Some((sent, failed)) => {
            add_count(result, Q::Errors, failed);
            add_count(result, Q::Requests, sent);
        }
        None => result.push(Q::Requests, Reading::only_successes(completed as f64)),
    }
}
