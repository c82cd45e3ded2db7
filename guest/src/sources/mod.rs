//! One module a format. Files are recognised by content first and by name second.
//!
//! A new format is one new file here and a line in [`SOURCES`].

pub mod aiperf_console;
pub mod aiperf_csv;
pub mod aiperf_json;
mod aiperf_labels;
pub mod aiperf_records;
pub(crate) mod checksums;
pub(crate) mod csv_row;
mod dimension;
pub mod nsys;
pub mod prometheus;
mod record_clock;
pub mod report_markdown;
pub mod runs;
pub mod server_metrics_csv;
pub mod server_metrics_json;
#[cfg(test)]
mod text_samples;
pub mod zymtrace;

use crate::fault::{Code, Fault, Result};
use crate::files::{self, Entry, HeadCache, Tree};
use crate::run::Run;
use crate::scan::Scan;
use crate::text;

/// How many bytes of a file are looked at to recognise it. One less than hosts hand out at once, since one more byte
/// tells whether that is the whole file.
pub const HEAD: usize = 64 * 1024 - 1;

/// A file that is to be recognised.
pub struct Candidate<'a> {
    /// Path below the bundle.
    pub path: &'a str,
    /// The first [`HEAD`] bytes, invalid UTF-8 replaced.
    pub head: &'a str,
}

impl Candidate<'_> {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        files::name(self.path)
    }

    /// Whether the head holds a text; quick, since each file is asked by each format.
    pub fn has(&self, text: &str) -> bool {
        text::holds(self.head, text)
    }

    /// The keys of the JSON object that the head is or begins, without those of the objects inside it.
    pub fn top_level_keys(&self) -> Vec<&str> {
        let mut scan = Scan::new(self.head.as_bytes());
        let mut keys = Vec::new();
        if scan.open_object().is_err() {
            return keys;
        }
        while let Ok(Some(key)) = scan.key(keys.is_empty()) {
            keys.extend(std::str::from_utf8(key));
            if scan.skip().is_err() {
                break;
            }
        }
        keys
    }

    /// Whether the head looks like a JSON object.
    pub fn is_json_object(&self) -> bool {
        self.head.trim_start().starts_with('{')
    }
}

/// One format.
pub struct Source {
    /// Name of the format in messages.
    pub name: &'static str,
    /// Whether the content is of this format.
    pub by_content: fn(&Candidate<'_>) -> bool,
    /// Whether the name says that the content should be of this format; such a file that cannot be
    /// read is damaged and not simply unknown.
    pub by_name: fn(&str) -> bool,
    /// Reads the file into the run.
    pub read: fn(&mut Run, &dyn Tree, &Entry) -> Result<()>,
}

/// All formats, the more special ones first. Scrapes stand last, where `recognise` looks for them.
pub const SOURCES: &[Source] = &[
    server_metrics_json::SOURCE,
    aiperf_json::SOURCE,
    aiperf_records::SOURCE,
    zymtrace::SOURCE,
    server_metrics_csv::SOURCE,
    aiperf_csv::SOURCE,
    nsys::SOURCE,
    aiperf_console::SOURCE,
    report_markdown::SOURCE,
    prometheus::SOURCE,
];

/// Reads every file of a bundle that is recognised.
///
/// Faults: a file whose format is known but that cannot be read to its end, a bundle in which no level was
/// measured because the runs stopped before, and one in which nothing was recognised ([`Code::NotUnderstood`], with what was found and what was expected).
pub fn read_bundle(tree: &dyn Tree) -> Result<Run> {
    let tree = &HeadCache::new(tree);
    let entries = tree.list()?;
    let mut run = Run::default();
    for entry in entries
        .iter()
        .filter(|entry| !is_copy(&entry.path, &entries))
    {
        if let Some(source) = recognise(tree, entry)? {
            (source.read)(&mut run, tree, entry)?;
            run.files_read.push(entry.path.clone());
        }
    }
    if run.files_read.is_empty() {
        return Err(nothing_recognised(&entries));
    }
    if let (true, Some(aborted)) = (run.results.is_empty(), run.aborted.first()) {
        return Err(aborted.fault.clone());
    }
    Ok(run)
}

/// AIPerf repeats its exports for each phase under `phases/`. Those of the warm-up are no results, and
/// those of the measured phase stand once more in the run's own folder; only what is missing
/// there is read from `phases/profiling`.
fn is_copy(path: &str, entries: &[Entry]) -> bool {
    let Some((run, phase)) = split_phase(path) else {
        return false;
    };
    if phase != "profiling" {
        return true;
    }
    let own = match files::name(path) {
        server_metrics_json::PHASE_NAME => [server_metrics_json::NAME, server_metrics_csv::NAME],
        name => ["profile_export_aiperf.json", name],
    };
    entries
        .iter()
        .any(|entry| files::folder(&entry.path) == run && own.contains(&files::name(&entry.path)))
}

/// `a/phases/warmup/x.json` is (`a`, `warmup`).
pub(crate) fn split_phase(path: &str) -> Option<(&str, &str)> {
    let folder = files::folder(path);
    let (before, phase) = folder.rsplit_once('/')?;
    let run = if before == "phases" {
        ""
    } else {
        before.strip_suffix("/phases")?
    };
    Some((run, phase))
}

fn by_content(candidate: &Candidate<'_>) -> Option<&'static Source> {
    // The first line of a scrape says what it is: no other format begins so, and a bundle can hold hundreds.
    let asked = if candidate.head.starts_with("# HELP ") {
        &SOURCES[SOURCES.len() - 1..]
    } else {
        SOURCES
    };
    asked.iter().find(|source| (source.by_content)(candidate))
}

fn recognise(tree: &HeadCache<'_>, entry: &Entry) -> Result<Option<&'static Source>> {
    let read = tree.head(&entry.path)?;
    let head = read.text();
    let candidate = Candidate {
        path: &entry.path,
        head: head.strip_prefix(files::BOM).unwrap_or(&head),
    };
    let name = candidate.name();
    let of_name = || SOURCES.iter().filter(|source| (source.by_name)(name));
    let holds = |source: &&Source| (source.by_content)(&candidate);
    // Formats exclude each other, so the one that the name says is asked first: most files are what they are called.
    let found = of_name()
        .find(holds)
        .or_else(|| by_content(&candidate))
        .or_else(|| of_name().next());
    // The marks of both byte orders; neither is UTF-8.
    let marks: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];
    if found.is_some() && marks.iter().any(|mark| read.bytes().starts_with(mark)) {
        return Err(Fault::new(
            Code::NotUnderstood,
            "found text in UTF-16, as PowerShell writes it; expected UTF-8. Convert it: iconv -f UTF-16 -t UTF-8",
        )
        .at_line(&entry.path, 1));
    }
    Ok(found)
}

fn nothing_recognised(entries: &[Entry]) -> Fault {
    const SHOWN: usize = 8;
    let mut found: Vec<&str> = entries
        .iter()
        .take(SHOWN)
        .map(|entry| entry.path.as_str())
        .collect();
    let more = entries.len().saturating_sub(SHOWN);
    let rest = format!("and {more} more");
    if more > 0 {
        found.push(&rest);
    }
    let found = if found.is_empty() {
        "an empty directory".to_owned()
    } else {
        found.join(", ")
    };
    let expected = SOURCES
        .iter()
        .map(|source| source.name)
        .collect::<Vec<_>>()
        .join(", ");
    Fault::new(
        Code::NotUnderstood,
        format!(
            "found no benchmark result: {found}. Expected at least one of: {expected}. Name the directory that AIPerf wrote to, or the one that holds its `aiperf-c<N>` folders"
        ),
    )
}
