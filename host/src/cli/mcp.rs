//! `mcp` and `doctor`.

use super::args::{DoctorArgs, McpArgs};
use super::output::Output;
use super::{baseline, evals, inputs, policy};
use crate::arbiter::{ComponentArbiter, Reads};
use crate::artefacts::Artefacts;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::registry;
use crate::sandbox::Limits;
use perfbridge_mcp::{
    HttpOptions, ServerOptions, Step, doctor as ask, helped, run_guarded, serve_http, serve_stdio,
    try_verbs,
};
use perfbridge_registry::{Embedded, Grants, Listing, Registry, Verb, Verbs};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::sync::Arc;

/// The environment variable that holds the bearer token of the HTTP server: an argument would show in process lists.
pub const TOKEN_VARIABLE: &str = "PERFBRIDGE_MCP_TOKEN";

/// Serves the verbs until the client goes.
pub fn serve(
    args: &McpArgs,
    artefacts: Artefacts,
    limits: Limits,
    output: &Output,
) -> Result<Exit> {
    let root = registry::root(args.repo_root.as_deref())?;
    let grants = Grants {
        allowed_roots: Some(args.allow_root.clone()),
        read_only: args.read_only,
        ..Grants::new(root, registry::cwd()?)
    };
    let reads = Reads {
        run: inputs::document_of,
        past: baseline::past_of,
        paired: evals::paired_text,
        root: registry::root_of,
    };
    let file = policy::read(args.policy.as_deref(), output)?;
    let policy = policy::of(file.as_ref());
    if file.is_some() {
        let sandbox = artefacts.sandbox(limits)?;
        policy::check(&sandbox, &policy, file.as_ref())?;
    }
    let policy_text = file.map(|file| file.text().to_owned());
    let arbiter = ComponentArbiter::new(artefacts, limits, reads, policy, policy_text);
    let verbs: Arc<dyn Verbs> = Arc::new(Embedded::new(grants).with_arbiter(Box::new(arbiter)));
    let options = ServerOptions {
        read_only: args.read_only,
    };
    let served = match args.http {
        None => serve_stdio(verbs, &options),
        Some(address) => {
            let token = std::env::var(TOKEN_VARIABLE)
                .ok()
                .filter(|token| !token.is_empty());
            if !address.ip().is_loopback() && args.allow_non_loopback && token.is_none() {
                output.say(&format!("warning: anyone who reaches {address} can call this server; set {TOKEN_VARIABLE} to ask for a token"));
            }
            let http = HttpOptions {
                allow_non_loopback: args.allow_non_loopback,
                bearer_token: token,
                allowed_hosts: args.allow_host.clone(),
                allowed_origins: args.allow_origin.clone(),
                ..HttpOptions::default()
            };
            serve_http(address, verbs, &options, http, |address| {
                output.say(&format!("serving MCP at http://{address}/mcp"));
            })
        }
    };
    served.map_err(|error| Error {
        code: "mcp",
        ..Error::usage(format!("the MCP server cannot serve: {error}"))
    })?;
    Ok(Exit::Pass)
}

/// What a server that we start is wrapped in, so that it ends with us; see [`run_guarded`].
pub fn child(command: &[OsString], output: &Output) -> Result<Exit> {
    let guard = registry::guard()?;
    output.say(&run_guarded(&guard, command.iter().cloned()));
    Ok(Exit::Internal)
}

/// Says which registry the verbs go to and whether it works. Writes nothing.
pub fn doctor(args: &DoctorArgs, output: &Output) -> Result<Exit> {
    let report = match registry::external(&args.server, args.repo_root.as_deref())? {
        Some(server) => {
            let diagnosis = ask(server, &registry::client_options(&args.server)?);
            json!({
                "schema": "perfbridge_doctor_v1",
                "registry": "mcp-server",
                "command": diagnosis.command,
                "named_by": diagnosis.source,
                "server": diagnosis.hello.as_ref().map(|hello| json!({"name": hello.name, "version": hello.version, "protocol": hello.protocol})),
                "generation": diagnosis.generation.map(|generation| generation.name()),
                "healthy": diagnosis.is_healthy(),
                "steps": listed(&diagnosis.steps),
            })
        }
        None => embedded(args)?,
    };
    let healthy = report["healthy"] == true;
    if output.json() {
        output.value(&report)?;
    } else {
        output.data(&text(&report))?;
    }
    Ok(if healthy { Exit::Pass } else { Exit::Failed })
}

fn embedded(args: &DoctorArgs) -> Result<Value> {
    // Without a root there is nothing to examine.
    let root = registry::root(args.repo_root.as_deref())?;
    let find = || registry::root(args.repo_root.as_deref()).map_err(|error| error.to_string());
    let verbs = registry::embedded(&root)?;
    let help = || {
        let help = verbs.record(&["--help".to_owned()]);
        help.map_err(|error| error.to_string())
    };
    let read = || {
        let listing = Registry::open(&root).entries(registry::FAMILY);
        listing.map_err(|refusal| refusal.message)
    };
    let counted = |listing: &Listing| {
        let entries = listing.entries.len();
        Ok(format!(
            "baselines of the family {}: {entries}",
            registry::FAMILY
        ))
    };
    let mut steps = vec![
        Step::of("root", find, |root| Ok(root.display().to_string())).0,
        Step::of("probe", help, |help| helped(Verb::Record, help)).0,
        Step::of("read", read, counted).0,
    ];
    steps.extend(try_verbs(&verbs));
    Ok(json!({
        "schema": "perfbridge_doctor_v1",
        "registry": "embedded",
        "command": null,
        "named_by": null,
        "server": null,
        "generation": null,
        "healthy": steps.iter().all(|step| step.outcome.is_ok()),
        "steps": listed(&steps),
    }))
}

/// The steps as JSON; times in milliseconds, to the microsecond.
fn listed(steps: &[Step]) -> Vec<Value> {
    let one = |step: &Step| {
        let (ok, text) = match &step.outcome {
            Ok(found) => (true, found),
            Err(problem) => (false, problem),
        };
        let ms = step.took.as_micros() as f64 / 1000.0;
        json!({"step": step.name, "ok": ok, "found": text, "ms": ms})
    };
    steps.iter().map(one).collect()
}

fn text(report: &Value) -> String {
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let mut lines = vec![format!("registry    {}", plain(&report["registry"]))];
    for (label, key) in [
        ("command", "command"),
        ("named by", "named_by"),
        ("generation", "generation"),
    ] {
        if !report[key].is_null() {
            lines.push(format!("{label:<12}{}", plain(&report[key])));
        }
    }
    if let Some(server) = report["server"].as_object() {
        let of = |key: &str| plain(&server[key]);
        lines.push(format!(
            "server      {} {} (protocol {})",
            of("name"),
            of("version"),
            of("protocol")
        ));
    }
    for step in report["steps"].as_array().into_iter().flatten() {
        let mark = if step["ok"] == true { "ok" } else { "FAILED" };
        lines.push(format!(
            "{mark:<12}{}: {}",
            plain(&step["step"]),
            plain(&step["found"])
        ));
    }
    lines.join("\n") + "\n"
}
