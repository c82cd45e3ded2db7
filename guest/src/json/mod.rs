//! Strict JSON: a repeated key is an error, and every fault knows its line.

mod pretty;
mod yaml;

use crate::fault::{Code, Fault, Result};
use crate::text;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};
use std::collections::HashMap;
use std::fmt;

use perfbridge_scan::value;
pub use perfbridge_scan::{
    Nest, Part, Scan, Shape, Stop, common, flat, newline, newlines, quote_or_escape,
};
pub use pretty::pretty;
pub use yaml::parse_yaml;

/// Reads `text` as one JSON value.
///
/// Faults: not JSON (with line and, for `NaN` and infinities, the field), a repeated key, a number
/// beyond the range of a double, nesting deeper than 128.
pub fn parse(file: &str, text: &str) -> Result<Value> {
    // Whatever is wrong, the strict parser says it.
    value(text).map_or_else(|| strict(file, text), Ok)
}

fn strict(file: &str, text: &str) -> Result<Value> {
    serde_json::from_str::<Strict>(text)
        .map(|strict| strict.0)
        .map_err(|error| fault(file, text, &error))
}

/// As [`parse`], for a file whose value must be an object.
pub fn parse_object(file: &str, text: &str) -> Result<Map<String, Value>> {
    match parse(file, text)? {
        Value::Object(map) => Ok(map),
        other => Err(Fault::new(
            Code::NotUnderstood,
            format!(
                "found JSON whose top level is {}; expected an object",
                kind(&other)
            ),
        )
        .at_line(file, 1)),
    }
}

/// What to do with the value at a path of an object that is read in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Keep it whole.
    Whole,
    /// It is an object: ask again for each of its keys.
    Enter,
    /// It is a list of texts: keep how many there are and how many of them are not empty, as `[all, filled]`.
    Tally,
    /// Pass over it; only its structure is checked.
    Nothing,
}

/// Reads an object in part: exports are large and little of them is judged.
///
/// Faults: as [`parse_object`], for what is kept and for the structure of the rest.
pub fn parse_part(
    file: &str,
    text: &str,
    want: &dyn Fn(&[&str]) -> Want,
) -> Result<Map<String, Value>> {
    let mut scan = Scan::new(text.as_bytes());
    let read = part(text, &mut scan, &[], want).and_then(|map| scan.end().ok().map(|()| map));
    // Whatever is wrong, the strict parser says it best.
    match read {
        Some(map) => Ok(map),
        None => parse_object(file, text),
    }
}

fn part(
    text: &str,
    scan: &mut Scan<'_>,
    path: &[&str],
    want: &dyn Fn(&[&str]) -> Want,
) -> Option<Map<String, Value>> {
    scan.open_object().ok()?;
    let (mut map, mut first) = (Map::new(), true);
    while let Some(key) = scan.key(first).ok()? {
        first = false;
        let key = std::str::from_utf8(key).ok()?;
        let here: Vec<&str> = path.iter().copied().chain([key]).collect();
        let found = match want(&here) {
            Want::Nothing => {
                scan.skip().ok()?;
                continue;
            }
            Want::Enter if scan.peek() == Some(b'{') => {
                Value::Object(part(text, scan, &here, want)?)
            }
            Want::Enter | Want::Whole | Want::Tally => {
                let length = scan.skip().ok()?.len();
                let text = text.get(scan.at() - length..scan.at())?;
                parse("", text).ok()?
            }
        };
        if map.insert(key.to_owned(), found).is_some() {
            return None;
        }
    }
    Some(map)
}

/// What a value is, in words for messages.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Sets a key.
pub fn put(map: &mut Map<String, Value>, key: &str, value: Value) {
    map.insert(key.to_owned(), value);
}

/// A whole number that is not negative, also where it is written with a fraction of 0.
pub fn whole(value: &Value) -> Option<u64> {
    let is_whole = |number: &f64| (0.0..1e15).contains(number) && number.fract() == 0.0;
    let number = value.as_f64().filter(is_whole);
    value.as_u64().or(number.map(|number| number as u64))
}

