//! Scores of quality benchmarks, from what an operator wrote and from the result files of two tools.

use crate::fault::{Code, Fault, Result};
use crate::json;
use crate::measure::eval::{EVALS, EXPECTED, Eval, Scale};
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
    let is_known = |eval: &Eval| {
        let name = eval.folded();
        KNOWN.iter().any(|known| {
            let rest = name.strip_prefix(known);
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphabetic()))
        })
    };
    let mut found: Vec<Eval> = words(text)
        .filter_map(|word| score(word, "notes"))
        .collect();
    found.retain(is_known);
    found
}

/// The scores that an operator states, of any benchmark: `GPQA=0.71`, `gsm8k:exact_match=71 %`.
///
/// Faults: a word that is none.
pub fn stated(text: &str) -> Result<Vec<Eval>> {
    let read = |word: &str| {
        score(word, "stated").ok_or_else(|| {
            Fault::new(
                Code::Usage,
                format!("found the score {word:?}; expected NAME=NUMBER, for instance GPQA=0.71 or GPQA=71%"),
            )
        })
    };
    let text = text.replace(" %", "%");
    let found: Vec<Eval> = words(&text).map(read).collect::<Result<_>>()?;
    match found.is_empty() {
        true => read("").map(|eval| vec![eval]),
        false => Ok(found),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let all = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    all.map(|word| word.trim_end_matches(['.', ')']).trim_start_matches('('))
        .filter(|word| !word.is_empty())
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
    Some(Eval {
        metric: metric.map(str::to_owned),
        ..Eval::new(task, value, scale, source)
    })
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
    if let Some(evals) = root.get(EVALS).and_then(Value::as_array) {
        let read: Option<Vec<Eval>> = evals.iter().map(Eval::of_json).collect();
        return read.ok_or_else(|| {
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

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
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
    let parts: Vec<&Value> = entries(&root["group_subtasks"])
        .filter_map(|(_, parts)| parts.as_array())
        .flatten()
        .collect();
    let mut found = Vec::new();
    for (task, numbers) in entries(&root["results"]) {
        if parts.iter().any(|part| part.as_str() == Some(task)) {
            continue;
        }
        for (key, value) in entries(numbers) {
            let (metric, filter) = key.split_at(key.find(',').unwrap_or(key.len()));
            let counts = ["sample_len", "sample_count"].contains(&metric);
            let Some(value) = value.as_f64().filter(|_| !counts) else {
                continue;
            };
            if metric.ends_with("_stderr") {
                continue;
            }
            let stderr = &numbers[&[metric, "_stderr", filter].concat()];
            found.push(Eval {
                metric: Some(key.clone()),
                version: plain(&root["versions"][task]),
                shots: plain(&root["n-shot"][task]),
                stderr: stderr.as_f64().filter(|stderr| *stderr >= 0.0),
                lower_is_better: root["higher_is_better"][task][metric] == false,
                ..Eval::new(task, value, Scale::of(value), "lm-evaluation-harness")
            });
        }
    }
    found
}

/// `tasks.TASK.metrics.METRIC.scores.SCORE` holds `value` and `stats`; groups are of the same form.
fn nemo(results: &Value) -> Vec<Eval> {
    let mut found: Vec<Eval> = Vec::new();
    for section in ["tasks", "groups"] {
        for (task, of_task) in entries(&results[section]) {
            for (metric, of_metric) in entries(&of_task["metrics"]) {
                for (score, of_score) in entries(&of_metric["scores"]) {
                    let Some(value) = of_score["value"].as_f64() else {
                        continue;
                    };
                    let stderr = of_score["stats"]["stderr"].as_f64();
                    let eval = Eval {
                        metric: Some([metric, "/", score].concat()),
                        stderr: stderr.filter(|stderr| *stderr >= 0.0),
                        ..Eval::new(task, value, Scale::of(value), "nemo-evaluator")
                    };
                    // A group of one task says the same again.
                    if !found.iter().any(|known| known.is_of(&eval)) {
                        found.push(eval);
                    }
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::of_notes;
    use crate::measure::eval::folded;

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
