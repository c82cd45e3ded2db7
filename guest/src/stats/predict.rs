//! Single runs: is one trial slower than the baseline's trials let one expect?

use super::cell::{Cell, Options};
use super::model::MIN_TRIALS;
use super::noise::{Spread, moderate, outlier, pool, squares};
use super::scale::{Placed, placed, present, values};
use super::special::t_upper_quantile;
use super::summary::{median, median_variance};

/// A current trial that is slower than the baseline's trials predict, although the median of the trials is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slow {
    /// Index of the current trial.
    pub run: usize,
    /// Its change from the baseline's median, in the tolerance's unit.
    pub change: f64,
    /// The end of the prediction interval for one run that it lies beyond, in the same unit.
    pub limit: f64,
}

/// Half the width of the interval that the next single value lies in with chance `confidence`, about the median of
/// `n` normal values with a variance known to `df` degrees of freedom: `t * s * sqrt(1 + k(n))`, k the variance of
/// a median (Hahn and Meeker 1991, Statistical Intervals, section 4.7, for the mean, where k is 1/n).
pub fn prediction_half_width(spread: Spread, n: usize, confidence: f64) -> f64 {
    let t = t_upper_quantile(0.5 * (1.0 - confidence), spread.df);
    t * (spread.variance * (1.0 + median_variance(n))).sqrt()
}

/// The slow trials of the row at `headline`, in the order of the trials: beyond tolerance for the worse and
/// outside the prediction interval at `Options::confidence`. Its noise is that of the baseline's trials alone, since a
/// slow current trial would hide itself; moderated over the levels of the metric as elsewhere. None where the median is beyond
/// tolerance too, and none with fewer than three trials of the baseline.
pub fn slow_trials(cells: &[Cell], headline: usize, options: &Options) -> Vec<Slow> {
    find(cells, headline, options).unwrap_or_default()
}

fn find(cells: &[Cell], headline: usize, options: &Options) -> Option<Vec<Slow>> {
    let cell = cells.get(headline)?;
    // 0 has no logarithm and lies below all that have one: -100 %, outside of every interval.
    let change = |value: f64, base: f64| {
        let scaled = cell.tolerance.scaled(value).unwrap_or(f64::NEG_INFINITY) - base;
        (cell.tolerance.shown(scaled), scaled)
    };
    let (baseline, variance) = (kept(cell)?, spread(cells, headline)?);
    let centre = median(&values(&baseline))?;
    let now = change(median(&present(&cell.current))?, centre);
    if cell.tolerance.exceeded(now.0, cell.adverse) {
        return None;
    }
    let half = prediction_half_width(variance, baseline.len(), options.confidence);
    let limit = cell.tolerance.shown(cell.adverse.sign() * half);
    let slow = |(run, value): (usize, &Option<f64>)| {
        let (change, scaled) = change((*value)?, centre);
        let beyond = cell.tolerance.exceeded(change, cell.adverse);
        (beyond && cell.adverse.sign() * scaled > half).then_some(Slow { run, change, limit })
    };
    Some(cell.current.iter().enumerate().filter_map(slow).collect())
}

/// The baseline's trials without an outlier.
fn kept(cell: &Cell) -> Option<Vec<Placed>> {
    let mut arm = placed(&cell.baseline, cell.tolerance)?;
    if let Some(at) = outlier(&values(&arm)) {
        arm.remove(at);
    }
    (arm.len() >= MIN_TRIALS).then_some(arm)
}

/// Variance of the baseline's trials, moderated over the levels of the metric.
fn spread(cells: &[Cell], headline: usize) -> Option<Spread> {
    let (mut spreads, mut place) = (Vec::new(), None);
    for (at, cell) in cells.iter().enumerate() {
        if cell.metric == cells[headline].metric
            && let Some(arm) = kept(cell)
            && let Some(spread) = pool(&[squares(&values(&arm))], cell.tolerance.least_variance())
        {
            if at == headline {
                place = Some(spreads.len());
            }
            spreads.push(spread);
        }
    }
    moderate(&spreads).get(place?).copied()
}
