//! Makes the rows: one for each judged metric and place of either side.

use super::failures;
use super::policy::Policy;
use super::reliability::{Doubts, SIDES, doubtful_shares};
use super::row::Row;
use super::runs::fewer_have;
use super::status::Status;
use crate::document::trials::values;
use crate::document::{Cell, Document, Numbers, definitions_of};
use crate::finding::{Finding, FindingCode, Where};
use crate::measure::metrics::Family;
use crate::measure::quantity::Stands;
use crate::measure::{METRICS, Metric, Name, Number, Place, Quantity, metrics, slo};
use crate::order::Keyed as _;
use crate::stats::summary;
use serde_json::Value;
use std::collections::BTreeSet;

/// All rows, by place, and what was noticed while they were made.
pub fn make(baseline: &Document, current: &Document, policy: &Policy) -> (Vec<Row>, Vec<Finding>) {
    let mut making = Making {
        baseline,
        current,
        policy,
        rows: Vec::new(),
        findings: Vec::new(),
        only_now: Vec::new(),
    };
    making.definitions_unknown();
    let places = baseline.cell_places().chain(current.cell_places());
    for place in places.into_set() {
        match (baseline.cell(place), current.cell(place)) {
            (Some(baseline), Some(current)) => making.common(place, baseline, current),
            (baseline, current) => making.unmatched(place, baseline, current),
        }
        making.note_only_now(place);
    }
    making.server();
    making.note_only_now(Place::Server);
    making.profile();
    making.note_only_now(Place::Profile);
    (making.rows, making.findings)
}

/// Why two goodputs are not of one thing: they count by other SLOs, or by some that nobody knows.
fn other_slo(metric: &Metric, slos: [&Value; 2]) -> Option<String> {
    if metric.quantity != Quantity::Goodput {
        return None;
    }
    match slos.map(|slo| (!slo.is_null()).then(|| slo::words(slo))) {
        [Some(_), Some(_)] if slos[0] == slos[1] => None,
        [Some(a), Some(b)] => Some(format!(
            "the SLOs are {a} in the baseline, {b} in the current run"
        )),
        [None, None] => Some("neither side states its SLOs".to_owned()),
        [stated, _] => Some(format!(
            "the {} does not state its SLOs",
            SIDES[usize::from(stated.is_some())]
        )),
    }
}

struct Making<'a> {
    baseline: &'a Document,
    current: &'a Document,
    policy: &'a Policy,
    rows: Vec<Row>,
    findings: Vec<Finding>,
    /// What only the current run has at the place that is being made.
    only_now: Vec<String>,
}

