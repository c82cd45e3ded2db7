//! Every number over the registered runs of a measurement, and what changed where it did.

use super::history::{Entry, text};
use super::identity::{changes, in_words};
use super::policy::Policy;
use super::rows;
use crate::document::{Document, arm};
use crate::fault::{Fault, Result, Sub};
use crate::measure::metrics::Kind;
use crate::measure::{Metric, Number};
use crate::stats::changepoint::{MIN_ENTRIES, Search, change_points};
use crate::stats::summary::{mean, std};

/// Of so many values since the last change the noise is known.
const FEWEST: usize = 5;

/// One registered run.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its name in the registry.
    pub slug: String,
    /// When it was registered, as text.
    pub stamp: String,
    /// Whether it is kept to be looked at, and is no baseline.
    pub is_observation: bool,
    /// Engine version, where recorded.
    pub version: Option<String>,
    /// Why its numbers are not compared with those of the newest; none where they are.
    pub excluded: Option<String>,
}

/// A change in one number.
#[derive(Clone, Debug)]
pub struct Change {
    /// The first run after it, by number.
    pub at: usize,
    /// Median before.
    pub before: f64,
    /// Median after.
    pub after: f64,
}

/// One number over all runs.
#[derive(Clone, Debug)]
pub struct Course {
    /// Its metric.
    pub metric: &'static Metric,
    /// Which number of it, and where.
    pub number: Number,
    /// Its value in each run; none where it was not measured or is not compared.
    pub values: Vec<Option<f64>>,
    /// Its changes, in the order of the runs.
    pub changes: Vec<Change>,
    /// The tolerance around the newest baseline, lower end first: what stays within it is no regression and no improvement.
    pub tolerance: Option<[f64; 2]>,
    /// Mean and two standard deviations to either side of the runs since the last change, lower end first.
    pub noise: Option<[f64; 2]>,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The model of the newest run.
    pub model: String,
    /// Every run, oldest first.
    pub runs: Vec<Kept>,
    /// Every number that the newest run has, in the order of the specification.
    pub courses: Vec<Course>,
    /// What changed at a run since the compared one before it, by the number of the run; only where a number changed.
    pub changed: Vec<(usize, String)>,
}

impl Overview {
    /// Of entries, oldest first.
    ///
    /// Faults: no entry, a document that cannot be read.
    pub fn new(entries: &[Entry]) -> Result<Overview> {
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
        let mut runs = Vec::new();
        for (at, document) in documents.iter().enumerate() {
            runs.push(Kept {
                slug: entries[at].slug.clone(),
                stamp: entries[at].stamp.clone(),
                is_observation: document
                    .provenance("observation")
                    .is_some_and(|it| it == true),
                version: text(document, "deployment.vllm_version"),
                excluded: excluded(&documents, at),
            });
        }
        let mut overview = Overview {
            model: newest.model.clone(),
            runs,
            courses: Vec::new(),
            changed: Vec::new(),
        };
        for row in rows::make(newest, newest, &Policy::default()).0 {
            if row.baseline.is_some() {
                let course = overview.course(&documents, row.metric, row.number, row.tolerance);
                overview.courses.push(course);
            }
        }
        overview.name_changes(&documents);
        Ok(overview)
    }

    fn course(
        &self,
        documents: &[Document],
        metric: &'static Metric,
        number: Number,
        tolerance: f64,
    ) -> Course {
        let newest = &documents[documents.len() - 1];
        let (mut values, mut known, mut standing) = (Vec::new(), Vec::new(), None);
        for (at, document) in documents.iter().enumerate() {
            let other = number.name.quantity();
            let other = other.and_then(|quantity| document.other_definition(newest, quantity));
            let value = document.number(&number);
            let value = value.filter(|_| self.runs[at].excluded.is_none() && other.is_none());
            if let Some(value) = value {
                known.push((at, value));
                if !self.runs[at].is_observation {
                    standing = Some(value);
                }
            }
            values.push(value);
        }
        let series: Vec<f64> = known.iter().map(|(_, value)| *value).collect();
        let mut found = Vec::new();
        let mut since = 0;
        for change in change_points(&series, &Search::default()) {
            since = change.index;
            found.push(Change {
                at: known[change.index].0,
                before: change.before,
                after: change.after,
            });
        }
        let around = |value: f64, room: f64| [value - room, value + room];
        let steady = &series[since..];
        let noise = mean(steady).zip(std(steady));
        Course {
            tolerance: standing.map(|value| match metric.kind {
                Kind::Percent => around(value, value * tolerance / 100.0),
                Kind::Absolute => around(value, tolerance),
            }),
            noise: noise
                .filter(|_| steady.len() >= FEWEST)
                .map(|(mean, std)| around(mean, 2.0 * std)),
            metric,
            number,
            values,
            changes: found,
        }
    }

    fn name_changes(&mut self, documents: &[Document]) {
        for (at, document) in documents.iter().enumerate() {
            let here = |course: &Course| course.changes.iter().any(|change| change.at == at);
            let before = (0..at)
                .rev()
                .find(|before| self.runs[*before].excluded.is_none());
            if let Some(before) = before.filter(|_| self.courses.iter().any(here)) {
                let words = match in_words(&changes(&documents[before], document)) {
                    words if words.is_empty() => "nothing that is recorded changed".to_owned(),
                    words => words,
                };
                self.changed.push((at, words));
            }
        }
    }

    /// Whether there are enough runs for a search for changes.
    pub fn is_searched(&self) -> bool {
        let compared = self.runs.iter().filter(|run| run.excluded.is_none());
        compared.count() >= MIN_ENTRIES
    }
}

/// Why a run is not compared with the newest.
fn excluded(documents: &[Document], at: usize) -> Option<String> {
    let (entry, newest) = (&documents[at], &documents[documents.len() - 1]);
    if let Some([field, here, there]) = arm::difference(newest, entry) {
        return Some(format!("{field} is {here}, in the newest {there}"));
    }
    arm::place_of(&documents[..at], entry)
        .map(|_| "the same run is registered earlier too".to_owned())
}
