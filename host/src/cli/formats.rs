//! `formats`: what is read, as the component lists it.

use super::args::FormatsArgs;
use super::naming::nearest;
use super::output::{Output, columns};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::sandbox::Sandbox;
use serde_json::Value;

/// Lists the formats, or the fields of one.
pub fn formats(sandbox: &Sandbox, args: &FormatsArgs, output: &Output) -> Result<Exit> {
    let listed: Value = serde_json::from_str(&sandbox.formats()?)
        .map_err(|error| Error::internal(error.to_string()))?;
    let formats = listed["formats"].as_array().cloned().unwrap_or_default();
    let Some(name) = &args.name else {
        match output.json() {
            true => output.value(&listed)?,
            false => output.data(&overview(&formats))?,
        }
        return Ok(Exit::Pass);
    };
    let Some(found) = formats.iter().find(|format| format["name"] == **name) else {
        let names = formats.iter().filter_map(|format| format["name"].as_str());
        let near = nearest(name, &names.collect::<Vec<_>>());
        let near = near.map_or(String::new(), |near| format!(", but {near}"));
        return Err(Error::usage(format!(
            "found no format {name}{near}; `perfbridge formats` lists them"
        )));
    };
    match output.json() {
        true => output.value(found)?,
        false => output.data(&fields(found))?,
    }
    Ok(Exit::Pass)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

fn overview(formats: &[Value]) -> String {
    let head = ["NAME", "STATES", "READ"].map(str::to_owned);
    let row = |format: &Value| ["name", "states", "versions"].map(|key| text(&format[key]));
    let rows: Vec<[String; 3]> = std::iter::once(head)
        .chain(formats.iter().map(row))
        .collect();
    columns(&rows)
}

fn fields(format: &Value) -> String {
    let mut rows = vec![["FIELD", "NUMBER", "UNIT", "DEFINITION"].map(str::to_owned)];
    for field in format["fields"].as_array().into_iter().flatten() {
        let definitions = field["definitions"].as_array().into_iter().flatten();
        let definitions: Vec<&str> = definitions.filter_map(Value::as_str).collect();
        rows.push([
            text(&field["field"]),
            text(&field["metric"]),
            text(&field["unit"]),
            definitions.join(", "),
        ]);
    }
    let title = text(&format["title"]);
    let read = text(&format["versions"]);
    match rows.len() {
        1 => format!("{title}\nread  {read}\n"),
        _ => format!("{title}\nread  {read}\n\n{}", columns(&rows)),
    }
}
