//! `verify`: the whole registry, or one verdict or entry with all that it rests on.

use super::args::VerifyArgs;
use super::baseline::is_entry;
use super::checks::{Check, Outcome};
use super::output::Output;
use super::replay::{self, Tools, VERDICT};
use super::{inputs, naming};
use crate::artefacts::Artefacts;
use crate::bundle::sha256;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::registry;
use crate::registry::root_of;
use crate::sandbox::{Limits, Sandbox};
use crate::signature::{self, Signed};
use perfbridge_registry::{Entry, Registry, Severity, read_entry};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Checks what was named, else the whole registry.
pub fn verify(
    sandbox: impl Fn() -> Result<Sandbox>,
    args: &VerifyArgs,
    (artefacts, limits): (Artefacts, Limits),
    output: &Output,
) -> Result<Exit> {
    let explicit = args.root.repo_root.as_deref();
    let tools = |root: Option<PathBuf>| Tools {
        root,
        component: args.component.as_deref(),
        artefacts,
        limits,
    };
    let Some(target) = &args.target else {
        let root = registry::root(explicit)?;
        return whole(&root, args, &tools(Some(root.clone())), output);
    };
    let path = Path::new(target);
    let dir = match path.is_file() {
        true => super::runs::folder_of(path),
        false => path,
    };
    if dir.join(VERDICT).is_file() && (path.is_dir() || path.file_name() == Some(VERDICT.as_ref()))
    {
        let root = match explicit {
            Some(_) => Some(registry::root(explicit)?),
            None => root_of_bundle(dir).or_else(|| registry::root(None).ok()),
        };
        let checks = replay::check(dir, &tools(root))?;
        return verdict(dir, args, checks, output);
    }
    if path.join("experiments/artifacts").is_dir() {
        let root = registry::root(Some(path))?;
        return whole(&root, args, &tools(Some(root.clone())), output);
    }
    if args.allowed_signers.is_some() || args.sign_key.is_some() {
        return Err(Error::usage(
            "found no verdict to have a signature; expected a diff bundle or its verdict.json",
        )
        .in_input(path));
    }
    let entry = if is_entry(path) {
        read_entry(path)?
    } else if path.exists() {
        return Err(Error::usage(format!(
            "found neither a verdict nor an entry; expected {VERDICT} or baseline.json in it, or the root of a registry"
        ))
        .in_input(path));
    } else {
        naming::entry(&naming::root_for(path, explicit)?, target, output)?
    };
    let checks = of_entry(&sandbox()?, &entry)?;
    report(target, "entry", (&checks, None), output)
}

/// The root that a diff bundle lies in.
fn root_of_bundle(dir: &Path) -> Option<PathBuf> {
    let dir = dir.canonicalize().ok()?;
    let root = dir.ancestors().nth(6)?;
    let lies = dir.starts_with(root.join("experiments/artifacts/perf-baseline-diffs"));
    lies.then(|| root.to_owned())
}

/// A verdict that was made again, and its signature.
fn verdict(dir: &Path, args: &VerifyArgs, checks: Vec<Check>, output: &Output) -> Result<Exit> {
    let file = dir.join(VERDICT);
    let signed = match &args.allowed_signers {
        Some(allowed) => Some(signature::check(&file, allowed, args.signer.as_deref())?),
        None => None,
    };
    let exit = report(
        &dir.display().to_string(),
        "verdict",
        (&checks, signed.as_ref()),
        output,
    )?;
    if let Some(key) = &args.sign_key {
        if exit != Exit::Pass {
            output.say("not signed: it does not hold");
            return Ok(exit);
        }
        let made = signature::sign(&file, key, false)?;
        output.say(&format!("signed: {}", made.display()));
    }
    Ok(exit)
}

