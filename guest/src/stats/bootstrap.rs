//! How sure one run is of its own percentiles: block bootstrap over its requests.

use super::rank::sorted;
use super::rng::Rng;
use super::summary::{quantile_in_place, quantile_of_sorted};

/// Fewest blocks of a sample. With one or two, every resample is the sample itself, turned round, and the
/// interval has no width; with three it is still far too narrow.
pub const MIN_BLOCKS: usize = 4;

/// With how many resamples of the other side each resample of one side is compared. The sides are drawn
/// independently, so any two may meet; eight make 100 resamples as good as 200 that meet once.
const MEETINGS: usize = 8;

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
    places: Vec<u16>,
    block: usize,
}

impl Sample {
    /// `block` is the number of neighbours that move together: the concurrency of the level, where every
    /// request is in `values`. 1 treats them as independent. Of more than 65,535 values the first are taken.
    pub fn new(values: &[f64], block: usize) -> Self {
        let values = &values[..values.len().min(usize::from(u16::MAX))];
        let sorted = sorted(values);
        let place = |value: &f64| sorted.partition_point(|other| other < value) as u16;
        let mut places: Vec<u16> = values.iter().map(place).collect();
        // Once more the beginning, so that a stretch that runs over the end is one piece.
        let block = block.clamp(1, values.len().max(1));
        places.extend_from_within(..block.min(values.len()));
        Sample {
            places,
            sorted,
            block,
        }
    }

    fn carries_an_interval(&self) -> bool {
        self.sorted.len() >= MIN_BLOCKS * self.block
    }

    /// The quantiles of `resamples` resamples, a list for each quantile.
    fn draw(&self, quantiles: &[f64], resamples: usize, rng: &mut Rng) -> Vec<Vec<f64>> {
        let mut counts = vec![0; self.sorted.len()];
        let mut draws = vec![vec![0.0; resamples]; quantiles.len()];
        for at in 0..resamples {
            self.resample(rng, &mut counts);
            let (mut place, mut below) = (0, 0);
            for (q, draws) in quantiles.iter().zip(&mut draws) {
                draws[at] = self.read(&counts, *q, &mut place, &mut below);
            }
        }
        draws
    }

    /// Draws stretches of `block` neighbours, wrapping round at the end, until there are as many as in the
    /// sample, and counts in `counts` how often each place was drawn.
    fn resample(&self, rng: &mut Rng, counts: &mut [u16]) {
        counts.fill(0);
        let size = self.sorted.len();
        let (mut left, mut bits, mut half) = (size, 0, false);
        while left > 0 {
            // Two starts from 64 bits: an index is off uniform by less than one part in sixty thousand.
            bits = if half { bits >> 32 } else { rng.next_u64() };
            half = !half;
            let start = (((bits & 0xffff_ffff) * size as u64) >> 32) as usize;
            let take = self.block.min(left);
            for place in &self.places[start..start + take] {
                counts[usize::from(*place)] += 1;
            }
            left -= take;
        }
    }

    /// Type 7 quantile `q` of the resample that `counts` describes. `place` is where to begin and where it was
    /// found, `below` how many of the resample lie below that place: greater quantiles go on from there.
    fn read(&self, counts: &[u16], q: f64, place: &mut usize, below: &mut u16) -> f64 {
        let position = q * (self.sorted.len() as f64 - 1.0);
        let rank = position as u16;
        while let Some(chunk) = counts.get(*place..*place + CHUNK) {
            let mut sum = *below;
            for count in chunk {
                sum += count;
            }
            if sum > rank {
                break;
            }
            *below = sum;
            *place += CHUNK;
        }
        while *below + counts[*place] <= rank {
            *below += counts[*place];
            *place += 1;
        }
        let (low, fraction) = (self.sorted[*place], position - f64::from(rank));
        let mut next = *place;
        if *below + counts[next] <= rank + 1 && fraction > 0.0 {
            next += 1;
            while counts[next] == 0 {
                next += 1;
            }
        }
        low + (self.sorted[next] - low) * fraction
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
    let mut rng = Rng::new(plan.seed);
    let sides = [baseline, current].map(|side| side.draw(quantiles, plan.resamples, &mut rng));
    let tail = 0.5 * (1.0 - plan.confidence);
    let mut pairs = vec![0.0; plan.resamples * MEETINGS];
    for (of, difference) in differences.iter_mut().enumerate() {
        let [a, b] = sides.each_ref().map(|side| &side[of]);
        for (at, slot) in pairs.iter_mut().enumerate() {
            let (one, turn) = (at % plan.resamples, at / plan.resamples);
            *slot = b[(one + turn) % plan.resamples] - a[one];
        }
        let ends = [tail, 1.0 - tail].map(|q| quantile_in_place(&mut pairs, q).unwrap_or_default());
        difference.interval = Some(ends);
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::{Rng, Sample};
    use crate::stats::summary::percentile;

    /// 37 values with ties, each drawn 0 to 3 times: expected by writing the resample out and sorting it.
    #[test]
    fn counting_reads_the_quantiles_of_the_resample() {
        let mut rng = Rng::new(37);
        for _ in 0..200 {
            let values: Vec<f64> = (0..37).map(|_| rng.below(30) as f64).collect();
            let sample = Sample::new(&values, 1);
            let (mut counts, mut drawn) = (vec![0; 37], Vec::new());
            while drawn.len() < 37 {
                let at = rng.below(37);
                counts[usize::from(sample.places[at])] += 1;
                drawn.push(values[at]);
            }
            let (mut place, mut below) = (0, 0);
            for q in [0.0, 0.3, 0.5, 0.95, 0.99, 1.0] {
                let found = sample.read(&counts, q, &mut place, &mut below);
                let expected = percentile(&mut drawn, 100.0 * q).unwrap();
                assert!((found - expected).abs() < 1e-12, "{q}: {found} {expected}");
            }
        }
    }

    /// Whole stretches, wrapping round: with blocks of 4 in 10 values there are two whole ones and a half.
    #[test]
    fn a_resample_is_made_of_neighbours() {
        let values: Vec<f64> = (0..10).map(f64::from).collect();
        let sample = Sample::new(&values, 4);
        let (mut rng, mut counts, mut total) = (Rng::new(1), vec![0; 10], [0_u32; 10]);
        for _ in 0..3_000 {
            sample.resample(&mut rng, &mut counts);
            assert_eq!(counts.iter().sum::<u16>(), 10);
            let starts = |at: usize| counts[at] > counts[(at + 9) % 10];
            let stretches = (0..10).filter(|at| starts(*at)).count();
            assert!(stretches <= 3, "{counts:?}");
            for (total, count) in total.iter_mut().zip(&counts) {
                *total += u32::from(*count);
            }
        }
        // 3000 draws of each; six standard deviations of about 80 either way.
        assert!(total.iter().all(|n| n.abs_diff(3_000) < 480), "{total:?}");
        let whole = Sample::new(&values, 10);
        whole.resample(&mut rng, &mut counts);
        assert_eq!(counts, [1; 10], "a rotation of the sample");
    }
}
