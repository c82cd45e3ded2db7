//! Documents made by hand, and short ways to judge them.

use perfbridge_guest::document::Document;
use perfbridge_guest::fault::Fault;
use perfbridge_guest::judge::policy::{Origin, Policy, Request, Written};
use perfbridge_guest::judge::row::Row;
use perfbridge_guest::judge::status::Status;
use perfbridge_guest::judge::{self, Judgement};
use serde_json::{Value, json};

/// Round numbers, so that an expected percentage can be seen at a glance. With this latency 10 requests are in flight
/// (100 tok/s x 10 s / 100 tokens): within a factor of 3 of every concurrency from 4 to 16.
pub fn level() -> Value {
    json!({
        "throughput_toks_per_s": 100.0,
        "ttft_p50_ms": 100.0,
        "ttft_p95_ms": 100.0,
        "ttft_p99_ms": 100.0,
        "itl_p50_ms": 100.0,
        "tps_per_user": 100.0,
        "request_latency_p50_ms": 10000.0,
        "errors": 0,
        "requests": 1000,
        "isl_mean": 1000.0,
        "osl_mean": 100.0,
    })
}

/// A whole document with the levels 4 and 16.
pub fn document() -> Value {
    json!({
        "schema": "inference_perfbench_v1",
        "model": "m",
        "model_path": "org/m",
        "deployment": {
            "cluster": "dev-a",
            "vllm_version": "0.32.0",
            "tensor_parallel_size": 8,
            "data_parallel_size": 2,
            "pipeline_parallel_size": 1,
            "expert_parallel_size": 1,
            "quantization": "FP8",
            "kv_cache_dtype": "fp8_e4m3",
            "speculative_decoding": "none",
        },
        "workload": {
            "dataset": "org/replay",
            "split": "2025_07",
            "input_token_band": "1k",
            "output_token_band": "1k",
        },
        "context": {"hardware": "B200", "delivery": "image"},
        "metrics": {"4": level(), "16": level()},
        "server_metrics_delta": {
            "prefix_cache_hit_rate_pre": 0.0,
            "prefix_cache_hit_rate_post": 0.80,
            "gpu_cache_usage_perc_peak": 0.50,
        },
        "kernel_class_gpu_pct": {"fp8_bmm": 40.0, "tp_all_reduce": 10.0, "mla_attention": 20.0},
        "cpu_spinpoll_pct": 10.0,
    })
}

/// The document with some values replaced; a pointer whose parent is missing fails the test.
pub fn with(mut document: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = document.pointer_mut(parent).expect("the parent exists");
        parent[key] = value.clone();
    }
    document
}

/// [`document`] with some values replaced.
pub fn changed(changes: &[(&str, Value)]) -> Value {
    with(document(), changes)
}

/// The same value of every metric in `names` at a level.
pub fn level_set(document: Value, level: &str, names: &[&str], value: f64) -> Value {
    let pointers: Vec<String> = names
        .iter()
        .map(|name| format!("/metrics/{level}/{name}"))
        .collect();
    let changes: Vec<(&str, Value)> = pointers
        .iter()
        .map(|pointer| (pointer.as_str(), json!(value)))
        .collect();
    with(document, &changes)
}

/// Without a key.
pub fn without(mut document: Value, parent: &str, key: &str) -> Value {
    document
        .pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .and_then(|map| map.shift_remove(key))
        .expect("the key was there");
    document
}

pub fn parse(value: &Value) -> Document {
    Document::parse("document", &value.to_string()).unwrap_or_else(|fault| panic!("{fault}"))
}

pub fn refusal(text: &str) -> Fault {
    Document::parse("x.json", text)
        .map(drop)
        .expect_err("refused")
}

/// A policy of tolerances from the command line.
pub fn tolerances(pairs: &[(&str, &str)]) -> Request {
    Request {
        tolerances: pairs
            .iter()
            .map(|(metric, value)| Written {
                metric: (*metric).to_owned(),
                value: (*value).to_owned(),
                origin: Origin::CommandLine,
            })
            .collect(),
        ..Request::default()
    }
}

pub fn judge_as(baseline: &Value, current: &Value, request: &Request) -> Judgement {
    let policy = Policy::new(request).unwrap_or_else(|fault| panic!("{fault}"));
    judge::judge(&parse(baseline), &another_run(current), &[], &policy)
        .unwrap_or_else(|fault| panic!("{fault}"))
}

/// The document as one of another run: the same bytes on both sides are one run compared with itself.
pub fn another_run(document: &Value) -> Document {
    parse(&with(document.clone(), &[("/another_run", json!(true))]))
}

pub fn judge(baseline: &Value, current: &Value) -> Judgement {
    judge_as(baseline, current, &Request::default())
}

/// The verdict and the rule as one word pair.
pub fn ruling(baseline: &Value, current: &Value) -> String {
    said(&judge(baseline, current))
}

pub fn said(judgement: &Judgement) -> String {
    format!("{} {}", judgement.verdict.as_str(), judgement.rule.as_str())
}

pub fn row<'a>(judgement: &'a Judgement, metric: &str, level: &str) -> &'a Row {
    let found: Vec<&Row> = judgement
        .rows
        .iter()
        .filter(|row| row.name() == metric && row.level() == level)
        .collect();
    assert_eq!(found.len(), 1, "rows of {metric} at {level}");
    found[0]
}

pub fn status(judgement: &Judgement, metric: &str, level: &str) -> Status {
    row(judgement, metric, level).status
}

pub fn codes(judgement: &Judgement) -> Vec<&str> {
    judgement
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}

/// The places of the findings with a code.
pub fn places(judgement: &Judgement, code: &str) -> Vec<String> {
    let all = judgement.findings.iter();
    all.filter(|finding| finding.code.as_str() == code)
        .map(|finding| finding.place.text().unwrap_or_default())
        .collect()
}
