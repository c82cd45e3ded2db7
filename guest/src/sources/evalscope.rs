//! `evalscope perf`: `benchmark_summary.json` has rates, counts and means, `benchmark_percentile.json` the percentiles
//! and `benchmark_args.json` the model, a folder for each level. Read in the sources of 0.15 to 1.14 and seen in files of
//! 1.14.1; the unit of each number stands in its key, which newer versions call otherwise.
//!
//! A rate of -1 is none. Without streams the TTFT is the whole latency, which nobody measured as such.

use super::entry::{Entry, Row, add_count, put_load};
use super::source::Source;
use crate::fault::{Fault, Result};
use crate::files::{self, Tree};
use crate::json;
use crate::measure::definition::OUTPUT_TOKENS;
use crate::measure::{Definition, Quantity as Q, Rate};
use crate::run::{Format, LevelResult, Run};
use serde_json::{Map, Value};

/// Rates, counts and means.
pub static SOURCE: Source = Source {
    format: Format {
        of_many_levels: false,
        ..Format::of_tool(
            "evalscope-json",
            "evalscope perf summary (benchmark_summary.json)",
            "evalscope perf",
        )
    },
    begins: None,
    by_content: |candidate| {
        let one_of = |keys: [&str; 2]| keys.iter().any(|key| candidate.has_keys(&[key]));
        one_of([
            "Output Throughput (tok/s)",
            "Output token throughput (tok/s)",
        ]) && one_of(["Concurrency", "Number of concurrency"])
    },
    by_name: |_| false,
    read: |run, tree, path| {
        let map = json::parse_object(path, &files::read_text(tree, path)?)?;
        add(run, tree, &entry_of(&SOURCE.format, path, &map), &map)
    },
};

/// Percentiles of the same run.
pub static PERCENTILES: Source = Source {
    format: Format {
        name: "evalscope-percentiles-json",
        title: "evalscope perf percentiles (benchmark_percentile.json)",
        ..SOURCE.format
    },
    begins: None,
    by_content: |candidate| {
        candidate.head.trim_start().starts_with('[')
            && candidate.has("\"Percentiles\"")
            && candidate.has("\"TTFT (")
    },
    by_name: |_| false,
    read: |run, tree, path| {
        let mut map = Map::new();
        let Value::Array(rows) = json::parse(path, &files::read_text(tree, path)?)? else {
            return Err(Fault::damaged("found no list; expected one of percentiles").at(path));
        };
        for row in rows {
            if let Some(name) = row["Percentiles"].as_str() {
                map.insert(name.to_owned(), row);
            }
        }
        let summary = beside(tree, path, "benchmark_summary.json");
        add(
            run,
            tree,
            &entry_of(&PERCENTILES.format, path, &map),
            &summary,
        )
    },
};

pub(super) const RATES: &[Row] = &[
    (Q::Throughput, "Output Throughput (tok/s)", 1.0),
    (Q::Throughput, "Output token throughput (tok/s)", 1.0),
    (Q::RequestRate, "Req Throughput (req/s)", 1.0),
    (Q::RequestRate, "Request throughput (req/s)", 1.0),
    (Q::BenchmarkSeconds, "Test Duration (s)", 1.0),
    (Q::BenchmarkSeconds, "Time taken for tests (s)", 1.0),
];

/// Of all successful requests, in the summary.
pub(super) const WHOLE: &[Row] = &[
    (Q::RequestLatencyMean, "Avg Latency (s)", 1e3),
    (Q::RequestLatencyMean, "Average latency (s)", 1e3),
    (Q::IslMean, "Avg Input Tokens", 1.0),
    (Q::IslMean, "Average input tokens per request", 1.0),
    (Q::OslMean, "Avg Output Tokens", 1.0),
    (Q::OslMean, "Average output tokens per request", 1.0),
];

/// Of those that were streamed, in the summary.
pub(super) const STREAMED: &[Row] = &[
    (Q::TtftMean, "Avg TTFT (ms)", 1.0),
    (Q::TtftMean, "Average time to first token (s)", 1e3),
    (Q::ItlMean, "Avg TPOT (ms)", 1.0),
    (Q::ItlMean, "Average time per output token (s)", 1e3),
];

