//! The reply of a verb, and the trait that every registry answers through.

use crate::verb::{Call, Query, Verb};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One reply of a verb. The order of the fields is the order on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// The MCP tool; see [`Verb::tool`].
    pub tool: String,
    /// See [`Verb::library`].
    pub library: String,
    /// See [`Verb::name`].
    pub verb: String,
    /// See [`Safety::name`](crate::Safety::name).
    pub safety: String,
    /// Whether the caller has to acknowledge something; never, for these verbs.
    pub ack_required: bool,
    /// The field to acknowledge in.
    pub ack_field: Option<String>,
    /// The arguments as the verb saw them.
    pub args: Vec<String>,
    /// 0 done (a RED verdict is still 0), 1 nothing found or no baseline there, 2 refused.
    pub returncode: i32,
    /// The payload as text, the help text, or the matches of a search.
    pub stdout: String,
    /// `FATAL: ...`, a usage error, or warnings.
    pub stderr: String,
    /// The payload; null where `stdout` holds none.
    pub json: Option<serde_json::Value>,
}

impl Envelope {
    /// The reply of a verb to these arguments, with nothing in it yet.
    pub fn of(verb: Verb, args: Vec<String>) -> Self {
        Self {
            tool: verb.tool().to_owned(),
            library: verb.library().to_owned(),
            verb: verb.name().to_owned(),
            safety: verb.safety().name().to_owned(),
            ack_required: false,
            ack_field: None,
            args,
            returncode: 0,
            stdout: String::new(),
            stderr: String::new(),
            json: None,
        }
    }

    /// The reply of a verb that refused; `stderr` says why.
    pub fn refused(verb: Verb, args: Vec<String>, stderr: String) -> Self {
        Self {
            returncode: 2,
            stderr,
            ..Self::of(verb, args)
        }
    }
}

/// Why a call has no envelope: the call itself was wrong, or the registry cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerbError {
    /// An argument outside its range, in the words the reference server uses.
    Argument(String),
    /// The registry did not answer (a server that is gone, a reply that is no envelope).
    Unreachable {
        /// What happened.
        message: String,
        /// What a server said last, for the very end of a message; may be empty.
        last_words: String,
    },
}

impl fmt::Display for VerbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerbError::Argument(text) => f.write_str(text),
            VerbError::Unreachable {
                message,
                last_words,
            } => write!(f, "{message}{last_words}"),
        }
    }
}

impl std::error::Error for VerbError {}

/// What answers the verbs. The registry in this crate is one implementation, a client of an MCP server is another.
///
/// A refusal is an envelope with a nonzero `returncode`; `Err` means that there is no envelope at all.
pub trait Verbs: Send + Sync {
    /// Does what the call asks for.
    ///
    /// # Errors
    /// A search whose `limit` is out of range, or no envelope could be obtained.
    fn call(&self, call: &Call) -> Result<Envelope, VerbError>;

    /// Registers a baseline. `args` are the options of the `record` command line.
    ///
    /// # Errors
    /// Only when no envelope could be obtained.
    fn record(&self, args: &[String]) -> Result<Envelope, VerbError> {
        self.call(&Call::Record(args.to_vec()))
    }

    /// Compares a measurement with a baseline. `args` are the options of the `diff` command line.
    ///
    /// # Errors
    /// Only when no envelope could be obtained.
    fn diff(&self, args: &[String]) -> Result<Envelope, VerbError> {
        self.call(&Call::Diff(args.to_vec()))
    }

    /// Searches `experiments/artifacts` for a regular expression; `limit` (1 to 100) caps the matches.
    ///
    /// # Errors
    /// A `limit` out of range, or no envelope.
    fn search_evidence(&self, query: &str, limit: u32) -> Result<Envelope, VerbError> {
        self.call(&Call::Evidence(Query::new(query, limit)))
    }

    /// Searches `runbooks` and `docs` for a regular expression; `limit` (1 to 100) caps the matches.
    ///
    /// # Errors
    /// A `limit` out of range, or no envelope.
    fn search_runbooks(&self, query: &str, limit: u32) -> Result<Envelope, VerbError> {
        self.call(&Call::Runbooks(Query::new(query, limit)))
    }
}
