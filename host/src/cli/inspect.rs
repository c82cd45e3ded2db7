//! `inspect`: everything in a directory of mixed results, one table.
//!
//! What a directory holds, the component says: what it reads as one run is one. What it refuses is looked at part by
//! part, folder by folder and file by file, and what is left is named with the reason.

mod found;
mod table;

use super::args::InspectArgs;
use super::inputs::{self, Reading};
use super::output::Output;
use super::runs::{self, Place};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::sandbox::Sandbox;
use found::{Found, NUMBERS, Other, cells, found, tool, validity};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Folders below folders that are looked into.
const DEEP: usize = 8;

/// What a run is called that names no model.
const UNSTATED: &str = "(unstated)";

/// Lists all runs below a directory, and what is none.
pub fn inspect(sandbox: &Sandbox, args: &InspectArgs, output: &Output) -> Result<Exit> {
    let mut look = Look {
        sandbox,
        output,
        root: &args.dir,
        runs: Vec::new(),
        others: Vec::new(),
    };
    std::fs::metadata(&args.dir).map_err(|error| Error::io("open the input", &args.dir, &error))?;
    look.at(&Place::of(&args.dir)?, 0)?;
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
        let most = match output.on_terminal() {
            true => output.width() as usize,
            false => usize::MAX,
        };
        output.data(&table::table(&look.runs, &look.others, most))?;
    }
    match look.runs.is_empty() {
        true => Ok(Exit::Usage),
        false => Ok(Exit::Pass),
    }
}

struct Look<'a> {
    sandbox: &'a Sandbox,
    output: &'a Output,
    root: &'a Path,
    runs: Vec<Found>,
    others: Vec<Other>,
}

impl Look<'_> {
    fn at(&mut self, place: &Place, depth: usize) -> Result<()> {
        let error = match self.read(place) {
            Ok(found) => {
                self.runs.extend(found);
                return Ok(());
            }
            Err(error) if error.exit != Exit::Usage => return Err(error),
            Err(error) => error,
        };
        let parts = parts(place)?;
        if parts.is_empty() || depth == DEEP {
            self.is_none(&place.called, error);
            return Ok(());
        }
        parts.iter().try_for_each(|part| self.part(part, depth + 1))
    }

    /// A part of a directory. An archive is looked into, unless it lies in one.
    fn part(&mut self, part: &Place, depth: usize) -> Result<()> {
        if part.unpacked.is_some() {
            return self.at(part, depth);
        }
        match Place::of(&part.path) {
            Ok(opened) => self.at(&opened, depth),
            Err(error) => {
                self.is_none(&part.called, error);
                Ok(())
            }
        }
    }

    fn is_none(&mut self, path: &Path, error: Error) {
        let path = self.called(path);
        self.others.push(Other { path, error });
    }

    fn read(&self, place: &Place) -> Result<Vec<Found>> {
        let runs = runs::expand_place(self.sandbox, place)?;
        let each = runs.iter().map(|run| {
            let read = |model| {
                let reading = Reading {
                    model,
                    ..Reading::default()
                };
                inputs::read(self.sandbox, run, &reading, self.output)
            };
            let document = match read(None) {
                Err(error) if error.cause.as_deref() == Some("model-unstated") => {
                    read(Some(UNSTATED))
                }
                read => read,
            }?;
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
fn parts(place: &Place) -> Result<Vec<Place>> {
    if !place.path.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |error: std::io::Error| Error::io("list the directory", &place.called, &error);
    let mut parts = Vec::new();
    for part in std::fs::read_dir(&place.path).map_err(failed)? {
        let part = part.map_err(failed)?;
        let kind = part.file_type().map_err(failed)?;
        if kind.is_dir() || kind.is_file() {
            parts.push(part.file_name());
        }
    }
    parts.sort();
    Ok(parts.iter().map(|name| place.part(name)).collect())
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
        "tool": tool(&found.document),
        "model": found.document["model"],
        "trials": found.document["context"]["trials"],
        "places": places.collect::<Vec<_>>(),
        "against": validity(found),
    })
}
