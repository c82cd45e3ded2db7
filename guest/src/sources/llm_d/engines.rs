//! The engines that a report of llm-d describes: models, hardware, sizes, and how many of them there are.

use crate::json;
use crate::order::Keyed as _;
use crate::run::{LevelResult, Run, all_names};
use crate::sources::entry::Entry;
use serde_json::Value;
use std::collections::BTreeMap;

/// The sizes of an engine, by the keys of its parallelism.
const SIZES: [(&str, &str); 4] = [
    ("deployment.tensor_parallel_size", "tp"),
    ("deployment.data_parallel_size", "dp"),
    ("deployment.pipeline_parallel_size", "pp"),
    ("deployment.expert_parallel_size", "ep"),
];

/// The model, and the hardware and sizes of the engines. What engines differ in is none of those: it stands beside their
/// number.
pub(super) fn describe(run: &mut Run, entry: &Entry<'_>, result: &mut LevelResult) {
    let stack = entry.get("scenario.stack").and_then(Value::as_array);
    let standardized = stack.into_iter().flatten();
    let mut engines: Vec<&Value> = standardized
        .filter_map(|component| component.get("standardized"))
        .filter(|of| of.get("model").is_some() || of.get("accelerator").is_some())
        .collect();
    let names = engines
        .iter()
        .filter_map(|engine| json::dig(engine, &["model", "name"])?.as_str());
    result.model =
        all_names(names).or_else(|| entry.text("scenario.model.name").map(str::to_owned));
    engines.retain(|engine| engine.get("accelerator").is_some());
    let mut parts: Vec<(&str, Option<u64>, &Value)> = engines
        .iter()
        .map(|engine| {
            let role = engine["role"].as_str().unwrap_or("engine");
            (role, engine["replicas"].as_u64(), &engine["accelerator"])
        })
        .collect();
    if let (true, Some(Value::Array(old))) =
        (parts.is_empty(), entry.get("scenario.host.accelerator"))
    {
        let roles = entry.get("scenario.host.type");
        let role = |at: usize| roles?.get(at)?.as_str();
        let hosts = old.iter().enumerate();
        parts.extend(hosts.map(|(at, of)| (role(at).unwrap_or("engine"), Some(1), of)));
    }
    let hardware = parts.iter().filter_map(|part| part.2["model"].as_str());
    if let Some(hardware) = all_names(hardware) {
        run.state(entry.format, "context.hardware", hardware, entry.file);
    }
    for (field, key) in SIZES {
        let sizes = parts.iter().filter_map(|part| size(part.2, key));
        if let [size] = sizes.into_set().into_iter().collect::<Vec<_>>()[..] {
            run.state(entry.format, field, size, entry.file);
        }
    }
    if let Some(replicas) = replicas(&parts) {
        run.state(entry.format, "deployment.replicas", replicas, entry.file);
    }
}

fn size(accelerator: &Value, key: &str) -> Option<u64> {
    let size = accelerator["parallelism"][key].as_u64();
    size.filter(|size| *size > 0)
}

/// How many engines there are: `4`, or of each kind `2 decode H100 tp=8, 4 prefill H100 tp=2`. A component that does not say
/// how many it stands for is one among several, and alone nothing is known.
fn replicas(parts: &[(&str, Option<u64>, &Value)]) -> Option<String> {
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for (role, replicas, accelerator) in parts {
        let mut kind = (*role).to_owned();
        if let Some(model) = accelerator["model"].as_str() {
            kind += &format!(" {model}");
        }
        for (_, key) in SIZES {
            if let Some(size) = size(accelerator, key) {
                kind += &format!(" {key}={size}");
            }
        }
        let replicas = replicas.or((parts.len() > 1).then_some(1))?;
        let count = kinds.entry(kind).or_default();
        *count = count.saturating_add(replicas);
    }
    if let [count] = kinds.values().collect::<Vec<_>>()[..] {
        return Some(count.to_string());
    }
    let each = kinds.iter().map(|(kind, count)| format!("{count} {kind}"));
    let all = each.collect::<Vec<_>>().join(", ");
    (!all.is_empty()).then_some(all)
}
