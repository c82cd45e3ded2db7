//! The server over HTTP, spoken to in plain bytes.

mod common;

use common::{Root, SERVER};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(root: &Root, more: &[&str]) -> Self {
        let mut child = Command::new(SERVER)
            .arg(&root.path)
            .args(["--http", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("stdout"));
        output.read_line(&mut line).expect("an address");
        Self {
            child,
            address: line.trim().to_owned(),
        }
    }

    fn port(&self) -> &str {
        self.address.rsplit(':').next().expect("a port")
    }

    /// Sends one request and returns the status and the body.
    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        // The server may refuse before it has read everything.
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(body.as_bytes());
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        let reply = String::from_utf8(reply).expect("UTF-8");
        let status = reply
            .split(' ')
            .nth(1)
            .expect("a status")
            .parse()
            .expect("a number");
        let body = reply.split_once("\r\n\r\n").expect("a body").1.to_owned();
        (status, body)
    }

    fn post(&self, more: &[(&str, &str)], message: &Value) -> (u16, String) {
        let mut headers = vec![
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
        ];
        headers.extend(more);
        self.send("POST", "/mcp", &headers, &message.to_string())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn initialize() -> Value {
    let info = json!({"name": "test", "version": "0"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info});
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
}

fn call(tool: &str, arguments: Value) -> Value {
    let params = json!({"name": tool, "arguments": arguments});
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params})
}

#[test]
fn a_tool_can_be_called() {
    let root = Root::new();
    let served = Served::start(&root, &[]);
    let (status, body) = served.post(&[], &initialize());
    assert_eq!(status, 200, "{body}");
    let reply: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(reply["result"]["serverInfo"]["name"], "perfbridge");
    let message = call(
        "perf_baseline_record",
        json!({"args": root.record_args("over-http")}),
    );
    let (status, body) = served.post(&[("MCP-Protocol-Version", "2025-11-25")], &message);
    assert_eq!(status, 200, "{body}");
    let reply: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        reply["result"]["structuredContent"]["returncode"], 0,
        "{body}"
    );
}

#[test]
fn a_page_that_rebinds_its_name_is_refused() {
    let root = Root::new();
    let served = Served::start(&root, &[]);
    let own = format!("http://localhost:{}", served.port());
    let other_port = "http://localhost:1".to_owned();
    for (headers, expected) in [
        (vec![("Origin", own.as_str())], 200),
        (vec![("Origin", "http://evil.example")], 403),
        (vec![("Origin", other_port.as_str())], 403),
        (vec![("Origin", "null")], 403),
        (vec![("Host", "evil.example")], 403),
        (vec![("Host", "127.0.0.1:1")], 403),
    ] {
        let (status, body) = served.post(&headers, &initialize());
        assert_eq!(status, expected, "{headers:?}: {body}");
    }
}

#[test]
fn a_token_is_asked_for_if_there_is_one() {
    let root = Root::new();
    let served = Served::start(&root, &["--token", "s3cret"]);
    for (token, expected) in [
        (Some("Bearer s3cret"), 200),
        (Some("Bearer s3cres"), 401),
        (Some("Bearer s3cret2"), 401),
        (Some("s3cret"), 401),
        (Some("Bearer "), 401),
        (None, 401),
    ] {
        let headers: Vec<_> = token
            .map(|token| ("Authorization", token))
            .into_iter()
            .collect();
        let (status, body) = served.post(&headers, &initialize());
        assert_eq!(status, expected, "{token:?}: {body}");
    }
}

#[test]
fn requests_of_a_wrong_kind_are_refused() {
    let root = Root::new();
    let served = Served::start(&root, &[]);
    let accept = ("Accept", "application/json, text/event-stream");
    let json_type = ("Content-Type", "application/json");
    assert_eq!(
        served
            .send("GET", "/mcp", &[("Accept", "text/event-stream")], "")
            .0,
        405
    );
    assert_eq!(served.send("DELETE", "/mcp", &[], "").0, 405);
    assert_eq!(served.send("POST", "/", &[json_type, accept], "{}").0, 404);
    assert_eq!(
        served
            .send(
                "POST",
                "/mcp",
                &[("Content-Type", "text/plain"), accept],
                "{}"
            )
            .0,
        415
    );
    assert_eq!(served.send("POST", "/mcp", &[json_type], "{}").0, 406);
    let (status, _) = served.send("POST", "/mcp", &[json_type, accept], "{not json");
    assert!((400..500).contains(&status), "{status}");
    let message = call("search_evidence", json!({"query": "x"}));
    assert_eq!(
        served
            .post(&[("MCP-Protocol-Version", "1999-01-01")], &message)
            .0,
        400
    );
}

#[test]
fn a_request_that_is_too_large_is_refused() {
    let root = Root::new();
    let served = Served::start(&root, &[]);
    let message = call("search_evidence", json!({"query": "x".repeat(17 << 20)}));
    assert_eq!(served.post(&[], &message).0, 413);
    assert_eq!(served.post(&[], &initialize()).0, 200, "it still answers");
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    let root = Root::new();
    for (address, expected) in [
        ("0.0.0.0:0", "0.0.0.0:0 can be reached from other machines"),
        ("[::]:0", "[::]:0 can be reached from other machines"),
    ] {
        let output = Command::new(SERVER)
            .arg(&root.path)
            .args(["--http", address])
            .output()
            .expect("it ran");
        assert!(!output.status.success());
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(words.contains(expected), "{words}");
        assert!(output.stdout.is_empty());
    }
    let output = Command::new(SERVER)
        .arg(&root.path)
        .args(["--http", "127.0.0.1:0", "--token", ""])
        .output()
        .expect("it ran");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(
        words.contains("the bearer token must be one or more printable ASCII"),
        "{words}"
    );
}

#[test]
fn a_port_that_is_taken_is_named() {
    let root = Root::new();
    let served = Served::start(&root, &[]);
    let output = Command::new(SERVER)
        .arg(&root.path)
        .args(["--http", &served.address])
        .output()
        .expect("it ran");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(
        words.contains(&format!("cannot listen on {}: ", served.address)),
        "{words}"
    );
}
