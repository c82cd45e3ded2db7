//! The measured phase in the configuration that AIPerf echoes.

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

/// How many requests the measured phase was to send; `None` where a time or a number of sessions may end it
/// before that.
pub(super) fn planned(config: &Value) -> Option<u64> {
    let phase = measured(config)?;
    let stated = |name: &&str| phase.get(*name).filter(|value| !value.is_null());
    let other_end = ["duration", "sessions", "benchmark_duration"];
    if other_end.iter().any(|name| stated(name).is_some()) {
        return None;
    }
    let names = ["requests", "request_count"];
    names.iter().find_map(stated)?.as_u64()
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
