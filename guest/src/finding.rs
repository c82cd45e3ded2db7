//! What was noticed beside the numbers.

use serde::{Deserialize, Serialize};

/// How much a finding weighs. It never decides a verdict by itself; the rules name the codes that do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// A number may not mean what it seems to mean.
    Warning,
    /// Numbers are missing or cannot be used.
    Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable name in capitals, for instance `SOURCES_DISAGREE`.
    pub code: String,
    /// The weight.
    pub severity: Severity,
    /// What was seen, with its numbers.
    pub message: String,
    /// File, level or metric, relative to the input; null when it is about the whole.
    #[serde(rename = "where")]
    pub place: Option<String>,
}

impl Finding {
    /// A finding at a place.
    pub fn new(
        code: &str,
        severity: Severity,
        place: impl Into<Option<String>>,
        message: impl Into<String>,
    ) -> Self {
        Finding {
            code: code.to_owned(),
            severity,
            message: message.into(),
            place: place.into(),
        }
    }

    /// A warning at a place.
    pub fn warning(
        code: &str,
        place: impl Into<Option<String>>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(code, Severity::Warning, place, message)
    }

    /// An information at a place.
    pub fn info(code: &str, place: impl Into<Option<String>>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Info, place, message)
    }
}
