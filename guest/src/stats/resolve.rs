//! The test itself: medians compared, noise from between the runs, many rows at once.

use super::cell::{Adverse, Cell, LeftOut, Method, Options, Resolution, Tolerance};
use super::fdr::benjamini_hochberg;
use super::noise::{Spread, Squares, moderate, pool, squares};
use super::special::t_sf;
use super::summary::{median, median_variance};

/// Fewest trials in an arm that make the noise known.
pub const MIN_TRIALS: usize = 3;
/// Fewest earlier baselines that make the noise known.
pub const MIN_HISTORY: usize = 5;
/// Smallest standard deviation believed on the log scale, 0.1 %: three equal values, rounded by the
/// tool that printed them, are no proof of a noiseless server.
const LEAST_LOG_STD: f64 = 1e-3;
/// The same for an absolute tolerance, as a part of it.
const LEAST_PART_OF_TOLERANCE: f64 = 0.02;

/// Variance model of one row: `between` sessions (trials do not reduce it) and `within`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model {
    /// How it was got.
    pub method: Method,
    /// Variance between sessions, from history, beyond what trials explain.
    pub between: f64,
    /// Variance of one run within a session.
    pub within: f64,
    /// Degrees of freedom of the test now.
    pub df: f64,
    /// Degrees of freedom that further trials would not change.
    pub fixed_df: f64,
    /// Whether each further trial adds a degree of freedom.
    pub grows: bool,
}

impl Model {
    /// Standard error of the difference of two medians of `a` and `b` trials.
    pub fn standard_error(&self, a: usize, b: usize) -> f64 {
        (2.0 * self.between + self.within * (median_variance(a) + median_variance(b))).sqrt()
    }

    /// Degrees of freedom with `n` trials an arm.
    pub fn df_with(&self, n: u32) -> f64 {
        if self.grows {
            self.fixed_df + 2.0 * (f64::from(n) - 1.0)
        } else {
            self.fixed_df
        }
    }
}

/// One row, tested. On the scale of the test: log for percent tolerances, else natural.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Difference of the medians in percent or in the metric's unit.
    pub delta: Option<f64>,
    /// The same on the scale of the test.
    pub scaled: f64,
    /// The noise, where known.
    pub model: Option<Model>,
    /// Standard error of `scaled`; 0 where the noise is not known.
    pub se: f64,
    /// One-sided p-value for "worse".
    pub p_worse: Option<f64>,
    /// `p_worse` adjusted for the number of rows.
    pub p_adjusted: Option<f64>,
    /// Whether the change stands out of the noise.
    pub resolution: Resolution,
    /// Runs of this cell behind the noise.
    pub runs: usize,
    /// Runs left out of it.
    pub left_out: Vec<LeftOut>,
}

/// Tests every row.
///
/// A row's change is the difference of the medians of its two arms. Its noise comes from between
/// runs only: the variance of the trials, pooled over both arms and moderated over the levels of the
/// metric, with the variance of a median of n; from five earlier baselines on, the variance between
/// sessions on top. The ratio is a moderated t (Smyth 2004). The headline has
/// `headline_alpha` to itself; all other rows share the false-discovery rate `fdr`. The error is
/// thus split between the two (Bonferroni), and a change of the headline never waits for other rows.
/// Improvements are
/// tested the same way in their own family.
pub fn resolve(cells: &[Cell], options: &Options) -> Vec<Tested> {
    let mut rows: Vec<Tested> = cells.iter().map(measure).collect();
    let models = models(cells, &mut rows);
    for ((row, cell), model) in rows.iter_mut().zip(cells).zip(models) {
        let testable = row.delta.is_some() && row.scaled.is_finite();
        let Some(model) = model.filter(|_| testable) else {
            continue;
        };
        row.se = model.standard_error(cell.baseline.len(), cell.current.len());
        row.model = Some(model);
        row.p_worse = Some(p_worse(row.scaled, row.se, model.df, cell.adverse));
    }
    decide(cells, &mut rows, options);
    rows
}

