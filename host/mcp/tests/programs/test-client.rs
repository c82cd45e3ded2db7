//! Calls a server through the client of this crate, for its tests:
//! `mcp-test-client [--timeout SECONDS] [--guarded] COMMANDLINE`.
//!
//! Each line on standard input is a JSON list, a verb and its arguments: `["record", "--family", ...]`,
//! `["evidence", QUERY, LIMIT]`. Each line on standard output is the answer: `{"hello": ...}` once, then
//! `{"envelope": ...}` or `{"error": ...}`. `--doctor` prints a diagnosis instead.

use perfbridge_mcp::{
    ClientOptions, Diagnosis, Guard, McpVerbs, ServerCommand, doctor, run_guarded,
};
use perfbridge_registry::{Envelope, VerbError, Verbs};
use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1).peekable();
    if args.next_if(|arg| arg == "guarded-start").is_some() {
        let words = guard().map(|guard| run_guarded(&guard, args));
        let _ = writeln!(std::io::stderr(), "{}", words.unwrap_or_default());
        return ExitCode::from(127);
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = say(&json!({"error": error.to_string()}));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut options = ClientOptions::default();
    let mut diagnose = false;
    let mut line = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--timeout" => {
                let seconds = args.next().ok_or("--timeout needs a value")?;
                options.timeout = Duration::from_secs_f64(seconds.parse()?);
            }
            "--guarded" => {
                options.guard = Some(guard()?);
            }
            "--doctor" => diagnose = true,
            _ => line = Some(arg),
        }
    }
    let line = line.ok_or("the command line of the server is missing")?;
    let command = ServerCommand::parse(&line, "the test")?;
    if diagnose {
        say(&told(&doctor(command, &options)))?;
        return Ok(());
    }
    let verbs = McpVerbs::start(command, &options)?;
    let hello = verbs.hello();
    say(
        &json!({"hello": {"name": hello.name, "version": hello.version, "protocol": hello.protocol}}),
    )?;
    for line in std::io::stdin().lock().lines() {
        let words: Vec<String> = serde_json::from_str(&line?)?;
        let answer = match ask(&verbs, &words) {
            Ok(envelope) => json!({"envelope": envelope}),
            Err(error) => json!({"error": error.to_string()}),
        };
        say(&answer)?;
    }
    Ok(())
}

fn guard() -> std::io::Result<Guard> {
    Ok(Guard {
        program: std::env::current_exe()?,
        args: vec!["guarded-start".into()],
    })
}

fn ask(verbs: &dyn Verbs, words: &[String]) -> Result<Envelope, VerbError> {
    let (verb, args) = words.split_first().expect("a verb");
    let limit = || args[1].parse().expect("a limit");
    match verb.as_str() {
        "record" => verbs.record(args),
        "diff" => verbs.diff(args),
        "evidence" => verbs.search_evidence(&args[0], limit()),
        "runbooks" => verbs.search_runbooks(&args[0], limit()),
        other => panic!("unknown verb {other}"),
    }
}

fn told(diagnosis: &Diagnosis) -> Value {
    let steps = diagnosis.steps.iter().map(|step| match &step.outcome {
        Ok(found) => json!({"step": step.name, "ok": found}),
        Err(error) => json!({"step": step.name, "error": error}),
    });
    json!({
        "command": diagnosis.command,
        "generation": diagnosis.generation.map(|generation| generation.name()),
        "healthy": diagnosis.is_healthy(),
        "steps": steps.collect::<Vec<_>>(),
    })
}

fn say(value: &Value) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{value}")?;
    out.flush()
}
