//! The word for everything that a verb does not do.

use std::fmt;
use std::io;
use std::path::Path;

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
    pub fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("cannot {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
