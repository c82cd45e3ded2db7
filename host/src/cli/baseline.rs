//! Finds the baseline that was meant: an entry, a bundle, a document, `NAME@SLUG`, or the newest of a model.

use super::args::{CaseArgs, is_stdin};
use super::evals;
use super::inputs::{self, Reading};
use super::naming;
use super::output::Output;
use super::runs::Input;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::kept::Past;
use crate::registry::{self, FAMILY, root_of};
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
    /// What was before it, where it is an entry of a registry.
    pub fn history(&self, sandbox: &Sandbox, output: &Output) -> Result<Past> {
        match (&self.entry, &self.root) {
            (Some(entry), Some(root)) => history(sandbox, root, entry, output),
            _ => Ok(Past::default()),
        }
    }
}

/// What was before an entry that lies at its usual place, for who only has its directory.
///
/// # Errors
/// Those of reading the entry.
pub fn past_of(sandbox: &Sandbox, dir: &Path) -> Result<Past> {
    match root_of(dir) {
        Some(root) => history(sandbox, &root, &read_entry(dir)?, &Output::silent()),
        None => Ok(Past::default()),
    }
}

/// Earlier baselines of the same measurement and its observations, oldest first. Whether they measured the same thing
/// decides the component.
fn history(sandbox: &Sandbox, root: &Path, entry: &Entry, output: &Output) -> Result<Past> {
    let mut read = Past::default();
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
        let reading = Reading::default();
        let read_one = |run: &Input| read_current(sandbox, run, &reading, explicit, output);
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
            paired(sandbox, of_entry(sandbox, entry, root)?)?
        }
        // The model was said while the bundle was read, or is held against the document there.
        (Some(path), _) if path.exists() || is_stdin(path) => {
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
        (Some(path), _) => of_name(sandbox, path, explicit, output)?,
        (None, Some(model)) => {
            return of_model(sandbox, &registry::root(explicit)?, model, output);
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

/// The baseline that stands for a model in the registry at `root`.
pub fn of_model(sandbox: &Sandbox, root: &Path, model: &str, output: &Output) -> Result<Baseline> {
    let entry = naming::chosen(root, model, output)?;
    let baseline = of_entry(sandbox, entry, Some(root.to_owned()))?;
    check_model(&baseline, model)?;
    paired(sandbox, baseline)
}

/// The baseline of a name in the registry at `root`.
pub fn in_registry(
    sandbox: &Sandbox,
    root: &Path,
    text: &str,
    output: &Output,
) -> Result<Baseline> {
    let entry = naming::entry(root, text, output)?;
    // A name that is a model and not a measurement, nor the beginning of a slug.
    let name = naming::name_of(text);
    let is_model = entry.measurement != name && !entry.slug.starts_with(name);
    let baseline = of_entry(sandbox, entry, Some(root.to_owned()))?;
    if is_model {
        check_model(&baseline, name)?;
    }
    paired(sandbox, baseline)
}

/// The baseline of a name in the registry, or of a path whose slug is cut.
fn of_name(
    sandbox: &Sandbox,
    path: &Path,
    explicit: Option<&Path>,
    output: &Output,
) -> Result<Baseline> {
    if let Some(dir) = naming::cut_path(path) {
        let root = root_of(&dir).or_else(|| registry::root(explicit).ok());
        return paired(sandbox, of_entry(sandbox, read_entry(&dir)?, root)?);
    }
    let root = naming::root_for(path, explicit)?;
    in_registry(sandbox, &root, &path.to_string_lossy(), output)
}

/// The current side; a registry entry may stand here too, by its path or by its name.
pub fn read_current(
    sandbox: &Sandbox,
    run: &Input,
    reading: &Reading<'_>,
    explicit: Option<&Path>,
    output: &Output,
) -> Result<ingest::Document> {
    let path = &run.path;
    if is_entry(path) {
        reading.refuse_additions(&run.called)?;
        let read = read_entry(path).map_err(Error::from);
        let found = read.and_then(|entry| of_entry(sandbox, entry, None));
        let found = found.and_then(|found| paired(sandbox, found));
        return Ok(found.map_err(|error| run.in_archive(error))?.document);
    }
    if path.exists() || is_stdin(path) || !names_an_entry(path) {
        return inputs::read(sandbox, run, reading, output);
    }
    reading.refuse_additions(path)?;
    Ok(of_name(sandbox, path, explicit, output)?.document)
}

/// Whether a path that is not there is to be looked up in the registry: `NAME@WHICH`, or an entry whose slug is cut. Any
/// other is more likely a path with a typing error.
fn names_an_entry(path: &Path) -> bool {
    path.to_string_lossy().contains('@') || naming::cut_path(path).is_some()
}

/// Whether a path is an entry of a registry.
pub fn is_entry(path: &Path) -> bool {
    path.join("baseline.json").is_file()
}

/// A baseline with the scores that its entry was paired with after it was made, and with those in its notes.
///
/// # Errors
/// Marks that cannot be listed, and scores that contradict each other.
pub fn paired(sandbox: &Sandbox, baseline: Baseline) -> Result<Baseline> {
    let Some(entry) = &baseline.entry else {
        return Ok(baseline);
    };
    let root = baseline.root.clone().or_else(|| root_of(&entry.dir));
    let given = evals::of_entry(entry, root.as_deref())?;
    Ok(Baseline {
        document: evals::pair(sandbox, baseline.document, &given)?,
        ..baseline
    })
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
