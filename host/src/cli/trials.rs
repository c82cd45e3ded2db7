//! The directories that AIPerf makes of several runs: `--num-profile-runs` and lists of parameter values.
//!
//! What they look like is written in AIPerf's own `docs/api/sweep-aggregates.md`: the runs stand in
//! `profile_runs/run_NNNN` (one configuration) or `profile_runs/trial_NNNN/<combination>` (a list of values,
//! the whole list repeated), their summary in `aggregate/`, that of a list in `sweep_aggregate/`. The summaries
//! are no measurements and nothing is read from them but what was run.

use crate::error::{Error, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const AGGREGATE: &str = "profile_export_aiperf_aggregate.json";
const SWEEP: &str = "profile_export_aiperf_sweep.json";

/// The same inputs, with each directory of several runs replaced by those runs, in order.
///
/// Errors: runs that the summary counts and that are not there, or the other way round; runs that failed; a
/// list of values of something else than the concurrency; layouts that have no bundle in one directory.
pub fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut expanded = Vec::new();
    for path in paths {
        match runs_of(path)? {
            Some(runs) => expanded.extend(runs),
            None => expanded.push(path.clone()),
        }
    }
    Ok(expanded)
}

fn runs_of(base: &Path) -> Result<Option<Vec<PathBuf>>> {
    if !base.is_dir() {
        return Ok(None);
    }
    let below = folders(base)?;
    if let Some(found) = below.iter().find(|name| numbered(name, "search_iter_")) {
        return Err(refused(
            base,
            format!(
                "found {found}, which is one step of a search for the best setting; expected repeated runs of one configuration. Name one run: {found}/profile_runs/run_0001"
            ),
        ));
    }
    let combinations: Vec<&String> = below
        .iter()
        .filter(|name| !is_summary(name) && *name != "profile_runs")
        .collect();
    let nested = combinations
        .iter()
        .find(|name| base.join(name).join("profile_runs").is_dir());
    let is_sweep = below.iter().any(|name| name == "sweep_aggregate");
    if let Some(found) = nested {
        return Err(refused(
            base,
            format!(
                "found the runs below each level ({found}/profile_runs), as --parameter-sweep-mode independent writes them; expected the levels below each run. Make one directory for each run, move {found}/profile_runs/{} to {found} in the first and so on, and give each of them on its own",
                folders(&base.join(found).join("profile_runs"))?
                    .first()
                    .map_or("run_0001", String::as_str)
            ),
        ));
    }
    let home = if below.iter().any(|name| name == "profile_runs") {
        base.join("profile_runs")
    } else {
        base.to_owned()
    };
    let runs: Vec<String> = folders(&home)?
        .into_iter()
        .filter(|name| numbered(name, "run_") || numbered(name, "trial_"))
        .collect();
    let is_repeated = home != base || below.iter().any(|name| name == "aggregate");
    if is_repeated && !runs.is_empty() {
        check_summaries(base, &home, &runs)?;
        let first = folders(&home.join(&runs[0]))?;
        check_sweep(base, first.iter().filter(|name| !is_summary(name)).count())?;
        return Ok(Some(runs.iter().map(|run| home.join(run)).collect()));
    }
    if is_sweep {
        check_sweep(base, combinations.len())?;
    }
    Ok(None)
}

/// Names of the directories in one, sorted.
fn folders(path: &Path) -> Result<Vec<String>> {
    let read = || -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            if entry.file_type()?.is_dir()
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
