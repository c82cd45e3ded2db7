//! GuideLLM's CSV: a column for each number, named by one to three lines of headings. Each row, as each of what it
//! prints, becomes the benchmark that the JSON has, and the reader of that goes on from there. Read in the sources of 0.3
//! to 0.8 and seen in files of 0.5.4 and 0.8.1.
//!
//! The headings are those of the first row, and a status without requests has no columns: a row with more or fewer
//! cells, or without the requests that a heading is about, is refused.

use super::entry::Entry;
use super::source::Source;
use super::{csv_row, guidellm};
use crate::fault::{Code, Fault, Result};
use crate::fields;
use crate::files::{self, Tree};
use crate::json;
use crate::measure::Quantity;
use crate::run::{Format, Run};
use serde_json::{Map, Value};

/// `benchmarks.csv`.
pub static CSV: Source = Source {
    format: Format {
        name: "guidellm-csv",
        title: "GuideLLM report (benchmarks.csv)",
        ..guidellm::SOURCE.format
    },
    begins: None,
    by_content: |candidate| {
        let old = "Type,Run Id,Id,Name,Start Time,";
        candidate.head.starts_with("Run Info,Run Info,") || candidate.head.starts_with(old)
    },
    by_name: |_| false,
    read: read_csv,
};

const GOODPUT: &str = "metrics.request_goodput.successful.mean";

/// Columns by their headings, with the field of each; those of 0.3 behind those of later ones.
const COLUMNS: &[(&str, &str)] = &[
    ("Run Info/Run Index", "index"),
    ("Run Info/Profile", "profile"),
    ("Run Info/Backend", "config.backend"),
    ("Backend", "config.backend"),
    ("Benchmark/ID", "config.id_"),
    ("Id", "config.id_"),
    ("Benchmark/Strategy", "strategy"),
    ("Name", "strategy"),
    ("Benchmark/Constraints", "config.constraints"),
    ("Timings/Duration/Sec", "duration"),
    ("Duration", "duration"),
    ("Timings/Warmup/Sec", "config.warmup"),
    ("Timings/Cooldown/Sec", "config.cooldown"),
    (
        "Request Counts/Successful",
        "metrics.request_totals.successful",
    ),
    (
        "Request Counts/Incomplete",
        "metrics.request_totals.incomplete",
    ),
    ("Request Counts/Errored", "metrics.request_totals.errored"),
    ("Successful Requests", "metrics.request_totals.successful"),
    ("Incomplete Requests", "metrics.request_totals.incomplete"),
    ("Errored Requests", "metrics.request_totals.errored"),
    ("Requests/Comp/Tot", "metrics.request_totals.successful"),
    ("Requests/Inc/Tot", "metrics.request_totals.incomplete"),
    ("Requests/Err/Tot", "metrics.request_totals.errored"),
    ("Output Tokens/Comp/Tot", "tokens.successful"),
    ("Output Tokens/Inc/Tot", "tokens.incomplete"),
    ("Output Tokens/Err/Tot", "tokens.errored"),
    ("Server Throughput/Successful Goodput/Sec/mean", GOODPUT),
    ("Goodput/Per Sec/Mean", GOODPUT),
    ("Runtime Info/Metadata", "metadata"),
    ("Runtime Info/Arguments", "arguments"),
];

/// Distributions, with what the headings of their columns begin with: of the CSV, of that of 0.3, on the console.
const DISTRIBUTIONS: &[(&str, [&str; 3])] = &[
    (
        "output_tokens_per_second",
        [
            "Token Throughput/Successful Output Tokens/Sec/",
            "Successful Output tokens per second ",
            "Output Tokens/Per Sec/",
        ],
    ),
    (
        "time_to_first_token_ms",
        [
            "Time to First Token/Successful ms/",
            "Successful Time to first token ms ",
            "TTFT/ms/",
        ],
    ),
    (
        "inter_token_latency_ms",
        [
            "Inter Token Latency/Successful ms/",
            "Successful Inter token latency ms ",
            "ITL/ms/",
        ],
    ),
    (
        "request_latency",
        [
            "Request Latency/Successful Sec/",
            "Successful Request latency ",
            "Request Latency/Sec/",
        ],
    ),
    (
        "requests_per_second",
        [
            "Server Throughput/Successful Requests/Sec/",
            "Successful Requests per second ",
            "Requests/Per Sec/",
        ],
    ),
    (
        "prompt_token_count",
        [
            "Token Metrics/Successful Input Tokens/",
            "Successful Prompt token count ",
            "Input Tok/Per Req/",
        ],
    ),
    (
        "output_token_count",
        [
            "Token Metrics/Successful Output Tokens/",
            "Successful Output token count ",
            "Output Tok/Per Req/",
        ],
    ),
];

