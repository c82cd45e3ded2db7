//! What AIPerf 0.13.0 itself wrote of several runs, held against AIPerf's own summaries of them.

use crate::support::{Home, bundle};
use serde_json::Value;
use std::path::Path;

/// Our name, AIPerf's metric, its statistic.
const NUMBERS: [(&str, &str, &str); 7] = [
    ("throughput_toks_per_s", "output_token_throughput", "avg"),
    ("tps_per_user", "output_token_throughput_per_user", "avg"),
    ("ttft_p50_ms", "time_to_first_token", "p50"),
    ("ttft_p95_ms", "time_to_first_token", "p95"),
    ("ttft_p99_ms", "time_to_first_token", "p99"),
    ("itl_p50_ms", "inter_token_latency", "p50"),
    ("request_latency_p50_ms", "request_latency", "p50"),
];

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}

fn near(found: &Value, expected: &Value, what: &str) {
    let [found, expected] = [found, expected].map(|value| value.as_f64().expect(what));
    let sums_in_another_order = 1e-9 * expected.abs();
    assert!(
        (found - expected).abs() <= sums_in_another_order,
        "{what}: {found} {expected}"
    );
}

/// Mean and standard deviation over the runs are those of AIPerf's `aggregate`.
fn assert_as_summarised(document: &Value, level: u32, runs: u64, summary: &Path) {
    let aggregate = read(summary);
    assert_eq!(document["trials"]["n"], runs);
    assert_eq!(aggregate["metadata"]["num_profile_runs"], runs);
    for (name, metric, statistic) in NUMBERS {
        let found = &document["trials"]["summary"][format!("metrics.{level}.{name}")];
        let expected = &aggregate["metrics"][format!("{metric}_{statistic}")];
        assert_eq!(found["n"], runs, "{name}");
        near(&found["mean"], &expected["mean"], name);
        near(&found["std"], &expected["std"], name);
    }
}

#[test]
fn runs_of_one_configuration() {
    let runs = bundle("aiperf-runs");
    let document = Home::new().json(&["ingest", "--source", &runs]);
    let summary = "aggregate/profile_export_aiperf_aggregate.json";
    assert_as_summarised(&document, 4, 3, &Path::new(&runs).join(summary));
}

#[test]
fn a_list_of_concurrencies_repeated_as_a_whole_and_value_by_value() {
    for (name, summaries) in [
        ("aiperf-sweep-runs", "aggregate/concurrency_LEVEL"),
        ("aiperf-sweep-each", "concurrency_LEVEL/aggregate"),
    ] {
        let runs = bundle(name);
        let document = Home::new().json(&["ingest", "--source", &runs]);
        for level in [4, 16] {
            let folder = summaries.replace("LEVEL", &level.to_string());
            let summary = Path::new(&runs).join(folder);
            let summary = summary.join("profile_export_aiperf_aggregate.json");
            assert_as_summarised(&document, level, 2, &summary);
        }
    }
}

/// Beside the results of each value stand `logs`, and the log of the whole command with a table for each value.
#[test]
fn a_list_of_concurrencies_with_its_console_log() {
    let home = Home::new();
    let runs = bundle("aiperf-sweep");
    let document = home.json(&["ingest", "--source", &runs]);
    let log = std::fs::read(Path::new(&runs).join("aiperf.log")).expect("a log");
    home.write("log/aiperf.log", log);
    let of_log = home.json(&["ingest", "--source", &home.text("log")]);
    for level in ["1", "4", "16"] {
        let folder = Path::new(&runs).join(format!("concurrency_{level}"));
        let export = read(&folder.join("profile_export_aiperf.json"));
        for (name, metric, statistic) in NUMBERS {
            let expected = &export[metric][statistic];
            assert_eq!(
                &document["metrics"][level][name], expected,
                "{level} {name}"
            );
            // The console has no p95, and two decimals.
            let printed = &of_log["metrics"][level][name];
            if statistic != "p95" {
                let apart = printed.as_f64().expect(name) - expected.as_f64().expect(name);
                assert!(
                    apart.abs() <= 0.005 + 1e-9,
                    "{level} {name}: {printed} {expected}"
                );
            }
        }
    }
    assert_eq!(
        document["metrics"].as_object().map(|all| all.len()),
        Some(3)
    );
    assert_eq!(document["findings"], serde_json::json!([]));
}
