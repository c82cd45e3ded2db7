//! Folders of AIPerf's runs and summaries, by their names.

use crate::fault::{Fault, Result, Sub};
use crate::files::{self, Child, FileType, Tree, not_regular};

/// Where AIPerf puts several runs.
pub(super) const RUNS: &str = "profile_runs";

/// Where it puts their summary.
pub(super) const AGGREGATE: &str = "aggregate";

/// Where it puts the summary of a list of values.
pub(super) const SWEEP_AGGREGATE: &str = "sweep_aggregate";

/// Names of the folders among what stands in one.
pub(super) fn folders(children: &[Child]) -> impl Iterator<Item = &str> {
    let folders = children
        .iter()
        .filter(|child| child.file_type == FileType::Folder);
    folders.map(|child| child.name.as_str())
}

/// What stands in a folder, `None` where there is none.
///
/// Faults: a link in its place, through which nothing is read.
pub(super) fn enter(tree: &dyn Tree, path: &str) -> Result<Option<Vec<Child>>> {
    match stands_at(tree, path)? {
        Some(FileType::Folder) => tree.children(path).map(Some),
        Some(link @ FileType::Link) => Err(not_regular(path, link)),
        _ => Ok(None),
    }
}

fn stands_at(tree: &dyn Tree, path: &str) -> Result<Option<FileType>> {
    let children = tree.children(files::folder(path))?;
    let is_it = |child: &Child| child.name == files::name(path);
    let found = children.into_iter().find(is_it);
    Ok(found.map(|child| child.file_type))
}

/// The fault for runs that are not what they should be.
pub(super) fn refused(message: String) -> Fault {
    Fault::because(Sub::RunsRefused, message)
}
