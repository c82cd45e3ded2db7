//! Serves the embedded registry of a root, for the tests of this crate:
//! `mcp-test-server ROOT [--http ADDRESS] [--read-only] [--token TOKEN] [--allow-root DIR]...`.
//! Over HTTP the address that was taken is the only line on standard output.
//!
//! A search for `hold:PATH` reads that file first, so that a test can keep it at work with a named pipe.

use perfbridge_mcp::{HttpOptions, ServerOptions, serve_http, serve_stdio};
use perfbridge_registry::{Call, Embedded, Envelope, Grants, Query, VerbError, Verbs};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let root = PathBuf::from(args.next().ok_or("the root is missing")?);
    let mut grants = Grants::new(root, std::env::current_dir()?);
    let mut options = ServerOptions::default();
    let mut http = HttpOptions::default();
    let mut address = None;
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--http" => address = Some(value()?.parse()?),
            "--token" => http.bearer_token = Some(value()?),
            "--allow-root" => {
                let root = PathBuf::from(value()?);
                grants.allowed_roots.get_or_insert_default().push(root);
            }
            "--read-only" => {
                grants.read_only = true;
                options.read_only = true;
            }
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    let verbs = Arc::new(Holding(Embedded::new(grants)));
    match address {
        None => serve_stdio(verbs, &options)?,
        Some(address) => serve_http(address, verbs, &options, http, |address| {
            let mut out = std::io::stdout();
            let _ = writeln!(out, "{address}").and_then(|()| out.flush());
        })?,
    }
    Ok(())
}

struct Holding(Embedded);

impl Verbs for Holding {
    fn call(&self, call: &Call) -> Result<Envelope, VerbError> {
        if let Call::Evidence(Query { pattern, .. }) = call {
            if let Some(path) = pattern.strip_prefix("hold:") {
                std::fs::read(path).map_err(|error| VerbError::Argument(error.to_string()))?;
            }
            assert_ne!(pattern, "panic", "the test wants it");
        }
        self.0.call(call)
    }
}
