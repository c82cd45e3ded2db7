//! From two files to a comparison: a pair of numbers, or two objects key by key.

use super::baseline::Baseline;
use super::rows::Comparison;
use crate::arbiter::{Arbiter, Ruling};
use crate::entries::{self, to_float};
use crate::python::float;
use crate::python::json::{self, Value};
use crate::refusal::Refusal;
use std::path::Path;

/// The schema whose documents the arbiter judges.
const JUDGED_SCHEMA: &str = "inference_perfbench_v1";

/// The current side: a file, or a directory that was read into a document.
pub struct Current<'a> {
    pub path: &'a Path,
    pub document: Option<&'a str>,
}

/// Compares the current side with a baseline. Two documents of the judged schema also get the ruling of the arbiter,
/// where there is one.
pub fn compare(
    baseline: &Baseline,
    current: &Current<'_>,
    arbiter: Option<&dyn Arbiter>,
) -> Result<(Comparison, Option<Ruling>), Refusal> {
    if baseline.value.is_some() {
        return Ok((scalar(baseline, current.path)?, None));
    }
    structured(baseline, current, arbiter)
}

fn scalar(baseline: &Baseline, current: &Path) -> Result<Comparison, Refusal> {
    let value = baseline.value.as_ref().and_then(to_float);
    let value = value.ok_or_else(|| Refusal::new("scalar baseline value must be numeric"))?;
    if !value.is_finite() {
        return Err(Refusal::new("scalar baseline value must be finite"));
    }
    if let Some(snapshot) = entries::find_snapshot(&baseline.dir, "source-snapshot") {
        baseline.verify(&snapshot)?;
    }
    let measured = current_scalar(current).ok_or_else(|| {
        Refusal::new(
            "baseline is scalar but --current did not parse as a number or {\"value\": ...} JSON",
        )
    })?;
    if !measured.is_finite() {
        return Err(Refusal::new("current scalar value must be finite"));
    }
    Ok(Comparison::scalar(&baseline.measurement, value, measured))
}

/// A number as text, or a JSON object with `value`.
fn current_scalar(path: &Path) -> Option<f64> {
    let text = entries::read_text(path).ok()?;
    // `str.strip()` takes away more than `float()` passes over.
    let trimmed =
        text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c));
    float::parse(trimmed).or_else(|| {
        let document = json::parse(&text).ok()?;
        // An integer beyond the range of a float is no value, where the text `1e999` is an infinite one.
        let value = document.get("value")?;
        to_float(value).filter(|number| number.is_finite() || !matches!(value, Value::Int(_)))
    })
}

fn structured(
    baseline: &Baseline,
    current: &Current<'_>,
    arbiter: Option<&dyn Arbiter>,
) -> Result<(Comparison, Option<Ruling>), Refusal> {
    let snapshot =
        entries::find_snapshot(&baseline.dir, "source-snapshot").filter(|path| path.is_file());
    let snapshot = snapshot.ok_or_else(|| {
        Refusal::new(
            "baseline is structured but source-snapshot is missing or a directory. Structured directory diff is not \
             supported.",
        )
    })?;
    baseline.verify(&snapshot)?;
    let needs_json =
        |detail: String| Refusal::new(format!("structured diff requires JSON inputs; {detail}"));
    let read = |path: &Path| entries::read_text(path).map_err(|e| needs_json(e.message));
    let parse = |path: &Path, text: &str| {
        json::parse(text).map_err(|e| needs_json(format!("{e} in {}", path.display())))
    };
    let before_text = read(&snapshot)?;
    let before = parse(&snapshot, &before_text)?;
    let after_text = match current.document {
        Some(text) => text.to_owned(),
        None => read(current.path)?,
    };
    let after = parse(current.path, &after_text)?;
    let (Value::Dict(before_members), Value::Dict(after_members)) = (&before, &after) else {
        return Err(Refusal::new(
            "structured diff requires both inputs to be JSON objects (key->value)",
        ));
    };
    let comparison = Comparison::structured(before_members, after_members).map_err(needs_json)?;
    let judged = |value: &Value| value.get("schema").and_then(Value::as_str) == Some(JUDGED_SCHEMA);
    if let Some(arbiter) = arbiter.filter(|_| judged(&before) && judged(&after)) {
        let ruling = arbiter
            .judge(&baseline.dir, &before_text, &after_text)
            .map_err(|e| Refusal::new(e.to_string()))?;
        return Ok((comparison, Some(ruling)));
    }
    if comparison.rows.is_empty() {
        return Err(Refusal::new(
            "structured diff found no shared finite numeric values",
        ));
    }
    Ok((comparison, None))
}
