//! Files to which a tool appended the same places more than once (`--append-result` of vLLM, SGLang's default, a log of
//! several commands): the first result of each place is one run, the second another one, and so on.

use super::found::FoundRun;
use super::names::refused;
use crate::fault::Result;
use crate::files::{Child, HeadCache, Tree};
use crate::run::{LevelResult, Run};
use crate::sources::recognise::{Seen, recognise};
use crate::sources::{SOURCES, models_answer};

/// A file larger than this is not read to count its runs.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The runs, each as `FILE#1`, `FILE#2`; none where no place is there twice in one file.
///
/// Faults: places that are there more or less often than others.
pub(super) fn repeated_results(tree: &dyn Tree, below: &[Child]) -> Result<Vec<FoundRun>> {
    // AIPerf appends to nothing, and its directories are large.
    let of_aiperf = |child: &Child| child.name.contains("aiperf");
    let of_another = !below.iter().any(of_aiperf);
    let Some(run) = of_another.then(|| read(tree)).flatten() else {
        return Ok(Vec::new());
    };
    // A console beside the export of the same runs repeats them and says nothing new.
    let Some(best) = run
        .results
        .iter()
        .map(|result| run.rank(result.format))
        .min()
    else {
        return Ok(Vec::new());
    };
    let results = run
        .results
        .iter()
        .filter(|result| run.rank(result.format) == best);
    let mut counted: Vec<(&LevelResult, usize)> = Vec::new();
    for result in results {
        let of = |other: &LevelResult| {
            other.file == result.file && other.model == result.model && other.place == result.place
        };
        match counted.iter_mut().find(|(other, _)| of(other)) {
            Some((_, count)) => *count += 1,
            None => counted.push((result, 1)),
        }
    }
    let most = counted.iter().max_by_key(|(_, count)| *count).copied();
    let Some((often, runs)) = most.filter(|(_, count)| *count > 1) else {
        return Ok(Vec::new());
    };
    if let Some((rare, count)) = counted.iter().find(|(_, count)| *count != runs) {
        let place = |result: &LevelResult| {
            result
                .place
                .map_or("no place".to_owned(), |place| place.words())
        };
        return Err(refused(format!(
            "found {runs} results for {} in {}, and {count} for {} in {}; expected as many runs of every level. Put the lines of each run into a file of its own",
            place(often),
            often.file,
            place(rare),
            rare.file
        )));
    }
    let mut files: Vec<&str> = counted
        .iter()
        .map(|(result, _)| result.file.as_str())
        .collect();
    files.dedup();
    let served = run.served.iter().map(|served| served.file.clone());
    let served: Vec<String> = served.collect();
    let found = (1..=runs).map(|number| {
        let of_run: Vec<String> = files
            .iter()
            .map(|file| format!("{file}#{number}"))
            .collect();
        FoundRun {
            name: of_run[0].clone(),
            dir: String::new(),
            folders: [of_run, served.clone()].concat(),
        }
    });
    Ok(found.collect())
}

/// The results of files that can be appended to; `None` where one of them cannot be read, which its reader will say.
fn read(tree: &dyn Tree) -> Option<Run> {
    let paths = tree.list().ok()?;
    if paths
        .iter()
        .any(|path| path.contains("profile_export_aiperf"))
    {
        return None;
    }
    let tree = HeadCache::new(tree);
    let mut run = Run {
        formats: SOURCES.iter().map(|source| &source.format).collect(),
        ..Run::default()
    };
    for path in &paths {
        let Ok(Seen::Known(source)) = recognise(SOURCES, &tree, path) else {
            continue;
        };
        let is_answer = source.format == models_answer::SOURCE.format;
        if !source.format.of_many_levels && !is_answer {
            continue;
        }
        if !tree.open(path).ok()?.read_at(LARGEST, 1).ok()?.is_empty() {
            return None;
        }
        (source.read)(&mut run, &tree, path).ok()?;
    }
    Some(run)
}
