//! AIPerf's summary, `profile_export_aiperf.json`: every number at full precision.
//!
//! Seen with schema 1.4 (AIPerf 0.13); older layouts of the configuration echo are accepted too.

mod phase;

use super::aiperf_definitions;
use super::dimension::Dimension;
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};
use crate::finding::{Finding, FindingCode};
use crate::json::{self, Want};
use crate::measure::{Place, Quantity};
use crate::run::{Format, LevelResult, Reading, Run, Speaker, States};
use serde_json::{Map, Value};

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "aiperf-json",
        title: "AIPerf JSON export (profile_export_aiperf.json)",
        tool: Some("AIPerf"),
        states: States::Results,
        speaker: Speaker::Tool,
        one_each: true,
        of_many_levels: false,
    },
    begins: None,
    by_content: is_export,
    by_name: |name| name == "profile_export_aiperf.json",
    read,
};

/// Its own keys count and not those inside: an export of a run with GPU telemetry repeats names of the server's.
fn is_export(candidate: &Candidate<'_>) -> bool {
    if !candidate.is_json_object() {
        return false;
    }
    let keys = candidate.top_level_keys();
    let has = |key: &&str| keys.contains(key);
    let is_measured = ["time_to_first_token", "request_latency"].iter().any(has);
    // Old versions do not state theirs, and what was configured can stand behind more than the head.
    let signs = [has(&"input_config"), has(&"aiperf_version"), is_measured];
    signs.iter().filter(|sign| **sign).count() >= 2
        // The server's metrics; what `--slice-duration` writes of each part of the run; a sweep.
        && !["metrics", "timeslices", "aggregation_type", "per_combination_metrics"].iter().any(has)
        // GenAI-Perf has the same keys and states its own options below `input_config`.
        && !candidate.has("\"perf_analyzer\"")
}

/// Where each quantity stands: metric, statistic, and what the unit must be.
#[rustfmt::skip]
const METRICS: &[(Quantity, &str, &str, Dimension)] = &[
    (Quantity::Throughput,         "output_token_throughput",           "avg", Dimension::TokensPerSecond),
    (Quantity::TtftP50,            "time_to_first_token",               "p50", Dimension::Milliseconds),
    (Quantity::TtftP95,            "time_to_first_token",               "p95", Dimension::Milliseconds),
    (Quantity::TtftP99,            "time_to_first_token",               "p99", Dimension::Milliseconds),
    (Quantity::ItlP50,             "inter_token_latency",               "p50", Dimension::Milliseconds),
    (Quantity::TpsPerUser,         "output_token_throughput_per_user",  "avg", Dimension::TokensPerSecondPerUser),
    (Quantity::RequestLatencyP50,  "request_latency",                   "p50", Dimension::Milliseconds),
    (Quantity::Errors,             "error_request_count",               "avg", Dimension::Requests),
    (Quantity::Requests,           "completed_request_count",           "avg", Dimension::Requests),
    (Quantity::IslMean,            "input_sequence_length",             "avg", Dimension::Tokens),
    (Quantity::OslMean,            "output_sequence_length",            "avg", Dimension::Tokens),
    (Quantity::BenchmarkSeconds,   "benchmark_duration",                "avg", Dimension::Seconds),
];

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    let export = Export {
        path,
        text: &text,
        map: json::parse_part(path, &text, &wanted)?,
    };
    if !export.map.contains_key("input_config") {
        return Err(Fault::new(
            Code::NotUnderstood,
            "found an object without `input_config`; expected AIPerf's JSON export, which echoes its configuration there",
        )
        .at(path));
    }
    let result = export.result()?;
    if !result.complete {
        run.findings.push(Finding::new(
            FindingCode::IncompleteRun,
            Some(path.to_owned()),
            "AIPerf says that this run was cancelled or cut short; its numbers are those of the requests that had ended",
        ));
    }
    export.state(run, result.model.as_deref());
    run.results.push(result);
    Ok(())
}

/// Of some hundred metrics a dozen is read; the statistics of the warm-up are passed over.
fn wanted(path: &[&str]) -> Want {
    const OTHERS: [&str; 9] = [
        "input_config",
        "run_info",
        "was_cancelled",
        "is_complete",
        "error_summary",
        "aiperf_version",
        "start_time",
        "request_count",
        "schema_version",
    ];
    match path {
        [name]
            if OTHERS.contains(name) || METRICS.iter().any(|(_, metric, _, _)| metric == name) =>
        {
            Want::Whole
        }
        _ => Want::Nothing,
    }
}

struct Export<'a> {
    path: &'a str,
    text: &'a str,
    map: Map<String, Value>,
}

