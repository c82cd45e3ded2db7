//! `diff`: a measurement against a baseline, with a bundle that holds the comparison.

mod baseline;
mod bundle;
mod compare;
mod outcome;
mod render;
mod rows;

use crate::arbiter::Ruling;
use crate::desk::{Desk, Done, signed};
use crate::paths::text_of;
use crate::python::argparse::Parsed;
use crate::python::json::Value;
use crate::python::str::repr;
use crate::refusal::Refusal;
use crate::snapshot::{self, Survey};
use crate::verb::Verb;
use crate::{entries, layout};
use baseline::Baseline;
use bundle::Bundle;
use compare::Current;
use outcome::Outcome;
use rows::Tolerance;
use std::path::Path;

pub(crate) fn diff(desk: &Desk, args: &Parsed) -> Result<Done, Refusal> {
    let root = desk.grants.root_for(args.nonempty("--repo-root"))?;
    let baseline_dir = desk
        .grants
        .locate_input("--baseline", args.text("--baseline").unwrap_or_default())?;
    let current = desk
        .grants
        .locate_input("--current", args.text("--current").unwrap_or_default())?;
    // What the entry holds is read too, and could be a link like the entry itself.
    let snapshot = entries::find_snapshot(&baseline_dir, "source-snapshot");
    for held in std::iter::once(baseline_dir.join("baseline.json")).chain(snapshot) {
        let text = text_of(&held)?;
        desk.grants.locate_input("--baseline", &text)?;
    }
    let baseline = Baseline::read(&baseline_dir, &current)?;
    let tolerance = tolerance(args)?;
    let survey = match baseline.value {
        None => desk.survey("--current", &current, &baseline.family, &root)?,
        Some(_) => snapshot::survey("--current", &current)?,
    };
    let sha256 = snapshot::hash(&survey)?;
    let document = match &survey {
        Survey::Document(text) => Some(text.as_str()),
        _ => None,
    };
    let current = Current {
        path: &current,
        document,
    };
    let (comparison, ruling) = compare::compare(&baseline, &current, desk.arbiter.as_deref())?;
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
    let written = bundle.write(desk, &dir)?;
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
        // The first line is the contract's, the answer for who has to do something about it; but its last line says where
        // the rest is, and nothing is written.
        "NO_VERDICT" => {
            let answer = ruling.answer.trim_end();
            let said = answer.rsplit_once('\n').map_or(answer, |(said, _)| said);
            Err(Refusal::new(format!("no verdict: {}\n{said}", ruling.why)))
        }
        other => Err(Refusal::new(format!(
            "the arbiter answered with the unknown verdict {}",
            repr(other)
        ))),
    }
}

fn payload(dir: &Path, outcome: &Outcome) -> Result<Value, Refusal> {
    let mut payload = signed(
        Verb::Diff,
        [
            ("diff_dir", text_of(dir)?.into()),
            ("verdict", outcome.verdict().into()),
            ("deltas_count", outcome.comparison.rows.len().into()),
            ("tolerance_percent", outcome.tolerance.percent.into()),
            ("tolerance_absolute", outcome.tolerance.absolute.into()),
            ("direction", outcome.direction.as_str().into()),
        ],
    );
    outcome.add_answer(&mut payload);
    Ok(payload)
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
