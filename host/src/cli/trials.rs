//! The directories that AIPerf makes of several runs: `--num-profile-runs` and lists of parameter values.
//!
//! What they look like is written in AIPerf's own `docs/api/sweep-aggregates.md`: the runs stand in
//! `profile_runs/run_NNNN` (one configuration), `profile_runs/trial_NNNN/<combination>` (a list of values, the
//! whole list repeated) or `<combination>/profile_runs/trial_NNNN` (each value repeated), their summary in `aggregate/`, that of a list in `sweep_aggregate/`. The summaries
//! are no measurements and nothing is read from them but what was run.

use super::staging::stage;
use crate::error::{Error, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const AGGREGATE: &str = "profile_export_aiperf_aggregate.json";
const SWEEP: &str = "profile_export_aiperf_sweep.json";

/// Inputs of which each is one run.
pub struct Runs {
    /// Bundles, documents and entries, in order.
    pub paths: Vec<PathBuf>,
    /// Holds what was put together; it goes when this is dropped.
    scratch: Vec<TempDir>,
}

/// The same inputs, with each directory of several runs replaced by those runs, in order.
///
/// Errors: runs that the summary counts and that are not there, or the other way round; runs that failed; a
/// list of values of something else than the concurrency; levels with different runs.
pub fn expand(paths: &[PathBuf]) -> Result<Runs> {
    let mut runs = Runs {
        paths: Vec::new(),
        scratch: Vec::new(),
    };
    for path in paths {
        if !path.is_dir() || !runs.add(path)? {
            runs.paths.push(path.clone());
        }
    }
    Ok(runs)
}

impl Runs {
    /// Adds the runs in a directory; false where it is one run.
    fn add(&mut self, base: &Path) -> Result<bool> {
        let below = folders(base)?;
        if let Some(found) = below.iter().find(|name| numbered(name, "search_iter_")) {
            return Err(refused(
                base,
                format!(
                    "found {found}, which is one step of a search for the best setting; expected repeated runs of one configuration. Name one run: {found}/profile_runs/run_0001"
                ),
            ));
        }
        let others: Vec<&String> = below
            .iter()
            .filter(|name| is_combination(base, name))
            .collect();
        let has_runs = |name: &&&String| base.join(name).join("profile_runs").is_dir();
        let levels: Vec<&String> = others.iter().filter(has_runs).copied().collect();
        if !levels.is_empty() {
            return self.add_levels(base, &levels, &others);
        }
        let in_own = below.iter().any(|name| name == "profile_runs");
        let home = if in_own {
            base.join("profile_runs")
        } else {
            base.to_owned()
        };
        let runs = numbered_runs(&home)?;
        let is_repeated = in_own || below.iter().any(|name| name == "aggregate");
        if is_repeated && !runs.is_empty() {
            check_summaries(base, &home, &runs)?;
            let run = home.join(&runs[0]);
            let combinations = folders(&run)?;
            let combinations = combinations
                .iter()
                .filter(|name| is_combination(&run, name));
            check_sweep(base, combinations.count())?;
            // What stands beside the only run belongs to it.
            if runs.len() == 1 {
                return Ok(false);
            }
            self.paths.extend(runs.iter().map(|run| home.join(run)));
            return Ok(true);
        }
        if below.iter().any(|name| name == "sweep_aggregate") {
            check_sweep(base, others.len())?;
        }
        Ok(false)
    }

    /// `<level>/profile_runs/<run>`: run after run, each with all its levels.
    fn add_levels(&mut self, base: &Path, levels: &[&String], others: &[&String]) -> Result<bool> {
        check_sweep(base, levels.len())?;
        let single = others
            .iter()
            .find(|name| base.join(name).join("profile_export_aiperf.json").is_file());
        if let Some(single) = single {
            return Err(refused(
                base,
                format!(
                    "found one run of {single} beside the runs in {}/profile_runs; expected as many runs of every level",
                    levels[0]
                ),
            ));
        }
        let mut first: Vec<String> = Vec::new();
        for level in levels {
            let home = base.join(level).join("profile_runs");
            let runs = numbered_runs(&home)?;
            check_summaries(&base.join(level), &home, &runs)?;
            if first.is_empty() {
                first = runs;
            } else if runs != first {
                return Err(refused(
                    &home,
                    format!(
                        "found {}, in {} {}; expected the same runs of every level",
                        runs.join(", "),
                        levels[0],
                        first.join(", ")
                    ),
                ));
            }
        }
        if first.len() < 2 {
            return Ok(false);
        }
        let (scratch, staged) = stage(base, levels, &first)?;
        self.paths.extend(staged);
        self.scratch.push(scratch);
        Ok(true)
    }
}

fn numbered_runs(home: &Path) -> Result<Vec<String>> {
    let mut runs = folders(home)?;
    runs.retain(|name| numbered(name, "run_") || numbered(name, "trial_"));
    Ok(runs)
}

/// Names of the directories in one, sorted.
fn folders(path: &Path) -> Result<Vec<String>> {
    let read = || -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            // A link to a run is that run.
            if entry.path().is_dir()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    };
    read().map_err(|error| Error::io("read the directory", path, &error))
}

