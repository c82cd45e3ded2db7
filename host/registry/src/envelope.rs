//! The reply of a verb, and the trait that every registry answers through.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One reply of a verb. The order of the fields is the order on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// The MCP tool, for example `perf_baseline_record`.
    pub tool: String,
    /// `perf_baseline` or `mcp_aux`.
    pub library: String,
    /// `record`, `diff` or `search`.
    pub verb: String,
    /// `writes_artifacts` or `read_only`.
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

/// The four verbs. The registry in this crate is one implementation, a client of an MCP server is another.
///
/// A refusal is an envelope with a nonzero `returncode`; `Err` means that there is no envelope at all.
pub trait Verbs: Send + Sync {
    /// Registers a baseline. `args` are the options of the `record` command line.
    ///
    /// # Errors
    /// Only when no envelope could be obtained.
    fn record(&self, args: &[String]) -> Result<Envelope, VerbError>;

    /// Compares a measurement with a baseline. `args` are the options of the `diff` command line.
    ///
    /// # Errors
    /// Only when no envelope could be obtained.
    fn diff(&self, args: &[String]) -> Result<Envelope, VerbError>;

    /// Searches `experiments/artifacts` for a regular expression; `limit` (1 to 100) caps the matches.
    ///
    /// # Errors
    /// A `limit` out of range, or no envelope.
    fn search_evidence(&self, query: &str, limit: u32) -> Result<Envelope, VerbError>;

    /// Searches `runbooks` and `docs` for a regular expression; `limit` (1 to 100) caps the matches.
    ///
    /// # Errors
    /// A `limit` out of range, or no envelope.
    fn search_runbooks(&self, query: &str, limit: u32) -> Result<Envelope, VerbError>;
}

/// Why a verb did not do what it was asked to: the code and the words after `FATAL: `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// 2, or 1 for a directory that is no baseline.
    pub code: i32,
    /// One sentence.
    pub message: String,
}

impl Refusal {
    /// An ordinary refusal, code 2.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            code: 2,
            message: message.into(),
        }
    }

    /// A refusal that comes from the operating system: what was being done, to what, and its words.
    pub fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(format!("cannot {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
