//! What must agree with the t test before a change is believed: ranks, separation, and no second state of the machine.

use super::exact::p_higher;
use super::model::{MIN_TRIALS, Sides};
use super::scale::values;
use super::summary::median;

/// Level of the rank test; complete separation of three against three reaches it exactly.
const RANK_ALPHA: f64 = 0.05;
/// A gap inside an arm as large as this part of the change is a second state.
const STATE_GAP: f64 = 0.75;
/// Smallest part of an arm that a second state can hold; a smaller one moves no median.
const STATE_SHARE: f64 = 0.2;

/// Why a change beyond tolerance is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The t test: identical runs differ as much.
    Noise,
    /// The runs of the two arms overlap: the exact Mann-Whitney test at 5 %.
    Ranks,
    /// An arm of one or two runs does not lie outside every run of the other and of the history.
    Overlap,
    /// A pair points the other way.
    Pairs,
    /// Runs of one and the same arm lie as far apart as the two arms do.
    States,
}

impl Doubt {
    /// The reason in words, after "is beyond tolerance, but".
    pub fn words(self) -> &'static str {
        match self {
            Doubt::Noise => "identical runs differ as much",
            Doubt::Ranks => "the runs of the two sides overlap",
            Doubt::Overlap => "it lies among the other side's runs or the history's",
            Doubt::Pairs => "not every pair of runs points the same way",
            Doubt::States => "runs of one and the same side lie as far apart",
        }
    }
}

/// What speaks against a change that the t test believes; `up` where the current side is the higher one.
pub fn doubt(sides: &Sides, change: f64) -> Option<Doubt> {
    let up = change > 0.0;
    if sides.is_paired() {
        let agrees = |difference: &f64| {
            if up {
                *difference > 0.0
            } else {
                *difference < 0.0
            }
        };
        if !sides.differences.iter().all(agrees) {
            return Some(Doubt::Pairs);
        }
        return has_second_state(&sides.differences, change).then_some(Doubt::States);
    }
    let (baseline, current) = (sides.kept_baseline(), sides.kept_current());
    if baseline.len() >= MIN_TRIALS && current.len() >= MIN_TRIALS {
        let (high, low) = if up {
            (&current, &baseline)
        } else {
            (&baseline, &current)
        };
        // 1/20 is a count over a count and may be off in its last digit.
        if p_higher(high, low).is_none_or(|p| p > RANK_ALPHA + 1e-12) {
            return Some(Doubt::Ranks);
        }
        let two = [&baseline, &current]
            .into_iter()
            .any(|arm| has_second_state(arm, change));
        return two.then_some(Doubt::States);
    }
    (!is_outside(sides, up)).then_some(Doubt::Overlap)
}

/// Whether the smaller arm lies outside every run of the other and the current side outside every entry of the
/// history that counts.
fn is_outside(sides: &Sides, up: bool) -> bool {
    let beyond = |current: f64, other: f64| if up { current > other } else { current < other };
    let (baseline, current) = (values(&sides.baseline), values(&sides.current));
    let arms = current
        .iter()
        .all(|now| baseline.iter().all(|then| beyond(*now, *then)));
    let Some(now) = median(&current) else {
        return false;
    };
    let history = sides.history.iter().flat_map(|history| &history.counted);
    arms && history.into_iter().all(|entry| beyond(now, entry.value))
}

/// Whether a fifth of the values or more stand apart from the rest by three quarters of the change or more. A machine
/// with two states gives three fast runs and then three slow ones by luck; where it gave both to one arm, it gave
/// itself away. Three normal values with a spread that the t test lets pass hardly ever do (`docs/noise.md`).
fn has_second_state(sorted: &[f64], change: f64) -> bool {
    let n = sorted.len() as f64;
    let gap = |at: usize| sorted[at] - sorted[at - 1];
    (1..sorted.len()).any(|at| {
        let smaller = (at as f64).min(n - at as f64);
        smaller >= STATE_SHARE * n - 1e-9 && gap(at) >= STATE_GAP * change.abs()
    })
}
