//! inference-perf's reports: one `stage_N_lifecycle_metrics.json` a stage of load, and `validation.json`. Read in the
//! sources of 0.7.0 and seen in files of 2025 and of 0.7.0; all times in seconds.
//!
//! `requested_rate` is made up where a concurrency is kept. `summary_lifecycle_metrics.json` mixes the stages and has
//! neither. Output tokens are those of the client's tokenizer unless `use_server_output_tokens` was set, which shows in
//! the rate. No file names the model.

use super::entry::{self, Entry, Row, add_count, put_load};
use super::source::Source;
use crate::fault::Result;
use crate::files::{self, Tree};
use crate::json::Want;
use crate::measure::definition::OUTPUT_TOKENS;
use crate::measure::{Definition, Load, LoadKind, Quantity as Q};
use crate::run::{Format, LevelResult, Run, Sent};
use serde_json::Value;

/// The format.
pub static SOURCE: Source = Source {
    format: Format::of_tool(
        "inference-perf-json",
        "inference-perf report (stage_N_lifecycle_metrics.json)",
        "inference-perf",
    ),
    begins: None,
    by_content: |candidate| {
        candidate.has_keys(&["load_summary", "successes"])
            || candidate.has_keys(&["global", "reports"])
                && candidate.has("_lifecycle_metrics.json\"")
    },
    by_name: |_| false,
    read,
};

pub(super) const RATES: &[Row] = &[
    (
        Q::Throughput,
        "successes.throughput.output_tokens_per_sec",
        1.0,
    ),
    (Q::RequestRate, "successes.throughput.requests_per_sec", 1.0),
    (Q::BenchmarkSeconds, "benchmark_time_seconds", 1.0),
    // By the SLOs of its configuration, which is another file.
    (Q::Goodput, "successes.goodput_metrics.request_goodput", 1.0),
];

pub(super) const TIMES: &[Row] = &[
    (
        Q::TtftP50,
        "successes.latency.time_to_first_token.median",
        1e3,
    ),
    // In its first months.
    (Q::TtftP50, "successes.latency.time_to_first_token.p50", 1e3),
    (Q::TtftP95, "successes.latency.time_to_first_token.p95", 1e3),
    (Q::TtftP99, "successes.latency.time_to_first_token.p99", 1e3),
    (
        Q::TtftMean,
        "successes.latency.time_to_first_token.mean",
        1e3,
    ),
    (
        Q::RequestLatencyP50,
        "successes.latency.request_latency.median",
        1e3,
    ),
    (
        Q::RequestLatencyP50,
        "successes.latency.request_latency.p50",
        1e3,
    ),
    (
        Q::RequestLatencyMean,
        "successes.latency.request_latency.mean",
        1e3,
    ),
];

/// They rest on the requests with more than one token.
pub(super) const TPOT: &[Row] = &[
    (
        Q::ItlP50,
        "successes.latency.time_per_output_token.median",
        1e3,
    ),
    (
        Q::ItlP50,
        "successes.latency.time_per_output_token.p50",
        1e3,
    ),
    (
        Q::ItlMean,
        "successes.latency.time_per_output_token.mean",
        1e3,
    ),
];

pub(super) const LENGTHS: &[Row] = &[
    (Q::IslMean, "successes.prompt_tokens.mean", 1.0),
    (Q::IslMean, "successes.prompt_len.mean", 1.0),
];

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let want = |path: &[&str]| match path {
        ["successes" | "failures" | "load_summary" | "reports" | "global"]
        | [
            "successes",
            "latency" | "prompt_tokens" | "prompt_len" | "output_len" | "output_tokens",
        ]
        | ["successes", "latency", _]
        | ["reports", _] => Want::Enter,
        ["benchmark_time_seconds"]
        | ["successes" | "failures", "count"]
        | ["successes", "throughput" | "goodput_metrics"]
        | ["successes", _, "mean"]
        | [
            "successes",
            "latency",
            _,
            "mean" | "median" | "p50" | "p95" | "p99",
        ]
        | ["global", "errors" | "warnings"]
        | ["reports", _, "errors" | "warnings"]
        | [
            "load_summary",
            "count" | "send_duration" | "requested_rate" | "concurrency",
        ] => Want::Whole,
        _ => Want::Nothing,
    };
    entry::each(&SOURCE.format, run, (tree, path), &want, |run, entry| {
        if entry.get("reports").is_some() {
            validity(run, entry);
            return Ok(());
        }
        // What Prometheus said of the server over a stage has the same keys.
        match entry.get("successes.latency") {
            Some(_) => add(run, entry),
            None => Ok(()),
        }
    })
}

