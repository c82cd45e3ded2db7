//! The configuration that AIPerf echoes, in the shapes that its versions gave it.

use crate::json;
use crate::measure::{Load, slo};
use crate::order::Keyed as _;
use crate::run::{Planned, all_names, each_model};
use crate::sources::aiperf_definitions::{RAMPS, joined, switches_on};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The kind, and the first name, of a phase that is measured.
const MEASURED: &str = "profiling";

/// What was configured.
pub(super) struct Echo<'a> {
    /// `input_config`; null where it is missing.
    pub(super) config: &'a Value,
    /// The phase that the numbers are of: in a list of phases, under its name, or `loadgen`.
    pub(super) phase: Option<&'a Value>,
    /// Phases behind it whose requests are in the same numbers.
    later: Vec<&'a Value>,
    run_info: &'a Value,
    /// The name of the run, at top level.
    id: Option<&'a Value>,
}

impl<'a> Echo<'a> {
    pub(super) fn new(map: &'a Map<String, Value>) -> Self {
        let config = map.get("input_config").unwrap_or(&Value::Null);
        let mut phases = measured_phases(config).into_iter();
        let named = config.get("phases").and_then(|phases| phases.get(MEASURED));
        Echo {
            config,
            phase: phases.next().or(named).or_else(|| config.get("loadgen")),
            later: phases.collect(),
            run_info: map.get("run_info").unwrap_or(&Value::Null),
            id: known(map.get("benchmark_id")),
        }
    }

    /// A value of the measured phase under the first of these names that has one.
    pub(super) fn of_phase(&self, names: &[&str]) -> Option<&'a Value> {
        let stated = |name: &&str| known(self.phase?.get(*name));
        names.iter().find_map(stated)
    }

    /// What made the load another one while it was measured.
    pub(super) fn varies(&self) -> Option<&'static str> {
        const LOAD: [&str; 5] = ["type", "concurrency", "rate", "smoothness", "users"];
        let other = |phase: &&Value| {
            let own = |name: &&str| self.of_phase(&[name]) != known(phase.get(*name));
            LOAD.iter().any(own)
        };
        if self.later.iter().any(other) {
            return Some("several measured phases");
        }
        let adaptive = self.of_phase(&["adaptive_scale", "adaptiveScale"]);
        if adaptive.is_some_and(|scale| scale != &Value::Bool(false)) {
            return Some("adaptive scale");
        }
        let series = self.of_phase(&["rate_series", "rateSeries"]);
        series.map(|_| "rate series")
    }

    /// What grew at the beginning of a measured phase.
    pub(super) fn ramp(&self) -> Option<String> {
        let phases = self.phase.into_iter().chain(self.later.iter().copied());
        let of_phase = |phase: &'a Value| {
            RAMPS.iter().filter_map(move |(what, names)| {
                let stated = names.iter().find_map(|name| known(phase.get(*name)))?;
                let over = stated.get("duration").unwrap_or(stated);
                let ramp = Load::ramp_of(what, over.as_f64()?)?;
                let shape = stated.get("strategy").and_then(Value::as_str);
                Some(match shape.filter(|shape| *shape != "linear") {
                    Some(shape) => format!("{ramp}, {shape}"),
                    None => ramp,
                })
            })
        };
        joined(phases.flat_map(of_phase))
    }

    /// A value of the whole configuration.
    pub(super) fn of_config(&self, path: &[&str]) -> Option<&'a Value> {
        json::dig(self.config, path).filter(|value| !value.is_null())
    }

    /// The concurrency among the values that a list of several made this run of: `concurrency`, or
    /// `phases.profiling.concurrency`.
    pub(super) fn varied(&self, wanted: &str) -> Option<&'a Value> {
        let values = self.run_info.get("variation_values")?.as_object()?;
        let mut named = values.iter();
        named
            .find(|(name, _)| name.rsplit('.').next() == Some(wanted))
            .map(|(_, value)| value)
    }

    /// The command line as AIPerf was called.
    pub(super) fn command(&self) -> &'a str {
        let old = || self.config.get("cli_command");
        let command = self.run_info.get("cli_command").or_else(old);
        command.and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether an option is on: where the configuration says so, else where the command line has its flag.
    /// AIPerf echoes what is not its default; the defaults of both options that are asked about are off.
    pub(super) fn flag(&self, option: &str, path: &[&str]) -> bool {
        match self.of_config(path).and_then(Value::as_bool) {
            Some(on) => on,
            None => {
                let mut words = self.command().split_whitespace();
                words.any(|word| switches_on(word, option))
            }
        }
    }

    /// The served model, or all over which the requests were spread, with the shares that weights give them.
    pub(super) fn model(&self) -> Option<String> {
        let items = self.of_config(&["models", "items"]);
        let old = || self.of_config(&["endpoint", "model_names"]);
        let items = items.or_else(old)?.as_array()?;
        let name = |item: &Value| {
            let name = item.get("name").unwrap_or(item).as_str()?;
            let weight = known(item.get("weight")).filter(|_| items.len() > 1);
            Some(weight.map_or_else(|| name.to_owned(), |weight| format!("{name}={weight}")))
        };
        let names: Vec<String> = items.iter().filter_map(name).collect();
        all_names(names.iter().map(String::as_str))
    }

    /// How the model of a request was chosen among several.
    pub(super) fn model_choice(&self) -> Option<&'a Value> {
        let old = || self.of_config(&["endpoint", "model_selection_strategy"]);
        let choice = self.of_config(&["models", "strategy"]).or_else(old);
        choice.filter(|_| self.model().is_some_and(|all| each_model(&all).count() > 1))
    }

    /// How many servers the requests were spread over. Which they are is nobody's business.
    pub(super) fn endpoints(&self) -> Option<usize> {
        let urls = self.of_config(&["endpoint", "urls"])?.as_array()?;
        let urls: BTreeSet<&str> = urls.iter().filter_map(Value::as_str).into_set();
        (!urls.is_empty()).then_some(urls.len())
    }

    /// The SLOs: below `slos` from 0.9 on, below `input.goodput` before; in milliseconds as far as they are of times.
    pub(super) fn slo(&self) -> Value {
        let stated = self.of_config(&["slos"]);
        let stated = stated.or_else(|| self.of_config(&["input", "goodput"]));
        stated.and_then(slo::of).unwrap_or_default()
    }

    /// The name of the run: at top level from schema 1.3 on, in the echo of 0.5.
    pub(super) fn run_id(&self) -> Option<String> {
        let of_run = || known(self.run_info.get("benchmark_id"));
        let of_echo = || known(self.config.get("benchmark_id"));
        let id = self.id.or_else(of_run).or_else(of_echo);
        id.and_then(Value::as_str).map(str::to_owned)
    }

    /// What was to end the measured phase; `None` where a number of sessions may, or whichever of two comes first.
    pub(super) fn planned(&self) -> Option<Planned> {
        let requests = self.of_phase(&["requests", "request_count"]);
        let seconds = self.of_phase(&["duration", "benchmark_duration"]);
        let sessions = self.of_phase(&["sessions", "conversation_num"]);
        match (requests, seconds, sessions) {
            _ if !self.later.is_empty() => None,
            (Some(requests), None, None) => requests.as_u64().map(Planned::Requests),
            (None, Some(seconds), None) => seconds.as_f64().map(Planned::Seconds),
            _ => None,
        }
    }

    /// Requests that were to be sent before the measured phase.
    pub(super) fn warmup_requests(&self) -> Option<u64> {
        let whole = |phase: &Value| phase.get("requests").and_then(Value::as_u64);
        match self.config.get("phases") {
            Some(Value::Array(phases)) => {
                let warm = phases.iter().filter(|phase| warms_up(phase));
                // A warm-up that a time ends is of no known number.
                warm.map(whole).sum()
            }
            Some(named) => named.get("warmup").map_or(Some(0), whole),
            None => match self.config.get("loadgen")?.get("warmup_request_count") {
                None | Some(Value::Null) => Some(0),
                Some(count) => count.as_u64(),
            },
        }
    }

    /// Whether the operator ordered requests to be cancelled.
    pub(super) fn orders_cancellation(&self) -> bool {
        let rate = self.of_phase(&["request_cancellation_rate", "cancellation"]);
        let rate = rate.map(|rate| rate.get("rate").unwrap_or(rate));
        rate.and_then(Value::as_f64).is_some_and(|rate| rate > 0.0)
    }
}

