//! `trtllm-bench throughput --report_json`. Read in `tensorrt_llm/bench/dataclasses/reporting.py` and seen in a report of
//! 1.3.0rc12; times in milliseconds.
//!
//! The block of a stream is there with `--streaming` alone. `output_throughput_per_user_tok_s` has the TTFT in it and is
//! not read. The requests in flight are counted, not asked for: they are a level where they are a whole number, else the
//! name of the file says it. Failures are not counted.

use super::entry::{self, Entry, Row, add_count, put_load};
use super::source::Source;
use crate::fault::Result;
use crate::files::Tree;
use crate::json::Want;
use crate::measure::definition::OUTPUT_TOKENS;
use crate::measure::{Definition, Quantity as Q};
use crate::run::{Format, Reading, Run};

/// The format.
pub static SOURCE: Source = Source {
    format: Format::of_tool(
        "trtllm-bench-json",
        "trtllm-bench report (--report_json)",
        "trtllm-bench",
    ),
    begins: None,
    by_content: |candidate| {
        candidate.has_keys(&["engine", "world_info", "request_info", "performance"])
    },
    by_name: |_| false,
    read,
};

pub(super) const RATES: &[Row] = &[
    (
        Q::Throughput,
        "performance.system_output_throughput_tok_s",
        1.0,
    ),
    (Q::RequestRate, "performance.request_throughput_req_s", 1.0),
    (Q::BenchmarkSeconds, "performance.total_latency_ms", 1e-3),
];

pub(super) const TIMES: &[Row] = &[
    (
        Q::RequestLatencyP50,
        "performance.request_latency_percentiles_ms.p50",
        1.0,
    ),
    (
        Q::RequestLatencyMean,
        "performance.avg_request_latency_ms",
        1.0,
    ),
    (Q::TtftP50, "streaming_metrics.ttft_percentiles.p50", 1.0),
    (Q::TtftP95, "streaming_metrics.ttft_percentiles.p95", 1.0),
    (Q::TtftP99, "streaming_metrics.ttft_percentiles.p99", 1.0),
    (Q::TtftMean, "streaming_metrics.avg_ttft_ms", 1.0),
    (Q::ItlP50, "streaming_metrics.tpot_percentiles.p50", 1.0),
    (Q::ItlMean, "streaming_metrics.avg_tpot_ms", 1.0),
    (
        Q::TpsPerUser,
        "streaming_metrics.token_output_speed_tok_s",
        1.0,
    ),
    (Q::IslMean, "request_info.avg_input_length", 1.0),
    (Q::OslMean, "request_info.avg_output_length", 1.0),
];

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let want = |path: &[&str]| match path {
        [
            "engine" | "world_info" | "request_info" | "performance" | "streaming_metrics"
            | "machine",
        ] => Want::Enter,
        ["machine", name] if *name != "name" => Want::Nothing,
        [_, _] => Want::Whole,
        _ => Want::Nothing,
    };
    entry::each(&SOURCE.format, run, (tree, path), &want, add)
}

fn add(run: &mut Run, entry: &Entry<'_>) -> Result<()> {
    let mut result = entry.result();
    result.model = entry.text("engine.model").map(str::to_owned);
    let requests = entry.count("request_info.num_requests")?;
    entry.add(&mut result, RATES, None)?;
    entry.add(&mut result, TIMES, requests)?;
    entry.check(&result, &[RATES, TIMES])?;
    if let Some(requests) = requests {
        result.push(Q::Requests, Reading::only_successes(requests as f64));
        add_count(&mut result, Q::RequestsPlanned, requests);
    }
    result.define("itl_p50_ms", Definition::TpotPerRequest);
    result.define("tps_per_user", Definition::TpotPerRequest);
    result.define("request_latency_p50_ms", Definition::StreamEnd);
    // The engine that counts is part of the tool.
    result.define(OUTPUT_TOKENS, Definition::ServerUsage);
    let in_flight = entry.number("request_info.avg_num_concurrent_requests")?;
    let whole = in_flight.filter(|level| (level - level.round()).abs() <= 0.005 && *level >= 1.0);
    put_load(
        &mut result,
        whole.map(|level| level.round() as u32),
        None,
        None,
        None,
    );
    entry.state(run, &result, None);
    for (field, key) in [
        ("context.hardware", "machine.name"),
        ("context.dtype", "engine.dtype"),
        ("deployment.quantization", "engine.quantization"),
        ("deployment.kv_cache_dtype", "engine.kv_cache_dtype"),
    ] {
        entry.state_text(run, field, key);
    }
    if let Some(version) = entry.text("engine.version") {
        let engine = format!("TensorRT-LLM {version}");
        run.state(&SOURCE.format, "context.serving_engine", engine, entry.file);
    }
    let sizes = [
        ("deployment.tensor_parallel_size", "world_info.tp_size"),
        ("deployment.pipeline_parallel_size", "world_info.pp_size"),
        ("deployment.expert_parallel_size", "world_info.ep_size"),
        ("context.max_num_seqs", "world_info.max_batch_size"),
        (
            "context.max_num_batched_tokens",
            "world_info.max_num_tokens",
        ),
    ];
    entry.state_sizes(run, &sizes)?;
    run.results.push(result);
    Ok(())
}
