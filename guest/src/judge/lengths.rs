//! Mean lengths of inputs and outputs: how far apart they are, and which rows that explains.

use super::row::{Row, beyond};
use super::status::Status;
use crate::document::{Cell, Document};
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics::{Family, HEADLINE, Kind};
use crate::measure::{Number, Place, Quantity};

/// Mean lengths further apart than this share are told; beyond 5 % they are another workload.
const DRIFT: f64 = 0.01;

/// A difference in length below this part of a row's tolerance explains nothing of it.
const PART: f64 = 1.0 / 3.0;

/// The lengths that are compared at each place, by their name in the identity.
pub const LENGTHS: [(&str, Quantity, FindingCode); 2] = [
    ("isl", Quantity::IslMean, FindingCode::InputLengthDrift),
    ("osl", Quantity::OslMean, FindingCode::OutputLengthDrift),
];

/// Tells lengths that drifted, and marks rows in closed loops that a change in output length explains or hides.
pub fn weigh(
    rows: &mut [Row],
    baseline: &Document,
    current: &Document,
    findings: &mut Vec<Finding>,
) {
    for (place, sides) in baseline.common_cells(current) {
        let mut explained = false;
        if place.concurrency().is_some() {
            for row in rows.iter_mut().filter(|row| row.number.place == place) {
                explained |= attribute(row, sides);
            }
        }
        for (_, quantity, code) in LENGTHS {
            let of_output = quantity == Quantity::OslMean;
            let told = drift(place, quantity, code, sides, explained && of_output);
            findings.extend(told);
        }
    }
}

fn drift(
    place: Place,
    quantity: Quantity,
    code: FindingCode,
    sides: [&Cell; 2],
    explains: bool,
) -> Option<Finding> {
    let change = change(quantity, sides)?;
    let [Some(a), Some(b)] = sides.map(|side| side.get(quantity)) else {
        return None;
    };
    if !explains && change.abs() <= 100.0 * DRIFT {
        return None;
    }
    let message = if quantity == Quantity::OslMean {
        format!(
            "the mean output length went from {a:.2} to {b:.2} tokens ({change:+.2} %){}: ITL and throughput move with it",
            rates(sides)
        )
    } else {
        format!(
            "the mean input length went from {a:.2} to {b:.2} tokens ({change:+.2} %): TTFT moves with it"
        )
    };
    Some(Finding::new(code, Number::new(quantity, place), message))
}

/// Requests and tokens a second of both sides, in words.
fn rates(sides: [&Cell; 2]) -> String {
    let of = |unit: &str, rates: [Option<f64>; 2]| match rates {
        [Some(a), Some(b)] => format!(", {unit} from {a:.3} to {b:.3}"),
        _ => String::new(),
    };
    let requests = of("requests/s", sides.map(requests_per_s));
    let tokens = of("output tok/s", sides.map(|side| side.get(HEADLINE)));
    requests + &tokens
}

/// Requests a second: as the tool says, else by tokens a second over tokens a request.
fn requests_per_s(cell: &Cell) -> Option<f64> {
    let made = || {
        let length = cell.get(Quantity::OslMean).filter(|length| *length > 0.0)?;
        Some(cell.get(HEADLINE)? / length)
    };
    cell.get(Quantity::RequestRate).or_else(made)
}

/// The change of a number in percent.
fn change(quantity: Quantity, sides: [&Cell; 2]) -> Option<f64> {
    let [Some(a), Some(b)] = sides.map(|side| side.get(quantity)) else {
        return None;
    };
    (a > 0.0).then(|| 100.0 * (b - a) / a)
}

/// Marks a row that the change in output length explains, or hides; says whether it did.
fn attribute(row: &mut Row, sides: [&Cell; 2]) -> bool {
    let of_length = matches!(row.metric.family, Family::Throughput | Family::Latency);
    let (Some(longer), Some(change)) = (self::change(Quantity::OslMean, sides), row.change())
    else {
        return false;
    };
    // Nothing at all came out: no length of outputs explains that.
    let is_nothing = row.current == Some(0.0);
    let explains = of_length && row.metric.kind == Kind::Percent && !is_nothing;
    if !explains || !beyond(longer.abs(), PART * row.tolerance) {
        return false;
    }
    let worse = |change: f64| beyond(row.metric.better.adverse(change), row.tolerance);
    match row.status {
        Status::Regressed if !worse(change - longer) => {
            row.decide(
                Status::Unresolved,
                format!(
                    "outputs changed their length by {longer:+.2} %, which is enough to explain it"
                ),
            );
            true
        }
        Status::Within if row.metric.family == Family::Throughput => {
            let [Some(a), Some(b)] = sides.map(requests_per_s) else {
                return false;
            };
            let fewer = a > 0.0 && worse(100.0 * (b - a) / a);
            if fewer {
                row.decide(
                    Status::Unresolved,
                    format!("outputs changed their length by {longer:+.2} %, and requests a second went from {a:.3} to {b:.3}"),
                );
            }
            fewer
        }
        _ => false,
    }
}
