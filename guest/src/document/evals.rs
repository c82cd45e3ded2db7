//! The scores of quality benchmarks that a run is paired with: the optional section `evals`.

use super::Document;
use crate::fault::{Code, Fault, Result};
use crate::json::put;
use crate::measure::eval::{EVALS, Eval};
use crate::order::Ordered as _;
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
    let before = document.evals.len();
    let is_note = |given: &&(String, String)| given.0 == NOTES;
    for (name, text) in given.iter().filter(|given| !is_note(given)) {
        let found = match name.as_str() {
            STATED => evals::stated(text)?,
            file => evals::of_file(file, text)?,
        };
        for eval in found {
            add(&mut document.evals, eval)?;
        }
    }
    for (_, notes) in given.iter().filter(is_note) {
        for eval in evals::of_notes(notes) {
            if !document.evals.iter().any(|known| known.is_of(&eval)) {
                document.evals.push(eval);
            }
        }
    }
    let all = &mut document.evals;
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
    all.order_by(|a, b| (&a.task, &a.metric).cmp(&(&b.task, &b.metric)));
    let listed: Vec<Value> = all.iter().map(Eval::to_json).collect();
    put(&mut document.map, EVALS, listed.into());
    let text = document.to_json();
    Ok((document, text))
}

/// The scores of an arm: of one that its trials have with different values the mean, whose error nobody knows.
pub(super) fn of_runs(map: &mut Map<String, Value>, runs: &[Document]) {
    let mut all: Vec<(Eval, Vec<f64>)> = Vec::new();
    for eval in runs.iter().flat_map(|run| &run.evals) {
        let same =
            |known: &&mut (Eval, Vec<f64>)| known.0.is_of(eval) && known.0.scale == eval.scale;
        match all.iter_mut().find(same) {
            Some((_, values)) => values.push(eval.value),
            None => all.push((eval.clone(), vec![eval.value])),
        }
    }
    let merged = |(mut eval, values): (Eval, Vec<f64>)| {
        if values.iter().any(|value| *value != eval.value) {
            eval.value = values.iter().sum::<f64>() / values.len() as f64;
            eval.stderr = None;
        }
        eval.to_json()
    };
    if !all.is_empty() {
        put(map, EVALS, all.into_iter().map(merged).collect());
    }
}

fn add(all: &mut Vec<Eval>, eval: Eval) -> Result<()> {
    match all.iter().find(|known| known.is_of(&eval)) {
        None => all.push(eval),
        Some(known) if (known.value, known.scale) == (eval.value, eval.scale) => {}
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
