//! A value of JSON as Python holds it.

use std::collections::BTreeMap;

/// A JSON value with Python's distinction between integers and floats.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer literal, kept as its digits because Python's integers are unbounded.
    Int(String),
    /// A literal with a point or an exponent, or `NaN`, `Infinity`, `-Infinity`.
    Float(f64),
    /// A string. A lone surrogate, which Rust cannot hold, became U+FFFD.
    Str(String),
    /// An array.
    List(Vec<Value>),
    /// An object; of two equal keys the last one counts. Sorted by code point, as the writer wants it.
    Dict(BTreeMap<String, Value>),
}

impl Value {
    /// The member `key` of an object.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Dict(members) => members.get(key),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The same value for libraries that speak `serde_json`; `None` where it holds `NaN` or an infinity.
    pub fn to_serde(&self) -> Option<serde_json::Value> {
        use serde_json::Value as Serde;
        Some(match self {
            Value::Null => Serde::Null,
            Value::Bool(b) => Serde::Bool(*b),
            Value::Int(digits) => serde_json::from_str(digits).ok()?,
            Value::Float(f) => Serde::Number(serde_json::Number::from_f64(*f)?),
            Value::Str(text) => Serde::String(text.clone()),
            Value::List(items) => {
                Serde::Array(items.iter().map(Value::to_serde).collect::<Option<_>>()?)
            }
            Value::Dict(members) => Serde::Object(
                members
                    .iter()
                    .map(|(k, v)| Some((k.clone(), v.to_serde()?)))
                    .collect::<Option<_>>()?,
            ),
        })
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Str(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Str(text)
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        text.map_or(Value::Null, Value::Str)
    }
}

/// A float, or `null` where there is none or it is no finite number: JSON has no other numbers.
impl From<Option<f64>> for Value {
    fn from(number: Option<f64>) -> Self {
        number
            .filter(|n| n.is_finite())
            .map_or(Value::Null, Value::Float)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Some(number).into()
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Value::Int(count.to_string())
    }
}

impl From<&serde_json::Value> for Value {
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value as Serde;
        match value {
            Serde::Null => Value::Null,
            Serde::Bool(b) => Value::Bool(*b),
            Serde::Number(n) if n.is_f64() => n.as_f64().into(),
            Serde::Number(n) => Value::Int(n.to_string()),
            Serde::String(text) => Value::Str(text.clone()),
            Serde::Array(items) => Value::List(items.iter().map(Value::from).collect()),
            Serde::Object(members) => Value::Dict(
                members
                    .iter()
                    .map(|(k, v)| (k.clone(), Value::from(v)))
                    .collect(),
            ),
        }
    }
}

/// An object from pairs of a key and anything that becomes a value.
pub fn dict<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Dict(
        members
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v))
            .collect(),
    )
}
