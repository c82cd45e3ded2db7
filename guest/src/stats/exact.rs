//! Exact Mann-Whitney test between runs: do the trials of one arm lie above those of the other?

use super::rank::{of_sorted, sorted};

/// Most values of both arms together that are enumerated; beyond, the normal approximation is good to three
/// digits and the count of orders no longer fits.
const MOST_EXACT: usize = 60;

/// One-sided p-value for "the values of `high` are the larger ones": the share of all ways to deal the values of
/// both arms into arms of these sizes in which `high` has a rank sum at least as large as seen. Ties get
/// midranks, and the distribution is that of these midranks (the permutation distribution; Lehmann 1975,
/// Nonparametrics, section 1.4; without ties the test of Mann and Whitney 1947, Annals of Mathematical
/// Statistics 18, 50-60). Counted by the recurrence over values, each in `high` or not. Three against three, all of `high` above: 1/20.
/// `None` where an arm is empty.
pub fn p_higher(high: &[f64], low: &[f64]) -> Option<f64> {
    if high.is_empty() || low.is_empty() {
        return None;
    }
    if high.len() + low.len() > MOST_EXACT {
        return Some(approximate(high, low));
    }
    let ranks = doubled_midranks(high, low);
    let seen: usize = ranks[..high.len()].iter().sum();
    let most: usize = ranks.iter().sum();
    // ways[k][s]: choices of k values whose doubled ranks sum to s. Whole numbers below 2^53 for up to 56 values,
    // and rounded in the last of 16 digits beyond.
    let mut ways = vec![vec![0.0f64; most + 1]; high.len() + 1];
    ways[0][0] = 1.0;
    let mut reach = 0;
    for (taken, rank) in ranks.iter().enumerate() {
        for k in (1..=high.len().min(taken + 1)).rev() {
            let (fewer, with) = ways.split_at_mut(k);
            for sum in 0..=reach {
                with[0][sum + rank] += fewer[k - 1][sum];
            }
        }
        reach += rank;
    }
    let all: f64 = ways[high.len()].iter().sum();
    let beyond: f64 = ways[high.len()][seen..].iter().sum();
    Some(beyond / all)
}

/// Twice the midrank of each value, `high` first: whole numbers.
fn doubled_midranks(high: &[f64], low: &[f64]) -> Vec<usize> {
    let all: Vec<f64> = high.iter().chain(low).copied().collect();
    let rank = |value: &f64| {
        let below = all.iter().filter(|other| *other < value).count();
        let equal = all.iter().filter(|other| *other == value).count();
        2 * below + equal + 1
    };
    all.iter().map(rank).collect()
}

/// One-sided p-value of the normal approximation, from the two-sided one.
fn approximate(high: &[f64], low: &[f64]) -> f64 {
    let pairs = (high.len() * low.len()) as f64;
    match of_sorted(&sorted(low), &sorted(high)) {
        Some(test) if test.u >= 0.5 * pairs => 0.5 * test.p_value,
        Some(test) => 1.0 - 0.5 * test.p_value,
        None => 1.0,
    }
}
