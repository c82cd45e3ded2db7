//! What an export states about the context.

use super::super::entry::state_workload;
use super::command;
use super::export::Export;
use super::statements::start_time;
use crate::fault::Result;
use crate::fields;
use crate::files::sha256;
use crate::order::Ordered as _;
use crate::run::{Run, Statement, all_names};
use crate::secret;
use serde_json::Value;
use std::collections::BTreeSet;

/// How many conversations were held.
const CONVERSATIONS: &str = "workload.conversation_num";

impl Export<'_> {
    /// States everything that the export says beside numbers.
    ///
    /// Faults: a data set other than that of an earlier export.
    pub(super) fn state(&self, run: &mut Run, model: Option<&str>) -> Result<()> {
        let echo = self.echo();
        let from = self.format;
        if let Some(model) = model {
            run.state(from, "model", model, self.path);
        }
        let datasets = echo.of_config(&["datasets"]).and_then(Value::as_array);
        let datasets = datasets.into_iter().flatten().filter_map(dataset_name);
        let datasets: Vec<String> = datasets.collect();
        let dataset = all_names(datasets.iter().map(String::as_str));
        let old = || {
            let input = echo.of_config(&["input"])?;
            ["public_dataset", "file"]
                .iter()
                .find_map(|key| input.get(*key)?.as_str())
                .map(str::to_owned)
        };
        if let Some(dataset) = dataset.or_else(old) {
            let at = (self.path, None);
            state_workload(run, from, "workload.dataset", &dataset, at)?;
        }
        let fields: [(&str, &[&str]); 3] = [
            ("context.endpoint_type", &["endpoint", "type"]),
            ("context.streaming", &["endpoint", "streaming"]),
            ("context.tokenizer", &["tokenizer", "name"]),
        ];
        for (field, keys) in fields {
            if let Some(value) = echo.of_config(keys) {
                run.state(from, field, value.clone(), self.path);
            }
        }
        self.state_options(run);
        // AIPerf echoes what is not its default, and by default it does not stream.
        if echo.of_config(&["endpoint"]).is_some()
            && echo.of_config(&["endpoint", "streaming"]).is_none()
        {
            run.state(from, "context.streaming", false, self.path);
        }
        let version = self.map.get("aiperf_version").and_then(Value::as_str);
        let tool = version.map_or_else(
            || "AIPerf".to_owned(),
            |version| format!("AIPerf {version}"),
        );
        run.state(from, "context.bench_backend", tool.as_str(), self.path);
        run.tool.get_or_insert(tool);
        if let Some(hardware) = self.gpus() {
            run.state(from, "context.hardware", hardware, self.path);
        }
        if let Some(start) = start_time(&self.map) {
            run.began(&start);
        }
        let command = command::kept(echo.command());
        if !command.is_empty() && !run.commands.contains(&command) {
            run.commands.push(command);
        }
        Ok(())
    }

    /// States how prompts and requests were made, which no number shows.
    fn state_options(&self, run: &mut Run) {
        let (echo, from) = (self.echo(), self.format);
        let of_data = |key: &str| echo.of_config(&["datasets"])?.get(0)?.get(key);
        let prefix = of_data("prefix_prompts");
        let prefix = prefix.or_else(|| echo.of_config(&["input", "prompt", "prefix_prompt"]));
        let options = echo.of_config(&["endpoint", "extra"]);
        let choice = echo.model_choice();
        if let Some(endpoints) = echo.endpoints() {
            run.state(from, "context.endpoints", endpoints, self.path);
        }
        let turns = of_data("turns").or_else(|| echo.of_config(&["input", "conversation", "turn"]));
        for (field, stated) in [
            ("workload.prompt_prefix", &[("", prefix)][..]),
            (
                "context.request_options",
                &[("", options), ("turns", turns), ("model_selection", choice)],
            ),
        ] {
            let mut list = Vec::new();
            for (name, value) in stated {
                flatten(name, value.unwrap_or(&Value::Null), &mut list);
            }
            if !list.is_empty() {
                list.order();
                run.state(from, field, list.join(", "), self.path);
            }
        }
        // Each level may have a number of its own; the first tells two sweeps of one kind apart.
        let known = |one: &Statement| one.field == CONVERSATIONS && one.speaker == from.speaker;
        let sessions = echo.of_phase(&["sessions", "conversation_num"]);
        if let Some(count) = sessions.and_then(Value::as_u64).filter(|count| *count > 0)
            && !run.statements.iter().any(known)
        {
            run.state(from, CONVERSATIONS, count, self.path);
        }
        if echo.phase.is_some() {
            let warm = if echo.warmup_requests() == Some(0) {
                "off"
            } else {
                "on"
            };
            run.state(from, "context.warm_up", warm, self.path);
        }
    }

    /// The GPU that telemetry saw, where all are alike.
    fn gpus(&self) -> Option<&str> {
        let endpoints = self
            .map
            .get(super::TELEMETRY)?
            .get("endpoints")?
            .as_object()?;
        let gpus = endpoints
            .values()
            .filter_map(|endpoint| endpoint.get("gpus")?.as_object());
        let names: Option<BTreeSet<&str>> = gpus
            .flat_map(|gpus| gpus.values())
            .map(|gpu| {
                gpu.get("gpu_name")
                    .or_else(|| gpu.get("model_name"))?
                    .as_str()
            })
            .collect();
        match names?.into_iter().collect::<Vec<_>>()[..] {
            [name] => Some(name),
            _ => None,
        }
    }
}

/// `chat_template_kwargs.enable_thinking=false` of an object, and so on; nulls are left out.
fn flatten(name: &str, value: &Value, list: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Object(map) => {
            for (key, value) in map {
                let dot = if name.is_empty() { "" } else { "." };
                flatten(&format!("{name}{dot}{key}"), value, list);
            }
        }
        value => list.push(format!("{name}={}", option(name, value))),
    }
}

/// A value that is no text of a prompt; of one that may be, its hash, which tells two apart.
fn option(name: &str, value: &Value) -> String {
    const PROMPTS: [&str; 5] = ["prompt", "message", "content", "system", "instruction"];
    let plain = fields::plain(value);
    let may_be = plain.len() > 80
        || plain.contains(char::is_whitespace)
        || PROMPTS.iter().any(|part| name.contains(part));
    match value {
        Value::Number(_) | Value::Bool(_) => plain,
        // What a secret is called must stand beside it to be seen.
        _ if may_be && secret::redact(&format!("{name}={plain}")).contains(secret::MARK) => {
            secret::MARK.to_owned()
        }
        _ if may_be => format!("sha256:{}", &sha256(plain.as_bytes())[..12]),
        _ => plain,
    }
}

/// The name of the data set where one is given. AIPerf calls its only data set `main`, which names
/// nothing; then the kind of data (for instance `synthetic`) is what was stated.
fn dataset_name(dataset: &Value) -> Option<String> {
    let keys = [
        "dataset",
        "public_dataset",
        "hf_dataset",
        "path",
        "file",
        "name",
    ];
    let named = keys
        .iter()
        .filter_map(|key| dataset.get(key).and_then(Value::as_str))
        .find(|name| !["", "main", "default"].contains(name));
    named
        .or_else(|| dataset.get("type").and_then(Value::as_str))
        .map(str::to_owned)
}
