//! Reads a document from its text and checks what only a text can have wrong.

use super::reader::Reader;
use super::{Document, SCHEMA, mirror, trials};
use crate::fault::{Code, Result};
use crate::fields::{self, FIELDS, Type};
use crate::json;
use serde_json::{Map, Value};

impl Document {
    /// Reads a document; `file` is its name in faults.
    ///
    /// Faults: not JSON, a repeated key, another schema, no model, no level, a number that cannot be (with
    /// line and field), a mirror that disagrees, numbers that are not those of the trials.
    pub fn parse(file: &str, text: &str) -> Result<Document> {
        let map = json::parse_object(file, text)?;
        let reader = Reader::of_text(file, text);
        check_schema(&reader, &map)?;
        mirror::check(&reader, &map)?;
        check_fields(&reader, &map)?;
        let document = reader.document(map)?;
        trials::check(file, &document)?;
        Ok(document)
    }
}

fn check_schema(reader: &Reader<'_>, map: &Map<String, Value>) -> Result<()> {
    match map.get("schema") {
        Some(Value::String(schema)) if schema == SCHEMA => Ok(()),
        found => {
            let found = found.map_or_else(
                || "no `schema`".to_owned(),
                |found| format!("the schema {found}"),
            );
            let expected = format!("\"{SCHEMA}\". Documents of other schemas are not compared");
            Err(reader.fault(
                Code::NotUnderstood,
                &["schema"],
                &format!("found {found}"),
                &expected,
            ))
        }
    }
}

fn check_fields(reader: &Reader<'_>, map: &Map<String, Value>) -> Result<()> {
    for field in FIELDS {
        let path: Vec<&str> = field.path.split('.').collect();
        let Some(value) = fields::get(map, field.path) else {
            continue;
        };
        let fits = match field.holds {
            Type::Flag => value.is_boolean() || value.is_string(),
            Type::Text => value.is_string() || value.is_number() || value.is_boolean(),
            Type::Count | Type::Number => value.is_number() || value.is_string(),
        };
        if !fits {
            let found = format!("found {}", json::kind(value));
            return Err(reader.fault(Code::BadValue, &path, &found, "a single value or null"));
        }
    }
    Ok(())
}
