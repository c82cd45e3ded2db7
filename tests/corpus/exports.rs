//! The numbers of every level of every bundle in the corpus equal AIPerf's own export to the digit.

use perfbridge_guest::document::{self, build::Options};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::sources;
use serde_json::Value;
use std::path::Path;

/// Our name, AIPerf's metric, its statistic.
const NUMBERS: [(&str, &str, &str); 11] = [
    ("throughput_toks_per_s", "output_token_throughput", "avg"),
    ("ttft_p50_ms", "time_to_first_token", "p50"),
    ("ttft_p95_ms", "time_to_first_token", "p95"),
    ("ttft_p99_ms", "time_to_first_token", "p99"),
    ("itl_p50_ms", "inter_token_latency", "p50"),
    ("tps_per_user", "output_token_throughput_per_user", "avg"),
    ("request_latency_p50_ms", "request_latency", "p50"),
    ("errors", "error_request_count", "avg"),
    ("requests", "completed_request_count", "avg"),
    ("isl_mean", "input_sequence_length", "avg"),
    ("osl_mean", "output_sequence_length", "avg"),
];

fn exports(bundle: &Path) -> Vec<(String, Value)> {
    let folders = std::fs::read_dir(bundle).expect("a bundle");
    let mut found = Vec::new();
    for folder in folders {
        let folder = folder.expect("an entry").path();
        let name = folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let level = name
            .as_deref()
            .and_then(|name| name.strip_prefix("aiperf-c"))
            .map(str::to_owned);
        let file = folder.join("profile_export_aiperf.json");
        if let (Some(level), Ok(text)) = (level, std::fs::read_to_string(file)) {
            found.push((level, serde_json::from_str(&text).expect("JSON")));
        }
    }
    found
}

/// Requests that were cancelled because the run was told to cancel some: neither requests nor errors.
fn ordered(export: &Value) -> f64 {
    let phases = export["input_config"]["phases"].as_array();
    let is_ordered = |phase: &Value| phase["cancellation"]["rate"].as_f64() > Some(0.0);
    if !phases.is_some_and(|phases| phases.iter().any(is_ordered)) {
        return 0.0;
    }
    let summary = export["error_summary"].as_array().into_iter().flatten();
    summary
        .filter(|one| one["error_details"]["type"] == "RequestCancellationError")
        .filter_map(|one| one["count"].as_f64())
        .sum()
}

#[test]
fn numbers_equal_the_tools_own_to_the_digit() {
    let bundles = super::case::folder().join("../bundles");
    let (mut compared, mut levels) = (0, 0);
    for bundle in std::fs::read_dir(bundles).expect("tests/data/bundles") {
        let bundle = bundle.expect("an entry").path();
        let exports = if bundle.is_dir() {
            exports(&bundle)
        } else {
            vec![]
        };
        if exports.is_empty() {
            continue;
        }
        let run = sources::read_bundle(&NativeTree::new(&bundle))
            .unwrap_or_else(|fault| panic!("{fault}"));
        let document = document::build(&run, None, &Options::default())
            .unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(
            document.cells().count(),
            exports.len(),
            "{}",
            bundle.display()
        );
        for (level, export) in exports {
            levels += 1;
            for (name, metric, statistic) in NUMBERS {
                let expected = match (name, &export[metric][statistic]) {
                    // AIPerf leaves the metric out when no request failed; what it does not count is unknown.
                    ("errors", Value::Null) if export["error_summary"].is_array() => "0".to_owned(),
                    ("errors" | "requests", Value::Number(number)) => {
                        let number = number.as_f64().expect("a count");
                        (number - ordered(&export)).to_string()
                    }
                    (_, number) => number.to_string(),
                };
                let found = document.map["metrics"][&level][name].to_string();
                let whole = |text: &str| text.strip_suffix(".0").unwrap_or(text).to_owned();
                assert_eq!(
                    whole(&found),
                    whole(&expected),
                    "{} c{level} {name}",
                    bundle.display()
                );
                compared += 1;
            }
        }
    }
    assert!(
        levels >= 50 && compared == levels * NUMBERS.len(),
        "{levels} levels, {compared} numbers"
    );
}
