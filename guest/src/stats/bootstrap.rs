//! How sure one run is of its own percentile: block bootstrap over its requests.

use super::rng::Rng;
use super::summary::{quantile, quantile_in_place};

/// What to resample and how often.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Quantile compared, 0..1.
    pub quantile: f64,
    /// Requests that move together: the concurrency of the level. 1 treats them as independent.
    pub block: usize,
    /// Number of resamples; 2000 settles a 95 % interval to about a tenth of its width.
    pub resamples: usize,
    /// Coverage aimed at, 0..1.
    pub confidence: f64,
    /// Seed of the generator: same seed, same interval.
    pub seed: u64,
}

impl Plan {
    /// 95 %, 2000 resamples, a fixed seed.
    pub fn new(quantile: f64, block: usize) -> Self {
        Plan {
            quantile,
            block,
            resamples: 2_000,
            confidence: 0.95,
            seed: 20_040_517,
        }
    }
}

/// A difference `current - baseline` in the unit of the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Difference of the two sample quantiles.
    pub estimate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// Percentile interval (Efron and Tibshirani 1993, chapter 13) of the difference of one quantile
/// between two runs, by the circular block bootstrap (Politis and Romano 1992, in Exploring the
/// Limits of Bootstrap, 263-270). Requests must stand in the order in which they started: those of
/// one wave share a prefill and are not independent, so whole stretches are drawn.
///
/// It says how well these two runs pin down their own quantile. It leaves out everything that
/// differs from run to run, so it must never decide a verdict. `None` if a side is empty or the
/// plan is out of range.
pub fn quantile_difference(baseline: &[f64], current: &[f64], plan: &Plan) -> Option<Difference> {
    let inside = plan.confidence > 0.0 && plan.confidence < 1.0 && plan.resamples > 0;
    let estimate = quantile(current, plan.quantile)? - quantile(baseline, plan.quantile)?;
    if !inside {
        return None;
    }
    let mut rng = Rng::new(plan.seed);
    let (mut left, mut right) = (vec![0.0; baseline.len()], vec![0.0; current.len()]);
    let mut draws = Vec::with_capacity(plan.resamples);
    for _ in 0..plan.resamples {
        resample(baseline, plan.block, &mut rng, &mut left);
        resample(current, plan.block, &mut rng, &mut right);
        draws.push(
            quantile_in_place(&mut right, plan.quantile)?
                - quantile_in_place(&mut left, plan.quantile)?,
        );
    }
    let tail = 0.5 * (1.0 - plan.confidence);
    let low = quantile_in_place(&mut draws, tail)?;
    let high = quantile_in_place(&mut draws, 1.0 - tail)?;
    Some(Difference {
        estimate,
        low,
        high,
    })
}

/// Fills `into` with stretches of `block` neighbours of `from`, wrapping round at its end.
fn resample(from: &[f64], block: usize, rng: &mut Rng, into: &mut [f64]) {
    let block = block.clamp(1, from.len());
    for stretch in into.chunks_mut(block) {
        let start = rng.below(from.len());
        for (offset, slot) in stretch.iter_mut().enumerate() {
            *slot = from[(start + offset) % from.len()];
        }
    }
}
