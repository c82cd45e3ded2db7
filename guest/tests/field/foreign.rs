//! Files that are not what they should be are named for what they are.

use crate::support::{of_files, of_finding, refused, text};
use perfbridge_guest::fault::{Code, Sub};
use perfbridge_guest::files::MemoryTree;

/// The beginning of a raw export of perf_analyzer 2.48.
const RAW: &str = r#"{"experiments": [{"experiment": {"mode": "concurrency", "value": 4}, "requests": [{"timestamp": 1, "response_timestamps": [2, 3]}]}]}"#;

#[test]
fn a_result_of_another_tool_is_named() {
    let fault = refused(&MemoryTree::new([("profile_export.json", RAW)]));
    assert_eq!(fault.sub, Some(Sub::OnlyForeign), "{fault}");
    assert_eq!(
        fault.to_string(),
        "profile_export.json: found a result of perf_analyzer, which holds no result that is read\nSuch results are not read: give those of AIPerf or another tool that is"
    );
    let fault = refused(&MemoryTree::new([
        ("a.txt", "x"),
        ("profile_export.json", RAW),
    ]));
    assert_eq!(fault.sub, Some(Sub::NothingRecognised), "{fault}");
    let mut lines = fault.message.lines();
    assert_eq!(lines.next(), Some("found no benchmark result"));
    let found = "found: profile_export.json (a result of perf_analyzer), a.txt";
    assert_eq!(lines.next(), Some(found));
    assert!(lines.all(|line| line.len() < 120), "{fault}");
}

/// Beside results that are read it would be missed in silence.
#[test]
fn beside_usable_results_it_is_left_out_aloud() {
    let export = text(
        "02-aiperf-010-real-5090-c16/c16",
        "profile_export_aiperf.json",
    );
    let other = RAW;
    let files = [
        ("c16/profile_export_aiperf.json", export),
        ("profile_export.json", other.to_owned()),
    ];
    let document = of_files(&files).expect("read");
    let said = of_finding(&document, "RESULT_LEFT_OUT");
    assert_eq!(said.len(), 1);
    assert_eq!(
        said[0].message,
        "this is a result of perf_analyzer. It is left out"
    );
    assert_eq!(said[0].place.text().as_deref(), Some("profile_export.json"));
}

/// Under the name of an export: what was found, what the name says, what to do.
#[test]
fn what_bears_the_name_of_an_export_is_named_for_what_it_is() {
    let other = RAW;
    for (bytes, found, advice) in [
        (&b"\x1f\x8b\x08\x00\x00\x00"[..], "gzip data", "Unpack it"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive", "Unpack it"),
        (
            b"SQLite format 3\x00\x10",
            "an SQLite database",
            "give the JSON export",
        ),
        (
            b"<!DOCTYPE html>\n<html><body>404</body></html>",
            "an HTML page",
            "answered with a page",
        ),
        (
            b"bash: aiperf: command not found\n",
            "the error text of a shell",
            "run it again",
        ),
        (
            b"cat: results/x.json: No such file or directory\n",
            "the error text of a shell",
            "run it again",
        ),
        (
            b"curl: (7) Failed to connect to 127.0.0.1 port 8000\n",
            "the error text of a shell",
            "run it again",
        ),
        (
            b"Traceback (most recent call last):\n  File \"x\"\n",
            "a Python traceback",
            "run it again",
        ),
        (
            b"{\"error\": {\"code\": 404}}",
            "the error answer of a server",
            "ask it again",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
            "a pointer of Git LFS",
            "git lfs pull",
        ),
        (
            other.as_bytes(),
            "a result of perf_analyzer",
            "give those of AIPerf",
        ),
    ] {
        let fault = refused(&MemoryTree::new([(
            "aiperf-c16/profile_export_aiperf.json",
            bytes,
        )]));
        assert_eq!(fault.code, Code::NotUnderstood, "{fault}");
        let start = format!(
            "found {found}; expected AIPerf JSON export (profile_export_aiperf.json), as its name says"
        );
        assert!(fault.message.starts_with(&start), "{fault}");
        assert!(fault.message.contains(advice), "{fault}");
        assert_eq!(
            fault.place.as_deref(),
            Some("aiperf-c16/profile_export_aiperf.json")
        );
    }
}

/// A cut export is damaged and not foreign.
#[test]
fn a_cut_export_stays_damaged() {
    let export = text(
        "02-aiperf-010-real-5090-c16/c16",
        "profile_export_aiperf.json",
    );
    let cut = &export[..export.len() / 2];
    let fault = refused(&MemoryTree::new([(
        "c16/profile_export_aiperf.json",
        cut.as_bytes(),
    )]));
    assert_eq!(fault.code, Code::Damaged, "{fault}");
}
