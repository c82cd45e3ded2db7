//! Where a history changed.

use super::rng::Rng;
use super::summary::median;
use crate::order::Ordered as _;

/// Fewest entries of a history that is searched.
pub const MIN_ENTRIES: usize = 10;
/// Most entries searched: the newest. Work grows with the square, times the permutations.
pub const MOST_ENTRIES: usize = 400;

/// How strict the search is.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Fewest entries between two changes.
    pub segment: usize,
    /// Permutations for each test.
    pub permutations: usize,
    /// Level at which a change is believed.
    pub significance: f64,
    /// Seed of the permutations.
    pub seed: u64,
}

impl Default for Search {
    fn default() -> Self {
        Search {
            segment: 3,
            permutations: 499,
            significance: 0.01,
            seed: 20_140_101,
        }
    }
}

/// A change in a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// Index of the first entry after the change.
    pub index: usize,
    /// Median of the segment before it.
    pub before: f64,
    /// Median of the segment that begins with it.
    pub after: f64,
    /// Permutation p-value.
    pub p_value: f64,
}

/// E-divisive (Matteson and James 2014, Journal of the American Statistical Association 109,
/// 334-345): the split with the largest energy distance between its sides is tested by permuting the
/// entries within the segments found so far, and accepted splits are searched on. It finds a change
/// in location or in spread without assuming a distribution. Energy distance with exponent 1 (Szekely
/// and Rizzo 2004); the p-value is (1 + exceedances) / (1 + permutations).
///
/// Changes in ascending order; none for fewer than [`MIN_ENTRIES`] entries. Of more than
/// [`MOST_ENTRIES`] only the newest are searched.
pub fn change_points(series: &[f64], search: &Search) -> Vec<ChangePoint> {
    if series.len() < MIN_ENTRIES {
        return Vec::new();
    }
    let skipped = series.len().saturating_sub(MOST_ENTRIES);
    let values = &series[skipped..];
    let segment = search.segment.max(2);
    let mut rng = Rng::new(search.seed);
    let mut found: Vec<(usize, f64)> = Vec::new();
    while let Some((at, score)) = best(values, &bounds(&found, values.len()), segment) {
        let p = p_value(
            values,
            &bounds(&found, values.len()),
            segment,
            score,
            search,
            &mut rng,
        );
        if p > search.significance {
            break;
        }
        found.push((at, p));
        found.order_by_key(|one| one.0);
    }
    let edges = bounds(&found, values.len());
    let describe = |(k, &(at, p_value)): (usize, &(usize, f64))| {
        Some(ChangePoint {
            index: skipped + at,
            before: median(&values[edges[k]..at])?,
            after: median(&values[at..edges[k + 2]])?,
            p_value,
        })
    };
    found.iter().enumerate().filter_map(describe).collect()
}

/// Edges of the segments, from 0 to `len`.
fn bounds(found: &[(usize, f64)], len: usize) -> Vec<usize> {
    let mut edges = vec![0];
    edges.extend(found.iter().map(|split| split.0));
    edges.push(len);
    edges
}

/// Share of permutations whose best split scores at least `score`.
fn p_value(
    values: &[f64],
    edges: &[usize],
    segment: usize,
    score: f64,
    search: &Search,
    rng: &mut Rng,
) -> f64 {
    let mut shuffled = values.to_vec();
    let mut exceeded = 0usize;
    for _ in 0..search.permutations {
        for edge in edges.windows(2) {
            rng.shuffle(&mut shuffled[edge[0]..edge[1]]);
        }
        // Equal values in another order sum to the same score but for rounding.
        let limit = score * (1.0 - 1e-12);
        exceeded += usize::from(best(&shuffled, edges, segment).is_some_and(|b| b.1 >= limit));
    }
    (exceeded as f64 + 1.0) / (search.permutations as f64 + 1.0)
}

/// Best split over all segments: its index and score.
fn best(values: &[f64], edges: &[usize], segment: usize) -> Option<(usize, f64)> {
    let mut top: Option<(usize, f64)> = None;
    for edge in edges.windows(2) {
        let part = &values[edge[0]..edge[1]];
        if let Some((at, score)) = best_split(part, segment)
            && top.is_none_or(|t| score > t.1)
        {
            top = Some((edge[0] + at, score));
        }
    }
    top
}

/// Best split of one segment: the left side runs from its start to `at`, the right side from `at` to
/// any end, as in the paper, so that a bump in the middle is not diluted by what follows.
fn best_split(values: &[f64], segment: usize) -> Option<(usize, f64)> {
    let n = values.len();
    if n < 2 * segment {
        return None;
    }
    // to[j * (n + 1) + a]: sum of distances from values[j] to values[..a], so that every sum over a
    // stretch is a difference and the search costs the square of n, not its cube.
    let mut to = vec![0.0; n * (n + 1)];
    for (row, from) in to.chunks_mut(n + 1).zip(values) {
        for (a, other) in values.iter().enumerate() {
            row[a + 1] = row[a] + (other - from).abs();
        }
    }
    let to = |j: usize, a: usize| to[j * (n + 1) + a];
    let mut left: f64 = (0..segment - 1).map(|j| to(j, j)).sum();
    let mut top: Option<(usize, f64)> = None;
    for at in segment..=n - segment {
        left += to(at - 1, at - 1);
        let (mut across, mut right) = (0.0, 0.0);
        for newest in at..n {
            across += to(newest, at);
            right += to(newest, newest) - to(newest, at);
            let size = newest + 1 - at;
            if size < segment {
                continue;
            }
            let score = energy(across, left, right, at, size);
            if top.is_none_or(|t| score > t.1) {
                top = Some((at, score));
            }
        }
    }
    top
}

/// Scaled energy distance between sides of `m` and `n` entries (equations 5 to 7 of the paper).
fn energy(across: f64, left: f64, right: f64, m: usize, n: usize) -> f64 {
    let (m, n) = (m as f64, n as f64);
    let between = 2.0 * across / (m * n);
    let within = 2.0 * left / (m * (m - 1.0)) + 2.0 * right / (n * (n - 1.0));
    m * n / (m + n) * (between - within)
}
