//! `inspect`: everything in a directory of mixed results, one table.
//!
//! What a directory holds, the component says: what it reads as one run is one. What it refuses is looked at part by
//! part, folder by folder and file by file, and what is left is named with the reason.

use super::args::InspectArgs;
use super::inputs::{self, Reading};
use super::listing::place;
use super::output::{Output, columns};
use super::runs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::sandbox::{Sandbox, ingest};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Folders below folders that are looked into.
const DEEP: usize = 8;

/// What stands where nothing is stated.
const NOTHING: &str = "-";

/// The numbers of a place that are shown.
const NUMBERS: [&str; 4] = ["throughput_toks_per_s", "ttft_p50_ms", "requests", "errors"];

/// Lists all runs below a directory, and what is none.
pub fn inspect(sandbox: &Sandbox, args: &InspectArgs, output: &Output) -> Result<Exit> {
    let mut look = Look {
        sandbox,
        output,
        root: &args.dir,
        runs: Vec::new(),
        others: Vec::new(),
    };
    look.at(&args.dir, 0)?;
    if output.json() {
        output.value(&json!({
            "schema": "perfbridge_inspect_v1",
            "dir": args.dir,
            "runs": look.runs.iter().map(told).collect::<Vec<_>>(),
            "not_read": look.others.iter().map(|other| json!({
                "path": other.path,
                "message": other.error.message,
            })).collect::<Vec<_>>(),
        }))?;
    } else {
        output.data(&table(&look)?)?;
    }
    match look.runs.is_empty() {
        true => Ok(Exit::Usage),
        false => Ok(Exit::Pass),
    }
}

/// One run and what it is called.
struct Found {
    path: String,
    document: Value,
    findings: Vec<String>,
}

/// What is no run, and why.
struct Other {
    path: String,
    error: Error,
}

struct Look<'a> {
    sandbox: &'a Sandbox,
    output: &'a Output,
    root: &'a Path,
    runs: Vec<Found>,
    others: Vec<Other>,
}

impl Look<'_> {
    fn at(&mut self, path: &Path, depth: usize) -> Result<()> {
        let error = match self.read(path) {
            Ok(found) => {
                self.runs.extend(found);
                return Ok(());
            }
            Err(error) if error.exit != Exit::Usage => return Err(error),
            Err(error) => error,
        };
        let parts = parts(path)?;
        if parts.is_empty() || depth == DEEP {
            let path = self.called(path);
            self.others.push(Other { path, error });
            return Ok(());
        }
        parts.iter().try_for_each(|part| self.at(part, depth + 1))
    }

    fn read(&self, path: &Path) -> Result<Vec<Found>> {
        let runs = runs::expand(self.sandbox, &[path.to_owned()])?;
        let each = runs.iter().map(|run| {
            let document = inputs::read(self.sandbox, run, &Reading::default(), self.output)?;
            let name = self.called(Path::new(&run.name));
            found(name, &document)
        });
        each.collect()
    }

    /// By its place below the directory that was named.
    fn called(&self, path: &Path) -> String {
        match path.strip_prefix(self.root) {
            Ok(below) if below.as_os_str().is_empty() => ".".to_owned(),
            Ok(below) => below.display().to_string(),
            Err(_) => path.display().to_string(),
        }
    }
}

/// The files and folders of a directory by name; none of what is no directory. Links are not followed.
fn parts(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |error: std::io::Error| Error::io("list the directory", path, &error);
    let mut parts = Vec::new();
    for part in std::fs::read_dir(path).map_err(failed)? {
        let part = part.map_err(failed)?;
        let kind = part.file_type().map_err(failed)?;
        if kind.is_dir() || kind.is_file() {
            parts.push(part.path());
        }
    }
    parts.sort();
    Ok(parts)
}

fn found(path: String, document: &ingest::Document) -> Result<Found> {
    let parsed =
        serde_json::from_str(&document.json).map_err(|error| Error::internal(error.to_string()))?;
    let findings = document.findings.iter().map(|one| one.code.clone());
    Ok(Found {
        path,
        document: parsed,
        findings: findings.collect(),
    })
}

