//! Fisher's exact test: do more requests fail than before?

use super::special::ln_gamma;

/// Failed requests of an arm, and all of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Requests that failed.
    pub failed: u64,
    /// All requests, the failed ones among them.
    pub of: u64,
}

/// One-sided p-value for "the current arm fails more often": the chance of at least as many failures in it as
/// were seen, given the failures of both arms together (Fisher 1935, Journal of the Royal Statistical Society 98,
/// 39-82; the upper tail of the hypergeometric distribution). Requests of all trials of an arm count together.
///
/// More failures than requests count as all requests.
pub fn p_more_failures(baseline: Failed, current: Failed) -> f64 {
    let (n1, n2) = (baseline.of as f64, current.of as f64);
    let seen = current.failed.min(current.of) as f64;
    let total = seen + baseline.failed.min(baseline.of) as f64;
    let tail = Tail { n1, n2, total };
    let (least, most) = ((total - n1).max(0.0), total.min(n2));
    // The shorter sum starts at the largest term, so that it neither underflows nor cancels.
    let mean = total * n2 / (n1 + n2).max(1.0);
    if seen > mean {
        tail.sum(seen, most, 1.0).min(1.0)
    } else if seen <= least {
        1.0
    } else {
        (1.0 - tail.sum(seen - 1.0, least, -1.0)).max(0.0)
    }
}

/// The hypergeometric distribution of the failures in the current arm.
struct Tail {
    n1: f64,
    n2: f64,
    total: f64,
}

impl Tail {
    fn chance(&self, k: f64) -> f64 {
        let ln_choose =
            |n: f64, k: f64| ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
        libm::exp(
            ln_choose(self.n2, k) + ln_choose(self.n1, self.total - k)
                - ln_choose(self.n1 + self.n2, self.total),
        )
    }

    /// Chances from `k` to `end`, `step` by `step`, away from the middle: each from the one before.
    fn sum(&self, mut k: f64, end: f64, step: f64) -> f64 {
        let mut term = self.chance(k);
        let mut sum = term;
        while k != end && term > 1e-18 * sum {
            let up = if step > 0.0 { k } else { k - 1.0 };
            // chance(up + 1) / chance(up)
            let ratio = (self.n2 - up) * (self.total - up)
                / ((up + 1.0) * (self.n1 - self.total + up + 1.0));
            term *= if step > 0.0 { ratio } else { 1.0 / ratio };
            sum += term;
            k += step;
        }
        sum
    }
}
