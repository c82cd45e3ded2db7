//! What `vllm bench sweep serve` leaves: `<combination>/run=0.json` and so on, a folder for each combination of
//! parameters, named by those of the server (`SERVE-`) and of the benchmark (`BENCH-`).

use super::found::FoundRun;
use super::names::{folders, refused};
use crate::fault::Result;
use crate::files::{Child, FileType, Tree, join};
use crate::order::Keyed as _;
use std::collections::{BTreeMap, BTreeSet};

/// Runs by their number, each with one file a combination; none where no combination was run twice.
///
/// Faults: combinations with different runs; repeated runs of several configurations of the server.
pub(super) fn sweep_runs(tree: &dyn Tree, below: &[Child]) -> Result<Vec<FoundRun>> {
    let mut of_folders: Vec<(String, BTreeSet<u32>)> = vec![(String::new(), numbers(below))];
    let named = |name: &&str| name.starts_with("SERVE-") || name.starts_with("BENCH-");
    for name in folders(below).filter(named) {
        of_folders.push((name.to_owned(), numbers(&tree.children(name)?)));
    }
    of_folders.retain(|(_, numbers)| !numbers.is_empty());
    let Some((first, runs)) = of_folders.first() else {
        return Ok(Vec::new());
    };
    if of_folders.iter().all(|(_, numbers)| numbers.len() < 2) {
        return Ok(Vec::new());
    }
    if let Some((other, others)) = of_folders.iter().find(|(_, numbers)| numbers != runs) {
        let listed = |numbers: &BTreeSet<u32>| {
            let names: Vec<String> = numbers.iter().map(|number| file_of(*number)).collect();
            names.join(", ")
        };
        return Err(refused(format!(
            "found {} in {first}, and {} in {other}; expected the same runs of every combination",
            listed(runs),
            listed(others)
        )));
    }
    let servers: BTreeSet<&str> = of_folders
        .iter()
        .map(|(name, _)| server_of(name))
        .into_set();
    if servers.len() > 1 {
        let servers: Vec<&str> = servers.into_iter().collect();
        return Err(refused(format!(
            "found repeated runs of several configurations of the server: {}; expected one. Give the runs of each on their own",
            servers.join(", ")
        )));
    }
    let mut found: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (folder, numbers) in &of_folders {
        for number in numbers {
            let file = join(folder, &file_of(*number));
            found.entry(*number).or_default().push(file);
        }
    }
    let run = |(number, files): (u32, Vec<String>)| FoundRun {
        name: format!("run={number}"),
        dir: String::new(),
        folders: files,
    };
    Ok(found.into_iter().map(run).collect())
}

fn file_of(number: u32) -> String {
    format!("run={number}.json")
}

fn numbers(children: &[Child]) -> BTreeSet<u32> {
    let number = |child: &Child| -> Option<u32> {
        let name = child.name.strip_prefix("run=")?.strip_suffix(".json")?;
        let number = name.parse().ok()?;
        (child.file_type == FileType::File && file_of(number) == child.name).then_some(number)
    };
    children.iter().filter_map(number).into_set()
}

/// The part of a folder's name that says how the server was configured.
fn server_of(name: &str) -> &str {
    let before = name.split("-BENCH-").next().unwrap_or(name);
    match name.starts_with("SERVE-") {
        true => before,
        false => "",
    }
}