fn known(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

/// Whether a phase is a warm-up: by its kind, or by its name where it says none.
fn warms_up(phase: &Value) -> bool {
    let text = |key: &str| phase.get(key).and_then(Value::as_str);
    match text("kind") {
        Some(kind) => kind == "warmup",
        None => text("name").is_some_and(|name| name.contains("warmup")),
    }
}

/// The phases of a list whose numbers count. Versions that do not say the kind of a phase name it, and say whether its
/// numbers count.
fn measured_phases(config: &Value) -> Vec<&Value> {
    let phases = config.get("phases").and_then(Value::as_array);
    let phases = phases.map(Vec::as_slice).unwrap_or_default();
    fn text<'a>(phase: &'a Value, key: &str) -> Option<&'a str> {
        phase.get(key).and_then(Value::as_str)
    }
    let of_kind = |phase: &Value| text(phase, "kind") == Some(MEASURED);
    let counts = |phase: &Value| {
        let out = phase.get("exclude_from_results").and_then(Value::as_bool) == Some(true);
        let other = text(phase, "kind").is_some_and(|kind| kind != MEASURED);
        !out && !other && !warms_up(phase)
    };
    let named = |phase: &Value| counts(phase) && text(phase, "name") == Some(MEASURED);
    let ways: [&dyn Fn(&Value) -> bool; 3] = [&of_kind, &named, &counts];
    let of = |way: &&dyn Fn(&Value) -> bool| phases.iter().any(*way);
    let Some(way) = ways.iter().find(|way| of(way)) else {
        return Vec::new();
    };
    phases.iter().filter(|phase| way(phase)).collect()
}
