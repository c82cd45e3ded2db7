//! The line `Phase profiling (profiling) complete | completed=32, cancelled=0, errors=9 | …`.

use crate::text;

/// How the line begins, behind what a logger put before it.
const BEGIN: &str = "Phase profiling ";

/// The counts of the measured phase. `completed` includes the failed requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phase {
    /// Requests that ended.
    pub completed: u64,
    /// Requests among them that failed.
    pub errors: u64,
    pending: Option<String>,
    known: bool,
}

impl Phase {
    /// Takes the next line of the log.
    pub fn line(&mut self, line: &str) {
        if let Some(at) = text::find_rare(line, BEGIN, 0) {
            // The line of the start and of `sending complete` look alike up to here.
            let text = &line[at..];
            self.pending = (text.contains(") complete |")).then(|| text.to_owned());
        } else if line.starts_with(' ') {
            // A terminal breaks a long line anywhere, even within a word, and indents the rest.
            if let Some(pending) = &mut self.pending {
                pending.push_str(line.trim());
            }
        } else {
            self.pending = None;
        }
        let counts = self
            .pending
            .as_deref()
            .and_then(|text| Some((count(text, "completed=")?, count(text, "errors=")?)));
        if let Some((completed, errors)) = counts {
            *self = Phase {
                completed,
                errors,
                pending: None,
                known: true,
            };
        }
    }

    /// The phase, if its end was seen.
    pub fn complete(self) -> Option<Phase> {
        self.known.then_some(self)
    }

    /// As [`Phase::complete`].
    pub fn complete_ref(&self) -> Option<&Phase> {
        self.known.then_some(self)
    }
}

/// The number after `key`; `None` unless something that is no digit ends it, since it may be cut.
fn count(text: &str, key: &str) -> Option<u64> {
    let rest = &text[text.find(key)? + key.len()..];
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest[..end].parse().ok()
}