/// `run_0001`.
fn numbered(name: &str, prefix: &str) -> bool {
    let digits = name.strip_prefix(prefix).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_summary(name: &str) -> bool {
    name == "aggregate" || name == "sweep_aggregate"
}

/// Whether a directory holds the results of one value of a list: beside those stand summaries, `logs` and whatever
/// somebody put there.
fn is_combination(base: &Path, name: &str) -> bool {
    let folder = base.join(name);
    let exported =
        |entry: std::fs::DirEntry| entry.path().extension().is_some_and(|end| end == "json");
    let has_export = || {
        let mut entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        entries.any(exported)
    };
    !is_summary(name)
        && name != "profile_runs"
        && (folder.join("profile_runs").is_dir() || has_export())
}

/// Holds the runs against `aggregate/` and, for a list of values, against `aggregate/<value>/` of each.
fn check_summaries(base: &Path, home: &Path, runs: &[String]) -> Result<()> {
    let folder = base.join("aggregate");
    if !folder.is_dir() {
        return Ok(());
    }
    let mut files = vec![folder.join(AGGREGATE)];
    files.extend(
        folders(&folder)?
            .iter()
            .map(|name| folder.join(name).join(AGGREGATE)),
    );
    for file in files.iter().filter(|file| file.is_file()) {
        check_runs(file, home, runs)?;
    }
    Ok(())
}

fn check_runs(file: &Path, home: &Path, runs: &[String]) -> Result<()> {
    let summary = Summary::read(file)?;
    // Older versions put the counts beside `metadata`.
    let metadata = &summary.root["metadata"];
    let field = |name: &str| match &metadata[name] {
        Value::Null => &summary.root[name],
        value => value,
    };
    if let Some(failed) = field("failed_runs")
        .as_array()
        .filter(|all| !all.is_empty())
    {
        let text = |key: &str| failed[0][key].as_str().unwrap_or("unknown").to_owned();
        return Err(summary.refused(
            "metadata.failed_runs",
            format!(
                "found {} of {} runs failed, the first {} ({}); expected none, since a run that failed is no trial. Run again, or give each run that is to count on its own",
                failed.len(),
                runs.len(),
                text("label"),
                text("error")
            ),
        ));
    }
    let here = home.display();
    for name in ["num_profile_runs", "num_successful_runs"] {
        let Some(expected) = field(name).as_u64() else {
            return Err(summary.refused(
                &format!("metadata.{name}"),
                "found no number; expected the count of the runs".to_owned(),
            ));
        };
        if expected != runs.len() as u64 {
            return Err(summary.refused(
                &format!("metadata.{name}"),
                format!(
                    "found {expected}, but {} runs in {here}; expected one directory for each run that the summary counts. Copy all of them, or give each run that is to count on its own",
                    runs.len()
                ),
            ));
        }
    }
    Ok(())
}

/// Several values of the concurrency are the levels of one bundle; of anything else they are other workloads.
fn check_sweep(base: &Path, combinations: usize) -> Result<()> {
    let places = [
        base.join("sweep_aggregate"),
        base.join("aggregate/sweep_aggregate"),
    ];
    let Some(file) = places
        .iter()
        .map(|folder| folder.join(SWEEP))
        .find(|file| file.is_file())
    else {
        return Ok(());
    };
    let summary = Summary::read(&file)?;
    let metadata = &summary.root["metadata"];
    let listed = metadata["sweep_parameters"].as_array();
    let names: BTreeSet<&str> = listed
        .into_iter()
        .flatten()
        .filter_map(|parameter| parameter["name"].as_str())
        .collect();
    // `phases.profiling.concurrency`.
    let is_concurrency = |name: &&str| name.rsplit('.').next() == Some("concurrency");
    if names.is_empty() || !names.iter().all(is_concurrency) {
        let found = names.into_iter().collect::<Vec<_>>().join(", ");
        let found = if found.is_empty() {
            "none".to_owned()
        } else {
            found
        };
        return Err(summary.refused(
            "metadata.sweep_parameters",
            format!(
                "found the varied parameters: {found}; expected concurrency alone, whose values are the levels of one bundle. Other parameters make other workloads: give the directory of one combination"
            ),
        ));
    }
    match metadata["num_combinations"].as_u64() {
        Some(expected) if expected != combinations as u64 => Err(summary.refused(
            "metadata.num_combinations",
            format!(
                "found {expected}, but {combinations} directories of results; expected one for each value of the concurrency. Copy all of them"
            ),
        )),
        _ => Ok(()),
    }
}

/// A summary of AIPerf.
struct Summary<'a> {
    file: &'a Path,
    root: Value,
}

impl<'a> Summary<'a> {
    fn read(file: &'a Path) -> Result<Summary<'a>> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Error::io("read the summary of the runs", file, &error))?;
        let root = serde_json::from_str(&text).map_err(|error| {
            refused(
                file,
                format!("found what is no JSON ({error}); expected AIPerf's summary of several runs. Copy the file again"),
            )
        })?;
        Ok(Summary { file, root })
    }

    fn refused(&self, field: &str, message: String) -> Error {
        let mut error = refused(self.file, message);
        error.place = Some(format!("{}: {field}", self.file.display()));
        error
    }
}

fn refused(path: &Path, message: String) -> Error {
    Error {
        code: "conflict",
        ..Error::usage(message).in_input(path)
    }
}
