//! The questions about the server, and their answers.

use crate::finding::Finding;

/// What the resolver cannot know from the metrics alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    /// The served model in question; needed only where the bundle holds scrapes of several.
    pub model: Option<String>,
    /// Measured time of all levels together, in seconds.
    pub benchmark_seconds: Option<f64>,
    /// How many concurrency levels that time covers; an export that is missing for one of them would
    /// make the generation throughput too low.
    pub levels: Option<usize>,
    /// Whether the configuration says that prefix caching is off.
    pub prefix_caching_off: bool,
}

/// One answer, with the metric and the files that gave it, or the reason why there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The number; rates and usages are fractions 0..1.
    pub value: Option<f64>,
    /// Name of the metric that won.
    pub metric: Option<String>,
    /// The files it was taken from, sorted; for a peak, those that hold the peak.
    pub files: Vec<String>,
    /// Why there is no number.
    pub reason: Option<String>,
}

impl Measured {
    /// No number, because of `reason`.
    pub(super) fn missing(reason: impl Into<String>) -> Self {
        Measured {
            reason: Some(reason.into()),
            ..Measured::default()
        }
    }
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
