//! What repeated runs say about each row: noise, interval, and whether a change stands out of it.

use super::row::{Known, Noise, Row};
use super::status::Status;
use crate::document::{Document, Numbers};
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics::{Better, Family, HEADLINE, Kind};
use crate::measure::{Metric, Number, Place};
use crate::stats::{self, Adverse, Evidence, Resolution, Tolerance};

/// Whether the noise of a row is a question. Failures are counted, not measured: one that is beyond its
/// tolerance is not excused by others like it.
fn is_measured(row: &Row) -> bool {
    row.metric.family != Family::Errors && row.status.is_judged()
}

/// How the statistics see a tolerance.
pub(super) fn tolerance(metric: &Metric, value: f64) -> Tolerance {
    match metric.kind {
        Kind::Percent => Tolerance::Percent(value),
        Kind::Absolute => Tolerance::Absolute(value),
    }
}

/// How the statistics see a direction.
pub(super) fn adverse(metric: &Metric) -> Adverse {
    match metric.better {
        Better::Higher => Adverse::Down,
        Better::Lower => Adverse::Up,
    }
}

/// Adds what trials and history say, and turns regressions that lie inside the noise into unresolved rows.
pub fn weigh(
    rows: &mut [Row],
    baseline: &Document,
    current: &Document,
    history: &[&Document],
    headline: Place,
    findings: &mut Vec<Finding>,
) {
    let (of_baseline, of_current) = (baseline.runs(), current.runs());
    let of_history: Vec<Numbers> = history.iter().map(|document| document.numbers()).collect();
    let headline = Number::new(HEADLINE, headline);
    let measured: Vec<usize> = (0..rows.len())
        .filter(|at| is_measured(&rows[*at]))
        .collect();
    let names: Vec<[String; 2]> = measured
        .iter()
        .map(|at| [rows[*at].name(), rows[*at].level()])
        .collect();
    let cells: Vec<stats::Cell<'_>> = measured
        .iter()
        .zip(&names)
        .map(|(at, [metric, level])| {
            let row = &rows[*at];
            let values = |runs: &[Numbers]| -> Vec<Option<f64>> {
                runs.iter()
                    .map(|run| run.get(&row.number).copied())
                    .collect()
            };
            stats::Cell {
                metric,
                level,
                adverse: adverse(row.metric),
                tolerance: tolerance(row.metric, row.tolerance),
                baseline: values(&of_baseline),
                current: values(&of_current),
                history: values(&of_history),
                headline: row.number == headline,
            }
        })
        .collect();
    let evidence = stats::assess(&cells, &[], &stats::Options::default());
    for (at, evidence) in measured.into_iter().zip(evidence) {
        apply(&mut rows[at], evidence, findings);
    }
}

fn apply(row: &mut Row, evidence: Evidence, findings: &mut Vec<Finding>) {
    if row.status == Status::Regressed && evidence.resolution == Resolution::InsideNoise {
        row.status = Status::Unresolved;
    }
    let unresolved = row.status == Status::Unresolved;
    row.known = Known {
        trials_needed: evidence.trials_needed().filter(|_| unresolved),
        noise: evidence.noise.map(|noise| Noise {
            method: noise.method.name(),
            n: noise.n,
            std: noise.std,
            relative_floor: noise.relative_floor,
            degrees_of_freedom: noise.degrees_of_freedom,
        }),
        interval: evidence.interval.map(|(low, high)| [low, high]),
        p_value: evidence.p_value,
        p_adjusted: evidence.p_adjusted,
        detectable: evidence.detectable,
    };
    let floor = row.known.noise.as_ref().map(|noise| noise.relative_floor);
    if let (Status::Within, Some(floor)) =
        (row.status, floor.filter(|floor| *floor > row.tolerance))
    {
        let unit = row.unit_of_change();
        findings.push(Finding::new(
            FindingCode::NoiseAboveTolerance,
            row.number.clone(),
            format!(
                "identical runs differ by up to {floor:.3}{unit}, more than the tolerance of {}{unit}: a regression of that size could not have been seen",
                row.tolerance
            ),
        ));
    }
}
