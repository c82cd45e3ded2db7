//! Numbers that are artefacts of measuring.

use crate::document::Level;
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics::Metric;

/// A statistic that rests on a smaller share of the successful requests describes some of them only.
pub const LEAST_SHARE: f64 = 0.9;

/// The metric whose 0 shows that whole streams arrived in one read.
pub(super) const ITL: &str = "itl_p50_ms";

/// Metrics that say nothing where whole streams arrived in one read: the first token came with the last one.
const OF_STREAMS: [&str; 5] = [
    ITL,
    "tps_per_user",
    "ttft_p50_ms",
    "ttft_p95_ms",
    "ttft_p99_ms",
];

/// Whether a metric says nothing where whole streams arrived in one read.
pub(super) fn is_of_streams(metric: &str) -> bool {
    OF_STREAMS.contains(&metric)
}

/// Whether the streams of this level arrived whole on either side: the median ITL is exactly 0.
pub fn coalesced(
    level: u32,
    baseline: &Level,
    current: &Level,
    findings: &mut Vec<Finding>,
) -> bool {
    let zero = |side: &Level| side.values.get(ITL) == Some(&0.0);
    let sides: Vec<&str> = [("baseline", baseline), ("current run", current)]
        .into_iter()
        .filter(|(_, side)| zero(side))
        .map(|(name, _)| name)
        .collect();
    if sides.is_empty() {
        return false;
    }
    findings.push(Finding::new(
        FindingCode::CoalescedStreams,
        Some(format!("metrics.{level}.{ITL}")),
        format!(
            "the median ITL is 0 in the {}: whole streams arrived in one read, so ITL, tok/s/user and TTFT of this level are not judged",
            sides.join(" and the ")
        ),
    ));
    true
}

/// Whether a number of either side is an artefact, and why.
pub fn unreliable(
    metric: &Metric,
    level: u32,
    sides: [&Level; 2],
    coalesced: bool,
    findings: &mut Vec<Finding>,
) -> bool {
    let place = format!("metrics.{level}.{}", metric.name);
    let names = ["baseline", "current run"];
    let mut unreliable = coalesced && is_of_streams(metric.name);
    for (side, name) in sides.into_iter().zip(names) {
        let value = side.values.get(metric.name).copied();
        let zero =
            value == Some(0.0) && (metric.is_duration() || metric.is_rate() && name == "baseline");
        if zero {
            unreliable = true;
            if metric.name != ITL {
                findings.push(Finding::new(
                    FindingCode::ImplausibleZero,
                    Some(place.clone()),
                    format!(
                        "the {name} has exactly 0 {}, which no run of requests gives",
                        metric.unit
                    ),
                ));
            }
        }
        let (Some(samples), Some(succeeded)) = (side.samples.get(metric.name), side.succeeded())
        else {
            continue;
        };
        if succeeded > 0.0 && *samples < LEAST_SHARE * succeeded {
            unreliable = true;
            findings.push(Finding::new(
                FindingCode::PartialSample,
                Some(place.clone()),
                format!("in the {name} the statistic rests on {samples} of {succeeded} successful requests, less than 90 %"),
            ));
        }
    }
    unreliable
}
