//! The scores of quality benchmarks that a run is paired with: the optional section `evals`.

use super::Document;
use crate::fault::{Code, Fault, Result};
use crate::json::put;
use crate::measure::eval::{EVALS, Eval};
use crate::sources::evals;
use serde_json::{Map, Value};

/// The most scores of one document.
const MOST: usize = 64;

/// What given text is: a stated score, or the notes of an entry. Any other name is that of a result file.
pub const STATED: &str = "eval";
/// See [`STATED`].
pub const NOTES: &str = "notes";

/// The text of a document with the scores that are given beside it, each as its name and its text; the same bytes where
/// they add nothing. Notes never contradict what was stated otherwise.
///
/// Faults: those of [`Document::parse`] and of [`crate::sources::evals`]; two values of one score; too many.
pub fn pair(json: &str, given: &[(String, String)]) -> Result<(Document, String)> {
    let mut document = Document::parse("document", json)?;
    let all = &mut document.evals;
    let before = all.len();
    // Notes last: they give way.
    for notes in [false, true] {
        for (name, text) in given {
            if (name == NOTES) != notes {
                continue;
            }
            let found = match name.as_str() {
                NOTES => evals::of_notes(text),
                STATED => evals::stated(text)?,
                file => evals::of_file(file, text)?,
            };
            for eval in found {
                add(all, eval, notes)?;
            }
        }
    }
    if all.len() == before {
        return Ok((document, json.to_owned()));
    }
    if all.len() > MOST {
        let message = format!(
            "found {} scores; expected at most {MOST}. Give the results of whole benchmarks, without their parts",
            all.len()
        );
        return Err(Fault::new(Code::Limit, message));
    }
    let listed = listed(all);
    put(&mut document.map, EVALS, listed);
    let text = document.to_json();
    Ok((document, text))
}

fn listed(all: &[Eval]) -> Value {
    let mut list = Vec::new();
    for eval in all {
        list.push(eval.to_json());
    }
    Value::Array(list)
}

/// The scores of an arm: of one that its trials have with different values the mean, whose error nobody knows.
pub(super) fn of_runs(map: &mut Map<String, Value>, runs: &[Document]) {
    let mut all: Vec<Eval> = Vec::new();
    for eval in runs.iter().flat_map(|run| &run.evals) {
        if all.iter().any(|known| known.is_of(eval)) {
            continue;
        }
        let (mut sum, mut count, mut is_one) = (0.0, 0.0, true);
        for other in runs.iter().flat_map(|run| &run.evals) {
            if other.is_of(eval) && other.scale == eval.scale {
                sum += other.value;
                count += 1.0;
                is_one &= other.value == eval.value;
            }
        }
        let mut eval = eval.clone();
        if !is_one {
            eval.value = sum / count;
            eval.stderr = None;
        }
        all.push(eval);
    }
    if !all.is_empty() {
        put(map, EVALS, listed(&all));
    }
}

fn add(all: &mut Vec<Eval>, eval: Eval, gives_way: bool) -> Result<()> {
    match all.iter().find(|known| known.is_of(&eval)) {
        None => all.push(eval),
        Some(known) if gives_way || (known.value, known.scale) == (eval.value, eval.scale) => {}
        Some(known) => {
            let said = |eval: &Eval| format!("{} ({})", eval.shown(), eval.source);
            return Err(Fault::new(
                Code::Conflict,
                format!(
                    "found two scores of {}: {} and {}; expected one. A run keeps the scores that it was registered with",
                    eval.task,
                    said(known),
                    said(&eval)
                ),
            ));
        }
    }
    Ok(())
}
