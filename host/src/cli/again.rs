//! `plan --again`: a registered baseline measured anew, from what its document says of how it was measured.

use super::args::PlanArgs;
use super::baseline::{is_entry, of_entry};
use super::naming;
use super::output::{Output, quoted};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::sandbox::Sandbox;
use perfbridge_registry::{Entry, read_entry};
use serde_json::{Value, json};
use std::path::Path;

/// What stands in a command where a secret or a text was.
const MARK: &str = "***";

/// Fields of the document that say what to set up: name and path.
const SETUP: [(&str, &str); 7] = [
    ("model path", "/model_path"),
    ("engine", "/deployment/vllm_version"),
    ("image", "/context/image"),
    ("commit of the engine", "/context/vllm_commit"),
    ("hardware", "/context/hardware"),
    ("quantization", "/deployment/quantization"),
    ("tensor parallel size", "/deployment/tensor_parallel_size"),
];

/// Prints a script that measures the baseline of an entry again, or what is known for it as JSON.
pub fn again(sandbox: &Sandbox, args: &PlanArgs, name: &str, output: &Output) -> Result<Exit> {
    let path = Path::new(name);
    let entry = match is_entry(path) {
        true => read_entry(path)?,
        false => {
            let root = naming::root_for(path, args.repo_root.as_deref())?;
            naming::entry(&root, name, output)?
        }
    };
    let baseline = of_entry(sandbox, entry.clone(), None)?;
    let document: Value = serde_json::from_str(&baseline.document.json)
        .map_err(|error| Error::internal(error.to_string()))?;
    let kept = document
        .pointer("/provenance/commands")
        .and_then(Value::as_array);
    let commands: Vec<&str> = kept
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if commands.is_empty() {
        return Err(Error::usage(
            "found no command line in this entry; expected one of AIPerf, whose exports hold it. Give the command yourself: perfbridge plan --baseline A --current B --run-baseline COMMAND --run-current COMMAND",
        )
        .in_input(&entry.dir));
    }
    if let Some(other) = commands.iter().find(|command| !is_plain(command)) {
        return Err(Error::usage(format!(
            "found a command line with shell syntax, which AIPerf does not write; expected plain words and quotes: {}",
            line(other)
        ))
        .in_input(&entry.dir));
    }
    let commit = entry.baseline.profile_and_optimize_sha.as_deref();
    let commit = commit.or_else(|| {
        document
            .pointer("/provenance/profile_and_optimize_sha")?
            .as_str()
    });
    let dirs: Vec<String> = (1..=args.trials)
        .map(|at| args.dir.join(format!("again-{at}")).display().to_string())
        .collect();
    let next = next(&dirs, &baseline.document.model);
    if args.json {
        let setup = SETUP
            .iter()
            .filter_map(|(name, path)| Some((*name, document.pointer(path)?)));
        let setup: serde_json::Map<String, Value> = setup
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
        output.value(&json!({
            "schema": "perfbridge_plan_v1",
            "trials": args.trials,
            "order": dirs.iter().map(|dir| json!({"side": "baseline", "label": "again", "dir": dir})).collect::<Vec<_>>(),
            "reason": format!("{} measured anew; the first entry stays as it is", entry.slug),
            "next_command": next,
            "again": {
                "measurement": entry.measurement,
                "slug": entry.slug,
                "model": baseline.document.model,
                "commands": commands,
                "commit": commit,
                "setup": setup,
            },
        }))?;
        return Ok(Exit::Pass);
    }
    if commands.iter().any(|command| command.contains(MARK)) {
        output.say(&format!(
            "note: {MARK} stands where a secret or a text was; put it back before the script runs"
        ));
    }
    output.data(&script(
        &entry,
        &document,
        (&commands, commit),
        (&dirs, &next),
    ))?;
    Ok(Exit::Pass)
}

/// What to do with the runs once they are there.
fn next(dirs: &[String], model: &str) -> String {
    let runs: Vec<String> = dirs.iter().map(|dir| quoted(dir)).collect();
    format!(
        "perfbridge promote --model {} --current {} --reason 'measured anew'",
        quoted(model),
        runs.join(" ")
    )
}

/// A script for any POSIX shell. A run that is there is not made again; a run is there when its commands succeeded.
fn script(
    entry: &Entry,
    document: &Value,
    (commands, commit): (&[&str], Option<&str>),
    (dirs, next): (&[String], &str),
) -> String {
    let mut text = format!(
        "#!/bin/sh\n# {} of {}, measured anew. Before it runs, set up what was measured:\n",
        line(&entry.slug),
        line(&entry.measurement)
    );
    for (name, path) in SETUP {
        let value = document.pointer(path).filter(|value| !value.is_null());
        if let Some(value) = value {
            let plain = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            text.push_str(&format!("#   {name}: {}\n", line(&plain)));
        }
    }
    if let Some(commit) = commit {
        text.push_str(&format!("#   commit of the repository: {}\n", line(commit)));
    }
    text.push_str(
        "set -eu\n\nrun() { # DIRECTORY\n    if [ -e \"$1\" ]; then\n        echo \"$1 is there\" >&2\n        return\n    fi\n    rm -rf \"$1.part\"\n    mkdir -p \"$1.part\"\n    echo \"running $1\" >&2\n",
    );
    for (at, command) in commands.iter().enumerate() {
        let place = format!(" --artifact-dir \"$1.part/aiperf-{}\" >&2\n", at + 1);
        text.push_str(&format!("    {}{place}", line(command)));
    }
    text.push_str("    mv \"$1.part\" \"$1\"\n}\n\n");
    for dir in dirs {
        text.push_str(&format!("run {}\n", quoted(dir)));
    }
    format!("{text}\nexec {next} \"$@\"\n")
}

/// Whether a shell takes a text for words and nothing else: the entry may be anybody's.
fn is_plain(command: &str) -> bool {
    let mut quote = None;
    for c in command.chars() {
        match quote {
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if open == c => quote = None,
            Some('\'') => {}
            _ if "$`\\".contains(c) => return false,
            None if ";|&<>(){}\n#!~".contains(c) => return false,
            _ => {}
        }
    }
    quote.is_none()
}

/// A text from a document in one line of a script.
fn line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
