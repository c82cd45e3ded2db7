//! From rows to one verdict: the first rule that applies.

use super::contradiction::{declared, invalid};
use super::failures::more_fail;
use super::identity::Identity;
use super::observations::{Observations, severe};
use super::reliability::{SIDES, same_run};
use super::row::{Row, beyond, of_number};
pub use super::rule::{Rule, Verdict};
use super::runs::fewer_have;
use super::status::Status;
use super::tolerance::in_words;
use crate::document::{Cell, Document, Numbers};
use crate::finding::{self, Finding, FindingCode};
use crate::measure::metrics::HEADLINE;
use crate::measure::validity::{Weight, weight};
use crate::measure::{Number, Place, Quantity};
use crate::stats::creep::Creep;

/// The error rate of the headline's place may be worse by this much before it is severe.
const SEVERE_ERROR_RATE: f64 = 0.05;

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
    /// A small but sure loss over all levels.
    pub creep: Option<Creep>,
    /// Trials a side that would settle what is unresolved, in words.
    pub settle: &'a str,
    /// Findings so far.
    pub findings: &'a [Finding],
    /// Numbers that are left out of the question, by a waiver.
    pub waived: &'a [Number],
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
            Rule::SameRun => self.same_run(),
            Rule::FailedLevel => self.failed_level(),
            Rule::InvalidRun => self.invalid_run(),
            Rule::NothingComparable => self.nothing_comparable(),
            Rule::Headline => self.headline(),
            Rule::Severe => self.severe(),
            Rule::Many => self.many(),
            Rule::HeadlineUnmeasured => self.headline_unmeasured(),
            Rule::Localized => self.localized(),
            Rule::Few => self.few(),
            Rule::Unresolved => self.unresolved(),
            Rule::Uneven => self.uneven(),
            Rule::Unhealthy => self.unhealthy(),
            Rule::Creep => self.creep(),
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

    fn same_run(&self) -> Option<String> {
        let shared = |place: Place| same_run([self.baseline, self.current], place);
        let common: Vec<Place> = self.common_cells().map(|(place, _)| place).collect();
        let at_headline = common.contains(&self.headline.place) && shared(self.headline.place);
        let everywhere = !common.is_empty() && common.iter().all(|place| shared(*place));
        if !at_headline && !everywhere {
            return None;
        }
        let at = if everywhere {
            "every common place".to_owned()
        } else {
            self.headline.place.words()
        };
        Some(format!(
            "{at} is one and the same run on both sides: a run compared with itself says nothing"
        ))
    }

    fn invalid_run(&self) -> Option<String> {
        let place = self.headline.place;
        let sides = SIDES.iter().zip([self.baseline, self.current]);
        sides.into_iter().find_map(|(name, side)| {
            if let Some(why) = declared(&side.validity) {
                return Some(format!("the {name} cannot be judged: {why}"));
            }
            let (_, why) = invalid(side, place, side.cell(place)?)?;
            Some(format!(
                "the {name} cannot be judged at {}: {why}",
                place.words()
            ))
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
            "{} at {} changed by {:+.1} %{}, tolerance {} %",
            row.name(),
            row.number.place.words(),
            row.change().unwrap_or_default(),
            how(row),
            row.tolerance
        ))
    }

    fn severe(&self) -> Option<String> {
        if let Some(rows) = severe(self.rows, self.findings) {
            let names: Vec<String> = rows.iter().map(|row| changed(row)).collect();
            return Some(format!(
                "beyond 5 times the default tolerance: {}",
                names.join(", ")
            ));
        }
        let place = self.headline.place;
        let (baseline, current) = (self.baseline.cell(place)?, self.current.cell(place)?);
        let rates = [baseline.error_rate()?, current.error_rate()?];
        let is_waived = self
            .waived
            .contains(&Number::new(Quantity::ErrorRate, place));
        let worse = beyond(rates[1] - rates[0], SEVERE_ERROR_RATE)
            && more_fail(baseline, current)
            && !is_waived;
        worse.then(|| {
            format!(
                "at {} the error rate went from {:.1} % to {:.1} %",
                place.words(),
                100.0 * rates[0],
                100.0 * rates[1]
            )
        })
    }

    fn many(&self) -> Option<String> {
        let regressed = self.regressed();
        let count = regressed.counted.len();
        (count >= 3 && regressed.place().is_none()).then(|| {
            format!("{count} metrics are beyond their tolerance, and not all of one single place")
        })
    }

    fn headline_unmeasured(&self) -> Option<String> {
        let row = self.headline_row();
        let because = |row: &Row| row.because.clone().unwrap_or_default();
        let why = match row {
            None => "is missing".to_owned(),
            Some(row) => match row.status {
                Status::Unreliable => format!("is an artefact of measuring ({})", because(row)),
                Status::DefinitionMismatch => {
                    format!("is not the same quantity on both sides ({})", because(row))
                }
                _ if row.current.is_none() && row.baseline.is_none() => {
                    "was measured on neither side".to_owned()
                }
                _ if row.current.is_none() => "was not measured in the current run".to_owned(),
                _ if row.baseline.is_none() => "was not measured in the baseline".to_owned(),
                _ => self.in_some_trials()?,
            },
        };
        Some(format!(
            "the headline, {} at {}, {why}",
            HEADLINE.name(),
            self.headline.place.words()
        ))
    }

    /// A median of the trials that have a number hides those that have none. In the baseline 0 is none: a yardstick of
    /// nothing.
    fn in_some_trials(&self) -> Option<String> {
        let sides = SIDES.iter().zip([self.baseline, self.current]);
        sides
            .into_iter()
            .enumerate()
            .find_map(|(at, (name, side))| {
                let usable = |value: &f64| at == 1 || *value != 0.0;
                let has = |run: &&Numbers| run.get(self.headline).is_some_and(usable);
                let (have, all) = (side.trials.iter().filter(has).count(), side.trials.len());
                (have < all)
                    .then(|| format!("was measured in only {have} of {all} trials of the {name}"))
            })
    }

    fn localized(&self) -> Option<String> {
        let regressed = self.regressed();
        let place = regressed.place()?;
        (regressed.counted.len() >= 3).then(|| {
            format!(
                "{} metrics are beyond their tolerance, all of {}",
                regressed.counted.len(),
                place.words()
            )
        })
    }

    fn few(&self) -> Option<String> {
        let regressed = self.regressed();
        let names: Vec<String> = regressed.rows().map(|row| in_words(&row.number)).collect();
        (regressed.count() > 0).then(|| format!("beyond tolerance: {}", names.join(", ")))
    }

    fn unresolved(&self) -> Option<String> {
        let rows: Vec<&Row> = self.with(Status::Unresolved).collect();
        let first = rows.first()?;
        let (count, are) = match rows.len() {
            1 => ("1 row".to_owned(), "is"),
            several => (format!("{several} rows"), "are"),
        };
        let why = match &first.because {
            Some(because) => format!("cannot be called a regression ({because})"),
            None => "inside the noise".to_owned(),
        };
        Some(format!(
            "{count} {are} beyond tolerance but {why}, first {}{}",
            in_words(&first.number),
            self.settle
        ))
    }

    fn uneven(&self) -> Option<String> {
        let slow = self.found(FindingCode::TrialSlow)?;
        let which = slow.place.text().unwrap_or_default();
        Some(format!("{which}: {}", slow.message))
    }

    pub(super) fn creep(&self) -> Option<String> {
        if let Some(creep) = &self.creep {
            return Some(format!(
                "{} changed by {:+.1} % over {} levels together, more than half of its tolerance (p {:.4})",
                HEADLINE.name(),
                creep.change,
                creep.levels,
                creep.p_value
            ));
        }
        Some(self.found(FindingCode::Ratchet)?.message.clone())
    }

    pub(super) fn lost(&self) -> Option<String> {
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
        if let Some(lost) = self.found(FindingCode::LostMeasurement) {
            let what = lost.place.text();
            return Some(format!(
                "the current run lost {}: {}",
                what.as_deref().unwrap_or("a measurement"),
                lost.message
            ));
        }
        let found = told(self.current, FindingCode::IncompleteRun).map(|cut| cut.message.clone());
        // A document of another writer has the tool's statement alone.
        let why = found.or_else(|| cut_short(self.current))?;
        Some(format!("the current run was cancelled or cut short: {why}"))
    }

    /// A place of the baseline that one of several runs lacks: the median of the others hides it.
    fn lost_in_a_trial(&self) -> Option<(Place, usize)> {
        self.baseline.cell_places().find_map(|place| {
            let has = |run: &Numbers| run.keys().any(|number| number.place == place);
            fewer_have([self.baseline, self.current], &has)?;
            let at = self.current.trials.iter().position(|run| !has(run))?;
            Some((place, at + 1))
        })
    }

    fn headline_row(&self) -> Option<&Row> {
        of_number(self.rows, self.headline)
    }

    fn with(&self, status: Status) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.status == status)
    }

    fn regressed(&self) -> Observations<'_> {
        Observations::of(self.rows)
    }

    /// A finding of the comparison.
    pub(super) fn found(&self, code: FindingCode) -> Option<&Finding> {
        finding::first(self.findings, code)
    }

    pub(super) fn common_cells(&self) -> impl Iterator<Item = (Place, [&Cell; 2])> {
        self.baseline.common_cells(self.current)
    }
}

/// What was noticed while a side's bundle was read.
pub(super) fn told(side: &Document, code: FindingCode) -> Option<&Finding> {
    finding::first(&side.findings, code)
}

fn changed(row: &Row) -> String {
    let (number, change) = (in_words(&row.number), &row.shown.change);
    format!("{number} {change}{}", how(row))
}

/// What is said behind a change that is not that of the two numbers.
fn how(row: &Row) -> &'static str {
    row.known.paired_change.map_or("", |_| " inside the pairs")
}

/// What the tool says of a run that it did not finish, of all of it or of one place.
fn cut_short(side: &Document) -> Option<String> {
    let cells = side.cells().flat_map(|(_, cell)| &cell.validity);
    let mut said = side.validity.iter().chain(cells);
    said.find(|statement| weight(statement) == Weight::CutShort)
        .cloned()
}
