//! Quality scores: what was typed, what entries were paired with. What a score is decides the component.

use crate::error::{Error, Result};
use crate::registry;
use crate::sandbox::{Sandbox, Setting, ingest};
use perfbridge_registry::{Entry, Registry, read_entry};
use serde_json::json;
use std::io::Read as _;
use std::path::Path;

/// What the component calls a score that was typed, and the notes of an entry.
const STATED: &str = "eval";
const NOTES: &str = "notes";

/// The largest result file that is read, bytes.
const MOST: u64 = 64 << 20;

/// What was typed behind `--eval`, each the path of a result file or NAME=NUMBER.
///
/// # Errors
/// Neither, or a file that cannot be read.
pub fn typed(texts: &[String]) -> Result<Vec<Setting>> {
    texts.iter().map(|text| one(text)).collect()
}

fn one(text: &str) -> Result<Setting> {
    let path = Path::new(text);
    if !path.is_file() {
        if text.contains('=') {
            return Ok(setting(STATED, text));
        }
        return Err(Error::usage(format!(
            "--eval is given {text:?}, which is no file; expected NAME=NUMBER, as in GPQA=0.71, or a result file of lm-evaluation-harness or NeMo Evaluator"
        )));
    }
    let mut content = String::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(MOST + 1).read_to_string(&mut content));
    read.map_err(|error| Error::io("read the scores", path, &error))?;
    if content.len() as u64 > MOST {
        return Err(Error::usage(format!(
            "found a file larger than {MOST} bytes; expected the results of an evaluation, not its samples"
        ))
        .in_input(path));
    }
    Ok(setting(&path.display().to_string(), &content))
}

fn setting(path: &str, value: &str) -> Setting {
    Setting {
        path: path.to_owned(),
        value: value.to_owned(),
    }
}

/// The notes of an entry, where they can hold a score.
pub fn of_notes(notes: &str) -> Option<Setting> {
    notes.contains('=').then(|| setting(NOTES, notes))
}

/// A document with scores beside those that it has.
///
/// # Errors
/// What is no score, and two values of one.
pub fn pair(
    sandbox: &Sandbox,
    document: ingest::Document,
    given: &[Setting],
) -> Result<ingest::Document> {
    if given.is_empty() {
        return Ok(document);
    }
    Ok(sandbox.pair_evals(&document.json, given)?)
}

/// The text of an entry's document with the scores that it was paired with after it was made, and with those in its notes,
/// for who only has its directory.
///
/// # Errors
/// Marks that cannot be listed, and those of [`pair`].
pub fn paired_text(sandbox: &Sandbox, dir: &Path, json: &str) -> Result<String> {
    let root = registry::root_of(dir);
    let given = of_entry(&read_entry(dir)?, root.as_deref())?;
    match given.is_empty() {
        true => Ok(json.to_owned()),
        false => Ok(sandbox.pair_evals(json, &given)?.json),
    }
}

/// What an entry was paired with beside its document.
///
/// # Errors
/// Marks that cannot be listed.
pub fn of_entry(entry: &Entry, root: Option<&Path>) -> Result<Vec<Setting>> {
    let mut given: Vec<Setting> = of_notes(&entry.baseline.notes).into_iter().collect();
    let is_ours = entry.family == registry::FAMILY;
    if let Some(root) = root.filter(|_| is_ours) {
        let marks = Registry::open(root).marks(&entry.family, &entry.measurement)?;
        let evals = marks.evals_of(&entry.slug);
        if !evals.is_empty() {
            given.push(setting("promotion", &json!({"evals": evals}).to_string()));
        }
    }
    Ok(given)
}
