//! The server as a client meets it on standard input and output.

mod common;

use common::{Root, Talk};
use serde_json::{Value, json};

#[test]
fn known_protocol_versions_are_echoed_and_others_answered_with_a_known_one() {
    let root = Root::new();
    for (asked, answered) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
        ("nonsense", "2025-11-25"),
    ] {
        let mut talk = Talk::start(&root.path, &[]);
        let reply = talk.initialize(asked);
        assert_eq!(reply["result"]["protocolVersion"], answered, "{asked}");
        assert_eq!(reply["result"]["serverInfo"]["name"], "perfbridge");
        assert!(talk.end().success());
    }
}

#[test]
fn a_last_request_without_its_line_end_is_answered() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &[]);
    let ping = json!({"jsonrpc": "2.0", "id": 77, "method": "ping"});
    talk.bytes(ping.to_string().as_bytes());
    let mut talk = talk.without_input();
    assert_eq!(talk.reply(77)["result"], json!({}));
    assert_eq!(talk.read(), None);
}

#[test]
fn exactly_four_tools_with_schemas_and_hints() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &[]);
    let reply = talk.ask("tools/list", json!({}));
    let tools = reply["result"]["tools"].as_array().expect("a list");
    let names: Vec<_> = tools
        .iter()
        .map(|tool| tool["name"].as_str().expect("a name"))
        .collect();
    let expected = [
        "perf_baseline_diff",
        "perf_baseline_record",
        "search_runbooks",
        "search_evidence",
    ];
    assert_eq!(names, expected);
    for tool in tools {
        assert_eq!(
            tool["outputSchema"]["required"].as_array().map(Vec::len),
            Some(11)
        );
        assert_eq!(tool["annotations"]["openWorldHint"], false);
        assert_eq!(tool["annotations"]["destructiveHint"], false);
        assert!(tool["title"].is_string() && tool["description"].is_string());
    }
    assert_eq!(reply["result"].get("nextCursor"), None);
}

/// A link below the root could name what nobody named.
#[test]
fn a_source_that_leads_out_of_the_root_is_refused_in_the_envelope() {
    let (root, outside) = (Root::new(), Root::new());
    std::os::unix::fs::symlink(&outside.path, root.path.join("out")).expect("a link");
    let mut talk = Talk::ready(&root.path, &[]);
    for (source, code) in [
        (root.text("out/source.json"), 2),
        (outside.text("source.json"), 0),
    ] {
        let mut args = root.record_args("m");
        args[5] = source;
        let params = json!({"params": {"args": args, "allow_nonzero": true}});
        let reply = talk.call("perf_baseline_record", params);
        let envelope = &reply["structuredContent"];
        assert_eq!(envelope["returncode"], code, "{envelope}");
        let told = envelope["stderr"].as_str().expect("text");
        let words = "FATAL: --source leads out of the root by a symbolic link: ";
        assert_eq!(told.starts_with(words), code == 2, "{told}");
    }
    assert!(talk.end().success());
}

#[test]
fn there_are_no_prompts_and_no_resources() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &[]);
    for (method, field) in [
        ("prompts/list", "prompts"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
    ] {
        assert_eq!(
            talk.ask(method, json!({}))["result"][field],
            json!([]),
            "{method}"
        );
    }
    let reply = talk.ask("resources/read", json!({"uri": "x://y"}));
    assert_eq!(reply["error"]["message"], "there is no resource x://y");
    let reply = talk.ask("prompts/get", json!({"name": "p"}));
    assert_eq!(reply["error"]["message"], "there is no prompt p");
    assert_eq!(talk.ask("ping", json!({}))["result"], json!({}));
}

#[test]
fn rubbish_does_not_stop_the_server() {
    let root = Root::new();
    let mut talk = Talk::start(&root.path, &[]);
    talk.line(b"not json");
    talk.line(b"");
    talk.line(b"\xff\xfe\x00");
    talk.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    talk.send(&json!({"jsonrpc": "2.0", "id": 9, "result": {}}));
    talk.line(b"[1, 2]");
    talk.initialize("2025-06-18");
    talk.line(b"{\"jsonrpc\": \"2.0\", \"id\":");
    let reply = talk.ask("no/such", json!({}));
    assert_eq!(reply["error"]["code"], -32601);
    let reply = talk.ask(
        "tools/call",
        json!({"name": "search_evidence", "arguments": "text"}),
    );
    assert_eq!(reply["error"]["code"], -32602);
    let reply = talk.ask("tools/call", json!({"arguments": {}}));
    assert_eq!(reply["error"]["code"], -32602);
    assert_eq!(talk.ask("ping", json!({}))["result"], json!({}));
    assert!(talk.end().success());
}

#[test]
fn a_client_that_leaves_before_it_has_begun_is_no_error() {
    let root = Root::new();
    assert!(Talk::start(&root.path, &[]).end().success());
}

#[test]
fn requests_that_were_sent_before_the_end_are_still_answered() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &[]);
    let arguments = json!({"args": root.record_args("late")});
    let id = talk.request(
        "tools/call",
        json!({"name": "perf_baseline_record", "arguments": arguments}),
    );
    let mut talk = talk.without_input();
    assert_eq!(talk.reply(id)["result"]["isError"], false);
}

