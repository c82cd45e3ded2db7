//! What earlier baselines say about noise: the entries after the last change, without drift and without bad runs.

use super::scale::{Placed, values};
use super::special::{normal_sf, t_sf};
use super::summary::{mean, median, sum_of_squares};

/// Fewest entries since the last change that make the noise known.
pub const MIN_HISTORY: usize = 5;
/// Fewest of them that must be good.
const MIN_COUNTED: usize = 3;
/// Newest entries that are looked at.
const MOST_ENTRIES: usize = 60;
/// Chance that a series without any change is cut, and that one without a trend is straightened.
const CHANGE_ALPHA: f64 = 0.01;

/// An entry farther from the median than so many median absolute deviations is a bad run (the rule of Hampel 1974,
/// Journal of the American Statistical Association 69, 383-393, with limits for small samples): for 5, 6, ... 20
/// entries the value that the farthest of so many normal values exceeds in one sample of twenty
/// (200 000 samples; `tests/data/stats/vectors.py` draws them again). Beyond 20 the last one is a little strict.
pub const HAMPEL: [f64; 16] = [
    11.7, 8.3, 8.7, 7.4, 7.5, 6.8, 6.9, 6.5, 6.6, 6.3, 6.3, 6.1, 6.2, 6.0, 6.1, 5.9,
];

/// Median absolute deviation of the standard normal distribution.
const MAD_OF_NORMAL: f64 = 0.674_489_750_196_081_7;

/// The part of a history that speaks for the present.
#[derive(Clone, Debug, PartialEq)]
pub struct Stationary {
    /// The entries that count, by their places in the history, oldest first; a value has what drift has since
    /// added to it.
    pub counted: Vec<Placed>,
    /// Bad runs among the entries since the last change.
    pub bad: Vec<usize>,
    /// Sum of squared deviations of the counted entries.
    pub squares: f64,
    /// Degrees of freedom of it: one less than entries, two less where a drift was taken off.
    pub df: f64,
    /// Whether a drift was taken off.
    pub drifts: bool,
}

/// Finds it. `entries` are on the scale of the test, oldest first; `newest` is the baseline itself, which came after
/// them and says what the present level is; `least` is the smallest variance believed. `None` with fewer than five entries since the last change, fewer than
/// three of them good, or not more good than bad ones: then the noise is not known from here.
///
/// 1. A steady drift (Mann 1945, Econometrica 13, 245-259: Kendall's test at 1 %) that a straight line describes
///    better than one or two steps do is taken off by the median of slopes (Sen 1968, Journal of the American Statistical
///    Association 63, 1379-1389).
/// 2. The series is cut at its most significant step, as long as there is one (the largest t of all splits, Hawkins
///    1977, Journal of the American Statistical Association 72, 180-186, at 1 % with Bonferroni's bound), and
///    what is newer than the cut is kept.
/// 3. Of the rest, bad runs are set aside (Hampel's rule above), and step 2 is asked once more. Bad runs before the
///    first good one are before a change.
///
/// The variance is then that of the entries kept. For normal entries that are all kept it has full efficiency; the
/// median absolute deviation by itself has 37 %, successive differences 67 % (Rousseeuw and Croux 1993, Journal of the
/// American Statistical Association 88, 1273-1283; von Neumann and others 1941, Annals of Mathematical Statistics 12, 153-162).
pub fn stationary(entries: &[Placed], newest: f64, least: f64) -> Option<Stationary> {
    let skipped = entries.len().saturating_sub(MOST_ENTRIES);
    let mut series = entries[skipped..].to_vec();
    series.push(Placed {
        run: usize::MAX,
        value: newest,
    });
    let drifts = take_off_drift(&mut series, least);
    let start = last_change(&series, least);
    let mut good = without_bad(&series[start..], least);
    good.drain(..last_change(&good, least));
    let oldest = good.first()?.run;
    let start = series.iter().position(|it| it.run == oldest)?;
    let since = &series[start..series.len() - 1];
    good.retain(|it| it.run != usize::MAX);
    let is_bad = |run: &usize| good.iter().all(|it| it.run != *run);
    let bad: Vec<usize> = since.iter().map(|it| it.run).filter(is_bad).collect();
    let enough = since.len() >= MIN_HISTORY && good.len() >= MIN_COUNTED && good.len() > bad.len();
    let df = good.len() as f64 - if drifts { 2.0 } else { 1.0 };
    (enough && df >= 1.0).then(|| {
        let mut sorted = values(&good);
        sorted.sort_unstable_by(f64::total_cmp);
        Stationary {
            squares: sum_of_squares(&sorted),
            counted: good,
            bad,
            df,
            drifts,
        }
    })
}

/// Straightens a series that drifts, about its newest value; says whether it did.
fn take_off_drift(series: &mut [Placed], least: f64) -> bool {
    let values = values(series);
    let n = values.len();
    if n <= MIN_HISTORY || kendall_p(&values) > CHANGE_ALPHA {
        return false;
    }
    let mut slopes = Vec::new();
    for j in 1..n {
        for i in 0..j {
            slopes.push((values[j] - values[i]) / (j - i) as f64);
        }
    }
    let Some(slope) = median(&slopes) else {
        return false;
    };
    let level: Vec<f64> = (0..n)
        .map(|i| values[i] + slope * (n - 1 - i) as f64)
        .collect();
    let line = criterion(deviations(&level), 2, n, least);
    if by_steps(&values, least) < line {
        return false;
    }
    for (it, value) in series.iter_mut().zip(level) {
        it.value = value;
    }
    true
}

