//! What the server is asked, as error messages call it.

use crate::tools;
use perfbridge_registry::Verb;
use std::fmt;

/// A question to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To begin the conversation.
    Initialize,
    /// Which tools it has.
    Tools,
    /// For the help text of `record`, which tells the generation.
    Probe,
    /// A verb.
    Verb(Verb),
}

impl Asked {
    /// What the user has to know if it is not answered.
    pub fn unanswered(self) -> &'static str {
        match self {
            Asked::Initialize | Asked::Tools | Asked::Probe => "",
            Asked::Verb(verb) => tools::unanswered(verb),
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Asked::Initialize => "initialize",
            Asked::Tools => "tools/list",
            Asked::Probe => "the probe (record --help)",
            Asked::Verb(verb) => verb.tool(),
        })
    }
}
