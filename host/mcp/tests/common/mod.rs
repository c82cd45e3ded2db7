//! What the tests of this crate share: roots to serve, and servers to talk to line by line.
#![allow(
    dead_code,
    missing_docs,
    reason = "each test file uses a part of it, and nobody else does"
)]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub const SERVER: &str = env!("CARGO_BIN_EXE_mcp-test-server");
pub const CLIENT: &str = env!("CARGO_BIN_EXE_mcp-test-client");

/// A temporary root with one file to record, `source.json`.
pub struct Root {
    _dir: tempfile::TempDir,
    pub path: PathBuf,
}

impl Root {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().canonicalize().expect("a path");
        for below in ["experiments/artifacts", "docs", "runbooks"] {
            std::fs::create_dir_all(path.join(below)).expect("mkdir");
        }
        std::fs::write(path.join("source.json"), "{\"a\": 1.5, \"b\": 2}\n").expect("write");
        Self { _dir: dir, path }
    }

    pub fn text(&self, below: &str) -> String {
        self.path.join(below).to_str().expect("UTF-8").to_owned()
    }

    /// Whether anything was recorded.
    pub fn has_baselines(&self) -> bool {
        let baselines = self.path.join("experiments/artifacts/perf-baselines");
        baselines.exists()
    }

    /// A named pipe: whoever reads it waits until somebody has written it.
    pub fn fifo(&self) -> PathBuf {
        let path = self.path.join("fifo");
        let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo");
        assert!(made.success());
        path
    }

    /// The options that record `source.json`.
    pub fn record_args(&self, measurement: &str) -> Vec<String> {
        [
            "--family",
            "inference",
            "--measurement",
            measurement,
            "--source",
            &self.text("source.json"),
            "--direction",
            "two-sided",
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

/// A line that answers `initialize`, the first request, with this version of the protocol.
pub fn hello(version: &str) -> String {
    format!(
        r#"read line; echo '{{"jsonrpc":"2.0","id":0,"result":{{"protocolVersion":"{version}","capabilities":{{}},"serverInfo":{{"name":"fake","version":"1"}}}}}}'; read line"#
    )
}

/// A server to talk to by hand.
pub struct Talk {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Talk {
    pub fn start(root: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(SERVER)
            .arg(root)
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("stdout"));
        Self {
            child,
            input,
            output,
            next: 1,
        }
    }

    /// Starts and shakes hands.
    pub fn ready(root: &Path, more: &[&str]) -> Self {
        let mut talk = Self::start(root, more);
        talk.initialize("2025-11-25");
        talk
    }

    pub fn initialize(&mut self, version: &str) -> Value {
        let info = json!({"name": "test", "version": "0"});
        let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": info});
        let reply = self.ask("initialize", params);
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        reply
    }

    /// Sends bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("an open input");
        input.write_all(bytes).expect("written");
        input.flush().expect("flushed");
    }

    /// Sends one line.
    pub fn line(&mut self, bytes: &[u8]) {
        self.bytes(bytes);
        self.bytes(b"\n");
    }

    pub fn send(&mut self, message: &Value) {
        self.line(message.to_string().as_bytes());
    }

    /// Sends a request and returns its number.
    pub fn request(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Reads messages up to the reply to a request.
    pub fn reply(&mut self, id: u64) -> Value {
        loop {
            let message = self.read().expect("a reply before the end");
            if message["id"] == id {
                return message;
            }
        }
    }

    /// Reads one message; `None` at the end.
    pub fn read(&mut self) -> Option<Value> {
        let mut line = String::new();
        match self.output.read_line(&mut line).expect("a line") {
            0 => None,
            _ => Some(serde_json::from_str(&line).expect("only messages on stdout")),
        }
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.reply(id)
    }

    /// Calls a tool and returns its result.
    pub fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let mut reply = self.ask("tools/call", json!({"name": tool, "arguments": arguments}));
        reply["result"].take()
    }

    /// Ends the input; what was sent can still be answered.
    pub fn without_input(mut self) -> Self {
        self.input.take();
        self
    }

    /// Ends the input and waits for the server.
    pub fn end(mut self) -> std::process::ExitStatus {
        self.input.take();
        self.child.wait().expect("the server ends")
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A generator of pseudo-random numbers (xorshift64*), so that a failing round can be run again.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 33).expect("31 bits") % bound
    }
}
