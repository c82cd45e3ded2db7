//! AIPerf's terminal output: `aiperf-c<N>.log` and `profile_export_console.txt`.
//!
//! The numbers are those of the table titled `NVIDIA AIPerf | LLM Metrics` and of nothing else: the
//! tables of the other groups (`LLM Metrics: Effective` and so on) have rows of similar names. The
//! table has two decimals and no p95. What else is read: the phase line, the footer, exit errors.

mod exit_errors;
mod footer;
mod level;
mod phase;
mod table;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_damage;
#[cfg(test)]
mod tests_table;

use super::aiperf_labels::Collector;
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, LineReader, Tree};
use crate::finding::{Finding, FindingCode};
use crate::run::{Aborted, Format, Run, Speaker, States};
use crate::text;
use exit_errors::ExitErrors;
use footer::Footer;
use level::Measured;
use phase::Phase;
use std::borrow::Cow;
use table::{Step, Table};

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "aiperf-console",
        title: "AIPerf console output (aiperf-c<N>.log, profile_export_console.txt)",
        tool: Some("AIPerf"),
        states: States::Results,
        speaker: Speaker::Tool,
        one_each: false,
        of_many_levels: false,
    },
    begins: None,
    by_content,
    by_name,
    read,
};

/// The beginning of every table's title.
const TITLE: &str = "NVIDIA AIPerf | ";

/// Where its bar stands.
const TITLE_BAR: usize = TITLE.len() - 2;

/// The title of the table that is read.
const MAIN_TITLE: &str = "NVIDIA AIPerf | LLM Metrics";

fn by_name(name: &str) -> bool {
    name == "profile_export_console.txt" || level_of_log(name).is_some()
}

/// `aiperf-c16.log` is 16.
fn level_of_log(name: &str) -> Option<u32> {
    name.strip_prefix("aiperf-c")?
        .strip_suffix(".log")?
        .parse()
        .ok()
}

/// A table under its title, or the first lines of a log. `logs/aiperf.log` is neither: its lines
/// begin with a date and it never holds a table.
fn by_content(candidate: &Candidate<'_>) -> bool {
    // Escape codes may stand between words but not inside them.
    if candidate.is_json_object() || candidate.name().ends_with(".md") || !candidate.has("AIPerf") {
        return false;
    }
    let plain = text::strip_ansi(candidate.head);
    // One after the other: a search for either goes from character to character.
    let mut lines = plain
        .split('\n')
        .flat_map(|line| line.split('\r'))
        .map(|line| text::without_carrier(line).trim())
        .filter(|line| !line.is_empty())
        .peekable();
    if lines.peek().is_some_and(|first| is_log_line(first)) && text::holds(&plain, "AIPerf System")
    {
        return true;
    }
    if !text::holds(&plain, TITLE) {
        return false;
    }
    while let Some(line) = lines.next() {
        let Some(at) = text::find_rare(line, TITLE, TITLE_BAR) else {
            continue;
        };
        let prefix = text::logger_prefix(line, &line[at..]).unwrap_or_default();
        let next = lines.peek().map(|next| text::without_prefix(next, &prefix));
        if next.is_some_and(table::is_border) {
            return true;
        }
    }
    false
}

/// A line such as `03:06:10.514 INFO     …`, without a date before the time.
fn is_log_line(line: &str) -> bool {
    let is_time = |word: &str| word.len() == 12 && text::begins_like(word, "00:00:00.000");
    line.split_once(' ').is_some_and(|(time, _)| is_time(time))
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let mut lines = LineReader::new(tree.open(path)?, path);
    let mut log = Log::new(path);
    loop {
        let number = lines.line() + 1;
        let Some(line) = lines.next_line()? else {
            return log.finish(run);
        };
        // Progress bars put any bytes of a terminal here; only the table must be clean.
        let line = match std::str::from_utf8(line) {
            Ok(line) => Cow::Borrowed(line),
            Err(_) => String::from_utf8_lossy(line),
        };
        let plain = text::strip_ansi(&line);
        // A bar redraws itself after a bare carriage return, so one line can hold several.
        for part in text::without_carrier(&plain).split('\r') {
            log.line(number, part)?;
        }
    }
}

/// Reads a log line by line.
struct Log<'a> {
    file: &'a str,
    line: u64,
    is_log: bool,
    open: Option<Table>,
    measured: Vec<Measured>,
    phase: Phase,
    footer: Footer,
    exit_errors: ExitErrors,
    /// What a logger put before each line of the table.
    prefix: Option<String>,
    error_summary: bool,
    first_error: Option<String>,
}

impl<'a> Log<'a> {
    fn new(file: &'a str) -> Self {
        Log {
            file,
            line: 0,
            is_log: false,
            open: None,
            measured: Vec::new(),
            phase: Phase::default(),
            footer: Footer::default(),
            exit_errors: ExitErrors::default(),
            prefix: None,
            error_summary: false,
            first_error: None,
        }
    }

    fn line(&mut self, line: u64, part: &str) -> Result<()> {
        self.line = line;
        let mut trimmed = part.trim();
        if self.prefix.is_none() {
            self.prefix = text::logger_prefix(trimmed, MAIN_TITLE);
        }
        if let Some(prefix) = &self.prefix {
            trimmed = text::without_prefix(trimmed, prefix);
        }
        let log_line = is_log_line(trimmed);
        self.is_log |= log_line;
        if let Some(table) = &mut self.open {
            // Another process of AIPerf may write a log line while the table is written.
            if !log_line && matches!(table.line(self.file, line, trimmed)?, Step::Done) {
                self.close_table()?;
            }
            return Ok(());
        }
        if trimmed == MAIN_TITLE {
            self.open = Some(Table::new(line));
            return Ok(());
        }
        self.error_summary |= trimmed == "NVIDIA AIPerf | Error Summary";
        if log_line && self.first_error.is_none() {
            self.first_error = error_message(trimmed);
        }
        self.phase.line(part);
        self.exit_errors.line(line, trimmed);
        let footer = self
            .measured
            .last_mut()
            .map_or(&mut self.footer, |last| &mut last.footer);
        footer.line(self.file, line, trimmed)
    }

