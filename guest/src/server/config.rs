//! What vLLM says about its own configuration: the labels of `cache_config_info`.

use super::catalog::engine;
use crate::finding::{Finding, FindingCode};
use crate::order::Keyed as _;
use crate::run::server::Family;
use crate::run::{Format, Labels, Run, ServerMetrics};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

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
            .into_set();
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

/// What the series themselves imply about the configuration.
pub struct Implied {
    /// Field of the document.
    pub field: &'static str,
    /// Its value.
    pub value: Value,
    /// A file that says so.
    pub file: String,
}

/// Labels that number the parts of a server from 0 on, and the size that they imply.
const PARTS: &[(&str, &str)] = &[
    ("engine", "deployment.data_parallel_size"),
    ("dp_rank", "deployment.data_parallel_size"),
    ("tp_rank", "deployment.tensor_parallel_size"),
    ("pp_rank", "deployment.pipeline_parallel_size"),
    ("moe_ep_rank", "deployment.expert_parallel_size"),
];

/// Engine, parallel sizes and speculative decoding, as far as the series of a model show them.
///
/// A size is implied by several parts only: where there is one, the others may be scraped elsewhere.
pub fn implied(observed: &ServerMetrics, model: &str) -> Vec<Implied> {
    let scraped = observed.scrapes.iter().flat_map(|scrape| {
        let series = scrape.series.iter();
        series.map(|one| (one.family, &one.labels, Some(one.value), &scrape.file))
    });
    let exported = observed.exports.iter().flat_map(|export| {
        let series = export.series.iter();
        series.map(|one| (one.family, &one.labels, one.max.or(one.total), &export.file))
    });
    let ours = |labels: &Labels| labels.model().is_none_or(|label| label == model);
    let mut engines: BTreeMap<&str, &String> = BTreeMap::new();
    let mut parts: BTreeMap<(usize, u64), &String> = BTreeMap::new();
    let mut speculates = None;
    for (family, labels, value, file) in scraped.chain(exported) {
        let Some(engine) = engine(family).filter(|_| ours(labels)) else {
            continue;
        };
        engines.entry(engine).or_insert(file);
        for (at, (label, _)) in PARTS.iter().enumerate() {
            if let Some(part) = labels.get(label).and_then(|text| text.parse().ok()) {
                parts.entry((at, part)).or_insert(file);
            }
        }
        let drafts = match family {
            Family::VllmDrafts => true,
            Family::SglangAccepted => value.is_some_and(|length| length > 0.0),
            _ => false,
        };
        if drafts {
            speculates.get_or_insert(file);
        }
    }
    let mut found = Vec::new();
    let mut imply = |field, value: Value, file: &str| {
        found.push(Implied {
            field,
            value,
            file: file.to_owned(),
        });
    };
    if let (Some((engine, file)), 1) = (engines.first_key_value(), engines.len()) {
        imply("context.serving_engine", Value::from(*engine), file);
    }
    for (at, (_, field)) in PARTS.iter().enumerate() {
        let of_label = parts.range((at, 0)..=(at, u64::MAX));
        let count = of_label.clone().count();
        if let (Some((_, file)), 2..) = (of_label.clone().next(), count) {
            imply(field, Value::from(count), file);
        }
    }
    if let Some(file) = speculates {
        imply("deployment.speculative_decoding", Value::from("on"), file);
    }
    found
}
