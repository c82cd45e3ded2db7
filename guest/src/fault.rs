//! The one error type: why an operation could not be carried out.
//!
//! A judgement is a value, never a fault. A fault means "could not read" or "could not judge",
//! and names the file, the line and the field, what was found, what was expected and what to do next.

use std::fmt;

/// What kind of thing went wrong. The names are public: they cross the component boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// An option, a setting, a policy or a metric name is not one that exists.
    Usage,
    /// A file or a directory that was asked for is not there.
    NotFound,
    /// The operating system refused to read.
    Unreadable,
    /// The file is not of a format that is known here.
    NotUnderstood,
    /// The format is known but the file is cut, garbled or contradicts itself.
    Damaged,
    /// A number is NaN, infinite, negative where it cannot be, or in a unit that is not expected.
    BadValue,
    /// Two inputs claim the same place: two results for one concurrency level, a repeated key.
    Conflict,
    /// A bound of this program: a line, a file or a nesting beyond what is read.
    Limit,
}

impl Code {
    /// Stable text of the code, as it stands in JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Usage => "usage",
            Code::NotFound => "not-found",
            Code::Unreadable => "unreadable",
            Code::NotUnderstood => "not-understood",
            Code::Damaged => "damaged",
            Code::BadValue => "bad-value",
            Code::Conflict => "conflict",
            Code::Limit => "limit",
        }
    }
}

/// Could not read, or could not judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind.
    pub code: Code,
    /// One or more sentences: found, expected, next step.
    pub message: String,
    /// Where: `file`, `file:line` or `file:line: field`, relative to the input directory.
    pub place: Option<String>,
}

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// A fault without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Fault {
            code,
            message: message.into(),
            place: None,
        }
    }

    /// The same fault, at `place`; a place that is already there stays, since it is nearer to the cause.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place.get_or_insert_with(|| place.into());
        self
    }

    /// The same fault, at a line of a file.
    pub fn at_line(self, file: &str, line: u64) -> Self {
        self.at(format!("{file}:{line}"))
    }

    /// The same fault, at a field on a line of a file.
    pub fn at_field(self, file: &str, line: Option<u64>, field: &str) -> Self {
        match line {
            Some(line) => self.at(format!("{file}:{line}: {field}")),
            None => self.at(format!("{file}: {field}")),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{place}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Fault {}