/// An entry: its snapshot, that the component takes it, and what promotions say of it.
fn of_entry(sandbox: &Sandbox, entry: &Entry) -> Result<Vec<Check>> {
    let stated = entry.baseline.source_sha256.clone().unwrap_or_default();
    let snapshot = entry.dir.join("source-snapshot.json");
    let mut checks = Vec::new();
    if snapshot.is_file() {
        let bytes =
            std::fs::read(&snapshot).map_err(|error| Error::io("read", &snapshot, &error))?;
        checks.push(Check::of(
            "snapshot",
            &snapshot,
            &stated,
            Some(&sha256(&bytes)),
        ));
    } else {
        // A snapshot of another form is hashed by the registry, which refuses one that was edited.
        let found = perfbridge_registry::read_snapshot(entry).map(|snapshot| snapshot.sha256);
        let found = found.ok();
        checks.push(Check::of("snapshot", &entry.dir, &stated, found.as_deref()));
    }
    let whole = checks.iter().all(|check| check.outcome == Outcome::Same);
    if whole && snapshot.is_file() && entry.family == registry::FAMILY {
        inputs::read_document(sandbox, &snapshot)?;
    }
    if let Some(root) = root_of(&entry.dir) {
        let marks = Registry::open(&root).marks(&entry.family, &entry.measurement)?;
        for mark in marks.log.iter().filter(|mark| mark.slug == entry.slug) {
            if let Some(promotion) = &mark.promotion {
                let promoted = &promotion.source_sha256;
                checks.push(Check::of("promotion", &mark.file, promoted, Some(&stated)));
            }
        }
        for unreadable in &marks.unreadable {
            checks.push(Check::of(
                "mark",
                &unreadable.dir,
                "a mark",
                Some(&unreadable.why),
            ));
        }
    }
    Ok(checks)
}

fn exit_of(checks: &[Check]) -> Exit {
    let has = |outcome| checks.iter().any(|check| check.outcome == outcome);
    match (has(Outcome::Differs), has(Outcome::Missing)) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Usage,
        (false, false) => Exit::Pass,
    }
}

/// Prints what was checked.
fn report(
    target: &str,
    kind: &str,
    (checks, signed): (&[Check], Option<&Signed>),
    output: &Output,
) -> Result<Exit> {
    let exit = match (exit_of(checks), signed) {
        (Exit::Pass, Some(Signed::Wrong(_) | Signed::Missing)) => Exit::Failed,
        (exit, _) => exit,
    };
    let (outcome, words) = match signed {
        None => ("not-asked", String::new()),
        Some(Signed::By(name)) => ("good", format!("by {name}")),
        Some(Signed::Wrong(why)) => ("wrong", why.clone()),
        Some(Signed::Missing) => (
            "missing",
            format!("there is no {VERDICT}.sig beside the verdict"),
        ),
    };
    if output.json() {
        output.value(&json!({
            "schema": "perfbridge_evidence_v1",
            "target": target,
            "kind": kind,
            "holds": exit == Exit::Pass,
            "checks": checks,
            "signature": {"outcome": outcome, "words": words},
        }))?;
        return Ok(exit);
    }
    let mut text = String::new();
    for check in checks {
        text.push_str(&line(check));
    }
    if signed.is_some() {
        text.push_str(&format!("{outcome:<9}signature: {words}\n"));
    }
    let holds = match exit {
        Exit::Pass => "holds",
        Exit::Failed => "does NOT hold",
        _ => "cannot be made again",
    };
    let of = |outcome| {
        checks
            .iter()
            .filter(|check| check.outcome == outcome)
            .count()
    };
    text.push_str(&format!(
        "{kind} {holds}: {} checks, {} differ, {} missing\n",
        checks.len(),
        of(Outcome::Differs),
        of(Outcome::Missing)
    ));
    output.data(&text)?;
    Ok(exit)
}

