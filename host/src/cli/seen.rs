//! What the registry's searches add to a report: earlier runs of the model, runbooks for what regressed.

use super::output::Output;
use perfbridge_registry::{Envelope, VerbError, Verbs};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

/// So many hits are shown; the search verbs find the rest.
const SHOWN: usize = 5;
/// The most that a search answers with.
const LIMIT: u32 = 100;

/// Says where the model was seen before: one line for each entry and diff, the newest first. `own` is what this
/// command has just written.
pub fn before(verbs: &dyn Verbs, model: &str, own: Option<&str>, output: &Output) {
    match lines(verbs.search_evidence(&escape(model), LIMIT)) {
        Ok(hits) => print("seen before:", &by_directory(hits, own), output),
        Err(error) => output.say(&format!("note: search_evidence did not answer: {error}")),
    }
}

/// Says what the runbooks have about the regressed metrics.
pub fn runbooks(verbs: &dyn Verbs, metrics: &[String], output: &Output) {
    if metrics.is_empty() {
        return;
    }
    let query: Vec<String> = metrics.iter().map(|metric| escape(metric)).collect();
    match lines(verbs.search_runbooks(&query.join("|"), LIMIT)) {
        Ok(hits) => print("runbooks for what regressed:", &hits, output),
        Err(error) => output.say(&format!("note: search_runbooks did not answer: {error}")),
    }
}

/// The first hit in each directory. Entries and diffs begin with their time, so the last name is the newest.
fn by_directory(hits: Vec<String>, own: Option<&str>) -> Vec<String> {
    let own = own.and_then(|dir| Path::new(dir).file_name());
    let mut first: BTreeMap<OsString, String> = BTreeMap::new();
    for hit in hits {
        let file = Path::new(hit.split(':').next().unwrap_or_default());
        let dir = file.parent().and_then(Path::file_name).unwrap_or_default();
        if own != Some(dir) {
            first.entry(dir.to_owned()).or_insert(hit);
        }
    }
    first.into_values().rev().collect()
}

/// Prints hits below a heading, on stderr: they are hints and no part of the judgement.
fn print(heading: &str, hits: &[String], output: &Output) {
    if hits.is_empty() {
        return;
    }
    output.say(heading);
    for hit in hits.iter().take(SHOWN) {
        output.say(&format!("  {hit}"));
    }
    if hits.len() > SHOWN {
        output.say(&format!("  and {} more", hits.len() - SHOWN));
    }
}

/// A search that fails is no reason to fail the command: it adds hints only.
fn lines(found: Result<Envelope, VerbError>) -> Result<Vec<String>, VerbError> {
    const WIDTH: usize = 160;
    let envelope = found?;
    let matches = envelope
        .json
        .as_ref()
        .and_then(|json| json["matches"].as_array())
        .cloned()
        .unwrap_or_default();
    let plain = |text: &str| {
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(WIDTH)
            .collect::<String>()
    };
    let texts = matches.iter().filter_map(|line| line.as_str());
    Ok(texts.map(plain).collect())
}

/// A literal text as a regular expression of any dialect.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
