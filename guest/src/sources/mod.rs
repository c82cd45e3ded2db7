//! From files to a [`Run`]: one module a format, and which runs a directory holds.
//!
//! A new format is one new file here, which says in its `SOURCE` what it is and how it is known and read, and its row of
//! [`SOURCES`]. Its tests stand in `guest/tests`, or beside it where they need its inside; `guest/tests/new_format` is
//! the smallest example.

pub mod aiperf_console;
pub mod aiperf_csv;
mod aiperf_definitions;
pub mod aiperf_json;
mod aiperf_labels;
mod aiperf_phases;
pub mod aiperf_records;
mod aiperf_summary;
mod checksums;
mod csv_row;
mod dimension;
mod entry;
pub mod evals;
pub mod evalscope;
mod exposition;
mod foreign;
pub mod formats;
pub mod genai_perf;
pub mod guidellm;
pub mod guidellm_console;
pub mod guidellm_tables;
pub mod inference_perf;
pub mod inferencex;
pub mod layout;
pub mod llm_d;
pub mod llmperf;
pub mod models_answer;
pub mod nsys;
pub mod prometheus;
mod recognise;
mod record_clock;
pub mod report_markdown;
pub mod runs;
pub mod server_metrics_csv;
pub mod server_metrics_json;
mod serving;
pub mod serving_console;
pub mod sglang_bench;
mod source;
#[cfg(test)]
mod text_samples;
pub mod trtllm_bench;
pub mod vllm_bench;
pub mod zymtrace;

use crate::fault::{Fault, Result, Sub};
use crate::files::{HeadCache, Tree};
use crate::finding::{Finding, FindingCode};
use crate::run::{Format, Profiles, Run, States};

use foreign::Foreign;
use recognise::Seen;
pub use source::{Candidate, Source};

/// All formats. Of two that state the same number the earlier one is taken.
pub static SOURCES: &[&Source] = &[
    &server_metrics_json::SOURCE,
    &aiperf_json::SOURCE,
    &server_metrics_csv::SOURCE,
    &aiperf_csv::SOURCE,
    &aiperf_records::SOURCE,
    &aiperf_summary::SOURCE,
    &sglang_bench::SOURCE,
    &vllm_bench::SOURCE,
    &guidellm::SOURCE,
    &guidellm::YAML,
    &guidellm_tables::CSV,
    &inference_perf::SOURCE,
    &llm_d::SOURCE,
    &genai_perf::SOURCE,
    &genai_perf::CSV,
    &llmperf::SOURCE,
    &trtllm_bench::SOURCE,
    &evalscope::SOURCE,
    &evalscope::PERCENTILES,
    &inferencex::SOURCE,
    &zymtrace::SOURCE,
    &nsys::SOURCE,
    &guidellm_console::CONSOLE,
    &serving_console::VLLM,
    &serving_console::SGLANG,
    &aiperf_console::SOURCE,
    &report_markdown::SOURCE,
    &prometheus::SOURCE,
    &models_answer::SOURCE,
];

/// Reads every file of a bundle that is recognised.
///
/// Faults: a file whose format is known but that cannot be read to its end, a bundle in which no level was
/// measured because the runs stopped before, and one in which nothing was recognised
/// ([`Sub::NothingRecognised`], with what was found and what was expected).
pub fn read_bundle(tree: &dyn Tree) -> Result<Run> {
    read_bundle_by(SOURCES, tree)
}

