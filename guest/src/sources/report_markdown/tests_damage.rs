//! Reports that were cut or hold what nobody can read.

use super::SOURCE;
use super::tests::report;
use crate::fault::Code;
use crate::sources::text_samples::{self, bad, cut, sample};

const NAME: &str = "perf-bench-report-2026-11-24.md";

fn refuse(text: impl AsRef<[u8]>, code: Code, place: &str, pieces: &[&str]) {
    text_samples::refuse(&SOURCE, NAME, text, code, &format!("{NAME}{place}"), pieces);
}

#[test]
fn a_cut_report_is_refused_or_right() {
    let bytes = sample("errors-1/perf-bench-report-2026-11-24.md");
    let (refused, accepted) = cut(&SOURCE, NAME, &bytes, 0..bytes.len());
    // Whole rows are right numbers: they are read, and the levels below them are missing.
    assert!(
        refused > 900 && accepted > 100,
        "{refused} refused, {accepted} read"
    );
    let two = "## a\n\n| Concurrency | Errors |\n|---|---|\n| 16 | 12 |\n\n## b\n- Served model name: b\n\nConcurrency | Errors\n---|---\n16 | 34\n";
    let (refused, accepted) = cut(&SOURCE, NAME, two.as_bytes(), 0..two.len());
    assert!(
        refused > 80 && accepted > 10,
        "{refused} refused, {accepted} read"
    );
}

#[test]
fn a_cut_says_where() {
    refuse(
        "",
        Code::Damaged,
        "",
        &["an empty file", "a `Concurrency` column"],
    );
    refuse(
        "# Report\n",
        Code::Damaged,
        "",
        &["no table of results", "take it out of the bundle"],
    );
    let whole = report("| Concurrency | Errors |", "| 16 | 12 |");
    let cells = whole.replace("| 16 | 12 |", "| 16 |");
    refuse(
        cells,
        Code::Damaged,
        ":9: Errors",
        &["found 1 cells in this row; expected 2"],
    );
    let open = whole.replace("| 16 | 12 |", "| 16 | 1");
    refuse(
        open,
        Code::Damaged,
        ":9: Errors",
        &["does not end with `|`", "may have been cut"],
    );
    let bare = "Concurrency | Errors\n---|---\n16 | 1";
    refuse(
        bare,
        Code::Damaged,
        ":3: Errors",
        &["does not end with `|`"],
    );
    let header = whole.split("| 16").next().unwrap_or_default();
    refuse(
        header,
        Code::Damaged,
        ":7",
        &["the header of a table of results without rows"],
    );
    let second = whole.clone() + "\n## b\n- Served model name: b\n";
    refuse(
        second,
        Code::Damaged,
        ":12: Served model name",
        &["the section `b` without a table of results"],
    );
    let third = whole
        + "\n## b\n- Model path: ./b\n\n## c\n- Model: c\n\n| Concurrency | Errors |\n|---|---|\n| 1 | 0 |\n";
    refuse(
        third,
        Code::Damaged,
        ":12: Model path",
        &["complete it or take the section out"],
    );
}

#[test]
fn bad_cells_are_refused_with_file_line_and_column() {
    let one = |cell: &str| {
        report(
            "| Concurrency | TTFT p50 (ms) | Errors |",
            &format!("| 16 | {cell} | 0 |"),
        )
    };
    for (cell, expected) in [
        ("nan", "a finite number"),
        ("Infinity", "a finite number"),
        ("-3.0", "a number that is not negative"),
        ("~95", "a number such as"),
        ("336.4 ms", "a number such as"),
        ("1,46.0", "a number such as"),
    ] {
        refuse(
            one(cell),
            Code::BadValue,
            ":9: TTFT p50 (ms)",
            &[
                expected,
                &format!("found `{cell}`"),
                "`-` where nothing was measured",
            ],
        );
    }
    let errors = report("| Concurrency | Errors |", "| 16 | 1.5 |");
    refuse(errors, Code::BadValue, ":9: Errors", &["a whole number"]);
    for level in ["", "-", "0", "1.5", "all", "-4", "99999999999"] {
        let text = report("| Concurrency | Errors |", &format!("| {level} | 0 |"));
        refuse(
            text,
            Code::BadValue,
            ":9: Concurrency",
            &["a concurrency such as `16`"],
        );
    }
    let counts = report("| Concurrency | Errors | Requests |", "| 16 | 9 | 8 |");
    refuse(
        counts,
        Code::Damaged,
        ":9",
        &["found 9 errors in 8 requests"],
    );
}

