//! GuideLLM's report, `benchmarks.json`. Read in the sources of 0.3.1, 0.5.4 and 0.8.1: without `metadata` up to 0.3,
//! version 1 with `args`, version 2 with `config`. Each item of `benchmarks` is one strategy of load.
//!
//! `inter_token_latency_ms` is one value a request that counts once for each token of it; `time_per_output_token_ms` has
//! the TTFT in it from 0.5 on and is not read. Of `output_tokens_per_second` the mean alone is a throughput: its
//! percentiles are of instantaneous rates. `request_latency` is in seconds. A distribution of no request is all zeros.

use super::entry::{self, Entry, Row, add_count};
use super::source::Source;
use crate::fault::{Fault, Result};
use crate::files::{self, Tree};
use crate::json::{self, Want};
use crate::measure::definition::OUTPUT_TOKENS;
use crate::measure::{Definition, Quantity as Q};
use crate::run::{Format, LevelResult, Planned, Run, all_names};
use crate::stats::clock;
use serde_json::{Map, Value};

mod load;

use load::{Limits, put_load};

/// The format.
pub static SOURCE: Source = Source {
    format: Format::of_tool(
        "guidellm-json",
        "GuideLLM report (benchmarks.json)",
        "GuideLLM",
    ),
    begins: None,
    by_content: |candidate| {
        let old = ["\"strategy\"", "\"type_\"", "\"request_loader\""];
        (candidate.has_keys(&["metadata"]) && candidate.has("\"guidellm_version\"")
            || candidate.has_keys(&["benchmarks"]) && old.iter().all(|text| candidate.has(text)))
            && candidate.has("\"benchmarks\"")
    },
    by_name: |_| false,
    read,
};

/// The same as YAML, with sorted keys up to 0.3; several times as large.
pub static YAML: Source = Source {
    format: Format {
        name: "guidellm-yaml",
        title: "GuideLLM report (benchmarks.yaml)",
        ..SOURCE.format
    },
    begins: None,
    by_content: |candidate| {
        !candidate.is_json_object() && candidate.has("benchmarks:") && {
            let mut lines = candidate.head.lines();
            let own = ["guidellm.scheduler", "guidellm_version:", "strategy_index:"];
            lines.any(|line| ["benchmarks:", "args:", "config:"].contains(&line))
                && own.iter().any(|text| candidate.has(text))
        }
    },
    by_name: |_| false,
    read: |run, tree, path| match json::parse_yaml(path, &files::read_text(tree, path)?)? {
        // Keys are sorted from 0.5 on, so that this one is the last.
        Value::Object(map) if !map.contains_key("metadata") && has_settings(&map) => {
            let message = "found a report without its `metadata`, which stands last; expected the rest. The file was cut: copy it again from the run";
            Err(Fault::damaged(message).at(path))
        }
        Value::Object(map) => add_report(
            run,
            &Entry {
                format: &YAML.format,
                file: path,
                line: 1,
                map: &map,
            },
        ),
        _ => Err(Fault::damaged("found no object; expected a report of GuideLLM").at(path)),
    },
};

/// Whether a report is of 0.5 or later.
fn has_settings(map: &Map<String, Value>) -> bool {
    let first = map.get("benchmarks").and_then(|all| all.get(0));
    ["args", "config"].iter().any(|key| map.contains_key(*key))
        || first.is_some_and(|one| one.get("config").is_some())
}

/// A distribution over requests, its name, and the statistics of it that are read.
pub(super) type Distribution = (&'static str, &'static [Row]);

