//! Whether the runs were such that their numbers mean something: before any latency.

use super::contradiction::declared;
use super::reliability::SIDES;
use super::row::Row;
use super::status::Status;
use crate::document::copies::{self, Copied};
use crate::document::{Cell, Document};
use crate::finding::{Finding, FindingCode, Where};
use crate::measure::quantity::Statistic;
use crate::measure::{Number, Place, Quantity, metrics};
use crate::stats::samples;

/// A share of failed requests above this is told.
const FAILED: f64 = metrics::ERROR_RATE_POINTS / 100.0;

/// Fewer requests than this many times the concurrency measure start and end more than the middle.
const STEADY: f64 = 2.0;

/// Beyond this factor two numbers of requests are told.
const OTHER_COUNT: f64 = 2.0;

/// Findings of each common level.
pub fn findings(baseline: &Document, current: &Document, findings: &mut Vec<Finding>) {
    for (name, side) in SIDES.into_iter().zip([baseline, current]) {
        // Said also where another rule decides before it.
        findings.extend(
            declared(&side.validity).map(|why| {
                Finding::new(FindingCode::RunInvalid, None, format!("the {name}: {why}"))
            }),
        );
    }
    for (place, cells) in baseline.common_cells(current) {
        let sides = [baseline, current].into_iter().zip(cells);
        for (name, (side, of)) in SIDES.into_iter().zip(sides) {
            failed(name, place, of, findings);
            unsteady(name, side, place, of, findings);
        }
        findings.extend(other_count(place, [baseline, current], cells));
    }
    for (name, side) in SIDES.into_iter().zip([baseline, current]) {
        let who = format!("two trials of the {name} have");
        findings.extend(copies::within(side).map(|copied| same_numbers(&who, copied)));
    }
    // A profile may be of both sides while the results are of two runs.
    let mut same_runs = findings.iter().filter(|it| it.code == FindingCode::SameRun);
    let is_same = same_runs.any(|it| it.place != Where::Cell(Place::Profile));
    if is_same {
        return;
    }
    let who = "a run of either side has";
    findings.extend(copies::between(baseline, current).map(|copied| same_numbers(who, copied)));
}

/// A copy, as far as anybody can tell.
fn same_numbers(who: &str, copied: Copied) -> Finding {
    let digits = match copied.exact {
        true => "every digit",
        false => "all digits that both have",
    };
    let why = match copied.place {
        Some(_) => "here, which two runs never have: a result that was copied and renamed?",
        None if copied.exact => "which two runs never have: a copy under another name?",
        None => "which two runs never have: two files of one run, or a copy?",
    };
    let between = if copied.place.is_some() { " " } else { ", " };
    Finding::new(
        FindingCode::SameNumbers,
        copied.place.map_or(Where::Whole, Where::from),
        format!("{who} the same throughput and latencies in {digits}{between}{why}"),
    )
}

/// Runs of very different lengths.
fn other_count(place: Place, documents: [&Document; 2], cells: [&Cell; 2]) -> Option<Finding> {
    let a_run =
        |at: usize| Some(cells[at].get(Quantity::Requests)? / documents[at].run_count() as f64);
    let (a, b) = (a_run(0)?, a_run(1)?);
    (a > OTHER_COUNT * b || b > OTHER_COUNT * a).then(|| {
        Finding::new(
            FindingCode::RequestsDiffer,
            Number::new(Quantity::Requests, place),
            format!(
                "{a:.0} requests a run in the baseline, {b:.0} in the current run: start and end weigh differently, and so do single slow requests"
            ),
        )
    })
}

fn failed(name: &str, place: Place, of: &Cell, findings: &mut Vec<Finding>) {
    let counts = of.failed().zip(of.expected());
    let (Some(rate), Some((failed, expected))) = (of.error_rate(), counts) else {
        return;
    };
    if rate > FAILED {
        let errors = of.get(Quantity::Errors).unwrap_or_default();
        let how = if failed > errors {
            format!("failed or never ended ({errors} with an error)")
        } else {
            "failed".to_owned()
        };
        findings.push(Finding::new(
            FindingCode::RequestsFailed,
            Number::new(Quantity::Errors, place),
            format!(
                "{failed} of {expected} requests of the {name} {how} ({:.1} %): latencies are those of the others",
                100.0 * rate
            ),
        ));
    }
}

/// A rate has no number of requests in flight that fewer could be fewer than.
fn unsteady(name: &str, side: &Document, place: Place, of: &Cell, findings: &mut Vec<Finding>) {
    let counted = of.get(Quantity::Requests).zip(place.concurrency());
    let Some((requests, concurrency)) = counted else {
        return;
    };
    let a_run = requests / side.run_count() as f64;
    if a_run < STEADY * f64::from(concurrency) {
        findings.push(Finding::new(
            FindingCode::NotSteady,
            place,
            format!(
                "the {name} ran {a_run:.0} requests at concurrency {concurrency}, fewer than twice as many: start and end weigh as much as the steady state"
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
        let Statistic::Quantile(_, quantile) = row.metric.quantity.statistic() else {
            continue;
        };
        if !row.status.is_judged() {
            continue;
        }
        let behind = [baseline, current].into_iter().filter_map(|side| {
            let of = side.cell(row.number.place)?;
            let samples = of.samples.get(&row.metric.quantity).copied();
            let samples = samples.or_else(|| of.succeeded())?;
            Some((samples / side.run_count() as f64) as u64)
        });
        let fewest = behind.min();
        let Some(low) = fewest.and_then(|have| samples::low_samples(quantile, have)) else {
            continue;
        };
        findings.push(Finding::new(
            FindingCode::LowSamples,
            row.number.clone(),
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
