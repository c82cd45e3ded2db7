//! What a server answers, step by step.

use super::{ClientOptions, Generation, Hello, McpVerbs, ServerCommand};
use crate::tools::Verb;
use perfbridge_registry::{Envelope, VerbError, Verbs};
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

/// Tries `diff`, `search_runbooks` and `search_evidence` without writing anything, up to the first that fails.
pub fn try_verbs(verbs: &dyn Verbs) -> Vec<Step> {
    let mut steps = Vec::new();
    let help = || verbs.diff(&["--help".to_owned()]);
    let diff = Step::of(
        "diff",
        || help().map_err(|error| error.to_string()),
        |help| match help.returncode {
            0 => Ok("diff --help answers".to_owned()),
            code => Err(format!(
                "diff --help: code {code}: {}",
                help.stderr.trim_end()
            )),
        },
    );
    steps.push(diff.0);
    let runbooks: Search<'_> = &|| verbs.search_runbooks("perf", 1);
    let evidence: Search<'_> = &|| verbs.search_evidence("perf", 1);
    let searches = [
        (
            "search_runbooks",
            runbooks,
            "reports will cite no runbook until there are some",
        ),
        (
            "search_evidence",
            evidence,
            "reports will name no earlier run until there are some",
        ),
    ];
    for (name, search, without) in searches {
        if steps.iter().any(|step| step.outcome.is_err()) {
            break;
        }
        let ask = || search().map_err(|error| error.to_string());
        steps.push(Step::of(name, ask, |found| searched(name, found, without)).0);
    }
    steps
}

type Search<'a> = &'a dyn Fn() -> Result<Envelope, VerbError>;

fn searched(name: &str, envelope: &Envelope, without: &str) -> Result<String, String> {
    let words = envelope.stderr.trim_end();
    match envelope.returncode {
        0 => Ok(format!("{name} works")),
        1 => Ok(format!("{name} works and finds nothing")),
        // ripgrep's code too: the server works, and the team has not written anything there yet.
        2 if is_about_missing_trees(words) => Ok(format!(
            "{name} answers; {without} ({})",
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
