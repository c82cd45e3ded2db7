//! The measured phase in the configuration that AIPerf echoes.

use crate::run::Planned;
use serde_json::Value;

/// The measured phase: in a list of phases or under its name; older versions called it `loadgen`.
pub(super) fn measured(config: &Value) -> Option<&Value> {
    let phases = config.get("phases");
    let listed = phases.and_then(Value::as_array).and_then(|phases| {
        let measured =
            |phase: &&Value| phase.get("kind").and_then(Value::as_str) == Some("profiling");
        phases.iter().find(measured)
    });
    listed
        .or_else(|| phases?.get("profiling"))
        .or_else(|| config.get("loadgen"))
}

/// What was to end the measured phase; `None` where a number of sessions may, or whichever of two comes first.
pub(super) fn planned(config: &Value) -> Option<Planned> {
    let phase = measured(config)?;
    let stated = |name: &&str| phase.get(*name).filter(|value| !value.is_null());
    let requests = ["requests", "request_count"].iter().find_map(stated);
    let seconds = ["duration", "benchmark_duration"].iter().find_map(stated);
    match (requests, seconds, stated(&"sessions")) {
        (Some(requests), None, None) => requests.as_u64().map(Planned::Requests),
        (None, Some(seconds), None) => seconds.as_f64().map(Planned::Seconds),
        _ => None,
    }
}

/// The concurrency among the values that a list of several made this run of: `concurrency`, or
/// `phases.profiling.concurrency`.
pub(super) fn varied_concurrency(run_info: &Value) -> Option<&Value> {
    let values = run_info.get("variation_values")?.as_object()?;
    let mut named = values.iter();
    named
        .find(|(name, _)| name.rsplit('.').next() == Some("concurrency"))
        .map(|(_, value)| value)
}
