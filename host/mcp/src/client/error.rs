//! The server could not be asked.

use perfbridge_registry::VerbError;
use std::fmt;

/// Why the server could not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientError {
    /// The command, the step and what happened.
    pub message: String,
    /// The end of the server's stderr, on lines of its own; empty where nothing was started or it is not known.
    pub last_words: String,
}

impl ClientError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            last_words: String::new(),
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.message, self.last_words)
    }
}

impl std::error::Error for ClientError {}

impl From<ClientError> for VerbError {
    fn from(error: ClientError) -> Self {
        VerbError::Unreachable {
            message: error.message,
            last_words: error.last_words,
        }
    }
}
