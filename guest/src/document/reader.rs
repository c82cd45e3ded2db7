//! Turns the object of a document into numbers.

use super::content::VALIDITY;
use super::{Cell, Document, Numbers};
use crate::fault::{Code, Fault, Result};
use crate::finding::{Finding, FindingCode};
use crate::json;
use crate::measure::eval::{self, EVALS, Eval};
use crate::measure::quantity::Stands;
use crate::measure::{Name, Number, Place, Quantity, Topic, Unit, metrics, place};
use crate::order::Keyed as _;
use serde::Deserialize as _;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const DEFINITIONS: &str = "definitions";

const NUMBERS: &str = "an object of numbers";

/// Sections that would be passed over if they were of another form.
const OBJECTS: [&str; 6] = [
    "deployment",
    "workload",
    "context",
    "sources",
    "provenance",
    "trials",
];

/// Reads one object; faults name the file and, where there is a text, the line.
pub(super) struct Reader<'a> {
    file: &'a str,
    text: Option<&'a str>,
}

impl<'a> Reader<'a> {
    /// Of a file that was read.
    pub(super) fn of_text(file: &'a str, text: &'a str) -> Self {
        Reader {
            file,
            text: Some(text),
        }
    }

    /// Of an object that was made here.
    pub(super) fn of_object() -> Self {
        Reader {
            file: "document",
            text: None,
        }
    }

    pub(super) fn fault(&self, code: Code, path: &[&str], found: &str, expected: &str) -> Fault {
        let line = self.text.and_then(|text| json::line_of(text, path));
        Fault::new(code, format!("{found}; expected {expected}")).at_field(
            self.file,
            line,
            &path.join("."),
        )
    }

    /// The document of an object.
    ///
    /// Faults: no model, no level, a number that cannot be, samples, trials or findings of another form.
    pub(super) fn document(&self, map: Map<String, Value>) -> Result<Document> {
        let model = map
            .get("model")
            .and_then(Value::as_str)
            .filter(|model| !model.is_empty());
        let Some(model) = model.map(str::to_owned) else {
            return Err(self.fault(
                Code::NotUnderstood,
                &["model"],
                "found no model name",
                "a text that is not empty",
            ));
        };
        for section in OBJECTS {
            self.object(&map, section, "an object or null")?;
        }
        let mut places = self.cells(&map)?;
        self.samples(&map, &places)?;
        places.insert(Place::Server, self.section(&map, Place::Server)?);
        places.insert(Place::Profile, self.profile(&map)?);
        let origins = self.origins(&map, &places)?;
        let findings = self.findings(&map)?;
        let missed = findings
            .iter()
            .filter(|finding| finding.code == FindingCode::RateNotReached);
        for number in missed.filter_map(|finding| finding.place.number()) {
            if let Some(cell) = places.get_mut(&number.place) {
                cell.rate_missed = true;
            }
        }
        Ok(Document {
            model,
            places,
            kernel_classes: keys(&map, Quantity::KernelClass.name()),
            definitions: self.definitions(&map)?,
            findings,
            trials: self.trials(&map)?,
            origins,
            validity: self.texts(map.get(VALIDITY), &[VALIDITY])?,
            evals: self.evals(&map)?,
            map,
        })
    }

    fn cells(&self, map: &Map<String, Value>) -> Result<BTreeMap<Place, Cell>> {
        let levels = map.get(place::LEVELS).and_then(Value::as_object);
        let rates = self.object(map, place::RATES, "an object of cells")?;
        let some = |section: Option<&Map<_, _>>| section.is_some_and(|cells| !cells.is_empty());
        if levels.is_none() || !some(levels) && !some(rates) {
            let expected = "an object with one entry for each concurrency level";
            return Err(self.fault(
                Code::NotUnderstood,
                &[place::LEVELS],
                "found no level",
                expected,
            ));
        }
        let mut cells = BTreeMap::new();
        for (key, value) in levels.into_iter().flatten() {
            let (Some(at), Value::Object(cell)) = (Place::of_level_key(key), value) else {
                let found = format!("found the level {key:?} with {}", json::kind(value));
                let expected = "a whole number from 1 on, with an object of metrics";
                return Err(self.fault(Code::BadValue, &[place::LEVELS, key], &found, expected));
            };
            cells.insert(at, self.cell(map, at, cell, &[place::LEVELS, key])?);
        }
        for (key, value) in rates.into_iter().flatten() {
            let (Some(at), Value::Object(cell)) = (Place::of_rate_key(key), value) else {
                let found = format!("found the rate {key:?} with {}", json::kind(value));
                let expected = "offered requests a second in their shortest decimal form (\"5\", \"0.8\"), with an object of metrics";
                return Err(self.fault(Code::BadValue, &[place::RATES, key], &found, expected));
            };
            cells.insert(at, self.cell(map, at, cell, &[place::RATES, key])?);
        }
        Ok(cells)
    }

