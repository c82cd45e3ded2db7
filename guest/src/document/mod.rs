//! The document `inference_perfbench_v1`: one run, whole, in one JSON object.
//!
//! [`build()`] makes one from a [`crate::run::Run`], [`Document::parse`] reads one. Unknown fields are kept.

pub mod build;
pub mod ceiling;
mod context;
mod levels;
mod mirror;
mod parse;
pub mod samples;
pub mod trials;

pub use build::{Options, build};

use crate::finding::Finding;
use crate::json;
use crate::measure::headline;
use crate::measure::metrics;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The value of `schema`.
pub const SCHEMA: &str = "inference_perfbench_v1";

/// A document that was read and checked.
#[derive(Clone, Debug)]
pub struct Document {
    /// The whole object, unknown fields included, in the order of the file.
    pub map: Map<String, Value>,
    /// The served model name.
    pub model: String,
    /// The numbers by concurrency.
    pub levels: BTreeMap<u32, Level>,
    /// `server_metrics_delta` by name; null is absent.
    pub server: BTreeMap<String, f64>,
    /// `kernel_class_gpu_pct` by class; null is absent.
    pub kernel_classes: BTreeMap<String, f64>,
    /// `cpu_spinpoll_pct`, 0..100.
    pub cpu_spinpoll_pct: Option<f64>,
    /// `definitions` by metric.
    pub definitions: BTreeMap<String, String>,
    /// Findings that were made while the bundle was read.
    pub findings: Vec<Finding>,
    /// The numbers of each repeated run, where the document was made of several.
    pub trials: Vec<trials::Numbers>,
}

/// The numbers of one concurrency level.
#[derive(Clone, Debug, Default)]
pub struct Level {
    /// Judged metrics by name; null is absent.
    pub values: BTreeMap<String, f64>,
    /// Failed requests.
    pub errors: Option<f64>,
    /// All requests that ended in the measured phase.
    pub requests: Option<f64>,
    /// Mean input length in tokens.
    pub isl_mean: Option<f64>,
    /// Mean output length in tokens.
    pub osl_mean: Option<f64>,
    /// How many requests a statistic rests on, by metric, where the tool says so.
    pub samples: BTreeMap<String, f64>,
}

impl Level {
    /// Requests that succeeded, where both numbers are known.
    pub fn succeeded(&self) -> Option<f64> {
        Some(self.requests? - self.errors?)
    }

    /// Failed over all requests; null without requests.
    pub fn error_rate(&self) -> Option<f64> {
        let requests = self.requests.filter(|requests| *requests > 0.0)?;
        Some(self.errors? / requests)
    }

    /// The number of a row of this level: a measured one, the error rate or the errors.
    pub fn number(&self, metric: &str) -> Option<f64> {
        match metric {
            metrics::ERROR_RATE => self.error_rate(),
            metrics::ERRORS => self.errors,
            name => self.values.get(name).copied(),
        }
    }
}

impl Document {
    /// The level of the headline when this document is a baseline.
    pub fn headline_level(&self) -> u32 {
        let levels: Vec<u32> = self.levels.keys().copied().collect();
        // A parsed document has at least one level.
        headline::nearest_level(&levels).unwrap_or(headline::CANONICAL_LEVEL)
    }

    /// The document as JSON text, 2-space indent, one newline at the end.
    pub fn to_json(&self) -> String {
        to_json(&self.map)
    }
}

pub(crate) fn to_json(map: &Map<String, Value>) -> String {
    // A map of JSON values cannot fail to serialise: its keys are strings and its numbers finite.
    let mut text = serde_json::to_string_pretty(map).unwrap_or_default();
    text.push('\n');
    json::lists_on_one_line(text, &[samples::KEY])
}
