//! Numbers of one name that are several quantities, and what else a reader of a tool's file can take for something it is
//! not. Each file here holds the wrong number beside the right one. `tests/README.md` says where the other traps are tested.

use crate::support::{cell, findings, of_files, of_text, places, text, vllm, vllm_with};
use perfbridge_guest::document::Document;
use perfbridge_guest::judge::judge;
use perfbridge_guest::judge::policy::{Policy, Request};
use serde_json::{Value, json};

fn sample(path: &str) -> Value {
    serde_json::from_str(&text(path)).expect("JSON")
}

fn without(value: &mut Value, key: &str) {
    value.as_object_mut().expect("an object").shift_remove(key);
}

/// Of the arrays of single requests: a mean gap a request has the median 37.0 ms, all gaps together 26.9.
#[test]
fn the_tpot_of_vllm_is_one_gap_a_request() {
    let file = sample("vllm-bench-0.10.2/detailed/c4-detailed.json");
    let requests = file["itls"].as_array().expect("gaps").iter();
    let lengths = file["output_lens"].as_array().expect("lengths");
    let mut gaps: Vec<f64> = requests
        .zip(lengths)
        .map(|(gaps, length)| {
            let gaps = gaps.as_array().expect("gaps").iter();
            let seconds: f64 = gaps.filter_map(Value::as_f64).sum();
            1000.0 * seconds / (length.as_f64().expect("a length") - 1.0)
        })
        .collect();
    gaps.sort_by(f64::total_cmp);
    let median = f64::midpoint(gaps[7], gaps[8]);
    let made = of_text(&file.to_string());
    let found = cell(&made, "4")["itl_p50_ms"].as_f64().expect("a number");
    // The latency of a request ends a little behind its last gap.
    assert!((found / median - 1.0).abs() < 0.01, "{found} {median}");
    assert_eq!(made.map["definitions"]["itl_p50_ms"], "tpot-per-request");
}

/// Its time per output token has the TTFT in it, in one version it has not: it is never read.
#[test]
fn the_tpot_of_guidellm_is_not_read() {
    for version in ["0.5.4", "0.8.1"] {
        let mut report = sample(&format!("guidellm-{version}/benchmarks.json"));
        let metrics = &mut report["benchmarks"][0]["metrics"];
        assert!(metrics["time_per_output_token_ms"]["successful"]["mean"].is_number());
        metrics["time_per_output_token_ms"]["successful"]["percentiles"]["p50"] = json!(9000.0);
        metrics["inter_token_latency_ms"]["successful"]["percentiles"] =
            json!({"p001": 1.0, "p01": 2.0, "p05": 3.0, "p50": 14.5, "p95": 15.5, "p999": 99.0});
        let made = of_text(&report.to_string());
        assert_eq!(cell(&made, "1")["itl_p50_ms"], 14.5, "{version}");
        without(
            &mut report["benchmarks"][0]["metrics"],
            "inter_token_latency_ms",
        );
        let made = of_text(&report.to_string());
        assert_eq!(cell(&made, "1")["itl_p50_ms"], Value::Null, "{version}");
    }
}

/// Which keys are those of 0.1 %, 1 %, 5 % and 99.9 %.
#[test]
fn percentiles_of_guidellm_are_not_mistaken_for_others() {
    let mut report = sample("guidellm-0.8.1/benchmarks.json");
    report["benchmarks"][0]["metrics"]["time_to_first_token_ms"]["successful"]["percentiles"] =
        json!({"p001": 1.0, "p01": 2.0, "p05": 3.0, "p50": 50.5, "p999": 99.0});
    let made = of_text(&report.to_string());
    let level = cell(&made, "1");
    assert_eq!(level["ttft_p50_ms"], 50.5);
    assert_eq!(level["ttft_p95_ms"], Value::Null);
    assert_eq!(level["ttft_p99_ms"], Value::Null);
}

fn hit_rate(made: &Document) -> &Value {
    &made.map["server_metrics_delta"]["prefix_cache_hit_rate_post"]
}

const STAGE: &str = "inference-perf-0.7.0/stage_1_lifecycle_metrics.json";

