//! Logs that were cut, garbled or made up: each is refused, and the message says what to do.

use super::SOURCE;
use super::tests::table;
use crate::fault::Code;
use crate::measure::Quantity as Q;
use crate::sources::text_samples::{self, bad, cut, good, only, sample, sample_text, value};

const NAME: &str = "profile_export_console.txt";
const LOG: &str = "aiperf-c16.log";

fn refuse(name: &str, bytes: impl AsRef<[u8]>, code: Code, place: &str, pieces: &[&str]) {
    text_samples::refuse(&SOURCE, name, bytes, code, place, pieces);
}

fn errors_log() -> String {
    sample_text("errors-1/aiperf-c16.log")
}

/// The line, from 1, of the last line that contains `text`.
fn line_of(log: &str, text: &str) -> usize {
    1 + log
        .lines()
        .collect::<Vec<_>>()
        .iter()
        .rposition(|line| line.contains(text))
        .unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn a_cut_log_is_refused_or_right() {
    for path in ["errors-1/aiperf-c16.log", "base-2/aiperf-c4.log"] {
        let bytes = sample(path);
        let everywhere = (0..bytes.len()).step_by(500);
        let footer = bytes.len() - 2500..bytes.len();
        let (refused, accepted) = cut(&SOURCE, LOG, &bytes, everywhere.chain(footer));
        // Whole are only the table without any footer and the log up to its last lines.
        assert!(
            refused > 1200 && accepted > 0,
            "{path}: {refused} refused, {accepted} read"
        );
    }
    let text = sample("errors-1/aiperf-c16/profile_export_console.txt");
    let (refused, accepted) = cut(&SOURCE, NAME, &text, (0..text.len()).step_by(7));
    assert!(
        refused > accepted && accepted > 0,
        "{refused} refused, {accepted} read"
    );
}

#[test]
fn a_cut_says_where() {
    let log = errors_log();
    let end = line_of(&log, "Request Count (requests)");
    let cut: String = log.split_inclusive('\n').take(end).collect();
    let title = line_of(&log, "NVIDIA AIPerf | LLM Metrics");
    refuse(
        LOG,
        cut,
        Code::Damaged,
        &format!("{LOG}:{end}"),
        &[&format!("begins on line {title}"), "bottom border"],
    );

    let command = line_of(&log, "CLI Command");
    let at = log.find("16 --request-count").unwrap_or(0) + 1;
    refuse(
        LOG,
        &log.as_bytes()[..at],
        Code::Damaged,
        &format!("{LOG}:{command}"),
        &["`CLI Command`", "`Log File:`"],
    );

    let effective = log.find("NVIDIA AIPerf | LLM Metrics").unwrap_or(0);
    let lines = log[..effective].lines().count();
    refuse(
        LOG,
        &log.as_bytes()[..effective],
        Code::Damaged,
        &format!("{LOG}:{lines}"),
        &[
            "the measured phase ended (64 requests, 47 errors)",
            "is missing",
            "concurrency 16 has no result",
        ],
    );

    // The count may have been `errors=47`.
    let phase = log
        .find("complete | completed=64, cancelled=0, errors=4")
        .unwrap_or(0)
        + 46;
    assert!(log[..phase].ends_with("errors=4"));
    let line = log[..phase].lines().count();
    refuse(
        LOG,
        &log[..phase],
        Code::Damaged,
        &format!("{LOG}:{line}"),
        &["no end of the measured phase"],
    );

    let start: String = log.split_inclusive('\n').take(3).collect();
    refuse(
        LOG,
        &start,
        Code::Damaged,
        &format!("{LOG}:3"),
        &[
            "no end of the measured phase",
            "concurrency 16 has no result",
        ],
    );
    let error = start + "03:08:10.879 ERROR    Out of memory (x.py:1)\n";
    refuse(
        "x.log",
        error,
        Code::Damaged,
        "x.log:4",
        &[
            "this level has no result",
            "The first error in it: \"Out of memory (x.py:1)\"",
            "Run this level again",
        ],
    );

    refuse(
        "aiperf-c4.log",
        b"",
        Code::Damaged,
        "aiperf-c4.log:1",
        &["an empty file", "concurrency 4 has no result"],
    );
}

#[test]
fn a_run_that_died_before_measuring_is_quoted() {
    refuse(
        LOG,
        sample("aiperf-aborted/aiperf-c16.log"),
        Code::Damaged,
        "aiperf-c16.log:88",
        &[
            "AIPerf stopped before it measured: \"Dataset configuration failed: TokenizerError: Failed to load tokenizer './model': HFValidationError: Repo id must use alphanumeric chars, '-', '_' or '.'. The name cannot start or end with '-' or '.' and the maximum length is 96: './model'.\"",
            "concurrency 16 has no result",
            "Run this level again",
        ],
    );
    let cut = sample("aiperf-aborted/aiperf-c16.log");
    for length in (0..cut.len()).step_by(500) {
        assert_eq!(
            bad(&SOURCE, LOG, &cut[..length]).code,
            Code::Damaged,
            "cut at {length}"
        );
    }
    let empty_box = "│ • Service: x │\n╭─ AIPerf System Exit Errors ─╮\n│ • Service: x │\n╰─╯\n";
    refuse(
        LOG,
        empty_box,
        Code::Damaged,
        "aiperf-c16.log:2",
        &["\"no reason given\""],
    );
}

#[test]
fn what_stands_beside_a_good_table_is_noted() {
    let log = errors_log();
    let footer = log.find("CLI Command").unwrap_or(0);
    let run = good(&SOURCE, LOG, &log.as_bytes()[..footer]);
    assert_eq!(run.findings[0].code.as_str(), "LOG_WITHOUT_FOOTER");
    assert!(
        run.findings[0]
            .message
            .contains("no `CLI Command` after its table")
    );
    assert_eq!(run.results[0].place, None);

    let with_box = log
        + "╭─ AIPerf System Exit Errors ─╮\n│ • Service: worker │\n│ Reason: it broke │\n│ late │\n╰─╯\n";
    let run = good(&SOURCE, LOG, with_box.as_bytes());
    assert_eq!(run.findings[0].code.as_str(), "AIPERF_EXIT_ERRORS");
    assert!(
        run.findings[0]
            .message
            .ends_with("the first is: it broke late"),
        "{}",
        run.findings[0].message
    );
}

#[test]
fn bad_numbers_are_refused_with_file_line_and_field() {
    let one = |label: &str, cell: &str| table(&["Metric", "p50"], &[&[label, cell]]);
    let place = format!("{NAME}:5: Time to First Token (ms) p50");
    for (cell, expected) in [
        ("nan", "a finite number"),
        ("inf", "a finite number"),
        ("-1.00", "a number that is not negative"),
        ("12…", "a number such as"),
        ("", "a piece of another"),
    ] {
        let place = if cell.is_empty() {
            format!("{NAME}:5")
        } else {
            place.clone()
        };
        let code = if cell.is_empty() {
            Code::Damaged
        } else {
            Code::BadValue
        };
        refuse(
            NAME,
            one("Time to First Token (ms)", cell).as_bytes(),
            code,
            &place,
            &[expected],
        );
    }
    let unit = format!("{NAME}:5: Time to First Token");
    refuse(
        NAME,
        one("Time to First Token (us)", "1.00").as_bytes(),
        Code::BadValue,
        &unit,
        &["the unit `us`", "`(ms)` or `(sec)`"],
    );
    refuse(
        NAME,
        one("Time to First Token", "1.00").as_bytes(),
        Code::BadValue,
        &unit,
        &["no unit"],
    );
    let duration = errors_log().replace("Duration: 4.66 sec", "Duration: nan sec");
    let line = line_of(&duration, "Benchmark Duration");
    refuse(
        LOG,
        duration,
        Code::BadValue,
        &format!("{LOG}:{line}: Benchmark Duration"),
        &["found `nan`"],
    );
}

#[test]
fn hostile_bytes_do_no_harm() {
    let mut noise = vec![0xff; 100_000];
    noise.extend_from_slice(b"\x1b[31mNVIDIA AIPerf | LLM Metrics");
    assert_eq!(bad(&SOURCE, LOG, &noise).code, Code::Damaged);
    let mut bars = "Profiling: 1/2 |\u{1b}[32m█\u{1b}[0m|\r"
        .repeat(100_000)
        .into_bytes();
    bars.extend(sample("errors-1/aiperf-c16.log"));
    assert_eq!(value(&only(&SOURCE, LOG, &bars), Q::Errors), Some(47.0));
    let long = vec![b'x'; crate::files::MAX_LINE + crate::files::CHUNK + 1];
    assert_eq!(bad(&SOURCE, LOG, &long).code, Code::Limit);
}
