//! One number over the registered baselines of a measurement, and where it changed.

use super::identity::{changes, in_words};
use super::policy::Policy;
use super::row::{delta, of_number};
use super::rows;
use crate::document::{Document, arm};
use crate::fault::{Fault, Result, Sub};
use crate::fields;
use crate::json::{put, real, word};
use crate::measure::metrics::{HEADLINE, Kind};
use crate::measure::quantity::Stands;
use crate::measure::{Metric, Name, Number, Place, shown};
use crate::stats::changepoint::{ChangePoint, MIN_ENTRIES, Search, change_points};
use crate::stats::summary::{mean, std};
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
    /// Whether it is kept to be looked at, and is no baseline.
    pub is_observation: bool,
    /// What changed since the compared entry before it, in words; empty where nothing did that is recorded.
    pub changed: String,
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
    /// Which number of it, and where.
    pub number: Number,
    /// All entries, oldest first.
    pub points: Vec<Point>,
    /// Changes; `index` counts the compared entries only.
    pub changes: Vec<ChangePoint>,
    /// The tolerance around the newest baseline, lower end first: what stays within it is no regression and no improvement.
    pub tolerance: Option<[f64; 2]>,
    /// Mean and two standard deviations to either side of the entries since the last change, lower end first.
    pub noise: Option<[f64; 2]>,
}

/// Of so many values since the last change the noise is known.
const FEWEST: usize = 5;

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
            return Err(Fault::because(
                Sub::TooFewRuns,
                "found no baseline; expected at least one. Record one first",
            ));
        };
        let written = metric.unwrap_or(HEADLINE.name());
        let known = Name::written(written).and_then(|name| Some((name.metric()?, name)));
        let (metric, name) = known.ok_or_else(|| super::tolerance::unknown_metric(written))?;
        let place = match level {
            Some(text) => text.parse().ok(),
            None => Some(usual_place(metric, newest)),
        };
        let number = place.map(|place| Number {
            place,
            name: name.clone(),
        });
        let number = number.filter(|number| newest.number(number).is_some());
        let Some(number) = number else {
            let asked = level.map_or_else(|| usual_place(metric, newest).key(), str::to_owned);
            return Err(missing(newest, metric, &name, &asked));
        };
        let mut points = Vec::new();
        let (mut before, mut standing): (Option<&Document>, _) = (None, None);
        for (at, entry) in entries.iter().enumerate() {
            let document = &documents[at];
            let value = match excluded(&documents, at, &number.name) {
                Some(why) => Err(why),
                None => document
                    .number(&number)
                    .ok_or_else(|| "it has no such number".to_owned()),
            };
            let observation = document.provenance("observation");
            let is_observation = observation.is_some_and(|it| it == true);
            let mut changed = String::new();
            if let Ok(value) = value {
                if let Some(before) = before.replace(document) {
                    changed = in_words(&changes(before, document));
                }
                if !is_observation {
                    standing = Some(value);
                }
            }
            points.push(Point {
                is_observation,
                changed,
                slug: entry.slug.clone(),
                stamp: entry.stamp.clone(),
                version: text(document, "deployment.vllm_version"),
                commit: text(document, "context.vllm_commit"),
                value,
            });
        }
        let mut report = Report {
            model: newest.model.clone(),
            metric,
            number,
            points,
            changes: Vec::new(),
            tolerance: None,
            noise: None,
        };
        let series: Vec<f64> = report.compared().map(|(_, value)| value).collect();
        report.changes = change_points(&series, &Search::default());
        let since = report.changes.last().map_or(0, |change| change.index);
        report.bands(&series[since..], standing, newest);
        Ok(report)
    }

    /// The bands around the newest baseline's value and around the values since the last change.
    fn bands(&mut self, steady: &[f64], standing: Option<f64>, newest: &Document) {
        let around = |value: f64, room: f64| [value - room, value + room];
        if let Some((mean, std)) = mean(steady).zip(std(steady))
            && steady.len() >= FEWEST
        {
            self.noise = Some(around(mean, 2.0 * std));
        }
        let rows = rows::make(newest, newest, &Policy::default()).0;
        if let Some((value, row)) = standing.zip(of_number(&rows, &self.number)) {
            self.tolerance = Some(around(
                value,
                match self.metric.kind {
                    Kind::Percent => value * row.tolerance / 100.0,
                    Kind::Absolute => row.tolerance,
                },
            ));
        }
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
                    let unit = self.metric.unit();
                    put(&mut map, "shown", word(Some(&shown::of_unit(before, unit))));
                    let change = shown::change(self.metric, delta, percent);
                    put(&mut map, "change", word(Some(&change)));
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
            let point = compared[change.index].0;
            let mut map = point.to_map();
            put(&mut map, "before", real(Some(change.before)));
            put(&mut map, "after", real(Some(change.after)));
            put(&mut map, "p_value", real(Some(change.p_value)));
            put(&mut map, "changed", word(Some(&point.changed)));
            let unit = self.metric.unit();
            let [before, after] =
                [change.before, change.after].map(|value| shown::of_unit(Some(value), unit));
            put(
                &mut map,
                "shown",
                word(Some(&format!("{before} -> {after}"))),
            );
            changes.push(Value::Object(map));
        }
        let mut map = Map::new();
        put(&mut map, "schema", word(Some(SCHEMA)));
        put(&mut map, "model", word(Some(&self.model)));
        put(
            &mut map,
            "metric",
            word(Some(&self.number.name.to_string())),
        );
        put(&mut map, "level", word(Some(&self.number.place.key())));
        put(&mut map, "unit", word(Some(self.metric.unit().as_str())));
        put(&mut map, "entries", entries.into());
        put(&mut map, "excluded", excluded.into());
        let band = |ends: Option<[f64; 2]>| {
            let ends = ends.map(|ends| ends.map(Value::from).to_vec());
            ends.map_or(Value::Null, Value::Array)
        };
        put(&mut map, "tolerance", band(self.tolerance));
        put(&mut map, "noise", band(self.noise));
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
        put(&mut map, "observation", self.is_observation.into());
        map
    }
}

