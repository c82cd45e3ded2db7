//! Makes the document of a run.

use super::ceiling::{self, Ceiling};
use super::context::{self, Setting};
use super::levels::{self, Chosen};
use super::{Document, SCHEMA, mirror, samples, to_json};
use crate::fault::{Code, Fault, Result};
use crate::fields::FIELDS;
use crate::finding::Finding;
use crate::measure::{ItlDefinition, Quantity, metrics};
use crate::profile;
use crate::provenance::Provenance;
use crate::run::{Profiles, Run};
use crate::server::{self, Measured};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the caller adds to a bundle.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The served model name; needed where the bundle names none or several.
    pub model: Option<String>,
    /// `--set` in order.
    pub settings: Vec<(String, String)>,
    /// Hashes and circumstances, made by the host.
    pub provenance: Provenance,
    /// The ceiling that `sol_pct` is a share of.
    pub ceiling: Option<Ceiling>,
}

/// Quantities in the order in which a level lists them.
const LISTED: &[Quantity] = &[
    Quantity::Throughput,
    Quantity::TtftP50,
    Quantity::TtftP95,
    Quantity::TtftP99,
    Quantity::ItlP50,
    Quantity::TpsPerUser,
    Quantity::RequestLatencyP50,
    Quantity::Errors,
    Quantity::Requests,
    Quantity::IslMean,
    Quantity::OslMean,
];

/// The name of a quantity in the document.
pub(super) fn field_of(quantity: Quantity) -> &'static str {
    let judged = metrics::of_levels()
        .find(|(_, of)| *of == quantity)
        .map(|(metric, _)| metric.name);
    judged.unwrap_or(match quantity {
        Quantity::Errors => "errors",
        Quantity::Requests => "requests",
        Quantity::IslMean => "isl_mean",
        Quantity::OslMean => "osl_mean",
        _ => "benchmark_seconds",
    })
}

/// Makes the document of everything that was found in a bundle.
///
/// Faults: no or several models and none chosen, two runs of one level, a setting that does not exist.
pub fn build(run: &Run, paired_profile: Option<&Profiles>, options: &Options) -> Result<Document> {
    let model = choose_model(run, options.model.as_deref())?;
    let mut findings = run.findings.clone();
    let levels = levels::group(run, &model, &mut findings)?;
    if levels.is_empty() {
        return Err(Fault::new(
            Code::NotUnderstood,
            format!(
                "found no result of a concurrency level for the model {model:?}; expected at least one of AIPerf's exports, its console log, or a report table"
            ),
        ));
    }
    let settings: Vec<Setting> = options
        .settings
        .iter()
        .map(|(path, value)| Setting {
            path: path.clone(),
            value: value.clone(),
        })
        .collect();
    let mut statements = context::settings(&settings)?;
    let of_model = |named: &Option<String>| named.as_deref().is_none_or(|named| named == model);
    statements.extend(
        run.statements
            .iter()
            .filter(|statement| of_model(&statement.model))
            .cloned(),
    );
    statements.retain(|statement| statement.field != "model");
    let stated = context::merge(&statements, &mut findings);

    let numbers = Numbers::of(&levels, &mut findings);
    let conditions = server::Conditions {
        model: Some(model.clone()),
        benchmark_seconds: numbers.seconds,
        levels: Some(levels.len()),
        prefix_caching_off: stated
            .get("context.prefix_caching")
            .is_some_and(|value| value == "off"),
    };
    let server = server::resolve(&run.server, &conditions);
    findings.extend(server.findings.iter().cloned());
    let profile = profile::resolve(paired_profile.unwrap_or(&run.profile));
    findings.extend(profile.findings.iter().cloned());

    let mut map = Map::new();
    map.insert("schema".into(), SCHEMA.into());
    map.insert("model".into(), model.into());
    insert_context(
        &mut map,
        &stated,
        &levels.keys().copied().collect::<Vec<_>>(),
    );
    map.insert("metrics".into(), numbers.metrics.into());
    map.insert("server_metrics_delta".into(), server_section(&server));
    map.insert("kernel_class_gpu_pct".into(), kernel_classes(&profile));
    map.insert(
        "cpu_spinpoll_pct".into(),
        profile.cpu_spinpoll_pct.map_or(Value::Null, Value::from),
    );
    map.insert("definitions".into(), definitions(numbers.itl, &server));
    let mut sources = numbers.sources;
    sources.insert("server".into(), server_sources(&server));
    sources.insert("profile".into(), profile_sources(&profile));
    map.insert("sources".into(), sources.into());
    let captured_at = run.captured_at.clone();
    map.insert(
        "provenance".into(),
        options
            .provenance
            .to_json(run.tool.as_deref(), captured_at, &stated),
    );
    map.insert("findings".into(), json!(findings));
    if let Some(ceiling) = &options.ceiling {
        ceiling::insert(&mut map, ceiling)?;
    }
    if let Some(section) = samples::section(&levels) {
        map.insert(samples::KEY.into(), section);
    }
    mirror::add(&mut map);
    // One path for documents made here and documents read from disk: what is written can be read.
    Document::parse("document", &to_json(&map))
}

