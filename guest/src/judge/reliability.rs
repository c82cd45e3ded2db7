//! Numbers that are artefacts of measuring.

use crate::document::Cell;
use crate::finding::{Finding, FindingCode};
use crate::measure::{Metric, Number, Place, Quantity};

/// A statistic that rests on a smaller share of the successful requests describes some of them only.
pub const LEAST_SHARE: f64 = 0.9;

/// The quantity whose 0 shows that whole streams arrived in one read.
pub(super) const ITL: Quantity = Quantity::ItlP50;

/// Whether the streams of this level arrived whole on either side: the median ITL is exactly 0.
pub fn coalesced(
    place: Place,
    baseline: &Cell,
    current: &Cell,
    findings: &mut Vec<Finding>,
) -> bool {
    let sides = [("baseline", baseline), ("current run", current)];
    let zero = sides
        .into_iter()
        .filter(|(_, side)| side.get(ITL) == Some(0.0));
    let names: Vec<&str> = zero.map(|(name, _)| name).collect();
    if names.is_empty() {
        return false;
    }
    findings.push(Finding::new(
        FindingCode::CoalescedStreams,
        Number::new(ITL, place),
        format!(
            "the median ITL is 0 in the {}: whole streams arrived in one read, so ITL, tok/s/user and TTFT of this level are not judged",
            names.join(" and the ")
        ),
    ));
    true
}

/// Whether a number of either side is an artefact, and why.
pub fn unreliable(
    metric: &Metric,
    place: Place,
    sides: [&Cell; 2],
    coalesced: bool,
    findings: &mut Vec<Finding>,
) -> bool {
    let number = Number::new(metric.quantity, place);
    let mut unreliable = coalesced && metric.of_streams;
    for (at, side) in sides.into_iter().enumerate() {
        let is_baseline = at == 0;
        let name = if is_baseline {
            "baseline"
        } else {
            "current run"
        };
        if is_artefact(metric, side, is_baseline) {
            unreliable = true;
            // The finding of coalesced streams says it already.
            if metric.quantity != ITL {
                findings.push(Finding::new(
                    FindingCode::ImplausibleZero,
                    number.clone(),
                    format!(
                        "the {name} has exactly 0 {}, which no run of requests gives",
                        metric.unit().as_str()
                    ),
                ));
            }
        }
        let behind = side.samples.get(&metric.quantity);
        let (Some(samples), Some(succeeded)) = (behind, side.succeeded()) else {
            continue;
        };
        if succeeded > 0.0 && *samples < LEAST_SHARE * succeeded {
            unreliable = true;
            findings.push(Finding::new(
                FindingCode::PartialSample,
                number.clone(),
                format!("in the {name} the statistic rests on {samples} of {succeeded} successful requests, less than 90 %"),
            ));
        }
    }
    unreliable
}

/// A time of exactly 0, or a speed of 0 in the baseline, of which there is no percentage.
fn is_artefact(metric: &Metric, side: &Cell, is_baseline: bool) -> bool {
    let unit = metric.unit();
    let cannot_be = unit.is_duration() || unit.is_speed() && is_baseline;
    cannot_be && side.get(metric.quantity) == Some(0.0)
}
