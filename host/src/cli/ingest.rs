//! `ingest`: the document of a bundle, or on a terminal what is in the directory.

use super::args::{IngestArgs, Sources};
use super::inputs::{self, Reading};
use super::listing::place;
use super::output::{Output, columns};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::sandbox::{Sandbox, ingest};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What stands where a file gave nothing that another does not give better.
const NOTHING: &str = "-";

/// Prints the document of a bundle: JSON, or on a terminal a table.
pub fn ingest(sandbox: &Sandbox, args: &IngestArgs, output: &Output) -> Result<Exit> {
    let document = read(sandbox, &args.sources, &Reading::from(&args.bundle), output)?;
    say_findings(&document, output);
    match output.on_terminal() && !output.json() {
        true => output.data(&table(&document)?)?,
        false => output.data(&document.json)?,
    }
    Ok(Exit::Pass)
}

/// Reads a run, or several as trials.
pub fn read(
    sandbox: &Sandbox,
    sources: &Sources,
    reading: &Reading<'_>,
    output: &Output,
) -> Result<ingest::Document> {
    inputs::read_all(sandbox, &sources.paths(), |run| {
        inputs::read(sandbox, run, reading, output)
    })
}

/// Says what was noticed while reading.
pub fn say_findings(document: &ingest::Document, output: &Output) {
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

/// Every file that gave a number, with its size, as what it was read and what it gave; the others by folder; then the
/// headline as the component words it.
fn table(document: &ingest::Document) -> Result<String> {
    let parsed: Value =
        serde_json::from_str(&document.json).map_err(|error| Error::internal(error.to_string()))?;
    let uses = uses(&parsed["sources"]);
    let mut rows = vec![["FILE", "SIZE", "READ AS", "GIVES"].map(str::to_owned)];
    let mut unused: BTreeMap<String, Vec<(&str, u64)>> = BTreeMap::new();
    let files = parsed["provenance"]["files"].as_array();
    for file in files.into_iter().flatten() {
        let path = file["path"].as_str().unwrap_or_default();
        let size = file["size"].as_u64().unwrap_or_default();
        match uses.get(path) {
            Some(used) => rows.push(used.row(path, size)),
            None => unused.entry(folder(path)).or_default().push((path, size)),
        }
    }
    for (folder, files) in unused {
        let name = match files.as_slice() {
            [(only, _)] => (*only).to_owned(),
            several => format!("{folder} ({} files)", several.len()),
        };
        let size = files.iter().map(|(_, size)| size).sum();
        rows.push(Use::default().row(&name, size));
    }
    let places: Vec<String> = document.places.iter().map(|level| place(level)).collect();
    Ok(format!(
        "{}\nplaces  {}\n\n{}",
        columns(&rows),
        places.join(", "),
        document.summary
    ))
}

/// The folder of a file, with its slash.
fn folder(path: &str) -> String {
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
    format!("{folder}/")
}

/// What was taken from one file.
#[derive(Default)]
struct Use {
    formats: BTreeSet<String>,
    /// By place: how many numbers.
    numbers: BTreeMap<String, usize>,
}

impl Use {
    fn row(&self, name: &str, size: u64) -> [String; 4] {
        let or_nothing = |text: String| match text.is_empty() {
            true => NOTHING.to_owned(),
            false => text,
        };
        [
            name.to_owned(),
            bytes(size),
            or_nothing(self.format().unwrap_or_default()),
            or_nothing(self.gives()),
        ]
    }

    fn format(&self) -> Option<String> {
        let formats: Vec<&str> = self.formats.iter().map(String::as_str).collect();
        (!formats.is_empty()).then(|| formats.join(", "))
    }

    fn gives(&self) -> String {
        let each = self.numbers.iter().map(|(place, n)| match n {
            1 => format!("1 number of {place}"),
            n => format!("{n} numbers of {place}"),
        });
        each.collect::<Vec<_>>().join(", ")
    }
}

/// By file: its use, as `sources` of the document states it.
fn uses(sources: &Value) -> BTreeMap<String, Use> {
    let mut uses: BTreeMap<String, Use> = BTreeMap::new();
    for (level, numbers) in sources.as_object().into_iter().flatten() {
        for source in numbers.as_object().into_iter().flat_map(|all| all.values()) {
            let one = source["file"].as_str();
            let several = source["files"].as_array().into_iter().flatten();
            let files = one.into_iter().chain(several.filter_map(Value::as_str));
            for file in files {
                let used = uses.entry(file.to_owned()).or_default();
                used.formats
                    .extend(source["format"].as_str().map(str::to_owned));
                *used.numbers.entry(place(level)).or_default() += 1;
            }
        }
    }
    uses
}

fn bytes(size: u64) -> String {
    match size {
        size if size < 1 << 10 => format!("{size} B"),
        size if size < 1 << 20 => format!("{} KiB", size >> 10),
        size if size < 1 << 30 => format!("{} MiB", size >> 20),
        size => format!("{} GiB", size >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, uses};
    use serde_json::json;

    #[test]
    fn a_file_gives_what_the_document_says_it_gave() {
        let sources = json!({
            "16": {
                "ttft_p50_ms": {"file": "a.json", "format": "aiperf-json", "requests": 32},
                "errors": {"file": "a.json", "format": "aiperf-json"},
                "itl_p50_ms": {"file": "b.csv", "format": "aiperf-csv"}
            },
            "server": {
                "num_requests_running_peak": {"metric": "m", "files": ["a.json", "post.prom"]},
                "prefix_cache_hit_rate_pre": {"reason": "nothing looked up"}
            }
        });
        let uses = uses(&sources);
        let a = &uses["a.json"];
        assert_eq!(a.format().as_deref(), Some("aiperf-json"));
        assert_eq!(a.gives(), "2 numbers of c16, 1 number of server");
        assert_eq!(uses["b.csv"].gives(), "1 number of c16");
        assert_eq!(uses["post.prom"].format(), None);
        assert_eq!(uses.len(), 3);
        let sizes = [1_023, 1_024, 5 << 20, 3 << 30].map(bytes);
        assert_eq!(sizes, ["1023 B", "1 KiB", "5 MiB", "3 GiB"]);
    }
}
