//! What a directory holds, as it is told.

use crate::cli::listing::place;
use crate::error::{Error, Result};
use crate::sandbox::ingest;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The numbers of a place that are shown.
pub const NUMBERS: [&str; 4] = ["throughput_toks_per_s", "ttft_p50_ms", "requests", "errors"];

/// One run and what it is called.
pub struct Found {
    pub path: String,
    pub document: Value,
    findings: Vec<String>,
}

/// What is no run, and why.
pub struct Other {
    pub path: String,
    pub error: Error,
}

/// A run by its document.
pub fn found(path: String, document: &ingest::Document) -> Result<Found> {
    let parsed =
        serde_json::from_str(&document.json).map_err(|error| Error::internal(error.to_string()))?;
    let findings = document.findings.iter().map(|one| one.code.clone());
    Ok(Found {
        path,
        document: parsed,
        findings: findings.collect(),
    })
}

/// The places of a document with their cells.
pub fn cells(document: &Value) -> Vec<(String, &Map<String, Value>)> {
    let of = |section: &str, unit: &str| {
        let cells = document[section].as_object().into_iter().flatten();
        let named = cells.filter_map(move |(key, cell)| {
            Some((place(&format!("{key}{unit}")), cell.as_object()?))
        });
        named.collect::<Vec<_>>()
    };
    [of("metrics", ""), of("metrics_by_request_rate", "/s")].concat()
}

/// What the tool says against the whole run, and what was noticed that makes a number void.
pub fn against(found: &Found) -> Vec<String> {
    [texts(&found.document["validity"]), found.findings.clone()].concat()
}

/// What the tool says against one place.
pub fn against_place(cell: &Map<String, Value>) -> Vec<String> {
    cell.get("validity").map(texts).unwrap_or_default()
}

fn texts(list: &Value) -> Vec<String> {
    let all = list.as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Everything against the run and its places, each once.
pub fn validity(found: &Found) -> Vec<String> {
    let mut all = texts(&found.document["validity"]);
    for (_, cell) in cells(&found.document) {
        all.extend(against_place(cell));
    }
    all.extend(found.findings.iter().cloned());
    let mut seen = BTreeSet::new();
    all.retain(|one| seen.insert(one.clone()));
    all
}

/// The tool with its version where the result states one, else by the format that was read.
pub fn tool(document: &Value) -> &Value {
    match &document["context"]["bench_backend"] {
        Value::Null => &document["provenance"]["tool"],
        stated => stated,
    }
}
