//! Errors of commands: what a person reads on stderr and a program on stdout.

use crate::exit::Exit;
use crate::sandbox::{Failure, FaultCode};
use perfbridge_registry::{NoRoot, Refusal, VerbError};
use serde_json::json;
use std::fmt;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub struct Error {
    /// Stable name of the kind.
    pub code: &'static str,
    /// Found, expected, next step.
    pub message: String,
    /// File, line and field, where there is one.
    pub place: Option<String>,
    /// The exit code.
    pub exit: Exit,
}

/// The result of everything in the command line.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Bad usage or bad input: exit 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Error {
            code: "usage",
            message: message.into(),
            place: None,
            exit: Exit::Usage,
        }
    }

    /// What the operating system refuses.
    pub fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Error {
            code: "unreadable",
            message: format!("cannot {doing}: {error}"),
            place: Some(path.display().to_string()),
            exit: Exit::Usage,
        }
    }

    /// A bug of ours: exit 70.
    pub fn internal(message: impl Into<String>) -> Self {
        Error {
            code: "internal",
            message: message.into(),
            place: None,
            exit: Exit::Internal,
        }
    }

    /// The same error in front of which the input is named, since the component knows no host path.
    pub fn in_input(mut self, input: &std::path::Path) -> Self {
        let input = input.display();
        self.place = Some(match self.place {
            Some(place) => format!("{input}: {place}"),
            None => input.to_string(),
        });
        self
    }

    /// `perfbridge_error_v1`.
    pub fn to_json(&self) -> serde_json::Value {
        json!({
            "schema": "perfbridge_error_v1",
            "error": {"code": self.code, "message": self.message, "where": self.place, "exit_code": self.exit as u8},
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{place}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let exit = if matches!(failure, Failure::Trap(_)) {
            Exit::Internal
        } else {
            Exit::Usage
        };
        match failure {
            Failure::Fault(fault) => Error {
                code: name(fault.code),
                message: fault.message,
                place: fault.where_,
                exit,
            },
            Failure::TooLong { .. } | Failure::TooMuchMemory { .. } => Error {
                code: "limit",
                message: failure.to_string(),
                place: None,
                exit,
            },
            Failure::Trap(_) => Error {
                code: "internal",
                message: failure.to_string(),
                place: None,
                exit,
            },
        }
    }
}

fn name(code: FaultCode) -> &'static str {
    match code {
        FaultCode::Usage => "usage",
        FaultCode::NotFound => "not-found",
        FaultCode::Unreadable => "unreadable",
        FaultCode::NotUnderstood => "not-understood",
        FaultCode::Damaged => "damaged",
        FaultCode::BadValue => "bad-value",
        FaultCode::Conflict => "conflict",
        FaultCode::Limit => "limit",
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error {
            code: "refused",
            message: refusal.message,
            place: None,
            exit: Exit::Usage,
        }
    }
}

impl From<NoRoot> for Error {
    fn from(none: NoRoot) -> Self {
        Error {
            code: "not-found",
            message: none.to_string(),
            place: None,
            exit: Exit::Usage,
        }
    }
}

impl From<VerbError> for Error {
    fn from(error: VerbError) -> Self {
        Error {
            code: "verb",
            message: error.to_string(),
            place: None,
            exit: Exit::Usage,
        }
    }
}
