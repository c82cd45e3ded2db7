//! The sections of a document that are not numbers of cells.

use super::definitions::{self, Definitions};
use crate::fields::{self, FIELDS};
use crate::measure::{Definition, Place, Quantity, place};
use crate::profile;
use crate::server::{self, Measured};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The seed's fields where the seed puts them, everything else under `context`; what nobody stated is null.
pub(super) fn insert_context(
    map: &mut Map<String, Value>,
    stated: &BTreeMap<&str, Value>,
    sweep: &[u32],
) {
    for field in FIELDS.iter().filter(|field| field.path != "model") {
        let value = stated.get(field.path).cloned();
        if value.is_some() || !field.rare {
            fields::set(map, field.path, value.unwrap_or_default());
        }
        if field.path == "workload.conversation_num" {
            fields::set(map, "workload.concurrency_sweep", json!(sweep));
        }
    }
}

/// The numbers of the server in the order of the document.
fn server_numbers(server: &server::Resolved) -> [(Quantity, &Measured); 5] {
    [
        (Quantity::HitRatePre, &server.hit_rate_pre),
        (Quantity::HitRatePost, &server.hit_rate_post),
        (Quantity::CacheUsagePeak, &server.kv_usage_peak),
        (Quantity::RunningPeak, &server.running_peak),
        (Quantity::GenerationThroughput, &server.generation_tps),
    ]
}

/// `server_metrics_delta`, and where each number comes from.
pub(super) fn insert_server(
    map: &mut Map<String, Value>,
    sources: &mut Map<String, Value>,
    server: &server::Resolved,
) {
    let (mut values, mut of_values) = (Map::new(), Map::new());
    for (quantity, measured) in server_numbers(server) {
        let value = match measured.value {
            Some(value) if quantity.unit().is_count() => whole(value),
            Some(value) => value.into(),
            None => Value::Null,
        };
        values.insert(quantity.name().into(), value);
        of_values.insert(quantity.name().into(), server_source(measured));
    }
    map.insert(place::SERVER.into(), values.into());
    sources.insert(Place::Server.key(), of_values.into());
}

fn server_source(measured: &Measured) -> Value {
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
    source.into()
}

/// The shares of a profile, and where each comes from.
pub(super) fn insert_profile(
    map: &mut Map<String, Value>,
    sources: &mut Map<String, Value>,
    profile: &profile::Resolved,
) {
    let source = |files: &[String], reason: &Option<String>| match reason {
        Some(reason) => json!({"reason": reason}),
        None => json!({"files": files}),
    };
    let classes = profile.kernel_class_gpu_pct.as_ref().map(|classes| {
        let share = |(class, share): &(String, f64)| (class.clone(), (*share).into());
        classes.iter().map(share).collect::<Map<String, Value>>()
    });
    let spin = profile.cpu_spinpoll_pct;
    let [kernels, polling] = [Quantity::KernelClass, Quantity::SpinPoll].map(Quantity::name);
    map.insert(kernels.into(), json!(classes));
    map.insert(polling.into(), json!(spin));
    let mut of_values = Map::new();
    let gpu = source(&profile.gpu_files, &profile.gpu_reason);
    of_values.insert(kernels.into(), gpu);
    let cpu = source(&profile.cpu_files, &profile.cpu_reason);
    of_values.insert(polling.into(), cpu);
    sources.insert(Place::Profile.key(), of_values.into());
}

/// A count as a whole number, where it is one.
pub(super) fn whole(value: f64) -> Value {
    if value.fract() == 0.0 && value < 9e15 {
        Value::from(value as u64)
    } else {
        Value::from(value)
    }
}

/// Which quantity each name stands for.
pub(super) fn definitions(of_cells: &Definitions, server: &server::Resolved) -> Value {
    let hit_rate = server.hit_rate_definition.as_deref();
    let window = hit_rate.map(|of| match Definition::of(of) {
        Some(Definition::Gauge) => "instant of the scrape",
        _ => "from the pre scrape to the post scrape, warm-up included",
    });
    let mut map = Map::new();
    for topic in definitions::of_cells() {
        let of_topic = of_cells.get(topic.name).map(|of| of.as_str());
        map.insert(topic.name.into(), json!(of_topic));
    }
    map.insert(Quantity::HitRatePost.name().into(), json!(hit_rate));
    map.insert("prefix_cache_hit_rate_window".into(), json!(window));
    map.into()
}