#[test]
fn several_requests_are_in_flight_at_once() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &[]);
    let ids: Vec<u64> = (0..24)
        .map(|at| {
            let arguments = match at % 3 {
                0 => json!({"name": "perf_baseline_record",
                            "arguments": {"args": root.record_args("together")}}),
                1 => json!({"name": "search_evidence", "arguments": {"query": "together"}}),
                _ => json!({"name": "perf_baseline_diff", "arguments": {"args": ["--help"]}}),
            };
            talk.request("tools/call", arguments)
        })
        .collect();
    let mut open: std::collections::BTreeSet<u64> = ids.into_iter().collect();
    while !open.is_empty() {
        let message = talk.read().expect("a reply");
        assert_eq!(message["result"]["isError"], false, "{message}");
        assert!(open.remove(&message["id"].as_u64().expect("a number")));
    }
    let dir = root
        .path
        .join("experiments/artifacts/perf-baselines/inference/together");
    let index = std::fs::read_to_string(dir.join("INDEX.md")).expect("an index");
    assert_eq!(
        index.lines().filter(|line| line.starts_with("| `")).count(),
        8
    );
}

#[test]
fn a_refusal_has_the_form_that_the_caller_asked_for() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &[]);
    let mut args = root.record_args("m");
    args[1] = "../x".to_owned();
    let refused = talk.call("perf_baseline_record", json!({"params": {"args": args}}));
    let text = refused["content"][0]["text"].as_str().expect("a text");
    let prefix = "Error executing tool perf_baseline_record: {\"ack_field\": null, ";
    assert!(text.starts_with(prefix), "{text}");
    assert_eq!(
        (&refused["isError"], refused.get("structuredContent")),
        (&json!(true), None)
    );
    let arguments = json!({"params": {"args": args, "allow_nonzero": true}});
    let allowed = talk.call("perf_baseline_record", arguments);
    assert_eq!(allowed["isError"], false);
    assert_eq!(allowed["structuredContent"]["returncode"], 2);
    let words = "FATAL: family must be one safe path segment\n";
    assert_eq!(allowed["structuredContent"]["stderr"], words);
}

#[test]
fn a_call_that_cannot_be_understood_is_a_refusal_like_any_other() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &[]);
    let arguments = json!({"params": {"args": [1, 2], "allow_nonzero": true}});
    let reply = talk.call("perf_baseline_diff", arguments);
    let envelope = &reply["structuredContent"];
    assert_eq!(
        (&reply["isError"], &envelope["returncode"]),
        (&json!(false), &json!(2))
    );
    let words = "FATAL: params['args'] must be a string or list of strings\n";
    assert_eq!(envelope["stderr"], words);
}

#[test]
fn a_read_only_server_says_so_and_refuses_to_record() {
    let root = Root::new();
    let mut talk = Talk::start(&root.path, &["--read-only"]);
    let hello = talk.initialize("2025-11-25");
    let instructions = hello["result"]["instructions"]
        .as_str()
        .expect("instructions");
    assert!(instructions.ends_with("This server is read-only: perf_baseline_record is refused."));
    let arguments = json!({"args": root.record_args("m"), "allow_nonzero": true});
    let reply = talk.call("perf_baseline_record", arguments);
    assert_eq!(reply["structuredContent"]["returncode"], 2);
    assert!(!root.has_baselines());
}

#[test]
fn a_long_call_tells_its_progress_and_can_be_cancelled() {
    let root = Root::new();
    let fifo = root.fifo();
    let mut talk = Talk::ready(&root.path, &[]);
    let arguments = json!({"query": format!("hold:{}", fifo.display())});
    let meta = json!({"progressToken": "t1"});
    let call = json!({"name": "search_evidence", "arguments": arguments, "_meta": meta});
    let id = talk.request("tools/call", call);
    let progress = talk.read().expect("a message");
    assert_eq!(progress["method"], "notifications/progress");
    assert_eq!(progress["params"]["progressToken"], "t1");
    assert_eq!(progress["params"]["message"], "search is at work for 1 s");
    let params = json!({"requestId": id, "reason": "test"});
    talk.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}));
    assert_eq!(talk.ask("ping", json!({}))["result"], json!({}));
    std::fs::write(&fifo, "").expect("written");
    let mut talk = talk.without_input();
    while let Some(message) = talk.read() {
        assert_ne!(message["id"], id, "a cancelled call is not answered");
    }
}

#[test]
fn a_verb_that_panics_is_an_error_and_not_the_end() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &[]);
    let reply = talk.call("search_evidence", json!({"query": "panic"}));
    let text = "Error executing tool search_evidence: internal error: the verb panicked; what it printed is on stderr \
                of the server";
    assert_eq!(
        (&reply["content"][0]["text"], &reply["isError"]),
        (&json!(text), &json!(true))
    );
    let reply = talk.call("search_evidence", json!({"query": "x"}));
    assert_eq!(reply["isError"], false);
}

#[test]
fn a_request_of_many_megabytes_is_read() {
    let root = Root::new();
    let mut talk = Talk::ready(&root.path, &[]);
    let mut args = root.record_args("big");
    args.push(format!("--notes={}", "\u{e9}\u{1f600}".repeat(500_000)));
    let reply = talk.call("perf_baseline_record", json!({"args": args}));
    assert_eq!(reply["structuredContent"]["returncode"], 0);
    let echoed = reply["structuredContent"]["args"]
        .as_array()
        .expect("a list");
    assert_eq!(echoed[8], Value::String(args[8].clone()));
}
