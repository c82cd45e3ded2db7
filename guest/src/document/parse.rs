//! Reads and checks a document.

use super::trials::{self, Numbers};
use super::{Document, Level, SCHEMA, mirror};
use crate::fault::{Code, Fault, Result};
use crate::fields::{FIELDS, Type};
use crate::finding::Finding;
use crate::json;
use crate::measure::metrics::{self, KERNEL_CLASS};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Document {
    /// Reads a document; `file` is its name in faults.
    ///
    /// Faults: not JSON, a repeated key, another schema, no model, no level, a number that cannot be (with
    /// line and field), a mirror that disagrees.
    pub fn parse(file: &str, text: &str) -> Result<Document> {
        let map = json::parse_object(file, text)?;
        let reader = Reader { file, text };
        reader.check_schema(&map)?;
        mirror::check(file, &map)?;
        reader.check_fields(&map)?;
        let model = map
            .get("model")
            .and_then(Value::as_str)
            .filter(|model| !model.is_empty());
        let Some(model) = model.map(str::to_owned) else {
            return Err(reader.fault(
                Code::NotUnderstood,
                &["model"],
                "found no model name",
                "a text that is not empty",
            ));
        };
        let levels = reader.levels(&map)?;
        reader.samples(&map)?;
        let document = Document {
            model,
            levels,
            server: reader.numbers(&map, "server_metrics_delta", server_bounds)?,
            kernel_classes: reader.numbers(&map, KERNEL_CLASS, |_| Some(100.5))?,
            cpu_spinpoll_pct: reader.number(&map, &["cpu_spinpoll_pct"], Some(100.5))?,
            definitions: strings(&map, "definitions"),
            findings: reader.findings(&map)?,
            trials: reader.trials(&map)?,
            map,
        };
        trials::check(file, &document)?;
        Ok(document)
    }
}

/// Rates and usages are fractions. Speculative schedulers can report a usage a little above 1 for an instant.
fn server_bounds(name: &str) -> Option<f64> {
    (name.contains("hit_rate") || name.contains("usage")).then_some(1.0 + 1e-6)
}

fn strings(map: &Map<String, Value>, section: &str) -> BTreeMap<String, String> {
    let items = map
        .get(section)
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    crate::order::map(
        items.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))),
    )
}

pub(super) struct Reader<'a> {
    file: &'a str,
    text: &'a str,
}

