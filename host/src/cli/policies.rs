//! `policy check` and `policy explain`.

use super::args::{PolicyArgs, PolicyCheckArgs, PolicyCommand, PolicyExplainArgs};
use super::case;
use super::output::{Output, columns, plain};
use super::policy;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::sandbox::Sandbox;
use crate::sandbox::judge::Form;
use serde_json::{Value, json};

/// The form of the component that says what a policy makes of each row.
const FORM: &str = "policy";

/// Does what was asked for.
pub fn policy(sandbox: &Sandbox, args: &PolicyArgs, output: &Output) -> Result<Exit> {
    match &args.command {
        PolicyCommand::Check(args) => check(sandbox, args, output),
        PolicyCommand::Explain(args) => explain(sandbox, args, output),
    }
}

fn check(sandbox: &Sandbox, args: &PolicyCheckArgs, output: &Output) -> Result<Exit> {
    let Some(file) = policy::read(args.file.as_deref(), output)? else {
        return Err(Error {
            code: "not-found",
            ..Error::usage(format!(
                "there is no {} here or above; name a file: perfbridge policy check FILE",
                policy::FILE
            ))
        });
    };
    policy::check(sandbox, &policy::of(Some(&file)), Some(&file))?;
    let policy: Value =
        serde_json::from_str(&file.json).map_err(|error| Error::internal(error.to_string()))?;
    match args.json {
        true => output.value(&json!({
            "schema": "perfbridge_policy_check_v1",
            "file": file.shown(),
            "policy": policy,
        }))?,
        false => output.data(&plain(&format!("{}: a policy\n", file.shown())))?,
    }
    Ok(Exit::Pass)
}

fn explain(sandbox: &Sandbox, args: &PolicyExplainArgs, output: &Output) -> Result<Exit> {
    let sides = case::read(sandbox, &args.case, args.repo_root.as_deref(), output)?;
    let judged = sandbox.judge(&sides.case(), &[Form::named(FORM)])?;
    let text = judged.texts.concat();
    if args.json {
        output.data(&text)?;
        return Ok(Exit::Pass);
    }
    let said: Value =
        serde_json::from_str(&text).map_err(|error| Error::internal(error.to_string()))?;
    // Text of a policy steers neither a terminal nor a pipeline that reads its log.
    output.data(&plain(&lines(&said)))?;
    Ok(Exit::Pass)
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

/// Each row with what applies to it, then what applies to none, then what a gate demands.
fn lines(said: &Value) -> String {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let head = ["place", "metric", "tolerance", "from", "waiver"].map(str::to_owned);
    let mut rows = vec![head];
    for row in items(&said["rows"]) {
        let of = |key: &str| word(&row[key]);
        rows.push([
            of("place"),
            of("metric"),
            of("tolerance"),
            of("source"),
            of("waiver"),
        ]);
    }
    let mut text = columns(&rows);
    text.push('\n');
    for rule in items(&said["rules_without_a_row"]) {
        text.push_str(&format!("rule {rule} applies to no row\n"));
    }
    let vary: Vec<String> = items(&said["vary"]).iter().map(word).collect();
    if !vary.is_empty() {
        text.push_str(&format!("declared as changed: {}\n", vary.join(", ")));
    }
    text.push_str(&format!(
        "headline at {}; a baseline is old after {} days\n",
        word(&said["headline"]),
        said["baseline_max_age_days"].as_f64().unwrap_or_default()
    ));
    let demands = &said["demands"];
    if demands.is_null() {
        return text + "nothing is said of a gate\n";
    }
    text.push_str(&format!(
        "gate: fails on {}, requires the tier {}, inconclusive: {}, ratchet: {}\n",
        word(&demands["fail_on"]),
        word(&demands["require_tier"]),
        word(&demands["inconclusive"]),
        demands["ratchet"]
    ));
    let sol = &demands["sol_pct"];
    if !sol.is_null() {
        text.push_str(&format!(
            "gate: sol_pct at least {}, loss at most {}\n",
            word(&sol["min"]),
            word(&sol["max_loss"])
        ));
    }
    for (at, waiver) in (1..).zip(items(&demands["waivers"])) {
        let of = |key: &str| word(&waiver[key]);
        text.push_str(&format!(
            "waiver {at}: {} at {} by {} until {}: {}\n",
            of("metric"),
            of("place"),
            of("owner"),
            of("expires"),
            of("reason")
        ));
    }
    text
}
