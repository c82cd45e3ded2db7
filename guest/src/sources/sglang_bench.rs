//! SGLang's `bench_serving` (`sglang.benchmark.serving`): one line a run, appended. Read in the sources of 0.3 to 0.5.23
//! and seen in 0.4.6 and 0.5.23; times in milliseconds, lists of single requests in seconds, `Infinity` for a rate
//! without limit.
//!
//! A line names neither model (unless the server is SGLang too) nor date nor version, and counts what succeeded alone:
//! what was sent stands in the list `errors` of `--output-details`.

use super::entry::{self, Entry, Row, put_load};
use super::serving;
use super::source::Source;
use crate::fault::Result;
use crate::files::Tree;
use crate::json::Want;
use crate::measure::Quantity as Q;
use crate::run::{Format, Run};

/// The format.
pub static SOURCE: Source = Source {
    format: Format::of_tool(
        "sglang-bench-jsonl",
        "SGLang bench_serving result (JSON lines)",
        "SGLang bench_serving",
    ),
    begins: None,
    by_content: |candidate| {
        candidate.is_json_object() && {
            let keys = candidate.top_level_keys();
            let has = |key: &&str| keys.contains(key);
            let own = ["median_e2e_latency_ms", "total_output_tokens_retokenized"];
            own.iter().any(has) && ["request_rate", "output_throughput"].iter().any(has)
        }
    },
    by_name: |_| false,
    read,
};

/// Statistics that only this tool calls so.
pub(super) const TIMES: &[Row] = &[
    (Q::RequestLatencyP50, "median_e2e_latency_ms", 1.0),
    (Q::RequestLatencyMean, "mean_e2e_latency_ms", 1.0),
];

const KEYS: &[&str] = &[
    "median_e2e_latency_ms",
    "mean_e2e_latency_ms",
    "dataset_name",
];

/// What an SGLang server says of itself, with its place in a document.
const SERVER: &[(&str, &str)] = &[
    ("deployment.tensor_parallel_size", "tp_size"),
    ("deployment.data_parallel_size", "dp_size"),
    ("deployment.pipeline_parallel_size", "pp_size"),
    ("deployment.expert_parallel_size", "ep_size"),
    ("deployment.quantization", "quantization"),
    ("model_path", "model_path"),
];

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let keys = [serving::KEYS, KEYS].concat();
    let want = |path: &[&str]| match path {
        ["server_info"] => Want::Enter,
        ["server_info", "served_model_name" | "version"] => Want::Whole,
        ["server_info", key] if SERVER.iter().any(|(_, name)| name == key) => Want::Whole,
        path => entry::flat(&keys, path),
    };
    entry::each(&SOURCE.format, run, (tree, path), &want, add)
}

pub(super) fn add(run: &mut Run, entry: &Entry<'_>) -> Result<()> {
    let mut result = entry.result();
    let named = ["served_model_name", "model_path"];
    let mut named = named
        .map(|key| entry.text(&format!("server_info.{key}")))
        .into_iter();
    // The console alone says what was asked for. Of other data sets there are as many prompts as there are.
    let asked = entry.text("model_id");
    let of_random = |name: &str| name.starts_with("random");
    let prompts = match entry.text("dataset_name").is_some_and(of_random) {
        true => entry.count("num_prompts")?,
        false => None,
    };
    result.model = named.find_map(|name| name).or(asked).map(str::to_owned);
    serving::add(entry, &mut result, TIMES)?;
    serving::server_counts(&mut result);
    let completed = entry.count("completed")?;
    let sent = serving::listed(entry).or(prompts);
    serving::add_counts(&mut result, completed, sent);
    if !serving::is_trace(entry, &mut result)? {
        let rate = entry.rate("request_rate")?;
        let concurrency = entry.concurrency("max_concurrency")?;
        let all = sent.or(completed);
        // Intervals are drawn from an exponential distribution.
        put_load(&mut result, concurrency, rate, Some(1.0), all);
    }
    entry.state(run, &result, None);
    entry.state_text(run, "context.endpoint_type", "backend");
    if let Some(version) = entry.text("server_info.version") {
        let engine = format!("SGLang {version}");
        run.state(&SOURCE.format, "context.serving_engine", engine, entry.file);
    }
    for (field, key) in SERVER {
        let value = entry.get(&format!("server_info.{key}"));
        if let Some(value) = value.filter(|value| value.is_string() || value.is_u64()) {
            run.state(&SOURCE.format, field, value.clone(), entry.file);
        }
    }
    if let Some(dataset) = entry.text("dataset_name") {
        entry.state_dataset(run, dataset)?;
    }
    run.results.push(result);
    Ok(())
}