/// Delta of a row, nothing else.
fn measure(cell: &Cell) -> Tested {
    let (delta, scaled) = change(cell).unzip();
    Tested {
        delta,
        scaled: scaled.unwrap_or(0.0),
        model: None,
        se: 0.0,
        p_worse: None,
        p_adjusted: None,
        resolution: Resolution::Unknown,
        runs: 0,
        left_out: Vec::new(),
    }
}

/// Difference of the medians, in the tolerance's unit and on the scale of the test.
fn change(cell: &Cell) -> Option<(f64, f64)> {
    let (base, now) = (median(&cell.baseline)?, median(&cell.current)?);
    match cell.tolerance {
        Tolerance::Absolute(_) => Some((now - base, now - base)),
        Tolerance::Percent(_) if base > 0.0 && now > 0.0 => {
            Some((100.0 * (now - base) / base, libm::log(now / base)))
        }
        // No logarithm: a percentage of the baseline still exists, but no test.
        Tolerance::Percent(_) if base > 0.0 => Some((100.0 * (now - base) / base, f64::NAN)),
        Tolerance::Percent(_) => None,
    }
}

fn p_worse(scaled: f64, se: f64, df: f64, adverse: Adverse) -> f64 {
    let worse = adverse.sign() * scaled;
    if se > 0.0 {
        return t_sf(worse / se, df);
    }
    match worse {
        w if w > 0.0 => 0.0,
        w if w < 0.0 => 1.0,
        _ => 0.5,
    }
}

/// The values on the scale of the test; `None` when one cannot be brought there.
pub(super) fn scaled(values: &[f64], tolerance: Tolerance) -> Option<Vec<f64>> {
    match tolerance {
        Tolerance::Absolute(_) => Some(values.to_vec()),
        Tolerance::Percent(_) => values
            .iter()
            .map(|&v| (v > 0.0).then(|| libm::log(v)))
            .collect(),
    }
}

/// Smallest variance believed.
pub(super) fn least_variance(tolerance: Tolerance) -> f64 {
    let std = match tolerance {
        Tolerance::Percent(_) => LEAST_LOG_STD,
        Tolerance::Absolute(allowed) => LEAST_PART_OF_TOLERANCE * allowed,
    };
    std * std
}

/// Raw variances of one cell before they are moderated.
struct Raw {
    trials: Option<Spread>,
    history: Option<Spread>,
}

/// The variance model of every row.
fn models(cells: &[Cell], rows: &mut [Tested]) -> Vec<Option<Model>> {
    let raw: Vec<Raw> = cells
        .iter()
        .zip(rows)
        .map(|(cell, row)| raw(cell, row))
        .collect();
    let trials = moderated(cells, raw.iter().map(|r| r.trials));
    let history = moderated(cells, raw.iter().map(|r| r.history));
    (0..cells.len())
        .map(|i| combine(&cells[i], raw[i].trials, trials[i], history[i]))
        .collect()
}

fn raw(cell: &Cell, row: &mut Tested) -> Raw {
    let least = least_variance(cell.tolerance);
    let mut arm = |values: &[f64], place: fn(usize) -> LeftOut| -> Option<Squares> {
        let squares = squares(&scaled(values, cell.tolerance)?);
        row.left_out.extend(squares.left_out.map(place));
        row.runs += values.len() - usize::from(squares.left_out.is_some());
        Some(squares)
    };
    let repeated = cell.baseline.len().max(cell.current.len()) >= MIN_TRIALS;
    let trials = repeated.then(|| {
        let arms = [
            arm(&cell.baseline, LeftOut::Baseline)?,
            arm(&cell.current, LeftOut::Current)?,
        ];
        pool(&arms, least)
    });
    let remembered = cell.history.len() >= MIN_HISTORY;
    let history = remembered.then(|| pool(&[arm(&cell.history, LeftOut::History)?], least));
    Raw {
        trials: trials.flatten(),
        history: history.flatten(),
    }
}

