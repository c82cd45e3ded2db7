//! A policy file: TOML on disk, JSON for the component, which alone understands it. What is kept here is where in the
//! file each key stands.

use crate::error::{Error, Result};
use serde_json::{Map, Value};
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The largest file that is read, bytes.
pub const MOST: u64 = 1 << 20;

/// The most characters of a key that are shown.
const KEY: usize = 120;

/// What the component calls the file in its faults.
const PLACE: &str = "policy";

/// A file whose TOML could be read.
#[derive(Debug)]
pub struct PolicyFile {
    /// Where it is, for messages.
    shown: String,
    text: String,
    /// The same as JSON.
    pub json: String,
    /// Where it is in the working tree, if it is there.
    pub path: PathBuf,
}

impl PolicyFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, is larger than 1 MiB, or is no TOML; then with its line.
    pub fn read(path: &Path) -> Result<PolicyFile> {
        let unreadable = |error: &std::io::Error| Error::io("read the policy", path, error);
        let file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
        let mut bytes = Vec::new();
        file.take(MOST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(&error))?;
        let file = PolicyFile::of_bytes(path.display().to_string(), bytes)?;
        Ok(PolicyFile {
            path: path.to_owned(),
            ..file
        })
    }

    /// The file of this content, which messages call `shown`.
    ///
    /// # Errors
    /// As of [`PolicyFile::read`].
    pub fn of_bytes(shown: String, bytes: Vec<u8>) -> Result<PolicyFile> {
        let wrong = |place: &str, why: &str| Error {
            place: Some(place.to_owned()),
            ..Error::usage(format!(
                "found a policy that cannot be read; {why}; expected TOML, see docs/policy.md"
            ))
        };
        if bytes.len() as u64 > MOST {
            return Err(wrong(&shown, "it is larger than 1 MiB"));
        }
        let text = String::from_utf8(bytes).map_err(|_| wrong(&shown, "it is not UTF-8"))?;
        let table: toml::Table = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| line_of(&text, &span));
            let place = line.map_or_else(|| shown.clone(), |line| format!("{shown}:{line}"));
            wrong(&place, error.message())
        })?;
        let json = Value::Object(
            table
                .into_iter()
                .map(|(key, value)| (key, of_toml(value)))
                .collect(),
        );
        Ok(PolicyFile {
            json: json.to_string(),
            path: PathBuf::new(),
            shown,
            text,
        })
    }

    /// What stands in it, to the byte.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it is, for messages.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The same error where it is about this file, at its line: the component knows keys, and no lines.
    pub fn placed(&self, error: Error) -> Error {
        let key = match error.place.as_deref() {
            Some(PLACE) => "",
            Some(place) => match place.strip_prefix("policy: ") {
                Some(key) => key,
                None => return error,
            },
            None => return error,
        };
        let span = DeTable::parse(&self.text)
            .ok()
            .and_then(|table| in_table(table.get_ref(), key));
        let line = span.map_or_else(String::new, |span| {
            format!(":{}", line_of(&self.text, &span))
        });
        // A key is as long as who wrote it likes.
        let short: String = key.chars().take(KEY).collect();
        let key = match key.is_empty() {
            true => String::new(),
            false if short == key => format!(": {key}"),
            false => format!(": {short}…"),
        };
        Error {
            place: Some(format!("{}{line}{key}", self.shown)),
            ..error
        }
    }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().get(..span.start).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// Dates are texts in JSON, and so are numbers that JSON does not have: the component says what is wrong with them.
fn of_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => match number.is_finite() {
            true => number.into(),
            false => number.to_string().into(),
        },
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(of_toml).collect(),
        toml::Value::Table(table) => {
            let map: Map<String, Value> = table
                .into_iter()
                .map(|(key, value)| (key, of_toml(value)))
                .collect();
            map.into()
        }
    }
}

/// Where the key of a path stands: `rule[2].metric`. A key may have dots of its own.
fn in_table(table: &DeTable<'_>, path: &str) -> Option<Range<usize>> {
    let begins = |key: &str| {
        let rest = path.strip_prefix(key)?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
    };
    let mut all = table.iter();
    all.find_map(|(key, value)| {
        let rest = begins(key.get_ref())?;
        in_value(value, rest).or_else(|| Some(key.span()))
    })
}

