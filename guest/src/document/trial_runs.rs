//! Reads which runs of the tool a document is made of.

use super::cell::Cell;
use super::origins::Origins;
use super::reader::Reader;
use crate::fault::{Code, Result};
use crate::fields;
use crate::measure::Place;
use crate::run::Origin;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Reader<'_> {
    /// The runs of a document: its trials, or itself. Trials of older documents say only when they were
    /// captured and the hash of their bundle.
    ///
    /// Faults: a run of another form.
    pub(super) fn origins(
        &self,
        map: &Map<String, Value>,
        places: &BTreeMap<Place, Cell>,
    ) -> Result<Vec<Origins>> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let runs = map.get("trials").and_then(|trials| trials.get("runs"));
        let runs = runs.and_then(Value::as_array);
        let Some(runs) = runs.filter(|runs| !runs.is_empty()) else {
            let of = |path: &str| fields::get(map, path).and_then(Value::as_str);
            let hash = of("provenance.bundle_sha256");
            let only = Origins::of_run(places, hash, of("provenance.captured_at"));
            return Ok(vec![only]);
        };
        let one = |run: &Value| match run.get("run").filter(|run| !run.is_null()) {
            Some(run) => Origins::of_json(run),
            None => Some(Origins {
                whole: Origin {
                    id: None,
                    start: text(run.get("captured_at")),
                    sha256: text(run.get("bundle_sha256")),
                    ..Origin::default()
                },
                places: BTreeMap::new(),
            }),
        };
        let all: Option<Vec<Origins>> = runs.iter().map(one).collect();
        all.ok_or_else(|| {
            let expected = "in each trial an object `run` with id, start, sha256 and places";
            let found = "found a run of another form";
            self.fault(Code::Damaged, &["trials", "runs"], found, expected)
        })
    }
}
