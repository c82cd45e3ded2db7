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

/// A profile in its tool's own form beside results: what to make of it.
#[test]
fn a_profile_that_is_not_read_is_said() {
    let export = text(
        "02-aiperf-010-real-5090-c16/c16",
        "profile_export_aiperf.json",
    );
    for (name, bytes, message) in [
        (
            "run.nsys-rep",
            "NSYS\u{0}",
            "this is a report of Nsight Systems. Make its table: nsys stats -r cuda_gpu_kern_sum --format csv",
        ),
        (
            "run.sqlite",
            "SQLite format 3\u{0}",
            "this is an SQLite database. Export its tables, or give the JSON export of the run",
        ),
    ] {
        let files = [
            ("c16/profile_export_aiperf.json", export.clone()),
            (name, bytes.to_owned()),
        ];
        let document = of_files(&files).expect("read");
        let said = of_finding(&document, "PROFILE_NOT_USED");
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].message, message);
        assert_eq!(said[0].place.text().as_deref(), Some(name));
    }
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
        (b"\x04\x22\x4d\x18\x64\x40", "LZ4 data", "Unpack it"),
        (b"PAR1\x15\x04\x15", "a Parquet table", "Export its tables"),
        (b"ARROW1\x00\x00", "an Arrow table", "Export its tables"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "Export its tables"),
        (b"\x93NUMPY\x01\x00", "a NumPy array", "Export its tables"),
        (b"\x80\x04\x95\x10", "a Python pickle", "Export its tables"),
        (b"\xff\xd8\xff\xe0", "a JPEG image", "Copy the file again"),
        (&[0; 512], "zero bytes and no text", "Copy the file again"),
        (
            b"<Error><Code>NoSuchKey</Code></Error>",
            "XML",
            "Copy the file again",
        ),
        (
            b"{\"object\": \"error\", \"message\": \"no such model\", \"type\": \"NotFoundError\", \"param\": null, \"code\": 404}",
            "the error answer of a server",
            "ask it again",
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

/// What shells, schedulers and proxies of other makes say where a file was to be.
#[test]
fn the_error_texts_of_other_shells() {
    for text in [
        "zsh: command not found: aiperf\n",
        "sh: 1: aiperf: not found\n",
        "Killed\n",
        "Segmentation fault (core dumped)\n",
        "tee: profile_export_aiperf.json: No space left on device\n",
        "bash: fork: retry: Resource temporarily unavailable\n",
        "Error response from daemon: No such container: bench\n",
        "An error occurred (AccessDenied) when calling the GetObject operation: Access Denied\n",
        "srun: error: node1: task 0: Out Of Memory\n",
        "slurmstepd: error: *** STEP 1.0 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***\n",
        "/usr/bin/python3: No module named aiperf\n",
        "jq: parse error: Invalid numeric literal at line 1, column 5\n",
        "upstream connect error or disconnect/reset before headers. reset reason: overflow",
        "no healthy upstream",
    ] {
        let fault = refused(&MemoryTree::new([("profile_export_aiperf.json", text)]));
        let start = "found the error text of a shell; expected AIPerf JSON export";
        assert!(fault.message.starts_with(start), "{text}: {fault}");
    }
}

/// A tar archive says what it is 257 bytes behind its beginning.
#[test]
fn an_archive_under_the_name_of_what_is_in_it() {
    let mut tar = vec![0; 512];
    tar[..10].copy_from_slice(b"aiperf-c16");
    tar[257..262].copy_from_slice(b"ustar");
    let fault = refused(&MemoryTree::new([("profile_export_aiperf.json", tar)]));
    assert!(fault.message.starts_with("found a tar archive;"), "{fault}");
}

/// What AIPerf exports of the server was there once: something else in its place is no missing scrape.
#[test]
fn what_bears_the_name_of_a_server_export() {
    let export = text(
        "02-aiperf-010-real-5090-c16/c16",
        "profile_export_aiperf.json",
    );
    for (name, title) in [
        (
            "server_metrics_export.json",
            "AIPerf server metrics (`server_metrics_export.json`",
        ),
        (
            "server_metrics_export.csv",
            "AIPerf server metrics (`server_metrics_export.csv`",
        ),
    ] {
        for (bytes, found) in [
            (&b"<html><body>502</body></html>"[..], "an HTML page"),
            (b"\x1f\x8b\x08\x00", "gzip data"),
            (
                b"curl: (7) Failed to connect\n",
                "the error text of a shell",
            ),
        ] {
            let path = format!("c16/{name}");
            let fault = refused(&MemoryTree::new([
                ("c16/profile_export_aiperf.json", export.as_bytes()),
                (path.as_str(), bytes),
            ]));
            let start = format!("found {found}; expected {title}");
            assert!(fault.message.starts_with(&start), "{fault}");
            assert_eq!(fault.place.as_deref(), Some(path.as_str()));
        }
    }
}

/// Of what is not known by name, the first words are told, and that there are none.
#[test]
fn any_other_text_in_place_of_json_is_quoted() {
    for (text, message) in [
        (
            "metrics:\n  ttft: 1\n",
            "found text that is not JSON and begins with `metrics:`; expected a JSON value",
        ),
        (
            " \n",
            "found an empty file; expected a JSON value. Copy it again from the run",
        ),
        (
            "",
            "found an empty file; expected a JSON value. Copy it again from the run",
        ),
    ] {
        let fault = refused(&MemoryTree::new([("profile_export_aiperf.json", text)]));
        assert_eq!(fault.message, message);
        assert_eq!(fault.code, Code::Damaged);
    }
}

/// Without its mark too, and under any name.
#[test]
fn text_of_windows_is_named() {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let export = wide("{\"input_config\": {}}");
    let fault = refused(&MemoryTree::new([("profile_export_aiperf.json", export)]));
    assert!(fault.message.starts_with("found text in UTF-16"), "{fault}");
    let log = wide("\u{feff}============ Serving Benchmark Result ============\n");
    let fault = refused(&MemoryTree::new([("bench.log", log)]));
    assert_eq!(fault.sub, Some(Sub::OnlyForeign));
    assert!(
        fault
            .message
            .contains("Convert it: iconv -f UTF-16 -t UTF-8"),
        "{fault}"
    );
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
