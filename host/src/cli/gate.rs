//! `gate`: finds the baseline, judges, writes every form, and ends by what the policy decides.

use super::args::{FailOn, GateArgs, Inconclusive, TEXT, Tier};
use super::at_ref::AtRef;
use super::baseline::{self, Baseline};
use super::inputs::{self, Reading};
use super::output::{Output, quoted};
use super::runs::Input;
use super::{notify, policy, report_at};
use crate::artefacts::Artefacts;
use crate::error::{Error, Result, decided};
use crate::exit::Exit;
use crate::registry;
use crate::sandbox::judge::Form;
use crate::sandbox::{Case, Policy, Sandbox, Setting, ingest};
use perfbridge_registry::day;
use std::path::Path;

/// Judges a run against the baseline that is registered, and decides.
pub fn gate(
    sandbox: &Sandbox,
    args: &GateArgs,
    artefacts: Artefacts,
    output: &Output,
) -> Result<Exit> {
    args.forms.check()?;
    args.notify.check()?;
    if args.case.current.is_empty() {
        return Err(Error::usage(
            "found no current run; expected perfbridge gate RUN, with more of them as its trials",
        ));
    }
    let at = args
        .baseline_ref
        .as_deref()
        .map(|name| AtRef::read(name, args.repo_root.as_deref()))
        .transpose()?;
    let named = args.case.policy.as_deref();
    let file = match &at {
        Some(at) => at.policy(named, output)?,
        None => policy::read(named, output)?,
    };
    let mut policy = Policy {
        choices: choices(args),
        ..policy::typed(&args.case, file.as_ref())
    };
    policy::check(sandbox, &policy, file.as_ref())?;
    let current = current(sandbox, args, output)?;
    let found = find(sandbox, args, &current, at.as_ref(), output);
    let found = found.map_err(|error| missing(error, args, &current));
    let in_ref = |error: Error| match &at {
        Some(at) => at.of_error(error),
        None => error,
    };
    let baseline = found.map_err(in_ref)?;
    let history = baseline.history(sandbox, output).map_err(in_ref)?;
    let entry = baseline.entry.as_ref().map(|entry| match &at {
        Some(at) => at.in_tree(&entry.dir),
        None => entry.dir.clone(),
    });
    let file = file.as_ref().map(|file| file.path.as_path());
    let report_at = report_at::choice(&args.forms, file, entry.as_deref());
    policy.choices.extend(report_at);
    let case = Case {
        baseline: &baseline.document.json,
        current: &current.json,
        history: &history.documents,
        policy: &policy,
    };
    let mut forms = args.forms.asked(output);
    forms.extend(notify::FORMS.map(Form::named));
    let judgement = sandbox.judge(&case, &forms)?;
    let Some(gate) = &judgement.gate else {
        return Err(Error::internal("the component decided no gate"));
    };
    output.say(&format!("baseline: {}", called(&baseline, at.as_ref())));
    let as_it_is = |_: &str, text: &str| Ok(text.to_owned());
    args.forms.write(&judgement.texts, &as_it_is, output)?;
    if args.forms.printed() != TEXT {
        output.say(&gate.sentence);
        gate.notes.iter().for_each(|note| output.say(note));
    }
    if let [.., json, line] = judgement.texts.as_slice() {
        let model = &current.model;
        args.notify.tell([json, line], model, &artefacts, output)?;
    }
    decided(gate.exit_code)
}

/// What the command line says about the gate, which wins over the policy file.
fn choices(args: &GateArgs) -> Vec<Setting> {
    let fail_on = args.fail_on.map(|on| match on {
        FailOn::Red => "red",
        FailOn::Yellow => "yellow",
    });
    let tier = args.require_tier.map(|tier| match tier {
        Tier::Draft => "draft",
        Tier::Verdict => "verdict",
    });
    let inconclusive = args.inconclusive.map(|what| match what {
        Inconclusive::Fail => "fail",
        Inconclusive::Pass => "pass",
        Inconclusive::Neutral => "neutral",
    });
    let today = args.today.clone();
    let today = today.unwrap_or_else(|| day(std::time::SystemTime::now()));
    let all = [
        ("gate", Some("true")),
        ("today", Some(today.as_str())),
        ("fail_on", fail_on),
        ("require_tier", tier),
        ("inconclusive", inconclusive),
    ];
    let setting = |(path, value): (&str, Option<&str>)| {
        Some(Setting {
            path: path.to_owned(),
            value: value?.to_owned(),
        })
    };
    all.into_iter().filter_map(setting).collect()
}