    fn close_table(&mut self) -> Result<()> {
        let Some(table) = self.open.take() else {
            return Ok(());
        };
        let measured = Measured {
            line: table.title_line(),
            rows: table.collect(self.file)?,
            phase: std::mem::take(&mut self.phase).complete(),
            footer: Footer::default(),
        };
        self.measured.push(measured);
        Ok(())
    }

    fn finish(mut self, run: &mut Run) -> Result<()> {
        if let Some(table) = &self.open {
            return Err(table.cut(self.file, self.line));
        }
        if self.measured.is_empty() && !self.all_failed() {
            let fault = self.no_table();
            if !self.aborted() {
                return Err(fault);
            }
            run.aborted.push(Aborted {
                file: self.file.to_owned(),
                fault,
            });
            return Ok(());
        }
        self.check_levels()?;
        if let Some((line, reason)) = self.exit_errors.reason() {
            run.findings.push(Finding::new(
                FindingCode::AiperfExitErrors,
                format!("{}:{line}", self.file),
                format!("AIPerf ended the measured phase and then printed exit errors; the first is: {reason}"),
            ));
        }
        let said = self.exit_errors.reason();
        let said = said.map(|(_, reason)| format!("exit_errors: {reason}"));
        for measured in self.measured {
            let mut result = level::of(
                &SOURCE.format,
                self.file,
                self.is_log,
                measured,
                &mut run.findings,
            )?;
            result.validity.extend(said.clone());
            run.results.push(result);
        }
        Ok(())
    }

    /// When every request failed, AIPerf has nothing to put into a table. The phase line still has
    /// the counts, and what AIPerf says of the errors shows that the log goes on after it.
    fn all_failed(&mut self) -> bool {
        let Some(phase) = std::mem::take(&mut self.phase).complete() else {
            return false;
        };
        // Newer versions draw no summary and leave with the sentence "All 24 inference request(s) failed."
        let is_said = |(_, reason): (u64, &str)| {
            reason.starts_with("All ") && text::holds(reason, " request(s) failed")
        };
        let names_errors = self.error_summary || self.exit_errors.reason().is_some_and(is_said);
        let all = names_errors && phase.completed > 0 && phase.completed == phase.errors;
        if all {
            self.measured.push(Measured {
                line: self.line,
                rows: Collector::default(),
                phase: Some(phase.clone()),
                footer: std::mem::take(&mut self.footer),
            });
        }
        self.phase = phase;
        all
    }

    /// Whether AIPerf itself says that it failed before the end of the measured phase. A log without such
    /// words may as well be one that was copied in part, and then its level was measured.
    fn aborted(&self) -> bool {
        self.exit_errors.reason().is_some()
            || self.first_error.is_some() && self.phase.complete_ref().is_none()
    }

    /// Several tables in one log are several runs, and then each must say which level it is.
    fn check_levels(&self) -> Result<()> {
        let [first, rest @ ..] = self.measured.as_slice() else {
            return Ok(());
        };
        match rest.iter().find(|one| one.footer.load().1.is_none()) {
            Some(second) => Err(Fault::new(
                Code::Conflict,
                format!("found a second table of results, the first is on line {}; expected one, or a `CLI Command` with `--concurrency` after each. Keep one log for each level", first.line),
            )
            .at_line(self.file, second.line)),
            None if !rest.is_empty() && first.footer.load().1.is_none() => Err(Fault::new(
                Code::Conflict,
                "found several tables of results; expected one, or a `CLI Command` with `--concurrency` after each. Keep one log for each level",
            )
            .at_line(self.file, first.line)),
            None => Ok(()),
        }
    }

    /// Why there is no table, in AIPerf's own words where it has some.
    fn no_table(&self) -> Fault {
        let missing = match level_of_log(files::name(self.file)) {
            Some(level) => format!("concurrency {level} has no result"),
            None => "this level has no result".to_owned(),
        };
        let next = "Run this level again, or take the file out of the bundle to judge without it";
        if self.line == 0 {
            return Fault::damaged(format!(
                "found an empty file; expected AIPerf's output: {missing}. {next}"
            ))
            .at_line(self.file, 1);
        }
        if let Some((line, reason)) = self.exit_errors.reason() {
            return Fault::damaged(format!(
                "AIPerf stopped before it measured: \"{reason}\"; {missing}. {next}"
            ))
            .at_line(self.file, line);
        }
        let cause = match &self.first_error {
            Some(error) => format!(" The first error in it: \"{error}\"."),
            None => String::new(),
        };
        let found = match self.phase.complete_ref() {
            Some(phase) => format!(
                "the measured phase ended ({} requests, {} errors) but the table `{MAIN_TITLE}` is missing: the file was cut",
                phase.completed, phase.errors
            ),
            None => format!(
                "found no table `{MAIN_TITLE}` and no end of the measured phase: AIPerf was stopped, or the file was cut"
            ),
        };
        Fault::damaged(format!("{found}; {missing}.{cause} {next}")).at_line(self.file, self.line)
    }
}

/// The message of a log line of level ERROR or CRITICAL.
fn error_message(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(' ')?;
    let rest = rest.trim_start();
    let message = rest
        .strip_prefix("ERROR")
        .or_else(|| rest.strip_prefix("CRITICAL"))?;
    Some(text::excerpt(message))
}
