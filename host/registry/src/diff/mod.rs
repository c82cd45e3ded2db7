//! `diff`: a measurement against a baseline, with a bundle that holds the comparison.

mod bundle;
mod render;
mod rows;

use crate::args::Parsed;
use crate::embedded::{Done, Embedded};
use crate::entries::{self, is_sha256, to_float};
use crate::envelope::Refusal;
use crate::pyjson::{self, Value, dict};
use crate::{Ruling, layout, pyfloat, pystr, record, snapshot};
use bundle::Bundle;
use rows::{Comparison, Tolerance};
use std::path::{Path, PathBuf};

/// The schema whose documents the arbiter judges.
const JUDGED_SCHEMA: &str = "inference_perfbench_v1";

pub(crate) fn diff(registry: &Embedded, args: &Parsed) -> Result<Done, Refusal> {
    let root = registry.grants.root_for(args.nonempty("--repo-root"))?;
    let baseline_dir = registry
        .grants
        .locate_input("--baseline", args.text("--baseline").unwrap_or_default())?;
    let current = registry
        .grants
        .locate_input("--current", args.text("--current").unwrap_or_default())?;
    // What the entry holds is read too, and could be a link like the entry itself.
    let snapshot = entries::find_snapshot(&baseline_dir, "source-snapshot");
    for held in std::iter::once(baseline_dir.join("baseline.json")).chain(snapshot) {
        let text = record::text_of(&held)?;
        registry.grants.locate_input("--baseline", &text)?;
    }
    let baseline = Baseline::read(&baseline_dir, &current)?;
    let tolerance = tolerance(args)?;
    let survey = snapshot::survey("--current", &current)?;
    let sha256 = snapshot::hash(&survey)?;
    let (comparison, ruling) = if baseline.value.is_some() {
        (scalar(&baseline, &current)?, None)
    } else {
        structured(registry, &baseline, &current)?
    };
    let outcome = Outcome {
        comparison,
        ruling,
        tolerance,
        direction: baseline.direction.clone(),
    };
    if let Some(ruling) = &outcome.ruling {
        require_verdict(ruling)?;
    }
    let dir = layout::measurement(
        &layout::diffs(&root),
        &baseline.family,
        &baseline.measurement,
    )
    .map_err(|e| Refusal::new(format!("invalid baseline metadata: {}", e.message)))?;
    let bundle = Bundle {
        baseline: &baseline,
        survey: &survey,
        sha256: &sha256,
        outcome: &outcome,
    };
    let written = bundle.write(registry, &dir)?;
    Ok(Done {
        payload: payload(&written, &outcome)?,
        warnings: String::new(),
    })
}

/// Like every refusal, that of a ruling without a verdict writes nothing: a bundle without one would look like a
/// comparison.
fn require_verdict(ruling: &Ruling) -> Result<(), Refusal> {
    match ruling.verdict.as_str() {
        "GREEN" | "YELLOW" | "RED" => Ok(()),
        "NO_VERDICT" => Err(Refusal::new(format!("no verdict: {}", ruling.why))),
        other => Err(Refusal::new(format!(
            "the arbiter answered with the unknown verdict {}",
            pystr::repr(other)
        ))),
    }
}

/// The baseline, as far as a diff needs it.
struct Baseline {
    dir: PathBuf,
    family: String,
    measurement: String,
    direction: String,
    /// The scalar value as it stands in the file; `None` for a structured baseline.
    value: Option<Value>,
    /// `source_sha256` as it stands in the file.
    sha256: Value,
}