/// Moderates within each metric; rows without a variance stay without.
fn moderated(cells: &[Cell], raw: impl Iterator<Item = Option<Spread>>) -> Vec<Option<Spread>> {
    let mut all: Vec<Option<Spread>> = raw.collect();
    for first in 0..cells.len() {
        let metric = cells[first].metric;
        if cells[..first].iter().any(|cell| cell.metric == metric) {
            continue;
        }
        let group: Vec<usize> = (first..cells.len())
            .filter(|&i| cells[i].metric == metric && all[i].is_some())
            .collect();
        let spreads: Vec<Spread> = group.iter().filter_map(|&i| all[i]).collect();
        for (&i, spread) in group.iter().zip(moderate(&spreads)) {
            all[i] = Some(spread);
        }
    }
    all
}

/// Trials alone, history alone, or both: then the session variance is what history has beyond the
/// trials' (method of moments), with degrees of freedom by Satterthwaite (1946), Biometrics 2,
/// 110-114. An entry of the history counts as one run.
fn combine(
    cell: &Cell,
    raw_trials: Option<Spread>,
    trials: Option<Spread>,
    history: Option<Spread>,
) -> Option<Model> {
    let borrowed = trials.map_or(0.0, |t| t.df - raw_trials.map_or(0.0, |r| r.df));
    let from_trials = trials.map(|t| Model {
        method: Method::Trials,
        between: 0.0,
        within: t.variance,
        df: t.df,
        fixed_df: borrowed,
        grows: true,
    });
    let Some(h) = history else { return from_trials };
    let Some(t) = trials else {
        return Some(Model {
            method: Method::History,
            between: 0.0,
            within: h.variance,
            df: h.df,
            fixed_df: h.df,
            grows: false,
        });
    };
    let between = h.variance - t.variance;
    if between <= 0.0 {
        return from_trials.map(|m| Model {
            method: Method::TrialsAndHistory,
            ..m
        });
    }
    let medians = median_variance(cell.baseline.len()) + median_variance(cell.current.len());
    let total = 2.0 * between + medians * t.variance;
    let (a, b) = (2.0 * h.variance, (medians - 2.0) * t.variance);
    let df = total * total / (a * a / h.df + b * b / t.df);
    let df = df.clamp(1.0, h.df + t.df);
    let method = Method::TrialsAndHistory;
    Some(Model {
        method,
        between,
        within: t.variance,
        df,
        fixed_df: df,
        grows: false,
    })
}

/// Adjusts the p-values and resolves each row.
fn decide(cells: &[Cell], rows: &mut [Tested], options: &Options) {
    let family: Vec<usize> = (0..rows.len())
        .filter(|&i| !cells[i].headline && rows[i].p_worse.is_some())
        .collect();
    let worse: Vec<f64> = family.iter().filter_map(|&i| rows[i].p_worse).collect();
    let better: Vec<f64> = worse.iter().map(|p| 1.0 - p).collect();
    let (worse, better) = (benjamini_hochberg(&worse), benjamini_hochberg(&better));
    for (k, &i) in family.iter().enumerate() {
        rows[i].p_adjusted = Some(worse[k]);
        rows[i].resolution = resolution(worse[k].min(better[k]), options.fdr);
    }
    for (row, cell) in rows.iter_mut().zip(cells) {
        if let (true, Some(p)) = (cell.headline, row.p_worse) {
            row.p_adjusted = Some(p);
            row.resolution = resolution(p.min(1.0 - p), options.headline_alpha);
        }
    }
}

fn resolution(p: f64, level: f64) -> Resolution {
    if p <= level {
        Resolution::BeyondNoise
    } else {
        Resolution::InsideNoise
    }
}