/// Of each the successful requests.
pub(super) const DISTRIBUTIONS: &[Distribution] = &[
    (
        "output_tokens_per_second",
        &[(
            Q::Throughput,
            "metrics.output_tokens_per_second.successful.mean",
            1.0,
        )],
    ),
    (
        "time_to_first_token_ms",
        &[
            (
                Q::TtftP50,
                "metrics.time_to_first_token_ms.successful.percentiles.p50",
                1.0,
            ),
            (
                Q::TtftP95,
                "metrics.time_to_first_token_ms.successful.percentiles.p95",
                1.0,
            ),
            (
                Q::TtftP99,
                "metrics.time_to_first_token_ms.successful.percentiles.p99",
                1.0,
            ),
            (
                Q::TtftMean,
                "metrics.time_to_first_token_ms.successful.mean",
                1.0,
            ),
        ],
    ),
    (
        "inter_token_latency_ms",
        &[
            (
                Q::ItlP50,
                "metrics.inter_token_latency_ms.successful.percentiles.p50",
                1.0,
            ),
            (
                Q::ItlMean,
                "metrics.inter_token_latency_ms.successful.mean",
                1.0,
            ),
        ],
    ),
    (
        "request_latency",
        &[
            (
                Q::RequestLatencyP50,
                "metrics.request_latency.successful.percentiles.p50",
                1e3,
            ),
            (
                Q::RequestLatencyMean,
                "metrics.request_latency.successful.mean",
                1e3,
            ),
        ],
    ),
    (
        "requests_per_second",
        &[(
            Q::RequestRate,
            "metrics.requests_per_second.successful.mean",
            1.0,
        )],
    ),
    (
        "prompt_token_count",
        &[(
            Q::IslMean,
            "metrics.prompt_token_count.successful.mean",
            1.0,
        )],
    ),
    (
        "output_token_count",
        &[(
            Q::OslMean,
            "metrics.output_token_count.successful.mean",
            1.0,
        )],
    ),
];

/// Null where no SLO was stated or none could be checked; its zeros are measured.
pub(super) const GOODPUT: Distribution = (
    "request_goodput",
    &[(Q::Goodput, "metrics.request_goodput.successful.mean", 1.0)],
);

/// The fields of a benchmark.
pub(super) fn fields() -> Vec<(String, Q)> {
    let all = DISTRIBUTIONS.iter().chain(&[GOODPUT]);
    let rows = all.flat_map(|(_, rows)| *rows);
    rows.map(|row| (row.1.to_owned(), row.0)).collect()
}

fn wanted(path: &[&str]) -> Want {
    const SETTINGS: [&str; 12] = [
        "slo",
        "strategy",
        "constraints",
        "warmup",
        "cooldown",
        "prefer_response_metrics",
        "id_",
        "max_number",
        "max_duration",
        "warmup_number",
        "warmup_duration",
        "backend",
    ];
    match path {
        ["metadata" | "args" | "config" | "benchmarks"]
        | ["config", "spec"]
        | ["config", "spec", "backend"]
        | [
            "benchmarks",
            "config" | "args" | "worker" | "request_loader" | "metrics",
        ]
        | ["benchmarks", "config", "backend"]
        | ["benchmarks", "metrics", _, "successful"] => Want::Enter,
        ["benchmarks", "metrics", "request_totals"] => Want::Whole,
        ["benchmarks", "metrics", name] => {
            let all = DISTRIBUTIONS.iter().chain(&[GOODPUT]);
            match all.into_iter().any(|(other, _)| other == name) {
                true => Want::Enter,
                false => Want::Nothing,
            }
        }
        ["metadata", "guidellm_version"]
        | ["args", "model" | "data"]
        | ["config", "spec", "data"]
        | ["config", "spec", "backend", "model" | "stream"]
        | [
            "benchmarks",
            "request_totals" | "id_" | "start_time" | "duration" | "warnings",
        ]
        | ["benchmarks", "config", "backend", "model"]
        | ["benchmarks", "worker", "backend_model"]
        | ["benchmarks", "request_loader", "data"]
        | [
            "benchmarks",
            "metrics",
            _,
            _,
            "mean" | "count" | "percentiles",
        ] => Want::Whole,
        ["benchmarks", "config" | "args", name] if SETTINGS.contains(name) => Want::Whole,
        _ => Want::Nothing,
    }
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    entry::each(&SOURCE.format, run, (tree, path), &wanted, add_report)
}

fn add_report(run: &mut Run, report: &Entry<'_>) -> Result<()> {
    let Some(Value::Array(all)) = report.get("benchmarks") else {
        return Err(report.fault("benchmarks", "no list", "the benchmarks of a report"));
    };
    if all.is_empty() {
        let expected = "at least one: a benchmark that did not end is not written";
        return Err(report.fault("benchmarks", "an empty list", expected));
    }
    for one in all {
        match one {
            Value::Object(map) => add(run, report, map)?,
            _ => return Err(report.fault("benchmarks", "no object", "a benchmark")),
        }
    }
    Ok(())
}

