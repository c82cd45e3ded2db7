//! The verdict over simulated or real cells, by the bare tolerances and with the noise known.

use crate::data::{HEADLINE, METRICS};
use perfbridge_guest::stats::creep::creep;
use perfbridge_guest::stats::gate::{Family, Gate, GateRow, gate, status};
use perfbridge_guest::stats::pairs::Pair;
use perfbridge_guest::stats::predict::slow_trials;
use perfbridge_guest::stats::resolve::{Tested, resolve};
use perfbridge_guest::stats::{Cell, Options, Resolution, Tolerance};

/// What a comparison ends in.
#[derive(Clone, Copy)]
pub struct Verdict {
    /// The bare tolerances, each row alone.
    pub bare: Gate,
    /// The same rules where rows inside the noise are unresolved.
    pub ours: Gate,
    /// GREEN by ours: no row, no slow trial, and no creep.
    pub green: bool,
    /// Whether the noise of the headline was known.
    pub known: bool,
}

/// Verdicts of one comparison; `pairs` where the trials alternate.
pub fn judge(cells: &[Cell], pairs: &[Pair]) -> Verdict {
    let options = Options::default();
    let tested = resolve(cells, pairs, &options);
    let bare = gate(&rows(cells, &tested, |_| Resolution::Unknown));
    let ours = gate(&rows(cells, &tested, |row| row.resolution));
    let headline = cells.iter().position(|cell| cell.headline);
    let quiet = || {
        let slow = headline.is_some_and(|at| !slow_trials(cells, at, &options).is_empty());
        let of_levels = cells.iter().filter(|cell| cell.metric == HEADLINE);
        let levels: Vec<Cell> = of_levels.cloned().collect();
        !slow && creep(&levels, pairs, &options).is_none()
    };
    Verdict {
        bare,
        ours,
        green: ours == Gate::None && quiet(),
        known: headline.is_some_and(|at| tested[at].model.is_some()),
    }
}

fn rows<'a>(
    cells: &'a [Cell],
    tested: &[Tested],
    noise: impl Fn(&Tested) -> Resolution,
) -> Vec<GateRow<'a>> {
    let mut rows = Vec::with_capacity(cells.len());
    for (cell, row) in cells.iter().zip(tested) {
        let Some(delta) = row.delta else { continue };
        let (Tolerance::Percent(allowed) | Tolerance::Absolute(allowed)) = cell.tolerance;
        rows.push(GateRow {
            metric: cell.metric,
            family: family(cell.metric),
            level: cell.level,
            headline: cell.headline,
            status: status(delta, cell.tolerance, cell.adverse, noise(row)),
            tolerances: cell.adverse.sign() * delta / allowed,
        });
    }
    rows
}

fn family(metric: &str) -> Family {
    let row = METRICS.iter().find(|row| row.0 == metric);
    row.map_or(Family::Other, |row| row.3)
}

/// Shares of comparisons.
#[derive(Clone, Copy, Default)]
pub struct Rates {
    pub bare_red: f64,
    pub bare_green: f64,
    pub red: f64,
    pub green: f64,
    pub known: f64,
}

/// Share of each verdict over comparisons of real or simulated cells, and how many there were.
pub fn rates(
    comparisons: impl Iterator<Item = Vec<Cell<'static>>>,
    pairs: &[Pair],
) -> (Rates, usize) {
    let mut sums = Rates::default();
    let mut count = 0usize;
    for cells in comparisons {
        let verdict = judge(&cells, pairs);
        let one = |yes: bool| f64::from(u8::from(yes));
        sums.bare_red += one(verdict.bare.is_red());
        sums.bare_green += one(verdict.bare == Gate::None);
        sums.red += one(verdict.ours.is_red());
        sums.green += one(verdict.green);
        sums.known += one(verdict.known);
        count += 1;
    }
    let n = count.max(1) as f64;
    let rates = Rates {
        bare_red: sums.bare_red / n,
        bare_green: sums.bare_green / n,
        red: sums.red / n,
        green: sums.green / n,
        known: sums.known / n,
    };
    (rates, count)
}
