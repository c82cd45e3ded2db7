//! `--schema`: the source must be a JSON document that fits.

use crate::entries::read_text;
use crate::python::json;
use crate::python::str::cut;
use crate::refusal::Refusal;
use boon::{
    CompileError, Compiler, Draft, ErrorKind, Format, InstanceToken, Schemas, UrlLoader,
    ValidationError,
};
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
    let mut compiled = Schemas::new();
    let index = compile(rules, &mut compiled).map_err(|detail| {
        Refusal::new(format!(
            "--schema is not a valid JSON Schema: {}",
            shortened(&detail)
        ))
    })?;
    match compiled.validate(&instance, index) {
        Ok(()) => Ok(schema.to_path_buf()),
        Err(error) => {
            let error = told(&error);
            let place = location(error).join(".");
            let place = if place.is_empty() { "<root>" } else { &place };
            Err(Refusal::new(format!(
                "--source fails JSON Schema at {place}: {}",
                shortened(&error.kind.to_string())
            )))
        }
    }
}

/// Where the schema stands while it is compiled: no place, so that no reference leads out of it.
const PLACE: &str = "schema:source";

/// Nothing is fetched, also not from the disk: a schema has no more rights than its own text.
struct Offline;

impl UrlLoader for Offline {
    fn load(&self, url: &str) -> Result<Value, Box<dyn std::error::Error>> {
        Err(format!("{url} is another document, and none is fetched").into())
    }
}

/// Old drafts have them checked by this library, newer ones do not; the reference server checks none.
const FORMATS: [&str; 20] = [
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "period",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// The schema by the draft that it names; by the newest where it names none, or none that is known.
fn compile(mut rules: Value, into: &mut Schemas) -> Result<boon::SchemaIndex, String> {
    if let Some(map) = rules.as_object_mut() {
        let known = |draft: &Value| {
            draft
                .as_str()
                .is_some_and(|url| Draft::from_url(url).is_some())
        };
        if !map.get("$schema").is_none_or(known) {
            map.remove("$schema");
        }
    }
    let mut compiler = Compiler::new();
    compiler.use_loader(Box::new(Offline));
    compiler.set_default_draft(Draft::V2020_12);
    for name in FORMATS {
        let func = |_: &Value| Ok(());
        compiler.register_format(Format { name, func });
    }
    compiler
        .add_resource(PLACE, rules)
        .and_then(|()| compiler.compile(PLACE, into))
        .map_err(|error| match &error {
            CompileError::ValidationError { src, .. } => {
                let error = told(src);
                format!("{} at /{}", error.kind, location(error).join("/"))
            }
            CompileError::LoadUrlError { src, .. } => src.to_string(),
            other => other.to_string(),
        })
}

fn read(option: &str, path: &Path) -> Result<Value, Refusal> {
    let invalid = |detail: String| Refusal::new(format!("{option} is not valid JSON: {detail}"));
    let text = read_text(path).map_err(|e| invalid(e.message))?;
    let value = json::parse(&text).map_err(|e| invalid(e.to_string()))?;
    value
        .to_serde()
        .ok_or_else(|| invalid("NaN and Infinity are no JSON numbers".into()))
}

/// The library quotes values, which can be the whole source.
fn shortened(text: &str) -> String {
    let text = text.replace('\n', " ");
    let (head, more) = cut(&text, 500);
    format!("{head}{}", if more { "..." } else { "" })
}

fn location(error: &ValidationError<'_, '_>) -> Vec<String> {
    let tokens = &error.instance_location.tokens;
    tokens
        .iter()
        .map(|token| match token {
            InstanceToken::Prop(name) => name.to_string(),
            InstanceToken::Item(at) => at.to_string(),
        })
        .collect()
}

/// Of several errors the one nearest to the root is reported; of equally near ones the last by path.
fn nearness(error: &ValidationError<'_, '_>) -> (std::cmp::Reverse<usize>, Vec<String>) {
    let place = location(error);
    (std::cmp::Reverse(place.len()), place)
}

/// The errors below one that only says that there are some: a schema, a reference, `allOf`.
fn parts<'e, 's, 'v>(
    error: &'e ValidationError<'s, 'v>,
    into: &mut Vec<&'e ValidationError<'s, 'v>>,
) {
    let mere = matches!(
        error.kind,
        ErrorKind::Group
            | ErrorKind::Schema { .. }
            | ErrorKind::Reference { .. }
            | ErrorKind::AllOf
    );
    if mere && !error.causes.is_empty() {
        error.causes.iter().for_each(|cause| parts(cause, into));
    } else {
        into.push(error);
    }
}

/// The one error to tell of.
fn told<'e, 's, 'v>(error: &'e ValidationError<'s, 'v>) -> &'e ValidationError<'s, 'v> {
    let mut all = Vec::new();
    parts(error, &mut all);
    let nearest = all.into_iter().max_by_key(|error| nearness(error));
    innermost(nearest.unwrap_or(error))
}

/// For alternatives that all failed, the single deepest failure inside them says more than "none of them".
fn innermost<'e, 's, 'v>(error: &'e ValidationError<'s, 'v>) -> &'e ValidationError<'s, 'v> {
    if !matches!(error.kind, ErrorKind::AnyOf | ErrorKind::OneOf(None)) {
        return error;
    }
    let mut inside = Vec::new();
    error
        .causes
        .iter()
        .for_each(|cause| parts(cause, &mut inside));
    inside.sort_by_key(|error| nearness(error));
    match inside.as_slice() {
        [only] => innermost(only),
        [deepest, next, ..] if nearness(deepest) < nearness(next) => innermost(deepest),
        _ => error,
    }
}
