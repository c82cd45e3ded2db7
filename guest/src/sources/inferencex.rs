//! InferenceX's (InferenceMAX's) `agg_*.json`, made by its `utils/process_result.py` of a result of a fork of vLLM's
//! benchmark; seen in files of its repository. One file a level, or a list of what is in them, of
//! `utils/collect_results.py`; times in seconds under keys without a unit.
//!
//! Throughput is per GPU: on one node of all of them, where prefill and decode have GPUs of their own of those that
//! decode. `*_intvty` is the inverse of a statistic of TPOT and no mean over requests. `benchmark_outcome` counts requests,
//! in files of 2026; in those before nobody does. `power_valid` is of the power, which is not read.

use super::entry::{self, Entry, Row, put_load};
use super::source::{Candidate, Source};
use crate::fault::Result;
use crate::files::Tree;
use crate::json::Want;
use crate::measure::{Definition, Quantity as Q};
use crate::run::{Format, Reading, Run};
use serde_json::Value;

/// The format.
pub static SOURCE: Source = Source {
    format: Format::of_tool(
        "inferencex-json",
        "InferenceX aggregate (agg_*.json)",
        "InferenceX",
    ),
    begins: None,
    by_content: |candidate| {
        let keys = &["hw", "conc", "tput_per_gpu"];
        let list = candidate.head.trim_start().strip_prefix('[');
        let first = list.map(|rest| Candidate::new(candidate.path, rest.trim_start()));
        first.as_ref().unwrap_or(candidate).has_keys(keys)
    },
    by_name: |_| false,
    read,
};

pub(super) const TIMES: &[Row] = &[
    (Q::TtftP50, "median_ttft", 1e3),
    (Q::TtftP95, "p95_ttft", 1e3),
    (Q::TtftP99, "p99_ttft", 1e3),
    (Q::TtftMean, "mean_ttft", 1e3),
    (Q::ItlP50, "median_tpot", 1e3),
    (Q::ItlMean, "mean_tpot", 1e3),
    (Q::RequestLatencyP50, "median_e2el", 1e3),
    (Q::RequestLatencyMean, "mean_e2el", 1e3),
];

pub(super) const PER_GPU: &str = "output_tput_per_gpu";

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let want = |path: &[&str]| {
        if path.len() == 1 {
            Want::Whole
        } else {
            Want::Nothing
        }
    };
    entry::each(&SOURCE.format, run, (tree, path), &want, add)
}

fn add(run: &mut Run, entry: &Entry<'_>) -> Result<()> {
    let mut result = entry.result();
    result.model = entry.text("model").map(str::to_owned);
    entry.add(&mut result, TIMES, None)?;
    if let Some((rate, gpus)) = entry.number(PER_GPU)?.zip(gpus(entry)?) {
        let reading = Reading {
            method: Some("output throughput per GPU times the GPUs that it is of"),
            ..Reading::exact(rate * gpus as f64)
        };
        result.push(Q::Throughput, reading);
    }
    entry.check(&result, &[TIMES, &[(Q::Throughput, PER_GPU, 1.0)]])?;
    result.define("itl_p50_ms", Definition::TpotPerRequest);
    result.define("request_latency_p50_ms", Definition::StreamEnd);
    entry.add_outcome(&mut result)?;
    put_load(&mut result, entry.concurrency("conc")?, None, None, None);
    entry.state(run, &result, None);
    for (field, key) in [
        ("context.hardware", "hw"),
        ("context.image", "image"),
        ("context.serving_engine", "framework"),
        ("deployment.quantization", "precision"),
        ("deployment.speculative_decoding", "spec_decoding"),
    ] {
        entry.state_text(run, field, key);
    }
    let sizes = [
        ("deployment.tensor_parallel_size", "tp"),
        ("deployment.expert_parallel_size", "ep"),
    ];
    entry.state_sizes(run, &sizes)?;
    // What was asked for; what came is not in the file.
    for (field, key) in [
        ("workload.input_token_band", "isl"),
        ("workload.output_token_band", "osl"),
    ] {
        if let Some(length) = entry.count(key)? {
            entry.state_workload(run, field, &length.to_string())?;
        }
    }
    run.results.push(result);
    Ok(())
}

/// The GPUs that the throughput of one is multiplied by; `None` where the file does not say how many.
fn gpus(entry: &Entry<'_>) -> Result<Option<u64>> {
    if entry.get("is_multinode") == Some(&Value::Bool(true)) {
        let decode = entry.count("num_decode_gpu")?;
        return match decode {
            Some(0) => entry.count("num_prefill_gpu"),
            decode => Ok(decode),
        };
    }
    let Some(tensor) = entry.count("tp")? else {
        return Ok(None);
    };
    let mut gpus = tensor;
    for key in ["pp", "pcp_size"] {
        gpus *= entry.count(key)?.unwrap_or(1);
    }
    Ok(Some(gpus))
}
