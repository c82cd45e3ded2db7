//! Every number of the real samples is the tool's own.

use crate::support::{cell, of_files, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// `tests/data/tools/expected.json` was taken from the files by literal keys, without this code.
#[test]
fn numbers_of_real_files_are_the_tools_own() {
    let expected: Vec<BTreeMap<String, Value>> =
        serde_json::from_str(&text("expected.json")).expect("JSON");
    assert!(expected.len() >= 60, "{}", expected.len());
    for entry in &expected {
        let file = entry["file"].as_str().expect("a file");
        // A level of some tools is several files.
        let files = entry.get("files").and_then(Value::as_array);
        let files: Vec<&str> = match files {
            Some(files) => files.iter().filter_map(Value::as_str).collect(),
            None => vec![file],
        };
        let below = |file: &'_ str| file.trim_start_matches("../").to_owned();
        let files: Vec<(String, String)> =
            files.iter().map(|file| (below(file), text(file))).collect();
        let files: Vec<(&str, &String)> = files
            .iter()
            .map(|(file, text)| (file.as_str(), text))
            .collect();
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

/// Each tool has a row for its oldest shape and one for its newest; of LLMPerf there is one shape, met by two people.
#[test]
fn the_oldest_and_the_newest_shape_have_rows() {
    let rows: Vec<BTreeMap<String, Value>> =
        serde_json::from_str(&text("expected.json")).expect("JSON");
    for (tool, oldest, newest) in [
        (
            "AIPerf",
            "01-aiperf-02-records-wrapper",
            "27-aiperf-15-invalid-submission",
        ),
        (
            "AIPerf's sums",
            "aiperf-0.12.0/concurrency_4",
            "aiperf-0.12.0/profile_export_aiperf_sweep",
        ),
        ("vLLM", "vllm-bench-0.6.3", "vllm-bench-0.32.0"),
        (
            "SGLang",
            "30-sglang-infinity-and-append/rate-5",
            "sglang-0.5.23",
        ),
        ("GuideLLM", "guidellm-0.3.1", "guidellm-0.8.1"),
        ("GenAI-Perf", "37-genai-perf-json", "genai-perf-0.0.16"),
        ("trtllm-bench", "trtllm-bench-0.18", "38-trtllm-bench-gb10"),
        (
            "inference-perf",
            "inference-perf-0.1",
            "inference-perf-0.7.0",
        ),
        ("llm-d", "llm-d-0.1", "llm-d-0.2.1"),
        ("InferenceX", "inferencex-2025", "inferencex-2026"),
        ("LLMPerf", "34-llmperf-summary-strings", "llmperf-f1d6bed"),
        ("evalscope", "evalscope-0.15", "evalscope-1.14.1"),
    ] {
        for shape in [oldest, newest] {
            let of = |row: &&BTreeMap<String, Value>| {
                row["file"]
                    .as_str()
                    .is_some_and(|file| file.contains(shape))
            };
            assert!(rows.iter().any(|row| of(&row)), "{tool}: {shape}");
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
