//! The judge's entry: for every row its noise, interval, p-values and what would settle it.

use super::advice::Plan;
use super::cell::{Advice, Cell, Evidence, Noise, Options, Resolution};
use super::doubt::Doubt;
use super::fdr::threshold;
use super::model::{MIN_TRIALS, Model, Sides};
use super::pairs::Pair;
use super::power::Seen;
use super::resolve::{Tested, resolve};
use super::special::t_upper_quantile;

/// One-sided level of `Noise::relative_floor`.
const FLOOR_ALPHA: f64 = 0.05;

/// Everything known about each cell, in the order of `cells`; `pairs` are the pairs of runs where the trials of the arms
/// alternate ([`pairs`](super::pairs::pairs)), else empty. Pure and deterministic; the order of the trials decides nothing.
pub fn assess(cells: &[Cell], pairs: &[Pair], options: &Options) -> Vec<Evidence> {
    let rows = resolve(cells, pairs, options);
    let alphas = alphas(cells, &rows, options);
    let seen = Seen::default();
    cells
        .iter()
        .zip(rows)
        .zip(alphas)
        .map(|((cell, row), alpha)| evidence(cell, row, alpha, options, &seen))
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

fn evidence(cell: &Cell, row: Tested, alpha: f64, options: &Options, seen: &Seen) -> Evidence {
    let known = row.model.zip(row.sides.as_ref());
    let plan = row.model.map(|model| Plan {
        adverse: cell.adverse,
        tolerance: cell.tolerance,
        model,
        alpha,
        power: options.power,
        seen,
    });
    let detectable = row.model.map(|model| {
        let effect = seen.detectable(row.se, model.df, alpha, options.power);
        cell.tolerance.worsening(cell.adverse, effect)
    });
    Evidence {
        delta: row.delta,
        interval: row.model.map(|model| interval(cell, &row, &model, options)),
        p_value: row.p_worse,
        p_adjusted: row.p_adjusted,
        resolution: row.resolution,
        doubt: row.doubt,
        advice: plan.map(|plan| advice(cell, &row, &plan)),
        detectable,
        noise: known.map(|(model, sides)| noise(cell, &row, &model, sides)),
    }
}

/// What would show the change seen, where it is beyond tolerance and doubted, or one of the size of the tolerance.
fn advice(cell: &Cell, row: &Tested, plan: &Plan) -> Advice {
    let beyond = |delta: f64| cell.tolerance.exceeded(delta, cell.adverse);
    let unresolved = row.resolution == Resolution::InsideNoise && row.delta.is_some_and(beyond);
    if !unresolved {
        return plan.advice(cell.tolerance.effect(cell.adverse), MIN_TRIALS as u32);
    }
    let one_more = match &row.sides {
        Some(sides) if sides.is_paired() => sides.differences.len(),
        Some(sides) => sides.baseline.len().min(sides.current.len()),
        None => 0,
    } as u32
        + 1;
    let fewest = one_more.max(MIN_TRIALS as u32);
    match row.doubt {
        // Further runs would show both states again.
        Some(Doubt::States) => plan.quieter(),
        _ => plan.advice(row.scaled.abs(), fewest),
    }
}

fn noise(cell: &Cell, row: &Tested, model: &Model, sides: &Sides) -> Noise {
    let floor = t_upper_quantile(FLOOR_ALPHA, model.df) * row.se;
    let entries = match &sides.history {
        Some(history) => history.counted.iter().map(|it| it.run).collect(),
        None => Vec::new(),
    };
    Noise {
        method: model.method,
        n: sides.runs(),
        std: cell.tolerance.shown_std(model.run_std()),
        relative_floor: cell.tolerance.worsening(cell.adverse, floor),
        degrees_of_freedom: model.df,
        left_out: sides.left_out.clone(),
        entries,
        pairs: sides.differences.len(),
    }
}

/// Student interval of the delta, brought back from the scale of the test.
fn interval(cell: &Cell, row: &Tested, model: &Model, options: &Options) -> (f64, f64) {
    let half = t_upper_quantile(0.5 * (1.0 - options.confidence), model.df) * row.se;
    let shown = |scaled: f64| cell.tolerance.shown(scaled);
    (shown(row.scaled - half), shown(row.scaled + half))
}
