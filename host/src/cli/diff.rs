//! `diff`.

use super::args::{DiffArgs, DiffFormat, FailOn, Tier};
use super::baseline::{self, Baseline};
use super::html;
use super::inputs::{self, Reading, Scratch};
use super::output::Output;
use super::{confirm, policy};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::registry;
use crate::sandbox::judge::{self, Verdict};
use crate::sandbox::{Sandbox, ingest, render};
use perfbridge_registry::write_aside;
use std::path::{Path, PathBuf};

/// The umbrella of the verb. The judgement of the component is the authoritative one.
const UMBRELLA_PERCENT: &str = "5";

/// Judges a run against a baseline.
pub fn diff(sandbox: &Sandbox, args: &DiffArgs, viewer: &str, output: &Output) -> Result<Exit> {
    let policy = policy::of(args)?;
    // A typing error is found before anything is read.
    sandbox.check_policy(&policy)?;
    let baseline = baseline::find(sandbox, args, output)?;
    let reading = Reading {
        model: args.model.as_deref(),
        settings: &args.settings,
        profile: args.profile.as_ref(),
        sol: args.sol_ceilings.as_ref().zip(args.sol_key.as_ref()),
        root_sha: baseline.root.as_deref().and_then(registry::revision),
    };
    let read_one = |path: &Path| baseline::read_current(sandbox, path, &reading, output);
    let current = inputs::read_all(sandbox, &args.current, read_one)?;
    let history = baseline.history(sandbox, output)?;
    if baseline.entry.is_some() && !args.yes && confirm::interactive() {
        confirm::ask(&question(args, &baseline, &current))?;
    }
    let judgement = sandbox.judge(&baseline.document.json, &current.json, &history, &policy)?;
    let texts = Texts {
        sandbox,
        baseline: &baseline.document.json,
        current: &current.json,
        history: &history,
        policy: &policy,
    };
    let markdown = texts.render(render::Format::Markdown, 80, false)?;
    let mut places: Vec<PathBuf> = args.out.iter().cloned().collect();
    places.extend(write_bundle(&baseline, &current, output)?);
    let report = || {
        html::report(
            viewer,
            &html::Sides {
                baseline: (&baseline.name, &baseline.document.json),
                current: (&args.current, &current.json),
                history: &history,
                policy: &policy,
            },
        )
    };
    for place in &places {
        std::fs::create_dir_all(place).map_err(|error| Error::io("make", place, &error))?;
        write(&place.join("verdict.json"), &judgement.json)?;
        write(&place.join("verdict.md"), &markdown)?;
        // A build without the viewer still writes the rest.
        if !viewer.is_empty() {
            write(&place.join("report.html"), &report()?)?;
        }
    }
    if let Some(file) = &args.html {
        write(file, &report()?)?;
        places.push(file.clone());
    }
    match args.format.unwrap_or(if args.json {
        DiffFormat::Json
    } else {
        DiffFormat::Text
    }) {
        DiffFormat::Json => output.data(&judgement.json)?,
        DiffFormat::Markdown => output.data(&markdown)?,
        DiffFormat::Text => {
            output.data(&texts.render(render::Format::Text, output.width(), output.colour())?)?
        }
    }
    for place in &places {
        output.say(&format!("written: {}", place.display()));
    }
    if args.require_tier == Tier::Verdict && judgement.tier != "VERDICT" {
        output.say("this is a draft, and --require-tier asks for a verdict; it needs:");
        judgement
            .promote
            .iter()
            .for_each(|needed| output.say(&format!("  {needed}")));
        return Ok(Exit::NoVerdict);
    }
    Ok(exit(judgement.verdict, args.fail_on))
}

/// The exit code of a verdict.
fn exit(verdict: Verdict, fail_on: FailOn) -> Exit {
    match (verdict, fail_on) {
        (Verdict::Red, _) | (Verdict::Yellow, FailOn::Yellow) => Exit::Failed,
        (Verdict::NoVerdict, _) => Exit::NoVerdict,
        _ => Exit::Pass,
    }
}

fn question(args: &DiffArgs, baseline: &Baseline, current: &ingest::Document) -> String {
    let listed: Vec<String> = args
        .current
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let mut lines = vec![
        format!("baseline    {}", baseline.name),
        format!("current     {} ({})", listed.join(", "), current.model),
    ];
    let overridden = args.tolerances.join(", ");
    lines.push(format!(
        "tolerances  {}",
        if overridden.is_empty() {
            "default"
        } else {
            &overridden
        }
    ));
    if let Some(root) = &baseline.root {
        lines.push(format!(
            "the diff bundle goes to {}/experiments/artifacts/perf-baseline-diffs",
            root.display()
        ));
    }
    lines.join("\n")
}

struct Texts<'a> {
    sandbox: &'a Sandbox,
    baseline: &'a str,
    current: &'a str,
    history: &'a [String],
    policy: &'a judge::Policy,
}

impl Texts<'_> {
    fn render(&self, format: render::Format, width: u32, colour: bool) -> Result<String> {
        let layout = render::Layout { width, colour };
        Ok(self.sandbox.render(
            self.baseline,
            self.current,
            self.history,
            self.policy,
            format,
            layout,
        )?)
    }
}

/// Has the verb write its diff bundle, and says what the verb's own verdict is. Where the verb refuses, the
/// judgement still stands: it does not depend on the verb.
fn write_bundle(
    baseline: &Baseline,
    current: &ingest::Document,
    output: &Output,
) -> Result<Option<PathBuf>> {
    let (Some(entry), Some(root)) = (&baseline.entry, &baseline.root) else {
        return Ok(None);
    };
    let scratch = Scratch::new(&current.json)?;
    let words = [
        "--baseline",
        &entry.dir.display().to_string(),
        "--current",
        &scratch.path.display().to_string(),
    ];
    let mut arguments: Vec<String> = words.map(str::to_owned).into();
    arguments.extend(["--tolerance-percent", UMBRELLA_PERCENT, "--json"].map(str::to_owned));
    let envelope = registry::verbs(root)?.diff(&arguments)?;
    let field = |name: &str| {
        envelope
            .json
            .as_ref()
            .and_then(|json| json[name].as_str())
            .map(str::to_owned)
    };
    match (envelope.returncode, field("diff_dir")) {
        (0, Some(dir)) => {
            output.say(&format!(
                "perf_baseline_diff says {} under its umbrella of {UMBRELLA_PERCENT} % for every number, up or down; the judgement is the one that counts",
                field("verdict").unwrap_or_default()
            ));
            Ok(Some(PathBuf::from(dir)))
        }
        _ => {
            output.say(&format!(
                "note: perf_baseline_diff wrote no bundle: {}",
                envelope.stderr.trim().trim_start_matches("FATAL: ")
            ));
            Ok(None)
        }
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    write_aside(path, text.as_bytes()).map_err(|error| Error::io("write", path, &error))
}
