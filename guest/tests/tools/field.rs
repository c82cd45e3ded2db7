//! Files that other people published, below `tests/data/field`; what they say is in each `case.md`.

use crate::support::{cell, findings, made, of_text, places, vllm_with};
use perfbridge_guest::document::Document;
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::judge::judge;
use perfbridge_guest::judge::policy::Policy;
use serde_json::{Value, json};

fn read(case: &str) -> Document {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/field");
    made(&NativeTree::new(format!("{root}/{case}")))
        .unwrap_or_else(|fault| panic!("{case}: {fault}"))
}

fn holds(document: &Document, place: &str, numbers: &[(&str, Option<f64>)]) {
    let cell = cell(document, place);
    for (name, expected) in numbers {
        let found = cell[*name].as_f64();
        match (found, expected) {
            (None, None) => {}
            (Some(found), Some(expected)) if (found - expected).abs() <= 1e-12 * expected.abs() => {
            }
            _ => panic!("{place} {name}: {found:?}, expected {expected:?}"),
        }
    }
}

#[test]
fn sglang_without_a_limit_and_at_a_rate() {
    let made = read("30-sglang-infinity-and-append/infinity");
    assert_eq!(places(&made), ["256"]);
    holds(
        &made,
        "256",
        &[
            ("throughput_toks_per_s", Some(392.68562839175024)),
            ("ttft_p50_ms", Some(505895.77354630455)),
            ("ttft_p95_ms", None),
            ("itl_p50_ms", Some(98.67288582891271)),
            ("request_latency_p50_ms", Some(594877.428857144)),
            ("errors", None),
        ],
    );
    let made = read("30-sglang-infinity-and-append/rate-5");
    assert_eq!(places(&made), ["5/s"]);
    holds(
        &made,
        "5/s",
        &[
            ("throughput_toks_per_s", Some(957.162043188693)),
            ("ttft_p50_ms", Some(76.41966750088613)),
            ("ttft_p99_ms", Some(327.9139723521075)),
            ("itl_p50_ms", Some(11.829237894316)),
            ("request_latency_p50_ms", Some(1537.8948565048631)),
            ("requests", Some(1000.0)),
        ],
    );
}

#[test]
fn an_llmperf_summary() {
    let made = read("34-llmperf-summary-strings");
    holds(
        &made,
        "5",
        &[
            ("throughput_toks_per_s", Some(335.40081105324157)),
            ("ttft_p50_ms", Some(241.66843249986414)),
            ("ttft_p95_ms", Some(492.1339287519004)),
            ("ttft_p99_ms", Some(587.4693769191432)),
            ("request_latency_p50_ms", Some(1181.6258570015634)),
            ("tps_per_user", Some(85.14205464367159)),
            ("errors", Some(0.0)),
            ("requests", Some(50.0)),
            ("isl_mean", Some(259.78)),
            ("osl_mean", Some(99.44)),
        ],
    );
    assert_eq!(made.map["definitions"]["itl_p50_ms"], "tpot-with-ttft");
}

/// Negative delays of the schedule are real, and the file of what Prometheus said is of another workload.
#[test]
fn a_saturated_stage_of_inference_perf() {
    let made = read("35-inference-perf-stage-real");
    assert_eq!(places(&made), ["112.55/s"]);
    holds(
        &made,
        "112.55/s",
        &[
            ("throughput_toks_per_s", Some(10366.588578869296)),
            ("ttft_p50_ms", Some(3389.3526059109718)),
            ("ttft_p95_ms", Some(3664.24465153832)),
            ("ttft_p99_ms", Some(3782.1719683194526)),
            ("itl_p50_ms", Some(5.9754134935104215)),
            ("request_latency_p50_ms", Some(4294.951026909985)),
            ("requests", Some(6753.0)),
            ("errors", Some(0.0)),
            ("isl_mean", Some(75.76040278394788)),
            ("osl_mean", Some(116.33940470901821)),
        ],
    );
    // Of a version before the tokens of a chunk were counted.
    assert_eq!(made.map["definitions"]["itl_p50_ms"], Value::Null);
    let codes: Vec<&str> = made.findings.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["RATE_NOT_REACHED"]);
}

#[test]
fn a_genai_perf_export() {
    let made = read("37-genai-perf-json/small_model-openai-chat-concurrency32");
    holds(
        &made,
        "32",
        &[
            ("throughput_toks_per_s", Some(2330.0)),
            ("ttft_p50_ms", Some(207.7)),
            ("ttft_p95_ms", Some(301.2)),
            ("ttft_p99_ms", Some(340.8)),
            ("itl_p50_ms", Some(12.8)),
            ("tps_per_user", Some(78.1)),
            ("request_latency_p50_ms", Some(3477.9)),
            ("requests", Some(320.0)),
            ("errors", None),
        ],
    );
}

