//! Server metrics: what the scrapes and exports hold, and which of it answers which question.

use crate::finding::Finding;

/// Everything that was scraped.
#[derive(Clone, Debug, Default)]
pub struct Observed {}

/// One answer, with the metric and the files that gave it, or the reason why there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The number; rates and usages are fractions 0..1.
    pub value: Option<f64>,
    /// Name of the metric that won.
    pub metric: Option<String>,
    /// The files it was taken from, sorted.
    pub files: Vec<String>,
    /// Why there is no number.
    pub reason: Option<String>,
}

/// The five server numbers of the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolved {
    /// Lifetime hit rate at the pre scrape.
    pub hit_rate_pre: Measured,
    /// Hit rate between the pre and the post scrape.
    pub hit_rate_post: Measured,
    /// `tokens`, `blocks` or `gauge`.
    pub hit_rate_definition: Option<String>,
    /// Highest KV cache usage seen.
    pub kv_usage_peak: Measured,
    /// Most requests running at once.
    pub running_peak: Measured,
    /// Generated tokens per second of the measured phases.
    pub generation_tps: Measured,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// What the resolver must know beside the scrapes.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// The served model.
    pub model: String,
    /// Summed length of the measured phases, in seconds.
    pub benchmark_seconds: Option<f64>,
    /// Whether somebody stated that prefix caching is off.
    pub prefix_caching_off: bool,
}

/// Placeholder.
pub fn resolve(_: &Observed, _: &Conditions) -> Resolved {
    Resolved::default()
}
