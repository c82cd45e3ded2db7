//! The one place where numbers become text, so that every host prints the same.

use super::metrics::{Kind, Metric};
use super::unit::Unit;
use serde::Serialize;

/// What an unrecorded field prints as.
pub const UNRECORDED: &str = "unrecorded";

/// What an absent number prints as in a table.
pub const ABSENT: &str = "-";

/// A number with as many digits as its size deserves: about four significant ones.
pub fn short(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 1000.0 => 0,
        v if v >= 100.0 => 1,
        v if v >= 10.0 => 2,
        v if v > 0.0 => 3,
        _ => 0,
    };
    format!("{value:.digits$}")
}

/// A number with at most four digits behind the point, and no zeros at its end.
pub fn trimmed(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A value: shares in percent, everything else as it is.
pub fn of_unit(value: Option<f64>, unit: Unit) -> String {
    match (value, unit) {
        (None, _) => ABSENT.to_owned(),
        (Some(value), Unit::Fraction) => format!("{:.2} %", 100.0 * value),
        (Some(value), Unit::Percent) => format!("{value:.2} %"),
        (Some(value), unit) if unit.is_count() => plain(value),
        (Some(value), _) => short(value),
    }
}

/// A change in percent, signed.
pub fn percent(change: f64) -> String {
    format!("{change:+.1} %")
}

/// The texts of one compared number, made once for every output.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The baseline's number.
    pub baseline: String,
    /// The current number.
    pub current: String,
    /// Percent, or points of a share.
    pub change: String,
    /// The tolerance, in the unit of the change.
    pub tolerance: String,
    /// `n 3, 249.5 ± 1.20`: the baseline's trials, their mean and standard deviation, where a side has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_trials: Option<String>,
    /// The same of the current side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_trials: Option<String>,
    /// The 99 % interval of the change, in the unit of the change, where noise is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
}

/// The trials of one side: how many have the number, their mean and their standard deviation.
pub fn trials(n: usize, [mean, std]: [Option<f64>; 2], unit: Unit) -> String {
    match std {
        Some(_) => format!("n {n}, {} ± {}", of_unit(mean, unit), of_unit(std, unit)),
        None => format!("n {n}, {}", of_unit(mean, unit)),
    }
}

/// A change of a metric: percent, or points of a share.
pub fn change(metric: &Metric, delta: Option<f64>, of_baseline: Option<f64>) -> String {
    match (metric.kind, metric.unit(), delta) {
        (Kind::Percent, _, Some(_)) => of_baseline.map_or_else(|| ABSENT.to_owned(), percent),
        (Kind::Absolute, Unit::Fraction, Some(delta)) => format!("{:+.2} pt", 100.0 * delta),
        (Kind::Absolute, Unit::Percent, Some(delta)) => format!("{delta:+.2} pt"),
        (Kind::Absolute, _, Some(delta)) => format!("{delta:+.0}"),
        (_, _, None) => ABSENT.to_owned(),
    }
}

/// A change in the unit of a metric's tolerance: percent, points of a share, or a number of things.
pub fn of_change(metric: &Metric, change: f64) -> String {
    format!("{}{}", signed(metric, change), unit_of_change(metric))
}

/// An interval of changes in the unit of a metric's tolerance: `-35.1 to -30.2 %`.
pub fn interval(metric: &Metric, [low, high]: [f64; 2]) -> String {
    let [low, high] = [low, high].map(|change| signed(metric, change));
    format!("{low} to {high}{}", unit_of_change(metric))
}

fn signed(metric: &Metric, change: f64) -> String {
    match (metric.kind, metric.unit()) {
        (Kind::Percent, _) => format!("{change:+.1}"),
        (Kind::Absolute, Unit::Fraction) => format!("{:+.2}", 100.0 * change),
        (Kind::Absolute, Unit::Percent) => format!("{change:+.2}"),
        (Kind::Absolute, _) => format!("{change:+.1}"),
    }
}

fn unit_of_change(metric: &Metric) -> &'static str {
    match (metric.kind, metric.unit()) {
        (Kind::Percent, _) => " %",
        (Kind::Absolute, Unit::Fraction | Unit::Percent) => " pt",
        (Kind::Absolute, _) => "",
    }
}

/// A tolerance of a metric, in the unit of its change.
pub fn tolerance(metric: &Metric, value: f64) -> String {
    match (metric.kind, metric.unit()) {
        (Kind::Percent, _) => format!("{} %", plain(value)),
        (Kind::Absolute, Unit::Fraction | Unit::Percent) => {
            format!("{} pt", plain(value / metric.per_written()))
        }
        (Kind::Absolute, _) => plain(value),
    }
}

/// A tolerance of a metric in words: `3 %`, `1 point`, `2 points`.
pub fn tolerance_in_words(metric: &Metric, value: f64) -> String {
    let written = plain(value / metric.per_written());
    match metric.kind {
        Kind::Percent => format!("{written} %"),
        Kind::Absolute if written == "1" => format!("{written} point"),
        Kind::Absolute => format!("{written} points"),
    }
}

/// A number without a tail of rounding: 100 * 0.02 prints as 2.
fn plain(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