fn number(point: &Point) -> Option<f64> {
    point.value.as_ref().ok().copied()
}

fn text(document: &Document, path: &str) -> Option<String> {
    fields::get(&document.map, path).map(fields::plain)
}

/// Where the number of a metric is looked for when nobody says it.
fn usual_place(metric: &Metric, newest: &Document) -> Place {
    match metric.quantity.stands() {
        Stands::Server => Place::Server,
        Stands::Class | Stands::Top => Place::Profile,
        Stands::Cell | Stands::Judged | Stands::Making => newest.headline(),
    }
}

fn missing(newest: &Document, metric: &Metric, name: &Name, level: &str) -> Fault {
    let places = match metric.quantity.stands() {
        Stands::Server => "it stands at the level server".to_owned(),
        Stands::Top => "it stands at the level profile".to_owned(),
        Stands::Class => {
            let shares = newest.cell(Place::Profile).into_iter();
            let names = shares.flat_map(|cell| cell.numbers.keys());
            let class = |name: &Name| match name {
                Name::Class(class) => Some(class.clone()),
                _ => None,
            };
            let classes: Vec<String> = names.filter_map(class).collect();
            format!(
                "at the level profile it has the classes {}",
                classes.join(", ")
            )
        }
        Stands::Cell | Stands::Judged | Stands::Making => {
            let levels: Vec<String> = newest.cell_places().map(Place::key).collect();
            format!("it has the levels {}", levels.join(", "))
        }
    };
    Fault::because(
        Sub::SeriesUnmeasured,
        format!(
            "the newest baseline has no number for {name} at {level:?}; {places}. Choose another metric or place"
        ),
    )
}

/// Why an entry is not compared with the newest.
fn excluded(documents: &[Document], at: usize, name: &Name) -> Option<String> {
    let (entry, newest) = (&documents[at], &documents[documents.len() - 1]);
    let differs = arm::difference(newest, entry).or_else(|| {
        let quantity = name.quantity()?;
        let [name, here, there] = entry.other_definition(newest, quantity)?;
        Some([format!("definitions.{name}"), here, there])
    });
    if let Some([field, here, there]) = differs {
        return Some(format!("{field} is {here}, in the newest {there}"));
    }
    arm::place_of(&documents[..at], entry)
        .map(|_| "the same run is registered earlier too".to_owned())
}
