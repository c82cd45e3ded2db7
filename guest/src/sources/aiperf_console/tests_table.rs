//! Tables that are garbled or contradict themselves.

use super::SOURCE;
use super::tests::table;
use crate::fault::Code;
use crate::measure::Quantity as Q;
use crate::sources::text_samples::{self, only, sample_text, value};

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
fn a_garbled_table_is_refused() {
    let good = table(
        &["Metric", "avg", "p50"],
        &[&["Request Latency (ms)", "1.00", "2.00"]],
    );
    assert_eq!(
        value(&only(&SOURCE, NAME, good.as_bytes()), Q::RequestLatencyP50),
        Some(2.0)
    );
    let cases: [(&str, &str, Code, usize, &str); 9] = [
        (
            "┃ Metric ┃",
            "┃ Name ┃",
            Code::Damaged,
            4,
            "first column is `Name`",
        ),
        (
            "avg ┃ p50",
            "p50 ┃ p50",
            Code::Conflict,
            4,
            "the column `p50` twice",
        ),
        (
            "│ 1.00 │ 2.00 │",
            "│ 2.00 │",
            Code::Damaged,
            5,
            "found 2 cells in this row; expected 3",
        ),
        (
            "│ 1.00 │ 2.00 │",
            "│ 1.00 │ 2.00 │\n│ (x) │ 3 │ │",
            Code::Damaged,
            6,
            "a piece of another",
        ),
        (
            "│ 1.00 │ 2.00 │",
            "│ 1.00 │ 2.00 │\n│  │ 3 │ │",
            Code::Damaged,
            6,
            "The terminal was too narrow",
        ),
        (
            "Request Latency (ms)",
            "Request Lat…",
            Code::Damaged,
            5,
            "the shortened name `Request Lat…`",
        ),
        (
            "─┘",
            "┘",
            Code::Damaged,
            6,
            "a bottom border of 39 characters; expected 40",
        ),
        (
            "│ Request",
            "Request",
            Code::Damaged,
            5,
            "where the table of results goes on",
        ),
        (
            "Request Latency",
            "Request \u{fffd}atency",
            Code::Damaged,
            5,
            "not UTF-8",
        ),
    ];
    for (from, to, code, line, piece) in cases {
        refuse(
            NAME,
            good.replace(from, to).as_bytes(),
            code,
            &format!("{NAME}:{line}"),
            &[piece],
        );
    }
    let row: &[&str] = &["Request Latency (ms)", "1.00", "2.00"];
    let twice = table(&["Metric", "avg", "p50"], &[row, row]);
    refuse(
        NAME,
        twice,
        Code::Conflict,
        &format!("{NAME}:6: Request Latency (ms)"),
        &["a second time, the first is on line 5"],
    );
}

#[test]
fn a_log_line_between_two_rows_does_no_harm() {
    let good = table(
        &["Metric", "p50"],
        &[
            &["Request Latency (ms)", "2.00"],
            &["Inter Token Latency (ms)", "3.00"],
        ],
    );
    let mixed = good.replace("│ Inter", "03:08:10.879 WARNING  late (x.py:1)\n│ Inter");
    assert_eq!(
        value(&only(&SOURCE, NAME, mixed.as_bytes()), Q::ItlP50),
        Some(3.0)
    );
}

#[test]
fn contradicting_counts_are_refused() {
    let counts = |all: &str, good: &str, failed: Option<&str>| {
        let mut rows = vec![
            ["Completed Requests (Success + Error)", all],
            ["Request Count (requests)", good],
        ];
        rows.extend(failed.map(|failed| ["Error Request Count", failed]));
        let rows: Vec<&[&str]> = rows.iter().map(|row| row.as_slice()).collect();
        table(&["Metric", "avg"], &rows)
    };
    let place = format!("{NAME}: Completed Requests (Success + Error)");
    refuse(
        NAME,
        counts("10.00", "11.00", None).as_bytes(),
        Code::Damaged,
        &place,
        &["10 completed, 11 successful and 0 failed"],
    );
    refuse(
        NAME,
        counts("10.00", "8.00", Some("1.00")).as_bytes(),
        Code::Damaged,
        &place,
        &["10 completed, 8 successful and 1 failed"],
    );

    let log = errors_log().replace(
        "completed=64, cancelled=0, errors=47 |",
        "completed=63, cancelled=0, errors=46 |",
    );
    let title = line_of(&log, "NVIDIA AIPerf | LLM Metrics");
    refuse(
        LOG,
        log,
        Code::Damaged,
        &format!("{LOG}:{title}"),
        &["64 completed requests in the table and 63 in the line"],
    );
}

#[test]
fn two_tables_must_say_which_level_they_are() {
    let one = table(&["Metric", "p50"], &[&["Request Latency (ms)", "2.00"]]);
    refuse(
        NAME,
        one.repeat(2).as_bytes(),
        Code::Conflict,
        &format!("{NAME}:7"),
        &["a second table of results, the first is on line 1"],
    );
    let log = errors_log();
    let line = one.lines().count();
    refuse(
        NAME,
        (one + &log).as_bytes(),
        Code::Conflict,
        &format!("{NAME}:1"),
        &["several tables of results", "Keep one log for each level"],
    );
    assert_eq!(line, 6);
}

#[test]
fn error_adjusted_rows_are_never_taken() {
    let wanted: &[&str] = &["Request Latency (ms)", "2.00"];
    for label in [
        "Request Latency (error-adjusted) (ms)",
        "Request Latency (error-adjusted)",
    ] {
        let adjusted: &[&str] = &[label, "9.00"];
        for rows in [[wanted, adjusted], [adjusted, wanted]] {
            let text = table(&["Metric", "p50"], &rows);
            let level = only(&SOURCE, NAME, text.as_bytes());
            assert_eq!(value(&level, Q::RequestLatencyP50), Some(2.0), "{label}");
        }
    }
}
