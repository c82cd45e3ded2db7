//! The test itself: medians compared, noise from between the runs, many rows at once.

use super::cell::{Adverse, Cell, Options, Resolution, Tolerance};
use super::doubt::{Doubt, doubt};
use super::fdr::benjamini_hochberg;
use super::model::{Model, Sides, models};
use super::pairs::Pair;
use super::scale::present;
use super::special::t_sf;
use super::summary::median;

/// One row, tested. On the scale of the test: log for percent tolerances, else natural.
#[derive(Clone, Debug)]
pub struct Tested {
    /// The change that is judged, in percent or in the metric's unit: the difference of the medians of the arms, or
    /// the median of the differences inside pairs.
    pub delta: Option<f64>,
    /// The same on the scale of the test.
    pub scaled: f64,
    /// The runs; `None` where one has no logarithm.
    pub sides: Option<Sides>,
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
    /// Why it does not.
    pub doubt: Option<Doubt>,
}

/// Tests every row; `pairs` are the pairs of runs where the arms alternate, else empty.
///
/// A row's change is the difference of the medians of its two arms. Its noise comes from between
/// runs only: the variance of the trials, pooled over both arms and moderated over the levels of the
/// metric, with the variance of a median of n; from five earlier baselines on, the variance between
/// sessions on top. Where trials alternate, the change is the median of the differences inside pairs, and the noise is
/// that of these differences. The ratio is a moderated t (Smyth 2004). The headline has
/// `headline_alpha` to itself; all other rows share the false-discovery rate `fdr`. The error is
/// thus split between the two (Bonferroni), and a change of the headline never waits for other rows.
/// What the t test believes must also pass [`doubt`]. Improvements are
/// tested the same way in their own family.
pub fn resolve(cells: &[Cell], pairs: &[Pair], options: &Options) -> Vec<Tested> {
    let sides: Vec<Option<Sides>> = cells.iter().map(|cell| Sides::new(cell, pairs)).collect();
    let models = models(cells, &sides);
    let rows = cells.iter().zip(sides).zip(models);
    let mut rows: Vec<Tested> = rows
        .map(|((cell, sides), model)| tested(cell, sides, model))
        .collect();
    decide(cells, &mut rows, options);
    rows
}

fn tested(cell: &Cell, sides: Option<Sides>, model: Option<Model>) -> Tested {
    let paired = sides.as_ref().filter(|sides| sides.is_paired());
    let change = match paired {
        Some(sides) => median(&sides.differences).map(|it| (cell.tolerance.shown(it), it)),
        None => change(cell),
    };
    let (delta, scaled) = change.unzip();
    let scaled = scaled.unwrap_or(0.0);
    let model = model.filter(|_| delta.is_some() && scaled.is_finite());
    let sizes = match paired {
        Some(sides) => [sides.differences.len(); 2],
        None => [&cell.baseline, &cell.current].map(|arm| arm.iter().flatten().count()),
    };
    let se = model.map_or(0.0, |model| model.standard_error(sizes[0], sizes[1]));
    Tested {
        delta,
        scaled,
        sides,
        model,
        se,
        p_worse: model.map(|model| p_worse(scaled, se, model.df, cell.adverse)),
        p_adjusted: None,
        resolution: Resolution::Unknown,
        doubt: None,
    }
}

/// Difference of the medians, in the tolerance's unit and on the scale of the test.
fn change(cell: &Cell) -> Option<(f64, f64)> {
    let (base, now) = (
        median(&present(&cell.baseline))?,
        median(&present(&cell.current))?,
    );
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
        rows[i].settle(worse[k].min(better[k]) <= options.fdr);
    }
    for (row, cell) in rows.iter_mut().zip(cells) {
        if let (true, Some(p)) = (cell.headline, row.p_worse) {
            row.p_adjusted = Some(p);
            row.settle(p.min(1.0 - p) <= options.headline_alpha);
        }
    }
}

impl Tested {
    /// Resolves the row from what its t test says.
    fn settle(&mut self, significant: bool) {
        self.doubt = match &self.sides {
            _ if !significant => Some(Doubt::Noise),
            Some(sides) => doubt(sides, self.scaled),
            None => None,
        };
        self.resolution = match self.doubt {
            Some(_) => Resolution::InsideNoise,
            None => Resolution::BeyondNoise,
        };
    }
}
