//! The lines under the tables: `CLI Command:`, `Benchmark Duration:`, the exports, `Log File:`.

use crate::fault::{Code, Fault, Result};
use crate::files;
use crate::measure::level::level_in_name;
use crate::measure::{Load, LoadKind, Place, Rate, slo};
use crate::run::{Planned, Reading};
use crate::sources::aiperf_definitions::{RAMPS, joined, switches_on};
use crate::text;
use serde_json::Value;
use std::cell::OnceCell;
use std::str::FromStr;

/// What the lines that name an export have; its colon is rare.
const EXPORT: &str = " Export:";

/// What the footer says.
#[derive(Debug, Default)]
pub struct Footer {
    command_line: Option<u64>,
    command: String,
    command_ended: bool,
    seconds: Option<Reading>,
    /// The folder that AIPerf exported to: `concurrency_16` for one value of a list.
    exported_to: Option<String>,
    log_file: bool,
    cancelled: bool,
    /// The words of the command, as soon as one is asked for.
    words: OnceCell<Vec<String>>,
}

impl Footer {
    /// Takes the next line, trimmed and without escape codes.
    ///
    /// Faults: a duration that is no number ([`Code::BadValue`]).
    pub fn line(&mut self, file: &str, line: u64, text: &str) -> Result<()> {
        // The whole sentence is longer; a cut one has to count as well.
        self.cancelled |= text.starts_with("The profile run was cancelled")
            || text.starts_with("Profile run was cancelled")
            || (text.starts_with("Benchmark Duration") && text.contains("cancelled"));
        if let Some(command) = text.strip_prefix("CLI Command:") {
            self.command_line = Some(line);
            self.words.take();
            self.command = command.trim().to_owned();
            self.command_ended = false;
        } else if let Some(duration) = text.strip_prefix("Benchmark Duration:") {
            self.command_ended = true;
            self.seconds = seconds(file, line, duration.trim())?;
        } else if text.starts_with("Log File:") {
            self.command_ended = true;
            self.log_file = true;
        } else if let Some(export) = text.strip_prefix("JSON Export:") {
            self.command_ended = true;
            // A path that was broken over two lines does not end as the file does.
            self.exported_to = Some(export.trim())
                .filter(|path| path.ends_with(".json"))
                .map(|path| files::name(files::folder(path)).to_owned());
        } else if text.is_empty() || text::holds_rare(text, EXPORT, EXPORT.len() - 1) {
            self.command_ended = true;
        } else if self.command_line.is_some() && !self.command_ended {
            self.words.take();
            self.command.push(' ');
            self.command.push_str(text);
        }
        Ok(())
    }

    /// Whether there is a footer.
    pub fn is_there(&self) -> bool {
        self.command_line.is_some()
    }

    /// The fault for a footer that begins and does not end: then `--concurrency 1` may have been
    /// `--concurrency 16`, and a cancelled run has not said so yet.
    pub fn cut(&self, file: &str) -> Option<Fault> {
        // Some versions print no exports; what ends the run stands behind the command in any.
        let is_whole = self.log_file || self.seconds.is_some();
        let line = self.command_line.filter(|_| !is_whole)?;
        Some(
            Fault::damaged("the file ends inside the lines that begin with `CLI Command`; expected `Log File:` after them. Copy the file again from the run".to_owned())
                .at_line(file, line),
        )
    }

    /// The concurrency of the command line; for a list of several the one of them that AIPerf named the folder of
    /// this result after.
    pub fn concurrency(&self) -> Option<u32> {
        let given = self.option(&["--concurrency"])?;
        let named = || level_in_name(self.exported_to.as_deref()?);
        let level = given.parse().ok().or_else(|| {
            let level = named()?;
            let is_listed = |one: &str| one.trim().parse() == Ok(level);
            given.split(',').any(is_listed).then_some(level)
        });
        level.filter(|level| *level > 0)
    }

    /// How load was put on the server, and the place: a request rate wins over a concurrency, which then is a limit.
    pub fn load(&self) -> (Option<Load>, Option<Place>) {
        if self.flag("--fixed-schedule") == Some(true) {
            return (Some(Load::new(LoadKind::Schedule)), None);
        }
        let concurrency = self.concurrency();
        let rate_of = |names: &[&str]| self.stated::<Rate>(names);
        let users = rate_of(&["--user-centric-rate"]);
        let (kind, rate) = match (users, rate_of(&["--request-rate"])) {
            (Some(rate), _) => (LoadKind::UserCentric, rate),
            (None, Some(rate)) => (LoadKind::Rate, rate),
            (None, None) => {
                let ramp = self.ramp();
                let load = concurrency.map(|level| Load {
                    ramp,
                    ..Load::closed(level)
                });
                return (load, concurrency.map(Place::Level));
            }
        };
        let pattern = self.option(&["--arrival-pattern", "--request-rate-mode"]);
        let is_rate = kind == LoadKind::Rate;
        let load = Load {
            kind,
            concurrency: self.stated(&["--num-users"]).or(concurrency),
            request_rate: Some(rate.per_second()),
            burstiness: match pattern.as_deref() {
                Some("gamma") => self.stated(&["--arrival-smoothness"]).or(Some(1.0)),
                Some("constant") => None,
                _ => Some(1.0),
            }
            .filter(|_| is_rate),
            schedule: pattern.filter(|pattern| is_rate && pattern == "constant"),
            ramp: self.ramp(),
        };
        (Some(load), Some(Place::Rate(rate)))
    }