/// A finite number, or null.
pub fn real(value: Option<f64>) -> Value {
    value.map_or(Value::Null, Value::from)
}

/// A text, or null.
pub fn word(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::from)
}

/// Follows keys into nested objects.
pub fn dig<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// The line on which the value at `path` begins, counted from 1; `None` when the path does not exist.
/// Slow, for faults only: the text is read again for each step of the path.
pub fn line_of(text: &str, path: &[&str]) -> Option<u64> {
    let mut here = text;
    for key in path {
        let map: HashMap<&str, &RawValue> = serde_json::from_str(here).ok()?;
        here = map.get(key)?.get();
    }
    let offset = (here.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    Some(line_at(text, offset))
}

fn line_at(text: &str, offset: usize) -> u64 {
    1 + text.as_bytes()[..offset.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count() as u64
}

fn fault(file: &str, text: &str, error: &serde_json::Error) -> Fault {
    let line = error.line() as u64;
    let offset = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>()
        + error.column().saturating_sub(1);
    if let Some((found, field)) = non_finite(text, offset) {
        return Fault::new(
            Code::BadValue,
            format!("found {found}; expected a finite number or null"),
        )
        .at_field(file, Some(line), &field);
    }
    let detail = error.to_string();
    let detail = detail.split(" at line ").next().unwrap_or_default();
    let code = match detail {
        _ if detail.starts_with(REPEATED) => Code::Conflict,
        "recursion limit exceeded" => Code::Limit,
        "number out of range" => Code::BadValue,
        _ => Code::Damaged,
    };
    let message = match code {
        Code::Conflict => format!("found {detail}; expected each key once in an object"),
        Code::Limit => "found nesting deeper than 128 levels, the most that is read".to_owned(),
        Code::BadValue => "found a number beyond the range of a double; expected a finite number".to_owned(),
        _ if text.trim().is_empty() => {
            "found an empty file; expected a JSON value. Copy it again from the run".to_owned()
        }
        _ if error.is_eof() => {
            "found the end of the file inside a JSON value; expected the rest of it. The file was cut: copy it again from the run".to_owned()
        }
        // A file that begins with something else is of another kind; its first word says of which. A file of requests
        // that was cut begins with those of a prompt, which nobody is to read here.
        _ if !file.is_empty() && !text.trim_start().starts_with(['{', '[']) => {
            let first = text.split_whitespace().next().unwrap_or_default();
            let first = text::excerpt(first);
            format!("found text that is not JSON and begins with `{first}`; expected a JSON value")
        }
        _ => format!("found text that is not JSON ({detail}); expected a JSON value"),
    };
    Fault::new(code, message).at(format!("{file}:{line}:{}", error.column()))
}

/// `NaN` and infinities are what Python's json module writes although JSON has no such values.
fn non_finite(text: &str, offset: usize) -> Option<(&'static str, String)> {
    let around = text.get(..offset.min(text.len()))?;
    let start = around.rfind([',', ':', '[', '{']).map_or(0, |at| at + 1);
    let rest = text.get(start..)?.trim_start();
    let found = ["NaN", "Infinity", "-Infinity", "nan", "inf", "-inf"]
        .into_iter()
        .find(|word| rest.starts_with(word))?;
    let before = text[..start]
        .trim_end()
        .trim_end_matches([':', '[', ','])
        .trim_end();
    let field = before
        .strip_suffix('"')
        .and_then(|before| before.rsplit_once('"'))
        .map_or_else(|| "value".to_owned(), |(_, key)| key.to_owned());
    Some((found, field))
}

const REPEATED: &str = "the key ";

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> std::result::Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> std::result::Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> std::result::Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            match map.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(access.next_value::<Strict>()?.0);
                }
                Entry::Occupied(place) => {
                    return Err(A::Error::custom(format!(
                        "{REPEATED}`{}` twice in one object",
                        place.key()
                    )));
                }
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests;
