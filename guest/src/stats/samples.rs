//! How many requests a percentile needs before it says anything.

/// A percentile that its sample cannot carry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LowSamples {
    /// Requests behind the statistic.
    pub have: u64,
    /// Requests that it needs.
    pub need: u64,
}

/// Confidence with which the largest of the sample must lie above the true quantile.
const CONFIDENCE: f64 = 0.95;

/// Fewest independent requests for quantile `q` (0 < q < 1): enough that with 95 % confidence the
/// sample reaches beyond the true quantile at all, the smallest n with `q^n <= 0.05` (taken at the
/// farther tail, `max(q, 1 - q)`). Below it not even a one-sided distribution-free bound exists, and
/// the "percentile" is the largest request under another name. Wilks (1941), Annals of Mathematical
/// Statistics 12, 91-96. p50: 5, p90: 29, p95: 59, p99: 299, p99.9: 2995.
pub fn needed(q: f64) -> Option<u64> {
    if !(q > 0.0 && q < 1.0) {
        return None;
    }
    let far = q.max(1.0 - q);
    let n = libm::log(1.0 - CONFIDENCE) / libm::log(far);
    // 0.95 and the logarithms are rounded: an exact integer must not become the next one.
    Some(libm::ceil(n - 1e-9) as u64)
}

/// `Some` when `have` requests are too few for quantile `q`.
pub fn low_samples(q: f64, have: u64) -> Option<LowSamples> {
    let need = needed(q)?;
    (have < need).then_some(LowSamples { have, need })
}
