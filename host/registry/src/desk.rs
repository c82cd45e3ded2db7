//! What a verb works with, and what it hands back.

use crate::arbiter::Arbiter;
use crate::grants::Grants;
use crate::python::json::Value;
use crate::surroundings::{Real, Surroundings};
use crate::verb::Verb;

/// What every verb has at hand.
pub struct Desk {
    /// What may be touched.
    pub grants: Grants,
    /// The clock and the machine.
    pub surroundings: Box<dyn Surroundings>,
    /// Who judges documents, if anybody does.
    pub arbiter: Option<Box<dyn Arbiter>>,
}

impl Desk {
    /// These grants, the real clock and machine, and no arbiter.
    pub fn new(grants: Grants) -> Self {
        Self {
            grants,
            surroundings: Box::new(Real),
            arbiter: None,
        }
    }
}

/// What a verb did.
pub struct Done {
    /// The payload.
    pub payload: Value,
    /// Lines for stderr, empty if all went well.
    pub warnings: String,
}

/// A payload or a file of a verb: the names that every one of them begins with, and these members.
pub fn signed<const N: usize>(verb: Verb, members: [(&str, Value); N]) -> Value {
    let names = [
        ("tool", verb.tool()),
        ("library", verb.library()),
        ("verb", verb.name()),
        ("safety", verb.safety().name()),
    ];
    let names = names.map(|(key, text)| (key, Value::from(text)));
    let members = names.into_iter().chain(members);
    Value::Dict(
        members
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}
