//! Failed requests: rows that come before latency, because latencies are those of the survivors.

use super::policy::Origin;
use super::row::{Row, beyond};
use super::status::Status;
use crate::document::{Cell, Document, Numbers};
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics::{Family, HEADLINE};
use crate::measure::{METRICS, Metric, Number, Place, Quantity, metrics};
use crate::stats::fisher::{Failed, p_more_failures};

/// So many requests more must have failed for a regression: one can be anything.
pub const AT_LEAST: f64 = 2.0;

/// An error rate above this share makes a place sick whatever the baseline's is.
pub const SICK_ERROR_RATE: f64 = 0.10;

/// An error rate above this share is a failed run against a baseline that does not say its own.
pub const UNKNOWN_ERROR_RATE: f64 = metrics::ERROR_RATE_POINTS / 100.0;

/// One-sided level of Fisher's exact test.
const FISHER_ALPHA: f64 = 0.025;

/// The metric of the share of failed requests.
pub fn rate() -> &'static Metric {
    of(Quantity::ErrorRate)
}

/// The metric of the number of failed requests.
pub fn count() -> &'static Metric {
    of(Quantity::Errors)
}

fn of(quantity: Quantity) -> &'static Metric {
    // A row of the table; a test holds that it is there.
    Metric::of(quantity).unwrap_or(&METRICS[0])
}

/// Takes back what two requests do not carry: a row of errors is `REGRESSED` from two requests more on.
pub fn settle(row: &mut Row, baseline: &Cell, current: &Cell) -> Option<Finding> {
    let more = match row.metric.quantity {
        Quantity::ErrorRate => {
            let expected = baseline.error_rate()? * current.expected()?;
            current.failed()? - expected
        }
        _ => row.delta?,
    };
    let enough = more >= AT_LEAST - 1e-9;
    // Whoever counts with a tolerance of their own means it.
    let of_count = row.metric.quantity == Quantity::Errors;
    let counts = of_count && row.applied.origin != Origin::Default;
    if row.status == Status::Regressed && !enough && !counts {
        row.decide(
            Status::Within,
            "fewer than two requests more failed than in the baseline",
        );
    }
    let one_more = row.status == Status::Within && more >= 1.0 - 1e-9 && !enough;
    one_more.then(|| {
        Finding::new(
            FindingCode::OneMoreError,
            row.number.clone(),
            "one request more failed than the baseline lets one expect; two would be a regression",
        )
    })
}

/// Whether more requests fail than in the baseline by more than chance.
pub fn more_fail(baseline: &Cell, current: &Cell) -> bool {
    let counts = |cell: &Cell| {
        Some(Failed {
            failed: cell.failed()? as u64,
            of: cell.expected()? as u64,
        })
    };
    match (counts(baseline), counts(current)) {
        (Some(baseline), Some(current)) => p_more_failures(baseline, current) < FISHER_ALPHA,
        _ => false,
    }
}

/// Whether at most this share of the requests failed, or nobody counts them.
pub fn fails_at_most(cell: &Cell, share: f64) -> bool {
    cell.error_rate().is_none_or(|rate| !beyond(rate, share))
}

/// Whether so large a share failed, of a place whose baseline does not say its own, and at least two requests.
pub fn fails_unknown(baseline: &Cell, current: &Cell, share: f64) -> bool {
    let beyond_share = current.error_rate().is_some_and(|rate| beyond(rate, share));
    let two = current.failed().is_some_and(|failed| failed >= AT_LEAST);
    baseline.error_rate().is_none() && beyond_share && two
}

/// Whether requests succeeded: counts first, else throughput, else any number, or errors beside none. `None` where
/// nothing says it.
pub fn any_succeeded(number: &dyn Fn(Quantity) -> Option<f64>) -> Option<bool> {
    let counts = number(Quantity::Requests).zip(number(Quantity::Errors));
    if let Some((ended, errors)) = counts {
        return Some(ended > errors);
    }
    if let Some(throughput) = number(HEADLINE) {
        return Some(throughput > 0.0);
    }
    if metrics::of_cells().any(|metric| number(metric.quantity).is_some()) {
        return Some(true);
    }
    let errors = number(Quantity::Errors).filter(|errors| *errors > 0.0);
    errors.map(|_| false)
}

/// The same of each run that a document is made of, at a place that it has.
pub fn runs_that_succeeded(side: &Document, place: Place) -> Vec<Option<bool>> {
    if side.trials.is_empty() {
        let cell = side.cell(place).filter(|cell| !cell.numbers.is_empty());
        let succeeded = cell.map(|cell| any_succeeded(&|quantity| cell.get(quantity)));
        return succeeded.into_iter().collect();
    }
    let at = |run: &Numbers, quantity: Quantity| run.get(&Number::new(quantity, place)).copied();
    let has = |run: &&Numbers| run.keys().any(|number| number.place == place);
    let with = side.trials.iter().filter(has);
    with.map(|run| any_succeeded(&|quantity| at(run, quantity)))
        .collect()
}

/// Whether a row is one of failed requests.
pub fn is_of_errors(row: &Row) -> bool {
    row.metric.family == Family::Errors
}
