//! What `promote` is about: the run or the entry that is to be promoted, and the entry that has the role now.

use super::args::PromoteArgs;
use super::baseline::{self, Baseline};
use super::inputs::{self, Reading};
use super::naming;
use super::output::Output;
use super::runs::Input;
use crate::error::{Error, Result};
use crate::registry::{self, FAMILY};
use crate::sandbox::Sandbox;
use perfbridge_registry::{
    BASELINE_ROLE, Entry, Registry, baselines_of, measurement_name, observations_of, read_entry,
};
use std::path::Path;

/// What is to be promoted: an entry that is registered, or a run that is read and not yet written.
pub fn candidate(
    sandbox: &Sandbox,
    args: &PromoteArgs,
    root: &Path,
    output: &Output,
) -> Result<Baseline> {
    let model = args.model.as_deref();
    if let [only] = args.current.as_slice()
        && let Some(entry) = registered(root, only, output)?
    {
        let reading = Reading {
            settings: &args.settings,
            ..Reading::default()
        };
        reading.refuse_additions(only)?;
        if !args.notes.is_empty() {
            return Err(Error::usage(
                "--notes are kept with a new entry; this one is registered already and is never changed. Say it with --reason",
            )
            .in_input(only));
        }
        let baseline = baseline::of_entry(sandbox, entry, Some(root.to_owned()))?;
        if let Some(model) = model {
            baseline::check_model(&baseline, model)?;
        }
        return baseline::paired(sandbox, baseline);
    }
    let reading = Reading {
        model,
        settings: &args.settings,
        root_sha: registry::revision(root),
        ..Reading::default()
    };
    let read_one = |run: &Input| inputs::read(sandbox, run, &reading, output);
    let document = inputs::read_all(sandbox, &args.current, read_one)?;
    if let Some(model) = model.filter(|model| *model != document.model) {
        return Err(Error::usage(format!(
            "--model names {model:?}, but this is a run of {:?}",
            document.model
        )));
    }
    Ok(Baseline {
        name: "the run".to_owned(),
        document,
        entry: None,
        root: None,
    })
}

/// The entry that was named, if one was. An observation is none that can be promoted.
fn registered(root: &Path, path: &Path, output: &Output) -> Result<Option<Entry>> {
    let entry = if baseline::is_entry(path) {
        read_entry(path)?
    } else if path.exists() {
        return Ok(None);
    } else if let Some(dir) = naming::cut_path(path) {
        read_entry(&dir)?
    } else {
        let root = naming::root_for(path, Some(root))?;
        naming::entry(&root, &path.to_string_lossy(), output)?
    };
    let model = baselines_of(&entry.measurement);
    if observations_of(model) == entry.measurement {
        return Err(Error::usage(
            "found an observation, which is kept to be looked at; expected a baseline. Promote the run itself",
        )
        .in_input(&entry.dir));
    }
    // An entry of another root has its marks there.
    let here = Registry::open(root).entry(&entry.family, &entry.measurement, &entry.slug);
    match here {
        Ok(here) if here.baseline.source_sha256 == entry.baseline.source_sha256 => Ok(Some(here)),
        _ => Err(Error::usage(format!(
            "found an entry of another registry; expected one below {}",
            root.display()
        ))
        .in_input(&entry.dir)),
    }
}

/// The entry that has the role now, unless it is the candidate itself. Without a pin the newest is the baseline.
///
/// # Errors
/// Those of [`naming::standing`]: what is promoted goes forward from this one, and not from another in silence.
pub fn holder(
    root: &Path,
    candidate: &Baseline,
    role: &str,
    output: &Output,
) -> Result<Option<Entry>> {
    let measurement = match &candidate.entry {
        Some(entry) => entry.measurement.clone(),
        None => measurement_name(&candidate.document.model),
    };
    let registry = Registry::open(root);
    let marks = naming::sound_marks(&registry, &measurement)?;
    let own = candidate.entry.as_ref().map(|entry| entry.slug.as_str());
    let slug = match marks.roles.get(role) {
        Some(slug) => Some(slug.clone()),
        None if role != BASELINE_ROLE || !registry.measurements(FAMILY)?.contains(&measurement) => {
            None
        }
        None => {
            let mut listing = registry.entries_of(FAMILY, &measurement)?;
            listing
                .entries
                .retain(|entry| Some(entry.slug.as_str()) != own);
            let newest = listing.entries.pop();
            if let Some(newest) = &newest {
                naming::newer_is_whole(newest, &listing.unfinished, output)?;
            }
            newest.map(|entry| entry.slug)
        }
    };
    match slug.filter(|slug| Some(slug.as_str()) != own) {
        Some(slug) => {
            let entry = registry.entry(FAMILY, &measurement, &slug)?;
            naming::as_promoted(&marks, entry).map(Some)
        }
        None => Ok(None),
    }
}
