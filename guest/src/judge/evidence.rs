//! What repeated runs say about each row: noise, interval, and whether a change stands out of it.

use super::rows::{Row, Status};
use crate::document::Document;
use crate::document::trials::{Numbers, numbers};
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics::{self, Better, Kind, Scope};
use crate::stats::{self, Adverse, Cell, Evidence, Resolution, Tolerance};
use serde::Serialize;

/// The noise between runs of one row, in percent, or in the unit of the row for an absolute tolerance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// `trials`, `history` or `trials+history`.
    pub method: &'static str,
    /// Runs behind it.
    pub n: usize,
    /// Standard deviation of one run.
    pub std: f64,
    /// Change that identical runs exceed once in twenty, with the trials at hand.
    pub relative_floor: f64,
    /// Degrees of freedom of the test, borrowed ones included.
    pub degrees_of_freedom: f64,
}

/// What is known of a row beside its two numbers. All null where nobody measured the noise.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Known {
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
}

/// The numbers of each run of a side: its trials, or itself.
fn runs(document: &Document) -> Vec<Numbers> {
    if document.trials.is_empty() {
        vec![numbers(document)]
    } else {
        document.trials.clone()
    }
}

/// Where the number of a row stands in a document.
fn path(row: &Row) -> String {
    path_of(&row.metric, &row.level)
}

/// The same for the name and the level of a row.
pub(super) fn path_of(metric: &str, level: &str) -> String {
    match level {
        "server" => format!("server_metrics_delta.{metric}"),
        "profile" => metric.to_owned(),
        level => format!("metrics.{level}.{metric}"),
    }
}

/// Whether the noise of a row is a question. Failures are counted, not measured: one that is beyond its
/// tolerance is not excused by others like it.
fn is_measured(row: &Row) -> bool {
    let errors = metrics::find(&row.metric).is_some_and(|metric| metric.scope == Scope::Errors);
    !errors
        && matches!(
            row.status,
            Status::Regressed | Status::Improved | Status::Within
        )
}

/// Adds what trials and history say, and turns regressions that lie inside the noise into unresolved rows.
pub fn weigh(
    rows: &mut [Row],
    baseline: &Document,
    current: &Document,
    history: &[&Document],
    headline_level: u32,
    findings: &mut Vec<Finding>,
) {
    let (of_baseline, of_current) = (runs(baseline), runs(current));
    let of_history: Vec<Numbers> = history.iter().map(|document| numbers(document)).collect();
    let values = |of_runs: &[Numbers], path: &str| {
        of_runs.iter().map(|run| run.get(path).copied()).collect()
    };
    let headline = headline_level.to_string();
    let measured: Vec<usize> = (0..rows.len())
        .filter(|at| is_measured(&rows[*at]))
        .collect();
    let cells: Vec<Cell<'_>> = measured
        .iter()
        .map(|at| {
            let row = &rows[*at];
            let path = path(row);
            let percent = row.tolerance_kind == Kind::Percent.as_str();
            Cell {
                metric: &row.metric,
                level: &row.level,
                adverse: if row.direction == Better::Higher.as_str() {
                    Adverse::Down
                } else {
                    Adverse::Up
                },
                tolerance: if percent {
                    Tolerance::Percent(row.tolerance)
                } else {
                    Tolerance::Absolute(row.tolerance)
                },
                baseline: values(&of_baseline, &path),
                current: values(&of_current, &path),
                history: values(&of_history, &path),
                headline: row.metric == metrics::HEADLINE && row.level == headline,
            }
        })
        .collect();
    let evidence = stats::assess(&cells, &[], &stats::Options::default());
    drop(cells);
    for (at, evidence) in measured.into_iter().zip(evidence) {
        apply(&mut rows[at], evidence, findings);
    }
}

fn apply(row: &mut Row, evidence: Evidence, findings: &mut Vec<Finding>) {
    if row.status == Status::Regressed && evidence.resolution == Resolution::InsideNoise {
        row.status = Status::Unresolved;
    }
    let inside = row.status == Status::Unresolved;
    row.known = Known {
        trials_needed: evidence.trials_needed().filter(|_| inside),
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
        let unit = if row.tolerance_kind == Kind::Percent.as_str() {
            " %"
        } else {
            ""
        };
        findings.push(Finding::new(
            FindingCode::NoiseAboveTolerance,
            Some(path(row)),
            format!(
                "identical runs differ by up to {floor:.3}{unit}, more than the tolerance of {}{unit}: a regression of that size could not have been seen",
                row.tolerance
            ),
        ));
    }
}