fn choose_model(run: &Run, wanted: Option<&str>) -> Result<String> {
    let stated: BTreeSet<&str> = crate::order::set(
        run.results
            .iter()
            .filter_map(|result| result.model.as_deref()),
    );
    let list = || stated.iter().copied().collect::<Vec<_>>().join(", ");
    match (wanted, stated.len()) {
        (Some(wanted), _) if stated.is_empty() || stated.contains(wanted) => Ok(wanted.to_owned()),
        (Some(wanted), _) => Err(Fault::new(
            Code::NotFound,
            format!(
                "--model names {wanted:?}, but this bundle holds: {}. Name one of these, or leave --model out",
                list()
            ),
        )),
        (None, 1) => Ok(list()),
        (None, 0) => Err(Fault::new(
            Code::NotUnderstood,
            "nothing in this bundle names the model that was served; pass --model NAME, as /v1/models returns it",
        )),
        (None, _) => Err(Fault::new(
            Code::Usage,
            format!(
                "this bundle holds several models: {}. Choose one with --model",
                list()
            ),
        )),
    }
}

/// The numbers of all levels, ready for the document.
struct Numbers {
    metrics: Map<String, Value>,
    sources: Map<String, Value>,
    itl: Option<ItlDefinition>,
    seconds: Option<f64>,
}

impl Numbers {
    fn of(levels: &levels::Levels<'_>, findings: &mut Vec<Finding>) -> Self {
        let mut numbers = Numbers {
            metrics: Map::new(),
            sources: Map::new(),
            itl: None,
            seconds: Some(0.0),
        };
        let mut definitions = Vec::new();
        for (level, results) in levels {
            let (mut values, mut sources) = (Map::new(), Map::new());
            for quantity in LISTED {
                let name = field_of(*quantity);
                let chosen = levels::choose(*level, *quantity, results, findings);
                if let (Quantity::ItlP50, Some(chosen)) = (quantity, &chosen) {
                    definitions.push(chosen.from.itl);
                }
                values.insert(
                    name.into(),
                    chosen
                        .as_ref()
                        .map_or(Value::Null, |chosen| number(*quantity, chosen)),
                );
                if let Some(chosen) = &chosen {
                    sources.insert(name.into(), source(chosen));
                }
            }
            findings.extend(levels::ended_early(*level, results));
            let seconds = levels::choose(*level, Quantity::BenchmarkSeconds, results, findings);
            numbers.seconds = numbers
                .seconds
                .zip(seconds)
                .map(|(sum, chosen)| sum + chosen.reading.value);
            numbers.metrics.insert(level.to_string(), values.into());
            numbers.sources.insert(level.to_string(), sources.into());
        }
        numbers.itl = levels::itl_definition(definitions);
        numbers
    }
}

/// Counts are written as whole numbers.
fn number(quantity: Quantity, chosen: &Chosen<'_>) -> Value {
    let value = chosen.reading.value;
    let count = matches!(quantity, Quantity::Errors | Quantity::Requests);
    if count && value.fract() == 0.0 && value < 9e15 {
        Value::from(value as u64)
    } else {
        Value::from(value)
    }
}

