//! AIPerf's summaries of several runs, where the runs themselves are not there. Those of 0.12 are real; a summary of
//! several trials is made of one by the sources of 0.13.

use crate::support::{cell, of_files, of_text, places, refused, text};
use serde_json::{Value, json};

fn sweep() -> Value {
    let sweep = text("aiperf-0.12.0/profile_export_aiperf_sweep.json");
    serde_json::from_str(&sweep).expect("JSON")
}

fn aggregate() -> Value {
    let path = "aiperf-0.12.0/concurrency_4/profile_export_aiperf_aggregate.json";
    serde_json::from_str(&text(path)).expect("JSON")
}

/// Each number is the mean of the runs; a mean of counts is no count.
#[test]
fn a_summary_of_several_trials_is_their_mean() {
    let mut sweep = sweep();
    sweep["num_profile_runs"] = json!(6);
    for one in sweep["per_combination_metrics"]
        .as_array_mut()
        .expect("a list")
    {
        let metric = |mean: f64, unit: &str| json!({"mean": mean, "std": 3.0, "min": 1.0, "max": 9e3, "cv": 0.1, "ci_low": -2.0, "ci_high": 9e3, "unit": unit});
        one["metrics"] = json!({
            "output_token_throughput_avg": metric(65.5, "tokens/sec"),
            "time_to_first_token_avg": metric(90.25, "ms"), "time_to_first_token_p50": metric(56.5, "ms"),
            "time_to_first_token_p99": metric(0.25, "sec"), "request_latency_p50": metric(480.0, "ms"),
            "request_count_avg": metric(11.5, "requests"), "error_request_count_avg": metric(0.5, "requests")
        });
    }
    let made = of_text(&sweep.to_string());
    assert_eq!(places(&made), ["1", "4"]);
    for (name, expected) in [
        ("throughput_toks_per_s", json!(65.5)),
        ("ttft_mean_ms", json!(90.25)),
        ("ttft_p50_ms", json!(56.5)),
        // In another unit than the rest of its metric.
        ("ttft_p99_ms", Value::Null),
        ("request_latency_p50_ms", json!(480.0)),
        ("requests", Value::Null),
        ("errors", Value::Null),
        ("itl_p50_ms", Value::Null),
    ] {
        assert_eq!(cell(&made, "4")[name], expected, "{name}");
    }
}

#[test]
fn the_runs_are_read_in_place_of_their_summary() {
    let run = json!({"input_config": {"loadgen": {"concurrency": 4}}, "request_latency": {"unit": "ms", "p50": 7.0}});
    let made = of_files(&[
        (
            "sweep_aggregate/profile_export_aiperf_sweep.json",
            sweep().to_string(),
        ),
        ("concurrency_4/profile_export_aiperf.json", run.to_string()),
    ])
    .expect("read");
    assert_eq!(places(&made), ["4"]);
    assert_eq!(cell(&made, "4")["request_latency_p50_ms"], 7.0);
    assert_eq!(cell(&made, "4")["ttft_p50_ms"], Value::Null);
}

#[test]
fn what_varied_is_the_place() {
    for (values, place) in [
        (json!({"phases.profiling.concurrency": 8}), "8"),
        (json!({"phases.profiling.rate": 2.5}), "2.5/s"),
        (json!({"request_rate": 4.0}), "4/s"),
    ] {
        let mut value = aggregate();
        value["metadata"]["variation_values"] = values;
        assert_eq!(places(&of_text(&value.to_string())), [place]);
    }
    // Without a value its folder says it.
    let mut value = aggregate();
    value["metadata"]["variation_values"] = Value::Null;
    let path = "concurrency_16/profile_export_aiperf_aggregate.json";
    let made = of_files(&[(path, value.to_string())]).expect("read");
    assert_eq!(places(&made), ["16"]);
    let mut value = sweep();
    value["per_combination_metrics"][0]["parameters"] = json!({"isl": 128, "concurrency": 1});
    let fault = refused(&value.to_string());
    assert!(
        fault.message.starts_with("found the varied parameters: isl, concurrency; expected the concurrency or the request rate alone"),
        "{fault}"
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let mut value = aggregate();
    value["metadata"]["failed_runs"] = json!([{"label": "run_0002", "error": "x"}]);
    let made = of_text(&value.to_string());
    assert_eq!(cell(&made, "4")["validity"], json!(["failed_runs: 1"]));
    value["metrics"] = json!({"goodness_avg": {"mean": 1.0, "unit": "ms"}});
    let fault = refused(&value.to_string());
    assert!(
        fault.message.contains("without a single known number"),
        "{fault}"
    );
    let mut value = aggregate();
    value["metrics"]["time_to_first_token_p50"]["unit"] = json!("parsec");
    let fault = refused(&value.to_string());
    assert!(
        fault.message.starts_with("found the unit \"parsec\""),
        "{fault}"
    );
    // It pools requests and names no unit.
    let collated = json!({"schema_version": "1.0.0", "aiperf_version": "0.13.0", "description": "Collated",
        "metadata": {"aggregation_type": "detailed", "num_profile_runs": 2},
        "metrics": {"time_to_first_token": {"combined": {"mean": 9.0, "p50": 8.0, "count": 20}}}});
    let fault = refused(&collated.to_string());
    assert_eq!(
        fault.to_string(),
        "result.json: found AIPerf's summary that names no unit (_collated.json), which holds no result that is read\nGive the runs that it sums up"
    );
    let list = json!({"per_combination_metrics": {}});
    let fault = refused(&list.to_string());
    assert!(
        fault
            .to_string()
            .contains("found no list; expected the list of the combinations"),
        "{fault}"
    );
}
