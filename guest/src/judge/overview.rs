//! Every number over the registered runs of a measurement, and what changed where it did.

use super::history::{Entry, Report};
use super::identity::{changes, in_words};
use super::policy::Policy;
use super::rows;
use crate::document::Document;
use crate::fault::{Fault, Result, Sub};
use crate::measure::metrics::Kind;
use crate::stats::summary::{mean, std};

/// Of so many values since the last change the noise is known.
const FEWEST: usize = 5;
/// So many of the newest entries are looked at.
const MOST: usize = 120;

/// One number over all runs.
#[derive(Clone, Debug)]
pub struct Course {
    /// Its values, and where they change.
    pub report: Report,
    /// The tolerance around the newest baseline, lower end first: what stays within it is no regression and no improvement.
    pub tolerance: Option<[f64; 2]>,
    /// Mean and two standard deviations to either side of the runs since the last change, lower end first.
    pub noise: Option<[f64; 2]>,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Of each run, oldest first, whether it is kept to be looked at, and is no baseline.
    pub observed: Vec<bool>,
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
        let entries = &entries[entries.len().saturating_sub(MOST)..];
        let (mut documents, mut observed) = (Vec::new(), Vec::new());
        for entry in entries {
            let document = Document::parse(&entry.slug, &entry.json)?;
            observed.push(
                document
                    .provenance("observation")
                    .is_some_and(|it| it == true),
            );
            documents.push(document);
        }
        let Some(newest) = documents.last() else {
            return Err(Fault::because(
                Sub::TooFewRuns,
                "found no baseline; expected at least one. Record one first",
            ));
        };
        let mut overview = Overview {
            observed,
            courses: Vec::new(),
            changed: Vec::new(),
        };
        for row in rows::make(newest, newest, &Policy::default()).0 {
            if row.baseline.is_some() {
                let report = Report::of(&documents, entries, row.metric, row.number);
                let course = overview.course(report, row.tolerance);
                overview.courses.push(course);
            }
        }
        overview.name_changes(&documents);
        Ok(overview)
    }

    fn course(&self, report: Report, tolerance: f64) -> Course {
        let since = report.changes.last().map_or(0, |change| change.index);
        let (mut steady, mut standing) = (Vec::new(), None);
        let mut count = 0;
        for (point, observed) in report.points.iter().zip(&self.observed) {
            let Ok(value) = point.value else { continue };
            if count >= since {
                steady.push(value);
            }
            count += 1;
            if !observed {
                standing = Some(value);
            }
        }
        let around = |value: f64, room: f64| [value - room, value + room];
        let noise = mean(&steady).zip(std(&steady));
        Course {
            tolerance: standing.map(|value| match report.metric.kind {
                Kind::Percent => around(value, value * tolerance / 100.0),
                Kind::Absolute => around(value, tolerance),
            }),
            noise: noise
                .filter(|_| steady.len() >= FEWEST)
                .map(|(mean, std)| around(mean, 2.0 * std)),
            report,
        }
    }

    fn name_changes(&mut self, documents: &[Document]) {
        for at in 1..documents.len() {
            // The first number that changes here, and the run that it had before.
            let mut all = self.courses.iter();
            let changed = all.find_map(|Course { report, .. }| {
                let mut changes = report.changes.iter();
                changes.find(|change| report.place_of(change) == at)?;
                (0..at).rev().find(|at| report.points[*at].value.is_ok())
            });
            if let Some(before) = changed {
                let mut words = in_words(&changes(&documents[before], &documents[at]));
                if words.is_empty() {
                    words += "nothing that is recorded changed";
                }
                self.changed.push((at, words));
            }
        }
    }
}