/// Percentiles of all.
pub(super) const WHOLE_QUANTILES: &[Row] = &[(Q::RequestLatencyP50, "50%.Latency (s)", 1e3)];

/// Percentiles of those that were streamed.
pub(super) const STREAMED_QUANTILES: &[Row] = &[
    (Q::TtftP50, "50%.TTFT (ms)", 1.0),
    (Q::TtftP50, "50%.TTFT (s)", 1e3),
    (Q::TtftP95, "95%.TTFT (ms)", 1.0),
    (Q::TtftP95, "95%.TTFT (s)", 1e3),
    (Q::TtftP99, "99%.TTFT (ms)", 1.0),
    (Q::TtftP99, "99%.TTFT (s)", 1e3),
    (Q::ItlP50, "50%.TPOT (ms)", 1.0),
    (Q::ItlP50, "50%.TPOT (s)", 1e3),
];

fn entry_of<'a>(format: &'static Format, file: &'a str, map: &'a Map<String, Value>) -> Entry<'a> {
    Entry {
        format,
        file,
        line: 1,
        map,
    }
}

/// An object in the same folder; an empty one where there is none. What is wrong in it its own reader says.
fn beside(tree: &dyn Tree, path: &str, name: &str) -> Map<String, Value> {
    let file = files::join(files::folder(path), name);
    let text = files::read_text(tree, &file);
    let map = text.and_then(|text| json::parse_object(&file, &text));
    map.unwrap_or_default()
}

/// Adds what a file has; what was run says the summary.
fn add(
    run: &mut Run,
    tree: &dyn Tree,
    entry: &Entry<'_>,
    summary: &Map<String, Value>,
) -> Result<()> {
    let mut result = entry.result();
    let of_run = entry_of(entry.format, entry.file, summary);
    let first = |keys: &[&'static str]| {
        let known = |key: &&&'static str| of_run.get(key).is_some();
        keys.iter().find(known).copied()
    };
    let count = |keys| first(keys).map_or(Ok(None), |key| of_run.count(key));
    let succeeded = count(&["Success Requests", "Succeed requests"])?;
    entry.add(&mut result, RATES, None)?;
    if succeeded != Some(0) {
        entry.add(&mut result, WHOLE, succeeded)?;
        entry.add(&mut result, WHOLE_QUANTILES, succeeded)?;
        if count(&["Stream Requests"])? != Some(0) {
            entry.add(&mut result, STREAMED, None)?;
            entry.add(&mut result, STREAMED_QUANTILES, None)?;
        }
    }
    entry.check(
        &result,
        &[RATES, WHOLE, STREAMED, WHOLE_QUANTILES, STREAMED_QUANTILES],
    )?;
    let failed = count(&["Failed Requests", "Failed requests"])?;
    let total = count(&["Total Requests", "Total requests"])?;
    for (quantity, number) in [(Q::Errors, failed), (Q::Requests, total)] {
        if let Some(number) = number {
            add_count(&mut result, quantity, number);
        }
    }
    result.define("itl_p50_ms", Definition::TpotPerRequest);
    result.define("request_latency_p50_ms", Definition::StreamEnd);
    result.define(OUTPUT_TOKENS, Definition::ServerUsage);
    put_place(
        &of_run,
        &mut result,
        first(&["Concurrency", "Number of concurrency"]),
    );
    let arguments = beside(tree, entry.file, "benchmark_args.json");
    let arguments = entry_of(entry.format, entry.file, &arguments);
    let model = ["model_id", "model"]
        .into_iter()
        .find_map(|key| arguments.text(key));
    result.model = model.map(str::to_owned);
    entry.state(run, &result, None);
    if let Some(dataset) = arguments.text("dataset") {
        entry.state_dataset(run, dataset)?;
    }
    run.results.push(result);
    Ok(())
}

/// What is not above 0 limits nothing.
fn put_place(of_run: &Entry<'_>, result: &mut LevelResult, concurrency: Option<&str>) {
    let number = |key: &str| of_run.get(key)?.as_f64().filter(|number| *number > 0.0);
    let level = concurrency.and_then(number).map(|level| level as u32);
    let rate = number("Request Rate (req/s)").or_else(|| number("Request rate (req/s)"));
    put_load(result, level, rate.and_then(Rate::new), None, None);
}