impl Baseline {
    fn read(dir: &Path, current: &Path) -> Result<Self, Refusal> {
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
            Some(Value::Str(text)) if crate::args::DIRECTIONS.contains(&text.as_str()) => {
                text.clone()
            }
            Some(other) => {
                let shown = match other {
                    Value::Str(text) => pystr::repr(text),
                    Value::Null => "None".to_owned(),
                    other => pyjson::pretty(other).replace('\n', " "),
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
    fn verify(&self, snapshot: &Path) -> Result<(), Refusal> {
        match self.sha256.as_str().filter(|text| is_sha256(text)) {
            Some(stated) => entries::check_hash(snapshot, stated).map(|_| ()),
            None => Ok(()),
        }
    }
}

/// The result of a comparison, before it is written.
struct Outcome {
    comparison: Comparison,
    ruling: Option<Ruling>,
    tolerance: Tolerance,
    direction: String,
}

impl Outcome {
    fn verdict(&self) -> String {
        match &self.ruling {
            Some(ruling) => ruling.verdict.clone(),
            None => self
                .comparison
                .verdict(&self.tolerance, &self.direction)
                .to_owned(),
        }
    }
}

fn tolerance(args: &Parsed) -> Result<Tolerance, Refusal> {
    let check = |name: &str, value: f64| {
        if value.is_finite() && value >= 0.0 {
            return Ok(value);
        }
        Err(Refusal::new(format!(
            "{name} must be a finite nonnegative number"
        )))
    };
    let percent = check(
        "--tolerance-percent",
        args.float("--tolerance-percent").unwrap_or(5.0),
    )?;
    let absolute = args
        .float("--tolerance-absolute")
        .map(|v| check("--tolerance-absolute", v))
        .transpose()?;
    Ok(Tolerance { percent, absolute })
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
    pyfloat::parse(trimmed).or_else(|| {
        let document = pyjson::parse(&text).ok()?;
        // An integer beyond the range of a float is no value, where the text `1e999` is an infinite one.
        let value = document.get("value")?;
        to_float(value).filter(|number| number.is_finite() || !matches!(value, Value::Int(_)))
    })
}

fn structured(
    registry: &Embedded,
    baseline: &Baseline,
    current: &Path,
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
    let read = |path: &Path| -> Result<(String, Value), Refusal> {
        let text = entries::read_text(path).map_err(|e| needs_json(e.message))?;
        let value =
            pyjson::parse(&text).map_err(|e| needs_json(format!("{e} in {}", path.display())))?;
        Ok((text, value))
    };
    let (before_text, before) = read(&snapshot)?;
    let (after_text, after) = read(current)?;
    let (Value::Dict(before_members), Value::Dict(after_members)) = (&before, &after) else {
        return Err(Refusal::new(
            "structured diff requires both inputs to be JSON objects (key->value)",
        ));
    };
    let comparison = Comparison::structured(before_members, after_members).map_err(needs_json)?;
    let judged = |value: &Value| value.get("schema").and_then(Value::as_str) == Some(JUDGED_SCHEMA);
    if let Some(arbiter) = registry
        .arbiter
        .as_ref()
        .filter(|_| judged(&before) && judged(&after))
    {
        let ruling = arbiter
            .judge(&before_text, &after_text)
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

fn payload(dir: &Path, outcome: &Outcome) -> Result<Value, Refusal> {
    let mut payload = dict([
        ("tool", "perf_baseline_diff".into()),
        ("library", "perf_baseline".into()),
        ("verb", "diff".into()),
        ("safety", "writes_artifacts".into()),
        ("diff_dir", record::text_of(dir)?.into()),
        ("verdict", outcome.verdict().into()),
        ("deltas_count", outcome.comparison.rows.len().into()),
        ("tolerance_percent", outcome.tolerance.percent.into()),
        ("tolerance_absolute", outcome.tolerance.absolute.into()),
        ("direction", outcome.direction.as_str().into()),
    ]);
    add_findings(&mut payload, outcome);
    Ok(payload)
}

/// What the payload and `diff.json` hold beyond the contract: the keys that were lost, and the ruling.
fn add_findings(object: &mut Value, outcome: &Outcome) {
    let Value::Dict(members) = object else { return };
    let missing = &outcome.comparison.missing;
    if !missing.is_empty() {
        let keys = missing.iter().map(|key| key.as_str().into()).collect();
        members.insert("missing_keys".to_owned(), Value::List(keys));
    }
    if let Some(ruling) = &outcome.ruling {
        members.insert("rows".to_owned(), Value::from(&ruling.rows));
        members.insert("rule".to_owned(), ruling.rule.as_str().into());
    }
}
