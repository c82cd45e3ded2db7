//! Whether the runs were such that their numbers mean something: before any latency.

use super::rows::{Row, Status};
use crate::document::{Document, Level};
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics;
use crate::stats::samples;

/// Mean output lengths further apart than this share are a finding; beyond 5 % they are another workload.
const DRIFT: f64 = 0.01;

/// A share of failed requests above this is told.
const FAILED: f64 = metrics::ERROR_RATE_POINTS / 100.0;

/// Fewer requests than this many times the concurrency measure start and end more than the middle.
const STEADY: f64 = 2.0;

/// Findings of each common level.
pub fn findings(baseline: &Document, current: &Document, findings: &mut Vec<Finding>) {
    for (level, of_baseline) in &baseline.levels {
        let Some(of_current) = current.levels.get(level) else {
            continue;
        };
        if let (Some(a), Some(b)) = (of_baseline.osl_mean, of_current.osl_mean)
            && a > 0.0
            && (b - a).abs() > DRIFT * a
        {
            findings.push(Finding::new(
                FindingCode::OutputLengthDrift,
                Some(format!("metrics.{level}.osl_mean")),
                format!("the mean output length went from {a:.2} to {b:.2} tokens ({:+.2} %): ITL and throughput move with it", 100.0 * (b - a) / a),
            ));
        }
        let sides = [
            ("baseline", baseline, of_baseline),
            ("current run", current, of_current),
        ];
        for (name, side, of) in sides {
            failed(name, *level, of, findings);
            unsteady(name, side, *level, of, findings);
        }
    }
}

fn failed(name: &str, level: u32, of: &Level, findings: &mut Vec<Finding>) {
    let (Some(rate), Some(errors), Some(requests)) = (of.error_rate(), of.errors, of.requests)
    else {
        return;
    };
    if rate > FAILED {
        findings.push(Finding::new(
            FindingCode::RequestsFailed,
            Some(format!("metrics.{level}.errors")),
            format!(
                "{errors} of {requests} requests of the {name} failed ({:.1} %): latencies are those of the others",
                100.0 * rate
            ),
        ));
    }
}

fn unsteady(name: &str, side: &Document, level: u32, of: &Level, findings: &mut Vec<Finding>) {
    let Some(requests) = of.requests else { return };
    let a_run = requests / side.trials.len().max(1) as f64;
    if a_run < STEADY * f64::from(level) {
        findings.push(Finding::new(
            FindingCode::NotSteady,
            Some(format!("metrics.{level}")),
            format!(
                "the {name} ran {a_run:.0} requests at concurrency {level}, fewer than twice as many: start and end weigh as much as the steady state"
            ),
        ));
    }
}

/// Marks percentiles that their sample cannot carry, and takes them out of the verdict if asked to.
pub fn tails(
    rows: &mut [Row],
    baseline: &Document,
    current: &Document,
    observe: bool,
    findings: &mut Vec<Finding>,
) {
    for row in rows.iter_mut() {
        let (Some(level), Some(quantile)) = (row.concurrency(), quantile(&row.metric)) else {
            continue;
        };
        if !matches!(
            row.status,
            Status::Regressed | Status::Improved | Status::Within
        ) {
            continue;
        }
        let behind = [baseline, current].into_iter().filter_map(|side| {
            let of = side.levels.get(&level)?;
            let samples = of
                .samples
                .get(&row.metric)
                .copied()
                .or_else(|| of.succeeded())?;
            Some((samples / side.trials.len().max(1) as f64) as u64)
        });
        let Some(low) = behind
            .min()
            .and_then(|have| samples::low_samples(quantile, have))
        else {
            continue;
        };
        findings.push(Finding::new(
            FindingCode::LowSamples,
            Some(format!("metrics.{}.{}", row.level, row.metric)),
            format!(
                "{} requests a run cannot carry this percentile; it needs {}",
                low.have, low.need
            ),
        ));
        if observe {
            row.status = Status::Observed;
        }
    }
}

fn quantile(metric: &str) -> Option<f64> {
    [("_p50_", 0.5), ("_p95_", 0.95), ("_p99_", 0.99)]
        .into_iter()
        .find(|(mark, _)| metric.contains(mark))
        .map(|(_, q)| q)
}
