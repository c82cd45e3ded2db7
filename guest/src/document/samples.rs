//! `request_samples`: some requests of each level, where per-request records were read.

use super::cell::Cell;
use super::content::{Document, SAMPLES};
use super::levels::Levels;
use super::reader::Reader;
use crate::fault::{Code, Result};
use crate::json::{kind, put, real};
use crate::measure::{Place, Sampled};
use crate::order::Keyed as _;
use crate::run::requests::MOST;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// In a level of a document of trials: how many of the requests are of each trial, in the order of the trials.
const TRIALS: &str = "trials";

/// The section of a run; `None` without records.
pub(super) fn section(levels: &Levels<'_>) -> Option<Value> {
    let mut section = Map::new();
    for (place, results) in levels {
        let Some(samples) = results.iter().find_map(|result| result.requests.as_ref()) else {
            continue;
        };
        let mut of_level = Map::new();
        put(&mut of_level, "of", samples.of.into());
        for (at, of) in Sampled::ALL.iter().enumerate() {
            if let Some(list) = samples.list(at) {
                put(
                    &mut of_level,
                    of.as_str(),
                    list.into_iter().map(real).collect(),
                );
            }
        }
        put(&mut section, &place.key(), of_level.into());
    }
    (!section.is_empty()).then(|| section.into())
}

/// The sections of several runs as one, trial after trial, thinned further so that a level keeps its limit. All
/// runs are thinned to one stride: a run with twice the requests weighs twice. `None` without any.
pub(super) fn pool(runs: &[Document]) -> Option<Value> {
    let mut section = Map::new();
    let places: BTreeSet<Place> = runs.iter().flat_map(Document::cell_places).into_set();
    for place in places {
        let of_runs: Vec<Option<Kept<'_>>> = runs.iter().map(|run| kept(run, place)).collect();
        if let Some(of_level) = pool_level(&of_runs) {
            put(&mut section, &place.key(), of_level.into());
        }
    }
    (!section.is_empty()).then(|| section.into())
}

/// What a run keeps of the requests of a level.
struct Kept<'a> {
    of: u64,
    /// As long as each of the lists.
    length: usize,
    lists: [Option<&'a Vec<Value>>; Sampled::ALL.len()],
}

impl Kept<'_> {
    /// Of how many requests one was kept.
    fn stride(&self) -> u64 {
        self.of.div_ceil(self.length as u64).max(1)
    }

    /// Of how many kept requests one stays at another stride.
    fn step(&self, stride: u64) -> usize {
        (stride / self.stride()).max(1) as usize
    }
}

fn kept(run: &Document, place: Place) -> Option<Kept<'_>> {
    let of_level = run.map.get(SAMPLES)?.get(place.key())?;
    let lists = Sampled::ALL.map(|of| of_level.get(of.as_str()).and_then(Value::as_array));
    let length = lists.iter().flatten().next()?.len();
    let of = of_level.get("of")?.as_u64()?;
    (length > 0).then_some(Kept { of, length, lists })
}

