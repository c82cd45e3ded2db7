//! How much identical runs differ: variances between runs, pooled and moderated.

use super::special::{digamma, t_sf, trigamma, trigamma_inverse};
use super::summary::{mean, sum_of_squares};

/// Fewest values from which an outlier can be told: below, one wild run and real noise look alike.
const OUTLIER_MIN: usize = 5;
/// Chance that a clean sample loses a value to [`outlier`].
const OUTLIER_ALPHA: f64 = 0.01;
/// How much a degree of freedom of another level counts. Levels of one run share the run's luck (in
/// our repeated runs throughput at two levels correlates by 0.3, TTFT by up to 0.6), so their
/// variances are not independent evidence. With full weight the headline test at 0.5 % rejects 0.8
/// to 1.1 % of identical runs in the simulations of `docs/noise.md`; with half, 0.5 to 0.9 %.
pub const BORROWED_WEIGHT: f64 = 0.5;

/// A variance between runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Variance of one run, on the scale of the test (log or natural).
    pub variance: f64,
    /// Degrees of freedom behind it.
    pub df: f64,
}

/// Squares of one arm about its own mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Squares {
    /// Sum of squared deviations.
    pub sum: f64,
    /// Values, less one.
    pub df: f64,
}

/// Squares of one arm.
pub fn squares(values: &[f64]) -> Squares {
    Squares {
        sum: sum_of_squares(values),
        df: (values.len() as f64 - 1.0).max(0.0),
    }
}

/// The one value that Grubbs' two-sided test calls an outlier at the 1 % level (Grubbs 1969,
/// Technometrics 11, 1-21), given at least five values. Being a calibrated test it leaves a clean
/// sample alone 99 times in 100, so dropping what it finds does not shrink the noise of ordinary runs.
/// The median that is compared hardly feels such a value, so it stays in there.
pub fn outlier(values: &[f64]) -> Option<usize> {
    if values.len() < OUTLIER_MIN {
        return None;
    }
    let n = values.len() as f64;
    let centre = mean(values)?;
    let total = sum_of_squares(values);
    if total <= 0.0 {
        return None;
    }
    let away = |at: usize| (values[at] - centre).abs();
    let farthest = (0..values.len()).max_by(|&a, &b| away(a).total_cmp(&away(b)))?;
    let distance = values[farthest] - centre;
    let g_squared = distance * distance * (n - 1.0) / total;
    let room = (n - 1.0) * (n - 1.0) - n * g_squared;
    let t = if room > 0.0 {
        (n * (n - 2.0) * g_squared / room).sqrt()
    } else {
        f64::INFINITY
    };
    (2.0 * n * t_sf(t, n - 2.0) <= OUTLIER_ALPHA).then_some(farthest)
}

/// One variance from several arms with the same spread; `None` without a degree of freedom.
/// `least` is the smallest variance believed.
pub fn pool(arms: &[Squares], least: f64) -> Option<Spread> {
    let df: f64 = arms.iter().map(|arm| arm.df).sum();
    let sum: f64 = arms.iter().map(|arm| arm.sum).sum();
    (df > 0.0).then(|| Spread {
        variance: (sum / df).max(least),
        df,
    })
}

/// Shrinks the variances of one metric's levels towards each other: the empirical Bayes estimate of
/// Smyth (2004), Statistical Applications in Genetics and Molecular Biology 3:3 (limma's moderated t).
/// Prior degrees of freedom d0 and prior variance s0^2 are fitted by moments of the log variances
/// (his section 6.2); the result is `(d0 s0^2 + d s^2) / (d0 + d)` with `d0 + d` degrees of freedom.
///
/// Ours differ in one point: limma fits thousands of genes, we fit two to eight levels, where the fit
/// often returns d0 = infinity by luck. So d0 is at most half of the degrees of freedom that the other
/// levels really have, and a metric with one level borrows nothing.
pub fn moderate(spreads: &[Spread]) -> Vec<Spread> {
    if spreads.len() < 2 || spreads.iter().any(|s| s.variance <= 0.0 || s.df <= 0.0) {
        return spreads.to_vec();
    }
    let total: f64 = spreads.iter().map(|s| s.df).sum();
    let fit = Prior::fit(spreads);
    let weighted = spreads.iter().map(|s| s.df * s.variance).sum::<f64>() / total;
    let shrink = |s: &Spread| {
        let most = BORROWED_WEIGHT * (total - s.df);
        let prior = match fit {
            Some(prior) if prior.df < most => prior,
            _ => Prior {
                variance: weighted,
                df: most,
            },
        };
        let df = s.df + prior.df;
        Spread {
            variance: (prior.df * prior.variance + s.df * s.variance) / df,
            df,
        }
    };
    spreads.iter().map(shrink).collect()
}

/// Prior of the variances of one metric.
#[derive(Clone, Copy)]
struct Prior {
    variance: f64,
    df: f64,
}

impl Prior {
    /// `None` when the levels differ by no more than chance: d0 is infinite.
    fn fit(spreads: &[Spread]) -> Option<Prior> {
        let centred =
            |s: &Spread| libm::log(s.variance) - digamma(0.5 * s.df) + libm::log(0.5 * s.df);
        let logs: Vec<f64> = spreads.iter().map(centred).collect();
        let centre = mean(&logs)?;
        let n = logs.len() as f64;
        let expected = spreads.iter().map(|s| trigamma(0.5 * s.df)).sum::<f64>() / n;
        let excess = sum_of_squares(&logs) / (n - 1.0) - expected;
        if excess <= 0.0 {
            return None;
        }
        let df = 2.0 * trigamma_inverse(excess);
        let variance = libm::exp(centre + digamma(0.5 * df) - libm::log(0.5 * df));
        Some(Prior { variance, df })
    }
}