/// Where what is left of a path stands; none where nothing is left, or where it is not there.
fn in_value(value: &Spanned<DeValue<'_>>, path: &str) -> Option<Range<usize>> {
    if let Some(rest) = path.strip_prefix('.') {
        let DeValue::Table(table) = value.get_ref() else {
            return None;
        };
        return in_table(table, rest);
    }
    let (at, rest) = path.strip_prefix('[')?.split_once(']')?;
    let DeValue::Array(items) = value.get_ref() else {
        return None;
    };
    let item = items.get(at.parse::<usize>().ok()?.checked_sub(1)?)?;
    in_value(item, rest).or_else(|| Some(item.span()))
}

#[cfg(test)]
mod tests {
    use super::PolicyFile;
    use crate::error::Error;

    const TEXT: &str = "\
fail_on = \"red\"
[tolerance]
\"ttft@0.8/s\" = 3
kernel_class_gpu_pct.fp8_bmm = 4

[[rule]]
metric = \"ttft\"
tolerance = 5

[[rule]]
metric = \"itl\"
tolerance = { percent = 5, floor = 1.5 }

[[waiver]]
expires = 2027-01-31
";

    #[test]
    fn a_key_has_its_line() {
        let file = PolicyFile::of_bytes("a/p.toml".to_owned(), TEXT.into()).unwrap();
        for (key, place) in [
            ("policy: fail_on", "a/p.toml:1: fail_on"),
            (
                "policy: tolerance.ttft@0.8/s",
                "a/p.toml:3: tolerance.ttft@0.8/s",
            ),
            (
                "policy: tolerance.kernel_class_gpu_pct.fp8_bmm",
                "a/p.toml:4: tolerance.kernel_class_gpu_pct.fp8_bmm",
            ),
            ("policy: rule[1].metric", "a/p.toml:7: rule[1].metric"),
            ("policy: rule[2]", "a/p.toml:10: rule[2]"),
            (
                "policy: rule[2].tolerance.floor",
                "a/p.toml:12: rule[2].tolerance.floor",
            ),
            (
                "policy: waiver[1].expires",
                "a/p.toml:15: waiver[1].expires",
            ),
            ("policy", "a/p.toml"),
            ("tolerance.ttft", "tolerance.ttft"),
        ] {
            let error = Error {
                place: Some(key.to_owned()),
                ..Error::usage("x")
            };
            assert_eq!(file.placed(error).place.as_deref(), Some(place));
        }
    }

    #[test]
    fn it_is_the_same_in_json() {
        let file = PolicyFile::of_bytes("p".to_owned(), TEXT.into()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&file.json).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "fail_on": "red",
                "tolerance": {"ttft@0.8/s": 3, "kernel_class_gpu_pct": {"fp8_bmm": 4}},
                "rule": [
                    {"metric": "ttft", "tolerance": 5},
                    {"metric": "itl", "tolerance": {"percent": 5, "floor": 1.5}},
                ],
                "waiver": [{"expires": "2027-01-31"}],
            })
        );
        let odd = PolicyFile::of_bytes("p".to_owned(), "min_effect = nan\n".into()).unwrap();
        assert_eq!(odd.json, "{\"min_effect\":\"NaN\"}");
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let refused = |bytes: Vec<u8>| {
            let error = PolicyFile::of_bytes("p.toml".to_owned(), bytes).unwrap_err();
            (error.place.unwrap(), error.message)
        };
        let (place, message) = refused(b"a = 1\nb = \n".to_vec());
        assert_eq!(place, "p.toml:2");
        assert!(
            message.starts_with("found a policy that cannot be read; "),
            "{message}"
        );
        assert!(
            refused(vec![b'#'; (1 << 20) + 1])
                .1
                .contains("larger than 1 MiB")
        );
        assert!(refused(vec![0xff]).1.contains("not UTF-8"));
    }
}
