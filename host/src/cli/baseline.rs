//! Finds the baseline that was meant: an entry, a bundle, a document, `NAME@SLUG`, or the newest of a model.

use super::args::CaseArgs;
use super::inputs::{self, Reading};
use super::output::Output;
use super::runs::Input;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::registry::{self, FAMILY};
use crate::sandbox::{Sandbox, ingest};
use perfbridge_registry::{
    Entry, Registry, baselines_of, measurement_name, read_entry, read_snapshot,
};
use std::path::{Path, PathBuf};

/// A baseline that was found and read.
pub struct Baseline {
    /// What it is called in questions.
    pub name: String,
    /// Its document.
    pub document: ingest::Document,
    /// The registry entry, if it is one.
    pub entry: Option<Entry>,
    /// The root below which a diff bundle can be written.
    pub root: Option<PathBuf>,
}

/// So many earlier baselines are looked at; more would change nothing about their noise.
const MOST_HISTORY: usize = 30;

/// Earlier runs of the same measurement.
#[derive(Default)]
pub struct Past {
    /// Their entries, as `FAMILY/MEASUREMENT@SLUG`.
    pub named: Vec<String>,
    /// Their documents.
    pub documents: Vec<String>,
}

impl Past {
    fn add(&mut self, read: Baseline) {
        self.named.extend(
            read.entry
                .as_ref()
                .map(|entry| format!("{}/{}@{}", entry.family, entry.measurement, entry.slug)),
        );
        self.documents.push(read.document.json);
    }

    /// The entries of these names.
    ///
    /// # Errors
    /// A name of another form, an entry that is not there, and one that is no document of a run.
    pub fn of(sandbox: &Sandbox, root: &Path, names: &[String]) -> Result<Past> {
        let mut past = Past::default();
        for name in names {
            let parts = name
                .split_once('/')
                .and_then(|(family, rest)| Some((family, rest.rsplit_once('@')?)));
            let Some((family, (measurement, slug))) = parts else {
                return Err(Error::usage(format!(
                    "found the entry {name:?}; expected FAMILY/MEASUREMENT@SLUG"
                )));
            };
            let entry = Registry::open(root).entry(family, measurement, slug)?;
            past.add(of_entry(sandbox, entry, None)?);
        }
        Ok(past)
    }
}

