//! Alternating trials: which run of one arm is compared with which run of the other.

use super::clock::Start;
use crate::order::Ordered as _;

/// Fewest pairs that are judged as pairs.
pub const MIN_PAIRS: usize = 3;
/// Most runs of one arm that may be left over.
const MOST_LEFT_OVER: usize = 1;

/// One run of each arm that stand next to each other in time, by their places among the trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// Index of the baseline's trial.
    pub baseline: usize,
    /// Index of the current trial.
    pub current: usize,
}

/// Which arm a run belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// The baseline.
    Baseline,
    /// The current side.
    Current,
}

/// A run in the order of start times.
#[derive(Clone, Copy)]
struct Run {
    arm: Arm,
    index: usize,
    seconds: f64,
}

/// The pairs of two arms whose trials alternate, in the order of time; empty where they do not: fewer than three
/// pairs, or more than one run of an arm left over. `None` is a run that does not say when it started, and is left over.
///
/// In the order of start times, neighbours of different arms can be a pair, each run in one pair at most. Of all
/// such choices the one with the most pairs is taken, of those the one whose pairs lie closest together in time
/// (a run of yesterday is not taken for a partner while its neighbour of today goes alone), of those the one with
/// the earlier pairs. So ABAB and ABBA are two pairs each, AABB is one, and the order in which trials are given
/// decides nothing. Two runs of one arm that started together, and starts with and without a zone, are in no order: no pairs.
pub fn pairs(baseline: &[Option<Start>], current: &[Option<Start>]) -> Vec<Pair> {
    let Some(runs) = in_order(baseline, current) else {
        return Vec::new();
    };
    let pairs = closest(&runs);
    let enough = pairs.len() >= MIN_PAIRS;
    let left_over = baseline.len().max(current.len()) - pairs.len();
    if enough && left_over <= MOST_LEFT_OVER {
        pairs
    } else {
        Vec::new()
    }
}

/// The shortest time in seconds between a run of one arm and a run of the other; `None` where no two can be compared.
pub fn nearest(baseline: &[Option<Start>], current: &[Option<Start>]) -> Option<f64> {
    let mut nearest: Option<f64> = None;
    for a in baseline.iter().flatten() {
        for b in current.iter().flatten().filter(|b| b.zoned == a.zoned) {
            let apart = (a.seconds - b.seconds).abs();
            nearest = Some(nearest.map_or(apart, |least| least.min(apart)));
        }
    }
    nearest
}

/// The order in which to run `trials` trials of each arm so that they pair and a steady drift cancels: ABBA ABBA.
pub fn alternating(trials: usize) -> Vec<Arm> {
    let order = |at: usize| match at % 4 {
        0 | 3 => Arm::Baseline,
        _ => Arm::Current,
    };
    (0..2 * trials).map(order).collect()
}

/// Every run that says when it started, by time; `None` where two cannot be put in order.
fn in_order(baseline: &[Option<Start>], current: &[Option<Start>]) -> Option<Vec<Run>> {
    let mut runs = Vec::new();
    let mut zones = baseline.iter().chain(current).flatten().map(|s| s.zoned);
    let zoned = zones.next()?;
    if zones.any(|other| other != zoned) {
        return None;
    }
    for (arm, starts) in [(Arm::Baseline, baseline), (Arm::Current, current)] {
        for (index, start) in starts.iter().enumerate() {
            if let Some(start) = start {
                runs.push(Run {
                    arm,
                    index,
                    seconds: start.seconds,
                });
            }
        }
    }
    // Runs of both arms that started together are neighbours either way; stable, the baseline comes first.
    runs.order_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let same_arm = |at: usize| {
        let same_time = |other: &&Run| other.seconds == runs[at].seconds;
        let together = runs.iter().filter(same_time);
        together.filter(|other| other.arm == runs[at].arm).count()
    };
    (0..runs.len()).all(|at| same_arm(at) == 1).then_some(runs)
}

/// A choice of pairs among the first runs: how many, their times apart summed, and whether the last run is in one.
#[derive(Clone, Copy)]
struct Choice {
    pairs: usize,
    apart: f64,
    paired: bool,
}

/// The best choice, built up run by run: the last run is left alone, or it is paired with the one before.
fn closest(runs: &[Run]) -> Vec<Pair> {
    let none = Choice {
        pairs: 0,
        apart: 0.0,
        paired: false,
    };
    let mut best = vec![none];
    for (at, run) in runs.iter().enumerate() {
        let mut choice = Choice {
            paired: false,
            ..best[at]
        };
        if let Some(before) = at.checked_sub(1).filter(|b| runs[*b].arm != run.arm) {
            let apart = best[before].apart + run.seconds - runs[before].seconds;
            let pairs = best[before].pairs + 1;
            if pairs > choice.pairs || pairs == choice.pairs && apart < choice.apart {
                choice = Choice {
                    pairs,
                    apart,
                    paired: true,
                };
            }
        }
        best.push(choice);
    }
    let mut found = Vec::new();
    let mut end = runs.len();
    while end > 0 {
        if best[end].paired {
            let (a, b) = (runs[end - 2], runs[end - 1]);
            let (baseline, current) = match a.arm {
                Arm::Baseline => (a.index, b.index),
                Arm::Current => (b.index, a.index),
            };
            found.push(Pair { baseline, current });
            end -= 1;
        }
        end -= 1;
    }
    found.reverse();
    found
}
