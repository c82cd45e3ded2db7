//! The forms of a reply.

use crate::arguments::Misuse;
use crate::tools::Verb;
use perfbridge_registry::{Envelope, pyjson};
use rmcp::model::{CallToolResult, ContentBlock};

/// The reply for an envelope: the envelope itself, or an error where the verb refused and the caller did not allow that.
///
/// A search that finds nothing is no error, and neither is one with a bad pattern: its caller looks at `returncode`.
pub fn of_envelope(verb: Verb, envelope: &Envelope, allow_nonzero: bool) -> CallToolResult {
    let searches = matches!(verb, Verb::Evidence | Verb::Runbooks);
    let value = match serde_json::to_value(envelope) {
        Ok(value) => value,
        Err(error) => return failure(verb, &format!("the reply cannot be written: {error}")),
    };
    if envelope.returncode != 0 && !allow_nonzero && !searches {
        return failure(verb, &pyjson::line(&(&value).into()));
    }
    // Keys in the order of the wire, two blanks of indent, nothing escaped that need not be.
    let text = match serde_json::to_string_pretty(envelope) {
        Ok(text) => text,
        Err(error) => return failure(verb, &format!("the reply cannot be written: {error}")),
    };
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(value);
    result
}

/// An error with these words and no envelope beside them.
pub fn failure(verb: Verb, words: &str) -> CallToolResult {
    error(format!("Error executing tool {}: {words}", verb.tool()))
}

/// The reply to a call of a tool that does not exist.
pub fn unknown_tool(name: &str) -> CallToolResult {
    error(format!("Unknown tool: {name}"))
}

fn error(text: String) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(text)])
}

/// The refusal of a call of `record` or `diff` that cannot be understood: an envelope like any other.
pub fn refusal(verb: Verb, misuse: &Misuse) -> CallToolResult {
    let envelope = Envelope {
        tool: verb.tool().to_owned(),
        library: "perf_baseline".to_owned(),
        verb: verb.name().to_owned(),
        safety: "writes_artifacts".to_owned(),
        ack_required: false,
        ack_field: None,
        args: Vec::new(),
        returncode: 2,
        stdout: String::new(),
        stderr: format!("FATAL: {}\n", misuse.message),
        json: None,
    };
    of_envelope(verb, &envelope, misuse.allow_nonzero)
}