/// The current side, from the working tree.
fn current(sandbox: &Sandbox, args: &GateArgs, output: &Output) -> Result<ingest::Document> {
    let explicit = args.repo_root.as_deref();
    let root = registry::root(explicit).ok();
    let reading = Reading {
        root_sha: root.as_deref().and_then(registry::revision),
        ..Reading::of(args.case.model.as_deref(), &args.case.additions)
    };
    let read_one = |run: &Input| baseline::read_current(sandbox, run, &reading, explicit, output);
    inputs::read_all(sandbox, &args.case.current, read_one)
}

/// The baseline: what was named, else the one of the model that was named, else of the current run's.
fn find(
    sandbox: &Sandbox,
    args: &GateArgs,
    current: &ingest::Document,
    at: Option<&AtRef>,
    output: &Output,
) -> Result<Baseline> {
    let explicit = args.repo_root.as_deref();
    let model = args.case.model.as_deref();
    match (args.case.baseline.as_slice(), at) {
        ([], None) => {
            let root = registry::root(explicit)?;
            baseline::of_model(sandbox, &root, model.unwrap_or(&current.model), output)
        }
        ([], Some(at)) => {
            baseline::of_model(sandbox, &at.root(), model.unwrap_or(&current.model), output)
        }
        (_, None) => baseline::find(sandbox, &args.case, explicit, output),
        ([name], Some(at)) => {
            // A path would be one of the working tree.
            let name = name.to_string_lossy();
            if name.contains('/') {
                return Err(Error::usage(format!(
                    "found --baseline {} beside --baseline-ref; expected a name in the registry of the ref, as NAME@SLUG",
                    quoted(&name)
                )));
            }
            let baseline = baseline::in_registry(sandbox, &at.root(), &name, output)?;
            match model {
                Some(model) => baseline::check_model(&baseline, model).map(|()| baseline),
                None => Ok(baseline),
            }
        }
        (_, Some(_)) => Err(Error::usage(
            "found several --baseline beside --baseline-ref; expected one name in the registry of the ref",
        )),
    }
}

/// Where there is no baseline nothing was judged, which is no pass and no failure; and none is made by itself.
fn missing(error: Error, args: &GateArgs, current: &ingest::Document) -> Error {
    if error.code != "not-found" {
        return error;
    }
    let is_file = |path: &&std::path::PathBuf| path.exists() && path.as_path() != Path::new("-");
    let runs = args.case.current.iter().filter(is_file);
    // A registry has to be there first.
    let first = match registry::root(args.repo_root.as_deref()) {
        Ok(_) => "perfbridge record",
        Err(_) => "perfbridge init && perfbridge record",
    };
    let mut words = vec![first.to_owned()];
    words.extend(runs.map(|path| quoted(&path.display().to_string())));
    if let Some(model) = &args.case.model {
        words.push(format!("--model {}", quoted(model)));
    }
    if let Some(root) = &args.repo_root {
        words.push(format!(
            "--repo-root {}",
            quoted(&root.display().to_string())
        ));
    }
    words.push("--yes".to_owned());
    let then = match &args.baseline_ref {
        Some(name) => format!(", and commit it to {name}"),
        None => String::new(),
    };
    Error {
        code: "no-baseline",
        exit: Exit::NoVerdict,
        message: format!(
            "no baseline to judge against; nothing was judged: {}. Should this run of {} be the baseline: {}{then}",
            error.message.trim_end_matches('.'),
            current.model,
            words.join(" ")
        ),
        ..error
    }
}

fn called(baseline: &Baseline, at: Option<&AtRef>) -> String {
    let name = match &baseline.entry {
        Some(entry) => format!("{}@{}", entry.measurement, entry.slug),
        None => baseline.name.clone(),
    };
    match at {
        Some(at) => format!("{} of {}", at.named(&name), at.ref_name()),
        None => name,
    }
}
