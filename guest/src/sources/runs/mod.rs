//! Which runs a directory holds.
//!
//! AIPerf makes directories of several runs (`--num-profile-runs`, lists of parameter values); its own
//! `docs/api/sweep-aggregates.md` says what they look like. The runs stand in `profile_runs/run_NNNN` (one
//! configuration), `profile_runs/trial_NNNN/<combination>` (a list of values, the whole list repeated) or
//! `<combination>/profile_runs/trial_NNNN` (each value repeated), their summary in `aggregate/`, that of a list in
//! `sweep_aggregate/`. The summaries are no measurements and nothing is read from them but what was run.
//! Those of `vllm bench sweep serve` are files: see the module `sweep`. A file that a tool appended the same levels to more
//! than once holds several runs too: see the module `repeats`.

mod found;
mod names;
mod repeats;
mod summary;
mod sweep;

use crate::fault::Result;
use crate::files::{Child, FileType, Tree, join};
pub use found::FoundRun;
use names::{AGGREGATE, RUNS, SWEEP_AGGREGATE, enter, folders, refused};
use repeats::repeated_results;
use summary::{check_summaries, check_sweep};
use sweep::sweep_runs;

/// The runs in a directory, in order; at least one. Looks at names and summaries, and reads results where these are in
/// files that are appended to.
///
/// Faults: runs that a summary counts and that are not there, or the other way round; runs that failed; a list of
/// values of something else than the concurrency; levels with different runs.
pub fn find_runs(tree: &dyn Tree) -> Result<Vec<FoundRun>> {
    let below = tree.children("")?;
    let step = |child: &&Child| is_place(child) && numbered(&child.name, "search_iter_");
    if let Some(Child { name: step, .. }) = below.iter().find(step) {
        return Err(refused(format!(
            "found {step}, which is one step of a search for the best setting; expected repeated runs of one configuration. Name one run: {step}/profile_runs/run_0001"
        )));
    }
    let has_runs = |name: &&str| tree.is_folder(&join(name, RUNS));
    let levels: Vec<&str> = folders(&below)
        .filter(|name| !is_ours(name))
        .filter(has_runs)
        .collect();
    let runs = if levels.is_empty() {
        match repeated_runs(tree, &below)? {
            runs if runs.is_empty() => match sweep_runs(tree, &below)? {
                runs if runs.is_empty() => repeated_results(tree, &below)?,
                runs => runs,
            },
            runs => runs,
        }
    } else {
        runs_of_levels(tree, &below, &levels)?
    };
    // What stands beside the only run belongs to it.
    Ok(if runs.len() < 2 {
        vec![FoundRun::default()]
    } else {
        runs
    })
}

/// `profile_runs/<run>`, or `<run>` beside a summary: each a whole run.
fn repeated_runs(tree: &dyn Tree, below: &[Child]) -> Result<Vec<FoundRun>> {
    let has = |name: &str| {
        below
            .iter()
            .any(|child| is_place(child) && child.name == name)
    };
    let home = if has(RUNS) { RUNS } else { "" };
    let runs = match home {
        "" if !has(AGGREGATE) => Vec::new(),
        "" => numbered_runs(below),
        home => numbered_runs(&enter(tree, home)?.unwrap_or_default()),
    };
    if runs.is_empty() {
        if has(SWEEP_AGGREGATE) {
            check_sweep(tree, Some(count_combinations(tree, "", below)?))?;
        }
        return Ok(Vec::new());
    }
    check_summaries(tree, "", home, runs.len())?;
    // Nothing but its name is known of a run that is a link.
    let first = runs.iter().find(|run| run.file_type == FileType::Folder);
    let combinations = first.map(|run| {
        let run = join(home, &run.name);
        count_combinations(tree, &run, &tree.children(&run)?)
    });
    check_sweep(tree, combinations.transpose()?)?;
    let run = |run: &Child| FoundRun {
        name: join(home, &run.name),
        dir: join(home, &run.name),
        folders: Vec::new(),
    };
    Ok(runs.iter().map(run).collect())
}

/// `<level>/profile_runs/<run>`: run after run, each with all its levels.
fn runs_of_levels(tree: &dyn Tree, below: &[Child], levels: &[&str]) -> Result<Vec<FoundRun>> {
    check_sweep(tree, Some(levels.len()))?;
    for single in folders(below).filter(|name| !is_ours(name) && !levels.contains(name)) {
        let is_result = |child: &Child| {
            child.file_type == FileType::File && child.name == "profile_export_aiperf.json"
        };
        if tree.children(single)?.iter().any(is_result) {
            return Err(refused(format!(
                "found one run of {single} beside the runs in {}/{RUNS}; expected as many runs of every level",
                levels[0]
            )));
        }
    }
    let mut first: Vec<String> = Vec::new();
    for level in levels {
        let home = join(level, RUNS);
        let runs = numbered_runs(&tree.children(&home)?);
        check_summaries(tree, level, &home, runs.len())?;
        let runs: Vec<String> = runs.into_iter().map(|run| run.name).collect();
        if first.is_empty() {
            first = runs;
        } else if runs != first {
            return Err(refused(format!(
                "found {}, in {} {}; expected the same runs of every level",
                runs.join(", "),
                levels[0],
                first.join(", ")
            ))
            .at(home));
        }
    }
    let run = |name: String| FoundRun {
        dir: String::new(),
        folders: levels
            .iter()
            .map(|level| format!("{level}/{RUNS}/{name}"))
            .collect(),
        name,
    };
    Ok(first.into_iter().map(run).collect())
}

/// Names that are runs.
fn numbered_runs(children: &[Child]) -> Vec<Child> {
    let is_run = |child: &&Child| {
        is_place(child) && (numbered(&child.name, "run_") || numbered(&child.name, "trial_"))
    };
    children.iter().filter(is_run).cloned().collect()
}

/// A folder, or a link that may lead to one: a link to a run is that run, whose directory the host opens.
fn is_place(child: &Child) -> bool {
    matches!(child.file_type, FileType::Folder | FileType::Link)
}

/// `run_0001`.
fn numbered(name: &str, prefix: &str) -> bool {
    let digits = name.strip_prefix(prefix).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether AIPerf puts runs or summaries there, and no value of a list.
fn is_ours(name: &str) -> bool {
    [RUNS, AGGREGATE, SWEEP_AGGREGATE].contains(&name)
}

/// How many folders hold the results of one value of a list: beside those stand summaries, `logs` and whatever
/// somebody put there.
fn count_combinations(tree: &dyn Tree, base: &str, children: &[Child]) -> Result<usize> {
    let mut count = 0;
    for name in folders(children).filter(|name| !is_ours(name)) {
        let is_result = |child: &Child| match child.file_type {
            FileType::Folder => child.name == RUNS,
            _ => child.name.len() > 5 && child.name.ends_with(".json"),
        };
        let inside = tree.children(&join(base, name))?;
        count += usize::from(inside.iter().any(is_result));
    }
    Ok(count)
}
