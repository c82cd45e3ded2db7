//! GuideLLM's CSV and what it prints: a column for each number, named by one to three lines of headings. Each row becomes
//! the benchmark that the JSON has, and the reader of that goes on from there. Read in the sources of 0.3 to 0.8 and seen
//! in files of 0.5.4 and 0.8.1.
//!
//! A row of 0.5 with incomplete requests has more cells than the headings, which are those of the first row: it is
//! refused. The console prints one digit behind the point and latencies in seconds.

use super::entry::Entry;
use super::source::Source;
use super::{csv_row, guidellm};
use crate::fault::{Code, Fault, Result};
use crate::fields;
use crate::files::{self, Tree};
use crate::measure::Quantity;
use crate::run::{Format, Run};
use crate::text;
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

/// What is printed at the end of a run.
pub static CONSOLE: Source = Source {
    format: Format {
        name: "guidellm-console",
        title: "GuideLLM console (Run Summary Info)",
        ..guidellm::SOURCE.format
    },
    begins: None,
    by_content: |candidate| {
        candidate.has("Run Summary Info")
            && candidate.has("| Benchmark")
            && candidate.has("| Strategy")
    },
    by_name: |_| false,
    read: read_console,
};

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
    named(0, "Percentiles")
}

/// The columns of the console.
pub(super) fn printed() -> Vec<(String, Quantity)> {
    let mut named = named(2, "p95");
    let not_printed = [Quantity::TtftP99, Quantity::IslMean, Quantity::OslMean];
    named.retain(|(_, quantity)| !not_printed.contains(quantity));
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
fn take(map: &mut Map<String, Value>, heading: &str, cell: &str) {
    let value = || serde_json::from_str(cell).unwrap_or_else(|_| Value::from(cell));
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
        "p95" => fields::set(map, &format!("{home}.percentiles.p95"), value()),
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
fn finish(run: &mut Run, entry: &Entry<'_>) -> Result<()> {
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
    fields::set(&mut map, "config.strategy", of_kind.into());
    if let Some(arguments) = entry.get("arguments") {
        match arguments.get("spec") {
            Some(spec) => fields::set(&mut map, "config.spec", spec.clone()),
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
        if *entry.format == CONSOLE.format {
            result
                .readings
                .iter_mut()
                .for_each(|(_, reading)| reading.is_near = true);
        }
    }
    Ok(())
}

fn read_csv(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    let mut lines = (1..).zip(text.lines());
    let depth = if text.starts_with("Run Info") { 3 } else { 1 };
    let mut headings: Vec<String> = Vec::new();
    for (number, line) in &mut lines {
        let damaged = |what: &str| Fault::damaged(what).at_line(path, number);
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

fn join(heading: &mut String, cell: &str) {
    if !heading.is_empty() && !cell.is_empty() {
        heading.push('/');
    }
    heading.push_str(cell);
}

fn read_console(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    let mut found: Vec<(String, u64, Map<String, Value>)> = Vec::new();
    let (mut headings, mut in_rows) = (Vec::<String>::new(), false);
    let mut model = None;
    for (number, line) in (1..).zip(text.lines()) {
        let plain = text::strip_ansi(line);
        if let Some((_, named)) = plain.split_once("backend validated with model ") {
            model = named.split_whitespace().next().map(str::to_owned);
        }
        let Some((_, row)) = plain.split_once('|') else {
            continue;
        };
        let row = row.trim_end().strip_suffix('|').unwrap_or(row);
        if row.starts_with("==") {
            (headings, in_rows) = (Vec::new(), false);
        } else if row.starts_with("--") {
            in_rows = true;
        } else if in_rows {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let strategy = cells.first().copied().unwrap_or_default();
            let at = found.iter().position(|(name, ..)| name == strategy);
            let at = at.unwrap_or_else(|| {
                found.push((strategy.to_owned(), number, Map::new()));
                found.len() - 1
            });
            for (heading, cell) in headings.iter().zip(cells) {
                // `317.2 ± 47.1`, `557.0*`.
                let word = cell.split_whitespace().next().unwrap_or_default();
                take(&mut found[at].2, heading, word.trim_end_matches('*'));
            }
        } else {
            // A cell that is quite empty belongs to the one before it.
            let mut last = "";
            let cells = row.split('|').map(|cell| {
                if !cell.is_empty() {
                    last = cell.trim();
                }
                last
            });
            let cells: Vec<&str> = cells.collect();
            headings.resize(cells.len().max(headings.len()), String::new());
            for (heading, cell) in headings.iter_mut().zip(cells) {
                join(heading, cell);
            }
        }
    }
    if in_rows || found.is_empty() {
        let message = "found a table that does not end; expected all tables of a run. The log was cut: copy it again from the run";
        return Err(Fault::damaged(message).at(path));
    }
    for (_, line, mut map) in found {
        if let Some(model) = &model {
            fields::set(&mut map, "config.backend.model", model.as_str().into());
        }
        let format = &CONSOLE.format;
        finish(
            run,
            &Entry {
                format,
                file: path,
                line,
                map: &map,
            },
        )?;
    }
    Ok(())
}
