//! Data on stdout, words on stderr.

use crate::error::{Error, Result};
use crate::exit::Exit;
use serde::Serialize;
use std::io::{IsTerminal as _, Write as _, stderr, stdout};

/// Where a command writes.
pub struct Output {
    json: bool,
}

impl Output {
    /// With `json`, errors go to stdout as JSON besides the words on stderr.
    pub fn new(json: bool) -> Self {
        Output { json }
    }

    /// Whether the caller asked for JSON.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Writes data. A reader that closes the pipe is no error.
    pub fn data(&self, text: &str) -> Result<()> {
        let mut out = stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::io(
                "write",
                std::path::Path::new("standard output"),
                &error,
            )),
            _ => Ok(()),
        }
    }

    /// Writes a value as JSON, 2-space indent.
    pub fn value(&self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Error::internal(error.to_string()))?;
        self.data(&(text + "\n"))
    }

    /// Says something to people.
    pub fn say(&self, text: &str) {
        // Nobody reads a closed stderr.
        let _ = writeln!(stderr(), "{text}");
    }

    /// Reports an error and gives its exit code.
    pub fn error(&self, error: &Error) -> Exit {
        self.say(&format!("error: {error}"));
        if self.json {
            let _ = self.value(&error.to_json());
        }
        error.exit
    }

    /// Whether escape codes for colour may be written to stdout: only to a terminal, never with `NO_COLOR`.
    pub fn colour(&self) -> bool {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        stdout().is_terminal() && !refused && !dumb
    }

    /// Columns of the text; 80 when stdout is no terminal or the terminal does not say.
    pub fn width(&self) -> u32 {
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        columns
            .filter(|columns| (40..=400).contains(columns))
            .unwrap_or(80)
    }

    /// Shows progress of long work, on a terminal only.
    pub fn progress(&self, doing: &str, bytes: u64) {
        const WORTH_SHOWING: u64 = 32 << 20;
        if bytes >= WORTH_SHOWING && stderr().is_terminal() {
            let _ = write!(stderr(), "\r{doing} {} MiB", bytes >> 20);
        }
    }

    /// Removes the progress line.
    pub fn progress_done(&self, bytes: u64) {
        if bytes >= 32 << 20 && stderr().is_terminal() {
            let _ = write!(stderr(), "\r\u{1b}[K");
        }
    }
}

/// Help, version and usage errors of the parser library.
pub fn usage(error: &clap::Error) -> Exit {
    // Help goes to stdout and is no error.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Pass
    }
}

/// A path or another word as a shell takes it.
pub fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%=,".contains(c);
    if path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