#[test]
fn bad_headers_are_refused() {
    let with = |header: &str| report(&format!("| Concurrency | {header} |"), "| 16 | 1 |");
    for (header, found, expected) in [
        ("TTFT p50", "no unit", "`(ms)` or `(s)`"),
        ("ITL p50 (us)", "the unit `us`", "`(ms)` or `(s)`"),
        ("Throughput", "no unit", "`(tok/s)`"),
        ("Throughput (ktok/s)", "the unit `ktok/s`", "`(tok/s)`"),
        ("tok/s/user (k)", "the unit `k`", "`(tok/s/user)`"),
        ("ISL (words)", "the unit `words`", "`(tokens)`"),
        ("Duration (min)", "the unit `min`", "`(s)`"),
        ("Errors (%)", "the unit `%`", "a count"),
    ] {
        refuse(
            with(header),
            Code::BadValue,
            &format!(":7: {header}"),
            &[found, expected, "Write the unit into the header"],
        );
    }
    let twice = report(
        "| Concurrency | TTFT p50 (ms) | Median TTFT (s) |",
        "| 1 | 1 | 1 |",
    );
    refuse(
        twice,
        Code::Conflict,
        ":7",
        &["`TTFT p50 (ms)` and `Median TTFT (s)`", "the same quantity"],
    );
    let none = report("| Users | TTFT p50 (ms) |", "| 1 | 1 |");
    refuse(
        none,
        Code::Damaged,
        ":7",
        &["`Users`, `TTFT p50 (ms)`", "no column `Concurrency`"],
    );
}

#[test]
fn a_level_stands_once() {
    let rows = report("| Concurrency | Errors |", "| 16 | 1 |\n| 16 | 1 |");
    refuse(
        rows,
        Code::Conflict,
        ":10",
        &["a second row for concurrency 16 of `kimi-k25`, the first is on line 9"],
    );
    let nameless = "| Concurrency | Errors |\n|---|---|\n| 16 | - |\n| 16 | - |\n";
    refuse(nameless, Code::Conflict, ":4", &["of `this report`"]);
}

#[test]
fn a_size_is_a_whole_number() {
    for value in ["eight", "8 (one node)", "1.5", "-8", "99999999999999999999"] {
        let text = report("| Concurrency | Errors |", "| 16 | 1 |")
            .replace("TP: 8", &format!("TP: {value}"));
        refuse(
            text,
            Code::BadValue,
            ":5: TP",
            &[&format!("found `{value}`"), "a whole number such as `8`"],
        );
    }
}

#[test]
fn hostile_bytes_do_no_harm() {
    let mut bytes = report("| Concurrency | Errors |", "| 16 | 1 |").into_bytes();
    bytes[12] = 0xff;
    refuse(&bytes, Code::Damaged, ":3", &["not UTF-8"]);
    let wide = report("| Concurrency | Errors |", &"| 1 ".repeat(1_000_000));
    refuse(wide, Code::Damaged, ":9: Errors", &["found 1000000 cells"]);
    let many = "## m\n".repeat(200_000) + &"|".repeat(100_000);
    assert_eq!(bad(&SOURCE, NAME, many.as_bytes()).code, Code::Damaged);
    let items = "- a: b\n".repeat(200_000);
    assert_eq!(bad(&SOURCE, NAME, items.as_bytes()).code, Code::Damaged);
}
