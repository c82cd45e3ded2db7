//! `ingest` and `record`.

use super::args::{IngestArgs, RecordArgs, Sources};
use super::confirm;
use super::inputs::{self, Reading};
use super::output::{Output, quoted};
use super::scratch::{Scratch, kept, refused};
use super::seen;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::references::References;
use crate::registry::{self, FAMILY};
use crate::sandbox::{Sandbox, ingest};
use perfbridge_registry::{Verb, measurement_name, observations_of};
use serde_json::{Value, json};
use std::path::Path;

/// Prints the document of a bundle.
pub fn ingest(sandbox: &Sandbox, args: &IngestArgs, output: &Output) -> Result<Exit> {
    let document = read(sandbox, &args.sources, &Reading::from(&args.bundle), output)?;
    say_findings(&document, output);
    output.data(&document.json)?;
    Ok(Exit::Pass)
}

fn read(
    sandbox: &Sandbox,
    sources: &Sources,
    reading: &Reading<'_>,
    output: &Output,
) -> Result<ingest::Document> {
    inputs::read_all(sandbox, &sources.paths(), |run| {
        inputs::read(sandbox, run, reading, output)
    })
}

fn say_findings(document: &ingest::Document, output: &Output) {
    for finding in &document.findings {
        let place = finding
            .where_
            .as_deref()
            .map(|place| format!("{place}: "))
            .unwrap_or_default();
        output.say(&format!(
            "note: {} {place}{}",
            finding.code, finding.message
        ));
    }
}

/// Registers the document of a bundle as a baseline.
pub fn record(sandbox: &Sandbox, args: &RecordArgs, output: &Output) -> Result<Exit> {
    if !args.yes && !confirm::interactive() {
        return Err(Error::usage(
            "record writes to the registry and nobody can be asked here (not a terminal); pass --yes",
        ));
    }
    let root = registry::root(args.repo_root.as_deref())?;
    let reading = Reading {
        root_sha: registry::revision(&root),
        observe: args.observe,
        ..Reading::from(&args.bundle)
    };
    let document = read(sandbox, &args.sources, &reading, output)?;
    let baselines = measurement_name(&document.model);
    let measurement = match args.observe {
        true => observations_of(&baselines),
        false => baselines,
    };
    if !args.yes {
        confirm::ask(&question(&document, &measurement, &root))?;
    }
    let scratch = Scratch::new(&document.json)?;
    let verbs = match registry::verbs(&args.server, &root) {
        Ok(verbs) => verbs,
        Err(error) => return Err(kept(error, scratch)),
    };
    let envelope = match verbs.record(&arguments(&measurement, &scratch, &args.notes)) {
        Ok(envelope) => envelope,
        Err(error) => return Err(kept(error.into(), scratch)),
    };
    let entry = match (
        envelope.returncode,
        envelope
            .json
            .as_ref()
            .and_then(|json| json["entry_dir"].as_str()),
    ) {
        (0, Some(entry)) => entry.to_owned(),
        _ => {
            return Err(refused(Verb::Record, &envelope.stderr, Some(scratch)));
        }
    };
    say_findings(&document, output);
    // After the write: a search that fails can take the server with it, and costs nothing then.
    let mut references = References::default();
    seen::before(
        &mut references,
        &*verbs,
        &document.model,
        Some(&entry),
        output,
    );
    if !Path::new(&entry).is_dir() {
        output.say(&format!(
            "note: the entry {entry} cannot be reached from here: it stands where the server runs"
        ));
    }
    let registered = Registered {
        document: &document,
        measurement: &measurement,
        entry: &entry,
        sha256: &scratch.sha256,
        observed: args.observe,
        references: &references,
    };
    registered.report(output)?;
    Ok(Exit::Pass)
}

fn arguments(measurement: &str, scratch: &Scratch, notes: &str) -> Vec<String> {
    let source = scratch.path.display().to_string();
    let mut arguments: Vec<String> = [
        "--family",
        FAMILY,
        "--measurement",
        measurement,
        "--source",
        &source,
        "--direction",
        "two-sided",
    ]
    .map(str::to_owned)
    .into();
    arguments.extend(["--unit", "structured-json"].map(str::to_owned));
    // One word: notes that begin with a dash would be taken for an option.
    arguments.push(format!("--notes={notes}"));
    arguments.push("--json".to_owned());
    arguments
}

fn question(document: &ingest::Document, measurement: &str, root: &Path) -> String {
    format!(
        "{}\nA later diff applies the default tolerances (perfbridge diff --help) unless told otherwise.\nTo be registered as {FAMILY}/{measurement} below {}",
        document.summary.trim_end(),
        root.display()
    )
}

/// What is reported about a new entry.
struct Registered<'a> {
    document: &'a ingest::Document,
    measurement: &'a str,
    entry: &'a str,
    sha256: &'a str,
    observed: bool,
    references: &'a References,
}

impl Registered<'_> {
    fn report(&self, output: &Output) -> Result<()> {
        let (document, entry) = (self.document, self.entry);
        let next = match self.observed {
            true => format!("perfbridge history --model {}", quoted(&document.model)),
            false => format!(
                "perfbridge diff --baseline {} --current <new-run>",
                quoted(entry)
            ),
        };
        if !output.json() {
            return output.data(&format!(
                "registered  {entry}\nsha-256     {}\n\n{}\nnext        {next}\n",
                self.sha256, document.summary
            ));
        }
        let parsed: Value = serde_json::from_str(&document.json)
            .map_err(|error| Error::internal(error.to_string()))?;
        let level = &document.headline;
        let slug = Path::new(entry)
            .file_name()
            .map(|slug| slug.to_string_lossy().into_owned());
        output.value(&json!({
            "schema": "perfbridge_record_v1",
            "family": FAMILY,
            "measurement": self.measurement,
            "model": document.model,
            "entry_dir": entry,
            "slug": slug,
            "source_sha256": self.sha256,
            "headline": {"level": level, "metrics": parsed["metrics"][level]},
            "findings": parsed["findings"],
            "references": self.references,
            "next_command": next,
        }))
    }
}
