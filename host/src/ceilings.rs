//! Reads one ceiling from the operator's `sol-ceilings.yaml`.

use crate::error::{Error, Result};
use crate::sandbox::ingest::Ceiling;
use std::path::Path;
use yaml_rust2::{Yaml, YamlLoader};

const TOKENS: [&str; 4] = ["tok/s", "toks/s", "tokens/s", "tokens/sec"];

/// The ceiling at a dotted key: a number under a key that ends in `toks_per_s`, or a mapping with `peak`
/// (or `value`), `unit` and optionally `sol_rigor`.
pub fn read(path: &Path, key: &str) -> Result<Ceiling> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::io("read the ceilings", path, &error))?;
    let refuse = |message: String| Err(Error::usage(message).in_input(path));
    let documents = match YamlLoader::load_from_str(&text) {
        Ok(documents) => documents,
        Err(error) => return refuse(format!("found YAML that cannot be read: {error}")),
    };
    let root = documents.into_iter().next().unwrap_or(Yaml::Null);
    let mut found = &root;
    for part in key.split('.') {
        found = &found[part];
    }
    if found.is_badvalue() {
        return refuse(format!(
            "found no key {key:?}; expected a dotted path to a ceiling, for instance node.decode_toks_per_s"
        ));
    }
    let text = |name: &str| found[name].as_str().map(str::to_owned);
    let (peak, unit) = match number(found) {
        Some(peak) if key.ends_with("toks_per_s") || key.ends_with("tok_s") => {
            (Some(peak), Some("tok/s".to_owned()))
        }
        Some(peak) => (Some(peak), None),
        None => (
            number(&found["peak"]).or_else(|| number(&found["value"])),
            text("unit"),
        ),
    };
    let Some(peak) = peak.filter(|peak| peak.is_finite() && *peak > 0.0) else {
        return refuse(format!(
            "found no number above 0 at {key:?}; expected a ceiling, or a mapping with peak and unit"
        ));
    };
    match unit {
        Some(unit) if TOKENS.contains(&unit.as_str()) => Ok(Ceiling {
            key: key.to_owned(),
            peak_toks_per_s: peak,
            rigor: text("sol_rigor").or_else(|| text("rigor")),
        }),
        other => refuse(format!(
            "found the ceiling {key:?} in {}; %SoL of a serving run needs output tokens per second (a key that ends in toks_per_s, or unit: tok/s)",
            other.as_deref().unwrap_or("no stated unit")
        )),
    }
}

fn number(value: &Yaml) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_i64().map(|whole| whole as f64))
}
