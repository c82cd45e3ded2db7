//! The list of a report's section: which field of the document a property is.

use super::outline::Item;
use crate::fault::{Code, Fault, Result};
use crate::text;
use serde_json::Value;

/// The type that a field has in the document.
#[derive(Clone, Copy)]
enum ValueType {
    Text,
    /// A whole number, always.
    Whole,
    /// A number where it is one, else text such as `default`.
    Number,
    /// `on` or `off` where it is one of the usual words for these, else text.
    Switch,
}

use ValueType::{Number, Switch, Text, Whole};

/// Normalised names (lower case, words) and the field that each is.
const FIELDS: &[(&[&str], &str, ValueType)] = &[
    (
        &[
            "model path",
            "hf path",
            "model hf path",
            "hf model",
            "checkpoint",
        ],
        "model_path",
        Text,
    ),
    (
        &["vllm version", "vllm", "vllm commit"],
        "deployment.vllm_version",
        Text,
    ),
    (
        &[
            "tp",
            "tensor parallel",
            "tensor parallel size",
            "tensor parallelism",
        ],
        "deployment.tensor_parallel_size",
        Whole,
    ),
    (
        &[
            "dp",
            "data parallel",
            "data parallel size",
            "data parallelism",
        ],
        "deployment.data_parallel_size",
        Whole,
    ),
    (
        &[
            "pp",
            "pipeline parallel",
            "pipeline parallel size",
            "pipeline parallelism",
        ],
        "deployment.pipeline_parallel_size",
        Whole,
    ),
    (
        &[
            "ep",
            "expert parallel",
            "expert parallel size",
            "expert parallelism",
        ],
        "deployment.expert_parallel_size",
        Whole,
    ),
    (&["quantization", "quant"], "deployment.quantization", Text),
    (&["kv cache dtype"], "deployment.kv_cache_dtype", Text),
    (
        &["speculative decoding", "spec decode", "speculative"],
        "deployment.speculative_decoding",
        Text,
    ),
    (&["namespace"], "deployment.namespace", Text),
    (&["cluster"], "deployment.cluster", Text),
    (&["service"], "deployment.service", Text),
    (&["dtype"], "context.dtype", Text),
    (
        &["prefix caching", "prefix cache", "enable prefix caching"],
        "context.prefix_caching",
        Switch,
    ),
    (&["max num seqs"], "context.max_num_seqs", Number),
    (
        &["max num batched tokens"],
        "context.max_num_batched_tokens",
        Number,
    ),
    (&["max model len"], "context.max_model_len", Number),
    (
        &["gpu memory utilization"],
        "context.gpu_memory_utilization",
        Number,
    ),
    (
        &["cudagraph mode", "cuda graph mode"],
        "context.cudagraph_mode",
        Text,
    ),
    (&["enforce eager"], "context.enforce_eager", Switch),
    (&["async scheduling"], "context.async_scheduling", Switch),
    (&["parallel strategy"], "context.parallel_strategy", Text),
    (&["hardware"], "context.hardware", Text),
    (&["delivery"], "context.delivery", Text),
    (&["image"], "context.image", Text),
    (&["regime"], "context.regime", Text),
    (&["tier"], "context.tier", Text),
    (&["client"], "context.bench_backend", Text),
    (&["bench backend"], "context.bench_backend", Text),
    (&["serving engine"], "context.serving_engine", Text),
    (&["dataset"], "workload.dataset", Text),
    (&["split"], "workload.split", Text),
    (
        &["conversation num", "conversations"],
        "workload.conversation_num",
        Whole,
    ),
    (&["input token band"], "workload.input_token_band", Text),
    (&["output token band"], "workload.output_token_band", Text),
];

/// Texts that say nothing.
const ABSENT: [&str; 8] = ["", "-", "–", "—", "n/a", "na", "unknown", "unrecorded"];

/// Whether a property is the served model name.
pub fn is_served_model(key: &str) -> bool {
    matches!(
        normal(key).as_str(),
        "served model name" | "served model" | "model" | "model name"
    )
}

/// Whether a property is the path of the model.
pub fn is_model_path(key: &str) -> bool {
    field(key).is_some_and(|(field, _)| field == "model_path")
}

/// The field that an item states, and its value; `None` for other items and for values that say nothing.
///
/// Faults: a size that is no whole number ([`Code::BadValue`]).
pub fn read(file: &str, item: &Item) -> Result<Option<(&'static str, Value)>> {
    let Some((field, value_type)) = field(&item.key) else {
        return Ok(None);
    };
    if ABSENT.contains(&item.value.to_lowercase().as_str()) {
        return Ok(None);
    }
    let whole = whole(&item.value);
    let value = match value_type {
        Text => Value::from(item.value.as_str()),
        Switch => Value::from(switch(&item.value).unwrap_or(&item.value)),
        Number => whole
            .or_else(|| fraction(&item.value))
            .unwrap_or_else(|| Value::from(item.value.as_str())),
        Whole => whole.ok_or_else(|| {
            Fault::new(
                Code::BadValue,
                format!(
                    "found `{}`; expected a whole number such as `8`. Write the number alone",
                    text::excerpt(&item.value)
                ),
            )
            .at_field(file, Some(item.line), &item.key)
        })?,
    };
    Ok(Some((field, value)))
}

fn field(key: &str) -> Option<(&'static str, ValueType)> {
    let name = normal(key);
    FIELDS
        .iter()
        .find(|(names, _, _)| names.contains(&name.as_str()))
        .map(|(_, field, value_type)| (*field, *value_type))
}

/// Lower case, and every mark a blank: `--max-num-seqs` and `Max num seqs` are the same name.
fn normal(key: &str) -> String {
    let spaced: String = key
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn switch(value: &str) -> Option<&'static str> {
    match value.to_lowercase().as_str() {
        "on" | "true" | "yes" | "enabled" => Some("on"),
        "off" | "false" | "no" | "disabled" => Some("off"),
        _ => None,
    }
}

fn whole(value: &str) -> Option<Value> {
    let printed = text::number(value, 0)
        .ok()
        .filter(|printed| printed.decimals == 0)?;
    // Beyond 2^53 a double no longer holds every whole number.
    (printed.value < 9_007_199_254_740_992.0).then(|| Value::from(printed.value as u64))
}

fn fraction(value: &str) -> Option<Value> {
    text::number(value, 0)
        .ok()
        .map(|printed| Value::from(printed.value))
}