    fn ramp(&self) -> Option<String> {
        let ramps = RAMPS.iter().filter_map(|(what, [option, _])| {
            let option = format!("--{}", option.replace('_', "-"));
            Load::ramp_of(what, self.stated(&[&option])?)
        });
        joined(ramps)
    }

    /// The SLOs of `--goodput 'time_to_first_token:500 inter_token_latency:50'`; null without them.
    pub fn slo(&self) -> Value {
        let stated = self.option(&["--goodput"]).unwrap_or_default();
        let limits = stated.split_whitespace().map(Value::from);
        slo::of(&limits.collect()).unwrap_or_default()
    }

    /// Whether the operator ordered requests to be cancelled.
    pub fn orders_cancellation(&self) -> bool {
        let rate: Option<f64> = self.stated(&["--request-cancellation-rate"]);
        rate.is_some_and(|rate| rate > 0.0)
    }

    /// The options of the run that say how its tokens are counted; `None` without a command line.
    pub fn flag(&self, option: &str) -> Option<bool> {
        let words = self.words();
        self.is_there()
            .then(|| words.iter().any(|word| switches_on(word, option)))
    }

    /// The served model name of the command line; `None` for a list of several, whose shares it may not say.
    pub fn model(&self) -> Option<String> {
        const NAMES: &[&str] = &["--model", "--model-names", "-m"];
        let mut words = self.words().iter();
        // Each name may stand in a word of its own.
        if words.any(|word| NAMES.contains(&word.as_str()))
            && words.nth(1).is_some_and(|next| !next.starts_with('-'))
        {
            return None;
        }
        self.option(NAMES)
            // A name that was broken over two lines has a blank in it.
            .filter(|model| !model.is_empty() && !model.contains([',', ' ']))
    }

    /// What was to end the measured phase; `None` where a number of sessions may, or whichever of two comes first.
    pub fn planned(&self) -> Option<Planned> {
        let says = |names: &[&str]| names.iter().any(|name| self.command.contains(name));
        let (of_requests, of_time) = (
            ["--request-count", "--num-requests"],
            ["--benchmark-duration"],
        );
        let sessions = says(&[
            "--num-sessions",
            "--conversation-num",
            "--num-conversations",
        ]);
        match (says(&of_requests), says(&of_time), sessions) {
            (true, false, false) => self.stated(&of_requests).map(Planned::Requests),
            (false, true, false) => self.stated(&of_time).map(Planned::Seconds),
            _ => None,
        }
    }

    fn words(&self) -> &[String] {
        self.words.get_or_init(|| shell_words(&self.command))
    }

    fn stated<T: FromStr>(&self, names: &[&str]) -> Option<T> {
        self.option(names)?.parse().ok()
    }

    /// Length of the measured phase.
    pub fn seconds(&self) -> Option<Reading> {
        self.seconds.clone()
    }

    /// Whether AIPerf says that the run was cancelled.
    pub fn cancelled(&self) -> bool {
        self.cancelled
    }

    /// The value of an option; `None` where it is missing or stands there with different values.
    fn option(&self, names: &[&str]) -> Option<String> {
        let words = self.words();
        let mut found: Option<&str> = None;
        for (at, word) in words.iter().enumerate() {
            let value = match word.split_once('=') {
                Some((name, value)) if names.contains(&name) => value,
                _ if names.contains(&word.as_str()) => words.get(at + 1)?,
                _ => continue,
            };
            if found.is_some_and(|earlier| earlier != value) {
                return None;
            }
            found = Some(value);
        }
        found.map(str::to_owned)
    }
}

fn seconds(file: &str, line: u64, duration: &str) -> Result<Option<Reading>> {
    let mut words = duration.split_whitespace();
    let (Some(number), Some("sec" | "s")) = (words.next(), words.next()) else {
        return Ok(None);
    };
    text::number(number, 0)
        .map(|printed| Some(Reading::printed(printed.value, printed.decimals)))
        .map_err(|error| {
            Fault::new(
                Code::BadValue,
                format!(
                    "found `{}`; expected {}",
                    text::excerpt(number),
                    error.expected()
                ),
            )
            .at_field(file, Some(line), "Benchmark Duration")
        })
}

/// Splits a command line as a shell does: blanks separate, quotes hold together.
fn shell_words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for c in command.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_words_respect_quotes() {
        assert_eq!(
            shell_words("a 'b c'  --x='1 2' \"d'e\" ''"),
            ["a", "b c", "--x=1 2", "d'e", ""]
        );
    }
}
