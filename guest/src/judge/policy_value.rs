//! Values of a policy file, each with the place where it stands, so that what is wrong is said at its key.

use crate::fault::{Fault, Result, Sub};
use crate::fields;
use crate::json::kind;
use crate::text::shorten;
use serde_json::{Map, Value};

/// What the place of a fault of the file begins with.
pub const PLACE: &str = "policy";

/// The most rules, and the most waivers.
const MOST: usize = 1000;

/// The most characters of a reason, an owner or a pattern: they stand in every output.
const LONGEST: usize = 300;

/// A policy that is none.
pub fn invalid(message: String) -> Fault {
    Fault::because(Sub::PolicyInvalid, message)
}

/// A key that does not exist.
pub fn unknown(key: &str, known: &[&str]) -> Fault {
    let hint = match fields::nearest(key, known.iter().copied()) {
        Some(near) => format!("Did you mean {near}? "),
        None => String::new(),
    };
    invalid(format!(
        "found the key \"{}\", which does not exist here. {hint}The keys are: {}",
        shorten(key),
        known.join(", ")
    ))
}

/// A value of the file, and where it stands.
pub struct At<'a> {
    /// The keys that lead to it, as `rule[2].metric`.
    pub path: String,
    /// The value.
    pub value: &'a Value,
}

impl<'a> At<'a> {
    /// The fault, with the place of this value.
    pub fn place(&self, fault: Fault) -> Fault {
        match self.path.is_empty() {
            true => fault.at(PLACE),
            false => fault.at(format!("{PLACE}: {}", self.path)),
        }
    }

    /// The fault of another value than the expected one.
    pub fn wrong(&self, expected: &str) -> Fault {
        let found = match self.value {
            Value::Array(_) | Value::Object(_) | Value::Null => kind(self.value).to_owned(),
            Value::String(text) => format!("\"{}\"", shorten(text)),
            scalar => scalar.to_string(),
        };
        self.place(invalid(format!("found {found}; expected {expected}")))
    }

    /// A value below this one.
    pub fn child(&self, key: &str, value: &'a Value) -> At<'a> {
        let path = match self.path.is_empty() {
            true => key.to_owned(),
            false => format!("{}.{key}", self.path),
        };
        At { path, value }
    }

    /// A table.
    pub fn map(&self) -> Result<&'a Map<String, Value>> {
        self.value
            .as_object()
            .ok_or_else(|| self.wrong("a table of keys"))
    }

    /// Every key of a table, all of which are known ones.
    pub fn table<'k>(&self, known: &'k [&'k str]) -> Result<Vec<(&'k str, At<'a>)>> {
        let mut keys = Vec::new();
        for (key, value) in self.map()? {
            let at = self.child(key, value);
            match known.iter().find(|name| *name == key) {
                Some(name) => keys.push((*name, at)),
                None => return Err(at.place(unknown(key, known))),
            }
        }
        Ok(keys)
    }

    /// A key of a table that has to be there.
    pub fn needs(&self, keys: &[(&str, At<'a>)], name: &str) -> Result<At<'a>> {
        match keys.iter().find(|(key, _)| *key == name) {
            Some((_, at)) => Ok(self.child(name, at.value)),
            None => Err(self.place(invalid(format!(
                "found no {name} here; expected it: without {name} this says nothing"
            )))),
        }
    }

    /// The items of a list, of which there are not too many.
    pub fn list(&self) -> Result<Vec<At<'a>>> {
        let Some(items) = self.value.as_array() else {
            return Err(self.wrong("a list"));
        };
        if items.len() > MOST {
            let expected = format!("a list of at most {MOST}, not of {}", items.len());
            return Err(self.wrong(&expected));
        }
        let item = |(at, value)| At {
            path: format!("{}[{at}]", self.path),
            value,
        };
        Ok((1..).zip(items).map(item).collect())
    }

    /// A text that can be printed: one line of a bounded length.
    pub fn text(&self) -> Result<&'a str> {
        match self.value.as_str() {
            Some(text)
                if text.trim().is_empty()
                    || text.chars().count() > LONGEST
                    || text.chars().any(char::is_control) =>
            {
                Err(self.wrong(&format!("a text of 1 to {LONGEST} characters in one line")))
            }
            Some(text) => Ok(text),
            None => Err(self.wrong("a text")),
        }
    }

    /// A text, or a number as it is written.
    pub fn written(&self, expected: &[&str]) -> Result<String> {
        match self.value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(self.wrong(&expected.join(", "))),
        }
    }

    /// True or false.
    pub fn flag(&self) -> Result<bool> {
        self.value
            .as_bool()
            .ok_or_else(|| self.wrong("true or false"))
    }

    /// A finite number from 0 on.
    pub fn number(&self, of: &str) -> Result<f64> {
        let number = self.value.as_f64();
        number
            .filter(|number| number.is_finite() && *number >= 0.0)
            .ok_or_else(|| self.wrong(&format!("a finite number {of} from 0 on")))
    }
}
