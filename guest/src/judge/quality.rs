//! The quality scores of both sides: what they say beside the numbers of speed. They decide nothing; a slower model may be
//! the price of a better one, and a faster one may have been paid for with quality.

use super::identity::Change;
use super::row::Row;
use super::status::Status;
use crate::document::Document;
use crate::finding::{Finding, FindingCode};
use crate::measure::eval::{Eval, Scale};
use crate::measure::shown;
use serde_json::{Value, json};

/// Standard errors of a difference beyond which it is one.
const ERRORS: f64 = 1.96;

/// What one score of both sides says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Gain,
    Loss,
    Same,
    OneSided,
    NotCompared,
}

impl Reading {
    fn as_str(self) -> &'static str {
        match self {
            Reading::Gain => "gain",
            Reading::Loss => "loss",
            Reading::Same => "same",
            Reading::OneSided => "one-sided",
            Reading::NotCompared => "not-compared",
        }
    }
}

/// What the scores of two documents say.
#[derive(Default)]
pub struct Quality {
    /// One object for each score of either side.
    pub evals: Vec<Value>,
    /// The scores that differ, to stand among what changed.
    pub changes: Vec<Change>,
    /// What a change of speed may have to do with them; none where nothing was compared.
    pub sentence: Option<String>,
}

/// Compares the scores of two documents; `rows` are those of the judgement.
pub fn compare(
    baseline: &Document,
    current: &Document,
    rows: &[Row],
    findings: &mut Vec<Finding>,
) -> Quality {
    let mut quality = Quality::default();
    let (mut told, mut moved) = (Vec::new(), [Vec::new(), Vec::new()]);
    let mut is_compared = false;
    let pairs = pairs(&baseline.evals, &current.evals);
    for pair in &pairs {
        let (reading, why) = read(pair);
        let [before, after] = pair.map(|eval| eval.map(Eval::shown));
        // One of the two is there.
        let Some(of) = pair[0].or(pair[1]) else {
            continue;
        };
        let values = match (&before, &after) {
            (Some(before), Some(after)) => format!("{before} -> {after}"),
            (Some(before), None) => format!("{before} -> unrecorded"),
            (_, after) => format!("unrecorded -> {}", after.as_deref().unwrap_or_default()),
        };
        let said = format!("{} {values}", of.task);
        match reading {
            Reading::Gain | Reading::Loss => {
                moved[usize::from(reading == Reading::Loss)].push(said.clone());
                quality.changes.push(Change {
                    field: format!("evals.{}", of.task),
                    baseline: before.clone().into(),
                    current: after.clone().into(),
                });
            }
            Reading::NotCompared => findings.push(Finding::new(
                FindingCode::QualityNotCompared,
                None,
                format!("{said}: {why}"),
            )),
            Reading::Same | Reading::OneSided => {}
        }
        is_compared |= matches!(reading, Reading::Gain | Reading::Loss | Reading::Same);
        told.push(format!("{said} ({})", reading.as_str()));
        quality.evals.push(json!({
            "task": of.task,
            "metric": of.metric,
            "baseline": pair[0].map(|eval| eval.value),
            "current": pair[1].map(|eval| eval.value),
            "scale": pair.map(|eval| eval.map(|eval| eval.scale.as_str())),
            "shown": [before, after],
            "reading": reading.as_str(),
            "why": why,
        }));
    }
    if told.is_empty() {
        return quality;
    }
    findings.push(Finding::new(
        FindingCode::QualityScores,
        None,
        told.join("; "),
    ));
    if !is_compared {
        return quality;
    }
    let sentence = sentence(rows, &moved);
    if moved.iter().any(|list| !list.is_empty()) {
        let code = FindingCode::QualityDiffers;
        findings.push(Finding::new(code, None, sentence.clone()));
    }
    quality.sentence = Some(sentence);
    quality
}

