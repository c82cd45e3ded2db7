//! AIPerf's per-request records, `profile_export.jsonl`: one line a request, warm-up included.

mod alike;
mod record;
mod statistics;

use super::record_clock::Clock;
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{LineReader, Tree};
use crate::json::Stop;
use crate::run::{Aborted, Format, Run, Speaker, States};
use alike::Alike;
use record::Trouble;
use statistics::Statistics;

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "aiperf-records",
        title: "AIPerf per-request records (profile_export.jsonl)",
        tool: Some("AIPerf"),
        states: States::Results,
        speaker: Speaker::Tool,
        one_each: true,
        of_many_levels: false,
    },
    begins: None,
    by_content: is_records,
    by_name: |name| name == "profile_export.jsonl",
    read,
};

/// With `--export-level raw` AIPerf also writes what was sent and received, without a number: those records have
/// the same `metadata` and then no `metrics`.
fn is_records(candidate: &Candidate<'_>) -> bool {
    let first = candidate.head.lines().next().unwrap_or_default();
    first.starts_with('{')
        && first.contains("\"metadata\"")
        && first.contains("\"request_start_ns\"")
        && !first.contains("\"start_perf_ns\"")
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let mut lines = LineReader::new(tree.open(path)?, path);
    let mut statistics = Statistics::default();
    let (mut measured, mut clock, mut alike) = (0_u64, Clock::default(), Alike::default());
    let mut is_empty = true;
    loop {
        let number = lines.line() + 1;
        let Some(line) = lines.next_line()? else {
            break;
        };
        if line.trim_ascii_start().is_empty() {
            continue;
        }
        let record = alike
            .parse(line)
            .map_err(|trouble| damaged(path, number, trouble))?;
        is_empty = false;
        if record.measured {
            measured += 1;
            statistics.add(&record);
            if let (Some(start), Some(end)) = (record.start_ns, record.end_ns) {
                clock.add(number, record.credit_ns, start, end);
            }
        } else {
            statistics.add_warmup();
        }
    }
    if measured == 0 {
        let found = match is_empty {
            true => "found no record",
            false => "found records of the warm-up alone",
        };
        let found = format!(
            "{found}; expected one line for each request: AIPerf was stopped before the first one ended. Run this level again, or take the file out of the bundle to judge without it"
        );
        run.aborted.push(Aborted {
            file: path.to_owned(),
            fault: Fault::damaged(found).at(path),
        });
        return Ok(());
    }
    if statistics.knows_nothing() {
        let found = "found request records without a single known number; expected `time_to_first_token`, `request_latency` or another one that is known below `metrics`. If a newer AIPerf names them otherwise, give its JSON export";
        return Err(Fault::new(Code::NotUnderstood, found).at(path));
    }
    run.findings.extend(clock.finding(path));
    run.results
        .push(statistics.into_result(&SOURCE.format, path));
    Ok(())
}

fn damaged(path: &str, line: u64, trouble: Trouble) -> Fault {
    match trouble {
        Trouble::Stop(Stop { at, ended: true, .. }) => Fault::damaged("found the end of the line inside a record; expected the rest of it. The file was cut: copy it again from the run")
        .at(format!("{path}:{line}:{}", at + 1)),
        Trouble::Stop(Stop { at, expected, .. }) => Fault::damaged(format!("found a record that cannot be read; expected {expected} at this place"))
        .at(format!("{path}:{line}:{}", at + 1)),
        Trouble::Lacks(field) => Fault::new(
            Code::NotUnderstood,
            "found a record without this field; expected one of AIPerf's request records",
        )
        .at_field(path, Some(line), field),
        Trouble::Wrong { field, found, expected } => {
            Fault::new(Code::BadValue, format!("found {found}; expected {expected}")).at_field(path, Some(line), field)
        }
    }
}
