//! AIPerf's summary, `profile_export_aiperf.json`: every number at full precision.
//!
//! Seen from AIPerf 0.2 (all metrics below `records`, under shorter names, no version) to schema 1.5 (0.14).

mod command;
mod context;
mod counts;
mod echo;
pub(super) mod export;
mod load;
mod statements;

use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};
use crate::json::{self, Want};
use crate::measure::Quantity;
use crate::run::{Aborted, Format, LevelResult, Run, Speaker, States};
use export::{Export, METRICS};

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "aiperf-json",
        title: "AIPerf JSON export (profile_export_aiperf.json)",
        tool: Some("AIPerf"),
        states: States::Results,
        speaker: Speaker::Tool,
        one_each: true,
        of_many_levels: false,
    },
    begins: None,
    by_content: is_export,
    by_name: |name| name == "profile_export_aiperf.json",
    read,
};

/// Its own keys count and not those inside: an export of a run with GPU telemetry repeats names of the server's.
fn is_export(candidate: &Candidate<'_>) -> bool {
    if !candidate.is_json_object() {
        return false;
    }
    let keys = candidate.top_level_keys();
    let has = |key: &&str| keys.contains(key);
    let measured = ["time_to_first_token", "request_latency", export::RECORDS];
    let is_measured = measured.iter().any(has);
    // Old versions do not state theirs, and what was configured can stand behind more than the head.
    let signs = [has(&"input_config"), has(&"aiperf_version"), is_measured];
    signs.iter().filter(|sign| **sign).count() >= 2
        // The server's metrics; what `--slice-duration` writes of each part of the run; a sweep.
        && !["metrics", "timeslices", "aggregation_type", "per_combination_metrics"].iter().any(has)
        // GenAI-Perf has the same keys and states its own options below `input_config`.
        && !["\"perf_analyzer\"", "\"service_kind\""].iter().any(|text| candidate.has(text))
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    let map = json::parse_part(path, &text, &wanted)?;
    let export = Export::new(&SOURCE.format, path, &text, map);
    if !export.map.contains_key("input_config") {
        return Err(Fault::new(
            Code::NotUnderstood,
            "found an object without `input_config`; expected AIPerf's JSON export, which echoes its configuration there",
        )
        .at(path));
    }
    let result = export.result()?;
    if !is_measured(&export, &result) {
        return nothing(run, &result);
    }
    export.state(run, result.model.as_deref())?;
    run.results.push(result);
    Ok(())
}

/// Whether a number of the run is known, or that every request of it failed. Lengths, times and counts alone are none:
/// they stand in files whose other numbers bear names that are not known.
fn is_measured(export: &Export<'_>, result: &LevelResult) -> bool {
    use Quantity::{BenchmarkSeconds, Errors, IslMean, OslMean, Requests};
    let aside = [BenchmarkSeconds, Errors, IslMean, OslMean, Requests];
    let known = |metric: &export::Metric| {
        !aside.contains(&metric.quantity) && result.get(metric.quantity).is_some()
    };
    let failed = result.get(Errors).is_some_and(|errors| errors.value > 0.0);
    METRICS.iter().any(known) || failed && export.is_of_known_shape()
}

/// A file of this format in which nothing is known has other names for its numbers than any version that is known,
/// or is of a run that was stopped before a request ended.
fn nothing(run: &mut Run, result: &LevelResult) -> Result<()> {
    if !result.complete {
        let found = "AIPerf says that this run was cancelled or cut short, and no request had ended. Run this level again, or take the file out of the bundle to judge without it";
        run.aborted.push(Aborted {
            file: result.file.clone(),
            fault: Fault::damaged(found).at(&result.file),
        });
        return Ok(());
    }
    let mut sought: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
    sought.dedup();
    Err(Fault::new(
        Code::NotUnderstood,
        format!(
            "found AIPerf's JSON export without a single known number; expected at least one of: {}. If a newer AIPerf names them otherwise, give its CSV export or its request records",
            sought.join(", ")
        ),
    )
    .at(&result.file))
}

const TELEMETRY: &str = "telemetry_data";

/// Of some dozen statistics of each GPU only its name is read.
fn of_telemetry(path: &[&str]) -> Want {
    match path {
        [] | ["endpoints"] | ["endpoints", _] => Want::Enter,
        ["endpoints", _, "gpus"] | ["endpoints", _, "gpus", _] => Want::Enter,
        ["endpoints", _, "gpus", _, "gpu_name" | "model_name"] => Want::Whole,
        _ => Want::Nothing,
    }
}

/// Of some hundred metrics a few are read; the statistics of the warm-up are passed over.
fn wanted(path: &[&str]) -> Want {
    const OTHERS: [&str; 14] = [
        "input_config",
        "run_info",
        "benchmark_id",
        "was_cancelled",
        "is_complete",
        "error_summary",
        "aiperf_version",
        "start_time",
        "request_count",
        "schema_version",
        "metadata",
        "runtime_submission_invalid_reasons",
        "submission_invalid_reasons",
        "submission_valid",
    ];
    match path {
        [export::RECORDS] => Want::Enter,
        [TELEMETRY, rest @ ..] | [export::RECORDS, TELEMETRY, rest @ ..] => of_telemetry(rest),
        [name] | [export::RECORDS, name] => {
            let is_metric = METRICS.iter().any(|metric| metric.is_called(name));
            if is_metric || OTHERS.contains(name) {
                Want::Whole
            } else {
                Want::Nothing
            }
        }
        _ => Want::Nothing,
    }
}
