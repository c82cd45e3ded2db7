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

/// `{"object": "list", "data": [{"id": …, "object": "model", …}]}`.
fn is_answer(candidate: &Candidate<'_>) -> bool {
    let has = |text| candidate.has(text);
    has("\"model\"") && has("\"list\"") && candidate.has_keys(&["object", "data"])
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    let map = json::parse_object(path, &text)?;
    let listed = map.get("data").and_then(Value::as_array);
    let models: Vec<&Value> = listed.into_iter().flatten().collect();
    let name = |model: &Value| model.get("id").and_then(Value::as_str).map(str::to_owned);
    let names: Option<Vec<String>> = models.iter().map(|model| name(model)).collect();
    let Some(names) = names.filter(|_| listed.is_some()) else {
        return Err(Fault::new(
            Code::NotUnderstood,
            "found a list without the `id` of each model; expected the answer of /v1/models",
        )
        .at(path));
    };
    for (model, name) in models.iter().zip(&names) {
        let text = |key: &str| model.get(key).and_then(Value::as_str);
        let mut state = |field: &str, value: Value| {
            run.statements.push(Statement {
                field: field.to_owned(),
                value,
                speaker: SOURCE.format.speaker,
                file: path.to_owned(),
                model: Some(name.clone()),
            });
        };
        if let Some(root) = text("root").filter(|root| root != name && !root.is_empty()) {
            state("model_path", root.into());
        }
        if let Some(length) = model.get("max_model_len").and_then(Value::as_u64) {
            state("context.max_model_len", length.into());
        }
        let engine = match text("owned_by") {
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
