//! `list`: what baselines there are, by what people choose one by.

use super::args::ListArgs;
use super::baseline::of_entry;
use super::output::Output;
use crate::error::Result;
use crate::exit::Exit;
use crate::registry::{self, FAMILY};
use crate::sandbox::{Sandbox, ingest};
use perfbridge_registry::{
    BASELINE_ROLE, Entry, Listing, Marks, Registry, baselines_of, measurement_name,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::SystemTime;

/// Notes stand where there is no label, cut to so many characters.
const NOTES: usize = 40;
const NOTHING: &str = "-";

/// One entry with all that is known of it.
struct Line {
    entry: Entry,
    /// The model and the headline, where the entry holds a document that can be read.
    model: Option<String>,
    headline: Option<String>,
    label: Option<String>,
    roles: Vec<String>,
}

/// Lists entries, oldest first.
pub fn list(
    sandbox: impl Fn() -> Result<Sandbox>,
    args: &ListArgs,
    output: &Output,
) -> Result<Exit> {
    let root = registry::root(args.root.repo_root.as_deref())?;
    let opened = Registry::open(&root);
    let found = found(&opened, args)?;
    for unfinished in &found.unfinished {
        let (dir, why) = (unfinished.dir.display(), &unfinished.why);
        output.say(&format!("note: {dir}: {why}"));
    }
    let marks = marks(&opened, &found.entries, output)?;
    let newest = newest(&found.entries, &marks);
    let mut loaded = None;
    let mut lines = Vec::new();
    for entry in found.entries {
        let document = match loaded.as_ref() {
            _ if entry.family != FAMILY => None,
            Some(sandbox) => document(sandbox, &entry),
            None => document(loaded.insert(sandbox()?), &entry),
        };
        let key = (entry.family.clone(), entry.measurement.clone());
        lines.push(line(entry, document, &marks[&key], newest.get(&key)));
    }
    if output.json() {
        let entries: Vec<Value> = lines.iter().map(told).collect();
        output.value(&json!({
            "schema": "perfbridge_list_v1",
            "root": root,
            "entries": entries,
            "unfinished": found.unfinished,
        }))?;
        return Ok(Exit::Pass);
    }
    if lines.is_empty() {
        output.say(&format!("no baselines below {}", root.display()));
        return Ok(Exit::Pass);
    }
    output.data(&table(&lines, SystemTime::now()))?;
    Ok(Exit::Pass)
}

fn found(opened: &Registry, args: &ListArgs) -> Result<Listing> {
    let families = match &args.family {
        Some(family) => vec![family.clone()],
        None => opened.families()?,
    };
    let mut found = Listing::default();
    for family in families {
        let of_family = opened.entries(&family)?;
        found.entries.extend(of_family.entries);
        found.unfinished.extend(of_family.unfinished);
    }
    if let Some(name) = &args.name {
        let measurement = measurement_name(name);
        let meant = |entry: &Entry| [name, &measurement].contains(&&entry.measurement);
        found.entries.retain(meant);
    }
    Ok(found)
}

type Measurement = (String, String);

fn marks(
    opened: &Registry,
    entries: &[Entry],
    output: &Output,
) -> Result<BTreeMap<Measurement, Marks>> {
    let mut all = BTreeMap::new();
    for entry in entries {
        let key = (entry.family.clone(), entry.measurement.clone());
        if all.contains_key(&key) {
            continue;
        }
        let marks = opened.marks(&entry.family, &entry.measurement)?;
        for file in &marks.unreadable {
            let (path, why) = (file.dir.display(), &file.why);
            output.say(&format!("note: {path}: {why}"));
        }
        all.insert(key, marks);
    }
    Ok(all)
}

/// By measurement of baselines: the entry that `--model` takes where none is pinned, the last.
fn newest(
    entries: &[Entry],
    marks: &BTreeMap<Measurement, Marks>,
) -> BTreeMap<Measurement, String> {
    let mut newest = BTreeMap::new();
    for entry in entries {
        let key = (entry.family.clone(), entry.measurement.clone());
        let pinned = marks[&key].roles.contains_key(BASELINE_ROLE);
        if !pinned && baselines_of(&entry.measurement) == entry.measurement {
            newest.insert(key, entry.slug.clone());
        }
    }
    newest
}

/// The document of an entry. One of another tool, or one that was edited, is listed without it.
fn document(sandbox: &Sandbox, entry: &Entry) -> Option<ingest::Document> {
    let read = of_entry(sandbox, entry.clone(), None).ok()?;
    Some(read.document)
}

fn line(
    entry: Entry,
    document: Option<ingest::Document>,
    marks: &Marks,
    newest: Option<&String>,
) -> Line {
    let mut roles: Vec<String> = Vec::new();
    if baselines_of(&entry.measurement) != entry.measurement {
        roles.push("observation".to_owned());
    }
    if newest == Some(&entry.slug) {
        roles.push("newest".to_owned());
    }
    roles.extend(marks.roles_of(&entry.slug).into_iter().map(str::to_owned));
    Line {
        headline: document.as_ref().and_then(headline),
        model: document.map(|document| document.model),
        label: marks.labels.get(&entry.slug).cloned(),
        roles,
        entry,
    }
}

/// The headline as the component words it: in its summary the title is followed by one line a metric, that of the
/// headline first.
fn headline(document: &ingest::Document) -> Option<String> {
    let first = document.summary.lines().nth(1)?;
    let (_, value) = first.trim().split_once(' ')?;
    Some(format!("{} {}", place(&document.headline), value.trim()))
}

/// A place as it is printed: `c16` for `16`.
pub fn place(level: &str) -> String {
    match level.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("c{level}"),
        false => level.to_owned(),
    }
}

