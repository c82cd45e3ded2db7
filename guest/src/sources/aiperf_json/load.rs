//! How AIPerf put load on the server, and so which place a result is of.

use super::echo::Echo;
use crate::json;
use crate::measure::{Load as Kind, LoadKind, Place, Rate};
use serde_json::Value;

/// What the echo says of the load.
#[derive(Default)]
pub(super) struct Load {
    pub(super) load: Option<Kind>,
    /// Closed loops have a concurrency, open ones a rate; a fixed schedule has neither.
    pub(super) place: Option<Place>,
    /// What made it another one while it was measured; then it has no place either.
    pub(super) varies: Option<&'static str>,
}

/// The load of an echo. The error says what was found where a number should be.
pub(super) fn of(echo: &Echo<'_>) -> Result<Load, String> {
    if let Some(varies) = echo.varies() {
        return Ok(Load {
            load: Some(Kind {
                schedule: Some(varies.to_owned()),
                ..Kind::new(LoadKind::Schedule)
            }),
            place: None,
            varies: Some(varies),
        });
    }
    let concurrency = concurrency(echo)?;
    let kind = kind(echo);
    let rate = rate(echo, kind)?;
    let Some(kind) = kind.or_else(|| concurrency.map(|_| LoadKind::Closed)) else {
        return Ok(Load::default());
    };
    let users = || {
        echo.of_phase(&["users", "num_users"])
            .and_then(Value::as_u64)
    };
    let users = || users().and_then(|users| u32::try_from(users).ok());
    let pattern = pattern(echo);
    let load = Kind {
        kind,
        concurrency: match kind {
            LoadKind::UserCentric => users().or(concurrency),
            _ => concurrency,
        },
        request_rate: rate.map(Rate::per_second),
        burstiness: match (kind, pattern) {
            (LoadKind::Rate, Some("gamma")) => smoothness(echo),
            (LoadKind::Rate, Some("constant")) => None,
            (LoadKind::Rate, _) => Some(1.0),
            _ => None,
        },
        schedule: match (kind, pattern) {
            (LoadKind::Rate, Some("constant")) => Some("constant".to_owned()),
            (LoadKind::Schedule, _) => trace(echo),
            (LoadKind::Closed, _) => replay(echo),
            _ => None,
        },
        ramp: echo.ramp(),
    };
    let place = match kind {
        LoadKind::Closed => concurrency.map(Place::Level),
        LoadKind::Rate | LoadKind::UserCentric => rate.map(Place::Rate),
        LoadKind::Schedule => None,
    };
    Ok(Load {
        load: Some(load),
        place,
        varies: None,
    })
}

/// The kind by the type of the phase, and in the echo of older versions by which options there are.
fn kind(echo: &Echo<'_>) -> Option<LoadKind> {
    let stated = echo.of_phase(&["type"]).and_then(Value::as_str);
    let is_on = |value: Option<&Value>| value.and_then(Value::as_bool) == Some(true);
    match stated {
        Some("concurrency" | "concurrency_burst") => Some(LoadKind::Closed),
        Some("poisson" | "constant" | "gamma") => Some(LoadKind::Rate),
        Some("user_centric" | "user_centric_rate") => Some(LoadKind::UserCentric),
        Some("fixed_schedule" | "agentic_replay") => Some(LoadKind::Schedule),
        _ if is_on(echo.of_config(&["input", "fixed_schedule"]))
            || is_on(echo.of_phase(&["fixed_schedule"])) =>
        {
            Some(LoadKind::Schedule)
        }
        _ if echo.of_phase(&["user_centric_rate"]).is_some() => Some(LoadKind::UserCentric),
        _ if echo.of_phase(&["rate", "request_rate"]).is_some() => Some(LoadKind::Rate),
        _ => None,
    }
}

/// The pattern of arrivals of a rate.
fn pattern<'a>(echo: &Echo<'a>) -> Option<&'a str> {
    let stated = echo.of_phase(&["type", "arrival_pattern", "request_rate_mode"]);
    stated.and_then(Value::as_str)
}

fn smoothness(echo: &Echo<'_>) -> Option<f64> {
    let stated = echo.of_phase(&["smoothness", "arrival_smoothness"]);
    // AIPerf's own default, with which gamma is a Poisson process.
    stated.map_or(Some(1.0), Value::as_f64)
}

/// A replay of recorded conversations, so many at once: an override of the phase's type, which says nothing of it.
fn replay(echo: &Echo<'_>) -> Option<String> {
    let mode = echo.of_phase(&["timing_mode"])?.as_str()?;
    let is_replay = mode == "agentic_replay";
    is_replay.then(|| trace(echo).unwrap_or_else(|| mode.to_owned()))
}

/// The file of the trace.
fn trace(echo: &Echo<'_>) -> Option<String> {
    let dataset = || echo.of_config(&["datasets"])?.get(0);
    let named = |key: &str| dataset()?.get(key);
    let file = named("path").or_else(|| named("file"));
    let file = file.or_else(|| echo.of_config(&["input", "file"]));
    let text = file.and_then(Value::as_str)?;
    Some(crate::files::name(text).to_owned())
}

/// A list of one value is that value.
fn single(value: &Value) -> &Value {
    match value.as_array().map(Vec::as_slice) {
        Some([only]) => only,
        _ => value,
    }
}

fn concurrency(echo: &Echo<'_>) -> Result<Option<u32>, String> {
    let stated = echo.of_phase(&["concurrency"]);
    let stated = stated.or_else(|| echo.of_config(&["loadgen", "concurrency"]));
    let Some(found) = stated.or_else(|| echo.varied("concurrency")).map(single) else {
        return Ok(None);
    };
    if found.is_null() {
        return Ok(None);
    }
    let level = json::whole(found).and_then(|level| u32::try_from(level).ok());
    match level.filter(|level| *level > 0) {
        Some(level) => Ok(Some(level)),
        None => Err(format!(
            "found a concurrency of {found}; expected a whole number from 1 on"
        )),
    }
}

fn rate(echo: &Echo<'_>, kind: Option<LoadKind>) -> Result<Option<Rate>, String> {
    let names: &[&str] = match kind {
        Some(LoadKind::Rate) => &["rate", "request_rate"],
        Some(LoadKind::UserCentric) => &["rate", "user_centric_rate"],
        _ => return Ok(None),
    };
    let stated = echo.of_phase(names).or_else(|| echo.varied("rate"));
    let stated = stated.or_else(|| echo.varied("request_rate")).map(single);
    let Some(found) = stated else {
        return Ok(None);
    };
    match found.as_f64().and_then(Rate::new) {
        Some(rate) => Ok(Some(rate)),
        None => Err(format!(
            "found a request rate of {found}; expected a finite number above 0"
        )),
    }
}
