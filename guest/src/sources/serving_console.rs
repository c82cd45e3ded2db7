//! The table that `vllm bench serve` and SGLang's `bench_serving` print, also behind the prefix of a logger, and as many
//! of them as a log holds. Read in the sources of vLLM 0.6 to 0.32 and of SGLang 0.3 to 0.5.23, and seen from 0.10.2 and
//! 0.5.23 on.
//!
//! Each line becomes the field that the tool's own JSON has for it, and the reader of that JSON goes on from there. What
//! stands before the table (`Namespace(…)`, the load) says what the table of older versions leaves out.

use super::entry::Entry;
use super::source::{Candidate, Source};
use super::{serving::TRACE, sglang_bench, vllm_bench};
use crate::fault::{Fault, Result};
use crate::files::{LineReader, Tree};
use crate::run::{Format, Run};
use crate::text;
use serde_json::{Map, Value};

/// The console of vLLM.
pub static VLLM: Source = Source {
    format: Format::of_tool(
        "vllm-bench-console",
        "vLLM bench serve console (Serving Benchmark Result)",
        "vLLM bench serve",
    ),
    begins: None,
    by_content: |candidate| is_console(candidate) && !is_sglang(candidate.head),
    by_name: |_| false,
    read,
};

/// The console of SGLang, whose table begins with the backend.
pub static SGLANG: Source = Source {
    format: Format::of_tool(
        "sglang-bench-console",
        "SGLang bench_serving console (Serving Benchmark Result)",
        "SGLang bench_serving",
    ),
    begins: None,
    by_content: |candidate| is_console(candidate) && is_sglang(candidate.head),
    by_name: |_| false,
    read,
};

const RAMP: &str = "ramp_up_strategy";

const TITLE: &str = "Serving Benchmark Result";

/// Lines of the table, with the field that each is in the JSON of the tool; `NAME (ms)` are by [`STATISTICS`].
pub(super) const LINES: &[(&str, &str)] = &[
    ("Backend", "backend"),
    ("Successful requests", "completed"),
    ("Failed requests", "failed"),
    ("Maximum request concurrency", "max_concurrency"),
    ("Max request concurrency", "max_concurrency"),
    ("Request rate configured (RPS)", "request_rate"),
    ("Traffic request rate", "request_rate"),
    ("Traffic ramp-up strategy", RAMP),
    ("Burstiness factor", "burstiness"),
    ("Benchmark duration (s)", "duration"),
    ("Total input tokens", "total_input_tokens"),
    ("Total generated tokens", "total_output_tokens"),
    ("Request throughput (req/s)", "request_throughput"),
    ("Request goodput (req/s)", "request_goodput"),
    ("Output token throughput (tok/s)", "output_throughput"),
];

/// What stands behind `Mean`, `Median` or `P99`, with the end of its field.
pub(super) const STATISTICS: &[(&str, &str)] = &[
    ("TTFT (ms)", "ttft_ms"),
    ("TPOT (ms)", "tpot_ms"),
    ("ITL (ms)", "itl_ms"),
    ("E2EL (ms)", "e2el_ms"),
    ("E2E Latency (ms)", "e2e_latency_ms"),
];

/// What both tools print of their options, with the field of each.
const OPTIONS: &[(&str, &str)] = &[
    ("backend", "endpoint_type"),
    ("model", "model_id"),
    ("endpoint_type", "endpoint_type"),
    ("num_prompts", "num_prompts"),
    ("request_rate", "request_rate"),
    ("dataset_name", "dataset_name"),
    (RAMP, RAMP),
    ("ramp_up_start_rps", "ramp_up_start_rps"),
    ("ramp_up_end_rps", "ramp_up_end_rps"),
];

/// The title of the table, or what is printed long before it.
fn is_console(candidate: &Candidate<'_>) -> bool {
    let has = |text: &str| candidate.has(text);
    let begun = has("Namespace(") && has("Starting ") && has("main benchmark run");
    // Reports quote the table.
    !candidate.name().ends_with(".md") && (has(TITLE) || begun)
}

fn is_sglang(head: &str) -> bool {
    let own = [
        "Backend: ",
        "E2E Latency (ms):",
        "Namespace(backend=",
        "#Input tokens: ",
    ];
    own.iter().any(|text| text::holds(head, text))
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let mut lines = LineReader::new(tree.open(path)?, path);
    let before = run.results.len();
    let (mut map, mut title) = (Map::new(), None);
    loop {
        let number = lines.line() + 1;
        let Some(line) = lines.next_line()? else {
            break;
        };
        let line = String::from_utf8_lossy(line);
        let plain = text::strip_ansi(&line);
        for part in plain.split('\r') {
            if text::holds(part, TITLE) {
                if let Some(title) = title.replace(number) {
                    return Err(cut(path, title));
                }
            } else if title.is_some() && text::holds(part, "====================") {
                let line = title.take().unwrap_or(number);
                add(run, path, line, &std::mem::take(&mut map))?;
            } else {
                take(part, title.is_some(), &mut map);
            }
        }
    }
    match title {
        Some(title) => Err(cut(path, title)),
        None => {
            if let [only] = &mut run.results[before..] {
                only.line = None;
            }
            Ok(())
        }
    }
}

