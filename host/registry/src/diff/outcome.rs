//! The result of a comparison, before it is written.

use super::rows::{Comparison, Tolerance};
use crate::arbiter::Ruling;
use crate::python::json::{Value, dict};

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

    /// What `diff.json` holds beyond the contract: the keys that were lost, and the ruling.
    pub fn add_findings(&self, object: &mut Value) {
        self.add_missing(object);
        if let Some(ruling) = &self.ruling {
            add(object, "rows", Value::from(&ruling.rows));
            add(object, "rule", ruling.rule.as_str().into());
        }
    }

    /// What the payload holds beyond the contract: the answer, which sorts first, and of the rows those that are not
    /// within tolerance, in brief. A judgement names what was lost itself. All of it is in the bundle.
    pub fn add_answer(&self, payload: &mut Value) {
        let Some(ruling) = &self.ruling else {
            return self.add_missing(payload);
        };
        add(payload, "answer", ruling.answer.as_str().into());
        add(payload, "rule", ruling.rule.as_str().into());
        let rows = ruling.rows.as_array().into_iter().flatten();
        let outside = rows.filter(|row| row["status"] != "WITHIN");
        add(payload, "rows", Value::List(outside.map(brief).collect()));
    }

    fn add_missing(&self, object: &mut Value) {
        let missing = &self.comparison.missing;
        if !missing.is_empty() {
            let keys = missing.iter().map(|key| key.as_str().into()).collect();
            add(object, "missing_keys", Value::List(keys));
        }
    }
}

fn add(object: &mut Value, name: &str, value: Value) {
    if let Value::Dict(members) = object {
        members.insert(name.to_owned(), value);
    }
}

/// What a row of a reply keeps.
const BRIEF: [&str; 6] = [
    "metric",
    "level",
    "baseline",
    "current",
    "delta_pct",
    "status",
];

fn brief(row: &serde_json::Value) -> Value {
    dict(BRIEF.map(|name| (name, Value::from(&row[name]))))
}
