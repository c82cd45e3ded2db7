//! What AIPerf says of its run as a whole: when it began, and what speaks against it.

use serde_json::{Map, Value};

/// When the measured phase began.
pub(super) fn start_time(map: &Map<String, Value>) -> Option<String> {
    map.get("start_time")
        .and_then(Value::as_str)
        .map(str::to_owned)
}

/// What the export says against its run, each as `NAME: VALUE`; the names are those of
/// [`crate::measure::validity::STATEMENTS`].
pub(super) fn against(map: &Map<String, Value>) -> Vec<String> {
    let mut said = Vec::new();
    let mut list = |name: &str, value: Option<&Value>| {
        let one = value.filter(|value| !value.is_array()).into_iter();
        let several = value.and_then(Value::as_array).into_iter().flatten();
        for reason in one.chain(several) {
            let reason = match reason {
                Value::String(text) => text.clone(),
                Value::Null | Value::Bool(false) => continue,
                other => other.to_string(),
            };
            // Nothing, or an object without a member.
            if !matches!(reason.as_str(), "" | "{}") {
                said.push(format!("{name}: {reason}"));
            }
        }
    };
    let metadata = map.get("metadata");
    let of_metadata = |name: &str| metadata.and_then(|metadata| metadata.get(name));
    let stated = |name: &str| map.get(name).or_else(|| of_metadata(name));
    for name in [
        "runtime_submission_invalid_reasons",
        "submission_invalid_reasons",
    ] {
        list(name, stated(name));
    }
    let flag = |value: Option<&Value>| value.and_then(Value::as_bool);
    if said.is_empty() && flag(stated("submission_valid")) == Some(false) {
        said.push("submission_valid: false".to_owned());
    }
    if flag(map.get("was_cancelled")) == Some(true) {
        said.push("was_cancelled: true".to_owned());
    }
    if flag(map.get("is_complete")) == Some(false) {
        said.push("is_complete: false".to_owned());
    }
    said
}
