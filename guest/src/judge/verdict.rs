//! From rows to one verdict: the first rule that applies.

use super::identity::Identity;
use super::row::Row;
pub use super::rule::{Rule, Verdict};
use super::status::Status;
use crate::document::{Cell, Document, Numbers};
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics::{Family, HEADLINE};
use crate::measure::{Number, Place};
use std::collections::BTreeSet;

/// An error rate above this share makes a level sick whatever the baseline's is.
pub const SICK_ERROR_RATE: f64 = 0.10;

/// The rule that decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// The rule, which has the verdict.
    pub rule: Rule,
    /// The rule in one sentence, with the numbers of this case.
    pub reason: String,
}

/// What the rules look at.
pub struct Case<'a> {
    /// The baseline.
    pub baseline: &'a Document,
    /// The current run.
    pub current: &'a Document,
    /// All rows.
    pub rows: &'a [Row],
    /// The identities.
    pub identity: &'a Identity,
    /// The number that decides first.
    pub headline: &'a Number,
    /// Findings so far.
    pub findings: &'a [Finding],
}

impl Case<'_> {
    /// Applies the rules in the order of their table.
    pub fn decide(&self) -> Ruling {
        let applies = |rule: &Rule| {
            let reason = self.applies(*rule)?;
            Some(Ruling {
                rule: *rule,
                reason,
            })
        };
        let first = Rule::ALL.iter().find_map(applies);
        // The last rule always applies.
        first.unwrap_or_else(|| Ruling {
            rule: Rule::None,
            reason: String::new(),
        })
    }

    /// Why a rule applies; `None` where it does not.
    fn applies(&self, rule: Rule) -> Option<String> {
        match rule {
            Rule::NotComparable => self.not_comparable(),
            Rule::FailedLevel => self.failed_level(),
            Rule::NothingComparable => self.nothing_comparable(),
            Rule::Headline => self.headline(),
            Rule::Many => self.many(),
            Rule::HeadlineUnmeasured => self.headline_unmeasured(),
            Rule::Localized => self.localized(),
            Rule::Few => self.few(),
            Rule::Unresolved => self.unresolved(),
            Rule::Unhealthy => self.unhealthy(),
            Rule::Lost => self.lost(),
            Rule::None => {
                Some("no judged metric is beyond its tolerance in the adverse direction".to_owned())
            }
        }
    }

    fn not_comparable(&self) -> Option<String> {
        let fields = &self.identity.mismatched;
        (!fields.is_empty()).then(|| {
            format!(
                "the two runs did not measure the same thing: they differ in {}",
                fields.join(", ")
            )
        })
    }

    fn failed_level(&self) -> Option<String> {
        self.common_cells().find_map(|(place, baseline, current)| {
            let at = place.words();
            if some_succeeded(baseline) && none_succeeded(current) {
                return Some(format!(
                    "at {at} no request succeeded, in the baseline some did"
                ));
            }
            let rate = current
                .error_rate()
                .filter(|rate| *rate > SICK_ERROR_RATE)?;
            // Against a baseline that does not say how many requests it ran, the errors are counted instead.
            let is_of_errors = |row: &&Row| row.metric.family == Family::Errors;
            let mut here = self.rows.iter().filter(|row| row.number.place == place);
            let row = here.find(is_of_errors)?;
            (row.status == Status::Regressed)
                .then(|| format!("at {at} {:.1} % of the requests failed", 100.0 * rate))
        })
    }

    fn nothing_comparable(&self) -> Option<String> {
        (!self.rows.iter().any(Row::is_judged_performance))
            .then(|| "no throughput and no latency could be compared".to_owned())
    }

    fn headline(&self) -> Option<String> {
        let row = self
            .headline_row()
            .filter(|row| row.status == Status::Regressed)?;
        Some(format!(
            "{} at {} changed by {:+.1} %, tolerance {} %",
            row.name(),
            row.number.place.words(),
            row.delta_pct.unwrap_or_default(),
            row.tolerance
        ))
    }

    fn many(&self) -> Option<String> {
        let regressed = self.regressed();
        (regressed.len() >= 3 && !of_one_cell(&regressed)).then(|| {
            format!(
                "{} metrics are beyond their tolerance, and not all of one concurrency level",
                regressed.len()
            )
        })
    }

    fn headline_unmeasured(&self) -> Option<String> {
        let why = match self.headline_row() {
            None => "is missing",
            Some(row) if row.status == Status::Unreliable => "is an artefact of measuring",
            Some(row) if row.current.is_none() => "was not measured in the current run",
            Some(row) if row.status == Status::DefinitionMismatch => {
                "is not the same quantity on both sides"
            }
            Some(_) => return None,
        };
        Some(format!(
            "the headline, {} at {}, {why}",
            HEADLINE.name(),
            self.headline.place.words()
        ))
    }

    fn localized(&self) -> Option<String> {
        let regressed = self.regressed();
        (regressed.len() >= 3).then(|| {
            format!(
                "{} metrics are beyond their tolerance, all of {}",
                regressed.len(),
                regressed[0].number.place.words()
            )
        })
    }

    fn few(&self) -> Option<String> {
        let regressed = self.regressed();
        let names: Vec<String> = regressed
            .iter()
            .map(|row| format!("{} at {}", row.name(), row.level()))
            .collect();
        (!regressed.is_empty()).then(|| format!("beyond tolerance: {}", names.join(", ")))
    }

    fn unresolved(&self) -> Option<String> {
        let rows: Vec<&Row> = self.with(Status::Unresolved).collect();
        let first = rows.first()?;
        let trials = rows.iter().filter_map(|row| row.known.trials_needed).max();
        let settle = match trials {
            Some(trials) => format!("; {trials} trials a side would settle it"),
            None => String::new(),
        };
        Some(format!(
            "{} row{} beyond tolerance but inside the noise, first {} at {}{settle}",
            rows.len(),
            if rows.len() == 1 { " is" } else { "s are" },
            first.name(),
            first.level()
        ))
    }

    fn unhealthy(&self) -> Option<String> {
        self.common_cells().find_map(|(place, _, current)| {
            let rate = current.error_rate().filter(|rate| *rate > SICK_ERROR_RATE)?;
            Some(format!(
                "at {} {:.1} % of the requests failed, as in the baseline; the latencies are those of the survivors",
                place.words(),
                100.0 * rate
            ))
        })
    }

    fn lost(&self) -> Option<String> {
        let mut places = self.baseline.cell_places();
        if let Some(place) = places.find(|place| self.current.cell(*place).is_none()) {
            return Some(format!(
                "the baseline has {}, the current run does not",
                place.words()
            ));
        }
        if let Some((place, trial)) = self.lost_in_a_trial() {
            return Some(format!(
                "the baseline has {}, trial {trial} of the current run does not",
                place.words()
            ));
        }
        let lost = self
            .findings
            .iter()
            .find(|finding| finding.code == FindingCode::LostMeasurement)?;
        let what = lost.place.text();
        Some(format!(
            "the current run lost {}",
            what.as_deref().unwrap_or("a measurement")
        ))
    }

    /// A place of the baseline that one of several runs lacks: the median of the others hides it.
    fn lost_in_a_trial(&self) -> Option<(Place, usize)> {
        self.baseline.cell_places().find_map(|place| {
            let lacks = |run: &Numbers| !run.keys().any(|number| number.place == place);
            let at = self.current.trials.iter().position(lacks)?;
            Some((place, at + 1))
        })
    }

    fn headline_row(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.number == *self.headline)
    }

    fn with(&self, status: Status) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.status == status)
    }

    fn regressed(&self) -> Vec<&Row> {
        self.with(Status::Regressed).collect()
    }

    fn common_cells(&self) -> impl Iterator<Item = (Place, &Cell, &Cell)> {
        let both = |(place, baseline)| Some((place, baseline, self.current.cell(place)?));
        self.baseline.cells().filter_map(both)
    }
}

fn of_one_cell(rows: &[&Row]) -> bool {
    let places: BTreeSet<Place> = rows.iter().map(|row| row.number.place).collect();
    places.len() == 1 && places.iter().all(|place| place.is_cell())
}

fn some_succeeded(cell: &Cell) -> bool {
    match cell.succeeded() {
        Some(succeeded) => succeeded > 0.0,
        None => cell
            .get(HEADLINE)
            .is_some_and(|throughput| throughput > 0.0),
    }
}

fn none_succeeded(cell: &Cell) -> bool {
    match cell.succeeded() {
        Some(succeeded) => succeeded == 0.0,
        None => cell.get(HEADLINE) == Some(0.0),
    }
}
