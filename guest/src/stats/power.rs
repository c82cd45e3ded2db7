//! What a test of given noise can and cannot see.

use super::special::{noncentral_t_cdf, t_upper_quantile};
use core::cell::RefCell;
use std::collections::BTreeMap;

/// Most trials an arm that anybody is advised to run; beyond, the answer is a quieter setting.
pub const MOST_TRIALS: u32 = 20;

/// Chance that a one-sided t test at level `alpha` with `df` degrees of freedom and standard error
/// `se` sees a true change `effect > 0` on the same scale: P(T' > t_alpha), T' noncentral t with
/// noncentrality `effect / se` (Cohen 1988, Statistical Power Analysis, chapter 2).
pub fn power(effect: f64, se: f64, df: f64, alpha: f64) -> f64 {
    1.0 - noncentral_t_cdf(t_upper_quantile(alpha, df), df, effect / se)
}

/// Smallest true change that the same test sees with chance `power_wanted`, on the scale of `se`:
/// the root of [`power`], which rises with the effect, by regula falsi (Illinois variant, Dowell and
/// Jarratt 1971, BIT 11, 168-174) to one part in 10^9.
pub fn detectable(se: f64, df: f64, alpha: f64, power_wanted: f64) -> f64 {
    let critical = t_upper_quantile(alpha, df);
    let short = |ratio: f64| power_wanted - 1.0 + noncentral_t_cdf(critical, df, ratio);
    let (mut low, mut at_low) = (0.0, power_wanted - alpha);
    let mut high = critical.max(1.0);
    let mut at_high = short(high);
    while at_high > 0.0 && high < 1e6 {
        (low, at_low) = (high, at_high);
        high *= 1.5;
        at_high = short(high);
    }
    let mut ratio = high;
    let mut last_above = None;
    for _ in 0..60 {
        let next = (low * at_high - high * at_low) / (at_high - at_low);
        let moved = (next - ratio).abs();
        ratio = next;
        let value = short(ratio);
        if value == 0.0 || moved <= 1e-9 * ratio {
            break;
        }
        let above = value < 0.0;
        let repeated = last_above == Some(above);
        last_above = Some(above);
        // An end that stays put twice running counts half, or the other end would creep.
        if above {
            (high, at_high) = (ratio, value);
            at_low *= if repeated { 0.5 } else { 1.0 };
        } else {
            (low, at_low) = (ratio, value);
            at_high *= if repeated { 0.5 } else { 1.0 };
        }
    }
    ratio * se
}

/// What tests of some degrees of freedom, level and power see, in standard errors. Many rows of a comparison share these
/// three, and the root is most of the work: each is found once.
#[derive(Clone, Debug, Default)]
pub struct Seen(RefCell<BTreeMap<[u64; 3], f64>>);

impl Seen {
    /// [`detectable`], found once.
    pub fn detectable(&self, se: f64, df: f64, alpha: f64, power_wanted: f64) -> f64 {
        let key = [df, alpha, power_wanted].map(f64::to_bits);
        let mut known = self.0.borrow_mut();
        let found = || detectable(1.0, df, alpha, power_wanted);
        se * *known.entry(key).or_insert_with(found)
    }
}

/// Smallest number of trials an arm, from 3 up, with which the test sees `effect` with chance
/// `power_wanted`. `arms(n)` gives standard error and degrees of freedom with `n` trials an arm; more
/// trials never see less, so the search halves. `None` when [`MOST_TRIALS`] are not enough.
pub fn trials_needed(
    effect: f64,
    alpha: f64,
    power_wanted: f64,
    seen: &Seen,
    arms: impl Fn(u32) -> (f64, f64),
) -> Option<u32> {
    let sees = |n: u32| {
        let (se, df) = arms(n);
        effect >= seen.detectable(se, df, alpha, power_wanted)
    };
    if !sees(MOST_TRIALS) {
        return None;
    }
    let (mut too_few, mut enough) = (2, MOST_TRIALS);
    while enough - too_few > 1 {
        let middle = (too_few + enough) / 2;
        if sees(middle) {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    Some(enough)
}