/// As [`read_bundle`], by the formats of another table.
pub fn read_bundle_by(table: &[&'static Source], tree: &dyn Tree) -> Result<Run> {
    let tree = &HeadCache::new(tree);
    let paths = tree.list()?;
    let (ours, other_runs) = layout::without_other_runs(&paths);
    let once = |path: &&String| !aiperf_phases::is_copy(path, &paths);
    let (mut run, others) = read_files(table, tree, ours.into_iter().filter(once))?;
    keep_asked(&mut run, tree);
    run.findings.extend(other_runs);
    if run.files_read.is_empty() {
        return Err(nothing_recognised(&paths, &others, table));
    }
    refuse_two_tools(&run)?;
    if run.tool.is_none() {
        // A table or a console names no version, and its format the tool.
        let tool = run.results.iter().find_map(|result| result.format.tool);
        run.tool = tool.map(str::to_owned);
    }
    if let (true, Some(aborted)) = (run.results.is_empty(), run.aborted.first()) {
        return Err(aborted.fault.clone());
    }
    if !run.results.is_empty() {
        run.findings.extend(left_out(&others));
    }
    Ok(run)
}

/// The fault for a directory, or a file, without a result that is read.
fn nothing_recognised(paths: &[String], others: &Others, table: &[&'static Source]) -> Fault {
    if let ([path], [(_, foreign)]) = (paths, others.as_slice()) {
        let message = format!(
            "found {}, which holds no result that is read\n{}",
            foreign.words(),
            foreign.advice()
        );
        return Fault::because(Sub::OnlyForeign, message).at(path);
    }
    let message = format!(
        "found no benchmark result\n{}\nName the directory that the benchmark wrote to, or the one that holds its `aiperf-c<N>` folders",
        found_and_expected(paths, others, table)
    );
    Fault::because(Sub::NothingRecognised, message)
}

/// Of a file of which one run is asked for, the result of each place that is the so-manieth of it.
fn keep_asked(run: &mut Run, tree: &dyn Tree) {
    let mut seen = Vec::new();
    run.results.retain(|result| {
        let Some(asked) = tree.run_of(&result.file) else {
            return true;
        };
        let of = (result.file.clone(), result.model.clone(), result.place);
        seen.push(of.clone());
        seen.iter().filter(|other| **other == of).count() == asked
    });
}

/// Results of two tools are no levels of one run, whatever their places.
fn refuse_two_tools(run: &Run) -> Result<()> {
    let mut of_tools = run.results.iter().filter_map(|result| {
        let tool = result.format.tool?;
        Some((tool, &result.file))
    });
    let Some((tool, file)) = of_tools.next() else {
        return Ok(());
    };
    match of_tools.find(|(other, _)| *other != tool) {
        None => Ok(()),
        Some((other, at)) => Err(Fault::because(
            Sub::WorkloadsDiffer,
            format!(
                "found results of {tool} ({file}) and of {other} ({at}); expected those of one tool. Give the results of each on their own"
            ),
        )),
    }
}

/// Files that no format reads, with what each is.
type Others = Vec<(String, Foreign)>;

/// Results of other tools, and profiles in a form that is not read, one finding each: beside results that are read they
/// would be missed in silence.
fn left_out(others: &Others) -> impl Iterator<Item = Finding> + '_ {
    others.iter().filter_map(|(path, foreign)| {
        let ends = [".nsys-rep", ".qdrep", ".sqlite"];
        let is_profile = ends.iter().any(|end| path.ends_with(end));
        let (code, then) = match foreign {
            Foreign::Result(_) => (FindingCode::ResultLeftOut, "It is left out"),
            Foreign::Other(_, advice) if is_profile => (FindingCode::ProfileNotUsed, *advice),
            Foreign::Other(..) => return None,
        };
        let message = format!("this is {}. {then}", foreign.words());
        Some(Finding::new(code, path.clone(), message))
    })
}

/// Reads every profile below a directory of its own.
///
/// Faults: a damaged profile, and a directory without any ([`Sub::NoProfile`]).
pub fn read_profile(tree: &dyn Tree) -> Result<Profiles> {
    let of_profiles = |source: &&Source| source.format.states == States::Profile;
    let table: Vec<&Source> = SOURCES.iter().copied().filter(of_profiles).collect();
    let tree = &HeadCache::new(tree);
    let paths = tree.list()?;
    let (run, others) = read_files(&table, tree, paths.iter())?;
    if run.files_read.is_empty() {
        let found = found_and_expected(&paths, &others, &table);
        let message = format!("found no profile\n{found}");
        return Err(Fault::because(Sub::NoProfile, message));
    }
    Ok(run.profile)
}

fn read_files<'a>(
    table: &[&'static Source],
    tree: &HeadCache<'_>,
    paths: impl Iterator<Item = &'a String>,
) -> Result<(Run, Others)> {
    let mut run = Run {
        formats: table.iter().map(|source| &source.format).collect(),
        ..Run::default()
    };
    let mut others = Others::new();
    for path in paths {
        match recognise::recognise(table, tree, path)? {
            Seen::Known(source) => {
                (source.read)(&mut run, tree, path)?;
                run.files_read.push(path.clone());
            }
            Seen::Foreign(foreign) => others.push((path.clone(), foreign)),
            Seen::Nothing => {}
        }
    }
    Ok((run, others))
}

fn found_and_expected(paths: &[String], others: &Others, table: &[&Source]) -> String {
    const SHOWN: usize = 8;
    // What is known of files comes first: it says why they are not read.
    let told = |path: &String| others.iter().any(|(other, _)| other == path);
    let described = others
        .iter()
        .map(|(path, foreign)| format!("{path} ({})", foreign.words()));
    let rest = paths.iter().filter(|path| !told(path)).cloned();
    let mut found: Vec<String> = described.chain(rest).take(SHOWN).collect();
    let more = paths.len().saturating_sub(SHOWN);
    if more > 0 {
        found.push(format!("and {more} more"));
    }
    let found = if found.is_empty() {
        "an empty directory".to_owned()
    } else {
        found.join(", ")
    };
    let formats: Vec<&Format> = table.iter().map(|source| &source.format).collect();
    format!("found: {found}\n{}", expected(&formats))
}

/// What would be read, in few words: the tools by name, and what is of none.
pub(crate) fn expected(formats: &[&Format]) -> String {
    let mut tools: Vec<&str> = Vec::new();
    let mut others = String::new();
    for format in formats {
        match format.tool.filter(|_| format.states != States::Profile) {
            Some(tool) if !tools.contains(&tool) => tools.push(tool),
            Some(_) => {}
            None => others = others + "\n  " + format.title,
        }
    }
    let mut list = String::from("expected");
    for (at, tool) in tools.iter().enumerate() {
        list += match at {
            0 => " a result of one of:\n  ",
            _ if at % 5 == 0 => ",\n  ",
            _ => ", ",
        };
        list += tool;
    }
    if !others.is_empty() {
        let or = if tools.is_empty() { " at" } else { ";\nor at" };
        list = list + or + " least one of:" + &others;
    }
    list
}
