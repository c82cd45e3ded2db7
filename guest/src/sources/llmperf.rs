//! LLMPerf's summary, `<model>_<in>_<out>_summary.json` of `token_benchmark_ray.py`. Seen with the version that it calls
//! `2023-08-31`, the only one; times in seconds.
//!
//! Its inter-token latency is the latency over the output tokens, TTFT included, and its tokens are those that its own
//! tokenizer counts. The throughput divides by the time of the whole program, start-up included. Smallest and largest
//! lengths are texts; they are not read.

use super::entry::{self, Entry, Row, add_count, put_load};
use super::source::Source;
use crate::fault::Result;
use crate::files::Tree;
use crate::measure::definition::OUTPUT_TOKENS;
use crate::measure::{Definition, Quantity as Q};
use crate::run::{Format, Run};
use crate::stats::clock;

/// The format.
pub static SOURCE: Source = Source {
    format: Format::of_tool(
        "llmperf-json",
        "LLMPerf summary (*_summary.json)",
        "LLMPerf",
    ),
    begins: None,
    by_content: |candidate| {
        candidate.has_keys(&["num_concurrent_requests", "results_num_requests_started"])
    },
    by_name: |_| false,
    read,
};

pub(super) const RATES: &[Row] = &[
    (
        Q::Throughput,
        "results_mean_output_throughput_token_per_s",
        1.0,
    ),
    (
        Q::RequestRate,
        "results_num_completed_requests_per_min",
        1.0 / 60.0,
    ),
];

pub(super) const TIMES: &[Row] = &[
    (Q::TtftP50, "results_ttft_s_quantiles_p50", 1e3),
    (Q::TtftP95, "results_ttft_s_quantiles_p95", 1e3),
    (Q::TtftP99, "results_ttft_s_quantiles_p99", 1e3),
    (Q::TtftMean, "results_ttft_s_mean", 1e3),
    (
        Q::ItlP50,
        "results_inter_token_latency_s_quantiles_p50",
        1e3,
    ),
    (Q::ItlMean, "results_inter_token_latency_s_mean", 1e3),
    (
        Q::TpsPerUser,
        "results_request_output_throughput_token_per_s_mean",
        1.0,
    ),
    (
        Q::RequestLatencyP50,
        "results_end_to_end_latency_s_quantiles_p50",
        1e3,
    ),
    (
        Q::RequestLatencyMean,
        "results_end_to_end_latency_s_mean",
        1e3,
    ),
    (Q::IslMean, "results_number_input_tokens_mean", 1.0),
    (Q::OslMean, "results_number_output_tokens_mean", 1.0),
];

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let own = [
        "model",
        "num_concurrent_requests",
        "results_num_requests_started",
        "results_num_completed_requests",
        "results_number_errors",
        "timestamp",
    ];
    let rows = RATES.iter().chain(TIMES).map(|row| row.1);
    let keys: Vec<&str> = rows.chain(own).collect();
    let want = |path: &[&str]| entry::flat(&keys, path);
    entry::each(&SOURCE.format, run, (tree, path), &want, add)
}

fn add(run: &mut Run, entry: &Entry<'_>) -> Result<()> {
    let mut result = entry.result();
    result.model = entry.text("model").map(str::to_owned);
    entry.add(&mut result, RATES, None)?;
    let completed = entry.count("results_num_completed_requests")?;
    if completed != Some(0) {
        entry.add(&mut result, TIMES, completed)?;
    }
    entry.check(&result, &[RATES, TIMES])?;
    if let Some(errors) = entry.count("results_number_errors")? {
        add_count(&mut result, Q::Errors, errors);
    }
    if let Some(started) = entry.count("results_num_requests_started")? {
        add_count(&mut result, Q::Requests, started);
    }
    let level = entry.concurrency("num_concurrent_requests")?;
    put_load(&mut result, level, None, None, None);
    result.define("itl_p50_ms", Definition::TpotWithTtft);
    result.define("tps_per_user", Definition::TpotWithTtft);
    result.define(OUTPUT_TOKENS, Definition::ClientTokenizer);
    result.define("request_latency_p50_ms", Definition::StreamEnd);
    // The time of writing, after the last request.
    let per_second = result.get(Q::RequestRate).map(|reading| reading.value);
    let seconds = completed.zip(per_second.filter(|rate| *rate > 0.0));
    let seconds = seconds.map(|(completed, rate)| completed as f64 / rate);
    let end = entry.number("timestamp")?.filter(|end| *end < 1e11);
    result.start_time = end
        .zip(seconds)
        .map(|(end, seconds)| format!("{}Z", clock::written((end - seconds).floor(), 0)));
    entry.state(run, &result, None);
    run.results.push(result);
    Ok(())
}
