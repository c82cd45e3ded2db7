//! Losses too small for any row: over all levels together, and against the best of the last baselines.

use super::cell::{Cell, Options, Resolution, Tolerance};
use super::model::{Model, Sides, models};
use super::pairs::Pair;
use super::resolve::resolve;
use super::scale::present;
use super::special::t_sf;
use super::summary::{median, median_variance};

/// How many of the newest baselines the current run is held against.
pub const RATCHET: usize = 10;

/// A small but sure loss over the levels of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Creep {
    /// Change of the geometric mean over the levels, percent (arithmetic mean in the metric's unit for an absolute tolerance).
    pub change: f64,
    /// Levels in it.
    pub levels: usize,
    /// One-sided p-value for "worse".
    pub p_value: f64,
}

/// Whether the geometric mean of a metric over its levels is worse by more than half of the tolerance, beyond the noise at
/// the level of the headline. `levels` are the cells of one metric; the tolerance is that of the headline, else of the
/// first. Only levels count that every trial has.
///
/// Levels of one run share its luck, so that their changes are not independent pieces of evidence. Each run is therefore
/// made one number first, its own geometric mean, and runs are compared by these (the summary measures of
/// Matthews, Altman, Campbell and Royston 1990, British Medical Journal 300, 230-235): whatever correlation the levels have is
/// then in the noise of that number, and every run counts once. Nothing is borrowed from single levels.
pub fn creep(levels: &[Cell], pairs: &[Pair], options: &Options) -> Option<Creep> {
    let complete = |cell: &&Cell| {
        let mut runs = cell.baseline.iter().chain(&cell.current);
        runs.all(|value| value.is_some_and(|value| cell.tolerance.scaled(value).is_some()))
    };
    let levels: Vec<&Cell> = levels.iter().filter(complete).collect();
    let of = levels
        .iter()
        .find(|cell| cell.headline)
        .or(levels.first())?;
    let alike = |cell: &&Cell| {
        let sizes = |cell: &Cell| (cell.baseline.len(), cell.current.len(), cell.history.len());
        sizes(cell) == sizes(of)
    };
    if !levels.iter().all(alike) {
        return None;
    }
    let of_arm = |arms: Vec<&[Option<f64>]>| means(&levels, &arms);
    let whole = Cell {
        metric: of.metric,
        level: "all",
        adverse: of.adverse,
        tolerance: match of.tolerance {
            Tolerance::Percent(allowed) => Tolerance::Percent(0.5 * allowed),
            Tolerance::Absolute(allowed) => Tolerance::Absolute(0.5 * allowed),
        },
        baseline: of_arm(levels.iter().map(|cell| &*cell.baseline).collect()),
        current: of_arm(levels.iter().map(|cell| &*cell.current).collect()),
        history: of_arm(levels.iter().map(|cell| &*cell.history).collect()),
        headline: true,
    };
    let row = resolve(core::slice::from_ref(&whole), pairs, options).pop()?;
    let change = row.delta?;
    let beyond = whole.tolerance.exceeded(change, whole.adverse);
    (beyond && row.resolution == Resolution::BeyondNoise).then_some(Creep {
        change,
        levels: levels.len(),
        p_value: row.p_worse?,
    })
}

/// The mean over the levels of each run, geometric for a percent tolerance; `None` for a run that lacks a level.
fn means(levels: &[&Cell], arms: &[&[Option<f64>]]) -> Vec<Option<f64>> {
    let mean = |run: usize| {
        let scaled = |(cell, arm): (&&Cell, &&[Option<f64>])| cell.tolerance.scaled(arm[run]?);
        let all: Option<Vec<f64>> = levels.iter().zip(arms).map(scaled).collect();
        let mean = all?.iter().sum::<f64>() / levels.len() as f64;
        Some(match levels[0].tolerance {
            Tolerance::Percent(_) => libm::exp(mean),
            Tolerance::Absolute(_) => mean,
        })
    };
    (0..arms[0].len()).map(mean).collect()
}

/// A loss against the best of the last baselines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratchet {
    /// Place of the best among the entries.
    pub entry: usize,
    /// Its value.
    pub best: f64,
    /// Change of the current median from it, in the tolerance's unit.
    pub change: f64,
    /// One-sided p-value for "worse", times the number of entries that it is the best of; `None` where the noise is not known.
    pub p_value: Option<f64>,
}

/// Whether the row at `headline` is beyond tolerance and beyond the noise against the best of the newest [`RATCHET`]
/// of `entries` (oldest first), each one number. Where the noise is not known, the tolerance alone decides, as elsewhere.
///
/// The best of ten equal baselines is a lucky one: 1.5 standard deviations above their mean. So its p-value is
/// multiplied by the number of entries (Bonferroni), which holds whichever of them is picked by its value.
pub fn ratchet(
    cells: &[Cell],
    headline: usize,
    entries: &[Option<f64>],
    options: &Options,
) -> Option<Ratchet> {
    let cell = cells.get(headline)?;
    let sides: Vec<Option<Sides>> = cells.iter().map(|cell| Sides::new(cell, &[])).collect();
    let model: Option<Model> = models(cells, &sides)[headline];
    let first = entries.len().saturating_sub(RATCHET);
    let known: Vec<(usize, f64)> = (first..entries.len())
        .filter_map(|at| Some((at, entries[at]?)))
        .collect();
    let better = |a: &f64, b: &f64| (cell.adverse.sign() * (b - a)) > 0.0;
    let (entry, best) =
        known.iter().copied().reduce(
            |top, other| {
                if better(&other.1, &top.1) { other } else { top }
            },
        )?;
    let now = median(&present(&cell.current))?;
    let scaled = cell.tolerance.scaled(now)? - cell.tolerance.scaled(best)?;
    let runs = present(&cell.current).len();
    let p_value = model.map(|model| {
        let variance = 2.0 * model.between + model.within * (1.0 + median_variance(runs));
        let one = t_sf(cell.adverse.sign() * scaled / variance.sqrt(), model.df);
        (one * known.len() as f64).min(1.0)
    });
    let change = cell.tolerance.shown(scaled);
    let beyond = cell.tolerance.exceeded(change, cell.adverse);
    (beyond && p_value.is_none_or(|p| p <= options.headline_alpha)).then_some(Ratchet {
        entry,
        best,
        change,
        p_value,
    })
}
