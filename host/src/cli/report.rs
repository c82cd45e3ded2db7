//! `report`: the page of a diff bundle, made of what the bundle holds.

use super::args::ReportArgs;
use super::baseline::of_entry;
use super::diff::PAGE;
use super::output::Output;
use super::{html, inputs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::kept::{CASE, Kept, Past};
use crate::references::References;
use crate::registry::root_of;
use crate::sandbox::judge::Form;
use crate::sandbox::{Case, Policy, Sandbox};
use crate::seal::{MEMBER, document_name};
use perfbridge_registry::{INPUTS, read_entry, write_aside};
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Makes the page; it says what `verdict.json` says, or is not made.
pub fn report(sandbox: &Sandbox, viewer: &str, args: &ReportArgs, output: &Output) -> Result<Exit> {
    let bundle = args.bundle.as_path();
    let named = read(bundle, "baseline-ref.txt")?;
    let entry = entry_dir(bundle, named.trim());
    let root = root_of(&entry);
    let baseline = of_entry(sandbox, read_entry(&entry)?, root)?;
    let current = inputs::read_document(sandbox, &bundle.join("current-snapshot.json"))?;
    let kept = parsed::<Kept>(bundle, CASE)?;
    let history = match &baseline.root {
        Some(root) => Past::of(sandbox, root, &kept.history)?,
        None => Past::default(),
    };
    let policy = Policy::from(kept.policy);
    let paired = paired(bundle)?;
    let judged_baseline = paired.as_ref().unwrap_or(&baseline.document.json);
    let case = Case {
        baseline: judged_baseline,
        current: &current.json,
        history: &history.documents,
        policy: &policy,
    };
    let judged = sandbox.judge(&case, &[Form::json()])?.texts.concat();
    let references = same(bundle, &judged)?;
    let sides = html::Sides {
        baseline: (&baseline.name, judged_baseline),
        current: ("current", &current.json),
        history: &history.documents,
        policy: &policy,
    };
    let page = html::report(viewer, &sides, &references)?;
    let file = args.html.clone().unwrap_or_else(|| bundle.join(PAGE));
    write_aside(&file, page.as_bytes()).map_err(|error| Error::io("write", &file, &error))?;
    output.say(&format!("written: {}", file.display()));
    Ok(Exit::Pass)
}

/// The document of the baseline as it was judged, where that is another than the entry's: it was paired with scores.
fn paired(bundle: &Path) -> Result<Option<String>> {
    let verdict: Value = parsed(bundle, "verdict.json")?;
    let hash = verdict[MEMBER]["baseline_sha256"].as_str();
    let kept = hash.map(|hash| bundle.join(INPUTS).join(document_name(hash)));
    match kept.filter(|path| path.is_file()) {
        Some(path) => {
            let text = std::fs::read_to_string(&path);
            let text = text.map_err(|error| Error::io("read", &path, &error))?;
            Ok(Some(text))
        }
        None => Ok(None),
    }
}

/// The entry that the bundle names; where the registry has moved with the bundle, the one at the same place below it.
pub fn entry_dir(bundle: &Path, named: &str) -> PathBuf {
    let named = PathBuf::from(named);
    let parts = ["experiments", "artifacts", "perf-baselines"];
    let below = named
        .ancestors()
        .find(|part| part.ends_with(parts.iter().collect::<PathBuf>()));
    // experiments/artifacts/perf-baseline-diffs/FAMILY/MEASUREMENT/SLUG
    let root = bundle.canonicalize().ok();
    let root = root.as_deref().and_then(|bundle| bundle.ancestors().nth(6));
    match (below.and_then(|below| named.strip_prefix(below).ok()), root) {
        (Some(rest), Some(root)) if !named.is_dir() => {
            root.join(parts.iter().collect::<PathBuf>()).join(rest)
        }
        _ => named,
    }
}

fn read(bundle: &Path, name: &str) -> Result<String> {
    let path = bundle.join(name);
    std::fs::read_to_string(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::usage(format!(
            "found no {name}; expected a diff bundle, as perfbridge diff writes it below a registry"
        ))
        .in_input(bundle),
        _ => Error::io("read", &path, &error),
    })
}

fn parsed<T: for<'de> Deserialize<'de>>(bundle: &Path, name: &str) -> Result<T> {
    serde_json::from_str(&read(bundle, name)?).map_err(|error| {
        Error::usage(format!("found {name} in another form ({error}); expected what perfbridge diff wrote. Run the diff again"))
            .in_input(&bundle.join(name))
    })
}

/// What the searches found, if the judgement of the bundle is the one that was made now.
fn same(bundle: &Path, judged: &str) -> Result<References> {
    const NAME: &str = "verdict.json";
    let mut kept: Value = parsed(bundle, NAME)?;
    let now: Value =
        serde_json::from_str(judged).map_err(|error| Error::internal(error.to_string()))?;
    let references = kept
        .as_object_mut()
        .and_then(|kept| kept.remove("references"));
    // What it was made of is for verify.
    if let Some(kept) = kept.as_object_mut() {
        kept.remove(MEMBER);
    }
    if kept != now {
        let word = |judgement: &Value| judgement["verdict"].as_str().unwrap_or("none").to_owned();
        return Err(Error::usage(format!(
            "found a judgement ({}) that is not the one of the same inputs today ({}); expected the same in every field. Another version made it, or the registry was changed. Run the diff again",
            word(&kept),
            word(&now)
        ))
        .in_input(&bundle.join(NAME)));
    }
    match references {
        Some(references) => serde_json::from_value(references).map_err(|error| {
            Error::usage(format!("found references in another form ({error}); expected what perfbridge diff wrote. Run the diff again"))
                .in_input(&bundle.join(NAME))
        }),
        None => Ok(References::default()),
    }
}
