//! `sweep`: every registered measurement against its most recent run, in one view.

mod cache;
mod frames;
mod judging;
mod paths;

mod runs;
mod text;
mod words;

use super::args::SweepArgs;
use super::output::Output;
use super::{policy, pool};
use crate::artefacts::Artefacts;
use crate::bundle::sha256;
use crate::error::{Error, Result, decided};
use crate::exit::Exit;
use crate::registry::{self, FAMILY};
use crate::sandbox::Sandbox;
use crate::sandbox::judge::Form;
use cache::Cache;
use judging::Fleet;
use paths::is_like;
use perfbridge_registry::{Registry, model_of};
use runs::{Found, Reader};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use words::Told;

/// What is swept: registered measurements, and the runs that were read, by measurement, the most recent first.
struct Swept {
    measurements: Vec<String>,
    runs: BTreeMap<String, Vec<Found>>,
    /// What could not be read, as members of the sweep.
    unreadable: Vec<String>,
}

/// Judges the fleet.
pub fn sweep(
    sandbox: &Sandbox,
    args: &SweepArgs,
    artefacts: Artefacts,
    output: &Output,
) -> Result<Exit> {
    let forms = args.forms();
    forms.check()?;
    // What was asked for wrongly is said before anything is read.
    let asked = forms.asked(output);
    for form in &asked {
        written(form, &Told::of(""), "")?;
    }
    let since = args.since.as_deref().map(runs::since).transpose()?;
    let root = registry::root(args.repo_root.as_deref())?;
    let file = policy::read(args.policy.as_deref(), output)?;
    let policy = policy::of(file.as_ref());
    policy::check(sandbox, &policy, file.as_ref())?;
    let jobs = args.jobs.map_or_else(pool::processors, usize::from);
    let cache = match args.no_cache {
        true => None,
        false => Cache::open(args.cache.as_deref(), &sha256(artefacts.packed), output),
    };
    let reader = Reader {
        sandbox,
        cache,
        output,
    };
    let swept = look(&reader, args, &root, jobs)?;
    let fleet = Fleet {
        reader: &reader,
        registry: Registry::open(&root),
        root: &root,
        policy: &policy,
        since,
    };
    let mut members = swept.unreadable;
    let judged = pool::each(&swept.measurements, jobs, "judging measurements", |name| {
        fleet.member(name, swept.runs.get(name).map_or(&[], Vec::as_slice))
    });
    members.extend(judged);
    let unregistered = swept.runs.iter().filter(|(name, _)| {
        let known = swept.measurements.binary_search(name);
        known.is_err()
    });
    members.extend(unregistered.filter_map(|(_, runs)| fleet.unregistered(runs)));
    let swept = sandbox.sweep(&members)?;
    let told = Told::of(&swept.lines);
    let texts: Result<Vec<String>> = asked
        .iter()
        .map(|form| written(form, &told, &swept.lines))
        .collect();
    forms.write(&texts?, &|_, text| Ok(text.to_owned()), output)?;
    decided(swept.exit_code)
}

/// The sweep in a form.
///
/// # Errors
/// There is no form of that name.
fn written(form: &Form, told: &Told, lines: &str) -> Result<String> {
    let layout = text::Layout {
        width: form.width.clamp(40, 160) as usize,
        colour: form.colour,
    };
    Ok(match form.name.as_str() {
        "text" => text::render(told, layout),
        "json" => lines.to_owned(),
        "markdown" => frames::MARKDOWN.render(told),
        "junit" => frames::JUNIT.render(told),
        "page" => frames::page(told),
        name => {
            return Err(Error::usage(format!(
                "found the form {name:?} of a sweep; expected one of text, json, markdown, junit, page"
            )));
        }
    })
}

/// Lists the measurements and reads the outline of every run.
fn look(reader: &Reader<'_>, args: &SweepArgs, root: &Path, jobs: usize) -> Result<Swept> {
    let wanted = |model: &str| {
        args.model
            .as_deref()
            .is_none_or(|like| is_like(like, model))
    };
    let mut measurements = Registry::open(root).measurements(FAMILY)?;
    // Of a model, and no observations beside one.
    measurements.retain(|name| model_of(name) != name);
    let registered = measurements.len();
    let paths = paths::runs(&args.runs, root)?;
    if registered == 0 && paths.is_empty() {
        return Err(Error {
            code: "not-found",
            place: Some(root.display().to_string()),
            ..Error::usage(
                "there is nothing to sweep: no baseline is registered and there is no run. Make a baseline with perfbridge record",
            )
        });
    }
    let read = pool::each(&paths, jobs, "reading runs", |path| {
        reader.outline(path, &paths::shown(path, root))
    });
    let mut swept = Swept {
        measurements,
        runs: BTreeMap::new(),
        unreadable: Vec::new(),
    };
    for (path, read) in paths.iter().zip(read) {
        match read {
            Ok(found) if wanted(&found.model) || wanted(model_of(&found.measurement)) => {
                let of = swept.runs.entry(found.measurement.clone()).or_default();
                of.push(found);
            }
            Ok(_) => {}
            // Of which model it is nobody knows, so that it is of any.
            Err(error) => swept.unreadable.push(judging::told(
                [None, None],
                json!({
                    "run": paths::shown(path, root),
                    "rule": "unreadable",
                    "reason": error.to_string(),
                }),
            )),
        }
    }
    for runs in swept.runs.values_mut() {
        runs.sort_by(Found::newest_first);
    }
    let runs = &swept.runs;
    swept
        .measurements
        .retain(|name| wanted(model_of(name)) || runs.contains_key(name));
    if let (Some(like), true, true) = (
        &args.model,
        swept.measurements.is_empty(),
        swept.runs.is_empty(),
    ) {
        return Err(Error::usage(format!(
            "no model is like {like:?} (--model); {registered} are registered: see perfbridge list"
        )));
    }
    Ok(swept)
}