/// A chunk of several tokens leaves gaps of almost nothing: 0.000037 s in a file that was published.
#[test]
fn the_itl_of_inference_perf_is_not_read() {
    let mut stage = sample(STAGE);
    stage["successes"]["latency"]["inter_token_latency"]["median"] = json!(3.7e-05);
    stage["successes"]["latency"]["normalized_time_per_output_token"]["median"] = json!(9.0);
    stage["successes"]["latency"]["time_per_output_token"]["median"] = json!(0.0145);
    let made = of_text(&stage.to_string());
    assert_eq!(cell(&made, "4")["itl_p50_ms"], 14.5);
    without(&mut stage["successes"]["latency"], "time_per_output_token");
    let made = of_text(&stage.to_string());
    assert_eq!(cell(&made, "4")["itl_p50_ms"], Value::Null);
    // Before its tokens were counted the same key meant chunks, which are no quantity that has a name here.
    let old = of_text(&text("inference-perf-0.1/stage_1_lifecycle_metrics.json"));
    assert_eq!(old.map["definitions"]["itl_p50_ms"], Value::Null);
}

/// A query that matched nothing gives 0 %.
#[test]
fn zeros_of_the_prometheus_file_of_inference_perf_are_no_rate() {
    let server = json!({"load_summary": {}, "failures": {}, "successes": {"count": 0, "rate": 0.0,
        "request_latency": {"mean": 0.0, "median": 0.0}, "time_to_first_token": {"mean": 0.0, "median": 0.0},
        "prefix_cache_hit_percent": {"mean": 0.0}}});
    let beside = of_files(&[
        ("stage_1_lifecycle_metrics.json", text(STAGE)),
        ("stage_1_prometheus_metrics.json", server.to_string()),
    ])
    .expect("read");
    let alone = of_files(&[("stage_1_lifecycle_metrics.json", text(STAGE))]).expect("read");
    assert_eq!(beside.map["metrics"], alone.map["metrics"]);
    assert_eq!(hit_rate(&beside), &Value::Null);
}

/// The example of the schema 0.1 calls its seconds milliseconds, and has neither p95 nor p99.
#[test]
fn seconds_of_llm_d_that_are_called_milliseconds_are_doubted() {
    let report = json!({
        "version": "0.1",
        "scenario": {"model": {"name": "m"}, "load": {"name": "vllm-benchmark", "args": {"request_rate": "inf", "max_concurrency": 8}}},
        "metrics": {"time": {"duration": 16.5}, "requests": {"total": 32},
            "latency": {"time_to_first_token": {"units": "ms", "mean": 0.8, "p10": 0.5, "p50": 0.75, "p90": 0.9},
                "request_latency": {"units": "ms", "mean": 3.313, "p10": 3.0, "p50": 3.25, "p90": 3.5}},
            "throughput": {"output_tokens_per_sec": 61.5}}
    });
    let made = of_text(&report.to_string());
    let level = cell(&made, "8");
    assert_eq!(
        (&level["ttft_mean_ms"], &level["ttft_p50_ms"]),
        (&json!(0.8), &json!(0.75))
    );
    assert_eq!(level["request_latency_p50_ms"], 3.25);
    assert_eq!(
        (&level["ttft_p95_ms"], &level["ttft_p99_ms"]),
        (&Value::Null, &Value::Null)
    );
    let found = findings(&made);
    let doubts: Vec<_> = found
        .iter()
        .filter(|(code, _)| code == "UNIT_DOUBTFUL")
        .collect();
    assert_eq!(doubts.len(), 2, "{found:?}");
    assert!(
        doubts
            .iter()
            .any(|(_, text)| text.contains("read as seconds it would be 800 ms"))
    );
}

/// Of a statistic that has a mean alone nothing else is made, and `p99p9` is no `p99`.
#[test]
fn a_mean_of_llm_d_is_no_median() {
    let report = json!({
        "version": "0.2", "run": {"uid": "u"},
        "scenario": {"load": {"standardized": {"tool": "vllm-benchmark", "concurrency": 4}},
            "stack": [{"standardized": {"kind": "inference_engine", "model": {"name": "m"}}}]},
        "results": {"request_performance": {"aggregate": {"requests": {"total": 9, "failures": 1},
            "latency": {"time_to_first_token": {"units": "s", "mean": 0.25, "p0p1": 0.1, "p99p9": 0.9},
                "time_per_output_token": {"units": "s/token", "mean": 0.0125}},
            "throughput": {"output_token_rate": {"units": "tokens/s", "mean": 70.5}}}}}
    });
    let made = of_text(&report.to_string());
    let level = cell(&made, "4");
    for (name, expected) in [
        ("ttft_mean_ms", json!(250.0)),
        ("itl_mean_ms", json!(12.5)),
        ("throughput_toks_per_s", json!(70.5)),
        ("ttft_p50_ms", Value::Null),
        ("ttft_p99_ms", Value::Null),
        ("itl_p50_ms", Value::Null),
    ] {
        assert_eq!(level[name], expected, "{name}");
    }
}