fn line(check: &Check) -> String {
    let word = match check.outcome {
        Outcome::Same => "same",
        Outcome::Differs => "DIFFERS",
        Outcome::Missing => "MISSING",
    };
    let mut text = format!("{word:<9}{}: {}", check.what, check.place);
    if let Some(field) = &check.field {
        text.push_str(&format!(": {field}"));
    }
    text.push('\n');
    if check.outcome != Outcome::Same {
        for (label, value) in [("expected", &check.expected), ("found", &check.found)] {
            let value = value.as_deref().unwrap_or("nothing");
            text.push_str(&format!("         {label} {value}\n"));
        }
    }
    text
}

/// Checks a whole registry, and makes its verdicts again where that was asked for.
fn whole(root: &Path, args: &VerifyArgs, tools: &Tools<'_>, output: &Output) -> Result<Exit> {
    let found = perfbridge_registry::verify(root);
    let replays = match args.replay {
        true => Some(replayed(root, tools)),
        false => None,
    };
    let held = replays
        .as_ref()
        .is_none_or(|all| all.iter().all(|(_, exit, _)| *exit == Exit::Pass));
    let sound = found.is_sound() && held;
    let exit = match sound {
        true => Exit::Pass,
        false => Exit::Failed,
    };
    if output.json() {
        let mut value = json!({
            "schema": "perfbridge_verify_v1",
            "root": root,
            "sound": sound,
            "entries": found.entries,
            "rows": found.rows,
            "diffs": found.diffs,
            "problems": found.problems,
        });
        if let Some(replays) = &replays {
            let one = |(bundle, exit, why): &(String, Exit, String)| json!({"bundle": bundle, "holds": *exit == Exit::Pass, "why": why});
            value["replays"] = replays.iter().map(one).collect::<Vec<Value>>().into();
        }
        output.value(&value)?;
        return Ok(exit);
    }
    let mut text = String::new();
    for problem in &found.problems {
        let severity = match problem.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        text.push_str(&format!(
            "{severity}: {}: {}\n",
            problem.place, problem.message
        ));
    }
    for (bundle, _, why) in replays
        .iter()
        .flatten()
        .filter(|(_, exit, _)| *exit != Exit::Pass)
    {
        text.push_str(&format!("error: {bundle}: {why}\n"));
    }
    if let Some(replays) = &replays {
        let held = replays
            .iter()
            .filter(|(_, exit, _)| *exit == Exit::Pass)
            .count();
        text.push_str(&format!(
            "{held} of {} verdicts made again to the byte\n",
            replays.len()
        ));
    }
    text.push_str(&format!(
        "{}: {} entries, {} index rows, {} diff bundles, {} problems\n",
        if sound { "sound" } else { "NOT sound" },
        found.entries,
        found.rows,
        found.diffs,
        found.problems.len()
    ));
    output.data(&text)?;
    Ok(exit)
}

/// Every bundle of a registry that has a verdict, how making it again ended, and why it does not hold.
fn replayed(root: &Path, tools: &Tools<'_>) -> Vec<(String, Exit, String)> {
    let mut bundles = vec![root.join("experiments/artifacts/perf-baseline-diffs")];
    // Family, measurement, slug.
    for _ in 0..3 {
        let below = bundles
            .iter()
            .flat_map(|dir| std::fs::read_dir(dir).into_iter().flatten());
        let paths = below.flatten().map(|item| item.path());
        bundles = paths.filter(|path| path.is_dir()).collect();
    }
    bundles.retain(|dir| dir.join(VERDICT).is_file());
    bundles.sort();
    let one = |dir: PathBuf| {
        let (exit, why) = match replay::check(&dir, tools) {
            Err(error) => (error.exit, error.to_string()),
            Ok(checks) => {
                let wrong = checks.iter().find(|check| check.outcome != Outcome::Same);
                let why = wrong.map(|check| line(check).trim_end().replace('\n', ";"));
                (exit_of(&checks), why.unwrap_or_default())
            }
        };
        (dir.display().to_string(), exit, why)
    };
    bundles.into_iter().map(one).collect()
}
