//! What vLLM says about its own configuration: the labels of `cache_config_info`.

use crate::finding::{Finding, FindingCode};
use crate::run::{Format, Labels, Run};
use serde_json::Value;
use std::collections::BTreeSet;

/// How a label becomes a value; `None` where the server does not state it.
type Convert = fn(&str) -> Option<Value>;

/// Label, field of the document, conversion.
#[rustfmt::skip]
const FIELDS: &[(&str, &str, Convert)] = &[
    ("cache_dtype",            "deployment.kv_cache_dtype",      text),
    ("enable_prefix_caching",  "context.prefix_caching",         on_off),
    ("gpu_memory_utilization", "context.gpu_memory_utilization", decimal),
    ("block_size",             "context.block_size",             whole),
    ("num_gpu_blocks",         "context.num_gpu_blocks",         whole),
    ("kv_cache_size_tokens",   "context.kv_cache_size_tokens",   whole),
];

fn text(label: &str) -> Option<Value> {
    (!label.is_empty() && label != "None").then(|| Value::from(label))
}

/// vLLM prints Python's `True`, `False`, and `None` where nobody chose.
fn on_off(label: &str) -> Option<Value> {
    match label {
        "True" => Some(Value::from("on")),
        "False" => Some(Value::from("off")),
        _ => None,
    }
}

fn decimal(label: &str) -> Option<Value> {
    let number: f64 = label.parse().ok()?;
    number.is_finite().then(|| Value::from(number))
}

fn whole(label: &str) -> Option<Value> {
    label.parse::<u64>().ok().map(Value::from)
}

/// States the configuration that one file holds, one set of labels an engine.
///
/// A field that an earlier file stated in the same way is not stated again. Where files or engines
/// disagree the first value stays and a finding names both.
pub fn state<'a>(
    run: &mut Run,
    format: &Format,
    file: &str,
    engines: impl IntoIterator<Item = &'a Labels>,
) {
    let engines: Vec<&Labels> = engines.into_iter().collect();
    for (label, field, convert) in FIELDS {
        let texts: BTreeSet<&str> = engines
            .iter()
            .filter_map(|labels| labels.get(label))
            .filter(|text| convert(text).is_some())
            .collect();
        for text in texts {
            if let Some(value) = convert(text) {
                state_once(run, format, file, field, value);
            }
        }
    }
}

fn state_once(run: &mut Run, format: &Format, file: &str, field: &str, value: Value) {
    let earlier = run
        .statements
        .iter()
        .find(|one| one.speaker == format.speaker && one.field == field);
    let Some(earlier) = earlier else {
        run.state(format, field, value, file);
        return;
    };
    if earlier.value == value {
        return;
    }
    let finding = Finding::new(
        FindingCode::ServerConfigDiffers,
        field.to_owned(),
        format!(
            "the server's cache_config_info says {} in {} and {value} in {file}; {} is kept",
            earlier.value, earlier.file, earlier.value
        ),
    );
    let known = |one: &Finding| one.code == finding.code && one.place == finding.place;
    if !run.findings.iter().any(known) {
        run.findings.push(finding);
    }
}
