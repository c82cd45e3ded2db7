//! One number over the registered baselines of a measurement, and where it changed.

use crate::document::{Document, trials};
use crate::fault::{Code, Fault, Result};
use crate::fields;
use crate::metrics::{self, HEADLINE, KERNEL_CLASS, Metric, Scope};
use crate::stats::changepoint::{ChangePoint, MIN_ENTRIES, Search, change_points};
use serde_json::{Map, Value, json};

/// The value of `schema` in the report.
pub const SCHEMA: &str = "perfbridge_history_v1";

/// One registered baseline.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name in the registry.
    pub slug: String,
    /// When it was registered, as text.
    pub stamp: String,
    /// Its document as JSON text.
    pub json: String,
}

/// One entry of the series.
#[derive(Clone, Debug)]
pub struct Point {
    /// Its name in the registry.
    pub slug: String,
    /// When it was registered.
    pub stamp: String,
    /// Engine version, where recorded.
    pub version: Option<String>,
    /// Engine commit, where recorded.
    pub commit: Option<String>,
    /// The number, or why the entry is not compared.
    pub value: std::result::Result<f64, String>,
}

/// The series.
#[derive(Clone, Debug)]
pub struct Report {
    /// The model of the newest entry.
    pub model: String,
    /// The metric of the series.
    pub metric: &'static Metric,
    /// Its name as rows carry it.
    pub name: String,
    /// The concurrency, `server` or `profile`.
    pub level: String,
    /// All entries, oldest first.
    pub points: Vec<Point>,
    /// Changes; `index` counts the compared entries only.
    pub changes: Vec<ChangePoint>,
}

impl Report {
    /// Makes the series of a number over `entries`, oldest first.
    ///
    /// Faults: no entry, a document that cannot be read, a metric that does not exist, a number that the newest
    /// entry does not have.
    pub fn new(entries: &[Entry], metric: Option<&str>, level: Option<&str>) -> Result<Report> {
        let parsed = entries
            .iter()
            .map(|entry| Document::parse(&entry.slug, &entry.json));
        let documents = parsed.collect::<Result<Vec<Document>>>()?;
        let Some(newest) = documents.last() else {
            return Err(Fault::new(
                Code::Usage,
                "found no baseline; expected at least one. Record one with perfbridge record",
            ));
        };
        let written = metric.unwrap_or(HEADLINE);
        let metric =
            metrics::find_written(written).ok_or_else(|| super::policy::unknown_metric(written))?;
        let name = if metric.scope == Scope::KernelClass {
            written
        } else {
            metric.name
        };
        let level = match (metric.scope, level) {
            (_, Some(level)) => level.to_owned(),
            (Scope::Server, None) => "server".to_owned(),
            (Scope::Profile | Scope::KernelClass, None) => "profile".to_owned(),
            (Scope::Level(_) | Scope::Errors, None) => newest.headline_level().to_string(),
        };
        if value(newest, metric, name, &level).is_none() {
            return Err(missing(newest, metric, name, &level));
        }
        let points: Vec<Point> = (0..entries.len())
            .map(|at| Point {
                slug: entries[at].slug.clone(),
                stamp: entries[at].stamp.clone(),
                version: text(&documents[at], "deployment.vllm_version"),
                commit: text(&documents[at], "context.vllm_commit"),
                value: compared(&documents, at, name).and_then(|()| {
                    value(&documents[at], metric, name, &level)
                        .ok_or_else(|| "it has no such number".to_owned())
                }),
            })
            .collect();
        let mut report = Report {
            model: newest.model.clone(),
            metric,
            name: name.to_owned(),
            level,
            points,
            changes: Vec::new(),
        };
        let series: Vec<f64> = report.compared().map(|(_, value)| value).collect();
        report.changes = change_points(&series, &Search::default());
        Ok(report)
    }

    /// The compared entries with their numbers.
    pub fn compared(&self) -> impl Iterator<Item = (&Point, f64)> {
        let known = |point| -> Option<(&Point, f64)> { Some((point, number(point)?)) };
        self.points.iter().filter_map(known)
    }

    /// Whether there are enough entries for a search.
    pub fn is_searched(&self) -> bool {
        self.compared().count() >= MIN_ENTRIES
    }

