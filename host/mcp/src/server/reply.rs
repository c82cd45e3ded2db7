//! The forms of a reply.

use crate::arguments::Misuse;
use perfbridge_registry::python::json;
use perfbridge_registry::{Envelope, Takes, Verb};
use rmcp::model::{CallToolResult, ContentBlock};

/// The reply for an envelope: the envelope itself, or an error where the verb refused and the caller did not allow that.
///
/// A search that finds nothing is no error, and neither is one with a bad pattern: its caller looks at `returncode`.
pub fn of_envelope(verb: Verb, envelope: &Envelope, allow_nonzero: bool) -> CallToolResult {
    let searches = matches!(verb.takes(), Takes::Query(_));
    let value = match serde_json::to_value(envelope) {
        Ok(value) => value,
        Err(error) => return failure(verb, &format!("the reply cannot be written: {error}")),
    };
    if envelope.returncode != 0 && !allow_nonzero && !searches {
        return failure(verb, &json::line(&(&value).into()));
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

/// The refusal of a command line that cannot be understood: an envelope like any other.
pub fn refusal(verb: Verb, misuse: &Misuse) -> CallToolResult {
    let stderr = format!("FATAL: {}\n", misuse.message);
    let envelope = Envelope::refused(verb, Vec::new(), stderr);
    of_envelope(verb, &envelope, misuse.allow_nonzero)
}
