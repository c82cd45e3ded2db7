//! What AIPerf's summaries of several runs say was run, held against what is there.

use super::names::{AGGREGATE, SWEEP_AGGREGATE, enter, folders, refused};
use crate::fault::{Fault, Result};
use crate::files::{Child, FileType, Tree, join, not_regular, read_text};
use crate::order::Keyed as _;
use serde_json::Value;
use std::collections::BTreeSet;

/// The summary of the runs of one configuration.
const OF_RUNS: &str = "profile_export_aiperf_aggregate.json";

/// The summary of a list of values.
const OF_SWEEP: &str = "profile_export_aiperf_sweep.json";

/// Holds a number of runs in `home` against `aggregate/` of `base` and, for a list of values, against
/// `aggregate/<value>/` of each.
pub(super) fn check_summaries(tree: &dyn Tree, base: &str, home: &str, runs: usize) -> Result<()> {
    let folder = join(base, AGGREGATE);
    let Some(children) = enter(tree, &folder)? else {
        return Ok(());
    };
    let read =
        |folder: &str, children: &[Child]| match Summary::find(tree, folder, children, OF_RUNS)? {
            Some(summary) => check_runs(&summary, home, runs),
            None => Ok(()),
        };
    read(&folder, &children)?;
    for name in folders(&children) {
        let folder = join(&folder, name);
        read(&folder, &tree.children(&folder)?)?;
    }
    Ok(())
}

fn check_runs(summary: &Summary, home: &str, runs: usize) -> Result<()> {
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
        let first = &failed[0];
        let text = |key: &str| {
            // Some summaries list labels alone.
            let label = first.as_str().filter(|_| key == "label");
            label.or_else(|| first[key].as_str()).unwrap_or("unknown")
        };
        return Err(summary.refused(
            "metadata.failed_runs",
            format!(
                "found {} of {runs} runs failed, the first {} ({}); expected none, since a run that failed is no trial. Run again, or give each run that is to count on its own",
                failed.len(),
                text("label"),
                text("error")
            ),
        ));
    }
    let here = if home.is_empty() {
        "the directory"
    } else {
        home
    };
    for name in ["num_profile_runs", "num_successful_runs"] {
        let place = format!("metadata.{name}");
        let Some(expected) = field(name).as_u64() else {
            let message = "found no number; expected the count of the runs";
            return Err(summary.refused(&place, message.to_owned()));
        };
        if expected != runs as u64 {
            return Err(summary.refused(
                &place,
                format!(
                    "found {expected}, but {runs} runs in {here}; expected one directory for each run that the summary counts. Copy all of them, or give each run that is to count on its own"
                ),
            ));
        }
    }
    Ok(())
}

/// Several values of the concurrency are the levels of one bundle; of anything else they are other workloads.
/// `combinations` is how many values have results, `None` where that cannot be seen.
pub(super) fn check_sweep(tree: &dyn Tree, combinations: Option<usize>) -> Result<()> {
    let places = [SWEEP_AGGREGATE.to_owned(), join(AGGREGATE, SWEEP_AGGREGATE)];
    let mut found = None;
    for place in places {
        if found.is_none()
            && let Some(children) = enter_below(tree, &place)?
        {
            found = Summary::find(tree, &place, &children, OF_SWEEP)?;
        }
    }
    let Some(summary) = found else {
        return Ok(());
    };
    let metadata = &summary.root["metadata"];
    let listed = metadata["sweep_parameters"].as_array();
    let names: BTreeSet<&str> = listed
        .into_iter()
        .flatten()
        .filter_map(|parameter| parameter["name"].as_str())
        .into_set();
    // `phases.profiling.concurrency`.
    let is_concurrency = |name: &&str| name.rsplit('.').next() == Some("concurrency");
    if names.is_empty() || !names.iter().all(is_concurrency) {
        let found = match names.into_iter().collect::<Vec<_>>().join(", ") {
            names if names.is_empty() => "none".to_owned(),
            names => names,
        };
        return Err(summary.refused(
            "metadata.sweep_parameters",
            format!(
                "found the varied parameters: {found}; expected concurrency alone, whose values are the levels of one bundle. Other parameters make other workloads: give the directory of one combination"
            ),
        ));
    }
    match (metadata["num_combinations"].as_u64(), combinations) {
        (Some(expected), Some(found)) if expected != found as u64 => Err(summary.refused(
            "metadata.num_combinations",
            format!(
                "found {expected}, but {found} directories of results; expected one for each value of the concurrency. Copy all of them"
            ),
        )),
        _ => Ok(()),
    }
}

/// As [`enter`], where the folder around it may be missing too.
fn enter_below(tree: &dyn Tree, path: &str) -> Result<Option<Vec<Child>>> {
    match path.rsplit_once('/') {
        Some((around, _)) if enter(tree, around)?.is_none() => Ok(None),
        _ => enter(tree, path),
    }
}

/// A summary of AIPerf.
struct Summary {
    path: String,
    root: Value,
}

impl Summary {
    /// Reads the summary of that name among the children of a folder.
    fn find(
        tree: &dyn Tree,
        folder: &str,
        children: &[Child],
        name: &str,
    ) -> Result<Option<Summary>> {
        let path = join(folder, name);
        match children.iter().find(|child| child.name == name) {
            Some(child) if child.file_type == FileType::File => {}
            Some(child) if child.file_type == FileType::Link => {
                return Err(not_regular(&path, FileType::Link));
            }
            _ => return Ok(None),
        }
        let root = serde_json::from_str(&read_text(tree, &path)?).map_err(|error| {
            refused(format!(
                "found what is no JSON ({error}); expected AIPerf's summary of several runs. Copy the file again"
            ))
            .at(&path)
        })?;
        Ok(Some(Summary { path, root }))
    }

    fn refused(&self, field: &str, message: String) -> Fault {
        refused(message).at_field(&self.path, None, field)
    }
}
