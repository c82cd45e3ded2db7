//! `record`.

use super::args::RecordArgs;
use super::inputs::Reading;
use super::output::{Output, quoted};
use super::scratch::{Scratch, kept, refused};
use super::{confirm, evals, ingest, pin, seen};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::references::References;
use crate::registry::{self, FAMILY, ServerArgs};
use crate::sandbox::Sandbox;
use crate::sandbox::ingest::Document;
use perfbridge_registry::{Said, Verb, Verbs, measurement_name, observations_of, read_entry};
use serde_json::{Value, json};
use std::path::Path;

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
    let mut scores = evals::typed(&args.evals)?;
    scores.extend(evals::of_notes(&args.notes));
    let document = ingest::read(sandbox, &args.sources, &reading, output)?;
    let document = evals::pair(sandbox, document, &scores)?;
    let baselines = measurement_name(&document.model);
    let measurement = match args.observe {
        true => observations_of(&baselines),
        false => baselines,
    };
    if !args.yes {
        confirm::ask(&question(&document, &measurement, &root))?;
    }
    let new = New {
        document: &document,
        measurement: &measurement,
        notes: &args.notes,
        server: &args.server,
    };
    let written = write(&new, &root)?;
    let entry = written.entry.as_str();
    let reached = Path::new(entry).is_dir();
    if !reached {
        output.say(&format!(
            "note: the entry {entry} cannot be reached from here: it stands where the server runs"
        ));
    }
    label(args, entry, reached, &root, output)?;
    ingest::say_findings(&document, output);
    // After the write: a search that fails can take the server with it, and costs nothing then.
    let mut references = References::default();
    seen::before(
        &mut references,
        &*written.verbs,
        &document.model,
        Some(entry),
        output,
    );
    let registered = Registered {
        document: &document,
        measurement: &measurement,
        entry,
        sha256: &written.sha256,
        label: args.label.as_deref(),
        observed: args.observe,
        references: &references,
    };
    registered.report(output)?;
    Ok(Exit::Pass)
}

/// What the verb has done, and the verbs to go on with.
pub struct Written {
    verbs: Box<dyn Verbs>,
    /// The directory of the entry.
    pub entry: String,
    sha256: String,
}

/// An entry to be made.
pub struct New<'a> {
    /// Its document.
    pub document: &'a Document,
    /// What it is registered as.
    pub measurement: &'a str,
    /// Kept with it.
    pub notes: &'a str,
    /// Who writes it.
    pub server: &'a ServerArgs,
}

/// Has the verb write the entry. Where it does not, the document is kept and named.
///
/// # Errors
/// The verb does not answer, or refuses.
pub fn write(new: &New<'_>, root: &Path) -> Result<Written> {
    let scratch = Scratch::new(&new.document.json)?;
    let verbs = match registry::verbs(new.server, root, None) {
        Ok(verbs) => verbs,
        Err(error) => return Err(kept(error, scratch)),
    };
    let envelope = match verbs.record(&arguments(new.measurement, &scratch, new.notes)) {
        Ok(envelope) => envelope,
        Err(error) => return Err(kept(error.into(), scratch)),
    };
    let json = envelope.json.as_ref();
    let entry = json.and_then(|json| json["entry_dir"].as_str());
    match (envelope.returncode, entry) {
        (0, Some(entry)) => Ok(Written {
            verbs,
            entry: entry.to_owned(),
            sha256: scratch.sha256,
        }),
        _ => Err(refused(Verb::Record, &envelope.stderr, Some(scratch))),
    }
}

/// Labels the new entry. It exists, so a label that cannot be written is no error of the command.
fn label(
    args: &RecordArgs,
    entry: &str,
    reached: bool,
    root: &Path,
    output: &Output,
) -> Result<()> {
    let Some(label) = args.label.as_ref().filter(|_| reached) else {
        return Ok(());
    };
    let said = Said::Label(label.clone());
    if let Err(error) = pin::say(root, &read_entry(Path::new(entry))?, said) {
        output.say(&format!(
            "note: the entry is recorded, its label is not: {error}"
        ));
    }
    Ok(())
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

fn question(document: &Document, measurement: &str, root: &Path) -> String {
    format!(
        "{}\nA later diff applies the default tolerances (perfbridge diff --help) unless told otherwise.\nTo be registered as {FAMILY}/{measurement} below {}",
        document.summary.trim_end(),
        root.display()
    )
}

/// What is reported about a new entry.
struct Registered<'a> {
    document: &'a Document,
    measurement: &'a str,
    entry: &'a str,
    sha256: &'a str,
    label: Option<&'a str>,
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
            "label": self.label,
            "source_sha256": self.sha256,
            "headline": {"level": level, "metrics": parsed["metrics"][level]},
            "findings": parsed["findings"],
            "references": self.references,
            "next_command": next,
        }))
    }
}
