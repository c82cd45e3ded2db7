//! The four tools as they are announced: names, schemas, and hints that say what each one does to its surroundings.

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};
use std::sync::Arc;

/// One of the four verbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `perf_baseline_record`
    Record,
    /// `perf_baseline_diff`
    Diff,
    /// `search_evidence`
    Evidence,
    /// `search_runbooks`
    Runbooks,
}

impl Verb {
    /// All four, in the order in which they are listed.
    pub const ALL: [Verb; 4] = [Verb::Diff, Verb::Record, Verb::Runbooks, Verb::Evidence];

    /// The verb behind a tool.
    pub fn of_tool(tool: &str) -> Option<Verb> {
        Verb::ALL.into_iter().find(|verb| verb.tool() == tool)
    }

    /// The name of the tool.
    pub fn tool(self) -> &'static str {
        match self {
            Verb::Record => "perf_baseline_record",
            Verb::Diff => "perf_baseline_diff",
            Verb::Evidence => "search_evidence",
            Verb::Runbooks => "search_runbooks",
        }
    }

    /// The verb in the envelope.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Record => "record",
            Verb::Diff => "diff",
            Verb::Evidence | Verb::Runbooks => "search",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Verb::Record => "Record a performance baseline",
            Verb::Diff => "Compare a measurement with a baseline",
            Verb::Evidence => "Search recorded evidence",
            Verb::Runbooks => "Search runbooks and documents",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Verb::Record => {
                "Register a measurement as an immutable baseline: copies the source into \
                 experiments/artifacts/perf-baselines/<family>/<measurement>/<time>/ with its SHA-256 and adds a line to \
                 INDEX.md. Needs --family, --measurement, --source and --direction; --help lists the options."
            }
            Verb::Diff => {
                "Compare a measurement with a registered baseline and write the comparison below \
                 experiments/artifacts/perf-baseline-diffs/. The baseline is not changed. Needs --baseline and --current; \
                 --help lists the options. Two inference_perfbench_v1 documents get the full judgement. A RED verdict \
                 has returncode 0."
            }
            Verb::Evidence => {
                "Search experiments/artifacts (earlier baselines, comparisons, bundles) for a regular expression. \
                 Returns lines as path:line:text. returncode 1 means no match."
            }
            Verb::Runbooks => {
                "Search runbooks and docs for a regular expression. Returns lines as path:line:text. returncode 1 means \
                 no match."
            }
        }
    }

    fn annotations(self, read_only_server: bool) -> ToolAnnotations {
        let (read_only, idempotent) = match self {
            // Both only ever add files, and each call adds new ones.
            Verb::Record => (read_only_server, false),
            Verb::Diff => (false, false),
            Verb::Evidence | Verb::Runbooks => (true, true),
        };
        ToolAnnotations::with_title(self.title())
            .read_only(read_only)
            .destructive(false)
            .idempotent(idempotent)
            .open_world(false)
    }

    /// The tool as `tools/list` shows it. A server that refuses `record` says that it is read-only.
    pub fn listed(self, read_only_server: bool) -> Tool {
        let schema = match self {
            Verb::Record => command_line_schema(&RECORD_EXAMPLE),
            Verb::Diff => command_line_schema(&DIFF_EXAMPLE),
            Verb::Evidence | Verb::Runbooks => search_schema(),
        };
        Tool::new(self.tool(), self.description(), object(schema))
            .with_title(self.title())
            .with_raw_output_schema(Arc::new(object(envelope_schema(self))))
            .with_annotations(self.annotations(read_only_server))
    }
}

const RECORD_EXAMPLE: [&str; 8] = [
    "--family",
    "inference",
    "--measurement",
    "glm-5-fp8-perfbench-v1",
    "--source",
    "inference_perfbench_v1.json",
    "--direction",
    "two-sided",
];

const DIFF_EXAMPLE: [&str; 4] = [
    "--baseline",
    "experiments/artifacts/perf-baselines/inference/glm-5-fp8-perfbench-v1/20260101T000000000000Z",
    "--current",
    "inference_perfbench_v1.json",
];

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
            "safety": {"type": "string", "enum": ["writes_artifacts", "read_only"]},
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
            let tool = verb.listed(read_only_server);
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

    #[test]
    fn tools_are_found_by_their_exact_name() {
        for verb in Verb::ALL {
            assert_eq!(Verb::of_tool(verb.tool()), Some(verb));
        }
        assert_eq!(Verb::of_tool("perf_baseline_recor"), None);
        assert_eq!(Verb::of_tool(""), None);
    }
}