/// The scores of both sides that are of one number of one benchmark; else those of one benchmark; else each alone.
fn pairs<'a>(baseline: &'a [Eval], current: &'a [Eval]) -> Vec<[Option<&'a Eval>; 2]> {
    let mut left: Vec<&Eval> = current.iter().collect();
    let mut pairs: Vec<[Option<&Eval>; 2]> = Vec::new();
    let alike: [fn(&Eval, &Eval) -> bool; 3] = [
        |a, b| a.is_of(b),
        |a, b| a.folded() == b.folded() && a.metric == b.metric,
        |a, b| a.folded() == b.folded(),
    ];
    let mut alone: Vec<&Eval> = baseline.iter().collect();
    for alike in alike {
        alone.retain(|of| {
            let found = left.iter().position(|other| alike(of, other));
            let Some(at) = found else {
                return true;
            };
            pairs.push([Some(of), Some(left.remove(at))]);
            false
        });
    }
    pairs.extend(alone.into_iter().map(|of| [Some(of), None]));
    pairs.extend(left.into_iter().map(|of| [None, Some(of)]));
    pairs
}

/// What a pair says, and why.
fn read(pair: &[Option<&Eval>; 2]) -> (Reading, String) {
    let [Some(before), Some(after)] = pair else {
        return (Reading::OneSided, "only one side has the score".to_owned());
    };
    let unlike = |what: &str, values: [&str; 2]| {
        let [a, b] = values.map(|value| {
            if value.is_empty() {
                "unrecorded"
            } else {
                value
            }
        });
        let why = format!("the {what} differs ({a} and {b}), so the two are not compared");
        (Reading::NotCompared, why)
    };
    let texts: [(&str, fn(&Eval) -> &Option<String>); 3] = [
        ("metric", |eval| &eval.metric),
        ("version of the task", |eval| &eval.version),
        ("number of examples", |eval| &eval.shots),
    ];
    for (what, of) in texts {
        let values = [before, after].map(|eval| of(eval).as_deref().unwrap_or_default());
        if values[0] != values[1] {
            return unlike(what, values);
        }
    }
    let scales = [before.scale, after.scale];
    if scales[0] != scales[1] {
        return unlike("scale", scales.map(Scale::as_str));
    }
    let delta = after.value - before.value;
    let change = format!(
        "{}{}",
        if delta < 0.0 { "" } else { "+" },
        before.scale.shown(delta)
    );
    let (limit, measure) = match (before.stderr, after.stderr) {
        (Some(a), Some(b)) => {
            let error = ERRORS * libm::sqrt(a * a + b * b);
            (
                error,
                format!("{} is the error of a difference", shown::trimmed(error)),
            )
        }
        _ => {
            let step = before.scale.step();
            (
                step,
                format!("no standard error is known; {step} counts as one"),
            )
        }
    };
    // What is written in decimals is compared in decimals.
    let reading = if delta.abs() < limit - 1e-9 || delta == 0.0 {
        Reading::Same
    } else if (delta > 0.0) != before.lower_is_better {
        Reading::Gain
    } else {
        Reading::Loss
    };
    (reading, format!("{change}; {measure}"))
}

/// What both kinds of change may have to do with each other.
fn sentence(rows: &[Row], [gains, losses]: &[Vec<String>; 2]) -> String {
    let has = |status| rows.iter().any(|row| row.status == status);
    let list = |list: &[String]| list.join(", ");
    match (gains.is_empty(), losses.is_empty()) {
        (true, true) if has(Status::Regressed) => {
            "No quality score moved that could explain the regression.".to_owned()
        }
        (true, true) => "No quality score moved.".to_owned(),
        (false, false) => format!(
            "Quality moved both ways (better: {}; worse: {}): weigh it before the speed.",
            list(gains),
            list(losses)
        ),
        (false, true) if has(Status::Regressed) => format!(
            "Quality rose ({}): the regression may be its price, of a better model or of less quantization; decide which of the two is wanted.",
            list(gains)
        ),
        (false, true) => format!("Quality rose as well ({}).", list(gains)),
        (true, false) if has(Status::Improved) => format!(
            "Quality fell ({}): the gain in speed may be paid for with it; do not promote for speed alone.",
            list(losses)
        ),
        (true, false) if has(Status::Regressed) => {
            format!(
                "Quality fell as well ({}): nothing was gained for the regression.",
                list(losses)
            )
        }
        (true, false) => format!("Quality fell ({}), though the speed is held.", list(losses)),
    }
}