fn itl_status(baseline: &Document, current: &Document) -> String {
    let request = Request {
        vary: vec!["dataset".to_owned()],
        ..Request::default()
    };
    let policy = Policy::new(&request).expect("a policy");
    let judgement = judge(baseline, current, &[], &policy).expect("judged");
    let json: Value = serde_json::from_str(&judgement.to_json()).expect("JSON");
    let mut rows = json["rows"].as_array().expect("rows").iter();
    let row = rows.find(|row| row["metric"] == "itl_p50_ms" && row["place"] == "c4");
    row.expect("the row")["status"]
        .as_str()
        .expect("a status")
        .to_owned()
}

/// What each tool calls a time between tokens is compared with its like alone.
#[test]
fn the_itl_of_two_tools_is_compared_where_it_is_one_quantity() {
    let tokens = |value: &mut Value| value["total_input_tokens"] = json!(128 * 32);
    let vllm = of_text(&vllm_with(tokens));
    let gaps = of_text(&vllm_with(|value| {
        tokens(value);
        value
            .as_object_mut()
            .expect("an object")
            .retain(|key, _| !key.ends_with("_tpot_ms"));
    }));
    let sglang = of_text(&text("sglang-0.5.23/details/c4-details.jsonl"));
    let guidellm = of_text(&text("guidellm-0.8.1/benchmarks.json"));
    let mut llmperf = sample("llmperf-f1d6bed/tinyllama-7m_160_32_summary.json");
    llmperf["results_number_input_tokens_mean"] = json!(128.0);
    let llmperf = of_text(&llmperf.to_string());
    for (tool, other) in [
        ("its gaps", gaps),
        ("GuideLLM", guidellm),
        ("LLMPerf", llmperf),
    ] {
        assert_eq!(itl_status(&vllm, &other), "DEFINITION_MISMATCH", "{tool}");
    }
    assert_ne!(itl_status(&vllm, &sglang), "DEFINITION_MISMATCH");
    assert_ne!(itl_status(&vllm, &sglang), "NULL_LEGACY_BASELINE");
}

/// The server counts gaps between what it puts out, which may be several tokens at once, and over all its requests. The
/// client's file knows no rate of the prefix cache.
#[test]
fn the_itl_of_the_server_is_none_of_the_run() {
    let histogram = "# TYPE vllm:inter_token_latency_seconds histogram\nvllm:inter_token_latency_seconds_bucket{engine=\"0\",model_name=\"tinyllama-7m\",le=\"0.05\"} 900\nvllm:inter_token_latency_seconds_bucket{engine=\"0\",model_name=\"tinyllama-7m\",le=\"+Inf\"} 1000\nvllm:inter_token_latency_seconds_sum{engine=\"0\",model_name=\"tinyllama-7m\"} 30.0\nvllm:inter_token_latency_seconds_count{engine=\"0\",model_name=\"tinyllama-7m\"} 1000\n";
    let result = vllm_with(|value| {
        let map = value.as_object_mut().expect("an object");
        map.retain(|key, _| !key.ends_with("_tpot_ms") && !key.ends_with("_itl_ms"));
    });
    let made = of_files(&[
        ("c4.json", result.as_str()),
        ("tinyllama-7m-metrics-post.prom", histogram),
    ])
    .expect("read");
    assert_eq!(cell(&made, "4")["itl_p50_ms"], Value::Null);
    assert_eq!(cell(&made, "4")["itl_mean_ms"], Value::Null);
    assert_eq!(hit_rate(&made), &Value::Null);
}