impl Reader<'_> {
    pub(super) fn fault(&self, code: Code, path: &[&str], found: &str, expected: &str) -> Fault {
        Fault::new(code, format!("{found}; expected {expected}")).at_field(
            self.file,
            json::line_of(self.text, path),
            &path.join("."),
        )
    }

    fn check_schema(&self, map: &Map<String, Value>) -> Result<()> {
        match map.get("schema") {
            Some(Value::String(schema)) if schema == SCHEMA => Ok(()),
            found => {
                let found = found.map_or_else(
                    || "no `schema`".to_owned(),
                    |found| format!("the schema {found}"),
                );
                let expected = format!("\"{SCHEMA}\". Documents of other schemas are not compared");
                Err(self.fault(
                    Code::NotUnderstood,
                    &["schema"],
                    &format!("found {found}"),
                    &expected,
                ))
            }
        }
    }

    fn check_fields(&self, map: &Map<String, Value>) -> Result<()> {
        for field in FIELDS {
            let path: Vec<&str> = field.path.split('.').collect();
            let Some(value) = crate::fields::get(map, field.path) else {
                continue;
            };
            let fits = match field.holds {
                Type::Flag => value.is_boolean() || value.is_string(),
                Type::Text => value.is_string() || value.is_number() || value.is_boolean(),
                Type::Count | Type::Number => value.is_number() || value.is_string(),
            };
            if !fits {
                let found = format!("found {}", json::kind(value));
                return Err(self.fault(Code::BadValue, &path, &found, "a single value or null"));
            }
        }
        Ok(())
    }

    fn levels(&self, map: &Map<String, Value>) -> Result<BTreeMap<u32, Level>> {
        let section = match map.get("metrics") {
            Some(Value::Object(section)) if !section.is_empty() => section,
            _ => {
                let expected = "an object with one entry for each concurrency level";
                return Err(self.fault(
                    Code::NotUnderstood,
                    &["metrics"],
                    "found no level",
                    expected,
                ));
            }
        };
        let mut levels = BTreeMap::new();
        for (key, value) in section {
            let level = key
                .parse::<u32>()
                .ok()
                .filter(|level| *level > 0 && level.to_string() == *key);
            let (Some(level), Value::Object(_)) = (level, value) else {
                let found = format!("found the level {key:?} with {}", json::kind(value));
                let expected = "a whole number from 1 on, with an object of metrics";
                return Err(self.fault(Code::BadValue, &["metrics", key], &found, expected));
            };
            levels.insert(level, self.level(map, key)?);
        }
        Ok(levels)
    }

    fn level(&self, map: &Map<String, Value>, key: &str) -> Result<Level> {
        let number = |name: &str| self.number(map, &["metrics", key, name], None);
        let mut level = Level {
            errors: number("errors")?,
            requests: number("requests")?,
            isl_mean: number("isl_mean")?,
            osl_mean: number("osl_mean")?,
            ..Level::default()
        };
        for (metric, _) in metrics::of_levels() {
            if let Some(value) = number(metric.name)? {
                level.values.insert(metric.name.to_owned(), value);
            }
            let path = ["sources", key, metric.name, "requests"];
            if let Some(samples) = self.number(map, &path, None)? {
                level.samples.insert(metric.name.to_owned(), samples);
            }
        }
        for (name, value) in [("errors", level.errors), ("requests", level.requests)] {
            if value.is_some_and(|value| value.fract() != 0.0) {
                let found = format!("found {}", value.unwrap_or_default());
                return Err(self.fault(
                    Code::BadValue,
                    &["metrics", key, name],
                    &found,
                    "a whole number",
                ));
            }
        }
        if level.succeeded().is_some_and(|succeeded| succeeded < 0.0) {
            let found = "found more errors than requests";
            let expected = "`requests` to hold all requests that ended, failed ones included";
            return Err(self.fault(Code::Damaged, &["metrics", key, "errors"], found, expected));
        }
        Ok(level)
    }

    fn numbers(
        &self,
        map: &Map<String, Value>,
        section: &str,
        bound: fn(&str) -> Option<f64>,
    ) -> Result<BTreeMap<String, f64>> {
        let keys = match map.get(section) {
            None | Some(Value::Null) => return Ok(BTreeMap::new()),
            Some(Value::Object(keys)) => keys,
            Some(other) => {
                let found = format!("found {}", json::kind(other));
                return Err(self.fault(Code::BadValue, &[section], &found, "an object of numbers"));
            }
        };
        let mut numbers = BTreeMap::new();
        for key in keys.keys() {
            if let Some(value) = self.number(map, &[section, key], bound(key))? {
                numbers.insert(key.clone(), value);
            }
        }
        Ok(numbers)
    }

    fn number(
        &self,
        map: &Map<String, Value>,
        path: &[&str],
        bound: Option<f64>,
    ) -> Result<Option<f64>> {
        let mut value = map.get(path[0]);
        for key in &path[1..] {
            value = value.and_then(|value| value.get(*key));
        }
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let Some(number) = value.as_f64() else {
            let found = format!("found {}", json::kind(value));
            return Err(self.fault(Code::BadValue, path, &found, "a number or null"));
        };
        if number < 0.0 {
            let found = format!("found {number}");
            return Err(self.fault(
                Code::BadValue,
                path,
                &found,
                "a number that is not negative; what was not measured is null",
            ));
        }
        match bound {
            Some(bound) if number > bound => {
                let expected = if bound < 2.0 {
                    "a fraction from 0 to 1"
                } else {
                    "a percentage from 0 to 100"
                };
                Err(self.fault(Code::BadValue, path, &format!("found {number}"), expected))
            }
            _ => Ok(Some(number)),
        }
    }

    fn trials(&self, map: &Map<String, Value>) -> Result<Vec<Numbers>> {
        let Some(runs) = map.get("trials").and_then(|trials| trials.get("runs")) else {
            return Ok(Vec::new());
        };
        let read = |run: &Value| {
            let values = run.get("values")?.as_object()?;
            values
                .iter()
                .map(|(path, value)| {
                    Some((path.clone(), value.as_f64().filter(|value| *value >= 0.0)?))
                })
                .collect()
        };
        let runs = runs
            .as_array()
            .map(|runs| runs.iter().map(read).collect::<Option<Vec<Numbers>>>());
        runs.flatten().ok_or_else(|| {
            let expected =
                "a list of runs, each with an object `values` of numbers that are not negative";
            self.fault(
                Code::Damaged,
                &["trials", "runs"],
                "found trials of another form",
                expected,
            )
        })
    }

    fn findings(&self, map: &Map<String, Value>) -> Result<Vec<Finding>> {
        let Some(list) = map.get("findings").filter(|list| !list.is_null()) else {
            return Ok(Vec::new());
        };
        Vec::<Finding>::deserialize(list).map_err(|_| {
            let expected =
                "a list of objects with code, severity (info, warning, error), message and where";
            self.fault(
                Code::Damaged,
                &["findings"],
                "found findings of another form",
                expected,
            )
        })
    }
}

use serde::Deserialize as _;
