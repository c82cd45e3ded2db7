//! What the component judges, and the forms in which it is asked to write a judgement.

use super::bindings::exports::perfbridge::bridge::judge;
use super::bindings::perfbridge::bridge::types::Policy;

/// What is judged: documents as JSON text, and the policy.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The baseline.
    pub baseline: &'a str,
    /// The current run.
    pub current: &'a str,
    /// Earlier baselines, oldest first.
    pub history: &'a [String],
    /// Tolerances and choices.
    pub policy: &'a Policy,
}

impl judge::Form {
    /// A form that is neither laid out nor coloured.
    pub fn named(name: &str) -> Self {
        judge::Form {
            name: name.to_owned(),
            width: 80,
            colour: false,
        }
    }

    /// `perfbridge_judgement_v1`.
    pub fn json() -> Self {
        Self::named("json")
    }
}