    /// `perfbridge_history_v1`.
    pub fn to_json(&self) -> String {
        let mut before = None;
        let mut entries = Vec::new();
        let mut excluded = Vec::new();
        for point in &self.points {
            let mut map = Map::new();
            map.insert("slug".into(), point.slug.as_str().into());
            map.insert("stamp".into(), point.stamp.as_str().into());
            map.insert("version".into(), json!(point.version));
            map.insert("commit".into(), json!(point.commit));
            match &point.value {
                Ok(value) => {
                    let [delta, percent] = delta(before, *value);
                    before = Some(*value);
                    map.insert("value".into(), json!(value));
                    map.insert("delta".into(), json!(delta));
                    map.insert("delta_pct".into(), json!(percent));
                    entries.push(Value::Object(map));
                }
                Err(why) => {
                    map.insert("reason".into(), why.as_str().into());
                    excluded.push(Value::Object(map));
                }
            }
        }
        let compared: Vec<&Point> = self.compared().map(|(point, _)| point).collect();
        let changes = self.changes.iter().map(|change| {
            let point = compared[change.index];
            json!({
                "slug": point.slug,
                "version": point.version,
                "commit": point.commit,
                "before": change.before,
                "after": change.after,
                "p_value": change.p_value,
            })
        });
        let changes: Vec<Value> = changes.collect();
        let mut map = Map::new();
        map.insert("schema".into(), SCHEMA.into());
        map.insert("model".into(), self.model.as_str().into());
        map.insert("metric".into(), self.name.as_str().into());
        map.insert("level".into(), self.level.as_str().into());
        map.insert("unit".into(), self.metric.unit.into());
        map.insert("entries".into(), entries.into());
        map.insert("excluded".into(), excluded.into());
        map.insert("searched".into(), self.is_searched().into());
        map.insert("change_points".into(), changes.into());
        crate::document::to_json(&map)
    }
}

fn number(point: &Point) -> Option<f64> {
    point.value.as_ref().ok().copied()
}

/// Change against the entry before, and in percent of it; null for the first and, in percent, after 0.
pub fn delta(before: Option<f64>, value: f64) -> [Option<f64>; 2] {
    let delta = before.map(|before| value - before);
    let percent = before
        .filter(|before| *before != 0.0)
        .map(|before| 100.0 * (value - before) / before);
    [delta, percent]
}

fn text(document: &Document, path: &str) -> Option<String> {
    fields::get(&document.map, path).map(fields::plain)
}

/// The number of a row.
fn value(document: &Document, metric: &Metric, name: &str, level: &str) -> Option<f64> {
    match (metric.scope, level) {
        (Scope::Server, "server") => document.server.get(name).copied(),
        (Scope::Profile, "profile") => document.cpu_spinpoll_pct,
        (Scope::KernelClass, "profile") => {
            let class = name.strip_prefix(KERNEL_CLASS)?.strip_prefix('.')?;
            document.kernel_classes.get(class).copied()
        }
        (Scope::Level(_) | Scope::Errors, level) => {
            let of = document.levels.get(&level.parse().ok()?)?;
            match name {
                metrics::ERROR_RATE => of.error_rate(),
                metrics::ERRORS => of.errors,
                name => of.values.get(name).copied(),
            }
        }
        _ => None,
    }
}

fn missing(newest: &Document, metric: &Metric, name: &str, level: &str) -> Fault {
    let places = match metric.scope {
        Scope::Server => "it stands at the level server".to_owned(),
        Scope::Profile => "it stands at the level profile".to_owned(),
        Scope::KernelClass => {
            let classes: Vec<&str> = newest.kernel_classes.keys().map(|class| &**class).collect();
            format!(
                "at the level profile it has the classes {}",
                classes.join(", ")
            )
        }
        Scope::Level(_) | Scope::Errors => {
            let levels: Vec<String> = newest.levels.keys().map(u32::to_string).collect();
            format!("it has the levels {}", levels.join(", "))
        }
    };
    Fault::new(
        Code::Usage,
        format!(
            "the newest baseline has no number for {name} at {level:?}; {places}. Choose another with --metric and --level"
        ),
    )
}

/// Why an entry is not compared with the newest.
fn compared(documents: &[Document], at: usize, name: &str) -> std::result::Result<(), String> {
    let (entry, newest) = (&documents[at], &documents[documents.len() - 1]);
    if let Some([field, here, there]) = trials::difference(newest, entry) {
        return Err(format!("{field} is {here}, in the newest {there}"));
    }
    if let (Some(here), Some(there)) = (entry.definitions.get(name), newest.definitions.get(name))
        && here != there
    {
        return Err(format!(
            "{name} is defined as {here}, in the newest as {there}"
        ));
    }
    if trials::place_of(&documents[..at], entry).is_some() {
        return Err("the same run is registered earlier too".to_owned());
    }
    Ok(())
}