/// The places of a document with their cells.
fn cells(document: &Value) -> Vec<(String, &Map<String, Value>)> {
    let of = |section: &str, unit: &str| {
        let cells = document[section].as_object().into_iter().flatten();
        let named = cells.filter_map(move |(key, cell)| {
            Some((place(&format!("{key}{unit}")), cell.as_object()?))
        });
        named.collect::<Vec<_>>()
    };
    [of("metrics", ""), of("metrics_by_request_rate", "/s")].concat()
}

/// What the tools say against the run and its places, and what was noticed that makes a number void.
fn validity(found: &Found) -> Vec<String> {
    let of = |value: &Value| -> Vec<String> {
        let all = value.as_array().into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut all = of(&found.document["validity"]);
    for (_, cell) in cells(&found.document) {
        all.extend(cell.get("validity").map(of).unwrap_or_default());
    }
    all.extend(found.findings.iter().cloned());
    all.dedup();
    all
}

fn told(found: &Found) -> Value {
    let places = cells(&found.document).into_iter().map(|(place, cell)| {
        let mut told = Map::new();
        told.insert("place".to_owned(), place.into());
        for number in NUMBERS {
            let value = cell.get(number).cloned().unwrap_or_default();
            told.insert(number.to_owned(), value);
        }
        Value::Object(told)
    });
    json!({
        "path": found.path,
        "tool": found.document["context"]["bench_backend"],
        "model": found.document["model"],
        "trials": found.document["context"]["trials"],
        "places": places.collect::<Vec<_>>(),
        "against": validity(found),
    })
}

fn table(look: &Look<'_>) -> Result<String> {
    let head = [
        "RUN", "TOOL", "MODEL", "PLACE", "TOK/S", "TTFT", "REQ", "ERR",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    let mut against = Vec::new();
    for found in &look.runs {
        let said = |value: &Value| value.as_str().unwrap_or(NOTHING).to_owned();
        let tool = said(&found.document["context"]["bench_backend"]);
        let model = said(&found.document["model"]);
        for (at, (place, cell)) in cells(&found.document).into_iter().enumerate() {
            let first = |text: &String| match at {
                0 => text.clone(),
                _ => String::new(),
            };
            let [throughput, ttft, requests, errors] = NUMBERS.map(|name| short(cell.get(name)));
            rows.push([
                first(&found.path),
                first(&tool),
                first(&model),
                place,
                throughput,
                ttft,
                requests,
                errors,
            ]);
        }
        let words = validity(found);
        if !words.is_empty() {
            against.push([found.path.clone(), words.join(", ")]);
        }
    }
    let mut text = match look.runs.is_empty() {
        true => String::new(),
        false => columns(&rows) + "TTFT is the p50 in ms.\n",
    };
    if !against.is_empty() {
        text += &format!("\nsaid of them\n{}", columns(&against));
    }
    if !look.others.is_empty() {
        let others: Vec<[String; 2]> = look.others.iter().map(other).collect();
        text += &format!("\nnot read\n{}", columns(&others));
    }
    Ok(text)
}

fn other(other: &Other) -> [String; 2] {
    let line = other.error.message.lines().next().unwrap_or_default();
    [other.path.clone(), line.to_owned()]
}

/// For a table: four digits that count. The JSON has all.
fn short(value: Option<&Value>) -> String {
    let Some(number) = value.and_then(Value::as_f64) else {
        return NOTHING.to_owned();
    };
    let whole = number.abs().max(1.0).log10().floor() as usize + 1;
    let text = format!("{number:.*}", 4_usize.saturating_sub(whole));
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::short;
    use serde_json::json;

    #[test]
    fn four_digits_that_count() {
        let shown = [
            json!(117.034_964),
            json!(1_316.593),
            json!(32),
            json!(0.0123),
            json!(null),
        ];
        let shown = shown.map(|value| short(Some(&value)));
        assert_eq!(shown, ["117", "1317", "32", "0.012", "-"]);
        assert_eq!(short(Some(&json!(159.83))), "159.8");
        assert_eq!(short(None), "-");
    }
}
