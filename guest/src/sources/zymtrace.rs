//! zymtrace's profile of a run: what ClickHouse answered to a query, `FORMAT JSON`.
//!
//! The format: <https://clickhouse.com/docs/interfaces/formats/JSON>. 64-bit integers may be quoted, and a
//! query that failed on the way leaves a field `exception`.

use super::checksums;
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};
use crate::finding::{Finding, FindingCode};
use crate::json;
use crate::run::profile::{CpuTable, GpuTable, Weight};
use crate::run::{Format, Run, Speaker, States};
use crate::text;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "zymtrace",
        title: "zymtrace profile (`response.json`)",
        tool: Some("zymtrace"),
        states: States::Profile,
        speaker: Speaker::Tool,
        one_each: false,
        of_many_levels: false,
    },
    begins: None,
    by_content,
    by_name: |name| name == "response.json",
    read,
};

/// The rows of vLLM's shared memory broadcast that poll, and the function of `utils.py` that they yield with.
const SPIN_FILE: &str = "shm_broadcast.py";
const SPIN_FUNCTIONS: &[&str] = &[
    "acquire_read",
    "wait",
    "memory_fence",
    "timeout_ms",
    "should_warn",
    "dequeue",
];
const YIELD_FILE: &str = "utils.py";
const YIELD_FUNCTION: &str = "sched_yield";

/// Rounded percentages may add up to a little more than 100.
const MOST_PERCENT: f64 = 100.5;

fn by_content(candidate: &Candidate<'_>) -> bool {
    let has = |key: &str| candidate.has(key);
    candidate.is_json_object()
        && has("\"meta\"")
        && (has("\"kernel\"") || has("\"func_name\"") || has("\"py_file\""))
        && (has("\"pct\"") || has("\"total_samples\""))
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    checksums::verify(tree, path, text.as_bytes())?;
    let query = read_query(tree, path)?;
    let root = json::parse_object(path, &text)?;
    if root.contains_key("status") && !root.contains_key("meta") {
        // Bundles of the Prometheus HTTP API bear the same file name.
        run.profile.findings.push(Finding::new(
            FindingCode::ProfileNotUsed,
            path.to_owned(),
            "the file is an answer of the Prometheus HTTP API and no profile",
        ));
        return Ok(());
    }
    let response = Response::new(path, &text, &root)?;
    if response.rows.is_empty() {
        run.profile.findings.push(Finding::new(
            FindingCode::ProfileEmpty,
            path.to_owned(),
            "the query found no rows: the profiler had not delivered yet, or pod, window or event kind do not match. Query again",
        ));
        return Ok(());
    }
    if response.limited && response.weight == Weight::Samples {
        run.profile.findings.push(Finding::new(
            FindingCode::ProfileLimited,
            path.to_owned(),
            "the query had a LIMIT and left rows out, so the shares are of the listed rows only; add a column `pct` or drop the LIMIT",
        ));
    }
    match device(query.as_deref(), &response) {
        Some(Device::Gpu) => run.profile.gpu.push(response.gpu()?),
        Some(Device::Cpu) => run.profile.cpu.push(response.cpu()?),
        None => run.profile.findings.push(Finding::new(
            FindingCode::ProfileNotUsed,
            path.to_owned(),
            "the query asks for an event kind other than `cuda` and `on_cpu`",
        )),
    }
    Ok(())
}

