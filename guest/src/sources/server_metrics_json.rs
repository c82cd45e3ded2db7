//! AIPerf's `server_metrics_export.json`: statistics of the server's metrics over the measured phase.
//!
//! Counters have lost their `_total`, and `stats.total` is their increase. `warmup_metrics` are no results.
//!
//! Where a run has phases, `phases/profiling/server_metrics.json` holds the same statistics once more, by endpoint.

use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};
use crate::json::{self, Want};
use crate::run::server::{Export, ExportFormat, Family, Summary};
use crate::run::{Format, Labels, Run, Speaker, States};
use crate::server::catalog;
use crate::server::config;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "server-metrics-json",
        title: "AIPerf server metrics (`server_metrics_export.json`, `phases/profiling/server_metrics.json`)",
        tool: Some("AIPerf"),
        states: States::Server,
        speaker: Speaker::Server,
        one_each: false,
        of_many_levels: false,
    },
    begins: None,
    by_content,
    by_name: |name| name == NAME,
    read,
};

/// How AIPerf calls the file.
pub(super) const NAME: &str = "server_metrics_export.json";

/// How AIPerf calls that of a phase.
pub(super) const PHASE_NAME: &str = "server_metrics.json";

/// Where the metrics of a phase stand, by endpoint.
const SUMMARIES: [&str; 2] = ["data", "endpoint_summaries"];

fn by_content(candidate: &Candidate<'_>) -> bool {
    let of_run = || candidate.has("\"metrics_phase\"") && candidate.has("\"endpoints_configured\"");
    let of_phase = || candidate.has("\"endpoint_summaries\"");
    candidate.is_json_object() && (of_run() || of_phase())
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    let strangers = RefCell::new(BTreeSet::new());
    let keep = |place: &[&str]| {
        let want = wanted(place);
        if let ([.., "metrics", name], Want::Nothing) = (place, want) {
            strangers.borrow_mut().insert((*name).to_owned());
        }
        want
    };
    let root = Value::Object(json::parse_part(path, &text, &keep)?);
    let file = File { path, text: &text };
    for place in [&["metrics_phase"][..], &["phase", "phase_kind"]] {
        if let Some(phase) = json::dig(&root, place)
            && phase != "profiling"
        {
            return Err(file.fault(
                Code::NotUnderstood,
                place,
                format!("found {phase}; expected \"profiling\", the measured phase"),
            ));
        }
    }
    let mut series = Vec::new();
    match json::dig(&root, &SUMMARIES) {
        None => file.series(&root, &["metrics"], None, &mut series)?,
        Some(Value::Object(endpoints)) => {
            for (name, summary) in endpoints {
                let place = [SUMMARIES[0], SUMMARIES[1], name, "metrics"];
                let url = summary.get("endpoint_url").and_then(Value::as_str);
                file.series(&root, &place, url, &mut series)?;
            }
        }
        Some(other) => {
            return Err(file.fault(
                Code::Damaged,
                &SUMMARIES,
                format!(
                    "found {}; expected an object with one field for each endpoint",
                    json::kind(other)
                ),
            ));
        }
    }
    let facts = series
        .iter()
        .filter(|one| one.family == Family::CacheConfig);
    config::state(run, &SOURCE.format, path, facts.map(|one| &one.labels));
    if !series
        .iter()
        .any(|one| catalog::engine(one.family).is_some())
    {
        run.server.note_strangers(path, &strangers.borrow());
    }
    run.server.exports.push(Export {
        file: path.to_owned(),
        format: ExportFormat::Json,
        phase: phase(&root),
        series,
    });
    Ok(())
}

/// When the measured phase began and ended, in seconds since 1970.
fn phase(root: &Value) -> Option<(f64, f64)> {
    let at = |place: &[&str]| {
        let of = |key: &str| json::dig(root, &[place, &[key]].concat())?.as_f64();
        let (start, end) = (of("start_ns")?, of("end_ns")?);
        (start > 0.0 && end > start).then_some((start / 1e9, end / 1e9))
    };
    at(&["summary", "phase_time_ranges", "profiling"]).or_else(|| at(&["phase"]))
}

