//! GuideLLM's report, `benchmarks.json`. Read in the sources of 0.3.1, 0.5.4 and 0.8.1: without `metadata` up to 0.3,
//! version 1 with `args`, version 2 with `config`. Each item of `benchmarks` is one strategy of load.
//!
//! `inter_token_latency_ms` is one value a request that counts once for each token of it; `time_per_output_token_ms` has
//! the TTFT in it from 0.5 on and is not read. Of `output_tokens_per_second` the mean alone is a throughput: its
//! percentiles are of instantaneous rates. `request_latency` is in seconds. A distribution of no request is all zeros.

use super::entry::{self, Entry, Row, add_count};
use super::source::Source;
use crate::fault::Result;
use crate::files::Tree;
use crate::json::Want;
use crate::measure::definition::OUTPUT_TOKENS;
use crate::measure::{Definition, Load, LoadKind, Place, Quantity as Q, Rate};
use crate::run::{Format, LevelResult, Planned, Run, Speaker, States};
use crate::stats::clock;
use serde_json::{Map, Value};

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "guidellm-json",
        title: "GuideLLM report (benchmarks.json)",
        tool: Some("GuideLLM"),
        states: States::Results,
        speaker: Speaker::Tool,
        one_each: true,
        of_many_levels: true,
    },
    begins: None,
    by_content: |candidate| {
        candidate.is_json_object() && candidate.has("\"benchmarks\"") && {
            let keys = candidate.top_level_keys();
            let old = ["\"strategy\"", "\"type_\"", "\"request_loader\""];
            keys.contains(&"metadata") && candidate.has("\"guidellm_version\"")
                || keys.contains(&"benchmarks") && old.iter().all(|text| candidate.has(text))
        }
    },
    by_name: |_| false,
    read,
};

/// A distribution over requests, its name, and the statistics of it that are read.
type Distribution = (&'static str, &'static [Row]);

/// Of each the successful requests.
const DISTRIBUTIONS: &[Distribution] = &[
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

fn wanted(path: &[&str]) -> Want {
    const SETTINGS: [&str; 11] = [
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
            match DISTRIBUTIONS.iter().any(|(other, _)| other == name) {
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
    entry::each(&SOURCE.format, run, (tree, path), &wanted, |run, report| {
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
    })
}

fn add(run: &mut Run, report: &Entry<'_>, map: &Map<String, Value>) -> Result<()> {
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
            &SOURCE.format,
            "context.streaming",
            stream.clone(),
            entry.file,
        );
    }
    run.results.push(result);
    Ok(())
}

/// The first source of data: a name, or what is to be made (`prompt_tokens=128,output_tokens=32`).
fn dataset(report: &Entry<'_>, entry: &Entry<'_>) -> Option<String> {
    let of_args = report.get("args.data").and_then(|data| data.get(0));
    let of_spec = report.get("config.spec.data").and_then(|data| data.get(0));
    let of_spec =
        of_spec.and_then(|data| data.get("source").or(data.get("path")).or(data.get("kind")));
    let old = entry.get("request_loader.data");
    let data = [of_args, of_spec, old].into_iter().flatten().next()?;
    data.as_str().map(str::to_owned)
}

fn define(entry: &Entry<'_>, result: &mut LevelResult) {
    result.define("itl_p50_ms", Definition::TpotByToken);
    result.define("request_latency_p50_ms", Definition::StreamEnd);
    // The request's own numbers stand in where these are not preferred.
    if entry.get("config.prefer_response_metrics") != Some(&Value::Bool(false)) {
        result.define(OUTPUT_TOKENS, Definition::ServerUsage);
    }
}

/// What was to end the phase.
struct Limits {
    requests: Option<u64>,
    seconds: Option<f64>,
    /// Whether something else could end it, or a part of it is not counted.
    others: bool,
}

impl Limits {
    fn of(entry: &Entry<'_>) -> Result<Limits> {
        let part = |key: &str| match entry.get(key) {
            Some(Value::Object(map)) => ["value", "percent"]
                .iter()
                .any(|key| map.get(*key).is_some_and(|value| !value.is_null())),
            Some(value) => value.as_f64().is_some_and(|value| value > 0.0),
            None => false,
        };
        let parts = [
            "config.warmup",
            "config.cooldown",
            "args.warmup_number",
            "args.warmup_duration",
            "args.cooldown_number",
            "args.cooldown_duration",
        ];
        let mut limits = Limits {
            requests: entry.count("args.max_number")?,
            seconds: entry.number("args.max_duration")?,
            others: parts.into_iter().any(part),
        };
        if let Some(Value::Object(constraints)) = entry.get("config.constraints") {
            for (name, constraint) in constraints {
                let at = constraint["current_index"].as_u64().unwrap_or(0) as usize;
                let args = constraint.get("args").unwrap_or(constraint);
                let number = |keys: &[&str]| {
                    let found = keys.iter().find_map(|key| args.get(*key))?;
                    found.as_f64().or_else(|| found.get(at)?.as_f64())
                };
                match name.as_str() {
                    "max_requests" | "max_number" => {
                        limits.requests = number(&["max_num", "count"]).map(|count| count as u64);
                    }
                    "max_duration" | "max_seconds" => {
                        limits.seconds =
                            number(&["max_duration", "max_seconds", "seconds", "duration"]);
                    }
                    _ => limits.others = true,
                }
            }
        }
        Ok(limits)
    }

    fn planned(&self) -> Option<Planned> {
        match (self.others, self.requests, self.seconds) {
            (false, Some(requests), None) => Some(Planned::Requests(requests)),
            (false, None, Some(seconds)) => Some(Planned::Seconds(seconds)),
            _ => None,
        }
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

/// The strategy: so many streams, one request after the other, or a rate. `throughput` sends what it can, up to a limit
/// that is no level.
fn put_load(entry: &Entry<'_>, result: &mut LevelResult) -> Result<()> {
    let home = match entry.get("config.strategy") {
        Some(_) => "config.strategy",
        None => "args.strategy",
    };
    let key = |name: &str| format!("{home}.{name}");
    let kind = entry
        .text(&key("type_"))
        .or_else(|| entry.text(&key("kind")));
    let limit = || entry.concurrency(&key("max_concurrency"));
    let rate = entry.rate(&key("rate"))?;
    let of_rate = |rate: Rate, burstiness, schedule: Option<&str>, limit| Load {
        concurrency: limit,
        request_rate: Some(rate.per_second()),
        burstiness,
        schedule: schedule.map(str::to_owned),
        ..Load::new(LoadKind::Rate)
    };
    let (load, place) = match (kind, rate) {
        (Some("synchronous"), _) => (Load::closed(1), Some(Place::Level(1))),
        (Some("concurrent"), _) => match entry.concurrency(&key("streams"))? {
            Some(level) => (Load::closed(level), Some(Place::Level(level))),
            None => return Ok(()),
        },
        (Some("constant"), Some(rate)) => (
            of_rate(rate, None, Some("constant"), limit()?),
            Some(Place::Rate(rate)),
        ),
        (Some("poisson"), Some(rate)) => (
            of_rate(rate, Some(1.0), None, limit()?),
            Some(Place::Rate(rate)),
        ),
        (Some(other), _) => {
            let load = Load {
                concurrency: limit()?,
                schedule: Some(format!("strategy {other}")),
                ..Load::new(LoadKind::Schedule)
            };
            (load, None)
        }
        (None, _) => return Ok(()),
    };
    (result.load, result.place) = (Some(load), place);
    Ok(())
}
