//! What the registry's searches add to a report: earlier runs of the model, runbooks for what regressed.

use super::output::Output;
use perfbridge_registry::{Envelope, VerbError, Verbs};

/// So many hits are shown; the search verbs find the rest.
const SHOWN: usize = 5;
const LIMIT: u32 = 20;

/// Earlier runs and diffs of a model: path, line and the beginning of the line.
pub fn before(verbs: &dyn Verbs, model: &str) -> Vec<String> {
    lines(verbs.search_evidence(&escape(model), LIMIT))
}

/// What the runbooks say about the regressed metrics.
pub fn runbooks(verbs: &dyn Verbs, metrics: &[String]) -> Vec<String> {
    if metrics.is_empty() {
        return Vec::new();
    }
    let query: Vec<String> = metrics.iter().map(|metric| escape(metric)).collect();
    lines(verbs.search_runbooks(&query.join("|"), LIMIT))
}

/// Prints hits below a heading, on stderr: they are hints and no part of the judgement.
pub fn print(heading: &str, hits: &[String], output: &Output) {
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
fn lines(found: Result<Envelope, VerbError>) -> Vec<String> {
    const WIDTH: usize = 160;
    let Ok(envelope) = found else {
        return Vec::new();
    };
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
    matches
        .iter()
        .filter_map(|line| line.as_str())
        .map(plain)
        .collect()
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
