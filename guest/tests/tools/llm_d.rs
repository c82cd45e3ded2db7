//! llm-d's reports. That of inference-perf is real; 0.1 and 0.2 are written by the schemas and converters of
//! llm-d-benchmark, and hold no measurement.

use crate::support::{cell, findings, of_files, of_text, places, refused, text};
use serde_json::{Value, json};

const PARTIAL: &str = "inference-perf-0.7.0/inference-perf.partial.stage_1.yaml";

/// A partial report into which llm-d merged the rest, as `yq` does.
fn merged(load: &str) -> String {
    let stack = "  stack:\n  - metadata:\n      label: vllm-svc-0\n    standardized:\n      kind: inference_engine\n      model:\n        name: tiny\n      accelerator:\n        count: 8\n        model: NVIDIA-H100-80GB-HBM3\n        parallelism:\n          dp: 1\n          tp: 8\n  - metadata:\n      label: epp-0\n    standardized:\n      kind: generic\n";
    format!(
        "{}scenario:\n  load:\n    native:\n      args: {{}}\n    standardized:\n{load}{stack}",
        text(PARTIAL)
    )
}

/// The same numbers as in the stage file beside it.
#[test]
fn a_report_of_0_2_1_is_read() {
    let load = "      tool: inference-perf\n      tool_version: 0.7.0\n      concurrency: 4\n      rate_qps: 32.0\n";
    let made = of_text(&merged(load));
    assert_eq!(places(&made), ["4"]);
    let stage = of_text(&text("inference-perf-0.7.0/stage_1_lifecycle_metrics.json"));
    for name in [
        "throughput_toks_per_s",
        "ttft_p50_ms",
        "ttft_p95_ms",
        "ttft_p99_ms",
        "ttft_mean_ms",
        "itl_p50_ms",
        "itl_mean_ms",
        "request_latency_p50_ms",
        "request_latency_mean_ms",
        "requests_per_s",
        "requests",
        "errors",
        "isl_mean",
        "osl_mean",
    ] {
        let [found, expected] = [&made, &stage].map(|document| cell(document, "4")[name].as_f64());
        assert!(
            found.is_some() && found == expected,
            "{name}: {found:?} {expected:?}"
        );
    }
    assert_eq!(
        cell(&made, "4")["start_time"],
        "2026-11-28T20:53:50.998944Z"
    );
    assert_eq!(
        cell(&made, "4")["run_id"],
        "inference-perf-stage-1-10f92df0"
    );
    assert_eq!(made.map["model"], "tiny");
    assert_eq!(made.map["deployment"]["tensor_parallel_size"], 8);
    assert_eq!(made.map["context"]["hardware"], "NVIDIA-H100-80GB-HBM3");
    assert_eq!(made.map["context"]["bench_backend"], "inference-perf 0.7.0");
    assert_eq!(made.map["definitions"]["itl_p50_ms"], "tpot-per-request");
}

#[test]
fn a_concurrency_without_end_is_none() {
    let load = "      tool: inference-perf\n      concurrency: .inf\n      rate_qps: 10.0\n";
    assert_eq!(places(&of_text(&merged(load))), ["10/s"]);
    let load = "      tool: vllm-benchmark\n      concurrency: 16\n      rate_qps: 10.0\n";
    assert_eq!(places(&of_text(&merged(load))), ["10/s"]);
    let load = "      tool: vllm-benchmark\n      concurrency: 16\n      rate_qps: inf\n";
    assert_eq!(places(&of_text(&merged(load))), ["16"]);
}

/// A partial report has neither model nor place; the stage file beside it has.
#[test]
fn a_partial_report_counts_where_its_stage_file_is_not() {
    let stage = "inference-perf-0.7.0/stage_1_lifecycle_metrics.json";
    let name = "reports/inference-perf.partial.stage_1.yaml";
    let beside = of_files(&[
        (name, text(PARTIAL)),
        ("reports/stage_1_lifecycle_metrics.json", text(stage)),
    ])
    .expect("read");
    assert_eq!(places(&beside), ["4"]);
    assert_eq!(findings(&beside), []);
    let alone = of_files(&[(name, text(PARTIAL))]).map(|made| made.to_json());
    let fault = alone.expect_err("without a place");
    assert!(
        fault
            .message
            .starts_with("cannot tell the concurrency of this result"),
        "{fault}"
    );
}

