//! What is checked of a verdict or an entry, and where two texts first differ.

use crate::bundle::sha256;
use serde::Serialize;
use serde_json::Value;
use std::path::Path;

/// What a check found.
#[derive(Serialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// What was expected.
    Same,
    /// Something else.
    Differs,
    /// Nothing.
    Missing,
}

/// One thing that was checked.
#[derive(Serialize, Debug)]
pub struct Check {
    /// What it is.
    pub what: String,
    /// File or directory.
    #[serde(rename = "where")]
    pub place: String,
    /// What was found.
    pub outcome: Outcome,
    /// The first field or line that differs.
    pub field: Option<String>,
    /// A hash, or the value of that field.
    pub expected: Option<String>,
    /// The same as found.
    pub found: Option<String>,
}

impl Check {
    /// A check of a hash or of a text; `found` is none where there is nothing.
    pub fn of(what: &str, place: &Path, expected: &str, found: Option<&str>) -> Check {
        Check {
            what: what.to_owned(),
            place: place.display().to_string(),
            outcome: match found {
                Some(found) if found == expected => Outcome::Same,
                Some(_) => Outcome::Differs,
                None => Outcome::Missing,
            },
            field: None,
            expected: Some(expected.to_owned()),
            found: found.map(str::to_owned),
        }
    }
}

/// A file against what it must be: its hash, and where the first difference is.
pub fn compared(path: &Path, expected: &str, found: &str) -> Check {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let hashes = [expected, found].map(|text| sha256(text.as_bytes()));
    let check = Check::of(&name, path, &hashes[0], Some(&hashes[1]));
    if check.outcome == Outcome::Same {
        return check;
    }
    let values = [expected, found].map(|text| serde_json::from_str::<Value>(text).ok());
    let field = match values {
        [Some(expected), Some(found)] => first_difference(&expected, &found, String::new()),
        _ => None,
    };
    let line = || {
        let mut lines = expected.lines().zip(found.lines());
        let at = lines.position(|(expected, found)| expected != found);
        let at = at.unwrap_or_else(|| expected.lines().count().min(found.lines().count()));
        let of = |text: &str| text.lines().nth(at).unwrap_or("(nothing)").to_owned();
        (format!("line {}", at + 1), of(expected), of(found))
    };
    let (field, expected, found) = field.unwrap_or_else(line);
    Check {
        field: Some(field),
        expected: Some(format!("{expected} (sha-256 {})", hashes[0])),
        found: Some(format!("{found} (sha-256 {})", hashes[1])),
        ..check
    }
}

/// The path of the first value that differs, and both.
fn first_difference(
    expected: &Value,
    found: &Value,
    at: String,
) -> Option<(String, String, String)> {
    let keyed = |key: &str| match at.is_empty() {
        true => key.to_owned(),
        false => format!("{at}.{key}"),
    };
    match (expected, found) {
        _ if expected == found => None,
        (Value::Object(a), Value::Object(b)) => {
            let of = |map: &serde_json::Map<String, Value>, key: &str| map.get(key).cloned();
            let mut keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            keys.find_map(|key| match (of(a, key), of(b, key)) {
                (Some(a), Some(b)) => first_difference(&a, &b, keyed(key)),
                (a, b) => {
                    let text = |value: Option<Value>| {
                        value.map_or_else(|| "(nothing)".to_owned(), |value| value.to_string())
                    };
                    Some((keyed(key), text(a), text(b)))
                }
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(n, (a, b))| first_difference(a, b, format!("{at}[{n}]")))
        }
        _ => Some((at, expected.to_string(), found.to_string())),
    }
}
