//! The baseline of a diff.

use crate::entries::{self, is_sha256};
use crate::options::DIRECTIONS;
use crate::python::json::{Value, pretty};
use crate::python::str::repr;
use crate::refusal::Refusal;
use std::path::{Path, PathBuf};

/// The baseline, as far as a diff needs it.
pub struct Baseline {
    pub dir: PathBuf,
    pub family: String,
    pub measurement: String,
    pub direction: String,
    /// The scalar value as it stands in the file; `None` for a structured baseline.
    pub value: Option<Value>,
    /// `source_sha256` as it stands in the file.
    pub sha256: Value,
}

impl Baseline {
    /// Reads the entry in `dir`; that `current` is there is looked at on the way, in the order of the reference server.
    pub fn read(dir: &Path, current: &Path) -> Result<Self, Refusal> {
        if !dir.is_dir() {
            return Err(Refusal::new(format!(
                "--baseline must be a registry entry directory: {}",
                dir.display()
            )));
        }
        if !current.exists() {
            return Err(Refusal::new(format!(
                "--current does not exist: {}",
                current.display()
            )));
        }
        if !dir.join("baseline.json").exists() {
            let message = format!(
                "not a baseline directory (no baseline.json): {}",
                dir.display()
            );
            return Err(Refusal { code: 1, message });
        }
        let value = entries::read_baseline_value(dir)?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let (Some(family), Some(measurement)) = (text("family"), text("measurement")) else {
            return Err(Refusal::new(
                "baseline family and measurement must be strings",
            ));
        };
        let direction = match value.get("direction") {
            None => "two-sided".to_owned(),
            Some(Value::Str(text)) if DIRECTIONS.contains(&text.as_str()) => text.clone(),
            Some(other) => {
                let shown = match other {
                    Value::Str(text) => repr(text),
                    Value::Null => "None".to_owned(),
                    other => pretty(other).replace('\n', " "),
                };
                return Err(Refusal::new(format!(
                    "baseline direction is invalid: {shown}"
                )));
            }
        };
        let scalar = value.get("value").filter(|v| **v != Value::Null).cloned();
        let sha256 = value.get("source_sha256").cloned().unwrap_or(Value::Null);
        Ok(Self {
            dir: dir.to_path_buf(),
            family,
            measurement,
            direction,
            value: scalar,
            sha256,
        })
    }

    /// Refuses a snapshot that is not the one that was registered. A baseline made by hand may state no hash.
    pub fn verify(&self, snapshot: &Path) -> Result<(), Refusal> {
        match self.sha256.as_str().filter(|text| is_sha256(text)) {
            Some(stated) => entries::check_hash(snapshot, stated).map(|_| ()),
            None => Ok(()),
        }
    }
}
