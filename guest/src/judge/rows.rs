//! One row for each judged metric and level.

use super::evidence::Known;
use super::policy::Policy;
use crate::document::{Document, Level};
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics::{self, Better, KERNEL_CLASS, Kind, METRICS, Metric, Scope};
use crate::measure::number;
use serde::Serialize;
use std::collections::BTreeSet;

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Beyond tolerance in the adverse direction. Only this counts against the run.
    Regressed,
    /// Beyond tolerance in the adverse direction, but inside the noise between runs.
    Unresolved,
    /// Beyond tolerance in the favourable direction.
    Improved,
    /// Neither.
    Within,
    /// Null on either side, or a kernel class on one side only.
    NullLegacyBaseline,
    /// The level is on one side only.
    UnmatchedLevel,
    /// The two numbers are not the same quantity.
    DefinitionMismatch,
    /// The number is an artefact of measuring.
    Unreliable,
    /// A percentile that the sample cannot carry, kept out of the verdict by request.
    Observed,
}

/// One compared number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Metric; for kernel classes `kernel_class_gpu_pct.<class>`.
    pub metric: String,
    /// The concurrency, `server` or `profile`.
    pub level: String,
    /// Unit of the numbers.
    pub unit: &'static str,
    /// `higher-is-better` or `lower-is-better`.
    pub direction: &'static str,
    /// The baseline's number.
    pub baseline: Option<f64>,
    /// The current number.
    pub current: Option<f64>,
    /// Current minus baseline.
    pub delta: Option<f64>,
    /// 100 * delta / baseline; null at baseline 0.
    pub delta_pct: Option<f64>,
    /// The tolerance, in percent or in the unit of the numbers.
    pub tolerance: f64,
    /// `percent` or `absolute`.
    pub tolerance_kind: &'static str,
    /// `default`, `policy` or `command-line`.
    pub tolerance_origin: &'static str,
    /// The decision.
    pub status: Status,
    /// What trials and history say.
    #[serde(flatten)]
    pub known: Known,
    /// One sentence: why the row has its status.
    pub explanation: String,
}

impl Row {
    /// The concurrency, unless the row is of the server or the profile.
    pub fn concurrency(&self) -> Option<u32> {
        self.level.parse().ok()
    }

    /// Whether the row is a judged throughput or latency.
    pub fn is_judged_performance(&self) -> bool {
        let performance = metrics::find(&self.metric).is_some_and(Metric::is_performance);
        performance
            && matches!(
                self.status,
                Status::Regressed | Status::Unresolved | Status::Improved | Status::Within
            )
    }

    /// The change as text: percent, or points of a share.
    pub fn change_text(&self) -> String {
        number::change(self.delta, self.delta_pct, self.tolerance_kind, self.unit)
    }

    /// The tolerance as text, in the unit of the change.
    pub fn tolerance_text(&self) -> String {
        number::tolerance(self.tolerance, self.tolerance_kind, self.unit)
    }

    /// How far beyond its tolerance the row is, in tolerances; negative when favourable. For ordering only.
    pub fn badness(&self) -> f64 {
        let change = if self.tolerance_kind == Kind::Percent.as_str() {
            self.delta_pct
        } else {
            self.delta
        };
        let adverse = if self.direction == Better::Higher.as_str() {
            -1.0
        } else {
            1.0
        };
        change.map_or(0.0, |change| change * adverse / self.tolerance.max(1e-12))
    }
}

/// `x > tol + 1e-9 * max(1, tol)`: exactly at the tolerance is within it, whatever the last bit of a quotient is.
pub fn beyond(change: f64, tolerance: f64) -> bool {
    change > tolerance + 1e-9 * tolerance.max(1.0)
}

