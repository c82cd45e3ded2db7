//! The quality scores of both sides: what they say beside the numbers of speed. They decide nothing; a slower model may be
//! the price of a better one, and a faster one may have been paid for with quality.

use super::identity::Change;
use super::row::Row;
use super::status::Status;
use crate::document::Document;
use crate::finding::{Finding, FindingCode};
use crate::json::{put, real};
use crate::measure::eval::{self, Eval};
use serde_json::{Map, Value};

/// Standard errors of a difference beyond which it is one.
const ERRORS: f64 = 1.96;

/// What one score of both sides says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Gain,
    Loss,
    Same,
    OneSided,
    NotCompared,
}

/// The names, in the order of [`Reading`].
const READINGS: [&str; 5] = ["gain", "loss", "same", "one-sided", "not-compared"];

/// What the scores of two documents say.
#[derive(Default)]
pub struct Quality {
    /// One object for each score of either side.
    pub evals: Vec<Value>,
    /// The scores that differ, to stand among what changed.
    pub changes: Vec<Change>,
    /// Whether a score fell.
    pub fell: bool,
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
    let (mut told, mut moved) = (String::new(), [String::new(), String::new()]);
    let mut is_compared = false;
    for pair in pairs(&baseline.evals, &current.evals) {
        let Some(of) = pair[0].or(pair[1]) else {
            continue;
        };
        let (reading, why) = read(pair);
        let shown = pair.map(|eval| eval.map_or_else(|| "unrecorded".to_owned(), Eval::shown));
        let said = [&of.task, " ", &shown[0], " -> ", &shown[1]].concat();
        let name = READINGS[reading as usize];
        join(&mut told, "; ", &[&said, " (", name, ")"]);
        is_compared |= (reading as usize) < Reading::OneSided as usize;
        match reading {
            Reading::Gain | Reading::Loss => {
                join(&mut moved[reading as usize], ", ", &[&said]);
                quality.fell |= reading == Reading::Loss;
                let [baseline, current] = shown.clone();
                quality.changes.push(Change {
                    field: ["evals.", &of.task].concat(),
                    baseline: baseline.into(),
                    current: current.into(),
                });
            }
            Reading::NotCompared => {
                let message = [&said, ": ", &why].concat();
                findings.push(Finding::new(FindingCode::QualityNotCompared, None, message));
            }
            Reading::Same | Reading::OneSided => {}
        }
        let mut row = Map::new();
        put(&mut row, "task", of.task.clone().into());
        put(&mut row, "metric", eval::text(&of.metric));
        for (key, eval) in ["baseline", "current"].into_iter().zip(pair) {
            put(&mut row, key, real(eval.map(|eval| eval.value)));
        }
        let [baseline, current] = shown;
        put(
            &mut row,
            "shown",
            Value::Array(vec![baseline.into(), current.into()]),
        );
        put(&mut row, "reading", name.into());
        put(&mut row, "why", why.into());
        quality.evals.push(row.into());
    }
    if told.is_empty() {
        return quality;
    }
    findings.push(Finding::new(FindingCode::QualityScores, None, told));
    if is_compared {
        let sentence = sentence(rows, &moved);
        if !moved[0].is_empty() || !moved[1].is_empty() {
            let message = sentence.clone();
            findings.push(Finding::new(FindingCode::QualityDiffers, None, message));
        }
        quality.sentence = Some(sentence);
    }
    quality
}

fn join(list: &mut String, between: &str, parts: &[&str]) {
    if !list.is_empty() {
        list.push_str(between);
    }
    for part in parts {
        list.push_str(part);
    }
}

type Pair<'a> = [Option<&'a Eval>; 2];

/// The scores of both sides that are of one number of one benchmark; else of one metric of it; else of the benchmark; else
/// each alone.
fn pairs<'a>(baseline: &'a [Eval], current: &'a [Eval]) -> Vec<Pair<'a>> {
    let mut pairs: Vec<Pair> = Vec::new();
    let has = |pairs: &[Pair], side: usize, eval: &Eval| {
        let mut of_side = pairs.iter().filter_map(|pair| pair[side]);
        of_side.any(|other| std::ptr::eq(other, eval))
    };
    for strictness in [3, 2, 1] {
        for before in baseline {
            for after in current {
                let fits = before.alike(after) >= strictness;
                if fits && !has(&pairs, 0, before) && !has(&pairs, 1, after) {
                    pairs.push([Some(before), Some(after)]);
                }
            }
        }
    }
    for (side, evals) in [baseline, current].into_iter().enumerate() {
        for eval in evals {
            if !has(&pairs, side, eval) {
                let mut alone = [None, None];
                alone[side] = Some(eval);
                pairs.push(alone);
            }
        }
    }
    pairs
}

/// What a pair says, and why.
fn read(pair: Pair) -> (Reading, String) {
    let [Some(before), Some(after)] = pair else {
        return (Reading::OneSided, "only one side has the score".to_owned());
    };
    let scales = [before, after].map(|eval| Some(eval.scale.as_str().to_owned()));
    for (what, a, b) in [
        ("metric", &before.metric, &after.metric),
        ("version of the task", &before.version, &after.version),
        ("number of examples", &before.shots, &after.shots),
        ("scale", &scales[0], &scales[1]),
    ] {
        if a != b {
            let [a, b] = [a, b].map(|one| one.as_deref().unwrap_or("unrecorded"));
            let why = [
                "the ",
                what,
                " differs (",
                a,
                " and ",
                b,
                "), so the two are not compared",
            ];
            return (Reading::NotCompared, why.concat());
        }
    }
    let delta = after.value - before.value;
    let (limit, measure) = match (before.stderr, after.stderr) {
        (Some(a), Some(b)) => (
            ERRORS * libm::sqrt(a * a + b * b),
            " is the error of a difference",
        ),
        _ => (
            before.scale.step(),
            " counts as one, since no standard error is known",
        ),
    };
    // What is written in decimals is compared in decimals.
    let reading = if delta.abs() < limit - 1e-9 || delta == 0.0 {
        Reading::Same
    } else if (delta > 0.0) != before.lower_is_better {
        Reading::Gain
    } else {
        Reading::Loss
    };
    let sign = if delta < 0.0 { "" } else { "+" };
    let [change, limit] = [delta, limit].map(|value| before.scale.shown(value));
    (reading, [sign, &change, "; ", &limit, measure].concat())
}

/// What both kinds of change may have to do with each other.
fn sentence(rows: &[Row], [gains, losses]: &[String; 2]) -> String {
    let has = |status| rows.iter().any(|row| row.status == status);
    let (slower, faster) = (has(Status::Regressed), has(Status::Improved));
    let parts: &[&str] = match (gains.is_empty(), losses.is_empty()) {
        (true, true) if slower => &["No quality score moved that could explain the regression."],
        (true, true) => &["No quality score moved."],
        (false, false) => &[
            "Quality moved both ways (better: ",
            gains,
            "; worse: ",
            losses,
            "): weigh it before the speed.",
        ],
        (false, true) if slower => &[
            "Quality rose (",
            gains,
            "): the regression may be its price, of a better model or of less quantization; decide which of the two is wanted.",
        ],
        (false, true) => &["Quality rose as well (", gains, ")."],
        (true, false) if faster => &[
            "Quality fell (",
            losses,
            "): the gain in speed may be paid for with it; do not promote for speed alone.",
        ],
        (true, false) if slower => &[
            "Quality fell as well (",
            losses,
            "): nothing was gained for the regression.",
        ],
        (true, false) => &["Quality fell (", losses, "), though the speed is held."],
    };
    parts.concat()
}
