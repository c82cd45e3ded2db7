//! What a test of given noise can and cannot see.

use super::special::{noncentral_t_cdf, t_upper_quantile};

/// Most trials an arm that a plan may ask for; beyond, the answer is "repeating will not settle it".
pub const MOST_TRIALS: u32 = 100;

/// Chance that a one-sided t test at level `alpha` with `df` degrees of freedom and standard error
/// `se` sees a true change `effect > 0` on the same scale: P(T' > t_alpha), T' noncentral t with
/// noncentrality `effect / se` (Cohen 1988, Statistical Power Analysis, chapter 2).
pub fn power(effect: f64, se: f64, df: f64, alpha: f64) -> f64 {
    1.0 - noncentral_t_cdf(t_upper_quantile(alpha, df), df, effect / se)
}

/// Smallest true change that the same test sees with chance `power_wanted`, on the scale of `se`:
/// bisection of [`power`], which rises with the effect.
pub fn detectable(se: f64, df: f64, alpha: f64, power_wanted: f64) -> f64 {
    let critical = t_upper_quantile(alpha, df);
    let sees = |ratio: f64| 1.0 - noncentral_t_cdf(critical, df, ratio) >= power_wanted;
    let mut high = 1.0;
    while !sees(high) && high < 1e6 {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if sees(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high * se
}

/// Smallest number of trials an arm, from 3 up, with which the test sees `effect` with chance
/// `power_wanted`. `arms(n)` gives standard error and degrees of freedom with `n` trials an arm.
/// `None` when [`MOST_TRIALS`] are not enough.
pub fn trials_needed(
    effect: f64,
    alpha: f64,
    power_wanted: f64,
    arms: impl Fn(u32) -> (f64, f64),
) -> Option<u32> {
    (3..=MOST_TRIALS).find(|&n| {
        let (se, df) = arms(n);
        power(effect, se, df, alpha) >= power_wanted
    })
}
