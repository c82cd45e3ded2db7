//! How sure one run is of its own percentiles: block bootstrap over its requests.

use super::rank::sorted;
use super::rng::Rng;
use super::summary::{quantile_in_place, quantile_of_sorted};

/// Fewest blocks of a sample. With one or two, every resample is the sample itself, turned round, and the
/// interval has no width; with three it is still far too narrow.
pub const MIN_BLOCKS: usize = 4;

/// How often to resample and how sure to be.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Number of resamples; 2000 settles a 95 % interval to about a tenth of its width.
    pub resamples: usize,
    /// Coverage aimed at, 0..1.
    pub confidence: f64,
    /// Seed of the generator: same seed, same interval.
    pub seed: u64,
}

impl Default for Plan {
    /// 95 %, 2000 resamples, a fixed seed.
    fn default() -> Self {
        Plan {
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
    /// Lower and upper end of the interval; `None` where a side has fewer than [`MIN_BLOCKS`] blocks.
    pub interval: Option<[f64; 2]>,
}

impl Difference {
    /// Whether there is an interval and 0 lies outside it.
    pub fn excludes_zero(&self) -> bool {
        self.interval
            .is_some_and(|[low, high]| low > 0.0 || high < 0.0)
    }
}

/// Requests in the order in which they started, sorted once, so that a resample is a count for each place in
/// that order and its quantiles are read off by counting.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The values in ascending order.
    pub sorted: Vec<f64>,
    places: Vec<u32>,
    block: usize,
}

impl Sample {
    /// `block` is the number of neighbours that move together: the concurrency of the level, where every
    /// request is in `values`. 1 treats them as independent.
    pub fn new(values: &[f64], block: usize) -> Self {
        let sorted = sorted(values);
        let place = |value: &f64| sorted.partition_point(|other| other < value) as u32;
        Sample {
            places: values.iter().map(place).collect(),
            sorted,
            block: block.max(1),
        }
    }

    fn carries_an_interval(&self) -> bool {
        self.places.len() >= MIN_BLOCKS * self.block
    }

    /// Draws stretches of `block` neighbours, wrapping round at the end, until there are as many as in the
    /// sample, and counts in `counts` how often each place was drawn.
    fn resample(&self, rng: &mut Rng, counts: &mut [u32]) {
        counts.fill(0);
        let mut left = self.places.len();
        while left > 0 {
            let start = rng.below(self.places.len());
            let (before, from) = self.places.split_at(start);
            let take = self.block.min(left);
            let wrapped = take.saturating_sub(from.len());
            for place in from.iter().take(take).chain(&before[..wrapped]) {
                counts[*place as usize] += 1;
            }
            left -= take;
        }
    }

    /// Type 7 quantiles of the resample that `counts` describes; `quantiles` ascend.
    fn read(&self, counts: &[u32], quantiles: &[f64], into: &mut [f64]) {
        let (mut at, mut below) = (0, 0);
        for (q, slot) in quantiles.iter().zip(into) {
            let position = q * (self.places.len() as f64 - 1.0);
            let rank = position as u32;
            while let Some(chunk) = counts.get(at..at + CHUNK) {
                let sum = chunk.iter().sum::<u32>();
                if below + sum > rank {
                    break;
                }
                below += sum;
                at += CHUNK;
            }
            while below + counts[at] <= rank {
                below += counts[at];
                at += 1;
            }
            let low = self.sorted[at];
            let fraction = position - f64::from(rank);
            let mut next = at;
            if below + counts[at] <= rank + 1 && fraction > 0.0 {
                next += 1 + counts[at + 1..].iter().take_while(|n| **n == 0).count();
            }
            let high = self.sorted[next];
            *slot = low + (high - low) * fraction;
        }
    }
}

/// Places that are counted at once on the way to a quantile.
const CHUNK: usize = 16;

/// Percentile intervals (Efron and Tibshirani 1993, chapter 13) of the differences of some quantiles between
/// two runs, by the circular block bootstrap (Politis and Romano 1992, in Exploring the Limits of Bootstrap,
/// 263-270). Requests of one wave share a prefill and are not independent, so whole stretches are drawn. All
/// `quantiles`, which ascend and lie in 0..1, are read from the same resamples.
///
/// An interval says how well these two runs pin down their own quantile. It leaves out everything that
/// differs from run to run, so it must never decide a verdict. Empty if a side is empty or the plan or a
/// quantile is out of range.
pub fn quantile_differences(
    baseline: &Sample,
    current: &Sample,
    quantiles: &[f64],
    plan: &Plan,
) -> Vec<Difference> {
    let inside = plan.confidence > 0.0 && plan.confidence < 1.0 && plan.resamples > 0;
    let ascending = quantiles.windows(2).all(|pair| pair[0] <= pair[1]);
    if !inside || !ascending || !quantiles.iter().all(|q| (0.0..=1.0).contains(q)) {
        return Vec::new();
    }
    let estimate = |q: &f64| {
        let estimate =
            quantile_of_sorted(&current.sorted, *q)? - quantile_of_sorted(&baseline.sorted, *q)?;
        Some(Difference {
            estimate,
            interval: None,
        })
    };
    let mut differences: Vec<Difference> = quantiles.iter().filter_map(estimate).collect();
    if differences.is_empty() || !baseline.carries_an_interval() || !current.carries_an_interval() {
        return differences;
    }
    let mut draws = draw(baseline, current, quantiles, plan);
    let tail = 0.5 * (1.0 - plan.confidence);
    for (difference, draws) in differences.iter_mut().zip(draws.chunks_mut(plan.resamples)) {
        let ends = [tail, 1.0 - tail].map(|q| quantile_in_place(draws, q).unwrap_or_default());
        difference.interval = Some(ends);
    }
    differences
}

/// The differences of all resamples, one stretch for each quantile.
fn draw(baseline: &Sample, current: &Sample, quantiles: &[f64], plan: &Plan) -> Vec<f64> {
    let mut rng = Rng::new(plan.seed);
    let sides = [baseline, current];
    let mut counts = sides.map(|side| vec![0; side.places.len()]);
    let mut read = sides.map(|_| vec![0.0; quantiles.len()]);
    let mut draws = vec![0.0; quantiles.len() * plan.resamples];
    for at in 0..plan.resamples {
        for ((side, counts), read) in sides.iter().zip(&mut counts).zip(&mut read) {
            side.resample(&mut rng, counts);
            side.read(counts, quantiles, read);
        }
        for (of, (a, b)) in read[0].iter().zip(&read[1]).enumerate() {
            draws[of * plan.resamples + at] = b - a;
        }
    }
    draws
}