/// A page holds some hundred metrics, of which a handful is kept.
fn wanted(path: &[&str]) -> Want {
    let of_phase = path.strip_prefix(&SUMMARIES);
    match (of_phase, path) {
        (Some([] | [_] | [_, "metrics"]), _)
        | (_, ["metrics" | "data" | "phase" | "summary"] | ["summary", "phase_time_ranges"]) => {
            Want::Enter
        }
        (Some([_, "endpoint_url"]), _)
        | (
            _,
            ["metrics_phase"]
            | ["phase", "phase_kind" | "start_ns" | "end_ns"]
            | ["summary", "phase_time_ranges", "profiling"],
        ) => Want::Whole,
        (Some([_, "metrics", name]), _) | (_, ["metrics", name])
            if catalog::lookup(name).is_some() =>
        {
            Want::Whole
        }
        _ => Want::Nothing,
    }
}

struct File<'a> {
    path: &'a str,
    text: &'a str,
}

impl File<'_> {
    fn fault(&self, code: Code, field: &[&str], message: String) -> Fault {
        let line = json::line_of(self.text, field);
        Fault::new(code, message).at_field(self.path, line, &field.join("."))
    }

    /// Adds the series that are kept of the metrics at `place`; `endpoint` is whose they are, where they do not say
    /// so themselves.
    fn series(
        &self,
        root: &Value,
        place: &[&str],
        endpoint: Option<&str>,
        kept: &mut Vec<Summary>,
    ) -> Result<()> {
        let metrics = match json::dig(root, place) {
            Some(Value::Object(metrics)) => metrics,
            other => {
                let found = other.map_or("no such field", json::kind);
                return Err(self.fault(
                    Code::Damaged,
                    place,
                    format!("found {found}; expected an object with one field for each metric"),
                ));
            }
        };
        for (name, metric) in metrics {
            let Some(entry) = catalog::lookup(name) else {
                continue;
            };
            let place = [place, &[name]].concat();
            let list = metric
                .get("series")
                .and_then(Value::as_array)
                .ok_or_else(|| {
                    let message = "found no list `series`; expected one for each metric".to_owned();
                    self.fault(Code::Damaged, &place, message)
                })?;
            let place = [&place[..], &["series"]].concat();
            for one in list {
                let labels = self.labels(&place, one, endpoint)?;
                if entry.takes(&labels) {
                    kept.push(self.summary(entry, name, labels, one, &place)?);
                }
            }
        }
        Ok(())
    }

    fn labels(&self, place: &[&str], series: &Value, endpoint: Option<&str>) -> Result<Labels> {
        let wrong = |what: &str| {
            let message = format!("found {what} in a series; expected text");
            self.fault(Code::Damaged, place, message)
        };
        let mut labels = Vec::new();
        match series.get("labels") {
            None | Some(Value::Null) => {}
            Some(Value::Object(given)) => {
                for (key, value) in given {
                    let value = value.as_str().ok_or_else(|| {
                        wrong(&format!("label `{key}` that is {}", json::kind(value)))
                    })?;
                    labels.push((key.clone(), value.to_owned()));
                }
            }
            Some(other) => return Err(wrong(&format!("`labels` that is {}", json::kind(other)))),
        }
        let own = series.get("endpoint_url").and_then(Value::as_str);
        if let Some(endpoint) = own.or(endpoint)
            && !labels.iter().any(|(key, _)| key == "endpoint")
        {
            labels.push(("endpoint".to_owned(), endpoint.to_owned()));
        }
        Labels::new(labels).map_err(|key| wrong(&format!("label `{key}` twice")))
    }

    fn summary(
        &self,
        entry: &catalog::Kept,
        name: &str,
        labels: Labels,
        series: &Value,
        place: &[&str],
    ) -> Result<Summary> {
        let stat = |key: &str| -> Result<Option<f64>> {
            let value = match json::dig(series, &["stats", key]) {
                None | Some(Value::Null) => return Ok(None),
                Some(value) => value,
            };
            let refuse = |code, message| Err(self.fault(code, place, message));
            let Some(number) = value.as_f64() else {
                let message = format!(
                    "found `{key}` that is {}; expected a number",
                    json::kind(value)
                );
                return refuse(Code::Damaged, message);
            };
            // A restart shows as a negative increase, which is a finding and not a damaged file.
            match entry.refuse(number) {
                Some(expected) if key != "total" => refuse(
                    Code::BadValue,
                    format!("found `{key}` of {number}; {expected}"),
                ),
                _ => Ok(Some(number)),
            }
        };
        Summary::read(entry.family, name, labels, stat)
    }
}
