//! What a reader of AIPerf's files can take for something it is not. Each file here holds the wrong number beside the right
//! one. `tests/README.md` says where the other traps are tested.

use crate::support::{cell, findings, of_files, places};
use perfbridge_guest::document::Document;
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::read_text;
use serde_json::{Value, json};

const EXPORT: &str = "aiperf-c4/profile_export_aiperf.json";

fn without(value: &mut Value, key: &str) {
    value.as_object_mut().expect("an object").shift_remove(key);
}

fn data(path: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data");
    read_text(&NativeTree::new(root), path).expect("a sample")
}

/// A real export of AIPerf at the concurrency 4, changed.
fn aiperf_with(change: impl FnOnce(&mut Value)) -> String {
    let mut export =
        serde_json::from_str(&data(&format!("bundles/base-1/{EXPORT}"))).expect("JSON");
    change(&mut export);
    export.to_string()
}

fn aiperf(change: impl FnOnce(&mut Value)) -> Document {
    of_files(&[(EXPORT, aiperf_with(change))]).unwrap_or_else(|fault| panic!("{fault}"))
}

/// AIPerf's ITL is one mean gap a request; the gaps between chunks have a name of their own and never stand in.
#[test]
fn the_itl_of_aiperf_is_no_gap_between_chunks() {
    let gaps = |export: &mut Value| {
        export["inter_chunk_latency"] =
            json!({"unit": "ms", "avg": 77.0, "p50": 70.0, "p75": 80.0});
    };
    let made = aiperf(|export| {
        export["inter_token_latency"] = json!({"unit": "ms", "avg": 12.5, "p50": 11.25});
        gaps(export);
    });
    assert_eq!(cell(&made, "4")["itl_p50_ms"], 11.25);
    assert_eq!(cell(&made, "4")["itl_mean_ms"], 12.5);
    assert_eq!(made.map["definitions"]["itl_p50_ms"], "tpot-per-request");
    let made = aiperf(|export| {
        without(export, "inter_token_latency");
        gaps(export);
    });
    assert_eq!(cell(&made, "4")["itl_p50_ms"], Value::Null);
    assert_eq!(cell(&made, "4")["itl_mean_ms"], Value::Null);
}

/// A record of AIPerf of a request with this latency, ITL and speed, or of one that failed.
fn record(at: u64, latency: f64, itl: f64, failed: bool) -> String {
    let start = 1_795_000_000_000_000_000 + at * 1_000_000_000;
    let end = start + (latency * 1e6) as u64;
    let metadata =
        json!({"benchmark_phase": "profiling", "request_start_ns": start, "request_end_ns": end});
    let stated = |value: f64, unit: &str| json!({"value": value, "unit": unit});
    let mut metrics = json!({"request_latency": stated(latency, "ms")});
    let mut error = json!({"code": 503, "type": "HTTPError", "message": "busy"});
    if !failed {
        metrics["time_to_first_token"] = stated(50.0, "ms");
        metrics["inter_token_latency"] = stated(itl, "ms");
        metrics["output_token_throughput_per_user"] = stated(1000.0 / itl, "tokens/sec/user");
        metrics["output_sequence_length"] = stated(32.0, "tokens");
        error = Value::Null;
    }
    json!({"metadata": metadata, "metrics": metrics, "error": error}).to_string() + "\n"
}

/// 10 and 40 ms a token are 100 and 25 tokens/s, 62.5 on average; 1000 over the mean of 25 ms is 40.
#[test]
fn the_speed_of_a_user_is_a_mean_of_speeds() {
    let records = [
        record(0, 360.0, 10.0, false),
        record(1, 1290.0, 40.0, false),
    ]
    .concat();
    let made = of_files(&[("aiperf-c4/profile_export.jsonl", records)]).expect("read");
    assert_eq!(cell(&made, "4")["itl_mean_ms"], 25.0);
    assert_eq!(cell(&made, "4")["tps_per_user"], 62.5);
    // An export that does not state it has none.
    let made = aiperf(|export| without(export, "output_token_throughput_per_user"));
    assert!(cell(&made, "4")["itl_p50_ms"].is_number());
    assert_eq!(cell(&made, "4")["tps_per_user"], Value::Null);
}

/// A server that refuses answers at once: of 300, 400 and 500 ms the median is 400, with three refusals it would be 150.25.
#[test]
fn refused_requests_are_errors_and_no_fast_ones() {
    let mut records = Vec::new();
    for (at, latency) in [300.0, 400.0, 500.0].into_iter().enumerate() {
        records.push(record(2 * at as u64, latency, 10.0, false));
        records.push(record(2 * at as u64 + 1, 0.5, 0.0, true));
    }
    let made = of_files(&[("aiperf-c4/profile_export.jsonl", records.concat())]).expect("read");
    let level = cell(&made, "4");
    assert_eq!(level["request_latency_p50_ms"], 400.0);
    assert_eq!(level["request_latency_mean_ms"], 400.0);
    assert_eq!(
        (&level["errors"], &level["requests"]),
        (&json!(3), &json!(6))
    );
}

/// Three kinds of error, 9 of them: the length of the list is no count.
#[test]
fn kinds_of_errors_are_not_errors() {
    let made = aiperf(|export| {
        without(export, "error_request_count");
        without(export, "completed_request_count");
        export["request_count"] = json!({"unit": "requests", "avg": 23.0});
        let kind = |code: u64, count: u64| json!({"error_details": {"code": code, "type": "x", "message": "m"}, "count": count});
        export["error_summary"] = json!([kind(500, 4), kind(503, 3), kind(429, 2)]);
    });
    assert_eq!(cell(&made, "4")["errors"], 9);
    assert_eq!(cell(&made, "4")["requests"], 32);
}

