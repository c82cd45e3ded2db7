//! Errors of commands: what a person reads on stderr and a program on stdout.

use crate::advice;
use crate::exit::Exit;
use crate::sandbox::{Failure, FaultCode};
use perfbridge_mcp::ClientError;
use perfbridge_registry::{NoRoot, Refusal, VerbError};
use serde_json::json;
use std::fmt;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub struct Error {
    /// Stable name of the kind.
    pub code: &'static str,
    /// Stable name of the cause, where the component gives one.
    pub cause: Option<String>,
    /// Found, expected, next step.
    pub message: String,
    /// File, line and field, where there is one.
    pub place: Option<String>,
    /// The exit code.
    pub exit: Exit,
    /// What a server said last, for the very end of the text; often empty.
    pub last_words: String,
}

/// The result of everything in the command line.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Bad usage or bad input: exit 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Error {
            code: "usage",
            cause: None,
            message: message.into(),
            place: None,
            exit: Exit::Usage,
            last_words: String::new(),
        }
    }

    /// What the operating system refuses.
    pub fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Error {
            code: "unreadable",
            place: Some(path.display().to_string()),
            ..Error::usage(format!("cannot {doing}: {error}"))
        }
    }

    /// A bug of ours: exit 70.
    pub fn internal(message: impl Into<String>) -> Self {
        Error {
            code: "internal",
            exit: Exit::Internal,
            ..Error::usage(message)
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
            "error": {"code": self.code, "message": format!("{}{}", self.message, self.last_words), "where": self.place, "exit_code": self.exit as u8},
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}{}", self.message, self.last_words)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let exit = match failure {
            Failure::Trap(_) | Failure::NotLoaded(_) => Exit::Internal,
            _ => Exit::Usage,
        };
        let told = failure.to_string();
        let cause = match &failure {
            Failure::Fault(fault) => fault.sub_code.clone(),
            _ => None,
        };
        let (code, message, place) = match failure {
            Failure::Fault(fault) => (
                name(fault.code),
                advice::beside(fault.message, fault.sub_code.as_deref()),
                fault.where_,
            ),
            Failure::TooLong { .. } => ("limit", told, None),
            Failure::TooMuchMemory { .. } | Failure::MemoryRefused => ("memory", told, None),
            Failure::Trap(_) | Failure::NotLoaded(_) => ("internal", told, None),
        };
        Error {
            code,
            cause,
            place,
            exit,
            ..Error::usage(message)
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
            ..Error::usage(refusal.message)
        }
    }
}

impl From<NoRoot> for Error {
    fn from(none: NoRoot) -> Self {
        Error {
            code: "not-found",
            ..Error::usage(none.to_string())
        }
    }
}

impl From<VerbError> for Error {
    fn from(error: VerbError) -> Self {
        let (message, last_words) = match error {
            VerbError::Argument(message) => (message, String::new()),
            VerbError::Unreachable {
                message,
                last_words,
            } => (message, last_words),
        };
        Error {
            code: "verb",
            last_words,
            ..Error::usage(message)
        }
    }
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        Error {
            code: "mcp",
            ..Error::from(VerbError::from(error))
        }
    }
}