/// `p99_intvty` is the inverse of the slow tail, `median_intvty` that of a median: no mean speed of a user.
#[test]
fn the_interactivity_of_inferencex_is_not_read() {
    let mut file = sample("inferencex-2026/agg_disagg.json");
    assert!(file["p99_intvty"].is_number() && file["mean_intvty"].is_number());
    assert_eq!(
        cell(&of_text(&file.to_string()), "16")["tps_per_user"],
        Value::Null
    );
    for statistic in ["mean", "median", "p50", "p95", "p99"] {
        without(&mut file, &format!("{statistic}_tpot"));
    }
    let made = of_text(&file.to_string());
    assert_eq!(cell(&made, "16")["itl_p50_ms"], Value::Null);
    assert_eq!(cell(&made, "16")["tps_per_user"], Value::Null);
}

/// Of 4 GPUs that prefill and 12 that decode it is the 12; of one node tp * pp * pcp, whatever the experts.
#[test]
fn the_throughput_of_inferencex_is_that_of_its_gpus() {
    let mut file = sample("inferencex-2026/agg_disagg.json");
    file["output_tput_per_gpu"] = json!(20.0);
    file["num_prefill_gpu"] = json!(4);
    file["num_decode_gpu"] = json!(12);
    let made = of_text(&file.to_string());
    assert_eq!(cell(&made, "16")["throughput_toks_per_s"], 240.0);
    let mut node = json!({"hw": "h200", "conc": 16, "model": "m", "tp": 2, "pp": 3, "pcp_size": 2, "ep": 8,
        "tput_per_gpu": 900.0, "input_tput_per_gpu": 800.0, "output_tput_per_gpu": 20.0, "median_ttft": 1.5});
    let made = of_text(&node.to_string());
    assert_eq!(cell(&made, "16")["throughput_toks_per_s"], 240.0);
    // 1.5 s under a key without a unit.
    assert_eq!(cell(&made, "16")["ttft_p50_ms"], 1500.0);
    without(&mut node, "tp");
    let made = of_text(&node.to_string());
    assert_eq!(cell(&made, "16")["throughput_toks_per_s"], Value::Null);
}

/// `concurrency` of SGLang is what was reached on average, and a p95 of its gaps is none of its TTFT.
#[test]
fn what_sglang_reached_is_no_place() {
    let line = text("sglang-0.5.23/details/c4-details.jsonl").replace("Infinity", "\"inf\"");
    let mut line: Value = serde_json::from_str(&line).expect("JSON");
    line["concurrency"] = json!(2.75);
    without(&mut line, "p95_ttft_ms");
    line["p95_itl_ms"] = json!(95.0);
    let made = of_text(&line.to_string());
    assert_eq!(places(&made), ["4"]);
    assert_eq!(cell(&made, "4")["ttft_p95_ms"], Value::Null);
}

/// The lists of single requests are seconds in a file whose statistics are milliseconds; they make no number.
#[test]
fn lists_of_seconds_are_no_statistics() {
    let made = of_text(&vllm_with(|value| {
        without(value, "median_ttft_ms");
        value["ttfts"] = Value::from([0.25; 32]);
        value["latencies"] = Value::from([0.5; 32]);
    }));
    assert_eq!(cell(&made, "4")["ttft_p50_ms"], Value::Null);
    assert_eq!(cell(&made, "4")["ttft_mean_ms"], vllm()["mean_ttft_ms"]);
}

/// Tokens of a user over the whole latency, and those of one GPU, are other speeds.
#[test]
fn the_other_speeds_of_trtllm_bench_are_not_read() {
    let mut report = sample("trtllm-bench-1.1/report.json");
    report["performance"]["output_throughput_per_user_tok_s"] = json!(1.0);
    report["performance"]["output_throughput_per_gpu_tok_s"] = json!(2.0);
    report["performance"]["system_total_throughput_tok_s"] = json!(3.0);
    let made = of_text(&report.to_string());
    let level = cell(&made, "4");
    assert_eq!(level["tps_per_user"], 44.6);
    assert_eq!(
        level["throughput_toks_per_s"],
        report["performance"]["system_output_throughput_tok_s"]
    );
    without(&mut report, "streaming_metrics");
    let made = of_text(&report.to_string());
    for name in ["tps_per_user", "ttft_p50_ms", "itl_p50_ms", "errors"] {
        assert_eq!(cell(&made, "4")[name], Value::Null, "{name}");
    }
}
