//! Errors of commands: what a person reads on stderr and a program on stdout.

use crate::advice;
use crate::exit::Exit;
use crate::sandbox::{Failure, FaultCode};
use perfbridge_mcp::ClientError;
use perfbridge_registry::{NoRoot, Refusal, VerbError};
use serde_json::json;
use std::fmt;

/// Why a command did not do what it was asked to.
#[derive(Clone, Debug)]
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
const HEAD: &str = "error: ";

impl Error {
    /// The text for a terminal: a short line that says what is wrong, then where, then the rest. How it is laid out depends
    /// on no path's length.
    pub fn in_lines(&self) -> String {
        let place = self.place.as_deref().unwrap_or_default();
        // What is no path, such as an option, says at once what this is about.
        let leads = !place.is_empty() && !place.contains('/') && place.chars().count() <= FIRST / 2;
        let lead = match leads {
            true => format!("{HEAD}{place}: "),
            false => HEAD.to_owned(),
        };
        let (first, rest) = split(&self.message, FIRST - lead.chars().count());
        let mut text = lead + first;
        if !leads && !place.is_empty() {
            text.push_str(&format!("\n  at {place}"));
        }
        if !rest.is_empty() {
            text.push_str(&format!("\n  {rest}"));
        }
        text + &self.last_words
    }
}

/// A message cut into what is wrong, at most `most` characters, and the rest: behind the first clause or sentence, and
/// before a path. A longer clause is cut at the last weaker mark that fits.
fn split(message: &str, most: usize) -> (&str, &str) {
    let ends = ["; ", ". ", "\n", ": /"]
        .iter()
        .filter_map(|mark| message.find(mark));
    let end = ends.min().unwrap_or(message.len());
    let long = message[..end].char_indices().nth(most);
    let at = match long {
        None => end,
        Some((limit, _)) => {
            let marks = [": ", " (", ", ", " "].iter();
            let mut found = marks.filter_map(|mark| message[..limit].rfind(mark));
            found.find(|at| *at > 0).unwrap_or(limit)
        }
    };
    let rest = message[at..].trim_start_matches([';', '.', ':', ',']);
    (&message[..at], rest.trim_start())
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

/// The exit code that the component decided on.
///
/// # Errors
/// One that it cannot decide on.
pub fn decided(exit_code: u8) -> Result<Exit> {
    match exit_code {
        0 => Ok(Exit::Pass),
        1 => Ok(Exit::Failed),
        2 => Ok(Exit::Usage),
        3 => Ok(Exit::NoVerdict),
        other => Err(Error::internal(format!(
            "the component decided on exit code {other}"
        ))),
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
    fn an_error_says_first_what_is_wrong_then_where_then_the_rest() {
        for place in ["a/b.json", &format!("/{}", "p".repeat(90))] {
            assert_eq!(
                lines("found no number; expected one. Try again", place),
                format!("error: found no number\n  at {place}\n  expected one. Try again")
            );
        }
        assert_eq!(
            lines("found \"2%\"; expected one", "tolerance.ttft"),
            "error: tolerance.ttft: found \"2%\"\n  expected one"
        );
        assert_eq!(
            Error::usage("not confirmed").in_lines(),
            "error: not confirmed"
        );
        assert_eq!(
            Error::usage("--source does not exist: /a").in_lines(),
            "error: --source does not exist\n  /a"
        );
        assert_eq!(
            Error::usage("nothing recognised\n  found x\n  expected y").in_lines(),
            "error: nothing recognised\n  found x\n  expected y"
        );
    }

    #[test]
    fn a_long_clause_is_cut_at_a_weaker_mark() {
        let sentence = "a sentence of words, and of more words, that has no end before the line has to end and goes on and on";
        assert_eq!(
            Error::usage(sentence).in_lines(),
            "error: a sentence of words, and of more words\n  that has no end before the line has to end and goes on and on"
        );
        let name = "n".repeat(150);
        let told = Error::usage(format!("there is no {name}")).in_lines();
        assert_eq!(told, format!("error: there is no\n  {name}"));
        let told = Error::usage(&*name).in_lines();
        assert!(
            told.lines().all(|line| line.chars().count() < 100),
            "{told}"
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