fn add(run: &mut Run, entry: &Entry<'_>) -> Result<()> {
    let mut result = entry.result();
    let rate = entry.rate("load_summary.requested_rate")?;
    let level = entry.concurrency("load_summary.concurrency")?;
    if rate.is_none() && level.is_none() {
        // Of all stages together: nothing where these were read.
        let folder = files::folder(entry.file);
        let mut others = run.results.iter();
        if others
            .any(|other| *other.format == SOURCE.format && files::folder(&other.file) == folder)
        {
            return Ok(());
        }
        result.load = Some(Load {
            schedule: Some("all stages together".to_owned()),
            ..Load::new(LoadKind::Schedule)
        });
    }
    put_load_of_stage(&mut result, level, rate);
    let succeeded = entry.count("successes.count")?;
    entry.add(&mut result, RATES, None)?;
    if succeeded != Some(0) {
        entry.add(&mut result, TIMES, succeeded)?;
        entry.add(&mut result, TPOT, None)?;
        entry.add(&mut result, LENGTHS, succeeded)?;
    }
    entry.check(&result, &[RATES, TIMES, TPOT])?;
    let failed = entry.count("failures.count")?;
    if let Some(failed) = failed {
        add_count(&mut result, Q::Errors, failed);
    }
    let sent = entry.count("load_summary.count")?;
    if let Some(sent) = sent.or(succeeded
        .zip(failed)
        .map(|(succeeded, failed)| succeeded + failed))
    {
        add_count(&mut result, Q::Requests, sent);
    }
    if let Some((sent, seconds)) = sent.zip(entry.number("load_summary.send_duration")?) {
        result.sent = Some(Sent::within(sent, seconds));
    }
    define(entry, &mut result)?;
    entry.state(run, &result, None);
    run.results.push(result);
    Ok(())
}

/// `requested_rate` says nothing beside a concurrency.
fn put_load_of_stage(
    result: &mut LevelResult,
    level: Option<u32>,
    rate: Option<crate::measure::Rate>,
) {
    match level {
        Some(_) => put_load(result, level, None, None, None),
        None if rate.is_some() => put_load(result, None, rate, None, None),
        None => {}
    }
}

/// Who counted the tokens shows in tokens a second over requests a second.
fn define(entry: &Entry<'_>, result: &mut LevelResult) -> Result<()> {
    result.define("request_latency_p50_ms", Definition::StreamEnd);
    // Before the tokens of a chunk were counted the same key meant chunks.
    if entry.get("successes.prompt_tokens").is_some() {
        result.define("itl_p50_ms", Definition::TpotPerRequest);
    }
    let by_client = entry.number("successes.output_len.mean")?;
    let by_server = entry.number("successes.output_tokens.mean")?;
    let of = |quantity| result.get(quantity).map(|reading| reading.value);
    let length = of(Q::Throughput)
        .zip(of(Q::RequestRate))
        .map(|(tokens, requests)| tokens / requests);
    let is = |mean: Option<f64>| {
        let pair = mean.zip(length);
        pair.is_some_and(|(mean, length)| (mean - length).abs() <= 1e-6 * mean)
    };
    let server = is(by_server) && !is(by_client);
    let (definition, row): (Definition, Row) = match server {
        true => (
            Definition::ServerUsage,
            (Q::OslMean, "successes.output_tokens.mean", 1.0),
        ),
        false => (
            Definition::ClientTokenizer,
            (Q::OslMean, "successes.output_len.mean", 1.0),
        ),
    };
    result.define(OUTPUT_TOKENS, definition);
    let succeeded = entry.count("successes.count")?;
    match succeeded {
        Some(0) => Ok(()),
        _ => entry.add(result, &[row], succeeded),
    }
}

/// What the tool found wrong in its own files stands with the results of these.
fn validity(run: &mut Run, entry: &Entry<'_>) {
    let said = |of: &Value| -> Vec<String> {
        let mut said = Vec::new();
        for (list, name) in [
            ("errors", "validation_error"),
            ("warnings", "validation_warning"),
        ] {
            for one in of[list].as_array().into_iter().flatten() {
                if let (Some(check), Some(message)) =
                    (one["check"].as_str(), one["message"].as_str())
                {
                    said.push(format!("{name}: {check}: {message}"));
                }
            }
        }
        said
    };
    if let Some(global) = entry.get("global") {
        run.validity.extend(said(global));
    }
    let Some(Value::Object(reports)) = entry.get("reports") else {
        return;
    };
    let folder = files::folder(entry.file);
    for (name, report) in reports {
        let path = files::join(folder, name);
        let of_report = run.results.iter_mut().filter(|result| result.file == path);
        for result in of_report {
            result.validity.extend(said(report));
        }
    }
}