    fn cell(
        &self,
        map: &Map<String, Value>,
        at: Place,
        cell: &Map<String, Value>,
        at_path: &[&str; 2],
    ) -> Result<Cell> {
        let mut read = Cell::default();
        let path = |name| [at_path[0], at_path[1], name];
        for quantity in Quantity::standing(Stands::Cell) {
            let name = quantity.name();
            if let Some(value) = self.number(cell.get(name), &path(name), None)? {
                read.numbers.insert(Name::Of(quantity), value);
            }
        }
        let sources = map.get("sources").and_then(|all| all.get(at.key()));
        for metric in metrics::of_cells() {
            for (name, kept) in [
                ("requests", &mut read.samples),
                ("rounding", &mut read.rounding),
            ] {
                let path = ["sources", &at.key(), metric.name(), name];
                let stated = sources.and_then(|all| json::dig(all, &path[2..]));
                if let Some(number) = self.number(stated, &path, None)? {
                    kept.insert(metric.quantity, number);
                }
            }
        }
        let counts = Quantity::standing(Stands::Cell).filter(|of| of.unit().is_count());
        for quantity in counts {
            if let Some(value) = read.get(quantity).filter(|value| value.fract() != 0.0) {
                let found = format!("found {value}");
                let path = path(quantity.name());
                return Err(self.fault(Code::BadValue, &path, &found, "a whole number"));
            }
        }
        if read.succeeded().is_some_and(|succeeded| succeeded < 0.0) {
            let found = "found more errors than requests";
            let expected = "`requests` to hold all requests that ended, failed ones included";
            let path = path(Quantity::Errors.name());
            return Err(self.fault(Code::Damaged, &path, found, expected));
        }
        self.facts(cell, at_path, &mut read)?;
        Ok(read)
    }

    /// The numbers of `server_metrics_delta`, unknown ones included.
    fn section(&self, map: &Map<String, Value>, at: Place) -> Result<Cell> {
        let mut read = Cell::default();
        let section = self.object(map, place::SERVER, NUMBERS)?;
        for key in section.into_iter().flatten() {
            let name = Name::of_key(at, key.0);
            let most = name.quantity().and_then(|quantity| quantity.unit().most());
            // What another version calls so may be of another form.
            let is_number = key.1.as_f64().is_some_and(|value| value >= 0.0);
            if name.quantity().is_none() && !is_number {
                continue;
            }
            if let Some(value) = self.number(Some(key.1), &[place::SERVER, key.0], most)? {
                read.numbers.insert(name, value);
            }
        }
        Ok(read)
    }

    fn profile(&self, map: &Map<String, Value>) -> Result<Cell> {
        let mut read = Cell::default();
        let section = Quantity::KernelClass.name();
        for (class, value) in self.object(map, section, NUMBERS)?.into_iter().flatten() {
            let most = Unit::Percent.most();
            if let Some(value) = self.number(Some(value), &[section, class], most)? {
                read.numbers.insert(Name::Class(class.clone()), value);
            }
        }
        for quantity in Quantity::standing(Stands::Top) {
            let name = quantity.name();
            let most = quantity.unit().most();
            if let Some(value) = self.number(map.get(name), &[name], most)? {
                read.numbers.insert(Name::Of(quantity), value);
            }
        }
        Ok(read)
    }

    /// Which quantity each name is. What is no text of a name that is known would be compared with everything.
    fn definitions(&self, map: &Map<String, Value>) -> Result<BTreeMap<String, String>> {
        const TEXTS: &str = "an object of texts";
        let none = Map::new();
        let section = self.object(map, DEFINITIONS, TEXTS)?.unwrap_or(&none);
        let is_text = |value: &Value| value.is_string() || value.is_null();
        let mut known = section.iter().filter(|(key, _)| Topic::of(key).is_some());
        if let Some((key, value)) = known.find(|(_, value)| !is_text(value)) {
            let found = format!("found {}", json::kind(value));
            return Err(self.fault(Code::BadValue, &[DEFINITIONS, key], &found, TEXTS));
        }
        let text =
            |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
        Ok(section.iter().filter_map(text).into_map())
    }

    fn object<'m>(
        &self,
        map: &'m Map<String, Value>,
        section: &str,
        expected: &str,
    ) -> Result<Option<&'m Map<String, Value>>> {
        match map.get(section) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(keys)) => Ok(Some(keys)),
            Some(other) => {
                let found = format!("found {}", json::kind(other));
                Err(self.fault(Code::BadValue, &[section], &found, expected))
            }
        }
    }

    fn number(
        &self,
        value: Option<&Value>,
        path: &[&str],
        most: Option<f64>,
    ) -> Result<Option<f64>> {
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
        match most {
            Some(most) if number > most => {
                let expected = if most < 2.0 {
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
            let one = |(path, value): (&String, &Value)| {
                let value = value.as_f64().filter(|value| *value >= 0.0)?;
                Some((Number::of_path(path), value))
            };
            values.iter().map(one).collect()
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

    fn evals(&self, map: &Map<String, Value>) -> Result<Vec<Eval>> {
        let listed = match map.get(EVALS) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(listed) => listed,
        };
        eval::all(listed).ok_or_else(|| {
            let found = "found scores of another form";
            self.fault(Code::BadValue, &[EVALS], found, eval::EXPECTED)
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

fn keys(map: &Map<String, Value>, section: &str) -> BTreeSet<String> {
    let section = map.get(section).and_then(Value::as_object);
    section.into_iter().flat_map(Map::keys).cloned().into_set()
}
