//! `gate --notify`: hands a judgement to a program. What becomes of that changes nothing about the gate.

use super::args::{NotifyArgs, NotifyOn};
use super::forms::put;
use super::output::Output;
use super::scratch::scratch_dir;
use crate::artefacts::Artefacts;
use crate::bundle::sha256;
use crate::error::{Error, Result};
use perfbridge_registry::measurement_name;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, stderr};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// The forms that are handed over, in this order.
pub const FORMS: [&str; 2] = ["json", "line"];

/// The largest state that is read, bytes.
const MOST: u64 = 1 << 20;

/// What the last gates decided, in a file.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct State {
    /// Always `perfbridge_notified_v1`.
    schema: Schema,
    /// Verdict, tier and outcome of the last gate, by measurement.
    gates: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize, Default)]
enum Schema {
    #[default]
    #[serde(rename = "perfbridge_notified_v1")]
    V1,
}

impl NotifyArgs {
    /// Before anything is read.
    ///
    /// # Errors
    /// An option that says nothing without another.
    pub fn check(&self) -> Result<()> {
        let has_change = self.notify_on == Some(NotifyOn::Change);
        let wrong = |text: &str| Err(Error::usage(text));
        match (&self.notify, &self.notify_state) {
            (None, None) if self.notify_on.is_none() => Ok(()),
            (None, _) => wrong(
                "found --notify-on or --notify-state and nobody to notify; expected --notify COMMAND too",
            ),
            (Some(command), _) if command.trim().is_empty() => {
                wrong("found an empty --notify; expected a command for sh -c")
            }
            (Some(_), None) if has_change => wrong(
                "found --notify-on change and nothing to compare with; expected --notify-state FILE, which keeps what was decided until the next gate",
            ),
            (Some(_), Some(_)) if !has_change => wrong(
                "found --notify-state, which only --notify-on change reads; expected both or none",
            ),
            _ => Ok(()),
        }
    }

    /// Tells the program, if it is to be told of this. `texts` are those of [`FORMS`].
    ///
    /// # Errors
    /// Texts that are no judgement.
    pub fn tell(
        &self,
        [json, line]: [&str; 2],
        model: &str,
        artefacts: &Artefacts,
        output: &Output,
    ) -> Result<()> {
        let Some(command) = &self.notify else {
            return Ok(());
        };
        let judgement: Value =
            serde_json::from_str(json).map_err(|error| Error::internal(error.to_string()))?;
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let verdict = word(&judgement["verdict"]);
        let outcome = word(&judgement["gate"]["outcome"]);
        let decided = [&verdict, &word(&judgement["tier"]), &outcome]
            .map(String::as_str)
            .join(" ");
        let measurement = measurement_name(model);
        let warn =
            |text: String| output.say(&format!("warning: {text}; the gate ends as it decided"));
        let mut state = None;
        let is_due = match (
            self.notify_on.unwrap_or(NotifyOn::Always),
            &self.notify_state,
        ) {
            (NotifyOn::Always, _) => true,
            (NotifyOn::Red, _) => verdict == "RED" || outcome == "fail",
            (NotifyOn::Change, path) => {
                let path = path.as_deref().unwrap_or(Path::new(""));
                match State::read(path) {
                    Ok(read) => {
                        let changed = read.gates.get(&measurement) != Some(&decided);
                        state = Some((path, read));
                        changed
                    }
                    // It may be anybody's file: it stays, and who should know is told.
                    Err(error) => {
                        warn(error.to_string());
                        true
                    }
                }
            }
        };
        if !is_due {
            return Ok(());
        }
        let mut program = Command::new("sh");
        program
            .args(["-c", command])
            .env("PERFBRIDGE_LINE", line.trim_end())
            .env("PERFBRIDGE_VERDICT", &verdict)
            .env("PERFBRIDGE_OUTCOME", &outcome)
            .env("PERFBRIDGE_COMPONENT", sha256(&artefacts.component()));
        let limit = Duration::from_secs(self.notify_timeout);
        if let Err(error) = run(program, json, limit) {
            warn(error.to_string());
            return Ok(());
        }
        // Only now: who was not told of a change is told by the next gate.
        if let Some((path, mut state)) = state {
            state.gates.insert(measurement, decided);
            if let Err(error) = state.write(path) {
                warn(error.to_string());
            }
        }
        Ok(())
    }
}

impl State {
    /// One that is not there is empty.
    fn read(path: &Path) -> Result<State> {
        let unreadable =
            |error: &std::io::Error| Error::io("read the state of --notify", path, error);
        let file = match File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(State::default());
            }
            opened => opened.map_err(|error| unreadable(&error))?,
        };
        let mut text = String::new();
        file.take(MOST)
            .read_to_string(&mut text)
            .map_err(|error| unreadable(&error))?;
        serde_json::from_str(&text).map_err(|_| {
            Error::usage(
                "found another file than a state of --notify, which stays as it is; name one of its own with --notify-state",
            )
            .in_input(path)
        })
    }

    fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self);
        put(
            path,
            &(text.map_err(|error| Error::internal(error.to_string()))? + "\n"),
        )
    }
}

/// Runs a program with a text on its stdin, which it need not read, and what it prints on our stderr, where it disturbs no
/// data. One that takes longer is ended, with all that it started.
fn run(mut program: Command, text: &str, limit: Duration) -> Result<()> {
    let said = |what: String| Error::usage(format!("the program of --notify {what}"));
    // A file and no pipe: nobody waits for a program that does not read.
    let dir = scratch_dir()?;
    let path = dir.path().join("judgement.json");
    std::fs::write(&path, text).map_err(|error| Error::io("write for --notify", &path, &error))?;
    let file = File::open(&path).map_err(|error| Error::io("read for --notify", &path, &error))?;
    let mut child = program
        .stdin(file)
        .stdout(Stdio::from(stderr()))
        .process_group(0)
        .spawn()
        .map_err(|error| said(format!("cannot be started: {error}")))?;
    let pid = Pid::from_child(&child);
    let (done, ended) = mpsc::channel();
    // It leaves the process for us to reap, so that its number is nobody else's while we may have to end it.
    std::thread::spawn(move || {
        let _ = waitid(
            WaitId::Pid(pid),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
        );
        let _ = done.send(());
    });
    let in_time = ended.recv_timeout(limit).is_ok();
    if !in_time {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    let status = child
        .wait()
        .map_err(|error| said(format!("was lost: {error}")))?;
    match in_time {
        false => Err(said(format!(
            "did not end within {} s and was stopped",
            limit.as_secs()
        ))),
        true if status.success() => Ok(()),
        true => Err(said(how(status))),
    }
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, signal) => format!("was ended by signal {}", signal.unwrap_or_default()),
    }
}