/// The columns of the CSV from 0.4 on.
pub(super) fn columns() -> Vec<(String, Quantity)> {
    let mut named = named(0, "Percentiles");
    named.push((
        "Server Throughput/Successful Goodput/Sec/mean".to_owned(),
        Quantity::Goodput,
    ));
    named
}

/// The columns of the console.
pub(super) fn printed() -> Vec<(String, Quantity)> {
    let mut named = named(2, "p95");
    let not_printed = [Quantity::TtftP99, Quantity::IslMean, Quantity::OslMean];
    named.retain(|(_, quantity)| !not_printed.contains(quantity));
    named.push(("Goodput/Per Sec/Mean".to_owned(), Quantity::Goodput));
    named
}

fn named(at: usize, percentiles: &str) -> Vec<(String, Quantity)> {
    let all = guidellm::DISTRIBUTIONS.iter().flat_map(|(name, rows)| {
        let found = DISTRIBUTIONS.iter().find(|(other, _)| other == name);
        let start = found.map_or("", |(_, starts)| starts[at]);
        rows.iter().map(move |(quantity, path, _)| {
            let statistic = match path.rsplit('.').next() {
                Some("mean") => "Mean",
                Some("p50") if at == 2 => "Mdn",
                Some("p50") => "Median",
                _ => percentiles,
            };
            (format!("{start}{statistic}"), *quantity)
        })
    });
    all.collect()
}

/// Percentiles 95 and 99 in a list of eleven: both orders that were written have them there.
const LISTED: [(&str, usize); 2] = [("p95", 8), ("p99", 9)];

/// Takes a cell into the benchmark.
pub(super) fn take(map: &mut Map<String, Value>, heading: &str, cell: &str) {
    let value = || match cell {
        // What was not measured.
        "" | "--" | "N/A" => Value::Null,
        _ => serde_json::from_str(cell).unwrap_or_else(|_| Value::from(cell)),
    };
    if let Some((_, field)) = COLUMNS.iter().find(|(column, _)| *column == heading) {
        return fields::set(map, field, value());
    }
    let found = DISTRIBUTIONS.iter().find_map(|(name, starts)| {
        let mut starts = starts.iter();
        Some((name, starts.find_map(|start| heading.strip_prefix(start))?))
    });
    let Some((name, statistic)) = found else {
        return;
    };
    let home = format!("metrics.{name}.successful");
    match statistic {
        "Mean" | "mean" => fields::set(map, &format!("{home}.mean"), value()),
        "Median" | "median" | "Mdn" => {
            fields::set(map, &format!("{home}.percentiles.p50"), value())
        }
        "p95" | "p99" => fields::set(map, &format!("{home}.percentiles.{statistic}"), value()),
        _ if statistic == "Percentiles" || statistic.starts_with('[') => {
            let list = value();
            for (name, at) in LISTED {
                let one = list.get(at).cloned().unwrap_or_default();
                fields::set(map, &format!("{home}.percentiles.{name}"), one);
            }
        }
        _ => {}
    }
}

