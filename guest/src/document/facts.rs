//! What a cell holds beside numbers: its load, which run it is of, what the tool says against it, its first
//! requests.

use super::cell::Cell;
use super::content::VALIDITY;
use super::origins::{self, ORIGIN};
use super::reader::Reader;
use crate::fault::{Code, Result};
use crate::json::{kind, put};
use crate::measure::{Load, slo};
use crate::order::Ordered as _;
use crate::run::{FirstWave, Origin, origin::OTHERS};
use serde_json::{Map, Value};

const LOAD: &str = "load";
const SLO: &str = "slo";
const FIRST_WAVE: &str = "first_wave";

/// Writes the facts of a cell into its object.
pub(super) fn insert(of_place: &mut Map<String, Value>, cell: &Cell) {
    let load = cell.load.as_ref().map_or(Value::Null, Load::to_json);
    put(of_place, LOAD, load);
    origins::write(of_place, &cell.origin, ORIGIN);
    put(of_place, VALIDITY, cell.validity.clone().into());
    if !cell.slo.is_null() {
        put(of_place, SLO, cell.slo.clone());
    }
    if let Some(wave) = &cell.first_wave {
        put(of_place, FIRST_WAVE, wave.to_json());
    }
}

impl Reader<'_> {
    /// Reads the facts of a cell.
    ///
    /// Faults: one that is of another form.
    pub(super) fn facts(
        &self,
        cell: &Map<String, Value>,
        path: &[&str; 2],
        read: &mut Cell,
    ) -> Result<()> {
        let path = |name| [path[0], path[1], name];
        let known = |name: &str| cell.get(name).filter(|value| !value.is_null());
        let wrong = |name, expected| {
            let found = format!("found {}", known(name).map_or("nothing", kind));
            Err(self.fault(Code::BadValue, &path(name), &found, expected))
        };
        read.load = known(LOAD).and_then(Load::of_json);
        if known(LOAD).is_some() && read.load.is_none() {
            let expected = "an object with the kind closed, rate, schedule or user-centric, and numbers that are not negative";
            return wrong(LOAD, expected);
        }
        for name in ORIGIN {
            if known(name).is_some_and(|value| !value.is_string()) {
                return wrong(name, "a text or null");
            }
        }
        let [.., hash] = ORIGIN;
        let is_hash = |value: &Value| value.as_str().is_none_or(is_sha256);
        if !known(hash).is_none_or(is_hash) {
            return wrong(hash, "a SHA-256: 64 lower-case hex digits");
        }
        let others = self.texts(cell.get(OTHERS), &path(OTHERS))?;
        if !others.iter().all(|other| is_sha256(other)) {
            return wrong(OTHERS, "a list of SHA-256: 64 lower-case hex digits each");
        }
        read.origin = Origin::of_json(cell, ORIGIN);
        read.validity = self.texts(cell.get(VALIDITY), &path(VALIDITY))?;
        match known(SLO).map(slo::of) {
            Some(None) => return wrong(SLO, "an object of limits, numbers that are not negative"),
            Some(Some(slo)) => read.slo = slo,
            None => {}
        }
        read.first_wave = known(FIRST_WAVE).and_then(FirstWave::of_json);
        if known(FIRST_WAVE).is_some() && read.first_wave.is_none() {
            return wrong(FIRST_WAVE, "an object with the parts `first` and `rest`");
        }
        Ok(())
    }

    /// A list of texts; none where it is missing.
    pub(super) fn texts(&self, value: Option<&Value>, path: &[&str]) -> Result<Vec<String>> {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return Ok(Vec::new());
        };
        let text = |item: &Value| item.as_str().map(str::to_owned);
        let list = value.as_array().map(|list| list.iter().map(text).collect());
        list.flatten().ok_or_else(|| {
            let found = format!("found {}", kind(value));
            self.fault(Code::BadValue, path, &found, "a list of texts")
        })
    }
}

fn is_sha256(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 64 && text.bytes().all(is_digit)
}

/// The facts of one place of several runs: what they share, and everything that is said against one of them.
pub(super) fn merge(cells: &[&Cell]) -> Cell {
    let shared = |of: fn(&Origin) -> &Option<String>| {
        let mut all = cells.iter().map(|cell| of(&cell.origin));
        let first = all.next()?.clone();
        all.all(|other| *other == first).then_some(first).flatten()
    };
    // Goodput by several SLOs has a median that is of none of them.
    let mut slos = cells.iter().map(|cell| &cell.slo);
    let slo = slos.next().filter(|first| slos.all(|slo| slo == *first));
    let mut validity: Vec<String> = cells
        .iter()
        .flat_map(|cell| cell.validity.clone())
        .collect();
    validity.order();
    validity.dedup();
    Cell {
        load: cells.iter().find_map(|cell| cell.load.clone()),
        origin: Origin {
            id: shared(|origin| &origin.id),
            start: shared(|origin| &origin.start),
            sha256: shared(|origin| &origin.sha256),
            ..Origin::default()
        },
        validity,
        slo: slo.cloned().unwrap_or_default(),
        first_wave: cells.iter().find_map(|cell| cell.first_wave.clone()),
        ..Cell::default()
    }
}
