//! How GuideLLM put load on the server, and what was to end its phase.

use crate::fault::Result;
use crate::measure::{Load, LoadKind, Place, Rate};
use crate::run::{LevelResult, Planned};
use crate::sources::entry::Entry;
use serde_json::Value;

/// What was to end the phase.
pub(super) struct Limits {
    requests: Option<u64>,
    seconds: Option<f64>,
    /// Whether something else could end it, or a part of it is not counted.
    pub(super) others: bool,
}

impl Limits {
    pub(super) fn of(entry: &Entry<'_>) -> Result<Limits> {
        let part = |key: &str| match entry.get(key) {
            Some(Value::Object(map)) => ["value", "percent"]
                .iter()
                .any(|key| map.get(*key).is_some_and(|value| !value.is_null())),
            Some(value) => value.as_f64().is_some_and(|value| value > 0.0),
            None => false,
        };
        let parts = [
            "config.warmup",
            "config.cooldown",
            "args.warmup_number",
            "args.warmup_duration",
            "args.cooldown_number",
            "args.cooldown_duration",
        ];
        let mut limits = Limits {
            requests: entry.count("args.max_number")?,
            seconds: entry.number("args.max_duration")?,
            others: parts.into_iter().any(part),
        };
        if let Some(Value::Object(constraints)) = entry.get("config.constraints") {
            for (name, constraint) in constraints {
                let at = constraint["current_index"].as_u64().unwrap_or(0) as usize;
                let args = constraint.get("args").unwrap_or(constraint);
                let number = |keys: &[&str]| {
                    let found = keys.iter().find_map(|key| args.get(*key))?;
                    found.as_f64().or_else(|| found.get(at)?.as_f64())
                };
                match name.as_str() {
                    "max_requests" | "max_number" => {
                        limits.requests = number(&["max_num", "count"]).map(|count| count as u64);
                    }
                    "max_duration" | "max_seconds" => {
                        limits.seconds =
                            number(&["max_duration", "max_seconds", "seconds", "duration"]);
                    }
                    _ => limits.others = true,
                }
            }
        }
        Ok(limits)
    }

    pub(super) fn planned(&self) -> Option<Planned> {
        match (self.others, self.requests, self.seconds) {
            (false, Some(requests), None) => Some(Planned::Requests(requests)),
            (false, None, Some(seconds)) => Some(Planned::Seconds(seconds)),
            _ => None,
        }
    }
}

/// The strategy: so many streams, one request after the other, or a rate. `throughput` sends what it can, up to a limit
/// that is no level.
pub(super) fn put_load(entry: &Entry<'_>, result: &mut LevelResult) -> Result<()> {
    let home = match entry.get("config.strategy") {
        Some(_) => "config.strategy",
        None => "args.strategy",
    };
    let key = |name: &str| format!("{home}.{name}");
    let kind = entry
        .text(&key("type_"))
        .or_else(|| entry.text(&key("kind")));
    let limit = || entry.concurrency(&key("max_concurrency"));
    let rate = entry.rate(&key("rate"))?;
    // Of 0.4 under another name.
    let seconds = match entry.number(&key("rampup_duration"))? {
        Some(seconds) => seconds,
        None => entry.number(&key("startup_duration"))?.unwrap_or(0.0),
    };
    let of_rate = |rate: Rate, burstiness, schedule: Option<&str>, limit| Load {
        concurrency: limit,
        request_rate: Some(rate.per_second()),
        burstiness,
        schedule: schedule.map(str::to_owned),
        ramp: Load::ramp_of("rate", seconds),
        ..Load::new(LoadKind::Rate)
    };
    let (load, place) = match (kind, rate) {
        (Some("synchronous"), _) => (Load::closed(1), Some(Place::Level(1))),
        (Some("concurrent"), _) => match entry.concurrency(&key("streams"))? {
            Some(level) => {
                let load = Load {
                    ramp: Load::ramp_of("concurrency", seconds),
                    ..Load::closed(level)
                };
                (load, Some(Place::Level(level)))
            }
            None => return Ok(()),
        },
        (Some("constant"), Some(rate)) => (
            of_rate(rate, None, Some("constant"), limit()?),
            Some(Place::Rate(rate)),
        ),
        (Some("poisson"), Some(rate)) => (
            of_rate(rate, Some(1.0), None, limit()?),
            Some(Place::Rate(rate)),
        ),
        (Some(other), _) => {
            let load = Load {
                concurrency: limit()?,
                schedule: Some(format!("strategy {other}")),
                ..Load::new(LoadKind::Schedule)
            };
            (load, None)
        }
        (None, _) => return Ok(()),
    };
    (result.load, result.place) = (Some(load), place);
    Ok(())
}