impl Baseline {
    /// Earlier baselines of the same measurement and its observations, oldest first. Whether they measured the same
    /// thing decides the component.
    pub fn history(&self, sandbox: &Sandbox, output: &Output) -> Result<Past> {
        let mut read = Past::default();
        let (Some(entry), Some(root)) = (&self.entry, &self.root) else {
            return Ok(read);
        };
        let earlier = past(root, entry)?;
        let skip = earlier.len().saturating_sub(MOST_HISTORY);
        for earlier in &earlier[skip..] {
            match of_entry(sandbox, earlier.clone(), None) {
                Ok(baseline) => read.add(baseline),
                // The baseline itself is sound; without this one less is known about the noise.
                Err(error) if error.exit == Exit::Usage => output.say(&format!(
                    "note: an earlier baseline is left out of the history: {}: {error}",
                    earlier.dir.display()
                )),
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }
}

/// Earlier baselines, and observations whenever they were made, in the order of their slugs, which are times.
fn past(root: &Path, entry: &Entry) -> Result<Vec<Entry>> {
    let baselines = baselines_of(&entry.measurement);
    let mut past = Registry::open(root)
        .with_observations(&entry.family, baselines)?
        .entries;
    let counts = |other: &Entry| other.measurement != baselines || other.slug < entry.slug;
    past.retain(|other| counts(other) && other.dir != entry.dir);
    Ok(past)
}

/// Finds and reads the baseline of a `diff`; `explicit` is the root of the registry that was named.
pub fn find(
    sandbox: &Sandbox,
    args: &CaseArgs,
    explicit: Option<&Path>,
    output: &Output,
) -> Result<Baseline> {
    if args.baseline.len() > 1 {
        let read_one = |run: &Input| read_current(sandbox, run, &Reading::default(), output);
        return Ok(Baseline {
            name: format!("{} trials", args.baseline.len()),
            document: inputs::read_all(sandbox, &args.baseline, read_one)?,
            entry: None,
            root: None,
        });
    }
    let baseline = match (args.baseline.first(), &args.model) {
        (Some(path), _) if is_entry(path) => {
            let entry = read_entry(path)?;
            let root = match explicit {
                Some(_) => Some(registry::root(explicit)?),
                None => root_of(path).or_else(|| registry::root(None).ok()),
            };
            of_entry(sandbox, entry, root)?
        }
        // The model was said while the bundle was read, or is held against the document there.
        (Some(path), _) if path.exists() || inputs::is_stdin(path) => {
            return Ok(Baseline {
                name: path.display().to_string(),
                document: inputs::read_all(sandbox, &args.baseline, |run| {
                    let reading = Reading {
                        model: args.model.as_deref(),
                        ..Reading::default()
                    };
                    inputs::read(sandbox, run, &reading, output)
                })?,
                entry: None,
                root: None,
            });
        }
        (Some(path), _) => of_name(sandbox, path, explicit)?,
        (None, Some(model)) => {
            let root = registry::root(explicit)?;
            let entry = newest(&root, model)?;
            of_entry(sandbox, entry, Some(root))?
        }
        (None, None) => {
            return Err(Error::usage(
                "name a baseline with --baseline, or a model with --model",
            ));
        }
    };
    if let Some(model) = &args.model {
        check_model(&baseline, model)?;
    }
    Ok(baseline)
}

/// The baseline of `NAME@SLUG`, or the newest of `NAME`.
fn of_name(sandbox: &Sandbox, path: &Path, explicit: Option<&Path>) -> Result<Baseline> {
    let root = named_root(path, explicit)?;
    let text = path.to_string_lossy();
    let baseline = of_entry(sandbox, named(&root, &text)?, Some(root))?;
    let name = text.rsplit_once('@').map_or(&*text, |(name, _)| name);
    let entry = baseline.entry.as_ref();
    if entry.is_some_and(|entry| entry.measurement != name) {
        check_model(&baseline, name)?;
    }
    Ok(baseline)
}

/// The current side; a registry entry may stand here too.
pub fn read_current(
    sandbox: &Sandbox,
    run: &Input,
    reading: &Reading<'_>,
    output: &Output,
) -> Result<ingest::Document> {
    if is_entry(&run.path) {
        reading.refuse_additions(&run.path)?;
        Ok(of_entry(sandbox, read_entry(&run.path)?, None)?.document)
    } else {
        inputs::read(sandbox, run, reading, output)
    }
}

/// Whether a path is an entry of a registry.
pub fn is_entry(path: &Path) -> bool {
    path.join("baseline.json").is_file()
}

fn named_root(path: &Path, explicit: Option<&Path>) -> Result<PathBuf> {
    let looks_named = path.components().count() == 1;
    match registry::root(explicit) {
        Ok(root) if looks_named => Ok(root),
        Err(error) if looks_named => Err(error),
        _ => Err(Error {
            code: "not-found",
            place: Some(path.display().to_string()),
            ..Error::usage(
                "there is no such file or directory; expected a registry entry, a bundle, a document, or NAME@SLUG",
            )
        }),
    }
}

/// The entry of `NAME@SLUG`, or the newest of `NAME`; the name is a model or a measurement.
pub fn named(root: &Path, text: &str) -> Result<Entry> {
    let (name, slug) = match text.rsplit_once('@') {
        Some((name, slug)) => (name, Some(slug)),
        None => (text, None),
    };
    let Some(slug) = slug else {
        return newest(root, name);
    };
    Ok(Registry::open(root).entry(FAMILY, &measurement_of(root, name)?, slug)?)
}

fn newest(root: &Path, name: &str) -> Result<Entry> {
    let measurement = measurement_of(root, name)?;
    Registry::open(root)
        .newest(FAMILY, &measurement)?
        .ok_or_else(|| none_registered(root, name))
}

/// The measurement that is registered under the name of a model, or under its own.
pub fn measurement_of(root: &Path, name: &str) -> Result<String> {
    let known = Registry::open(root).measurements(FAMILY)?;
    let candidates = [name.to_owned(), measurement_name(name)];
    candidates
        .into_iter()
        .find(|candidate| known.contains(candidate))
        .ok_or_else(|| none_registered(root, name))
}

fn none_registered(root: &Path, name: &str) -> Error {
    let known = Registry::open(root)
        .measurements(FAMILY)
        .unwrap_or_default();
    let known = if known.is_empty() {
        "there is none at all".to_owned()
    } else {
        format!("there are: {}", known.join(", "))
    };
    Error {
        code: "not-found",
        place: Some(root.display().to_string()),
        ..Error::usage(format!(
            "no baseline of {name:?} is registered; {known}. Make one with perfbridge record"
        ))
    }
}

/// The root of an entry that lies at its usual place below one.
pub fn root_of(entry: &Path) -> Option<PathBuf> {
    let entry = entry.canonicalize().ok()?;
    let root = entry.ancestors().nth(6)?;
    entry
        .starts_with(root.join("experiments/artifacts/perf-baselines"))
        .then(|| root.to_path_buf())
}

/// Reads an entry as a baseline.
pub fn of_entry(sandbox: &Sandbox, entry: Entry, root: Option<PathBuf>) -> Result<Baseline> {
    let wrong = |message: String| Error::usage(message).in_input(&entry.dir.join("baseline.json"));
    let family = entry.baseline.family.as_deref().unwrap_or("(none)");
    if family != FAMILY {
        return Err(wrong(format!(
            "found the family {family:?}; expected {FAMILY:?}. Compare it with the verb that recorded it"
        )));
    }
    if entry.baseline.value.is_some() {
        return Err(wrong(
            "found a scalar baseline; expected a document of schema inference_perfbench_v1"
                .to_owned(),
        ));
    }
    let snapshot = read_snapshot(&entry)?;
    if snapshot.is_dir {
        return Err(wrong(
            "found a baseline of a directory; expected a document of schema inference_perfbench_v1"
                .to_owned(),
        ));
    }
    let document = inputs::read_document(sandbox, &snapshot.path)?;
    let expected = measurement_name(&document.model);
    let measurement = entry.baseline.measurement.as_deref().unwrap_or("(none)");
    if baselines_of(measurement) != expected {
        return Err(wrong(format!(
            "found the measurement {measurement:?} for a document of the model {:?}; expected {expected:?}",
            document.model
        )));
    }
    Ok(Baseline {
        name: entry.dir.display().to_string(),
        document,
        entry: Some(entry),
        root,
    })
}

/// Two models can share a measurement name, since characters that no path may hold become `-`.
pub fn check_model(baseline: &Baseline, model: &str) -> Result<()> {
    let found = &baseline.document.model;
    if found == model || measurement_name(found) == model {
        return Ok(());
    }
    Err(Error::usage(format!(
        "this baseline is of the model {found:?}, not of {model:?}; two models can share the name of a measurement. Name the entry that you mean with --baseline"
    ))
    .in_input(Path::new(&baseline.name)))
}
