//! The four tools as they are announced: names, schemas, and hints that say what each one does to its surroundings.

use crate::arguments;
use perfbridge_registry::{Safety, Takes, Verb};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};
use std::sync::Arc;

/// What is told about a verb: its row in every list of tools, and in the doctor's.
struct Row {
    title: &'static str,
    description: &'static str,
    /// Whether a read-only server refuses it.
    writes_baselines: bool,
    /// What the caller has to know when it was not answered. Empty where it wrote nothing.
    unanswered: &'static str,
    /// What is lacking as long as there is nothing to search. Empty where nothing is searched.
    lacking: &'static str,
}

fn row(verb: Verb) -> Row {
    match verb {
        Verb::Record => Row {
            title: "Record a performance baseline",
            description: "Register a measurement as an immutable baseline: copies the source into \
                experiments/artifacts/perf-baselines/<family>/<measurement>/<time>/ with its SHA-256 and adds a line \
                to INDEX.md. --source is a file or a directory; a benchmark run of the family inference is read, and \
                the entry holds its inference_perfbench_v1 document.",
            writes_baselines: true,
            unanswered: ". Whether the entry was written is not known: look below \
                experiments/artifacts/perf-baselines before you try again",
            lacking: "",
        },
        Verb::Diff => Row {
            title: "Compare a measurement with a baseline",
            description: "Compare a measurement with a registered baseline and write the comparison below \
                experiments/artifacts/perf-baseline-diffs/. The baseline is not changed. --current is a document or \
                the directory of a benchmark run. Of inference benchmarks json.answer is the judgement in 1 KB: \
                verdict, what changed, worst rows, advice; all rows are in verdict.json in json.diff_dir. A RED verdict \
                has returncode 0. NO_VERDICT (returncode 2) means that nothing can be said about the two runs: it is \
                neither a pass nor a regression, and stderr says what is missing.",
            writes_baselines: false,
            unanswered: ". Whether the comparison was written is not known: look below \
                experiments/artifacts/perf-baseline-diffs",
            lacking: "",
        },
        Verb::Evidence => Row {
            title: "Search recorded evidence",
            description: "Search experiments/artifacts (earlier baselines, comparisons, bundles) for a regular \
                expression. Returns lines as path:line:text, cut at 300 characters. returncode 1 means no match.",
            writes_baselines: false,
            unanswered: "",
            lacking: "reports will name no earlier run until there are some",
        },
        Verb::Runbooks => Row {
            title: "Search runbooks and documents",
            description: "Search runbooks and docs for a regular expression. Returns lines as path:line:text, \
                cut at 300 characters. returncode 1 means no match.",
            writes_baselines: false,
            unanswered: "",
            lacking: "reports will cite no runbook until there are some",
        },
    }
}

/// What the caller has to know about a call that was not answered; empty where it wrote nothing.
pub fn unanswered(verb: Verb) -> &'static str {
    row(verb).unanswered
}

/// What is lacking as long as there is nothing to search; empty where nothing is searched.
pub fn lacking(verb: Verb) -> &'static str {
    row(verb).lacking
}

/// The arguments of one complete call.
fn call(verb: Verb) -> Value {
    match verb {
        Verb::Record | Verb::Diff => json!({"args": arguments::example(verb)}),
        Verb::Evidence => json!({"query": "\"verdict\": \"RED\"", "limit": 10}),
        Verb::Runbooks => json!({"query": "ttft|queue", "limit": 10}),
    }
}

/// The tool as `tools/list` shows it. A read-only server refuses what writes baselines, so there such a tool only reads.
pub fn listed(verb: Verb, read_only_server: bool) -> Tool {
    let row = row(verb);
    let schema = match verb.takes() {
        Takes::Options(_) => command_line_schema(&arguments::example(verb)),
        Takes::Query(_) => search_schema(),
    };
    let description = format!("{} Example: {}", row.description, call(verb));
    // What writes only ever adds files, and each call adds new ones.
    let searches = verb.safety() == Safety::ReadOnly;
    let annotations = ToolAnnotations::with_title(row.title)
        .read_only(searches || (row.writes_baselines && read_only_server))
        .destructive(false)
        .idempotent(searches)
        .open_world(false);
    Tool::new(verb.tool(), description, object(schema))
        .with_title(row.title)
        .with_raw_output_schema(Arc::new(object(envelope_schema(verb))))
        .with_annotations(annotations)
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(members) => members,
        _ => JsonObject::new(),
    }
}

/// `params` is how existing clients call; `args` beside it is how everybody writes it first.
fn command_line_schema(example: &[&str]) -> Value {
    let args = json!({
        "anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {"type": "string", "description": "One option, for example --help; it is not split at blanks."},
            {"type": "null"}
        ],
        "description": "Options as on a command line, one list item each. --opt=value and unambiguous prefixes work.",
        "default": null,
        "examples": [example, ["--help"]]
    });
    let allow_nonzero = json!({
        "type": "boolean",
        "description": "Deliver a refusal (returncode other than 0) as an ordinary result instead of an error.",
        "default": false
    });
    json!({
        "type": "object",
        "properties": {
            "params": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {"args": args, "allow_nonzero": allow_nonzero},
                        "additionalProperties": true
                    },
                    {"type": "string", "description": "The same object as JSON text."},
                    {"type": "null"}
                ],
                "description": "The call. args and allow_nonzero may also stand beside it.",
                "default": null
            },
            "args": args,
            "allow_nonzero": allow_nonzero
        }
    })
}

fn search_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "A regular expression; case matters."},
            "limit": {
                "type": "integer", "minimum": 1, "maximum": 100, "default": 50,
                "description": "The largest number of matches."
            }
        },
        "required": ["query"]
    })
}

fn envelope_schema(verb: Verb) -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "title": format!("{}DictOutput", verb.tool()),
        "type": "object",
        "properties": {
            "tool": {"type": "string", "const": verb.tool()},
            "library": text("The library behind the tool."),
            "verb": {"type": "string", "const": verb.name()},
            "safety": {"type": "string", "enum": Safety::ALL.map(Safety::name)},
            "ack_required": {"type": "boolean"},
            "ack_field": {"type": ["string", "null"]},
            "args": {"type": "array", "items": {"type": "string"}},
            "returncode": {
                "type": "integer",
                "description": "0 done, 1 nothing found or no baseline there, 2 refused; stderr says why."
            },
            "stdout": text("The payload as text, the help text, or the matches of a search."),
            "stderr": text("A line FATAL: ..., a usage error, or warnings."),
            "json": {"type": ["object", "null"], "description": "The payload; null where stdout holds none."}
        },
        "required": [
            "tool", "library", "verb", "safety", "ack_required", "ack_field", "args", "returncode", "stdout", "stderr",
            "json"
        ],
        "additionalProperties": true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hints_say_what_a_verb_does() {
        let hints = |verb: Verb, read_only_server| {
            let tool = listed(verb, read_only_server);
            let hints = tool.annotations.expect("annotations");
            (
                hints.read_only_hint,
                hints.destructive_hint,
                hints.idempotent_hint,
                hints.open_world_hint,
            )
        };
        let no = Some(false);
        let yes = Some(true);
        assert_eq!(hints(Verb::Record, false), (no, no, no, no));
        assert_eq!(hints(Verb::Record, true), (yes, no, no, no));
        assert_eq!(hints(Verb::Diff, true), (no, no, no, no));
        assert_eq!(hints(Verb::Evidence, false), (yes, no, yes, no));
        assert_eq!(hints(Verb::Runbooks, false), (yes, no, yes, no));
    }
}
