//! Data on stdout, words on stderr.

use super::args::{Color, Talk};
use super::progress::{self, Progress};
use crate::error::{Error, Result};
use crate::exit::Exit;
use serde::Serialize;
use std::io::{IsTerminal as _, Write as _, stderr, stdout};

/// Words on stderr that nothing keeps back.
fn insist(text: &str) {
    progress::clear();
    // Nobody reads a closed stderr.
    let _ = writeln!(stderr(), "{}", plain(text));
}

/// Words with names from files in them: what steers a terminal is a blank, and what a pipeline takes for a command
/// (`::error::` where a line begins, `##[error]` anywhere) is none.
pub fn plain(text: &str) -> String {
    let hidden = |c: char| {
        let code = u32::from(c);
        (c.is_control() && c != '\n')
            || matches!(code, 0x61c | 0x200b | 0x200e..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xe0000..=0xe007f)
    };
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let line = safe.rsplit('\n').next().unwrap_or_default();
        let begins = line.trim_start() == ":";
        match c {
            c if hidden(c) => safe.push(' '),
            '#' if line.ends_with('#') => safe.push_str(" #"),
            ':' if begins => safe.push_str(" :"),
            c => safe.push(c),
        }
    }
    safe
}

/// Where a command writes.
pub struct Output {
    json: bool,
    talk: Talk,
}

impl Output {
    /// With `json`, errors go to stdout as JSON besides the words on stderr.
    pub fn new(json: bool, talk: Talk) -> Self {
        Output { json, talk }
    }

    /// One that says nothing but errors.
    pub fn silent() -> Self {
        let talk = Talk {
            quiet: true,
            verbose: false,
            color: Color::Never,
        };
        Output { json: false, talk }
    }

    /// Whether the caller asked for JSON.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Writes data. A reader that closes the pipe is no error.
    pub fn data(&self, text: &str) -> Result<()> {
        progress::clear();
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

    /// Says something to people, unless they asked for quiet.
    pub fn say(&self, text: &str) {
        if !self.talk.quiet {
            insist(text);
        }
    }

    /// Says something to people who asked for more.
    pub fn detail(&self, text: &str) {
        if self.talk.verbose {
            insist(text);
        }
    }

    /// Reports an error and gives its exit code.
    pub fn error(&self, error: &Error) -> Exit {
        insist(&error.in_lines());
        if self.json {
            let _ = self.value(&error.to_json());
        }
        error.exit
    }

    /// Whether escape codes for colour may be written to stdout: as `--color` says; else as `NO_COLOR` and then
    /// `CLICOLOR_FORCE` say; else to a terminal that can show them.
    pub fn colour(&self) -> bool {
        match self.talk.color {
            Color::Always => return true,
            Color::Never => return false,
            Color::Auto => {}
        }
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        if set("NO_COLOR").is_some() {
            return false;
        }
        if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
            return true;
        }
        self.on_terminal() && set("TERM").is_none_or(|value| value != "dumb")
    }

    /// Whether people read stdout.
    pub fn on_terminal(&self) -> bool {
        stdout().is_terminal()
    }

    /// Columns of the text: as `COLUMNS` says, else those of the terminal, else 80.
    pub fn width(&self) -> u32 {
        let named = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        let seen = || {
            let (columns, _) = terminal_size::terminal_size_of(stdout())?;
            Some(u32::from(columns.0))
        };
        let fits = |columns: &u32| (40..=400).contains(columns);
        named
            .filter(fits)
            .or_else(|| seen().filter(fits))
            .unwrap_or(80)
    }

    /// The line that says what a command is at; see [`Progress`].
    pub fn progress(&self, doing: &str) -> Option<Progress> {
        Progress::start(doing, !self.talk.quiet)
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

/// Rows as columns, two blanks between them, each as wide as its widest cell; nothing behind the last.
pub fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let widths: [usize; N] = std::array::from_fn(|at| {
        let widths = rows.iter().map(|row| row[at].chars().count());
        widths.max().unwrap_or(0)
    });
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn words_on_stderr_steer_nothing() {
        for (text, safe) in [
            ("error: a::b\n  at c: d", "error: a::b\n  at c: d"),
            ("x\n ::error::y", "x\n : :error::y"),
            ("::error::", ": :error::"),
            ("a ##[error]b ###", "a # #[error]b # # #"),
            ("a\u{1b}[2J\u{202e}b\r\tc", "a [2J b  c"),
        ] {
            assert_eq!(plain(text), safe);
        }
    }
}
