//! A saved answer of `/v1/models`: what the server that was measured served, in its own words.

use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};
use crate::json;
use crate::run::{Format, Run, Served, Speaker, Statement, States};
use serde_json::Value;

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "models-answer",
        title: "answer of /v1/models",
        tool: None,
        states: States::Server,
        speaker: Speaker::Server,
        one_each: false,
        of_many_levels: false,
    },
    begins: None,
    by_content: is_answer,
    by_name: |_| false,
    read,
};

/// `{"object": "list", "data": [{"id": …, "object": "model", …}]}`, the list alone, or the answer about one model.
fn is_answer(candidate: &Candidate<'_>) -> bool {
    let has = |text| candidate.has(text);
    let of_one = || has("\"owned_by\"") && candidate.has_keys(&["id", "object"]);
    let is_list = || candidate.head.trim_start().starts_with('[') && has("\"owned_by\"");
    let whole = || has("\"list\"") && candidate.has_keys(&["object", "data"]);
    has("\"model\"") && (whole() || of_one() || is_list())
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    let answer = json::parse(path, &text)?;
    let listed = answer.get("data").unwrap_or(&answer);
    let models: Vec<&Value> = match listed {
        Value::Array(models) => models.iter().collect(),
        one => vec![one],
    };
    let text = |model: &Value, key: &str| model.get(key)?.as_str().map(str::to_owned);
    let names = models.iter().map(|model| text(model, "id"));
    let Some(names) = names.collect::<Option<Vec<String>>>() else {
        return Err(Fault::new(
            Code::NotUnderstood,
            "found a list without the `id` of each model; expected the answer of /v1/models",
        )
        .at(path));
    };
    for (model, name) in models.iter().zip(&names) {
        let mut state = |field: &str, value: Value| {
            run.statements.push(Statement {
                field: field.to_owned(),
                value,
                speaker: SOURCE.format.speaker,
                file: path.to_owned(),
                model: Some(name.clone()),
            });
        };
        if let Some(root) = text(model, "root").filter(|root| root != name && !root.is_empty()) {
            state("model_path", root.into());
        }
        // Of an adapter vLLM says none: it is that of the model below it.
        let parent = text(model, "parent");
        let below = names.iter().position(|name| Some(name) == parent.as_ref());
        let length = |of: &Value| of.get("max_model_len")?.as_u64();
        if let Some(length) = length(model).or_else(|| length(models[below?])) {
            state("context.max_model_len", length.into());
        }
        let engine = match text(model, "owned_by").as_deref() {
            Some("vllm") => Some("vLLM"),
            Some("sglang") => Some("SGLang"),
            _ => None,
        };
        if let Some(engine) = engine {
            state("context.serving_engine", engine.into());
        }
    }
    run.served.push(Served {
        file: path.to_owned(),
        models: names,
    });
    Ok(())
}