fn source(chosen: &Chosen<'_>) -> Value {
    let mut source = Map::new();
    source.insert("file".into(), chosen.from.file.clone().into());
    source.insert("format".into(), chosen.from.format.name.into());
    if let Some(samples) = chosen.reading.samples {
        source.insert("requests".into(), samples.into());
    }
    if let Some(method) = chosen.reading.method {
        source.insert("method".into(), method.into());
    }
    source.into()
}

/// The seed's fields where the seed puts them, everything else under `context`; what nobody stated is null.
fn insert_context(map: &mut Map<String, Value>, stated: &BTreeMap<&str, Value>, sweep: &[u32]) {
    for field in FIELDS.iter().filter(|field| field.path != "model") {
        let value = stated.get(field.path).cloned().unwrap_or(Value::Null);
        match field.path.split_once('.') {
            None => {
                map.insert(field.path.into(), value);
            }
            Some((section, name)) => {
                if let Value::Object(section) =
                    map.entry(section).or_insert_with(|| Map::new().into())
                {
                    section.insert(name.into(), value);
                    if field.path == "workload.conversation_num" {
                        section.insert("concurrency_sweep".into(), json!(sweep));
                    }
                }
            }
        }
    }
}

fn server_section(server: &server::Resolved) -> Value {
    let value = |measured: &Measured| measured.value.map_or(Value::Null, Value::from);
    let count = |measured: &Measured| match measured.value {
        Some(count) if count.fract() == 0.0 && count < 9e15 => Value::from(count as u64),
        _ => value(measured),
    };
    json!({
        "prefix_cache_hit_rate_pre": value(&server.hit_rate_pre),
        "prefix_cache_hit_rate_post": value(&server.hit_rate_post),
        "gpu_cache_usage_perc_peak": value(&server.kv_usage_peak),
        "num_requests_running_peak": count(&server.running_peak),
        "avg_generation_throughput_toks_per_s": value(&server.generation_tps),
    })
}

fn server_sources(server: &server::Resolved) -> Value {
    let source = |measured: &Measured| {
        let mut source = Map::new();
        if let Some(metric) = &measured.metric {
            source.insert("metric".into(), metric.clone().into());
        }
        if !measured.files.is_empty() {
            source.insert("files".into(), json!(measured.files));
        }
        if let Some(reason) = &measured.reason {
            source.insert("reason".into(), reason.clone().into());
        }
        Value::Object(source)
    };
    json!({
        "prefix_cache_hit_rate_pre": source(&server.hit_rate_pre),
        "prefix_cache_hit_rate_post": source(&server.hit_rate_post),
        "gpu_cache_usage_perc_peak": source(&server.kv_usage_peak),
        "num_requests_running_peak": source(&server.running_peak),
        "avg_generation_throughput_toks_per_s": source(&server.generation_tps),
    })
}

fn kernel_classes(profile: &profile::Resolved) -> Value {
    match &profile.kernel_class_gpu_pct {
        Some(classes) => Value::Object(
            classes
                .iter()
                .map(|(class, share)| (class.clone(), (*share).into()))
                .collect(),
        ),
        None => Value::Null,
    }
}

fn profile_sources(profile: &profile::Resolved) -> Value {
    let source = |files: &[String], reason: &Option<String>| match reason {
        Some(reason) => json!({"reason": reason}),
        None => json!({"files": files}),
    };
    json!({
        "kernel_class_gpu_pct": source(&profile.gpu_files, &profile.gpu_reason),
        "cpu_spinpoll_pct": source(&profile.cpu_files, &profile.cpu_reason),
    })
}

fn definitions(itl: Option<ItlDefinition>, server: &server::Resolved) -> Value {
    let window = match server.hit_rate_definition.as_deref() {
        Some("gauge") => Some("instant of the scrape"),
        Some(_) => Some("from the pre scrape to the post scrape, warm-up included"),
        None => None,
    };
    json!({
        "itl_p50_ms": itl.map(|itl| itl.as_str()),
        "prefix_cache_hit_rate_post": server.hit_rate_definition,
        "prefix_cache_hit_rate_window": window,
    })
}
