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

/// The most characters of the first line, `error: ` included.
const FIRST: usize = 99;
/// A place of at most so many characters stands in it.
const LEADS: usize = 40;

impl Error {
    /// The text for a terminal: a short line that says what is wrong, then where, and the rest. One line where all of it
    /// fits.
    pub fn in_lines(&self) -> String {
        let head = "error: ";
        let whole = format!("{head}{self}");
        let short = |line: &str| line.chars().count() <= FIRST;
        if whole.lines().next().is_none_or(short) {
            return whole;
        }
        // A short place, such as an option, says at once what this is about.
        let place = self.place.as_deref().unwrap_or_default();
        let leads = (1..=LEADS).contains(&place.chars().count());
        let lead = if leads {
            format!("{place}: ")
        } else {
            String::new()
        };
        let most = FIRST - head.len() - lead.chars().count();
        let (first, rest) = split(&self.message, most);
        let mut text = format!("{head}{lead}{first}");
        if !leads && !place.is_empty() {
            text.push_str(&format!("\n  at {place}"));
        }
        if !rest.is_empty() {
            text.push_str(&format!("\n  {rest}"));
        }
        text + &self.last_words
    }
}

/// A message cut into what is wrong and the rest: at the end of a clause, at most `most` characters from its start; the
/// later such end the better, and a stronger one before a weaker.
fn split(message: &str, most: usize) -> (&str, &str) {
    let line = message.lines().next().unwrap_or_default();
    let Some((end, _)) = line.char_indices().nth(most) else {
        return message.split_once('\n').unwrap_or((message, ""));
    };
    let head = &message[..end];
    for mark in ["; ", ". ", ": ", " (", ", ", " "] {
        if let Some(at) = head.rfind(mark).filter(|at| *at > 0) {
            let rest = message[at..].trim_start_matches([';', '.', ':', ',']);
            return (&message[..at], rest.trim_start());
        }
    }
    (head, &message[end..])
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

#[cfg(test)]
mod tests {
    use super::Error;
    use std::path::Path;

    fn lines(message: &str, place: &str) -> String {
        Error::usage(message).in_input(Path::new(place)).in_lines()
    }

    #[test]
    fn what_fits_stays_one_line() {
        assert_eq!(
            lines("found no number; expected one", "a.json"),
            "error: a.json: found no number; expected one"
        );
    }

    #[test]
    fn a_long_error_says_first_what_is_wrong_then_where_then_the_rest() {
        let place = "p".repeat(90);
        assert_eq!(
            lines("found no number; expected one", &place),
            format!("error: found no number; expected one\n  at {place}")
        );
        let long = ["what to do"; 12].join(" ");
        assert_eq!(
            lines(
                &format!("found no number, and none: here; expected one. {long}"),
                &place
            ),
            format!("error: found no number, and none: here; expected one\n  at {place}\n  {long}")
        );
        assert_eq!(
            lines(
                &format!("found \"2%\"; expected one. {long}"),
                "tolerance.ttft"
            ),
            format!("error: tolerance.ttft: found \"2%\"; expected one\n  {long}")
        );
        let sentence = "a sentence of words that has no end before the line does and goes on and on and on and on and on";
        let told = Error::usage(sentence).in_lines();
        assert!(
            told.lines().all(|line| line.chars().count() < 100),
            "{told}"
        );
        let name = "n".repeat(150);
        assert_eq!(
            Error::usage(format!("--source does not exist: {name}")).in_lines(),
            format!("error: --source does not exist\n  {name}")
        );
    }

    #[test]
    fn last_words_of_a_server_stand_at_the_end() {
        let mut error = Error::usage(format!("the server is gone; {}", "x".repeat(90)));
        error.last_words = "\nit said:\n  bye".to_owned();
        let told = error.in_lines();
        assert!(
            told.starts_with("error: the server is gone\n  xxx"),
            "{told}"
        );
        assert!(told.ends_with("x\nit said:\n  bye"), "{told}");
    }
}
