//! Did the run change while it was measured?

use super::bootstrap::{Difference, Plan, Sample, quantile_differences};
use super::rank;
use super::summary::quantile_of_sorted;

/// Fewest requests in a third; below it a shift cannot be told from chance.
const MIN_THIRD: usize = 6;

/// A change of the median of less than this, in percent, is no drift, however sure it is.
const MIN_CHANGE: f64 = 5.0;

/// Largest p-value of a drift.
const MAX_P: f64 = 0.01;

/// First third of a run against its last third.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Median of the first third, in the unit of the samples.
    pub first: f64,
    /// Median of the last third.
    pub last: f64,
    /// `100 * (last / first - 1)`; `None` when the first median is 0.
    pub change_percent: Option<f64>,
    /// Block-bootstrap interval of `last - first`, 95 %.
    pub difference: Difference,
    /// Two-sided Mann-Whitney p-value; too small when requests move in waves.
    pub p_value: Option<f64>,
    /// The run was not in a steady state: the interval excludes 0, p is below 0.01 and the change at least 5 %.
    pub drifted: bool,
}

/// Compares the first and the last third of `values`, which stand in the order in which the requests
/// started; warm-up that was left in shows as a slow first third. The last `block` requests are left out: nobody
/// takes the place of those that finish beside them, so they are quicker in every run. The idea is that of Geweke (1992,
/// Bayesian Statistics 4, 169-193), with medians in place of means. `block` is the concurrency.
/// `None` with fewer than 18 of the rest; no interval, and no drift, with fewer than four blocks a third.
pub fn drift(values: &[f64], block: usize, plan: &Plan) -> Option<Drift> {
    let values = &values[..values.len().saturating_sub(block)];
    let third = values.len() / 3;
    if third < MIN_THIRD {
        return None;
    }
    let head = Sample::new(&values[..third], block);
    let tail = Sample::new(&values[values.len() - third..], block);
    let [first, last] = [&head, &tail].map(|side| quantile_of_sorted(&side.sorted, 0.5));
    let (first, last) = first.zip(last)?;
    let difference = *quantile_differences(&head, &tail, &[0.5], plan).first()?;
    let change_percent = (first != 0.0).then(|| 100.0 * (last / first - 1.0));
    let p_value = rank::of_sorted(&head.sorted, &tail.sorted).map(|test| test.p_value);
    Some(Drift {
        first,
        last,
        change_percent,
        difference,
        p_value,
        drifted: difference.excludes_zero()
            && p_value.is_some_and(|p| p < MAX_P)
            && change_percent.is_some_and(|change| change.abs() >= MIN_CHANGE),
    })
}
