//! `request_samples`: some requests of each level, where per-request records were read.

use super::Document;
use super::levels::Levels;
use super::parse::Reader;
use crate::fault::{Code, Result};
use crate::json::{kind, put, real};
use crate::requests::{MOST, QUANTITIES};
use serde_json::{Map, Value};

/// The key of the section.
pub const KEY: &str = "request_samples";

/// The section of a run; `None` without records.
pub(super) fn section(levels: &Levels<'_>) -> Option<Value> {
    let mut section = Map::new();
    for (level, results) in levels {
        let Some(samples) = results.iter().find_map(|result| result.requests.as_ref()) else {
            continue;
        };
        let mut of_level = Map::new();
        put(&mut of_level, "of", samples.of.into());
        for (at, name) in QUANTITIES.iter().enumerate() {
            if let Some(list) = samples.list(at) {
                put(&mut of_level, name, list.into_iter().map(real).collect());
            }
        }
        put(&mut section, &level.to_string(), of_level.into());
    }
    (!section.is_empty()).then(|| section.into())
}

impl Reader<'_> {
    /// Checks the section; what it does not know there is left alone.
    pub(super) fn samples(&self, map: &Map<String, Value>) -> Result<()> {
        let wrong = |path: &[&str], found: &str, expected: &str| {
            Err(self.fault(Code::BadValue, path, found, expected))
        };
        let found = |value: &Value| format!("found {}", kind(value));
        let levels = match map.get(KEY) {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Object(levels)) => levels,
            Some(other) => return wrong(&[KEY], &found(other), "an object of levels"),
        };
        for (level, of_level) in levels {
            let measured = map.get("metrics").and_then(|levels| levels.get(level));
            if measured.is_none() {
                let expected = "one of the levels of `metrics`";
                return wrong(&[KEY, level], &format!("found {level:?}"), expected);
            }
            if !of_level.is_object() {
                let expected = "an object with `of` and lists";
                return wrong(&[KEY, level], &found(of_level), expected);
            }
            let mut lengths = Vec::new();
            for name in QUANTITIES {
                let path = [KEY, level, name];
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
            let expected =
                "how many requests there were, a whole number not below the length of the lists";
            match of_level.get("of") {
                None => return wrong(&[KEY, level], "found no `of`", expected),
                Some(of) if of.as_u64().is_none_or(|of| of < least) => {
                    return wrong(&[KEY, level, "of"], &format!("found {of}"), expected);
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

impl Document {
    /// The samples of one quantity at a level in the order in which the requests started, nulls left out, and
    /// how many successful requests there were; `None` without any.
    pub fn samples(&self, level: u32, quantity: &str) -> Option<(Vec<f64>, u64)> {
        let of_level = self.map.get(KEY)?.get(level.to_string())?;
        let list = of_level.get(quantity)?.as_array()?;
        let values: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
        (!values.is_empty()).then_some((values, of_level.get("of")?.as_u64()?))
    }
}
