//! `vllm bench serve`, earlier `benchmarks/benchmark_serving.py`: `--save-result`, `--append-result` and the runs of
//! `vllm bench sweep serve`. Read in the sources of 0.6 to 0.32 and seen from 0.9.2 on; times in milliseconds, lists of
//! single requests in seconds.
//!
//! `date` is when the file was written, right after the measured phase. The file names no version.

use super::entry::{self, Entry, Row, add_count, began, put_load};
use super::serving;
use super::source::Source;
use crate::fault::Result;
use crate::files::Tree;
use crate::measure::{Load, LoadKind, Quantity as Q};
use crate::run::{Format, LevelResult, Planned, Run};

/// The format.
pub static SOURCE: Source = Source {
    format: Format::of_tool(
        "vllm-bench-json",
        "vLLM bench serve result (JSON, one or several objects)",
        "vLLM bench serve",
    ),
    begins: None,
    by_content: |candidate| candidate.has_keys(&["model_id", "tokenizer_id", "num_prompts"]),
    by_name: |_| false,
    read,
};

/// Statistics that only this tool calls so.
pub(super) const TIMES: &[Row] = &[
    (Q::RequestLatencyP50, "median_e2el_ms", 1.0),
    (Q::RequestLatencyMean, "mean_e2el_ms", 1.0),
    (Q::ChunkGapMean, "mean_itl_ms", 1.0),
    // Of 0.6, with a colon too many.
    (Q::Goodput, "request_goodput:", 1.0),
];

const KEYS: &[&str] = &[
    "median_e2el_ms",
    "mean_e2el_ms",
    "request_goodput:",
    "date",
    "model_id",
    "tokenizer_id",
    "num_prompts",
    "endpoint_type",
    "burstiness",
    "failed",
    "benchmark_outcome",
    "ramp_up_strategy",
    "ramp_up_start_rps",
    "ramp_up_end_rps",
    "total_input_sequences",
];

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    // What `vllm bench sweep serve` sends first is no result.
    if crate::files::name(path) == "warmup.json" {
        return Ok(());
    }
    let keys = [serving::KEYS, KEYS].concat();
    let want = |path: &[&str]| entry::flat(&keys, path);
    entry::each(&SOURCE.format, run, (tree, path), &want, add)
}

pub(super) fn add(run: &mut Run, entry: &Entry<'_>) -> Result<()> {
    let mut result = entry.result();
    result.model = entry.text("model_id").map(str::to_owned);
    serving::add(entry, &mut result, TIMES)?;
    let completed = entry.count("completed")?;
    let sent = sent(entry, completed)?;
    serving::add_counts(&mut result, completed, sent);
    // Of InferenceX's fork; requests are counted as ever.
    result.validity.extend(entry.outcome());
    let planned = entry.count("benchmark_outcome.requested")?.or(sent);
    if let Some(planned) = planned {
        add_count(&mut result, Q::RequestsPlanned, planned);
        result.planned = Some(Planned::Requests(planned));
    }
    add_load(entry, &mut result, sent.or(completed))?;
    // Before there was `endpoint_type` some versions counted the words of the answer themselves and some asked the server.
    let backend = entry.text("endpoint_type");
    if backend.is_some_and(|backend| backend.starts_with("openai") || backend == "vllm") {
        serving::server_counts(&mut result);
    }
    result.start_time = entry
        .text("date")
        .zip(entry.number("duration")?)
        .and_then(|(date, seconds)| began(date, seconds));
    entry.state(run, &result, None);
    let backend = ["endpoint_type", "backend"].into_iter();
    if let Some(key) = backend.clone().find(|key| entry.text(key).is_some()) {
        entry.state_text(run, "context.endpoint_type", key);
    }
    entry.state_text(run, "context.tokenizer", "tokenizer_id");
    run.results.push(result);
    Ok(())
}

/// How many requests were sent. `num_prompts` are those that were asked for: a data set can have fewer, and one request
/// holds several where inputs are sent in batches.
fn sent(entry: &Entry<'_>, completed: Option<u64>) -> Result<Option<u64>> {
    if let Some(failed) = entry.count("failed")? {
        return Ok(completed.map(|completed| completed + failed));
    }
    let listed = serving::listed(entry);
    match entry.get("total_input_sequences") {
        Some(_) => Ok(listed),
        // Before `failed` nothing else says what did not come back.
        None => Ok(listed.or(entry.count("num_prompts")?)),
    }
}

/// A ramp of rates is of no one place, though its `request_rate` says `inf`; all at once are `all`.
fn add_load(entry: &Entry<'_>, result: &mut LevelResult, all: Option<u64>) -> Result<()> {
    if serving::is_trace(entry, result)? {
        return Ok(());
    }
    let concurrency = entry.concurrency("max_concurrency")?;
    if let Some(shape) = entry.text("ramp_up_strategy") {
        let ends = ["ramp_up_start_rps", "ramp_up_end_rps"].map(|key| entry.number(key));
        let [start, end] = ends;
        let number = |end: Option<f64>| end.map_or("?".to_owned(), |end| end.to_string());
        let schedule = format!(
            "{shape} ramp from {} to {} requests/s",
            number(start?),
            number(end?)
        );
        result.load = Some(Load {
            concurrency,
            schedule: Some(schedule),
            ..Load::new(LoadKind::Schedule)
        });
        return Ok(());
    }
    let rate = entry.rate("request_rate")?;
    let burstiness = entry.number("burstiness")?;
    put_load(result, concurrency, rate, burstiness, all);
    Ok(())
}
