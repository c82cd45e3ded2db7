//! The judge's entry: for every row its noise, interval, p-values and what would settle it.

use super::cell::{Adverse, Cell, Evidence, Noise, Options, Resolution, Tolerance};
use super::fdr::threshold;
use super::power::{detectable, trials_needed};
use super::resolve::{Model, Tested, resolve};
use super::special::t_upper_quantile;

/// One-sided level of `Noise::relative_floor`.
const FLOOR_ALPHA: f64 = 0.05;

/// Everything known about each cell, in the order of `cells`. Pure and deterministic.
pub fn assess(cells: &[Cell], options: &Options) -> Vec<Evidence> {
    let rows = resolve(cells, options);
    let alphas = alphas(cells, &rows, options);
    cells
        .iter()
        .zip(rows)
        .zip(alphas)
        .map(|((cell, row), alpha)| evidence(cell, row, alpha, options))
        .collect()
}

/// The p-value each row has to reach: the headline its own level, another row the Benjamini-Hochberg
/// threshold of its rank, other rows being as they are.
fn alphas(cells: &[Cell], rows: &[Tested], options: &Options) -> Vec<f64> {
    let in_family = |i: usize| -> Option<f64> { rows[i].p_worse.filter(|_| !cells[i].headline) };
    let family: Vec<f64> = (0..rows.len()).filter_map(in_family).collect();
    let alpha = |i: usize| match in_family(i) {
        Some(p) => {
            let rank = family.iter().filter(|&&other| other <= p).count();
            threshold(options.fdr, rank, family.len())
        }
        None => options.headline_alpha,
    };
    (0..rows.len()).map(alpha).collect()
}

fn evidence(cell: &Cell, row: Tested, alpha: f64, options: &Options) -> Evidence {
    let interval = row
        .model
        .map(|model| interval(cell.tolerance, &row, &model, options));
    let inside = row.resolution == Resolution::InsideNoise;
    let trials_needed = row
        .model
        .filter(|_| inside && row.scaled != 0.0)
        .and_then(|model| {
            trials_needed(row.scaled.abs(), alpha, options.power, |n| {
                (
                    model.standard_error(n as usize, n as usize),
                    model.df_with(n),
                )
            })
        });
    let detectable = row.model.map(|model| {
        let effect = detectable(row.se, model.df, alpha, options.power);
        worsening(cell.tolerance, cell.adverse, effect)
    });
    Evidence {
        delta: row.delta,
        interval,
        p_value: row.p_worse,
        p_adjusted: row.p_adjusted,
        resolution: row.resolution,
        trials_needed,
        detectable,
        noise: row.model.map(|model| noise(cell, &row, &model)),
    }
}

fn noise(cell: &Cell, row: &Tested, model: &Model) -> Noise {
    let floor = t_upper_quantile(FLOOR_ALPHA, model.df) * row.se;
    let std = (model.between + model.within).sqrt();
    Noise {
        method: model.method,
        n: row.runs,
        std: match cell.tolerance {
            Tolerance::Percent(_) => 100.0 * std,
            Tolerance::Absolute(_) => std,
        },
        relative_floor: worsening(cell.tolerance, cell.adverse, floor),
        degrees_of_freedom: model.df,
        left_out: row.left_out.clone(),
    }
}

/// Student interval of the delta, brought back from the scale of the test.
fn interval(tolerance: Tolerance, row: &Tested, model: &Model, options: &Options) -> (f64, f64) {
    let half = t_upper_quantile(0.5 * (1.0 - options.confidence), model.df) * row.se;
    let (low, high) = (row.scaled - half, row.scaled + half);
    match tolerance {
        Tolerance::Percent(_) => (100.0 * libm::expm1(low), 100.0 * libm::expm1(high)),
        Tolerance::Absolute(_) => (low, high),
    }
}

/// A worsening by `effect > 0` on the scale of the test, as a positive percentage of the baseline or
/// in the metric's unit. On the log scale a fall never reaches 100 %.
pub(super) fn worsening(tolerance: Tolerance, adverse: Adverse, effect: f64) -> f64 {
    match (tolerance, adverse) {
        (Tolerance::Absolute(_), _) => effect,
        (Tolerance::Percent(_), Adverse::Up) => 100.0 * libm::expm1(effect),
        (Tolerance::Percent(_), Adverse::Down) => -100.0 * libm::expm1(-effect),
    }
}