fn told(line: &Line) -> Value {
    let mut told = serde_json::to_value(&line.entry).unwrap_or_default();
    told["model"] = json!(line.model);
    told["headline"] = json!(line.headline);
    told["label"] = json!(line.label);
    told["roles"] = json!(line.roles);
    told
}

fn table(lines: &[Line], now: SystemTime) -> String {
    let head = ["MODEL", "HEADLINE", "LABEL", "AGE", "ROLE", "ENTRY"].map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(lines.iter().map(|line| cells(line, now)));
    super::output::columns(&rows)
}

fn cells(line: &Line, now: SystemTime) -> [String; 6] {
    let entry = &line.entry;
    let or_nothing = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
    let value = entry.baseline.value.map(|value| {
        let unit = entry.baseline.unit.as_deref().unwrap_or_default();
        format!("{value} {unit}").trim_end().to_owned()
    });
    let notes = &entry.baseline.notes;
    let noted = || {
        let notes = notes.split(char::is_control).collect::<Vec<_>>().join(" ");
        (!notes.trim().is_empty()).then(|| clipped(notes.trim()))
    };
    let age = entry
        .registered_at()
        .and_then(|at| now.duration_since(at).ok());
    [
        or_nothing(line.model.clone()),
        or_nothing(line.headline.clone().or(value)),
        or_nothing(line.label.clone().or_else(noted)),
        or_nothing(age.map(|age| shown_age(age.as_secs()))),
        or_nothing((!line.roles.is_empty()).then(|| line.roles.join(", "))),
        called(line),
    ]
}

/// What `diff --baseline` takes.
fn called(line: &Line) -> String {
    let entry = &line.entry;
    let of_model = |model: &&String| measurement_name(model) == entry.measurement;
    let name = match line.model.as_ref().filter(of_model) {
        Some(model) => model.clone(),
        None if entry.family == FAMILY => entry.measurement.clone(),
        None => format!("{}/{}", entry.family, entry.measurement),
    };
    format!("{name}@{}", entry.slug)
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(NOTES) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn shown_age(seconds: u64) -> String {
    let (minute, hour, day) = (60, 3_600, 86_400);
    match seconds {
        s if s < minute => format!("{s} s"),
        s if s < hour => format!("{} min", s / minute),
        s if s < 2 * day => format!("{} h", s / hour),
        s => format!("{} d", s / day),
    }
}

#[cfg(test)]
mod tests {
    use super::{place, shown_age};

    #[test]
    fn ages_are_whole_units_and_places_are_printed() {
        for (seconds, shown) in [
            (59, "59 s"),
            (60, "1 min"),
            (7_199, "1 h"),
            (172_799, "47 h"),
            (172_800, "2 d"),
            (31_536_000, "365 d"),
        ] {
            assert_eq!(shown_age(seconds), shown);
        }
        assert_eq!((place("16"), place("5/s")), ("c16".into(), "5/s".into()));
    }
}