/// The change from the baseline, in the unit of the numbers and in percent; null without one of them and, in
/// percent, from 0.
pub fn delta(baseline: Option<f64>, current: Option<f64>) -> [Option<f64>; 2] {
    let delta = baseline
        .zip(current)
        .map(|(baseline, current)| current - baseline);
    let percent = baseline
        .zip(delta)
        .filter(|(baseline, _)| *baseline != 0.0)
        .map(|(b, d)| 100.0 * d / b);
    [delta, percent]
}

/// Makes all rows.
pub struct Rows<'a> {
    /// The baseline.
    pub baseline: &'a Document,
    /// The current run.
    pub current: &'a Document,
    /// Tolerances.
    pub policy: &'a Policy,
    /// The rows so far.
    pub rows: Vec<Row>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

impl Rows<'_> {
    /// All rows, levels in ascending order, then server, then profile.
    pub fn make(mut self) -> (Vec<Row>, Vec<Finding>) {
        let levels: BTreeSet<u32> = crate::order::set(
            self.baseline
                .levels
                .keys()
                .chain(self.current.levels.keys())
                .copied(),
        );
        for level in levels {
            match (
                self.baseline.levels.get(&level),
                self.current.levels.get(&level),
            ) {
                (Some(baseline), Some(current)) => self.common_level(level, baseline, current),
                (baseline, current) => self.unmatched_level(level, baseline, current),
            }
        }
        self.server();
        self.profile();
        (self.rows, self.findings)
    }

    fn common_level(&mut self, level: u32, baseline: &Level, current: &Level) {
        let coalesced = super::reliability::coalesced(level, baseline, current, &mut self.findings);
        for (metric, _) in metrics::of_levels() {
            let values = [baseline, current].map(|side| side.values.get(metric.name).copied());
            let mut row = self.row(metric, metric.name, &level.to_string(), values);
            if row.status == Status::NullLegacyBaseline {
                self.note_lost(&row, values);
            } else if self.defined_differently(metric.name) {
                row.status = Status::DefinitionMismatch;
            } else if super::reliability::unreliable(
                metric,
                level,
                [baseline, current],
                coalesced,
                &mut self.findings,
            ) {
                row.status = Status::Unreliable;
            }
            self.note_lost_by_trials(&row);
            self.rows.push(row);
        }
        self.errors(level, baseline, current);
    }

    /// The error rate, or the number of errors where the number of requests is not known.
    fn errors(&mut self, level: u32, baseline: &Level, current: &Level) {
        let rates = [baseline.error_rate(), current.error_rate()];
        let (name, values) = match rates {
            [Some(_), Some(_)] => (metrics::ERROR_RATE, rates),
            _ => (metrics::ERRORS, [baseline.errors, current.errors]),
        };
        if let Some(metric) = metrics::find(name) {
            let row = self.row(metric, name, &level.to_string(), values);
            if row.status == Status::NullLegacyBaseline {
                self.note_lost(&row, values);
            }
            self.rows.push(row);
        }
    }

    /// A median of two runs, where three were given, hides the run that did not get so far.
    fn note_lost_by_trials(&mut self, row: &Row) {
        let (Some(_), Some(_), trials) = (row.baseline, row.current, &self.current.trials) else {
            return;
        };
        let path = format!("metrics.{}.{}", row.level, row.metric);
        let have = trials.iter().filter(|run| run.contains_key(&path)).count();
        if have < trials.len() {
            let message = format!(
                "only {have} of {} trials of the current run have a number",
                trials.len()
            );
            self.findings.push(Finding::new(
                FindingCode::LostMeasurement,
                Some(path),
                message,
            ));
        }
    }

    fn unmatched_level(&mut self, level: u32, baseline: Option<&Level>, current: Option<&Level>) {
        let side = baseline.or(current);
        let errors = if side.and_then(Level::error_rate).is_some() {
            metrics::ERROR_RATE
        } else {
            metrics::ERRORS
        };
        let judged = METRICS
            .iter()
            .filter(|metric| metric.is_performance() || metric.name == errors);
        for metric in judged {
            let values = [baseline, current].map(|side| side?.number(metric.name));
            let row = self.row(metric, metric.name, &level.to_string(), values);
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
        self.findings.push(Finding::new(
            FindingCode::UnmatchedLevel,
            Some(format!("metrics.{level}")),
            format!("the {missing} has no concurrency level {level}; it was not compared"),
        ));
    }

    fn note_lost(&mut self, row: &Row, values: [Option<f64>; 2]) {
        if let [Some(had), None] = values {
            self.findings.push(Finding::new(
                FindingCode::LostMeasurement,
                Some(format!("metrics.{}.{}", row.level, row.metric)),
                format!("the baseline has {had}, the current run has no number"),
            ));
        }
    }

    fn defined_differently(&mut self, name: &str) -> bool {
        let definitions = [self.baseline, self.current].map(|side| side.definitions.get(name));
        match definitions {
            [Some(a), Some(b)] => a != b,
            _ => false,
        }
    }

    fn server(&mut self) {
        for metric in METRICS
            .iter()
            .filter(|metric| metric.scope == Scope::Server)
        {
            let values =
                [self.baseline, self.current].map(|side| side.server.get(metric.name).copied());
            let mut row = self.row(metric, metric.name, "server", values);
            if row.status != Status::NullLegacyBaseline && self.defined_differently(metric.name) {
                row.status = Status::DefinitionMismatch;
            }
            self.rows.push(row);
        }
    }

    fn profile(&mut self) {
        let sides = [self.baseline, self.current];
        let keys = |side: &Document| {
            let section = side
                .map
                .get(KERNEL_CLASS)
                .and_then(|section| section.as_object());
            section
                .into_iter()
                .flatten()
                .map(|(class, _)| class.clone())
                .collect::<Vec<_>>()
        };
        let classes: BTreeSet<String> = crate::order::set(sides.iter().flat_map(|side| keys(side)));
        for metric in METRICS {
            match metric.scope {
                Scope::KernelClass => {
                    for class in &classes {
                        let values = sides.map(|side| side.kernel_classes.get(class).copied());
                        let row = self.row(
                            metric,
                            &format!("{KERNEL_CLASS}.{class}"),
                            "profile",
                            values,
                        );
                        self.rows.push(row);
                    }
                }
                Scope::Profile => {
                    let row = self.row(
                        metric,
                        metric.name,
                        "profile",
                        sides.map(|side| side.cpu_spinpoll_pct),
                    );
                    self.rows.push(row);
                }
                _ => {}
            }
        }
    }

    /// The row of two numbers, with the status that tolerance alone gives.
    fn row(
        &self,
        metric: &Metric,
        name: &str,
        level: &str,
        [baseline, current]: [Option<f64>; 2],
    ) -> Row {
        let (tolerance, origin) = self.policy.tolerance(metric, name);
        let [delta, delta_pct] = delta(baseline, current);
        let change = if metric.kind == Kind::Percent {
            delta_pct
        } else {
            delta
        };
        let status = match (delta, change) {
            (None, _) => Status::NullLegacyBaseline,
            // A percentage of nothing; the reliability rules name it.
            (Some(_), None) => Status::Unreliable,
            (Some(_), Some(change)) => {
                let adverse = if metric.better == Better::Higher {
                    -change
                } else {
                    change
                };
                match () {
                    () if beyond(adverse, tolerance) => Status::Regressed,
                    () if beyond(-adverse, tolerance) => Status::Improved,
                    () => Status::Within,
                }
            }
        };
        Row {
            metric: name.to_owned(),
            level: level.to_owned(),
            unit: metric.unit,
            direction: metric.better.as_str(),
            baseline,
            current,
            delta,
            delta_pct,
            tolerance,
            tolerance_kind: metric.kind.as_str(),
            tolerance_origin: origin.as_str(),
            status,
            known: Known::default(),
            explanation: String::new(),
        }
    }
}
