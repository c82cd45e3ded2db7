//! The three forms of a reply, read.

use perfbridge_registry::{Envelope, Verb};
use rmcp::model::CallToolResult;

/// What a reply says.
pub(crate) enum Answer {
    /// The verb ran, well or not.
    Envelope(Box<Envelope>),
    /// The server failed before or inside the verb; its words.
    Exception(String),
    /// The server does not know the tool.
    NoTool,
    /// No reply of these verbs; a short description.
    Strange(String),
}

/// Reads a reply: the structured content, the same as text, or the text behind the prefix of an error.
pub(crate) fn read(verb: Verb, result: &CallToolResult) -> Answer {
    let tool = verb.tool();
    if let Some(value) = &result.structured_content
        && let Ok(envelope) = serde_json::from_value::<Envelope>(value.clone())
    {
        return checked(tool, envelope);
    }
    let text: String = result
        .content
        .iter()
        .filter_map(|item| item.as_text())
        .map(|item| item.text.as_str())
        .collect();
    let is_error = result.is_error == Some(true);
    let prefix = format!("Error executing tool {tool}: ");
    let body = text.strip_prefix(&prefix).unwrap_or(&text);
    match serde_json::from_str::<Envelope>(body) {
        Ok(envelope) => checked(tool, envelope),
        Err(_) if is_error && text.starts_with("Unknown tool:") => Answer::NoTool,
        Err(_) if is_error => Answer::Exception(body.trim_end().to_owned()),
        Err(error) => Answer::Strange(format!("{} ({error})", excerpt(body))),
    }
}

fn checked(tool: &str, envelope: Envelope) -> Answer {
    if envelope.tool == tool {
        Answer::Envelope(Box::new(envelope))
    } else {
        Answer::Strange(format!("an envelope of {}", excerpt(&envelope.tool)))
    }
}

/// The beginning of a text, quoted, on one line.
pub(crate) fn excerpt(text: &str) -> String {
    const LENGTH: usize = 120;
    let short: String = text.chars().take(LENGTH).collect();
    let more = if text.chars().nth(LENGTH).is_some() {
        "..."
    } else {
        ""
    };
    format!("{short:?}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const VERB: Verb = Verb::Diff;
    const TOOL: &str = "perf_baseline_diff";

    fn envelope(tool: &str, code: i32) -> Value {
        json!({
            "tool": tool, "library": "perf_baseline", "verb": "diff", "safety": "writes_artifacts",
            "ack_required": false, "ack_field": null, "args": ["--json"], "returncode": code,
            "stdout": "", "stderr": "FATAL: \u{e9}\n", "json": null
        })
    }

    fn result(text: &str, structured: Option<Value>, is_error: bool) -> CallToolResult {
        let mut value = json!({"content": [{"type": "text", "text": text}], "isError": is_error});
        if let Some(structured) = structured {
            value["structuredContent"] = structured;
        }
        serde_json::from_value(value).expect("a result")
    }

    fn code(answer: &Answer) -> Option<i32> {
        match answer {
            Answer::Envelope(envelope) => Some(envelope.returncode),
            _ => None,
        }
    }

    #[test]
    fn the_three_forms() {
        let structured = result("whatever", Some(envelope(TOOL, 0)), false);
        assert_eq!(code(&read(VERB, &structured)), Some(0));
        let pretty = serde_json::to_string_pretty(&envelope(TOOL, 1)).expect("JSON");
        assert_eq!(code(&read(VERB, &result(&pretty, None, false))), Some(1));
        let line = format!("Error executing tool {TOOL}: {}", envelope(TOOL, 2));
        assert_eq!(code(&read(VERB, &result(&line, None, true))), Some(2));
        let raised = result(
            "Error executing tool perf_baseline_diff: [Errno 2] x\n",
            None,
            true,
        );
        assert!(matches!(read(VERB, &raised), Answer::Exception(words) if words == "[Errno 2] x"));
    }

    #[test]
    fn what_is_no_reply_of_the_verb() {
        let none = result(&format!("Unknown tool: {TOOL}"), None, true);
        assert!(matches!(read(VERB, &none), Answer::NoTool));
        let other = result("", Some(envelope("perf_baseline_record", 0)), false);
        assert!(
            matches!(read(VERB, &other), Answer::Strange(words) if words == "an envelope of \"perf_baseline_record\"")
        );
        let chat = result("Hello!", None, false);
        assert!(
            matches!(read(VERB, &chat), Answer::Strange(words) if words.starts_with("\"Hello!\""))
        );
    }

    #[test]
    fn an_excerpt_is_short_and_on_one_line() {
        assert_eq!(excerpt("a\nb"), "\"a\\nb\"");
        assert_eq!(
            excerpt(&"x".repeat(121)),
            format!("\"{}\"...", "x".repeat(120))
        );
    }
}
