//! Did the run change while it was measured?

use super::bootstrap::{Difference, Plan, quantile_difference};
use super::rank::mann_whitney;
use super::summary::median;

/// Fewest requests in a third; below it a shift cannot be told from chance.
const MIN_THIRD: usize = 6;

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
    /// The interval excludes 0: the run was not in a steady state.
    pub drifted: bool,
}

/// Compares the first and the last third of `values`, which stand in the order in which the requests
/// started; warm-up that was left in shows as a slow first third. The idea is that of Geweke (1992,
/// Bayesian Statistics 4, 169-193), with medians in place of means. `block` is the concurrency.
/// `None` with fewer than 18 requests.
pub fn drift(values: &[f64], block: usize) -> Option<Drift> {
    let third = values.len() / 3;
    if third < MIN_THIRD {
        return None;
    }
    let (head, tail) = (&values[..third], &values[values.len() - third..]);
    let (first, last) = (median(head)?, median(tail)?);
    let difference = quantile_difference(head, tail, &Plan::new(0.5, block))?;
    Some(Drift {
        first,
        last,
        change_percent: (first != 0.0).then(|| 100.0 * (last / first - 1.0)),
        difference,
        p_value: mann_whitney(head, tail).map(|test| test.p_value),
        drifted: difference.low > 0.0 || difference.high < 0.0,
    })
}