pub(super) fn add(run: &mut Run, report: &Entry<'_>, map: &Map<String, Value>) -> Result<()> {
    let entry = Entry { map, ..*report };
    let mut result = entry.result();
    let models = [
        entry.text("config.backend.model"),
        entry.text("worker.backend_model"),
        report.text("config.spec.backend.model"),
        report.text("args.model"),
    ];
    result.model = models
        .into_iter()
        .find_map(|model| model)
        .map(str::to_owned);
    for (name, rows) in DISTRIBUTIONS {
        let count = entry.count(&format!("metrics.{name}.successful.count"))?;
        // That of the gaps counts tokens from 0.5 on, and those of rates count changes.
        let of_requests = [
            "time_to_first_token_ms",
            "request_latency",
            "output_token_count",
            "prompt_token_count",
        ];
        if count != Some(0) {
            let samples = count.filter(|_| of_requests.contains(name));
            entry.add(&mut result, rows, samples)?;
        }
    }
    entry.add(&mut result, GOODPUT.1, None)?;
    result.slo = entry.slo("config.slo")?;
    let tables: Vec<&[Row]> = DISTRIBUTIONS.iter().map(|(_, rows)| *rows).collect();
    let limits = Limits::of(&entry)?;
    let counted = add_counts(&entry, &mut result, &limits)?;
    if !counted {
        entry.check(&result, &tables)?;
    }
    define(&entry, &mut result);
    put_load(&entry, &mut result)?;
    result.run_id = ["config.id_", "id_"]
        .iter()
        .find_map(|key| entry.text(key))
        .map(str::to_owned);
    let start = entry.number("start_time")?.filter(|start| *start < 1e11);
    result.start_time = start.map(|start| format!("{}Z", clock::written(start, 3)));
    if let Some(Value::Array(warnings)) = entry.get("warnings") {
        let said = warnings.iter().filter_map(|warning| {
            let text = |key: &str| warning.get(key).and_then(Value::as_str);
            Some(format!("{}: {}", text("code")?, text("message")?))
        });
        result.validity.extend(said);
    }
    let version = report.text("metadata.guidellm_version");
    entry.state(run, &result, version);
    if let Some(data) = dataset(report, &entry) {
        entry.state_dataset(run, &data)?;
    }
    if let Some(stream) = report
        .get("config.spec.backend.stream")
        .filter(|it| it.is_boolean())
    {
        run.state(
            entry.format,
            "context.streaming",
            stream.clone(),
            entry.file,
        );
    }
    run.results.push(result);
    Ok(())
}

/// The sources of data: each a name, or what is to be made (`prompt_tokens=128,output_tokens=32`).
fn dataset(report: &Entry<'_>, entry: &Entry<'_>) -> Option<String> {
    let name = |data: &'_ Value| {
        let keys = ["source", "path", "kind"];
        let named = keys.iter().find_map(|key| data.get(key));
        named.unwrap_or(data).as_str().map(str::to_owned)
    };
    let of_list = |path: &str| {
        let sources = report.get(path)?.as_array()?.iter().filter_map(name);
        let sources: Vec<String> = sources.collect();
        all_names(sources.iter().map(String::as_str))
    };
    let old = || entry.text("request_loader.data").map(str::to_owned);
    of_list("args.data")
        .or_else(|| of_list("config.spec.data"))
        .or_else(old)
}

fn define(entry: &Entry<'_>, result: &mut LevelResult) {
    result.define("itl_p50_ms", Definition::TpotByToken);
    result.define("request_latency_p50_ms", Definition::StreamEnd);
    // The request's own numbers stand in where these are not preferred.
    if entry.get("config.prefer_response_metrics") != Some(&Value::Bool(false)) {
        result.define(OUTPUT_TOKENS, Definition::ServerUsage);
    }
}

/// Adds the counts of requests; false where there are none. Those that were under way when the time was over are
/// neither requests nor errors.
fn add_counts(entry: &Entry<'_>, result: &mut LevelResult, limits: &Limits) -> Result<bool> {
    let totals = match entry.get("metrics.request_totals") {
        Some(_) => "metrics.request_totals",
        None => "request_totals",
    };
    let of = |name: &str| entry.count(&format!("{totals}.{name}"));
    let (Some(successful), Some(errored)) = (of("successful")?, of("errored")?) else {
        return Ok(false);
    };
    add_count(result, Q::Errors, errored);
    add_count(result, Q::Requests, successful + errored);
    if let Some(incomplete) = of("incomplete")? {
        add_count(result, Q::Cancelled, incomplete);
    }
    result.planned = limits.planned();
    if let Some(Planned::Requests(planned)) = result.planned {
        add_count(result, Q::RequestsPlanned, planned);
    }
    if let (Some(seconds), false) = (entry.number("duration")?, limits.others) {
        result.push(Q::BenchmarkSeconds, crate::run::Reading::exact(seconds));
    }
    Ok(true)
}