fn cut(path: &str, title: u64) -> Fault {
    Fault::damaged(
        "found a table of results without its last line of `=`; expected all of it. The log was cut: copy it again from the run",
    )
    .at_line(path, title)
}

/// Takes the field of a line. A logger may put anything before its label.
fn take(line: &str, in_table: bool, map: &mut Map<String, Value>) {
    for (at, _) in line.match_indices(':') {
        let Some(key) = key_of(&line[..at]) else {
            continue;
        };
        // Before the table there is but the load.
        let is_load =
            ["max_concurrency", "request_rate", "burstiness", RAMP].contains(&key.as_str());
        let end = |text: char| text.is_whitespace() || ['"', '\\'].contains(&text);
        let word = line[at + 1..].trim_start().split(end).next();
        // A sentence ends behind the shape of a ramp.
        let word = word.map(|word| word.trim_end_matches('.'));
        let value = value(word.unwrap_or_default());
        // The table rounds a rate that was printed before it, and has one beside a trace too.
        let is_better =
            |earlier: &Value| earlier == TRACE || earlier.is_number() && value.is_number();
        let is_known = key == "request_rate" && map.get(&key).is_some_and(is_better);
        if (in_table || is_load) && !is_known {
            map.insert(key, value);
        }
        return;
    }
    if text::holds(line, "Self timing is set, using the timestamps") {
        map.insert("request_rate".to_owned(), TRACE.into());
    }
    if let Some((_, options)) = line.split_once("Namespace(") {
        // Before `vllm bench` there was a script, of which nobody knows who counted the tokens.
        let (backend, rest) = OPTIONS.split_at(1);
        let is_command = text::holds(options, "bench_type='serve'");
        let backend = backend.iter().filter(|_| is_command);
        for (name, key) in backend.chain(rest) {
            if let Some(word) = option(options, name) {
                map.insert((*key).to_owned(), value(word));
            }
        }
        // Its requests are sent at their times unless that was switched off.
        let is_trace = option(options, "dataset_name") == Some("timed_trace");
        if is_trace && option(options, "self_timed") != Some("False") {
            map.insert("request_rate".to_owned(), TRACE.into());
        }
        // vLLM's JSON does not say by which SLOs its goodput counts.
        if let Some((_, listed)) = options.split_once(" goodput=[") {
            let listed = listed.split(']').next().unwrap_or_default();
            let quotes: &[char] = &[' ', '\'', '"'];
            let limits = listed.split(',').map(|limit| limit.trim_matches(quotes));
            map.insert("goodput_slos_ms".to_owned(), limits.collect());
        }
    }
}

/// The field whose label a text ends with.
fn key_of(text: &str) -> Option<String> {
    let word_before = |label: &str| {
        let before = text.strip_suffix(label)?;
        (before.is_empty() || before.ends_with([' ', '\t', '"', ']', ':', '|'])).then_some(before)
    };
    if let Some((_, key)) = LINES.iter().find(|(label, _)| word_before(label).is_some()) {
        return Some((*key).to_owned());
    }
    let (before, end) = STATISTICS
        .iter()
        .find_map(|(label, end)| Some((word_before(label)?, end)))?;
    let is_edge = |text: char| !text.is_alphanumeric() && text != '.';
    let statistic = before.trim_end().rsplit(is_edge).next()?.to_lowercase();
    let quantile = statistic.strip_prefix('p').map(str::parse::<f64>);
    let is_one =
        ["mean", "median"].contains(&statistic.as_str()) || matches!(quantile, Some(Ok(_)));
    is_one.then(|| format!("{statistic}_{end}"))
}

/// The value of an option in Python's words.
fn option<'a>(options: &'a str, name: &str) -> Option<&'a str> {
    let mut found = options.match_indices(name).filter_map(|(at, _)| {
        let before = &options[..at];
        let is_whole = before.is_empty() || before.ends_with(' ');
        options[at + name.len()..]
            .strip_prefix('=')
            .filter(|_| is_whole)
    });
    let rest = found.next()?;
    match rest.strip_prefix('\'') {
        Some(quoted) => quoted.split('\'').next(),
        None => rest.split([',', ')']).next(),
    }
}

/// A number where it is one; what says that there is none is null.
fn value(word: &str) -> Value {
    let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
    match number.and_then(serde_json::Number::from_f64) {
        Some(number) => Value::Number(number),
        None if ["None", "not", ""].contains(&word) => Value::Null,
        None => word.into(),
    }
}

/// Reads a table as the JSON that it was printed beside, in as many digits as were printed.
fn add(run: &mut Run, path: &str, line: u64, map: &Map<String, Value>) -> Result<()> {
    let is_sglang = map.contains_key("backend");
    let (source, add): (_, fn(&mut Run, &Entry<'_>) -> Result<()>) = match is_sglang {
        true => (&SGLANG, sglang_bench::add),
        false => (&VLLM, vllm_bench::add),
    };
    let entry = Entry {
        format: &source.format,
        file: path,
        line,
        map,
    };
    let before = run.results.len();
    add(run, &entry)?;
    for result in &mut run.results[before..] {
        result.line = Some(line);
        for (quantity, reading) in &mut result.readings {
            if reading.method.is_none() && !quantity.unit().is_count() {
                reading.decimals = Some(2);
            }
        }
    }
    Ok(())
}
