//! The box `AIPerf System Exit Errors`, which AIPerf draws when a service failed.

/// The first reason in the box, with its line.
#[derive(Debug, Default)]
pub struct ExitErrors {
    inside: bool,
    open: bool,
    reason: Option<(u64, String)>,
}

const TITLE: &str = "AIPerf System Exit Errors";

/// Labels of the box; any of them ends the text of the one before.
const LABELS: [&str; 5] = ["Service:", "Operation:", "Error:", "Reason:", "Cause:"];

impl ExitErrors {
    /// Takes the next line, trimmed and without escape codes.
    pub fn line(&mut self, line: u64, text: &str) {
        // Every line of a log is asked, and few have an `I`.
        if crate::text::holds_rare(text, TITLE, 1) {
            self.inside = true;
            self.reason.get_or_insert_with(|| (line, String::new()));
            return;
        }
        if !self.inside {
            return;
        }
        let Some(text) = text.strip_prefix(['│', '|']) else {
            self.inside = false;
            return;
        };
        let text = text.trim_end_matches(['│', '|']).trim();
        let text = text.trim_start_matches('•').trim();
        let Some((_, reason)) = &mut self.reason else {
            return;
        };
        if let Some(first) = text.strip_prefix("Reason:").filter(|_| reason.is_empty()) {
            self.open = true;
            reason.push_str(first.trim());
        } else if text.is_empty() || LABELS.iter().any(|label| text.starts_with(label)) {
            self.open = false;
        } else if self.open {
            reason.push(' ');
            reason.push_str(text);
        }
    }

    /// Line of the box and the first reason in it.
    pub fn reason(&self) -> Option<(u64, &str)> {
        self.reason.as_ref().map(|(line, reason)| {
            let known = if reason.is_empty() {
                "no reason given"
            } else {
                reason.as_str()
            };
            (*line, known)
        })
    }
}
