//! The result of a comparison, before it is written.

use super::rows::{Comparison, Tolerance};
use crate::arbiter::Ruling;
use crate::python::json::Value;

/// What was compared, and how it came out.
pub struct Outcome {
    /// The numbers of both sides.
    pub comparison: Comparison,
    /// What the arbiter found, where it judged.
    pub ruling: Option<Ruling>,
    /// How much change is allowed.
    pub tolerance: Tolerance,
    /// Which change is adverse.
    pub direction: String,
}

impl Outcome {
    /// `GREEN`, `YELLOW` or `RED`: that of the ruling, or that of the rule of the verb.
    pub fn verdict(&self) -> String {
        match &self.ruling {
            Some(ruling) => ruling.verdict.clone(),
            None => self
                .comparison
                .verdict(&self.tolerance, &self.direction)
                .to_owned(),
        }
    }
}

/// What the payload and `diff.json` hold beyond the contract: the keys that were lost, and the ruling.
pub fn add_findings(object: &mut Value, outcome: &Outcome) {
    let Value::Dict(members) = object else { return };
    let missing = &outcome.comparison.missing;
    if !missing.is_empty() {
        let keys = missing.iter().map(|key| key.as_str().into()).collect();
        members.insert("missing_keys".to_owned(), Value::List(keys));
    }
    if let Some(ruling) = &outcome.ruling {
        members.insert("rows".to_owned(), Value::from(&ruling.rows));
        members.insert("rule".to_owned(), ruling.rule.as_str().into());
    }
}
