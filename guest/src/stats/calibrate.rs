//! What repeated runs of one configuration say about the tolerances to use.

use super::assess::worsening;
use super::cell::{Adverse, Tolerance};
use super::noise::{Spread, moderate, pool, squares};
use super::power::detectable;
use super::resolve::least_variance;
use super::special::t_upper_quantile;
use super::summary::{mean, median, median_variance};

/// Trials an arm for which a plan is given.
pub const TRIALS: [usize; 4] = [1, 3, 5, 10];
/// One false alarm in a hundred comparisons of identical runs.
const FLAP: f64 = 0.01;
/// Level and power of `Planned::detectable`.
const ALPHA: f64 = 0.005;
const POWER: f64 = 0.8;

/// One metric at one level over the repeated runs.
#[derive(Clone, Debug)]
pub struct Repeated<'a> {
    /// Name of the metric.
    pub metric: &'a str,
    /// Level.
    pub level: &'a str,
    /// Which way is worse.
    pub adverse: Adverse,
    /// Tolerance in force; decides the scale.
    pub tolerance: Tolerance,
    /// One value a run.
    pub values: Vec<f64>,
}

/// What a number of trials an arm gives. Percent or the metric's unit, as the tolerance is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planned {
    /// Trials an arm.
    pub trials: usize,
    /// Tolerance that this row alone, judged by the tolerance alone, exceeds for the worse in one of a
    /// hundred comparisons of identical runs.
    pub flaps_once_in_100: f64,
    /// Smallest true worsening seen with chance 0.8 at the level of the headline, the noise taken
    /// from these repeated runs.
    pub detectable: f64,
}

/// Noise of one metric at one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Runs used; outliers are not.
    pub n: usize,
    /// Index of a run left out as an outlier.
    pub left_out: Option<usize>,
    /// Mean of all runs.
    pub mean: f64,
    /// Median of all runs.
    pub median: f64,
    /// Standard deviation of these values, on the scale of the test (percent: of the logarithm).
    pub raw_std: f64,
    /// The same after moderation over the metric's levels: what the plans use.
    pub std: f64,
    /// Degrees of freedom after moderation.
    pub degrees_of_freedom: f64,
    /// One entry for each of [`TRIALS`].
    pub plans: [Planned; 4],
}

/// Calibrates every row; `None` where fewer than three runs have a value or a value has no logarithm.
/// The tolerance is Student's prediction limit `t * s * sqrt(k(n) + k(n))` for the difference of two
/// medians (Hahn and Meeker 1991, Statistical Intervals, chapter 4), k the variance of a median.
pub fn calibrate(rows: &[Repeated]) -> Vec<Option<Calibration>> {
    let raw: Vec<Option<(Spread, Option<usize>)>> = rows.iter().map(raw).collect();
    (0..rows.len())
        .map(|i| {
            let (own, left_out) = raw[i]?;
            let same = |&j: &usize| rows[j].metric == rows[i].metric && raw[j].is_some();
            let group: Vec<usize> = (0..rows.len()).filter(same).collect();
            let spreads: Vec<Spread> = group.iter().filter_map(|&j| Some(raw[j]?.0)).collect();
            let place = group.iter().position(|&j| j == i)?;
            one(&rows[i], own, moderate(&spreads)[place], left_out)
        })
        .collect()
}

fn raw(row: &Repeated) -> Option<(Spread, Option<usize>)> {
    if row.values.len() < super::resolve::MIN_TRIALS {
        return None;
    }
    let arm = squares(&super::resolve::scaled(&row.values, row.tolerance)?);
    Some((pool(&[arm], least_variance(row.tolerance))?, arm.left_out))
}

fn one(row: &Repeated, own: Spread, used: Spread, left_out: Option<usize>) -> Option<Calibration> {
    let unit = if matches!(row.tolerance, Tolerance::Percent(_)) {
        100.0
    } else {
        1.0
    };
    let plan = |trials: usize| {
        let se = (2.0 * used.variance * median_variance(trials)).sqrt();
        let limit = t_upper_quantile(FLAP, used.df) * se;
        Planned {
            trials,
            flaps_once_in_100: worsening(row.tolerance, row.adverse, limit),
            detectable: worsening(
                row.tolerance,
                row.adverse,
                detectable(se, used.df, ALPHA, POWER),
            ),
        }
    };
    Some(Calibration {
        n: row.values.len() - usize::from(left_out.is_some()),
        left_out,
        mean: mean(&row.values)?,
        median: median(&row.values)?,
        raw_std: unit * own.variance.sqrt(),
        std: unit * used.variance.sqrt(),
        degrees_of_freedom: used.df,
        plans: TRIALS.map(plan),
    })
}
