//! Mann-Whitney test: does one sample of requests lie higher than the other?

use super::special::normal_sf;

/// Outcome of [`mann_whitney`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannWhitney {
    /// U of the current sample: pairs in which the current value is the larger, ties counting half.
    pub u: f64,
    /// U over the number of pairs, 0..1: the probability that a current request is the larger one
    /// (0.5 means no difference). The common language effect size of McGraw and Wong (1992).
    pub superiority: f64,
    /// Two-sided p-value, normal approximation.
    pub p_value: f64,
}

/// Mann and Whitney (1947), Annals of Mathematical Statistics 18, 50-60: the normal approximation
/// with tie correction and continuity correction, as in `scipy.stats.mannwhitneyu` with
/// `method="asymptotic"`. `None` if a side is empty or all values are equal.
///
/// It assumes independent requests. Requests of one batch are not, so the p-value of one run
/// against another is supporting evidence only and never stands in for repeat trials.
pub fn mann_whitney(baseline: &[f64], current: &[f64]) -> Option<MannWhitney> {
    of_sorted(&sorted(baseline), &sorted(current))
}

/// The values in ascending order.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// [`mann_whitney`] of two samples that are in ascending order already.
pub fn of_sorted(baseline: &[f64], current: &[f64]) -> Option<MannWhitney> {
    let (n1, n2) = (current.len() as f64, baseline.len() as f64);
    if current.is_empty() || baseline.is_empty() {
        return None;
    }
    let (rank_sum, tie_term) = rank_sum(baseline, current);
    let n = n1 + n2;
    let u = rank_sum - n1 * (n1 + 1.0) / 2.0;
    let variance = n1 * n2 / 12.0 * ((n + 1.0) - tie_term / (n * (n - 1.0)));
    if variance <= 0.0 {
        return None;
    }
    let distance = (u - n1 * n2 / 2.0).abs() - 0.5;
    let p_value = (2.0 * normal_sf(distance / variance.sqrt())).min(1.0);
    Some(MannWhitney {
        u,
        superiority: u / (n1 * n2),
        p_value,
    })
}

/// Sum of the mid-ranks of the current values, and the sum of t^3 - t over groups of t ties: both samples are
/// walked once, from the smallest value to the largest.
fn rank_sum(baseline: &[f64], current: &[f64]) -> (f64, f64) {
    let (mut sum, mut ties) = (0.0, 0.0);
    let (mut b, mut c) = (0, 0);
    while c < current.len() || b < baseline.len() {
        let value = match (baseline.get(b), current.get(c)) {
            (Some(b), Some(c)) => b.min(*c),
            (one, other) => one.or(other).copied().unwrap_or_default(),
        };
        let alike = |from: &[f64]| from.iter().take_while(|v| **v <= value).count();
        let (of_baseline, of_current) = (alike(&baseline[b..]), alike(&current[c..]));
        let t = (of_baseline + of_current) as f64;
        let rank = (b + c) as f64 + (t + 1.0) / 2.0;
        sum += rank * of_current as f64;
        ties += t * t * t - t;
        b += of_baseline;
        c += of_current;
    }
    (sum, ties)
}
