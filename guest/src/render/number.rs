//! The one place where numbers become text, so that every host prints the same.

use crate::judge::rows::Row;

/// What an absent number or an unrecorded field prints as.
pub const UNRECORDED: &str = "unrecorded";

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

/// A value of a row: shares in percent, everything else as it is.
pub fn of_unit(value: Option<f64>, unit: &str) -> String {
    match (value, unit) {
        (None, _) => "-".to_owned(),
        (Some(value), "fraction") => format!("{:.2} %", 100.0 * value),
        (Some(value), "percent") => format!("{value:.2} %"),
        (Some(value), _) => short(value),
    }
}

/// The change of a row: percent, or points of a share.
pub fn change(row: &Row) -> String {
    match (row.delta, row.delta_pct, row.tolerance_kind) {
        (Some(_), Some(percent), "percent") => format!("{percent:+.1} %"),
        (Some(delta), _, "absolute") if row.unit == "fraction" => {
            format!("{:+.2} pt", 100.0 * delta)
        }
        (Some(delta), _, "absolute") if row.unit == "percent" => format!("{delta:+.2} pt"),
        (Some(delta), _, "absolute") => format!("{delta:+.0}"),
        _ => "-".to_owned(),
    }
}

/// The tolerance of a row, in the unit of its change.
pub fn tolerance(row: &Row) -> String {
    match (row.tolerance_kind, row.unit) {
        ("percent", _) => format!("{} %", plain(row.tolerance)),
        (_, "fraction") => format!("{} pt", plain(100.0 * row.tolerance)),
        (_, "percent") => format!("{} pt", plain(row.tolerance)),
        _ => plain(row.tolerance),
    }
}

/// A tolerance without a tail of rounding: 100 * 0.02 prints as 2.
fn plain(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