fn old() -> Value {
    json!({
        "version": "0.1",
        "scenario": {"model": {"name": "m1"}, "host": {"type": ["replica"], "accelerator": [{"model": "H200", "count": 2, "parallelism": {"tp": 2, "dp": 1}}]},
            "load": {"name": "vllm-benchmark", "args": {"num_prompts": 32, "request_rate": "inf", "burstiness": 1.0, "max_concurrency": 8}}},
        "metrics": {"time": {"duration": 10.5, "start": 1795897497},
            "requests": {"total": 30, "input_length": {"units": "count", "mean": 128.5}, "output_length": {"units": "count", "mean": 32.0}},
            "latency": {"time_to_first_token": {"units": "ms", "mean": 100.5, "p50": 90.25, "p99": 300.0},
                "time_per_output_token": {"units": "ms/token", "mean": 12.5, "p50": 11.5},
                "inter_token_latency": {"units": "ms/token", "mean": 12.0, "p50": 3.0},
                "request_latency": {"units": "ms", "mean": 500.0, "p50": 480.0}},
            "throughput": {"output_tokens_per_sec": 98.5, "total_tokens_per_sec": 400.0, "requests_per_sec": 2.9}}
    })
}

#[test]
fn a_report_of_0_1_is_read() {
    let made = of_text(&old().to_string());
    let level = cell(&made, "8");
    for (name, expected) in [
        ("throughput_toks_per_s", 98.5),
        ("ttft_p50_ms", 90.25),
        ("ttft_p99_ms", 300.0),
        ("itl_p50_ms", 11.5),
        ("request_latency_p50_ms", 480.0),
        ("requests_per_s", 2.9),
        ("isl_mean", 128.5),
    ] {
        assert_eq!(level[name], expected, "{name}");
    }
    assert_eq!(level["ttft_p95_ms"], Value::Null);
    // The converter of vLLM's result writes the completed requests alone.
    assert_eq!(level["errors"], Value::Null);
    assert_eq!(level["requests"], 30);
    assert_eq!(made.map["deployment"]["tensor_parallel_size"], 2);
    assert_eq!(made.map["context"]["hardware"], "H200");
    assert_eq!(made.map["context"]["bench_backend"], "vllm-benchmark");
    let mut stages = old();
    stages["scenario"]["load"] = json!({"name": "inference-perf", "metadata": {"stage": 1},
        "args": {"load": {"type": "constant", "stages": [{"rate": 2.0}, {"rate": 5.0}]}}});
    assert_eq!(places(&of_text(&stages.to_string())), ["5/s"]);
}

/// GuideLLM's time per output token has the TTFT in it; its inter-token latency has not.
#[test]
fn the_tool_says_which_quantity_it_is() {
    let mut value = old();
    value["scenario"]["load"] = json!({"name": "guidellm", "args": {"max_concurrency": 8}});
    let made = of_text(&value.to_string());
    assert_eq!(cell(&made, "8")["itl_p50_ms"], 3.0);
    assert_eq!(made.map["definitions"]["itl_p50_ms"], "tpot-by-token");
    value["scenario"]["load"]["name"] = json!("other");
    let made = of_text(&value.to_string());
    assert_eq!(made.map["definitions"]["itl_p50_ms"], Value::Null);
}

#[test]
fn what_is_wrong_in_a_report_is_named() {
    let mut value = old();
    value["metrics"]["latency"]["request_latency"]["units"] = json!("minutes");
    assert_eq!(
        refused(&value.to_string()).to_string(),
        "result.json:1: metrics.latency.request_latency.units: found the unit \"minutes\"; expected s, ms, s/token or ms/token"
    );
    let mut value = old();
    value["metrics"] = json!({"latency": {"time_to_first_token": {"units": "s"}}});
    let fault = refused(&value.to_string());
    assert!(
        fault
            .message
            .starts_with("found llm-d's benchmark report without a single known number"),
        "{fault}"
    );
    let yaml = text(PARTIAL).replace("tokens/s", "tokens/min");
    assert_eq!(
        refused(&yaml).to_string(),
        "result.json:1: results.request_performance.aggregate.throughput.output_token_rate.units: found the unit \"tokens/min\"; expected tokens/s, or queries/s for requests"
    );
}

/// inference-perf prints its report into its log, behind lines of its own; the report stands in a file beside it.
#[test]
fn a_log_with_a_report_in_it_is_no_report() {
    let log = format!(
        "2026-11-28 20:53:26,343 - config - INFO - Using configuration from: config.yml\n\n{}",
        text(PARTIAL)
    );
    let stage = text("inference-perf-0.7.0/stage_1_lifecycle_metrics.json");
    let files = [
        ("stage_1_lifecycle_metrics.json", stage),
        ("run.console.txt", log),
    ];
    let alone = of_files(&files[..1]).expect("read");
    let beside = of_files(&files).expect("read");
    assert_eq!(beside.map["metrics"], alone.map["metrics"]);
}
