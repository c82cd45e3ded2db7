//! `explain`.

use super::args::{ExplainArgs, full_name};
use super::case;
use super::output::Output;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::sandbox::Sandbox;
use crate::sandbox::judge::Form;
use serde_json::{Value, json};
use std::path::Path;

const SCHEMA: &str = "perfbridge_judgement_v1";
/// The forms of a place in a row: as it is printed (`c16`), and as a key (`16`).
const PLACES: [&str; 2] = ["place", "level"];
/// So many rows are named when the one that was asked for does not exist.
const NEAR: usize = 8;

/// Says why a row has its status: the sentence that the judgement holds.
pub fn explain(sandbox: &Sandbox, args: &ExplainArgs, output: &Output) -> Result<Exit> {
    let judgement = match &args.verdict {
        Some(file) => read(file)?,
        None => {
            let sides = case::read(sandbox, &args.case, args.repo_root.as_deref(), output)?;
            let judged = sandbox.judge(&sides.case(), &[Form::json()])?;
            serde_json::from_str(&judged.texts.concat())
                .map_err(|error| Error::internal(error.to_string()))?
        }
    };
    let rows = judgement["rows"].as_array().cloned().unwrap_or_default();
    let asked = full_name(&args.row);
    let is_meant = |row: &&Value| PLACES.iter().any(|key| name(row, key) == asked);
    let Some(row) = rows.iter().find(is_meant) else {
        return Err(unknown(&args.row, &rows));
    };
    let Some(explanation) = row["explanation"].as_str() else {
        return Err(Error::usage(
            "found a row without an explanation; this judgement was made by a version that gave none. Run perfbridge diff again",
        )
        .in_input(args.verdict.as_deref().unwrap_or(Path::new("judgement"))));
    };
    if args.json {
        output.value(&json!({
            "schema": "perfbridge_explain_v1",
            "metric": row["metric"],
            "level": row["level"],
            "status": row["status"],
            "explanation": explanation,
        }))?;
    } else {
        output.data(&format!("{explanation}\n"))?;
    }
    Ok(Exit::Pass)
}

fn read(file: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Error::io("read the judgement", file, &error))?;
    let wrong = |found: String| {
        Error::usage(format!(
            "found {found}; expected a judgement of the schema {SCHEMA}, the verdict.json of a diff bundle"
        ))
        .in_input(file)
    };
    let judgement: Value =
        serde_json::from_str(&text).map_err(|error| wrong(format!("no JSON ({error})")))?;
    match judgement["schema"].as_str() {
        Some(SCHEMA) => Ok(judgement),
        Some(other) => Err(wrong(format!("the schema {other:?}"))),
        None => Err(wrong("no schema".to_owned())),
    }
}

/// A row as it is typed, with its place as it stands in that field.
fn name(row: &Value, place: &str) -> String {
    let of = |key: &str| row[key].as_str().unwrap_or_default();
    format!("{}@{}", of("metric"), of(place))
}

/// Names the rows of that metric or, where there is none, those whose name begins alike.
fn unknown(asked: &str, rows: &[Value]) -> Error {
    let full = full_name(asked);
    let metric = full.split('@').next().unwrap_or_default();
    let alike = |row: &&Value| -> usize {
        let own = row["metric"].as_str().unwrap_or_default();
        let common = own.bytes().zip(metric.bytes()).take_while(|(a, b)| a == b);
        if own == metric {
            usize::MAX
        } else {
            common.count()
        }
    };
    let most = rows.iter().map(|row| alike(&row)).max().unwrap_or(0);
    let mut near: Vec<&Value> = rows.iter().filter(|row| alike(row) == most).collect();
    // Those of the place that was meant first; the sort keeps the order of the rest.
    let place = asked.split_once('@').map(|asked| asked.1);
    near.sort_by_key(|row| !PLACES.iter().any(|key| row[key].as_str() == place));
    let more = near.len().saturating_sub(NEAR);
    near.truncate(NEAR);
    let near: Vec<String> = near.iter().map(|row| name(row, PLACES[0])).collect();
    let and = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Error::usage(format!(
        "this judgement has no row {asked:?}; expected METRIC@PLACE, for instance ttft_p50_ms@c16. Near it are: {}{and}",
        near.join(", ")
    ))
}