/// The criterion of Schwarz (1978, Annals of Statistics 6, 461-464) for a model with absolute deviations, that is with
/// Laplace's distribution: `n ln(deviations) + parameters ln(n)`; the smaller, the better. A change point is a parameter too.
fn criterion(deviations: f64, parameters: usize, n: usize, least: f64) -> f64 {
    let count = n as f64;
    let believed = deviations.max(count * least.sqrt());
    count * libm::log(believed) + parameters as f64 * libm::log(count)
}

/// The best criterion of one step and of two.
fn by_steps(values: &[f64], least: f64) -> f64 {
    let n = values.len();
    let mut best = f64::INFINITY;
    for first in 1..n {
        let before = deviations(&values[..first]);
        let one = before + deviations(&values[first..]);
        best = best.min(criterion(one, 3, n, least));
        for second in first + 1..n {
            let two = before + deviations(&values[first..second]) + deviations(&values[second..]);
            best = best.min(criterion(two, 5, n, least));
        }
    }
    best
}

/// Sum of the absolute deviations from the median.
fn deviations(values: &[f64]) -> f64 {
    let centre = median(values).unwrap_or(0.0);
    values.iter().map(|value| (value - centre).abs()).sum()
}

/// Two-sided p-value of Kendall's test of the values against their order: exact up to 30 values without ties
/// (the recurrence of Kendall 1938, Biometrika 30, 81-93), else the normal approximation with continuity correction.
pub fn kendall_p(values: &[f64]) -> f64 {
    let n = values.len();
    let (mut score, mut tied) = (0i64, false);
    for j in 1..n {
        for i in 0..j {
            score += (values[j] > values[i]) as i64 - (values[j] < values[i]) as i64;
            tied |= values[j] == values[i];
        }
    }
    let score = score.unsigned_abs() as f64;
    if tied || n > 30 {
        let m = n as f64;
        let variance = m * (m - 1.0) * (2.0 * m + 5.0) / 18.0;
        return (2.0 * normal_sf((score - 1.0).max(0.0) / variance.sqrt())).min(1.0);
    }
    // ways[k]: orders of the values so far, as a share, with k pairs the wrong way round.
    let most = n * n.saturating_sub(1) / 2;
    let mut ways = vec![1.0];
    for m in 2..=n {
        let mut next = vec![0.0; ways.len() + m - 1];
        for (k, share) in ways.iter().enumerate() {
            for place in next.iter_mut().skip(k).take(m) {
                *place += share / m as f64;
            }
        }
        ways = next;
    }
    let wrong = ((most as f64 - score) / 2.0).round() as usize;
    (2.0 * ways[..=wrong].iter().sum::<f64>()).min(1.0)
}

/// Index of the first value after the last step; 0 where there is none.
fn last_change(series: &[Placed], least: f64) -> usize {
    let mut start = 0;
    while let Some(at) = step(&series[start..], least) {
        start += at;
    }
    start
}

/// The split with the largest t, where that is significant among all splits. Bad runs of either side do not hide it.
fn step(series: &[Placed], least: f64) -> Option<usize> {
    let n = series.len();
    let p_at = |at: usize| {
        let side = |part: &[Placed]| values(&without_bad(part, least));
        let (before, after) = (side(&series[..at]), side(&series[at..]));
        let df = (before.len() + after.len())
            .checked_sub(2)
            .filter(|df| *df > 1)? as f64;
        let apart = mean(&after)? - mean(&before)?;
        let variance = (sum_of_squares(&before) + sum_of_squares(&after)) / df;
        let sizes = 1.0 / before.len() as f64 + 1.0 / after.len() as f64;
        let t = apart.abs() / (variance.max(least) * sizes).sqrt();
        Some(2.0 * t_sf(t, df) * (n as f64 - 1.0))
    };
    let mut best: Option<(usize, f64)> = None;
    for at in 1..n {
        if let Some(p) = p_at(at).filter(|p| *p <= CHANGE_ALPHA)
            && best.is_none_or(|best| p < best.1)
        {
            best = Some((at, p));
        }
    }
    best.map(|best| best.0)
}

/// The values that are no bad runs. The newest, which is the baseline, is always among them.
fn without_bad(series: &[Placed], least: f64) -> Vec<Placed> {
    let values = values(series);
    let limit = match series.len() {
        0..MIN_HISTORY => return series.to_vec(),
        n => HAMPEL[(n - MIN_HISTORY).min(HAMPEL.len() - 1)],
    };
    let centre = median(&values).unwrap_or(0.0);
    let away: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    let scale = median(&away)
        .unwrap_or(0.0)
        .max(MAD_OF_NORMAL * least.sqrt());
    let is_good = |it: &&Placed| it.run == usize::MAX || (it.value - centre).abs() <= limit * scale;
    series.iter().filter(is_good).copied().collect()
}