fn read_query(tree: &dyn Tree, path: &str) -> Result<Option<String>> {
    let query = files::join(files::folder(path), "query.sql");
    match files::read_text(tree, &query) {
        Ok(text) => {
            checksums::verify(tree, &query, text.as_bytes())?;
            Ok(Some(text))
        }
        Err(fault) if fault.code == Code::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

enum Device {
    Gpu,
    Cpu,
}

/// GPU or CPU by the event kind that the query names, else by the columns.
fn device(query: Option<&str>, response: &Response<'_>) -> Option<Device> {
    let named = query.map(event_kinds).unwrap_or_default();
    let has = |kind: &str| named.iter().any(|one| one == kind);
    match (has("cuda"), has("on_cpu")) {
        (true, false) => Some(Device::Gpu),
        (false, true) => Some(Device::Cpu),
        _ if response.has("py_file") => Some(Device::Cpu),
        (false, false) if !named.is_empty() => None,
        _ => Some(Device::Gpu),
    }
}

/// The quoted words that follow `event_kind` up to the next condition.
fn event_kinds(query: &str) -> Vec<String> {
    let lower = query.to_ascii_lowercase();
    let mut kinds = Vec::new();
    for (at, word) in lower.match_indices("event_kind") {
        let after = lower[at + word.len()..].trim_start();
        let Some(list) = after.strip_prefix('=').or_else(|| after.strip_prefix("in")) else {
            continue;
        };
        let end = list
            .find(" and ")
            .or_else(|| list.find('\n'))
            .unwrap_or(list.len());
        kinds.extend(
            list[..end]
                .split('\'')
                .skip(1)
                .step_by(2)
                .map(str::to_owned),
        );
    }
    kinds
}

struct Response<'a> {
    path: &'a str,
    text: &'a str,
    columns: Vec<&'a str>,
    rows: Vec<&'a Map<String, Value>>,
    weight: Weight,
    limited: bool,
}

impl<'a> Response<'a> {
    fn new(path: &'a str, text: &'a str, root: &'a Map<String, Value>) -> Result<Self> {
        let wrong = |code, field: &str, message: String| {
            let line = json::line_of(text, &[field]);
            Fault::new(code, message).at_field(path, line, field)
        };
        if let Some(exception) = root.get("exception") {
            let found = exception.as_str().unwrap_or("an exception");
            let message = format!(
                "found that the query failed: {}; expected its whole answer. Run the query again",
                text::shorten(found)
            );
            return Err(wrong(Code::Damaged, "exception", message));
        }
        let expected =
            "expected the answer of ClickHouse, `FORMAT JSON`, with `meta`, `data` and `rows`";
        let list = |field: &str| {
            let found = root.get(field);
            found.and_then(Value::as_array).ok_or_else(|| {
                let found = found.map_or("no such field", json::kind);
                wrong(
                    Code::NotUnderstood,
                    field,
                    format!("found {found}; {expected}"),
                )
            })
        };
        let columns: Vec<&str> = list("meta")?
            .iter()
            .filter_map(|column| column.get("name")?.as_str())
            .collect();
        let data = list("data")?;
        if let Some(rows) = root.get("rows")
            && count(rows) != Some(data.len() as u64)
        {
            let message = format!(
                "found {rows}, and {} rows in `data`; expected the same. The file was cut or edited",
                data.len()
            );
            return Err(wrong(Code::Damaged, "rows", message));
        }
        let rows: Option<Vec<_>> = data.iter().map(Value::as_object).collect();
        let rows = rows.ok_or_else(|| {
            wrong(
                Code::NotUnderstood,
                "data",
                format!("found a row that is no object; {expected}"),
            )
        })?;
        let weight = match (columns.contains(&"pct"), columns.contains(&"total_samples")) {
            (true, _) => Weight::Percent,
            (false, true) => Weight::Samples,
            (false, false) => {
                let message = format!(
                    "found the columns {}; expected `pct` or `total_samples`",
                    columns.join(", ")
                );
                return Err(wrong(Code::NotUnderstood, "meta", message));
            }
        };
        let before = root.get("rows_before_limit_at_least").and_then(count);
        let limited = before.is_some_and(|before| before > rows.len() as u64);
        Ok(Response {
            path,
            text,
            columns,
            rows,
            weight,
            limited,
        })
    }

    fn has(&self, column: &str) -> bool {
        self.columns.contains(&column)
    }

    /// A fault at a column of a row.
    fn fault(&self, code: Code, row: usize, column: &str, message: String) -> Fault {
        let line = line_of_row(self.text, row);
        Fault::new(code, message).at_field(self.path, line, &format!("data[{row}].{column}"))
    }

    fn weights(&self) -> Result<Vec<f64>> {
        let column = match self.weight {
            Weight::Percent => "pct",
            _ => "total_samples",
        };
        let mut weights = Vec::with_capacity(self.rows.len());
        for (at, row) in self.rows.iter().enumerate() {
            let value = row.get(column).unwrap_or(&Value::Null);
            let number = match value {
                Value::String(text) => text.parse().ok(),
                other => other.as_f64(),
            };
            let finite = number.filter(|number: &f64| number.is_finite() && *number >= 0.0);
            weights.push(finite.ok_or_else(|| {
                let message = format!(
                    "found {}; expected a number that is not negative",
                    text::shorten(&value.to_string())
                );
                self.fault(Code::BadValue, at, column, message)
            })?);
        }
        let sum: f64 = weights.iter().sum();
        if self.weight == Weight::Percent && sum > MOST_PERCENT {
            let message = format!(
                "found percentages that add up to {sum:.1}; expected at most 100. The rows are no parts of one whole"
            );
            return Err(self.fault(Code::BadValue, weights.len() - 1, column, message));
        }
        Ok(weights)
    }

    /// A name; ClickHouse writes null where a symbol could not be resolved.
    fn text_of(&self, at: usize, column: &str) -> Result<&'a str> {
        let found = match self.rows[at].get(column) {
            Some(Value::String(text)) => return Ok(text),
            Some(Value::Null) => return Ok(""),
            Some(other) => json::kind(other),
            None => "no such column",
        };
        let message = format!("found {found}; expected text");
        Err(self.fault(Code::Damaged, at, column, message))
    }

    fn column(&self, names: &[&'static str], what: &str) -> Result<&'static str> {
        let found = names.iter().find(|name| self.has(name)).copied();
        found.ok_or_else(|| {
            let line = json::line_of(self.text, &["meta"]);
            let message = format!(
                "found the columns {}; expected {what}",
                self.columns.join(", ")
            );
            Fault::new(Code::NotUnderstood, message).at_field(self.path, line, "meta")
        })
    }

    fn gpu(&self) -> Result<GpuTable> {
        let column = self.column(
            &["kernel", "func_name"],
            "`kernel` or `func_name`, the name of the kernel",
        )?;
        let weights = self.weights()?;
        let kernels: Result<Vec<(String, f64)>> = weights
            .into_iter()
            .enumerate()
            .map(|(at, weight)| Ok((self.text_of(at, column)?.to_owned(), weight)))
            .collect();
        Ok(GpuTable {
            file: self.path.to_owned(),
            weight: self.weight,
            kernels: kernels?,
        })
    }

    fn cpu(&self) -> Result<CpuTable> {
        let file = self.column(&["py_file"], "`py_file`, the Python file of the sample")?;
        let weights = self.weights()?;
        let mut spin = 0.0;
        for (at, weight) in weights.iter().enumerate() {
            let place = self.text_of(at, file)?;
            let (place, function) = match place.split_once("::") {
                Some(both) => both,
                None => {
                    let column =
                        self.column(&["func_name"], "`func_name`, the function of the sample")?;
                    (place, self.text_of(at, column)?)
                }
            };
            if is_spin(place, function) {
                spin += weight;
            }
        }
        let total = match self.weight {
            Weight::Percent => 100.0,
            _ => weights.iter().sum(),
        };
        Ok(CpuTable {
            file: self.path.to_owned(),
            weight: self.weight,
            spin,
            total,
        })
    }
}

/// Whether a sample is in the spin-poll path; functions may bear their class, `MessageQueue.acquire_read`.
fn is_spin(file: &str, function: &str) -> bool {
    let function = function.rsplit(['.', ':']).next().unwrap_or(function);
    match files::name(file) {
        SPIN_FILE => SPIN_FUNCTIONS.contains(&function),
        YIELD_FILE => function == YIELD_FUNCTION,
        _ => false,
    }
}

fn count(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

fn line_of_row(text: &str, row: usize) -> Option<u64> {
    let root: HashMap<&str, &RawValue> = serde_json::from_str(text).ok()?;
    let rows: Vec<&RawValue> = serde_json::from_str(root.get("data")?.get()).ok()?;
    let offset = (rows.get(row)?.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let before = text.as_bytes().get(..offset)?;
    Some(1 + before.iter().filter(|byte| **byte == b'\n').count() as u64)
}
