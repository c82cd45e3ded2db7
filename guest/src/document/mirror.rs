//! The flat mirror: every judged number once more at top level, under its dotted path.
//!
//! The `perf_baseline_diff` verb of the reference server compares only top-level numbers, so a nested
//! document would be compared on nothing. The mirror is written here and checked on reading.

use crate::fault::{Code, Fault, Result};
use crate::measure::metrics::{self, KERNEL_CLASS};
use serde_json::{Map, Value};

const SECTIONS: [&str; 3] = ["metrics", "server_metrics_delta", KERNEL_CLASS];

/// Whether a top-level key belongs to the mirror.
pub(super) fn is_mirror(key: &str) -> bool {
    key.split_once('.')
        .is_some_and(|(section, _)| SECTIONS.contains(&section))
}

/// Adds the mirror to a finished document.
pub(super) fn add(map: &mut Map<String, Value>) {
    let mut flat = Vec::new();
    for (level, values) in section(map, "metrics") {
        let judged = metrics::of_levels()
            .map(|(metric, _)| metric.name)
            .chain([metrics::ERRORS]);
        for name in judged {
            if let Some(number) = values.get(name).filter(|value| value.is_number()) {
                flat.push((format!("metrics.{level}.{name}"), number.clone()));
            }
        }
    }
    for name in SECTIONS.into_iter().skip(1) {
        let judged = |key: &str| name == KERNEL_CLASS || metrics::find(key).is_some();
        for (key, value) in
            section(map, name).filter(|(key, value)| judged(key) && value.is_number())
        {
            flat.push((format!("{name}.{key}"), value.clone()));
        }
    }
    map.extend(flat);
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
pub(super) fn check(file: &str, map: &Map<String, Value>) -> Result<()> {
    for (key, flat) in map {
        let Some((first, rest)) = key.split_once('.') else {
            continue;
        };
        if !SECTIONS.contains(&first) {
            continue;
        }
        let nested = nested(map, first, rest);
        let equal = match (flat.as_f64(), nested.and_then(Value::as_f64)) {
            (Some(flat), Some(nested)) => flat == nested,
            (None, None) => flat.is_null() && nested.is_none_or(Value::is_null),
            _ => false,
        };
        if !equal {
            let nested = nested.map_or_else(|| "nothing".to_owned(), Value::to_string);
            return Err(Fault::new(
                Code::Conflict,
                format!("found {flat} in the flat mirror but {nested} in the nested place; expected the same number. The document was edited: make it again from the bundle"),
            )
            .at(format!("{file}: {key}")));
        }
    }
    Ok(())
}

fn nested<'a>(map: &'a Map<String, Value>, section: &str, rest: &str) -> Option<&'a Value> {
    let section = map.get(section)?;
    // A class or a level may itself hold a dot; the longest key wins.
    section.get(rest).or_else(|| {
        let (level, name) = rest.split_once('.')?;
        section.get(level)?.get(name)
    })
}
