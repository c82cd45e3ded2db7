//! What a verb works with, and what it hands back.

use crate::arbiter::{Arbiter, READ_FAMILY};
use crate::grants::Grants;
use crate::python::json::Value;
use crate::refusal::Refusal;
use crate::snapshot::{self, Survey};
use crate::surroundings::{Real, Surroundings};
use crate::verb::Verb;
use std::path::Path;

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

impl Desk {
    /// What a path of `--source` or `--current` stands for: the document of a benchmark run where it is a directory that
    /// holds one and `family` is that of such runs, else what lies there. `root` is the one that the call is about.
    ///
    /// # Errors
    /// A run that cannot be read, and those of [`snapshot::survey`].
    pub(crate) fn survey(
        &self,
        option: &str,
        path: &Path,
        family: &str,
        root: &Path,
    ) -> Result<Survey, Refusal> {
        let reader = self.arbiter.as_deref();
        if let Some(reader) = reader.filter(|_| family == READ_FAMILY && path.is_dir()) {
            let document = reader.read(path, self.surroundings.git_sha(root));
            let document = document.map_err(|fault| Refusal::new(format!("{option}: {fault}")))?;
            if let Some(text) = document {
                return Ok(Survey::Document(text));
            }
        }
        snapshot::survey(option, path)
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
