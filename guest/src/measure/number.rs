//! The one place where numbers become text, so that every host prints the same.

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

/// A change: percent, or points of a share.
pub fn change(delta: Option<f64>, percent: Option<f64>, kind: &str, unit: &str) -> String {
    match (delta, percent, kind) {
        (Some(_), Some(percent), "percent") => format!("{percent:+.1} %"),
        (Some(delta), _, "absolute") if unit == "fraction" => {
            format!("{:+.2} pt", 100.0 * delta)
        }
        (Some(delta), _, "absolute") if unit == "percent" => format!("{delta:+.2} pt"),
        (Some(delta), _, "absolute") => format!("{delta:+.0}"),
        _ => "-".to_owned(),
    }
}

/// A tolerance, in the unit of the change.
pub fn tolerance(value: f64, kind: &str, unit: &str) -> String {
    match (kind, unit) {
        ("percent", _) => format!("{} %", plain(value)),
        (_, "fraction") => format!("{} pt", plain(100.0 * value)),
        (_, "percent") => format!("{} pt", plain(value)),
        _ => plain(value),
    }
}

/// A tolerance without a tail of rounding: 100 * 0.02 prints as 2.
fn plain(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
