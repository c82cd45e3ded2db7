//! Makes the rows: one for each judged metric and place of either side.

use super::policy::Policy;
use super::reliability;
use super::row::Row;
use super::status::Status;
use crate::document::{Cell, Document};
use crate::finding::{Finding, FindingCode};
use crate::measure::quantity::Stands;
use crate::measure::{METRICS, Metric, Name, Number, Place, Quantity, metrics};
use std::collections::BTreeSet;

/// All rows, by place, and what was noticed while they were made.
pub fn make(baseline: &Document, current: &Document, policy: &Policy) -> (Vec<Row>, Vec<Finding>) {
    let mut making = Making {
        baseline,
        current,
        policy,
        rows: Vec::new(),
        findings: Vec::new(),
    };
    let places = baseline.cell_places().chain(current.cell_places());
    for place in places.collect::<BTreeSet<_>>() {
        match (baseline.cell(place), current.cell(place)) {
            (Some(baseline), Some(current)) => making.common(place, baseline, current),
            (baseline, current) => making.unmatched(place, baseline, current),
        }
    }
    making.server();
    making.profile();
    (making.rows, making.findings)
}

struct Making<'a> {
    baseline: &'a Document,
    current: &'a Document,
    policy: &'a Policy,
    rows: Vec<Row>,
    findings: Vec<Finding>,
}

impl Making<'_> {
    fn common(&mut self, place: Place, baseline: &Cell, current: &Cell) {
        let coalesced = reliability::coalesced(place, baseline, current, &mut self.findings);
        for metric in metrics::of_cells() {
            let mut row = self.row_at(metric, place);
            if row.status == Status::NullLegacyBaseline {
                self.note_lost(&row);
            } else if self.defined_differently(metric.quantity) {
                row.status = Status::DefinitionMismatch;
            } else if reliability::unreliable(
                metric,
                place,
                [baseline, current],
                coalesced,
                &mut self.findings,
            ) {
                row.status = Status::Unreliable;
            }
            self.note_lost_by_trials(&row);
            self.rows.push(row);
        }
        self.errors(place, baseline, current);
    }

    /// The error rate, or the number of errors where the number of requests is not known.
    fn errors(&mut self, place: Place, baseline: &Cell, current: &Cell) {
        let rates = [baseline, current].map(Cell::error_rate);
        let quantity = match rates {
            [Some(_), Some(_)] => Quantity::ErrorRate,
            _ => Quantity::Errors,
        };
        if let Some(metric) = Metric::of(quantity) {
            let row = self.row_at(metric, place);
            if row.status == Status::NullLegacyBaseline {
                self.note_lost(&row);
            }
            self.rows.push(row);
        }
    }

    /// A median of two runs, where three were given, hides the run that did not get so far.
    fn note_lost_by_trials(&mut self, row: &Row) {
        let (Some(_), Some(_), trials) = (row.baseline, row.current, &self.current.trials) else {
            return;
        };
        let with = trials.iter().filter(|run| run.contains_key(&row.number));
        let have = with.count();
        if have < trials.len() {
            let message = format!(
                "only {have} of {} trials of the current run have a number",
                trials.len()
            );
            self.findings.push(Finding::new(
                FindingCode::LostMeasurement,
                row.number.clone(),
                message,
            ));
        }
    }

    fn unmatched(&mut self, place: Place, baseline: Option<&Cell>, current: Option<&Cell>) {
        let side = baseline.or(current);
        let errors = match side.and_then(Cell::error_rate) {
            Some(_) => Quantity::ErrorRate,
            None => Quantity::Errors,
        };
        let judged = METRICS
            .iter()
            .filter(|metric| metric.is_performance() || metric.quantity == errors);
        for metric in judged {
            let row = self.row_at(metric, place);
            self.rows.push(Row {
                status: Status::UnmatchedLevel,
                ..row
            });
        }
        let missing = if baseline.is_some() {
            "current run"
        } else {
            "baseline"
        };
        let what = match place {
            Place::Level(level) => format!("concurrency level {level}"),
            place => format!("cell at {place}"),
        };
        self.findings.push(Finding::new(
            FindingCode::UnmatchedLevel,
            place,
            format!("the {missing} has no {what}; it was not compared"),
        ));
    }

    fn note_lost(&mut self, row: &Row) {
        if let (Some(had), None) = (row.baseline, row.current) {
            self.findings.push(Finding::new(
                FindingCode::LostMeasurement,
                row.number.clone(),
                format!("the baseline has {had}, the current run has no number"),
            ));
        }
    }

    fn defined_differently(&self, quantity: Quantity) -> bool {
        match [self.baseline, self.current].map(|side| side.definition(quantity)) {
            [Some(a), Some(b)] => a != b,
            _ => false,
        }
    }

    fn server(&mut self) {
        for metric in METRICS {
            if metric.quantity.stands() == Stands::Server {
                let mut row = self.row_at(metric, Place::Server);
                if row.status != Status::NullLegacyBaseline
                    && self.defined_differently(metric.quantity)
                {
                    row.status = Status::DefinitionMismatch;
                }
                self.rows.push(row);
            }
        }
    }

    fn profile(&mut self) {
        let (a, b) = (self.baseline, self.current);
        let classes: BTreeSet<&String> = a.kernel_classes.union(&b.kernel_classes).collect();
        for metric in METRICS {
            match metric.quantity.stands() {
                Stands::Class => {
                    for class in &classes {
                        let name = Name::Class((*class).clone());
                        let row = self.row(metric, name, Place::Profile);
                        self.rows.push(row);
                    }
                }
                Stands::Top => {
                    let row = self.row_at(metric, Place::Profile);
                    self.rows.push(row);
                }
                _ => {}
            }
        }
    }

    fn row_at(&self, metric: &'static Metric, place: Place) -> Row {
        self.row(metric, Name::Of(metric.quantity), place)
    }

    fn row(&self, metric: &'static Metric, name: Name, place: Place) -> Row {
        let number = Number { place, name };
        let tolerance = self.policy.tolerance_of(metric, &number);
        let values = [self.baseline, self.current].map(|side| side.number(&number));
        Row::new(metric, number, values, tolerance)
    }
}