/// Throughput is per GPU of eight, and times are seconds under keys without a unit.
#[test]
fn aggregates_of_inferencex() {
    let made = read("32-inferencex-agg-mi355x");
    assert_eq!(places(&made), ["32", "64"]);
    holds(
        &made,
        "32",
        &[
            ("throughput_toks_per_s", Some(140.56458156092216)),
            ("ttft_p50_ms", Some(1816.827566944994)),
            ("ttft_p95_ms", None),
            ("ttft_p99_ms", Some(14490.030684259256)),
            ("itl_p50_ms", Some(230.31720386957874)),
            ("tps_per_user", None),
            ("request_latency_p50_ms", Some(215192.61913583614)),
            ("errors", None),
            ("requests", None),
        ],
    );
    holds(
        &made,
        "64",
        &[
            ("throughput_toks_per_s", Some(208.1033075783227)),
            ("ttft_p50_ms", Some(2347.470808424987)),
            ("ttft_p99_ms", Some(25793.88037742116)),
            ("itl_p50_ms", Some(301.6637719870209)),
            ("request_latency_p50_ms", Some(281419.7772970656)),
        ],
    );
    assert_eq!(made.map["model"], "moonshotai/Kimi-K2.5");
    let deployment = &made.map["deployment"];
    assert_eq!(deployment["quantization"], "int4");
    assert_eq!(deployment["tensor_parallel_size"], 8);
    assert_eq!(deployment["speculative_decoding"], "mtp");
    assert_eq!(made.map["context"]["hardware"], "mi355x");
    assert_eq!(made.map["workload"]["input_token_band"], "8192");
    assert_eq!(made.map["definitions"]["itl_p50_ms"], "tpot-per-request");
}

/// 3.37 tok/s of a user are tokens over the whole latency and no speed of decoding; the type is no quantization.
#[test]
fn a_report_of_trtllm_bench() {
    let made = read("38-trtllm-bench-gb10");
    holds(
        &made,
        "1",
        &[
            ("throughput_toks_per_s", Some(3.37)),
            ("ttft_p50_ms", Some(4533.1)),
            ("itl_p50_ms", Some(14.03)),
            ("tps_per_user", Some(71.29)),
            ("request_latency_p50_ms", Some(4743.5)),
            ("requests", Some(1.0)),
            ("errors", None),
        ],
    );
    assert_eq!(made.map["deployment"]["quantization"], "NVFP4");
    assert_eq!(made.map["deployment"]["kv_cache_dtype"], "FP8");
    assert_eq!(made.map["context"]["dtype"], "bfloat16");
    assert_eq!(made.map["context"]["hardware"], "NVIDIA GB10");
    assert_eq!(
        made.map["context"]["serving_engine"],
        "TensorRT-LLM 1.3.0rc12"
    );
}

/// Reasoning that is streamed elsewhere leaves zeros, which are no improvement.
#[test]
fn a_time_to_first_token_of_zero_is_no_improvement() {
    let side = |side: &str| read(&format!("31-sglang-zero-latencies-reasoning/{side}"));
    let judged =
        judge(&side("baseline"), &side("current"), &[], &Policy::default()).expect("judged");
    let json: Value = serde_json::from_str(&judged.to_json()).expect("JSON");
    let status = |metric: &str| {
        let mut rows = json["rows"].as_array().expect("rows").iter();
        let row = rows.find(|row| row["metric"] == metric).expect("the row");
        row["status"].as_str().expect("a status").to_owned()
    };
    assert_eq!(status("ttft_p50_ms"), "UNRELIABLE");
    assert_eq!(status("itl_p50_ms"), "UNRELIABLE");
    assert_eq!(status("throughput_toks_per_s"), "WITHIN");
    assert_ne!(json["verdict"], "GREEN");
}

/// A file whose seconds are called milliseconds, and one whose microseconds are: both readings are said, and the number
/// stays as it stands.
#[test]
fn a_number_of_another_unit_is_doubted() {
    for (field, name, value, meant) in [
        (
            "median_ttft_ms",
            "ttft_p50_ms",
            0.335,
            "read as seconds it would be 335 ms",
        ),
        (
            "mean_ttft_ms",
            "ttft_mean_ms",
            0.05,
            "read as seconds it would be 50 ms",
        ),
        (
            "mean_ttft_ms",
            "ttft_mean_ms",
            1e7,
            "read as microseconds it would be 10000 ms",
        ),
        (
            "median_e2el_ms",
            "request_latency_p50_ms",
            5e9,
            "read as microseconds it would be 5000000 ms",
        ),
        (
            "median_tpot_ms",
            "itl_p50_ms",
            0.0117,
            "read as seconds it would be 11.7 ms",
        ),
        (
            "mean_tpot_ms",
            "itl_mean_ms",
            2e7,
            "read as microseconds it would be 20000 ms",
        ),
    ] {
        let made = of_text(&vllm_with(|result| result[field] = json!(value)));
        assert_eq!(cell(&made, "4")[name], value);
        let found = findings(&made);
        let doubts: Vec<_> = found
            .iter()
            .filter(|(code, _)| code == "UNIT_DOUBTFUL")
            .collect();
        // 5e9 microseconds are more than an hour too.
        let has_meaning = value < 4e9;
        assert_eq!(doubts.len(), 1, "{name} {value}");
        assert_eq!(doubts[0].1.contains(meant), has_meaning, "{}", doubts[0].1);
        assert!(doubts[0].1.ends_with("Nothing was converted"));
    }
    let made = of_text(&vllm_with(|result| result["median_tpot_ms"] = json!(0.0)));
    assert_eq!(findings(&made), []);
}
