//! What AIPerf says of its run as a whole: when it began, and what speaks against it.

use crate::fields;
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
        let reasons = match value {
            Some(Value::Array(reasons)) => reasons.as_slice(),
            Some(Value::Null | Value::Bool(false)) | None => &[],
            // A reason that is in no list is one.
            Some(one) if *one != "" => std::slice::from_ref(one),
            Some(_) => &[],
        };
        for reason in reasons.iter().map(fields::plain) {
            said.push(format!("{name}: {reason}"));
        }
    };
    let metadata = map.get("metadata");
    let of_metadata = |name: &str| metadata.and_then(|metadata| metadata.get(name));
    let runtime = "runtime_submission_invalid_reasons";
    list(runtime, map.get(runtime).or(of_metadata(runtime)));
    let planned = "submission_invalid_reasons";
    list(planned, of_metadata(planned));
    let flag = |value: Option<&Value>| value.and_then(Value::as_bool);
    if said.is_empty() && flag(of_metadata("submission_valid")) == Some(false) {
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