/// The console has no column for it; the export of the same run has.
#[test]
fn the_console_of_aiperf_has_no_p95() {
    let made = of_files(&[("aiperf-c16.log", data("text/errors-1/aiperf-c16.log"))]).expect("read");
    let level = cell(&made, "16");
    assert_eq!(level["ttft_p95_ms"], Value::Null);
    for name in ["ttft_p50_ms", "ttft_p99_ms", "ttft_mean_ms", "itl_p50_ms"] {
        assert!(level[name].is_number(), "{name}");
    }
    // With thousands between commas.
    assert!(level["request_latency_p50_ms"].as_f64() > Some(1000.0));
}

/// Reasoning counts as output; the tokens of the answer alone, and those of the reasoning, are other numbers.
#[test]
fn output_lengths_of_aiperf_hold_the_reasoning() {
    let made = aiperf(|export| {
        export["output_sequence_length"] = json!({"unit": "tokens", "avg": 300.0});
        export["output_token_count"] = json!({"unit": "tokens", "avg": 80.0});
        export["reasoning_token_count"] = json!({"unit": "tokens", "avg": 220.0});
    });
    assert_eq!(cell(&made, "4")["osl_mean"], 300.0);
}

/// What each schema adds changes no number, least of all the warm-up, which has metrics of the same names.
#[test]
fn each_schema_of_aiperf_gives_the_same_numbers() {
    let metrics = aiperf(|_| ()).map["metrics"].clone();
    let slow = json!({"unit": "ms", "avg": 9000.0, "p50": 9000.0, "p95": 9000.0, "p99": 9000.0, "count": 2, "sum": 18000.0});
    let same = |change: &dyn Fn(&mut Value)| {
        assert_eq!(aiperf(change).map["metrics"], metrics);
    };
    same(&|export| without(export, "schema_version"));
    for version in ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6"] {
        same(&|export| {
            export["schema_version"] = json!(version);
            export["warmup_metrics"] =
                json!({"time_to_first_token": slow, "request_latency": slow});
            export["full_time_to_first_token"] = slow.clone();
            export["full_request_latency"] = slow.clone();
            export["nvidia_power_usage"] = json!({"unit": "W", "avg": 400.0});
            export["sweep_id"] = json!("s");
        });
    }
}

/// The list of phases beside them is no result, and what their folders repeat is read once.
#[test]
fn a_run_of_several_phases_is_one_place() {
    let slow = aiperf_with(|export| export["time_to_first_token"]["p50"] = json!(9000.0));
    let manifest = json!({"phases": [{"name": "warmup", "path": "phases/warmup"}, {"name": "profiling", "path": "phases/profiling"}]});
    let below = |phase: &str| format!("aiperf-c4/phases/{phase}/profile_export_aiperf.json");
    let files = [
        (EXPORT.to_owned(), aiperf_with(|_| ())),
        (below("warmup"), slow),
        (below("profiling"), aiperf_with(|_| ())),
        (
            "aiperf-c4/phase_manifest.json".to_owned(),
            manifest.to_string(),
        ),
    ];
    let files: Vec<(&str, &String)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text))
        .collect();
    let made = of_files(&files).expect("read");
    assert_eq!(places(&made), ["4"]);
    assert_eq!(made.map["metrics"]["4"]["ttft_p50_ms"], 269.63637);
    assert_eq!(findings(&made), []);
}

/// Each metric states its own unit, and two of one file need not have the same.
#[test]
fn the_unit_of_a_metric_is_that_beside_it() {
    let made = aiperf(|export| {
        export["time_to_first_token"] =
            json!({"unit": "sec", "avg": 0.5, "p50": 0.25, "p95": 0.75});
        export["request_latency"] = json!({"unit": "ms", "avg": 700.0, "p50": 650.5});
    });
    for (name, expected) in [
        ("ttft_mean_ms", 500.0),
        ("ttft_p50_ms", 250.0),
        ("ttft_p95_ms", 750.0),
        ("request_latency_p50_ms", 650.5),
    ] {
        assert_eq!(cell(&made, "4")[name], expected, "{name}");
    }
}

/// The command of a run of several concurrencies lists them all; where the log ends, the path of the export says which.
#[test]
fn the_end_of_a_console_names_its_place() {
    let log = data("text/errors-1/aiperf-c16.log");
    let (before, end) = log.split_once("JSON Export:").expect("an end");
    let (_, after) = end.split_once("Server Metrics").expect("the next line");
    let of = |listed: &str, folder: &str| {
        let before = before.replace("--concurrency 16", &format!("--concurrency {listed}"));
        let path = format!("/bench/{folder}/profile_export_aiperf.json");
        let log = format!("{before}JSON Export: {path}\nServer Metrics{after}");
        of_files(&[("run.log", log)])
    };
    assert_eq!(places(&of("4,16", "concurrency_4").expect("read")), ["4"]);
    assert_eq!(places(&of("4,16", "concurrency_16").expect("read")), ["16"]);
    let fault = of("4,16", "concurrency_8").map(|made| made.to_json());
    let fault = fault.expect_err("a place that is not listed");
    assert!(
        fault.message.starts_with("cannot tell the concurrency"),
        "{fault}"
    );
}
