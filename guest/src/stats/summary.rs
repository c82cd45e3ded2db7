//! Location and spread of a few numbers, as numpy computes them.

use core::f64::consts::FRAC_PI_2;

/// Arithmetic mean; `None` for no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some(values.iter().sum::<f64>() / values.len() as f64)
}

/// Sum of squared deviations from the mean (two passes, so that close values lose no digits).
pub fn sum_of_squares(values: &[f64]) -> f64 {
    match mean(values) {
        Some(centre) => values.iter().map(|v| (v - centre) * (v - centre)).sum(),
        None => 0.0,
    }
}

/// Sample standard deviation (divisor n - 1); `None` below two values.
pub fn std(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    Some((sum_of_squares(values) / (values.len() as f64 - 1.0)).sqrt())
}

/// Median: the middle value, or the mean of the two middle ones; `None` for no values. Documents of trials hold
/// medians and are checked against them to the last bit, so the order of operations stays what it is.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut scratch = values.to_vec();
    let (low, high, t) = neighbours(&mut scratch, 0.5)?;
    Some(low + (high - low) * t)
}

/// Quantile `q` in 0..1 with linear interpolation between order statistics: numpy's default, type 7
/// of Hyndman and Fan (1996, The American Statistician 50, 361-365), with numpy's own order of operations, so
/// that the last digit agrees. `None` for no values.
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut scratch = values.to_vec();
    quantile_in_place(&mut scratch, q)
}

/// [`quantile`] of values that are in ascending order already.
pub fn quantile_of_sorted(sorted: &[f64], q: f64) -> Option<f64> {
    let (below, t) = position(sorted.len(), q)?;
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    Some(between(low, high, t))
}

/// [`quantile`] without a copy: the order of `values` is lost, nothing is allocated.
pub fn quantile_in_place(values: &mut [f64], q: f64) -> Option<f64> {
    let (low, high, t) = neighbours(values, q)?;
    Some(between(low, high, t))
}

/// The percentile of a rank from 0 to 100: [`quantile_in_place`] as `numpy.percentile` asks for it.
pub fn percentile(values: &mut [f64], rank: f64) -> Option<f64> {
    quantile_in_place(values, rank / 100.0)
}

/// Where a quantile lies: after how many values, and what share of the way to the next.
fn position(values: usize, q: f64) -> Option<(usize, f64)> {
    let last = values.checked_sub(1)? as f64;
    if !(0.0..=1.0).contains(&q) {
        return None;
    }
    let position = q * last;
    let below = position.floor();
    Some((below as usize, position - below))
}

/// The values on either side of a quantile, and what share of the way it lies.
fn neighbours(values: &mut [f64], q: f64) -> Option<(f64, f64, f64)> {
    let (below, t) = position(values.len(), q)?;
    let (_, low, rest) = values.select_nth_unstable_by(below, f64::total_cmp);
    let low = *low;
    let high = rest.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    Some((low, high, t))
}

/// numpy's interpolation: from the nearer end.
fn between(low: f64, high: f64, t: f64) -> f64 {
    let step = high - low;
    if t < 0.5 {
        low + step * t
    } else {
        high - step * (1.0 - t)
    }
}

/// Variance of the median of `n` independent standard normal values, that is, of the median
/// compared when every arm has `n` trials. From order statistics of the normal distribution
/// (David and Nagaraja 2003, Order Statistics, chapter 8); `tests/data/stats/vectors.py` integrates the
/// first twenty numerically. Beyond, pi/2 over n plus a constant for odd and one for even n, which
/// meets the integrated values at n = 30 to 0.1 %.
pub fn median_variance(n: usize) -> f64 {
    if let Some(&known) = MEDIAN_VARIANCE.get(n.saturating_sub(1)) {
        return known;
    }
    let odd_or_even = if n % 2 == 1 { 2.0 } else { 3.0 };
    FRAC_PI_2 / (n as f64 + odd_or_even - FRAC_PI_2)
}

/// [`median_variance`] of 1 to 20 values.
const MEDIAN_VARIANCE: [f64; 20] = [
    1.0000000000,
    0.5000000000,
    0.4486711046,
    0.2981996184,
    0.2868336616,
    0.2147426666,
    0.2104468615,
    0.1681808552,
    0.1661012814,
    0.1383264358,
    0.1371624335,
    0.1175161871,
    0.1167989950,
    0.1021678368,
    0.1016946521,
    0.0903752112,
    0.0900465814,
    0.0810285101,
    0.0807909751,
    0.0734370277,
];