impl Export<'_> {
    fn result(&self) -> Result<LevelResult> {
        let mut result = LevelResult::new(&SOURCE.format, self.path);
        aiperf_definitions::define(&mut result);
        let flag = |key: &str| self.map.get(key).and_then(Value::as_bool);
        result.complete = flag("was_cancelled") != Some(true) && flag("is_complete") != Some(false);
        result.place = self.concurrency()?.map(Place::Level);
        result.model = self.model();
        result.planned = phase::planned(&self.map["input_config"]);
        for (quantity, metric, statistic, dimension) in METRICS {
            if let Some(reading) = self.reading(metric, statistic, *dimension)? {
                result.push(*quantity, reading);
            }
        }
        self.count_requests(&mut result)?;
        Ok(result)
    }

    /// The export leaves `error_request_count` out when there were none, and older versions have no
    /// `completed_request_count`; `request_count` holds the successful ones only.
    fn count_requests(&self, result: &mut LevelResult) -> Result<()> {
        let succeeded = self
            .reading("request_count", "avg", Dimension::Requests)?
            .map(|reading| reading.value);
        let completed = result.get(Quantity::Requests).map(|reading| reading.value);
        if result.get(Quantity::Errors).is_none() {
            let errors = match (completed, succeeded) {
                (Some(completed), Some(succeeded)) => Some(completed - succeeded),
                _ if !result.complete => None,
                (None, None) => None,
                (None, Some(_)) => Some(self.summed_errors()),
                (Some(_), None) => None,
            };
            if let Some(errors) = errors.filter(|errors| *errors >= 0.0) {
                result.push(Quantity::Errors, Reading::exact(errors));
            }
        }
        let errors = result.get(Quantity::Errors).map(|reading| reading.value);
        if completed.is_none()
            && let (Some(succeeded), Some(errors)) = (succeeded, errors)
        {
            result.push(Quantity::Requests, Reading::exact(succeeded + errors));
        }
        Ok(())
    }

    /// `error_summary` has one item for each kind of error; the number of errors is the sum of their counts.
    fn summed_errors(&self) -> f64 {
        let items = self.map.get("error_summary").and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(|item| item.get("count").and_then(Value::as_f64))
            .sum()
    }

    fn reading(
        &self,
        metric: &str,
        statistic: &str,
        dimension: Dimension,
    ) -> Result<Option<Reading>> {
        let field = format!("{metric}.{statistic}");
        let refuse = |code, found: String, expected: &str, keys: &[&str]| {
            Fault::new(code, format!("found {found}; expected {expected}")).at_field(
                self.path,
                json::line_of(self.text, keys),
                &field,
            )
        };
        let Some(object) = self.map.get(metric).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let Some(value) = object.get(statistic).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let Some(value) = value.as_f64() else {
            return Err(refuse(
                Code::BadValue,
                json::kind(value).to_owned(),
                "a number or null",
                &[metric, statistic],
            ));
        };
        if value < 0.0 {
            return Err(refuse(
                Code::BadValue,
                format!("{value}"),
                "a number that is not negative",
                &[metric, statistic],
            ));
        }
        let unit = object
            .get("unit")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some(factor) = dimension.factor(unit) else {
            let found = format!("the unit {unit:?}");
            return Err(refuse(
                Code::BadValue,
                found,
                dimension.exported(),
                &[metric, "unit"],
            ));
        };
        let samples = object.get("count").and_then(Value::as_u64);
        Ok(Some(Reading {
            samples,
            ..Reading::exact(value * factor)
        }))
    }

    fn concurrency(&self) -> Result<Option<u32>> {
        let config = &self.map["input_config"];
        let found = phase::measured(config)
            .and_then(|phase| phase.get("concurrency"))
            .or_else(|| json::dig(config, &["loadgen", "concurrency"]))
            .or_else(|| phase::varied_concurrency(self.map.get("run_info")?));
        let Some(found) = found.filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        match found
            .as_u64()
            .and_then(|level| u32::try_from(level).ok())
            .filter(|level| *level > 0)
        {
            Some(level) => Ok(Some(level)),
            None => Err(Fault::new(
                Code::BadValue,
                format!("found a concurrency of {found}; expected a whole number from 1 on"),
            )
            .at_field(
                self.path,
                json::line_of(self.text, &["input_config", "phases"]),
                "concurrency",
            )),
        }
    }

    fn model(&self) -> Option<String> {
        let config = &self.map["input_config"];
        let items = json::dig(config, &["models", "items"]).and_then(Value::as_array);
        let named = items.and_then(|items| items.first()?.get("name"));
        let old = || json::dig(config, &["endpoint", "model_names"]).and_then(|names| names.get(0));
        named
            .or_else(old)
            .and_then(Value::as_str)
            .map(str::to_owned)
    }

    fn state(&self, run: &mut Run, model: Option<&str>) {
        let config = &self.map["input_config"];
        let from = &SOURCE.format;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        if let Some(model) = model {
            run.state(from, "model", model, self.path);
        }
        if let Some(dataset) = config
            .get("datasets")
            .and_then(|datasets| datasets.get(0))
            .and_then(dataset_name)
        {
            run.state(from, "workload.dataset", dataset, self.path);
        }
        let fields = [
            ("context.endpoint_type", &["endpoint", "type"]),
            ("context.streaming", &["endpoint", "streaming"]),
        ];
        for (field, keys) in fields {
            if let Some(value) = json::dig(config, keys).filter(|value| !value.is_null()) {
                run.state(from, field, value.clone(), self.path);
            }
        }
        if let Some(version) = text(self.map.get("aiperf_version")) {
            let tool = format!("AIPerf {version}");
            run.state(from, "context.bench_backend", tool.as_str(), self.path);
            run.tool.get_or_insert(tool);
        }
        if let Some(start) = text(self.map.get("start_time"))
            && run
                .captured_at
                .as_ref()
                .is_none_or(|earliest| start < *earliest)
        {
            run.captured_at = Some(start);
        }
    }
}

/// The name of the data set where one is given. AIPerf calls its only data set `main`, which names
/// nothing; then the kind of data (for instance `synthetic`) is what was stated.
fn dataset_name(dataset: &Value) -> Option<String> {
    let keys = [
        "dataset",
        "public_dataset",
        "hf_dataset",
        "path",
        "file",
        "name",
    ];
    let named = keys
        .iter()
        .filter_map(|key| dataset.get(key).and_then(Value::as_str))
        .find(|name| !["", "main", "default"].contains(name));
    named
        .or_else(|| dataset.get("type").and_then(Value::as_str))
        .map(str::to_owned)
}