fn pool_level(of_runs: &[Option<Kept<'_>>]) -> Option<Map<String, Value>> {
    let with: Vec<&Kept<'_>> = of_runs.iter().flatten().collect();
    let mut stride = with.iter().map(|run| run.stride()).max()?;
    // The first request of a run is always kept.
    if with.len() > MOST {
        return None;
    }
    let stay = |run: &Kept<'_>, stride| run.length.div_ceil(run.step(stride));
    while with.iter().map(|run| stay(run, stride)).sum::<usize>() > MOST {
        stride *= 2;
    }
    let mut of_level = Map::new();
    put(
        &mut of_level,
        "of",
        with.iter().map(|run| run.of).sum::<u64>().into(),
    );
    let of_trial = |run: &Option<Kept<'_>>| run.as_ref().map_or(0, |run| stay(run, stride));
    put(
        &mut of_level,
        TRIALS,
        of_runs.iter().map(of_trial).collect(),
    );
    for (at, of) in Sampled::ALL.iter().enumerate() {
        let list = with.iter().flat_map(|run| {
            let values = (0..run.length).step_by(run.step(stride));
            values.map(|value| run.lists[at].map_or(Value::Null, |list| list[value].clone()))
        });
        let list: Vec<Value> = list.collect();
        if list.iter().any(Value::is_number) {
            put(&mut of_level, of.as_str(), list.into());
        }
    }
    Some(of_level)
}

impl Reader<'_> {
    /// Checks the section; what it does not know there is left alone.
    pub(super) fn samples(
        &self,
        map: &Map<String, Value>,
        places: &BTreeMap<Place, Cell>,
    ) -> Result<()> {
        let wrong = |path: &[&str], found: &str, expected: &str| {
            Err(self.fault(Code::BadValue, path, found, expected))
        };
        let found = |value: &Value| format!("found {}", kind(value));
        let levels = match map.get(SAMPLES) {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Object(levels)) => levels,
            Some(other) => return wrong(&[SAMPLES], &found(other), "an object of levels"),
        };
        for (level, of_level) in levels {
            let place = Place::of_key(level);
            if !place.is_some_and(|place| places.contains_key(&place)) {
                let expected = "one of the levels of `metrics`";
                return wrong(&[SAMPLES, level], &format!("found {level:?}"), expected);
            }
            if !of_level.is_object() {
                let expected = "an object with `of` and lists";
                return wrong(&[SAMPLES, level], &found(of_level), expected);
            }
            let mut lengths = Vec::new();
            for name in Sampled::ALL.map(Sampled::as_str) {
                let path = [SAMPLES, level, name];
                let Some(value) = of_level.get(name).filter(|value| !value.is_null()) else {
                    continue;
                };
                let Some(list) = value.as_array() else {
                    return wrong(&path, &found(value), "a list of numbers and nulls");
                };
                if let Some(item) = list.iter().find(|item| !fits(item)) {
                    let expected = "numbers that are not negative, and nulls";
                    return wrong(&path, &format!("found {item}"), expected);
                }
                lengths.push(list.len());
                if list.len() > MOST || list.len() != lengths[0] {
                    let expected = format!("at most {MOST}, in each list as many as in the first");
                    return wrong(&path, &format!("found {} values", list.len()), &expected);
                }
            }
            let least = lengths.first().copied().unwrap_or_default() as u64;
            if let Some(trials) = of_level.get(TRIALS).filter(|trials| !trials.is_null()) {
                let sum = trials.as_array().and_then(|all| {
                    let whole = |sum: u64, one: &Value| sum.checked_add(one.as_u64()?);
                    all.iter().try_fold(0_u64, whole)
                });
                if sum != Some(least) {
                    let expected = format!("whole numbers that make up the {least} requests");
                    return wrong(
                        &[SAMPLES, level, TRIALS],
                        &format!("found {trials}"),
                        &expected,
                    );
                }
            }
            let expected =
                "how many requests there were, a whole number not below the length of the lists";
            match of_level.get("of") {
                None => return wrong(&[SAMPLES, level], "found no `of`", expected),
                Some(of) if of.as_u64().is_none_or(|of| of < least) => {
                    return wrong(&[SAMPLES, level, "of"], &format!("found {of}"), expected);
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn fits(item: &Value) -> bool {
    item.is_null() || item.as_f64().is_some_and(|value| value >= 0.0)
}

/// The requests of a level that have one quantity.
pub struct Requests {
    /// The values, trial after trial, in the order in which the requests of a trial started.
    pub values: Vec<f64>,
    /// How many of `values` are of each trial; one number where the document is of one run.
    pub of_trials: Vec<usize>,
    /// How many successful requests there were, those included that were thinned out.
    pub of: u64,
}

impl Document {
    /// The samples of one quantity at a level, nulls left out; `None` without any.
    pub fn samples(&self, place: Place, of: Sampled) -> Option<Requests> {
        let of_level = self.map.get(SAMPLES)?.get(place.key())?;
        let list = of_level.get(of.as_str())?.as_array()?;
        let whole = |value: &Value| value.as_u64().map(|value| value as usize);
        let trials = of_level.get(TRIALS).and_then(Value::as_array);
        let trials = trials.map(|all| all.iter().filter_map(whole).collect());
        let (mut values, mut of_trials, mut rest) = (Vec::new(), Vec::new(), list.as_slice());
        for length in trials.unwrap_or_else(|| vec![list.len()]) {
            let (of_trial, later) = rest.split_at_checked(length)?;
            let before = values.len();
            values.extend(of_trial.iter().filter_map(Value::as_f64));
            of_trials.push(values.len() - before);
            rest = later;
        }
        let of = of_level.get("of")?.as_u64()?;
        (!values.is_empty()).then_some(Requests {
            values,
            of_trials,
            of,
        })
    }
}
