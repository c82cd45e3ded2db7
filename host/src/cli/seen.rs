//! Asks the registry's searches what a report can cite: runbooks for what regressed, earlier runs of the model.

use super::output::Output;
use crate::references::{Hit, References, SHOWN};
use crate::registry::FAMILY;
use perfbridge_registry::{Envelope, Verb, VerbError, Verbs, measurement_name};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

/// The most that a search answers with.
const LIMIT: u32 = 100;

type Found = Result<Vec<Hit>, VerbError>;

/// Searches where the model was seen before. `own` is what this command has just written.
pub fn before(
    references: &mut References,
    verbs: &dyn Verbs,
    model: &str,
    own: Option<&str>,
    output: &Output,
) {
    // Each entry and each diff names its measurement once or twice, and the model many times. The titles of their
    // Markdown say the most; a diff of an old server has none.
    let name = escape(&measurement_name(model));
    let measurement = format!("^# .* {FAMILY} / {name}$|^ *\"measurement\": \"{name}\"");
    let ask =
        |query: &str| hits(verbs.search_evidence(query, LIMIT)).map(|hits| one_in_each(hits, own));
    let found = match ask(&measurement) {
        Ok(none) if none.is_empty() => ask(&escape(model)),
        found => found,
    };
    references.seen_before = told(Verb::Evidence, found, output);
    print("seen before:", references.seen_before.as_deref(), output);
}

/// Searches what the runbooks have about metrics that regressed.
pub fn runbooks(
    references: &mut References,
    verbs: &dyn Verbs,
    metrics: &[String],
    output: &Output,
) {
    if metrics.is_empty() {
        return;
    }
    let query: Vec<String> = metrics.iter().map(|metric| escape(metric)).collect();
    let found = hits(verbs.search_runbooks(&query.join("|"), LIMIT));
    references.runbooks = told(Verb::Runbooks, found, output);
    print(
        "runbooks for what regressed:",
        references.runbooks.as_deref(),
        output,
    );
}

/// A search that fails is no reason to fail the command: it adds hints only.
fn told(verb: Verb, found: Found, output: &Output) -> Option<Vec<Hit>> {
    found
        .map_err(|error| output.say(&format!("note: {} did not answer: {error}", verb.tool())))
        .ok()
}

/// One hit in each directory, a title before other lines. Entries and diffs begin with their time, so the last name is
/// the newest.
fn one_in_each(hits: Vec<Hit>, own: Option<&str>) -> Vec<Hit> {
    let own = own.and_then(|dir| Path::new(dir).file_name());
    let is_title = |hit: &Hit| hit.text.starts_with("# ");
    let mut one: BTreeMap<OsString, Hit> = BTreeMap::new();
    for hit in hits {
        let dir = Path::new(&hit.path).parent().and_then(Path::file_name);
        let dir = dir.unwrap_or_default();
        let better = one
            .get(dir)
            .is_none_or(|kept| is_title(&hit) && !is_title(kept));
        if own != Some(dir) && better {
            one.insert(dir.to_owned(), hit);
        }
    }
    one.into_values().rev().collect()
}

/// The longest line that is printed of a hit, in characters.
const WIDTH: usize = 98;

/// Prints hits below a heading, on stderr: an entry or a diff by its name, anything else by its place and its text.
fn print(heading: &str, hits: Option<&[Hit]>, output: &Output) {
    let hits = hits.unwrap_or_default();
    if hits.is_empty() {
        return;
    }
    output.say(heading);
    for hit in hits.iter().take(SHOWN) {
        let line = called(hit).unwrap_or_else(|| format!("{}:{}", hit.place(), hit.text));
        let line: String = line.chars().take(WIDTH).collect();
        output.say(&format!("  {}", line.trim_end()));
    }
    if hits.len() > SHOWN {
        output.say(&format!("  and {} more", hits.len() - SHOWN));
    }
}

/// `baseline FAMILY/MEASUREMENT@SLUG` or `diff ...`, for a hit in one.
fn called(hit: &Hit) -> Option<String> {
    let below = hit.path.strip_prefix("experiments/artifacts/")?;
    let parts: Vec<&str> = below.split('/').collect();
    let kind = match parts[0] {
        "perf-baselines" => "baseline",
        "perf-baseline-diffs" => "diff",
        _ => return None,
    };
    match parts[1..] {
        [family, measurement, slug, _, ..] => {
            Some(format!("{kind:<9} {family}/{measurement}@{slug}"))
        }
        _ => None,
    }
}

fn hits(found: Result<Envelope, VerbError>) -> Found {
    let envelope = found?;
    let json = envelope.json.as_ref();
    let matches = json.and_then(|json| json["matches"].as_array());
    let texts = matches.into_iter().flatten();
    Ok(texts
        .filter_map(|line| line.as_str())
        .map(Hit::parse)
        .collect())
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
