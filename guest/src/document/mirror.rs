//! The flat mirror: every judged number once more at top level, under its dotted path.
//!
//! The `perf_baseline_diff` verb of the reference server compares only top-level numbers, so a nested
//! document would be compared on nothing. The mirror is written here and checked on reading.

use super::reader::Reader;
use crate::fault::{Code, Result};
use crate::measure::{Name, Number, Place, Quantity, metrics, place};
use serde_json::{Map, Value};

/// Whether a top-level key belongs to the mirror.
pub(super) fn is_mirror(key: &str) -> bool {
    section_of(key).is_some()
}

/// The section that a key mirrors, and what follows it.
fn section_of(key: &str) -> Option<(&str, &str)> {
    if let Some(rest) = key.strip_prefix(place::RATES) {
        return rest.strip_prefix('[').map(|rest| (place::RATES, rest));
    }
    let (section, rest) = key.split_once('.')?;
    let mirrored = [place::LEVELS, place::SERVER, Quantity::KernelClass.name()];
    mirrored.contains(&section).then_some((section, rest))
}

/// Adds the mirror to a finished document.
pub(super) fn add(map: &mut Map<String, Value>) {
    let mut flat = Vec::new();
    let mut mirror = |place: Place, name: Name, value: Option<&Value>| {
        if let Some(value) = value.filter(|value| value.is_number()) {
            flat.push((Number { place, name }.path(), value.clone()));
        }
    };
    for (place, cell) in cells(map) {
        let of_cell = metrics::of_cells().map(|metric| metric.quantity);
        for quantity in of_cell.chain([Quantity::Errors]) {
            mirror(place, Name::Of(quantity), cell.get(quantity.name()));
        }
    }
    for (key, value) in section(map, place::SERVER) {
        let name = Name::of_key(Place::Server, key);
        if name.metric().is_some() {
            mirror(Place::Server, name, Some(value));
        }
    }
    for (class, value) in section(map, Quantity::KernelClass.name()) {
        mirror(Place::Profile, Name::Class(class.clone()), Some(value));
    }
    map.extend(flat);
}

fn cells(map: &Map<String, Value>) -> impl Iterator<Item = (Place, &Value)> {
    let levels = section(map, place::LEVELS)
        .filter_map(|(key, cell)| Some((Place::of_level_key(key)?, cell)));
    let rates =
        section(map, place::RATES).filter_map(|(key, cell)| Some((Place::of_rate_key(key)?, cell)));
    levels.chain(rates)
}

fn section<'a>(
    map: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    map.get(name)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// Checks that each mirrored number equals the nested one.
pub(super) fn check(reader: &Reader<'_>, map: &Map<String, Value>) -> Result<()> {
    for (key, flat) in map {
        let Some((first, rest)) = section_of(key) else {
            continue;
        };
        let nested = nested(map, first, rest);
        let equal = match (flat.as_f64(), nested.and_then(Value::as_f64)) {
            (Some(flat), Some(nested)) => flat == nested,
            (None, None) => flat.is_null() && nested.is_none_or(Value::is_null),
            _ => false,
        };
        if !equal {
            let nested = nested.map_or_else(|| "nothing".to_owned(), Value::to_string);
            return Err(reader.fault(
                Code::Conflict,
                &[key],
                &format!("found {flat} in the flat mirror but {nested} nested"),
                "the same number. The document was edited: make it again from the bundle",
            ));
        }
    }
    Ok(())
}

fn nested<'a>(map: &'a Map<String, Value>, section: &str, rest: &str) -> Option<&'a Value> {
    let cells = map.get(section)?;
    if section == place::RATES {
        let (rate, name) = rest.split_once("].")?;
        return cells.get(rate)?.get(name);
    }
    // A class or a level may itself hold a dot; the longest key wins.
    cells.get(rest).or_else(|| {
        let (level, name) = rest.split_once('.')?;
        cells.get(level)?.get(name)
    })
}
