//! Scores of quality benchmarks, from what an operator wrote and from the result files of two tools.

use crate::fault::{Code, Fault, Result};
use crate::json;
use crate::measure::eval::{self, EVALS, EXPECTED, Eval, Scale, folded};
use serde_json::{Map, Value};

/// Benchmarks whose names count in free text, where `TP=8` is no score: the name, alone or before anything but a letter.
const KNOWN: [&str; 27] = [
    "gpqa",
    "mmlu",
    "mmmu",
    "gsm8k",
    "gsm_8k",
    "hellaswag",
    "arc",
    "truthfulqa",
    "winogrande",
    "ifeval",
    "bbh",
    "math",
    "aime",
    "humaneval",
    "mbpp",
    "livecodebench",
    "swe_bench",
    "hle",
    "simpleqa",
    "musr",
    "bfcl",
    "ruler",
    "tau2",
    "tau_bench",
    "mgsm",
    "scicode",
    "perplexity",
];

/// The scores in the notes of an entry: `GPQA=0.71. MMLU-Pro=0.83`. What is no score of a known benchmark is a note.
pub fn of_notes(text: &str) -> Vec<Eval> {
    let mut found = Vec::new();
    for word in words(text) {
        let Some(eval) = score(word, "notes") else {
            continue;
        };
        let name = folded(&eval.task);
        let is_known = |known: &&str| {
            let rest = name.strip_prefix(*known);
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
        };
        if KNOWN.iter().any(is_known) {
            found.push(eval);
        }
    }
    found
}

/// The scores that an operator states, of any benchmark: `GPQA=0.71`, `gsm8k:exact_match=71 %`.
///
/// Faults: a word that is none.
pub fn stated(text: &str) -> Result<Vec<Eval>> {
    let text = text.replace(" %", "%");
    let mut words = words(&text);
    if words.is_empty() {
        words.push("");
    }
    let mut found = Vec::new();
    for word in words {
        found.push(score(word, "stated").ok_or_else(|| {
            let message = format!(
                "found the score {word:?}; expected NAME=NUMBER, for instance GPQA=0.71 or GPQA=71%"
            );
            Fault::new(Code::Usage, message)
        })?);
    }
    Ok(found)
}

fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || ",;()".contains(c)) {
        let word = word.trim_end_matches('.');
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

fn score(word: &str, source: &str) -> Option<Eval> {
    let (name, number) = word.split_once('=')?;
    let (task, metric) = match name.split_once(':') {
        Some((task, metric)) => (task, Some(metric)),
        None => (name, None),
    };
    let (number, is_percent) = match number.strip_suffix('%') {
        Some(number) => (number, true),
        None => (number, false),
    };
    let value: f64 = number
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())?;
    if task.is_empty() || metric == Some("") {
        return None;
    }
    let scale = match is_percent {
        true => Scale::Percent,
        false => Scale::of(value),
    };
    let mut eval = Eval::new(task, value, scale, source);
    eval.metric = metric.map(str::to_owned);
    Some(eval)
}

/// The scores in a result file of lm-evaluation-harness (`results_*.json`) or of NeMo Evaluator (`results.yml`, or the same as
/// JSON), or those of a document, told apart by what is in it.
///
/// Faults: neither, and what JSON or YAML cannot hold.
pub fn of_file(name: &str, text: &str) -> Result<Vec<Eval>> {
    let root = match text.trim_start().starts_with('{') {
        true => json::parse(name, text)?,
        false => json::parse_yaml(name, text)?,
    };
    // What a document was paired with.
    if let Some(evals) = root.get(EVALS) {
        return eval::all(evals).ok_or_else(|| {
            let message = format!("found scores of another form; expected {EXPECTED}");
            Fault::new(Code::BadValue, message).at(name)
        });
    }
    let results = root.get("results").unwrap_or(&root);
    let found = match results.get("tasks").or_else(|| results.get("groups")) {
        Some(_) => nemo(results),
        None => harness(&root),
    };
    match found.is_empty() {
        false => Ok(found),
        true => Err(Fault::new(
            Code::NotUnderstood,
            "found no score; expected `results` of lm-evaluation-harness (results_*.json) or `results.tasks` of NeMo Evaluator (results.yml)",
        )
        .at(name)),
    }
}

/// Calls for each member of an object.
fn each(value: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    for (key, value) in value.as_object().into_iter().flatten() {
        visit(key, value);
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Numbers stand under `METRIC,FILTER`, their errors under `METRIC_stderr,FILTER`; older versions have no filter. Parts of a
/// group that has a score of its own are left to it.
fn harness(root: &Value) -> Vec<Eval> {
    let mut parts: Vec<&str> = Vec::new();
    let groups = root["group_subtasks"].as_object();
    for of_group in groups.into_iter().flat_map(Map::values) {
        for part in of_group.as_array().into_iter().flatten() {
            parts.extend(part.as_str());
        }
    }
    let mut found = Vec::new();
    each(&root["results"], &mut |task, numbers| {
        if parts.contains(&task) {
            return;
        }
        each(numbers, &mut |key, value| {
            let (metric, filter) = key.split_at(key.find(',').unwrap_or(key.len()));
            let counts = ["sample_len", "sample_count"].contains(&metric);
            let Some(value) = value.as_f64() else {
                return;
            };
            if counts || metric.ends_with("_stderr") {
                return;
            }
            let stderr = [metric, "_stderr", filter].concat();
            let mut eval = Eval::new(task, value, Scale::of(value), "lm-evaluation-harness");
            eval.metric = Some(key.to_owned());
            eval.version = plain(&root["versions"][task]);
            eval.shots = plain(&root["n-shot"][task]);
            eval.stderr = error(&numbers[stderr.as_str()]);
            eval.lower_is_better = root["higher_is_better"][task][metric] == Value::Bool(false);
            found.push(eval);
        });
    });
    found
}

fn error(value: &Value) -> Option<f64> {
    value.as_f64().filter(|error| *error >= 0.0)
}

/// `tasks.TASK.metrics.METRIC.scores.SCORE` holds `value` and `stats`; groups are of the same form.
fn nemo(results: &Value) -> Vec<Eval> {
    let mut found: Vec<Eval> = Vec::new();
    for section in ["tasks", "groups"] {
        each(&results[section], &mut |task, of_task| {
            each(&of_task["metrics"], &mut |metric, of_metric| {
                each(&of_metric["scores"], &mut |score, of_score| {
                    let Some(value) = of_score["value"].as_f64() else {
                        return;
                    };
                    let mut eval = Eval::new(task, value, Scale::of(value), "nemo-evaluator");
                    eval.metric = Some([metric, "/", score].concat());
                    eval.stderr = error(&of_score["stats"]["stderr"]);
                    // A group of one task says the same again.
                    if !found.iter().any(|known| known.is_of(&eval)) {
                        found.push(eval);
                    }
                });
            });
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{folded, of_notes};

    #[test]
    fn names_are_known_without_case_and_not_inside_words() {
        assert_eq!(folded("MMLU-Pro"), "mmlu_pro");
        let names = |text: &str| -> Vec<String> {
            of_notes(text).into_iter().map(|eval| eval.task).collect()
        };
        assert_eq!(names("GPQA=0.71. MMLU-Pro=0.83"), ["GPQA", "MMLU-Pro"]);
        assert_eq!(
            names("TP=8, archive=1 arc_easy=0.5; GPQA=soon"),
            ["arc_easy"]
        );
    }
}
