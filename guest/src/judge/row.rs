//! One compared number.

use super::status::Status;
use super::tolerance::Applied;
use crate::measure::metrics::{Better, Kind};
use crate::measure::shown::{self, Shown};
use crate::measure::{Metric, Number, Place};
use crate::stats::{Advice, Doubt};
use serde::{Serialize, Serializer};

/// The noise between runs of one row, in percent, or in the unit of the row for an absolute tolerance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// `trials`, `history`, `trials+history` or `pairs`.
    pub method: &'static str,
    /// Runs behind it.
    pub n: usize,
    /// Standard deviation of one run.
    pub std: f64,
    /// Change that identical runs exceed once in twenty, with the trials at hand.
    pub relative_floor: f64,
    /// Degrees of freedom of the test, borrowed ones included.
    pub degrees_of_freedom: f64,
    /// Pairs of alternating trials behind it; 0 where it is not from pairs.
    #[serde(skip_serializing_if = "is_zero")]
    pub pairs: usize,
    /// Entries of the judgement's `history` behind it, by their numbers there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<usize>,
    /// Runs that were left out of it, named as findings name them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The trials of one side in one row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Arm {
    /// Trials that have the number.
    pub n: usize,
    /// Their mean.
    pub mean: Option<f64>,
    /// Their standard deviation; null below two.
    pub std: Option<f64>,
}

/// The trials of both sides in one row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Arms {
    /// Of the baseline.
    pub baseline: Arm,
    /// Of the current side.
    pub current: Arm,
}

/// What is known of a row beside its two numbers. All null where nobody measured the noise.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Known {
    /// The trials of both sides, where a side has more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trials: Option<Arms>,
    /// The change that is judged where trials are compared as pairs: the median of the differences inside pairs, in
    /// percent or in the unit of the row. `delta` stays the difference of the two numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paired_change: Option<f64>,
    /// The noise.
    pub noise: Option<Noise>,
    /// 99 % interval of the change, in percent or in the unit of the row.
    pub interval: Option<[f64; 2]>,
    /// Chance that identical configurations look at least this much worse.
    pub p_value: Option<f64>,
    /// The same after allowing for the number of rows.
    pub p_adjusted: Option<f64>,
    /// Trials an arm that would settle an unresolved row.
    pub trials_needed: Option<u32>,
    /// Smallest true worsening that these trials would have shown.
    pub detectable: Option<f64>,
    /// What would settle an unresolved row, or show a change of the size of the tolerance.
    #[serde(skip)]
    pub advice: Option<Advice>,
    /// Why a change beyond tolerance is not believed.
    #[serde(skip)]
    pub doubt: Option<Doubt>,
}

/// One compared number.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What is judged.
    pub metric: &'static Metric,
    /// Which number of it, and where.
    pub number: Number,
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
    /// The tolerance, and where it is from.
    pub applied: Applied,
    /// The decision.
    pub status: Status,
    /// What decided beside the tolerance, in words, where something did.
    pub because: Option<String>,
    /// Whether that is the rounding of its numbers.
    pub rounded: bool,
    /// What trials and history say.
    pub known: Known,
    /// One sentence: why the row has its status.
    pub explanation: String,
    /// The numbers as text.
    pub shown: Shown,
}

/// The row of a number.
pub fn of_number<'a>(rows: &'a [Row], number: &Number) -> Option<&'a Row> {
    rows.iter().find(|row| row.number == *number)
}

impl Row {
    /// The row of two numbers, with the status that tolerance alone gives.
    pub fn new(
        metric: &'static Metric,
        number: Number,
        [baseline, current]: [Option<f64>; 2],
        applied: Applied,
    ) -> Self {
        let [delta, delta_pct] = delta(baseline, current);
        let unit = metric.unit();
        let mut row = Row {
            metric,
            number,
            baseline,
            current,
            delta,
            delta_pct,
            tolerance: applied.value,
            applied,
            status: Status::NullLegacyBaseline,
            because: None,
            rounded: false,
            known: Known::default(),
            explanation: String::new(),
            shown: Shown {
                baseline: shown::of_unit(baseline, unit),
                current: shown::of_unit(current, unit),
                change: shown::change(metric, delta, delta_pct),
                tolerance: shown::tolerance(metric, applied.printed()),
                ..Shown::default()
            },
        };
        row.status = match (delta, row.change()) {
            (None, _) => Status::NullLegacyBaseline,
            // A percentage of nothing; the reliability rules name it.
            (Some(_), None) => Status::Unreliable,
            (Some(_), Some(change)) => row.by_tolerance(change),
        };
        row
    }

    /// The status that the tolerance alone gives to a change in its unit.
    fn by_tolerance(&self, change: f64) -> Status {
        match self.metric.better.adverse(change) {
            adverse if beyond(adverse, self.tolerance) => Status::Regressed,
            adverse if beyond(-adverse, self.tolerance) => Status::Improved,
            _ => Status::Within,
        }
    }

    /// Judges the row by a change inside pairs instead of by its two numbers, which stay those of the arms; the change
    /// that is shown is the one that is judged. What is not judged by its change stays so.
    pub fn judge_by_pairs(&mut self, change: f64) {
        self.known.paired_change = Some(change);
        self.shown.change = shown::change(self.metric, Some(change), Some(change));
        let by_numbers = [Status::Regressed, Status::Improved, Status::Within];
        if by_numbers.contains(&self.status) {
            self.status = self.by_tolerance(change);
        }
    }

