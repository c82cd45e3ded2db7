//! What a server answers, step by step.

use super::choose::ServerCommand;
use super::generation::Generation;
use super::options::ClientOptions;
use super::session::Hello;
use super::verbs::McpVerbs;
use crate::tools;
use perfbridge_registry::{Call, Envelope, Query, Takes, Verb, Verbs};
use std::time::{Duration, Instant};

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `initialize` (with the start), `tools/list`, `probe` (of `record`), and those of [`try_verbs`].
    pub name: &'static str,
    /// What was found, or what went wrong.
    pub outcome: Result<String, String>,
    /// How long it took.
    pub took: Duration,
}

/// Everything that was found out about a server. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The command line.
    pub command: String,
    /// Who named it.
    pub source: String,
    /// What the server said about itself, if it got so far.
    pub hello: Option<Hello>,
    /// The generation of the contract, if it got so far.
    pub generation: Option<Generation>,
    /// The steps in order, up to the one that failed.
    pub steps: Vec<Step>,
}

impl Diagnosis {
    /// Whether every step went well.
    pub fn is_healthy(&self) -> bool {
        self.steps.iter().all(|step| step.outcome.is_ok())
    }

    fn step<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<T, String>,
        found: impl FnOnce(&T) -> Result<String, String>,
    ) -> Option<T> {
        let (step, value) = Step::of(name, work, found);
        self.steps.push(step);
        value
    }
}

impl Step {
    /// Does it, and tells how long that took; the value is there if all went well.
    pub fn of<T>(
        name: &'static str,
        work: impl FnOnce() -> Result<T, String>,
        found: impl FnOnce(&T) -> Result<String, String>,
    ) -> (Step, Option<T>) {
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        let (outcome, value) = match result {
            Ok(value) => {
                let outcome = found(&value);
                let value = Some(value).filter(|_| outcome.is_ok());
                (outcome, value)
            }
            Err(error) => (Err(error), None),
        };
        let step = Step {
            name,
            outcome,
            took,
        };
        (step, value)
    }
}

/// Starts the server and tries what can be tried without writing anything.
pub fn doctor(command: ServerCommand, options: &ClientOptions) -> Diagnosis {
    let mut diagnosis = Diagnosis {
        command: command.text(),
        source: command.source.clone(),
        hello: None,
        generation: None,
        steps: Vec::new(),
    };
    // Each step needs the one before it.
    let _ = examine(&mut diagnosis, command, options);
    diagnosis
}

fn examine(
    diagnosis: &mut Diagnosis,
    command: ServerCommand,
    options: &ClientOptions,
) -> Option<()> {
    let start = || McpVerbs::start(command, options).map_err(|error| error.to_string());
    let verbs = diagnosis.step("initialize", start, |verbs| {
        let Hello {
            name,
            version,
            protocol,
        } = verbs.hello();
        Ok(format!("{name} {version}, protocol {protocol}"))
    })?;
    diagnosis.hello = Some(verbs.hello().clone());
    let list = || verbs.tools().map_err(|error| error.to_string());
    diagnosis.step("tools/list", list, |tools: &Vec<String>| {
        expected_tools(tools)
    })?;
    let probe = || verbs.generation().map_err(|error| error.to_string());
    let generation = diagnosis.step("probe", probe, |generation| {
        Ok(match generation {
            Generation::New => "new: record takes --direction".to_owned(),
            Generation::Old => "old: record takes no --direction".to_owned(),
        })
    })?;
    diagnosis.generation = Some(generation);
    diagnosis.steps.extend(try_verbs(&verbs));
    Some(())
}

/// Tries every verb but `record`, which the probe has tried, up to the first that fails. Nothing is written.
pub fn try_verbs(verbs: &dyn Verbs) -> Vec<Step> {
    let mut steps = Vec::new();
    for verb in Verb::ALL.into_iter().filter(|verb| *verb != Verb::Record) {
        let step = match verb.takes() {
            Takes::Options(call) => {
                let help = call(vec!["--help".to_owned()]);
                try_verb(verbs, verb.name(), &help, |help| helped(verb, help))
            }
            Takes::Query(call) => {
                let search = call(Query::new("perf", 1));
                try_verb(verbs, verb.tool(), &search, |found| searched(verb, found))
            }
        };
        let failed = step.outcome.is_err();
        steps.push(step);
        if failed {
            break;
        }
    }
    steps
}

fn try_verb(
    verbs: &dyn Verbs,
    name: &'static str,
    call: &Call,
    found: impl FnOnce(&Envelope) -> Result<String, String>,
) -> Step {
    let ask = || verbs.call(call).map_err(|error| error.to_string());
    Step::of(name, ask, found).0
}

/// What the answer to a question for the help text says.
pub fn helped(verb: Verb, envelope: &Envelope) -> Result<String, String> {
    let verb = verb.name();
    match envelope.returncode {
        0 => Ok(format!("{verb} --help answers")),
        code => Err(format!(
            "{verb} --help: code {code}: {}",
            envelope.stderr.trim_end()
        )),
    }
}

fn searched(verb: Verb, envelope: &Envelope) -> Result<String, String> {
    let (name, words) = (verb.tool(), envelope.stderr.trim_end());
    match envelope.returncode {
        0 => Ok(format!("{name} works")),
        1 => Ok(format!("{name} works and finds nothing")),
        // ripgrep's code too: the server works, and the team has not written anything there yet.
        2 if is_about_missing_trees(words) => Ok(format!(
            "{name} answers; {} ({})",
            tools::lacking(verb),
            words.replace('\n', "; ")
        )),
        code => Err(format!("{name}: code {code}: {words}")),
    }
}

/// Whether every complaint is that a directory is missing, in our words or in the system's.
fn is_about_missing_trees(stderr: &str) -> bool {
    let mut lines = stderr
        .lines()
        .filter(|line| !line.trim().is_empty())
        .peekable();
    let missing = |line: &str| {
        let line = line.to_ascii_lowercase();
        line.contains("no such file or directory") || line.contains("no such directory")
    };
    lines.peek().is_some() && lines.all(missing)
}

fn expected_tools(tools: &[String]) -> Result<String, String> {
    let missing: Vec<_> = Verb::ALL
        .iter()
        .map(|verb| verb.tool())
        .filter(|name| !tools.iter().any(|tool| tool == name))
        .collect();
    if missing.is_empty() {
        Ok(format!("{} tools, the four verbs among them", tools.len()))
    } else {
        Err(format!(
            "{} tools, but not {}",
            tools.len(),
            missing.join(", ")
        ))
    }
}
