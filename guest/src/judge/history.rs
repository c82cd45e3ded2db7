//! One number over the registered baselines of a measurement, and where it changed.

use super::rows::delta;
use crate::document::{Document, trials};
use crate::fault::{Code, Fault, Result};
use crate::fields;
use crate::json::{put, real, word};
use crate::measure::metrics::{self, HEADLINE, KERNEL_CLASS, Metric, Scope};
use crate::stats::changepoint::{ChangePoint, MIN_ENTRIES, Search, change_points};
use serde_json::{Map, Value};

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
        let mut documents = Vec::new();
        for entry in entries {
            documents.push(Document::parse(&entry.slug, &entry.json)?);
        }
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
        let mut points = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let document = &documents[at];
            let number = match excluded(&documents, at, name) {
                Some(why) => Err(why),
                None => value(document, metric, name, &level)
                    .ok_or_else(|| "it has no such number".to_owned()),
            };
            points.push(Point {
                slug: entry.slug.clone(),
                stamp: entry.stamp.clone(),
                version: text(document, "deployment.vllm_version"),
                commit: text(document, "context.vllm_commit"),
                value: number,
            });
        }
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
        let (mut entries, mut excluded) = (Vec::new(), Vec::new());
        for point in &self.points {
            let mut map = point.to_map();
            match &point.value {
                Ok(value) => {
                    let [delta, percent] = delta(before, Some(*value));
                    before = Some(*value);
                    put(&mut map, "value", real(before));
                    put(&mut map, "delta", real(delta));
                    put(&mut map, "delta_pct", real(percent));
                    entries.push(Value::Object(map));
                }
                Err(why) => {
                    put(&mut map, "reason", word(Some(why)));
                    excluded.push(Value::Object(map));
                }
            }
        }
        let mut changes = Vec::new();
        let compared: Vec<(&Point, f64)> = self.compared().collect();
        for change in &self.changes {
            let mut map = compared[change.index].0.to_map();
            put(&mut map, "before", real(Some(change.before)));
            put(&mut map, "after", real(Some(change.after)));
            put(&mut map, "p_value", real(Some(change.p_value)));
            changes.push(Value::Object(map));
        }
        let mut map = Map::new();
        put(&mut map, "schema", word(Some(SCHEMA)));
        put(&mut map, "model", word(Some(&self.model)));
        put(&mut map, "metric", word(Some(&self.name)));
        put(&mut map, "level", word(Some(&self.level)));
        put(&mut map, "unit", word(Some(self.metric.unit)));
        put(&mut map, "entries", entries.into());
        put(&mut map, "excluded", excluded.into());
        put(&mut map, "searched", self.is_searched().into());
        put(&mut map, "change_points", changes.into());
        crate::document::to_json(&map)
    }
}

impl Point {
    #[inline(never)]
    fn to_map(&self) -> Map<String, Value> {
        let mut map = Map::new();
        put(&mut map, "slug", word(Some(&self.slug)));
        put(&mut map, "stamp", word(Some(&self.stamp)));
        put(&mut map, "version", word(self.version.as_deref()));
        put(&mut map, "commit", word(self.commit.as_deref()));
        map
    }
}

fn number(point: &Point) -> Option<f64> {
    point.value.as_ref().ok().copied()
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
            document.levels.get(&level.parse().ok()?)?.number(name)
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
fn excluded(documents: &[Document], at: usize, name: &str) -> Option<String> {
    let (entry, newest) = (&documents[at], &documents[documents.len() - 1]);
    let differs = trials::difference(newest, entry).or_else(|| {
        let here = entry.definitions.get(name)?;
        let there = newest
            .definitions
            .get(name)
            .filter(|there| *there != here)?;
        Some([format!("definitions.{name}"), here.clone(), there.clone()])
    });
    if let Some([field, here, there]) = differs {
        return Some(format!("{field} is {here}, in the newest {there}"));
    }
    trials::place_of(&documents[..at], entry)
        .map(|_| "the same run is registered earlier too".to_owned())
}