    /// Takes the decision away where the numbers can be so much more or less, because of the digits that were printed,
    /// that the true change may be on either side of the tolerance.
    pub fn doubt_rounding(&mut self, rounding: [Option<f64>; 2]) {
        let (Some(a), Some(b)) = (self.baseline, self.current) else {
            return;
        };
        let [of_a, of_b] = rounding.map(Option::unwrap_or_default);
        if !self.status.is_judged() || of_a + of_b == 0.0 {
            return;
        }
        let change = |a: f64, b: f64| {
            let [delta, percent] = delta(Some(a.max(0.0)), Some(b.max(0.0)));
            let change = match self.metric.kind {
                Kind::Percent => percent,
                Kind::Absolute => delta,
            };
            change.unwrap_or(f64::INFINITY)
        };
        let ends = [change(a + of_a, b - of_b), change(a - of_a, b + of_b)];
        let [least, most] = ends.map(|change| self.by_tolerance(change));
        if least == most {
            return;
        }
        let unit = self.unit_of_change();
        let range = match ends {
            [least, f64::INFINITY] => format!("{least:+.1}{unit} or anything above"),
            [least, most] => format!("anything from {least:+.1} to {most:+.1}{unit}"),
        };
        let status = match self.status {
            Status::Regressed => Status::Unresolved,
            _ => Status::Unreliable,
        };
        self.rounded = true;
        self.decide(
            status,
            format!("so few digits were printed that the change can be {range}"),
        );
    }

    /// Writes the texts of what trials say, once that is known.
    pub fn show_trials(&mut self) {
        let unit = self.metric.unit();
        let of = |arm: Arm| shown::trials(arm.n, [arm.mean, arm.std], unit);
        let arms = self.known.trials;
        self.shown.baseline_trials = arms.map(|arms| of(arms.baseline));
        self.shown.current_trials = arms.map(|arms| of(arms.current));
        let interval = self.known.interval;
        self.shown.interval = interval.map(|ends| shown::interval(self.metric, ends));
    }

    /// The name: for kernel classes with the class.
    pub fn name(&self) -> String {
        self.number.name.to_string()
    }

    /// The place as JSON holds it.
    pub fn level(&self) -> String {
        self.number.place.key()
    }

    /// The place as it is printed.
    pub fn place(&self) -> Place {
        self.number.place
    }

    /// The change that is judged, in the unit of the tolerance.
    pub fn change(&self) -> Option<f64> {
        self.known.paired_change.or(match self.metric.kind {
            Kind::Percent => self.delta_pct,
            Kind::Absolute => self.delta,
        })
    }

    /// Whether neither side has a number that is measured where it was asked for alone: such a row is none.
    pub fn is_unasked(&self) -> bool {
        self.metric.quantity.is_asked_for() && self.baseline.is_none() && self.current.is_none()
    }

    /// Whether the row is a judged throughput or latency.
    pub fn is_judged_performance(&self) -> bool {
        self.metric.is_performance() && self.status.is_judged()
    }

    /// By how much it is worse, in the unit of the tolerance; negative where it is better.
    pub fn adverse(&self) -> Option<f64> {
        self.change()
            .map(|change| self.metric.better.adverse(change))
    }

    /// The noise floor of a row within its tolerance, where it is above that: a loss of the size of the tolerance could
    /// not have been seen.
    pub fn hidden_below(&self) -> Option<f64> {
        let floor = self.known.noise.as_ref()?.relative_floor;
        (self.status == Status::Within && floor > self.tolerance).then_some(floor)
    }

    /// Gives the row a status that something else than its tolerance decided.
    pub fn decide(&mut self, status: Status, because: impl Into<String>) {
        self.status = status;
        self.because = Some(because.into());
    }

    /// How far beyond its tolerance the row is, in tolerances; negative when favourable. For ordering only.
    pub fn badness(&self) -> f64 {
        self.change().map_or(0.0, |change| {
            // As a factor: the better direction decides the sign of a zero too.
            let sign = match self.metric.better {
                Better::Higher => -1.0,
                Better::Lower => 1.0,
            };
            change * sign / self.tolerance.max(1e-12)
        })
    }

    /// What comes first in a table: by status, then how far beyond its tolerance.
    pub fn worst_first(&self, other: &Row) -> std::cmp::Ordering {
        let by_rank = self.status.rank().cmp(&other.status.rank());
        by_rank.then(other.badness().total_cmp(&self.badness()))
    }

    /// ` %` where the tolerance is a percentage: what follows a number in its unit.
    pub fn unit_of_change(&self) -> &'static str {
        match self.metric.kind {
            Kind::Percent => " %",
            Kind::Absolute => "",
        }
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

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            metric: String,
            level: String,
            place: String,
            unit: &'static str,
            direction: &'static str,
            baseline: Option<f64>,
            current: Option<f64>,
            delta: Option<f64>,
            delta_pct: Option<f64>,
            tolerance: f64,
            tolerance_kind: &'static str,
            tolerance_origin: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            tolerance_rule: Option<usize>,
            #[serde(skip_serializing_if = "Option::is_none")]
            tolerance_source: Option<String>,
            status: Status,
            #[serde(flatten)]
            known: &'a Known,
            explanation: &'a str,
            shown: &'a Shown,
        }
        let fields = Fields {
            metric: self.name(),
            level: self.level(),
            place: self.number.place.to_string(),
            unit: self.metric.unit().as_str(),
            direction: self.metric.better.as_str(),
            baseline: self.baseline,
            current: self.current,
            delta: self.delta,
            delta_pct: self.delta_pct,
            tolerance: self.tolerance,
            tolerance_kind: self.metric.kind.as_str(),
            tolerance_origin: self.applied.origin.as_str(),
            tolerance_rule: self.applied.rule,
            tolerance_source: self
                .applied
                .raised
                .map(|_| self.applied.source(self.metric)),
            status: self.status,
            known: &self.known,
            explanation: &self.explanation,
            shown: &self.shown,
        };
        fields.serialize(serializer)
    }
}
