//! Calls that the reference server (v0.4.0) answered, answered again. `tests/data/reference/transcripts.jsonl` holds them in the order
//! in which they were made, with its root as `/repo`; the clock is set to the slug it used. Searches of its own
//! documents are left out, because those are not here.

mod common;

use common::Bench;
use perfbridge_registry::{Envelope, VerbError, Verbs};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Call {
    from: String,
    tool: String,
    arguments: Value,
    envelope: Option<Envelope>,
    error: Option<String>,
}

/// Where ours is different on purpose. For each call: what the reply is compared by instead.
enum Deviation {
    /// Words of a library after this beginning of the message; everything else is equal.
    Detail(&'static str),
    /// The reference server failed with an exception; ours refuses with this message.
    Refused(&'static str),
    /// The same hits in our order (by path), not in that of the search program's directory walk.
    Order,
    /// The words of the search program.
    Program,
}

fn deviation(from: &str) -> Option<Deviation> {
    Some(match from {
        "03#14" => Deviation::Refused(
            "cannot create an entry in /repo/experiments/artifacts/perf-baselines/ffff",
        ),
        "03#19" => Deviation::Detail("FATAL: --source is not valid JSON: "),
        "03#20" => Deviation::Detail("FATAL: --source fails JSON Schema at <root>: "),
        "03#22" => Deviation::Detail("FATAL: --schema is not valid JSON: "),
        "03#26" => Deviation::Refused("--source is neither a file nor a directory: /dev/null"),
        "04#8" => Deviation::Detail("FATAL: structured diff requires JSON inputs; "),
        "06#4" | "06#12" => Deviation::Program,
        "06#10" | "06#13" | "06#14" | "06#15" | "06#18" | "06#20" | "06#23" => Deviation::Order,
        _ => return None,
    })
}

#[test]
fn every_reply_is_the_one_of_the_reference_server() {
    let bench = Bench::new();
    bench.write("inputs/invalid.json", "{not json\n");
    bench.write("docs/readme.md", "nothing to find\n");
    bench.write("runbooks/readme.md", "nothing to find\n");
    let lines = include_str!("../../../tests/data/reference/transcripts.jsonl").lines();
    let calls: Vec<Call> = lines
        .map(|line| serde_json::from_str(line).expect("a call"))
        .collect();
    assert_eq!(calls.len(), 84);
    for call in &calls {
        replay(&bench, call);
    }
}

fn replay(bench: &Bench, call: &Call) {
    let from = &call.from;
    let reply = send(bench, call);
    let Some(expected) = &call.envelope else {
        let error = call.error.as_deref().expect("an envelope or an error");
        return match deviation(from) {
            Some(Deviation::Refused(message)) => {
                let reply = reply.expect("an envelope");
                assert_eq!((reply.returncode, reply.json), (2, None), "{from}");
                let message = format!("FATAL: {message}");
                assert!(
                    reply.stderr.starts_with(&message),
                    "{from}: {}",
                    reply.stderr
                );
            }
            _ => {
                let ours = reply.expect_err("an error").to_string();
                assert_eq!(
                    format!("Error executing tool {}: {ours}", call.tool),
                    error,
                    "{from}"
                );
            }
        };
    };
    let reply = reply.expect("an envelope");
    match deviation(from) {
        None => assert_eq!(&reply, expected, "{from}"),
        Some(Deviation::Detail(beginning)) => {
            assert!(
                reply.stderr.starts_with(beginning),
                "{from}: {}",
                reply.stderr
            );
            assert!(expected.stderr.starts_with(beginning), "{from}");
            assert_eq!(
                Envelope {
                    stderr: expected.stderr.clone(),
                    ..reply
                },
                *expected,
                "{from}"
            );
        }
        Some(Deviation::Program) => {
            assert!(
                reply.stderr.contains("unclosed group"),
                "{from}: {}",
                reply.stderr
            );
            assert_eq!(
                Envelope {
                    stderr: expected.stderr.clone(),
                    ..reply
                },
                *expected,
                "{from}"
            );
        }
        Some(Deviation::Order) => same_hits(&reply, expected, from),
        Some(Deviation::Refused(_)) => panic!("{from}: the reference server did answer"),
    }
}

/// A search that was cut at its limit holds some of the hits, else all of them.
fn same_hits(reply: &Envelope, expected: &Envelope, from: &str) {
    let hits = |e: &Envelope| -> BTreeSet<String> { e.stdout.lines().map(str::to_owned).collect() };
    let limit: usize = expected.args[2].parse().expect("a limit");
    let (ours, theirs) = (hits(reply), hits(expected));
    assert_eq!(ours.len(), theirs.len(), "{from}");
    if theirs.len() < limit {
        assert_eq!(ours, theirs, "{from}");
    }
    let matches: Vec<_> = reply.stdout.lines().collect();
    let payload =
        json!({"query": expected.args[0], "paths": ["experiments/artifacts"], "matches": matches});
    assert_eq!(reply.json, Some(payload), "{from}");
    let rest = |e: &Envelope| Envelope {
        stdout: String::new(),
        json: None,
        ..e.clone()
    };
    assert_eq!(rest(reply), rest(expected), "{from}");
}

/// Sends a call to the embedded registry as the server does, and writes its root as `/repo`.
fn send(bench: &Bench, call: &Call) -> Result<Envelope, VerbError> {
    let here = bench.root.to_str().expect("UTF-8");
    let reply = if let Some(query) = call.arguments.get("query") {
        let limit = match call.arguments.get("limit") {
            None => 50,
            Some(Value::Bool(_)) => 1,
            Some(Value::String(text)) => text.parse().expect("a number"),
            Some(number) => number.as_u64().expect("a number") as u32,
        };
        let query = query.as_str().expect("a text");
        match call.tool.as_str() {
            "search_evidence" => bench.registry.search_evidence(query, limit)?,
            _ => bench.registry.search_runbooks(query, limit)?,
        }
    } else {
        if let Some(slug) = slug_of(call.envelope.as_ref()) {
            bench.clock.set(&slug);
        }
        let args: Vec<String> = match &call.arguments["params"]["args"] {
            Value::String(one) => vec![one.clone()],
            Value::Array(args) => args
                .iter()
                .map(|arg| arg.as_str().expect("a text").into())
                .collect(),
            _ => Vec::new(),
        };
        let args: Vec<_> = args.iter().map(|arg| arg.replace("/repo", here)).collect();
        match call.tool.as_str() {
            "perf_baseline_record" => bench.registry.record(&args)?,
            _ => bench.registry.diff(&args)?,
        }
    };
    let text = serde_json::to_string(&reply)
        .expect("JSON")
        .replace(here, "/repo");
    Ok(serde_json::from_str(&text).expect("an envelope"))
}

fn slug_of(envelope: Option<&Envelope>) -> Option<String> {
    let payload = envelope?.json.as_ref()?;
    let dir = payload
        .get("entry_dir")
        .or_else(|| payload.get("diff_dir"))?
        .as_str()?;
    dir.rsplit('/').next().map(str::to_owned)
}

#[test]
fn an_envelope_has_its_eleven_keys_in_order() {
    let bench = Bench::new();
    let reply = bench.record(&["--help"]);
    let value = serde_json::to_value(&reply).expect("JSON");
    let keys: Vec<_> = value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let expected =
        "tool library verb safety ack_required ack_field args returncode stdout stderr json";
    assert_eq!(keys.join(" "), expected);
}
