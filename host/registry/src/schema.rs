//! `--schema`: the source must be a JSON document that fits.

use crate::entries::read_text;
use crate::python::json;
use crate::python::str::cut;
use crate::refusal::Refusal;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, ValidationError};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Checks a source against a schema; returns the schema's path. Schemas are self-contained: a reference to another
/// document is never fetched.
///
/// # Errors
/// In this order: a schema that is no file, a source that is no file or no JSON, a schema that is no JSON or no JSON
/// Schema, a source that does not fit (the place in it is named).
pub fn check(source: &Path, schema: &Path) -> Result<PathBuf, Refusal> {
    if !schema.is_file() {
        return Err(Refusal::new(format!(
            "--schema must be a file: {}",
            schema.display()
        )));
    }
    if !source.is_file() {
        return Err(Refusal::new("--schema requires --source to be a JSON file"));
    }
    let instance = read("--source", source)?;
    let rules = read("--schema", schema)?;
    let not_a_schema =
        |detail: String| Refusal::new(format!("--schema is not a valid JSON Schema: {detail}"));
    let validator = jsonschema::options()
        .offline()
        .with_draft(draft_of(&rules))
        .should_validate_formats(false)
        .build(&rules)
        .map_err(|e| not_a_schema(brief(&e)))?;
    match validator.iter_errors(&instance).max_by_key(nearness) {
        None => Ok(schema.to_path_buf()),
        Some(error) => {
            let error = innermost(&error);
            let place = location(error).join(".");
            let place = if place.is_empty() { "<root>" } else { &place };
            Err(Refusal::new(format!(
                "--source fails JSON Schema at {place}: {}",
                brief(error)
            )))
        }
    }
}

fn read(option: &str, path: &Path) -> Result<Value, Refusal> {
    let invalid = |detail: String| Refusal::new(format!("{option} is not valid JSON: {detail}"));
    let text = read_text(path).map_err(|e| invalid(e.message))?;
    let value = json::parse(&text).map_err(|e| invalid(e.to_string()))?;
    value
        .to_serde()
        .ok_or_else(|| invalid("NaN and Infinity are no JSON numbers".into()))
}

/// The draft the schema names, else the newest.
fn draft_of(schema: &Value) -> Draft {
    let named = schema
        .get("$schema")
        .and_then(Value::as_str)
        .map(Draft::from_schema_uri);
    named
        .filter(|draft| *draft != Draft::Unknown)
        .unwrap_or(Draft::Draft202012)
}

/// The library quotes the whole value, which can be the whole source.
fn brief(error: &ValidationError<'_>) -> String {
    let text = error.to_string().replace('\n', " ");
    let (head, more) = cut(&text, 500);
    format!("{head}{}", if more { "..." } else { "" })
}

fn location(error: &ValidationError<'_>) -> Vec<String> {
    let pointer = error.instance_path().as_str();
    pointer
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Of several errors the one nearest to the root is reported; of equally near ones the last by path.
fn nearness(error: &ValidationError<'_>) -> (std::cmp::Reverse<usize>, Vec<String>) {
    let place = location(error);
    (std::cmp::Reverse(place.len()), place)
}

/// For alternatives that all failed, the single deepest failure inside them says more than "none of them".
fn innermost<'e, 'i>(error: &'e ValidationError<'i>) -> &'e ValidationError<'i> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return error;
    };
    let mut inside: Vec<_> = context.iter().flatten().collect();
    inside.sort_by_key(|e| nearness(e));
    match inside.as_slice() {
        [only] => innermost(only),
        [deepest, next, ..] if nearness(deepest) < nearness(next) => innermost(deepest),
        _ => error,
    }
}