/// Puts what stands elsewhere in the JSON there, and adds the result.
pub(super) fn finish(run: &mut Run, entry: &Entry<'_>) -> Result<()> {
    let mut map = entry.map.clone();
    let strategy = entry.text("strategy").unwrap_or_default();
    let (kind, number) = strategy.split_once('@').unwrap_or((strategy, ""));
    let mut of_kind = Map::new();
    fields::set(&mut of_kind, "type_", kind.into());
    if let Ok(number) = number.parse::<f64>() {
        let name = if kind == "concurrent" {
            "streams"
        } else {
            "rate"
        };
        fields::set(&mut of_kind, name, number.into());
    } else if let Some(Value::Array(all)) = entry.get("profile.completed_strategies") {
        // Up to 0.6 the number stands in the list of all strategies alone.
        let index = entry.count("index")?.unwrap_or(0) as usize;
        if let Some(Value::Object(one)) = all.get(index) {
            of_kind = one.clone();
        }
    }
    if let Some(ramp) = entry.get("profile.rampup_duration") {
        of_kind
            .entry("rampup_duration")
            .or_insert_with(|| ramp.clone());
    }
    fields::set(&mut map, "config.strategy", of_kind.into());
    if let Some(arguments) = entry.get("arguments") {
        match arguments.get("spec") {
            Some(spec) => {
                let slo = json::dig(spec, &["metrics", "slo"]).unwrap_or(&Value::Null);
                fields::set(&mut map, "config.slo", slo.clone());
                fields::set(&mut map, "config.spec", spec.clone());
            }
            None => fields::set(&mut map, "args", arguments.clone()),
        }
    }
    // Without a success the distributions are zeros, of which the JSON counts none.
    if entry.count("metrics.request_totals.successful")? == Some(0) {
        for (name, _) in DISTRIBUTIONS {
            fields::set(
                &mut map,
                &format!("metrics.{name}.successful.count"),
                0.into(),
            );
        }
    }
    let before = run.results.len();
    guidellm::add(
        run,
        &Entry {
            map: &map,
            ..*entry
        },
        &map,
    )?;
    for result in &mut run.results[before..] {
        result.line = Some(entry.line);
    }
    Ok(())
}

fn read_csv(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    let mut lines = (1..).zip(text.lines());
    let depth = if text.starts_with("Run Info") { 3 } else { 1 };
    let mut headings: Vec<String> = Vec::new();
    for (number, line) in &mut lines {
        let damaged = |what: &str| Fault::damaged(what.to_owned()).at_line(path, number);
        let cells = csv_row::split(line).map_err(damaged)?;
        if number <= depth {
            headings.resize(cells.len().max(headings.len()), String::new());
            for (heading, cell) in headings.iter_mut().zip(cells) {
                join(heading, &cell);
            }
            continue;
        }
        if cells.len() != headings.len() {
            let message = format!(
                "found a row of {} cells under {} headings, so that nothing says which number is which; expected as many. GuideLLM 0.5 writes this where requests were incomplete: give benchmarks.json of the run",
                cells.len(),
                headings.len()
            );
            return Err(Fault::new(Code::Damaged, message).at_line(path, number));
        }
        let mut map = Map::new();
        for (heading, cell) in headings.iter().zip(&cells) {
            take(&mut map, heading, cell);
        }
        check(&headings, &map).map_err(|message| damaged(&message))?;
        let format = &CSV.format;
        let entry = Entry {
            format,
            file: path,
            line: number,
            map: &map,
        };
        finish(run, &entry)?;
    }
    match run.results.iter().any(|result| result.file == path) {
        true => Ok(()),
        false => Err(Fault::damaged("found headings without a row; expected a benchmark").at(path)),
    }
}

/// Two rows can have as many cells of other statuses.
fn check(headings: &[String], map: &Map<String, Value>) -> std::result::Result<(), String> {
    for status in ["Incomplete", "Errored"] {
        let column = format!("Request Latency/{status} Sec/Mean");
        let path = format!("metrics.request_totals.{}", status.to_lowercase());
        let none = fields::get(map, &path).and_then(Value::as_u64) == Some(0);
        if none && headings.contains(&column) {
            return Err(format!(
                "found cells under `{column}` in a row without such requests, so that nothing says which number is which; give benchmarks.json of the run"
            ));
        }
    }
    Ok(())
}

pub(super) fn join(heading: &mut String, cell: &str) {
    if !heading.is_empty() && !cell.is_empty() {
        heading.push('/');
    }
    heading.push_str(cell);
}
