//! Where a run and its profile lie beside each other: `experiments/artifacts/inference-perf-bench/<run-id>/` and
//! `experiments/artifacts/zymtrace-bundles/<run-id>/`.

use crate::finding::{Finding, FindingCode};
use std::collections::BTreeSet;

/// Where the runs lie, one folder each.
const RUNS: &str = "inference-perf-bench";

/// Where their profiles lie, one folder each, named as the run.
const PROFILES: &str = "zymtrace-bundles";

/// Where the profile of the run in the directory `path` lies, if it lies where the layout says: `path` is the folder of
/// a run, or one inside it.
pub fn profile_beside(path: &str) -> Option<String> {
    let (before, id) = split(path.trim_end_matches('/'), RUNS)?;
    Some(format!("{before}{PROFILES}/{id}"))
}

/// The paths of a tree without the profiles of runs that are not in it; the findings name those.
pub(super) fn without_other_runs(paths: &[String]) -> (Vec<&String>, Vec<Finding>) {
    let mut others = BTreeSet::new();
    let kept = paths.iter().filter(|path| {
        let Some((before, id)) = split(path, PROFILES) else {
            return true;
        };
        let runs = format!("{before}{RUNS}/");
        let is_other = holds(paths, &runs) && !holds(paths, &format!("{runs}{id}/"));
        if is_other {
            others.insert((format!("{before}{PROFILES}/{id}"), id));
        }
        !is_other
    });
    let kept = kept.collect();
    let said = others.into_iter().map(|(folder, id)| {
        let message = format!("the profile is of the run {id}, which is not in this directory");
        Finding::new(FindingCode::ProfileNotUsed, folder, message)
    });
    (kept, said.collect())
}

/// `a/FOLDER/b/c` is (`a/`, `b`).
fn split<'a>(path: &'a str, folder: &str) -> Option<(&'a str, &'a str)> {
    let mut start = 0;
    for part in path.split('/') {
        let after = start + part.len() + 1;
        if part == folder {
            let id = path.get(after..)?.split('/').next()?;
            let is_name = !matches!(id, "" | "." | "..");
            return is_name.then_some((&path[..start], id));
        }
        start = after;
    }
    None
}

/// Whether something lies below a folder; `paths` are sorted.
fn holds(paths: &[String], folder: &str) -> bool {
    let at = paths.partition_point(|path| path.as_str() < folder);
    paths.get(at).is_some_and(|path| path.starts_with(folder))
}