impl Making<'_> {
    fn common(&mut self, place: Place, baseline: &Cell, current: &Cell) {
        let (documents, cells) = ([self.baseline, self.current], [baseline, current]);
        let doubts = Doubts::of(place, documents, cells, &mut self.findings);
        if doubts.same_run {
            self.lost(place, "the current run's result is the baseline's own");
        }
        for metric in metrics::of_cells() {
            let mut row = self.row_at(metric, place);
            if row.is_unasked() {
                continue;
            }
            let against = doubts.against(metric, &mut self.findings);
            let was_usable = row.baseline.is_some() && against[0].is_none();
            let by_slo = |cell: &Cell| metric.quantity != Quantity::Goodput || !cell.slo.is_null();
            let was_usable = was_usable && by_slo(baseline);
            if row.delta.is_none() {
                self.one_sided(&row, was_usable);
            } else if let Some(of) = other_slo(metric, [&baseline.slo, &current.slo]) {
                row.decide(Status::DefinitionMismatch, of.clone());
                if was_usable {
                    self.lost(row.number.clone(), &of);
                }
            } else if let Some(of) = self.defined_differently(metric.quantity) {
                row.decide(Status::DefinitionMismatch, of.clone());
                if was_usable {
                    self.lost(row.number.clone(), &of);
                }
            } else if let Some(why) = against[0].as_ref().or(against[1].as_ref()) {
                row.decide(Status::Unreliable, why.clone());
                if was_usable && !doubts.same_run {
                    self.lost(row.number.clone(), why);
                }
            } else {
                let rounding = cells.map(|cell| cell.rounding.get(&metric.quantity).copied());
                row.doubt_rounding(rounding);
                let of = row.because.as_ref().filter(|_| row.rounded);
                let is_lost = row.status == Status::Unreliable && rounding[0].is_none();
                if let Some(of) = of.filter(|_| is_lost) {
                    self.lost(row.number.clone(), of);
                }
            }
            self.note_lost_by_trials(&row);
            self.rows.push(row);
        }
        let mut row = self.errors(place, baseline, current);
        if doubts.same_run && row.delta.is_some() {
            row.decide(Status::Unreliable, "both sides hold one and the same run");
        }
        self.rows.push(row);
    }

    /// The error rate, or the number of errors a run where the number of requests is not known.
    fn errors(&mut self, place: Place, baseline: &Cell, current: &Cell) -> Row {
        let rates = [baseline, current].map(Cell::error_rate);
        let mut row = match rates {
            [Some(_), Some(_)] => self.row_at(failures::rate(), place),
            _ => self.errors_of_a_run(place),
        };
        if row.delta.is_none() {
            let was_usable = row.baseline.is_some();
            self.one_sided(&row, was_usable);
        }
        self.note_lost_by_trials(&row);
        let one_more = failures::settle(&mut row, baseline, current);
        self.findings.extend(one_more);
        row
    }

    /// The errors of one run: of several trials, their median.
    fn errors_of_a_run(&self, place: Place) -> Row {
        let metric = failures::count();
        let number = Number::new(metric.quantity, place);
        let of_a_run = [self.baseline, self.current].map(|side| {
            let trials = values(&side.trials, &number);
            summary::median(&trials).or_else(|| side.number(&number))
        });
        let model = &self.current.model;
        let tolerance = self
            .policy
            .tolerance_of(metric, &number, model, of_a_run[0]);
        Row::new(metric, number, of_a_run, tolerance)
    }

    /// A median of two runs, where three were given, hides the run that did not get so far. Of a time or a speed 0 is
    /// as good as no number, and takes the logarithms of the others with it. What is 0 in the median too is judged itself.
    fn note_lost_by_trials(&mut self, row: &Row) {
        let is_measured = row.metric.is_performance();
        if !row.status.is_judged() || is_measured && row.current == Some(0.0) {
            return;
        }
        let usable = |value: &f64| !is_measured || *value != 0.0;
        let number = match row.metric.quantity {
            // A rate is made of the counts of all trials; no trial has one of its own.
            Quantity::ErrorRate => Number::new(Quantity::Errors, row.number.place),
            _ => row.number.clone(),
        };
        let has = |run: &Numbers| run.get(&number).is_some_and(usable);
        if let Some([have, of]) = fewer_have([self.baseline, self.current], &has) {
            let message =
                format!("only {have} of {of} trials of the current run have a usable number");
            self.lost(row.number.clone(), &message);
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
            if row.is_unasked() {
                continue;
            }
            if row.current.is_some() {
                self.only_now.push(row.name());
            }
            self.rows.push(Row {
                status: Status::UnmatchedLevel,
                ..row
            });
        }
        let what = match place {
            Place::Level(level) => format!("concurrency level {level}"),
            place => format!("cell at {place}"),
        };
        let missing = if baseline.is_some() {
            "current run"
        } else {
            "baseline"
        };
        let message = format!("the {missing} has no {what}; it was not compared");
        if baseline.is_some() {
            self.lost(place, &message);
        }
        self.findings
            .push(Finding::new(FindingCode::UnmatchedLevel, place, message));
    }

    /// A number that one side does not have.
    fn one_sided(&mut self, row: &Row, was_usable: bool) {
        match (row.baseline, row.current) {
            (Some(had), None) if was_usable => self.lost(
                row.number.clone(),
                &format!("the baseline has {had}, the current run has no number"),
            ),
            (None, Some(_)) => self.only_now.push(row.name()),
            _ => {}
        }
    }

    fn lost(&mut self, place: impl Into<Where>, message: &str) {
        let code = FindingCode::LostMeasurement;
        self.findings.push(Finding::new(code, place, message));
    }

    /// What the baseline cannot be asked about.
    fn note_only_now(&mut self, place: Place) {
        let names = std::mem::take(&mut self.only_now);
        if !names.is_empty() {
            self.findings.push(Finding::new(
                FindingCode::NotCompared,
                place,
                format!("only the current run has {}", names.join(", ")),
            ));
        }
    }

    /// The definitions of a quantity that differ, in words.
    fn defined_differently(&self, quantity: Quantity) -> Option<String> {
        let [name, a, b] = self.baseline.other_definition(self.current, quantity)?;
        Some(format!(
            "definitions.{name} is {a} in the baseline, {b} in the current run"
        ))
    }

    /// Definitions that one side alone states, of numbers that both have.
    fn definitions_unknown(&mut self) {
        let sides = [self.baseline, self.current];
        let names: BTreeSet<&str> = METRICS
            .iter()
            .flat_map(|metric| definitions_of(metric.quantity))
            .into_set();
        for name in names {
            let stated = sides.map(|side| side.definitions.get(name));
            let (known, missing, value) = match stated {
                [Some(value), None] => ("baseline", "current run", value),
                [None, Some(value)] => ("current run", "baseline", value),
                _ => continue,
            };
            let covered = |of: &Name| {
                let quantity = of.quantity();
                quantity.is_some_and(|of| definitions_of(of).contains(&name))
            };
            let has = |side: &Document| {
                let mut cells = side.places.values();
                cells.any(|cell| cell.numbers.keys().any(covered))
            };
            if sides.map(has) == [true, true] {
                self.findings.push(Finding::new(
                    FindingCode::DefinitionUnknown,
                    format!("definitions.{name}"),
                    format!("the {known} says {value}, the {missing} does not say it: the numbers may be different quantities"),
                ));
            }
        }
    }

    fn server(&mut self) {
        for metric in METRICS {
            if metric.quantity.stands() == Stands::Server {
                let mut row = self.row_at(metric, Place::Server);
                if row.delta.is_none() {
                    self.one_sided(&row, row.baseline.is_some());
                } else if let Some(of) = self.defined_differently(metric.quantity) {
                    row.decide(Status::DefinitionMismatch, of.clone());
                    self.lost(row.number.clone(), &of);
                }
                self.note_lost_by_trials(&row);
                self.rows.push(row);
            }
        }
    }

    fn profile(&mut self) {
        let (a, b) = (self.baseline, self.current);
        let classes: BTreeSet<&String> = a.kernel_classes.union(&b.kernel_classes).into_set();
        let first = self.rows.len();
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
        let rows = &mut self.rows[first..];
        for (name, side) in SIDES.into_iter().zip([a, b]) {
            if let Some(sum) = doubtful_shares(side) {
                let why = format!(
                    "the shares of kernels of the {name} sum to {sum:.2} %, which is hardly of that unit"
                );
                let judged = rows.iter_mut().filter(|row| row.status.is_judged());
                for row in judged.filter(|row| row.metric.family == Family::Kernels) {
                    row.decide(Status::Unreliable, why.clone());
                }
                let code = FindingCode::UnitDoubtful;
                self.findings.push(Finding::new(code, Place::Profile, why));
            }
        }
        if share_profile(rows, [a, b]) {
            self.findings.push(Finding::new(
                FindingCode::SameRun,
                Place::Profile,
                "both sides hold a file of one and the same profile, which says nothing of what changed",
            ));
        }
        let had = rows.iter().any(|row| row.baseline.is_some());
        let has = rows.iter().any(|row| row.current.is_some());
        match (had, has) {
            (true, false) => self.findings.push(Finding::new(
                FindingCode::ProfileLost,
                Place::Profile,
                "the baseline has a profile, the current run has none",
            )),
            (false, true) => self.only_now.push("a profile".to_owned()),
            _ => {}
        }
    }

    fn row_at(&self, metric: &'static Metric, place: Place) -> Row {
        self.row(metric, Name::Of(metric.quantity), place)
    }

    fn row(&self, metric: &'static Metric, name: Name, place: Place) -> Row {
        let number = Number { place, name };
        let values = [self.baseline, self.current].map(|side| side.number(&number));
        let model = &self.current.model;
        let tolerance = self.policy.tolerance_of(metric, &number, model, values[0]);
        Row::new(metric, number, values, tolerance)
    }
}

/// Takes the rows of profiles of which both sides hold a file out; whether there are any.
fn share_profile(rows: &mut [Row], sides: [&Document; 2]) -> bool {
    let mut is_shared = false;
    for row in rows.iter_mut().filter(|row| row.status.is_judged()) {
        let [ours, theirs] = sides.map(|side| side.profile_hashes(row.metric.quantity));
        if !ours.is_disjoint(&theirs) {
            row.decide(
                Status::Unreliable,
                "both sides hold one and the same profile",
            );
            is_shared = true;
        }
    }
    is_shared
}
