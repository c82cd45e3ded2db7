//! AIPerf's `server_metrics_export.json`: statistics of the server's metrics over the measured phase.
//!
//! Counters have lost their `_total`, and `stats.total` is their increase. `warmup_metrics` are no results.

use super::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Entry, Tree};
use crate::json::{self, Want};
use crate::run::Run;
use crate::server::catalog::{self, Family};
use crate::server::{Export, ExportFormat, Labels, Summary, config};
use serde_json::{Map, Value};

/// The format.
pub const SOURCE: Source = Source {
    name: "AIPerf server metrics (`server_metrics_export.json`)",
    by_content,
    by_name: |name| name == NAME,
    read,
};

/// How AIPerf calls the file.
pub(super) const NAME: &str = "server_metrics_export.json";

fn by_content(candidate: &Candidate<'_>) -> bool {
    candidate.is_json_object()
        && candidate.has("\"metrics_phase\"")
        && candidate.has("\"endpoints_configured\"")
}

fn read(run: &mut Run, tree: &dyn Tree, entry: &Entry) -> Result<()> {
    let path = &entry.path;
    let text = files::read_text(tree, path)?;
    let root = json::parse_part(path, &text, &wanted)?;
    let file = File { path, text: &text };
    if let Some(phase) = root.get("metrics_phase")
        && phase != "profiling"
    {
        return Err(file.fault(
            Code::NotUnderstood,
            &["metrics_phase"],
            format!("found {phase}; expected \"profiling\", the measured phase"),
        ));
    }
    let Some(Value::Object(metrics)) = root.get("metrics") else {
        let found = root.get("metrics").map_or("no such field", json::kind);
        return Err(file.fault(
            Code::Damaged,
            &["metrics"],
            format!("found {found}; expected an object with one field for each metric"),
        ));
    };
    let series = file.series(metrics)?;
    let facts = series
        .iter()
        .filter(|one| one.family == Family::CacheConfig);
    config::state(run, path, facts.map(|one| &one.labels));
    run.server.exports.push(Export {
        file: path.clone(),
        format: ExportFormat::Json,
        series,
    });
    Ok(())
}

/// A page holds some hundred metrics, of which a handful is kept.
fn wanted(path: &[&str]) -> Want {
    match path {
        ["metrics"] => Want::Enter,
        ["metrics_phase"] => Want::Whole,
        ["metrics", name] if catalog::lookup(name).is_some() => Want::Whole,
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

    fn series(&self, metrics: &Map<String, Value>) -> Result<Vec<Summary>> {
        let mut kept = Vec::new();
        for (name, metric) in metrics {
            let Some(entry) = catalog::lookup(name) else {
                continue;
            };
            let list = metric
                .get("series")
                .and_then(Value::as_array)
                .ok_or_else(|| {
                    let message = "found no list `series`; expected one for each metric".to_owned();
                    self.fault(Code::Damaged, &["metrics", name], message)
                })?;
            for one in list {
                let labels = self.labels(name, one)?;
                if entry.takes(&labels) {
                    kept.push(self.summary(entry, name, labels, one)?);
                }
            }
        }
        Ok(kept)
    }

    fn labels(&self, name: &str, series: &Value) -> Result<Labels> {
        let wrong = |what: &str| {
            let message = format!("found {what} in a series; expected text");
            self.fault(Code::Damaged, &["metrics", name, "series"], message)
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
        if let Some(endpoint) = series.get("endpoint_url").and_then(Value::as_str)
            && !labels.iter().any(|(key, _)| key == "endpoint")
        {
            labels.push(("endpoint".to_owned(), endpoint.to_owned()));
        }
        Labels::new(labels).map_err(|key| wrong(&format!("label `{key}` twice")))
    }

    fn summary(
        &self,
        entry: &catalog::Entry,
        name: &str,
        labels: Labels,
        series: &Value,
    ) -> Result<Summary> {
        let stat = |key: &str| -> Result<Option<f64>> {
            let value = match json::dig(series, &["stats", key]) {
                None | Some(Value::Null) => return Ok(None),
                Some(value) => value,
            };
            let refuse =
                |code, message| Err(self.fault(code, &["metrics", name, "series"], message));
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
        Ok(Summary {
            family: entry.family,
            name: name.to_owned(),
            min: stat("min")?,
            avg: stat("avg")?,
            max: stat("max")?,
            total: stat("total")?,
            labels,
        })
    }
}
