//! Every number of the real samples is the tool's own.

use crate::support::{cell, of_files, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// `tests/data/tools/expected.json` was taken from the files by literal keys, without this code.
#[test]
fn numbers_of_real_files_are_the_tools_own() {
    let expected: Vec<BTreeMap<String, Value>> =
        serde_json::from_str(&text("expected.json")).expect("JSON");
    assert!(expected.len() >= 20);
    for entry in &expected {
        let file = entry["file"].as_str().expect("a file");
        // A level of some tools is several files.
        let files = entry.get("files").and_then(Value::as_array);
        let files: Vec<&str> = match files {
            Some(files) => files.iter().filter_map(Value::as_str).collect(),
            None => vec![file],
        };
        let files: Vec<(&str, String)> = files.iter().map(|file| (*file, text(file))).collect();
        let document = of_files(&files).unwrap_or_else(|fault| panic!("{fault}"));
        if let Some(model) = entry["model"].as_str() {
            assert_eq!(document.map["model"], model, "{file}");
        }
        let found = cell(&document, entry["place"].as_str().expect("a place"));
        for (name, expected) in entry {
            if ["file", "files", "entry", "place", "model"].contains(&name.as_str()) {
                continue;
            }
            match (expected.as_f64(), found[name].as_f64()) {
                (None, None) => {}
                (Some(expected), Some(found))
                    if (found - expected).abs() <= 1e-13 * expected.abs() => {}
                _ => panic!(
                    "{file} {}: {name}: {}, expected {expected}",
                    entry["place"], found[name]
                ),
            }
        }
    }
}

/// Which quantity each number is, by tool.
#[test]
fn definitions_are_those_of_the_tool() {
    for (file, itl, counted) in [
        (
            "vllm-bench-0.10.2/levels/c4.json",
            "tpot-per-request",
            "server-usage",
        ),
        (
            "vllm-bench-0.32.0/append/all-levels.json",
            "tpot-per-request",
            "server-usage",
        ),
        (
            "sglang-0.5.23/levels/bench.jsonl",
            "tpot-per-request",
            "server-usage",
        ),
        (
            "guidellm-0.5.4/benchmarks.json",
            "tpot-by-token",
            "server-usage",
        ),
        (
            "guidellm-0.8.1/benchmarks.json",
            "tpot-by-token",
            "server-usage",
        ),
    ] {
        let document = of_files(&[(file, text(file))]).expect("read");
        let definitions = &document.map["definitions"];
        assert_eq!(definitions["itl_p50_ms"], itl, "{file}");
        assert_eq!(definitions["output_tokens"], counted, "{file}");
        assert_eq!(
            definitions["request_latency_p50_ms"], "stream-end",
            "{file}"
        );
    }
}
