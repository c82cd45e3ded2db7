//! `show`, `init`.

use super::args::{InitArgs, ShowArgs};
use super::output::{Output, quoted};
use super::{inputs, naming};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::registry;
use crate::sandbox::{Sandbox, ingest};
use perfbridge_registry::{Entry, Snapshot, read_entry, read_snapshot};
use serde_json::{Value, json};
use std::path::Path;

/// Shows one baseline; its snapshot is hashed and must be unchanged.
pub fn show(sandbox: &Sandbox, args: &ShowArgs, output: &Output) -> Result<Exit> {
    let path = Path::new(&args.entry);
    let entry = if path.join("baseline.json").is_file() {
        read_entry(path)?
    } else {
        let root = registry::root(args.root.repo_root.as_deref())?;
        naming::entry(&root, &args.entry, output)?
    };
    let snapshot = read_snapshot(&entry)?;
    let document = if snapshot.is_dir || entry.baseline.value.is_some() {
        None
    } else {
        // Entries of other tools hold other documents; they are shown without one.
        inputs::read_document(sandbox, &snapshot.path).ok()
    };
    if output.json() {
        let parsed = document
            .as_ref()
            .map(|document| serde_json::from_str::<Value>(&document.json));
        let parsed = parsed
            .transpose()
            .map_err(|error| Error::internal(error.to_string()))?;
        output.value(&json!({
            "schema": "perfbridge_show_v1",
            "entry": entry,
            "snapshot": {"path": snapshot.path, "sha256": snapshot.sha256, "directory": snapshot.is_dir},
            "document": parsed,
        }))?;
        return Ok(Exit::Pass);
    }
    output.data(&shown(&entry, &snapshot, document.as_ref()))?;
    Ok(Exit::Pass)
}

/// One baseline for people.
fn shown(entry: &Entry, snapshot: &Snapshot, document: Option<&ingest::Document>) -> String {
    let baseline = &entry.baseline;
    let plain = |text: &Option<String>| text.clone().unwrap_or_else(|| "(unknown)".to_owned());
    let mut lines = vec![
        format!("entry       {}", entry.dir.display()),
        format!(
            "registered  {} by {} on {}",
            plain(&baseline.registered_at_utc),
            plain(&baseline.operator_user),
            plain(&baseline.hostname)
        ),
        format!("sha-256     {} (checked)", snapshot.sha256),
        format!("direction   {}", baseline.direction),
    ];
    if let Some(value) = baseline.value {
        lines.push(format!(
            "value       {value} {}",
            baseline.unit.as_deref().unwrap_or_default()
        ));
    }
    if !baseline.notes.is_empty() {
        lines.push(format!(
            "notes       {}",
            baseline.notes.replace(|c: char| c.is_control(), " ")
        ));
    }
    if let Some(document) = document {
        lines.push(format!("\n{}", document.summary.trim_end()));
        lines.push(format!(
            "next        perfbridge diff --baseline {} --current <new-run>",
            quoted(&entry.dir.display().to_string())
        ));
    }
    lines.join("\n") + "\n"
}

/// Makes an empty registry.
pub fn init(args: &InitArgs, output: &Output) -> Result<Exit> {
    // The registry makes each missing folder from the top down, which a relative path has no top for.
    let dir = registry::cwd()?.join(&args.dir);
    let made = perfbridge_registry::init(&dir)
        .map_err(|error| Error::io("make a registry in", &args.dir, &error))?;
    let root = args.dir.canonicalize().unwrap_or_else(|_| args.dir.clone());
    // Without `.` and `..` of what was typed.
    let made = made.canonicalize().unwrap_or(made);
    if output.json() {
        output.value(&json!({"schema": "perfbridge_init_v1", "root": root, "baselines": made}))?;
    } else {
        output.data(&format!("registry    {}\n", made.display()))?;
    }
    Ok(Exit::Pass)
}
