//! What repeated runs of one configuration say about trials first, and about tolerances second.

use super::advice::Plan;
use super::cell::{Adverse, Advice, Method, Tolerance};
use super::model::{MIN_TRIALS, Model};
use super::noise::{BORROWED_WEIGHT, Spread, moderate, outlier, pool, squares};
use super::power::Seen;
use super::special::{normal_quantile, t_upper_quantile};
use super::summary::{mean, median};

/// Trials an arm for which a plan is given.
pub const TRIALS: [usize; 4] = [1, 3, 5, 10];
/// No tolerance is ever advised beyond so many times the one in force.
pub const MOST_WIDENED: f64 = 3.0;
/// One false alarm in a hundred comparisons of identical runs.
const FLAP: f64 = 0.01;
/// Level and power of what can be seen.
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
    /// Smallest true worsening that the test of the headline sees with chance 0.8 where the noise is as in these
    /// repeated runs. With three trials or more the test knows the noise from them; with fewer, these runs are its history.
    pub detectable: f64,
    /// Smallest true worsening that is `REGRESSED` with chance 0.8 at the tolerance in force: seen by the test and beyond
    /// the tolerance too.
    pub shows: f64,
}

/// A tolerance wider than the one in force, for the number of trials asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Widened {
    /// The tolerance, in the unit of the one in force.
    pub tolerance: f64,
    /// Whether identical runs would still exceed it more than once in a hundred comparisons: it is three times the one in
    /// force, and more is never advised.
    pub capped: bool,
    /// Smallest true worsening that is `REGRESSED` with chance 0.8 under it. What is smaller can pass unseen.
    pub shows: f64,
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
    /// The number of trials asked for.
    pub asked: Planned,
    /// What would show a true change of the size of the tolerance in force: the first thing to do.
    pub advice: Advice,
    /// A wider tolerance for the number of trials asked for; `None` where the one in force holds with them.
    pub widened: Option<Widened>,
}

/// Calibrates every row for `trials` trials an arm; `None` where fewer than three runs have a value or a value has no
/// logarithm. The once-in-a-hundred tolerance is Student's prediction limit `t * s * sqrt(k(n) + k(n))` for the
/// difference of two medians (Hahn and Meeker 1991, Statistical Intervals, chapter 4), k the variance of a median.
pub fn calibrate(rows: &[Repeated], trials: usize) -> Vec<Option<Calibration>> {
    let seen = Seen::default();
    let raw: Vec<Option<(Spread, Option<usize>)>> = rows.iter().map(raw).collect();
    (0..rows.len())
        .map(|i| {
            let (own, left_out) = raw[i]?;
            let same = |&j: &usize| rows[j].metric == rows[i].metric && raw[j].is_some();
            let group: Vec<usize> = (0..rows.len()).filter(same).collect();
            let spreads: Vec<Spread> = group.iter().filter_map(|&j| Some(raw[j]?.0)).collect();
            let place = group.iter().position(|&j| j == i)?;
            let row = Row {
                row: &rows[i],
                used: moderate(&spreads)[place],
                levels: group.len(),
                seen: &seen,
            };
            row.calibrate(own, left_out, trials)
        })
        .collect()
}

fn raw(row: &Repeated) -> Option<(Spread, Option<usize>)> {
    if row.values.len() < MIN_TRIALS {
        return None;
    }
    let scaled = row.values.iter().map(|value| row.tolerance.scaled(*value));
    let scaled = scaled.collect::<Option<Vec<f64>>>()?;
    let left_out = outlier(&scaled);
    let kept = scaled
        .iter()
        .enumerate()
        .filter(|it| Some(it.0) != left_out);
    let mut kept: Vec<f64> = kept.map(|it| *it.1).collect();
    kept.sort_unstable_by(f64::total_cmp);
    let spread = pool(&[squares(&kept)], row.tolerance.least_variance())?;
    Some((spread, left_out))
}

/// A row with the noise that its plans use.
struct Row<'a> {
    row: &'a Repeated<'a>,
    used: Spread,
    /// Levels that lend each other their noise.
    levels: usize,
    /// What has been worked out before.
    seen: &'a Seen,
}

impl Row<'_> {
    fn calibrate(
        &self,
        own: Spread,
        left_out: Option<usize>,
        trials: usize,
    ) -> Option<Calibration> {
        let row = self.row;
        let asked = self.planned(trials.max(1));
        let plan = Plan {
            adverse: row.adverse,
            tolerance: row.tolerance,
            model: self.model(),
            alpha: ALPHA,
            power: POWER,
            seen: self.seen,
        };
        let mut sorted = row.values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Calibration {
            n: row.values.len() - usize::from(left_out.is_some()),
            left_out,
            mean: mean(&sorted)?,
            median: median(&sorted)?,
            raw_std: row.tolerance.shown_std(own.variance.sqrt()),
            std: row.tolerance.shown_std(self.used.variance.sqrt()),
            degrees_of_freedom: self.used.df,
            plans: TRIALS.map(|trials| self.planned(trials)),
            asked,
            advice: plan.advice(row.tolerance.effect(row.adverse), MIN_TRIALS as u32),
            widened: self.widened(&asked),
        })
    }

    /// A comparison to come knows its noise from its own trials.
    fn model(&self) -> Model {
        Model {
            method: Method::Trials,
            between: 0.0,
            within: self.used.variance,
            df: self.used.df,
            df_per_trial: 2.0 * (1.0 + BORROWED_WEIGHT * (self.levels as f64 - 1.0)),
        }
    }

    fn standard_error(&self, trials: usize) -> f64 {
        self.model().standard_error(trials, trials)
    }

    /// Smallest effect that the test sees.
    fn seen(&self, trials: usize) -> f64 {
        let df = match trials {
            0..MIN_TRIALS => self.used.df,
            _ => self.model().df_with(trials as u32),
        };
        let se = self.standard_error(trials);
        self.seen.detectable(se, df, ALPHA, POWER)
    }

    fn planned(&self, trials: usize) -> Planned {
        let se = self.standard_error(trials);
        let worsening = |effect| self.row.tolerance.worsening(self.row.adverse, effect);
        Planned {
            trials,
            flaps_once_in_100: worsening(t_upper_quantile(FLAP, self.used.df) * se),
            detectable: worsening(self.seen(trials)),
            shows: self.shows(trials, self.row.tolerance),
        }
    }

    /// Smallest true worsening that is seen by the test with chance 0.8 and lies beyond `tolerance` with chance 0.8,
    /// when the medians are about normal.
    fn shows(&self, trials: usize, tolerance: Tolerance) -> f64 {
        let se = self.standard_error(trials);
        let beyond = tolerance.effect(self.row.adverse) + normal_quantile(POWER) * se;
        tolerance.worsening(self.row.adverse, self.seen(trials).max(beyond))
    }

    fn widened(&self, asked: &Planned) -> Option<Widened> {
        let (Tolerance::Percent(allowed) | Tolerance::Absolute(allowed)) = self.row.tolerance;
        if asked.flaps_once_in_100 <= allowed {
            return None;
        }
        let tolerance = asked.flaps_once_in_100.min(MOST_WIDENED * allowed);
        let wider = match self.row.tolerance {
            Tolerance::Percent(_) => Tolerance::Percent(tolerance),
            Tolerance::Absolute(_) => Tolerance::Absolute(tolerance),
        };
        Some(Widened {
            tolerance,
            capped: tolerance < asked.flaps_once_in_100,
            shows: self.shows(asked.trials, wider),
        })
    }
}
