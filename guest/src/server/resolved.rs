//! The questions about the server, and their answers.

use crate::finding::Finding;
use crate::measure::Place;

/// What the client did and saw at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// Where.
    pub place: Place,
    /// The folders that hold results of this place and of no other.
    pub folders: Vec<String>,
    /// Length of the measured phase, in seconds.
    pub seconds: Option<f64>,
    /// Output tokens of the requests that succeeded, as the client counts them; none where it counts something else.
    pub received: Option<f64>,
    /// The requests that succeeded, where the client may have counted their tokens itself, of their text, and not taken the
    /// server's count.
    pub recounted: Option<f64>,
    /// Output tokens that the requests can have had that failed, were cancelled or never ended.
    pub failed: Option<f64>,
}

/// What the resolver cannot know from the metrics alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    /// The served model in question; needed only where the bundle holds scrapes of several.
    pub model: Option<String>,
    /// What the client saw, one item a place; none where nothing is known of it.
    pub loads: Vec<Load>,
    /// Whether the configuration says that prefix caching is off.
    pub prefix_caching_off: bool,
}

impl Conditions {
    /// Whether the client may have counted tokens of a place itself.
    pub(super) fn are_recounted(&self) -> bool {
        self.loads.iter().any(|load| load.recounted.is_some())
    }

    /// Output tokens that the client received in all measured phases.
    pub(super) fn received(&self) -> Option<f64> {
        let all: Option<Vec<f64>> = self.loads.iter().map(|load| load.received).collect();
        all.filter(|all| !all.is_empty())
            .map(|all| all.iter().sum())
            .filter(|sum| *sum > 0.0)
    }
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
