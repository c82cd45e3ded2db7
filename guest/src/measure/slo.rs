//! The SLOs that goodput counts by, in one form for all tools.

use super::quantity::Sampled;
use serde_json::{Map, Value};

/// What tools call the limit of a latency of one request, all in milliseconds; what is called otherwise keeps its name.
const NAMES: &[(&str, Sampled)] = &[
    ("ttft", Sampled::Ttft),
    ("time_to_first_token", Sampled::Ttft),
    ("tpot", Sampled::Itl),
    ("tpot_ms", Sampled::Itl),
    ("inter_token_latency", Sampled::Itl),
    ("e2el", Sampled::Latency),
    ("e2el_ms", Sampled::Latency),
    ("request_latency", Sampled::Latency),
];

/// The SLOs of an object of limits, or of a list of `NAME:LIMIT`: null where there are none, `None` where a limit is no
/// number from 0 on.
pub fn of(stated: &Value) -> Option<Value> {
    let mut slo = Map::new();
    let mut add = |name: &str, limit: f64| {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        let name = known.map_or(name, |(_, of)| of.as_str()).to_owned();
        // Two files may write one limit as 500 and as 500.0.
        let limit = match limit.fract() == 0.0 && limit < 1e15 {
            true => Value::from(limit as u64),
            false => limit.into(),
        };
        slo.insert(name, limit);
    };
    let limit = |limit: Option<f64>| limit.filter(|limit| limit.is_finite() && *limit >= 0.0);
    match stated {
        Value::Object(limits) => {
            for (name, stated) in limits.iter().filter(|(_, stated)| !stated.is_null()) {
                add(name, limit(stated.as_f64())?);
            }
        }
        Value::Array(limits) => {
            for stated in limits {
                let (name, stated) = stated.as_str()?.split_once(':')?;
                add(name.trim(), limit(stated.trim().parse().ok())?);
            }
        }
        Value::Null => {}
        _ => return None,
    }
    Some(match slo.is_empty() {
        true => Value::Null,
        false => slo.into(),
    })
}

/// SLOs in words: `ttft_ms 500, itl_ms 50`.
pub fn words(slo: &Value) -> String {
    let limits = slo.as_object().into_iter().flatten();
    let words = limits.map(|(name, limit)| format!("{name} {limit}"));
    words.collect::<Vec<_>>().join(", ")
}
