//! `diff`.

use super::args::{DiffArgs, EXPLAINED, FailOn, JSON, MARKDOWN, TEXT, Tier as Required};
use super::case::{self, Sides};
use super::output::Output;
use super::written::{self, Ruled, To, Written};
use super::{at_once, html, policy, report_at, seen};
use crate::arbiter::RULED;
use crate::artefacts::Artefacts;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::kept::{CASE, Kept};
use crate::references::References;
use crate::sandbox::judge::{Form, Judgement, Status};
use crate::sandbox::{Sandbox, Tier, Verdict};
use crate::seal::Seal;
use crate::signature;
use perfbridge_registry::{HANDOFF, INPUTS, earlier_handoff, handoff_in, write_aside};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Judges a run against a baseline.
pub fn diff(
    sandbox: &Sandbox,
    args: &DiffArgs,
    artefacts: Artefacts,
    output: &Output,
) -> Result<Exit> {
    args.forms.check()?;
    let file = policy::read(args.case.policy.as_deref(), output)?;
    if let Some(judgement) = at_once::judge(sandbox, args, file.as_ref(), output) {
        return finish(args, &judgement, &|_, text| Ok(text.to_owned()), output);
    }
    let root = args.repo_root.as_deref();
    let mut sides = case::checked(sandbox, &args.case, root, file.as_ref(), output)?;
    let entry = sides.baseline.entry.as_ref().map(|entry| &*entry.dir);
    let report_at = report_at::choice(&args.forms, sides.file.as_deref(), entry);
    sides.policy.choices.extend(report_at);
    let Sides {
        baseline,
        current,
        history,
        policy,
        policy_text,
        ..
    } = &sides;
    let writes = baseline.entry.is_some() || args.out.is_some();
    if args.sign_key.is_some() && !writes {
        return Err(Error::usage(
            "--sign-key is given and no verdict is written; expected a registered baseline or --out DIR",
        ));
    }
    let mut forms = args.forms.asked(output);
    let asked = forms.len();
    forms.extend(ruling_forms(args, writes));
    let judgement = sandbox.judge(&sides.case(), &forms)?;
    let called = html::of_current(&args.case.current);
    let of_ruling = judgement.texts.get(asked..).unwrap_or_default();
    let [json, markdown, beside @ ..] = of_ruling else {
        return Err(Error::internal(
            "the component wrote other forms than were asked for",
        ));
    };
    let case = Kept::text(policy, &history.named)?;
    let markdown_form = forms[asked + 1].name.as_str();
    let policy_file = policy_text.as_deref();
    let seal = Seal::of(&artefacts, &sides.case(), &case, policy_file, markdown_form);
    let ruled = Ruled {
        judgement: &judgement,
        texts: of_ruling,
        case: &case,
        seal: &seal,
    };
    let to = To {
        server: &args.server,
        has_out: args.out.is_some(),
    };
    let written = written::write(&to, &sides, &ruled, &artefacts, output)?;
    let out = args.out.as_deref();
    let handoff = beside
        .last()
        .map(|text| frontier(sandbox, text, written.as_ref(), out));
    let mut places: Vec<PathBuf> = args.out.iter().cloned().collect();
    places.extend(written.as_ref().and_then(|written| written.dir.clone()));
    let mut report = Report {
        artefacts,
        sides: html::Sides {
            baseline: (&baseline.name, &baseline.document.json),
            current: (&called, &current.json),
            history: &history.documents,
            policy,
        },
        policy_file,
        case: &case,
        seal: writes.then_some(&seal),
        judgement: json,
        markdown,
        handoff: handoff.transpose()?.unwrap_or_default(),
        references: References::default(),
    };
    report.write(&places, args.out.as_deref())?;
    report.keep_inputs(&sides, &places, args.out.as_deref())?;
    if let Some(written) = &written {
        report.cite(written, &current.model, &judgement, output);
        if !report.references.is_empty() {
            report.write(&places, args.out.as_deref())?;
        }
    }
    for place in &places {
        sign(args, place, output)?;
    }
    if let Some(file) = &args.html {
        write(file, &report.page(&artefacts.viewer())?)?;
        places.push(file.clone());
    }
    // Before the text, whose last line is the verdict.
    for place in &places {
        output.say(&format!("written: {}", place.display()));
    }
    let complete = |name: &str, text: &str| match name {
        JSON => report.sealed(text),
        MARKDOWN | EXPLAINED => Ok(report.references.below(text)),
        _ => Ok(text.to_owned()),
    };
    finish(args, &judgement, &complete, output)
}

/// Prints the judgement and writes it in its forms. `complete` adds to a form of this name what the component does not know.
fn finish(
    args: &DiffArgs,
    judgement: &Judgement,
    complete: &dyn Fn(&str, &str) -> Result<String>,
    output: &Output,
) -> Result<Exit> {
    if args.forms.printed() == TEXT && output.on_terminal() {
        output.say("every row, the whole context and all levers: --all");
    }
    args.forms.write(&judgement.texts, complete, output)?;
    Ok(ended(args, judgement, output))
}

/// The exit code, with what a draft lacks where a verdict was asked for: it is no pass, and hides no failure.
fn ended(args: &DiffArgs, judgement: &Judgement, output: &Output) -> Exit {
    let exit = exit(judgement.verdict, args.fail_on);
    if args.require_tier != Required::Verdict || judgement.tier == Tier::Verdict {
        return exit;
    }
    output.say("this is a draft, and --require-tier asks for a verdict; it needs:");
    for needed in &judgement.promote {
        output.say(&format!("  {needed}"));
    }
    match exit {
        Exit::Failed => Exit::Failed,
        _ => Exit::NoVerdict,
    }
}

/// The page, in a diff bundle.
pub const PAGE: &str = "report.html";

/// What a ruling is made of: of that only what is printed too, where nothing is written.
fn ruling_forms(args: &DiffArgs, writes: bool) -> Vec<Form> {
    let markdown = if args.forms.explain {
        EXPLAINED
    } else {
        MARKDOWN
    };
    let [json, _, answer, handoff] = RULED.map(Form::named);
    let mut forms = vec![json, Form::named(markdown)];
    if writes {
        forms.extend([answer, handoff]);
    }
    forms
}

/// The exit code of a verdict.
fn exit(verdict: Verdict, fail_on: FailOn) -> Exit {
    match (verdict, fail_on) {
        (Verdict::Red, _) | (Verdict::Yellow, FailOn::Yellow) => Exit::Failed,
        (Verdict::NoVerdict, _) => Exit::NoVerdict,
        _ => Exit::Pass,
    }
}

/// The metrics that the runbooks are asked about: those that regressed, where the verdict is about them.
fn regressed(judgement: &Judgement) -> Vec<String> {
    if !matches!(judgement.verdict, Verdict::Yellow | Verdict::Red) {
        return Vec::new();
    }
    let rows = judgement.rows.iter();
    let of_rows = rows.filter(|row| row.status == Status::Regressed);
    let metrics: BTreeSet<String> = of_rows.map(|row| row.metric.clone()).collect();
    metrics.into_iter().collect()
}

/// The judgement in its forms, with what was found for it.
struct Report<'a> {
    artefacts: Artefacts,
    sides: html::Sides<'a>,
    policy_file: Option<&'a str>,
    case: &'a str,
    /// What the verdict was made of; none where it is only printed.
    seal: Option<&'a Seal>,
    judgement: &'a str,
    markdown: &'a str,
    handoff: String,
    references: References,
}

impl Report<'_> {
    /// The judgement with what was found for it and what it was made of.
    fn sealed(&self, judgement: &str) -> Result<String> {
        let text = self.references.beside(judgement)?;
        match self.seal {
            Some(seal) => seal.beside(&text),
            None => Ok(text),
        }
    }

    /// Keeps the inputs that stand nowhere else: in a bundle of the registry few do, in any other directory all.
    fn keep_inputs(&self, sides: &Sides, places: &[PathBuf], out: Option<&Path>) -> Result<()> {
        let Some(seal) = self.seal else {
            return Ok(());
        };
        let entry = sides.baseline.entry.as_ref();
        let snapshot = entry.and_then(|entry| entry.baseline.source_sha256.as_deref());
        let snapshot = snapshot.unwrap_or_default();
        for place in places {
            let alone = out == Some(place);
            let elsewhere = |hash: &str| !alone && seal.is_pointed_at(hash, snapshot);
            for (name, text) in seal.inputs(&sides.case(), self.policy_file, &elsewhere) {
                let dir = place.join(INPUTS);
                std::fs::create_dir_all(&dir).map_err(|error| Error::io("make", &dir, &error))?;
                write(&dir.join(name), &text)?;
            }
        }
        Ok(())
    }

    fn markdown(&self) -> String {
        self.references.below(self.markdown)
    }

    fn page(&self, viewer: &str) -> Result<String> {
        html::report(viewer, &self.sides, &self.references)
    }

    /// Asks the searches what can be cited, after all is written: a search that fails can take the server with it, or
    /// hang, and costs nothing then.
    fn cite(&mut self, written: &Written, model: &str, judgement: &Judgement, output: &Output) {
        let (verbs, own) = (&*written.verbs, written.made.as_deref());
        let found = &mut self.references;
        seen::before(found, verbs, model, own, output);
        seen::runbooks(found, verbs, &regressed(judgement), output);
    }

    /// Writes every form into each directory; a file that is there is replaced whole. The page, which is larger than
    /// all else, only into `asked`: `report` makes it of the rest.
    fn write(&self, places: &[PathBuf], asked: Option<&Path>) -> Result<()> {
        for place in places {
            std::fs::create_dir_all(place).map_err(|error| Error::io("make", place, &error))?;
            write(&place.join("verdict.json"), &self.sealed(self.judgement)?)?;
            write(&place.join("verdict.md"), &self.markdown())?;
            write(&place.join(HANDOFF), &self.handoff)?;
            write(&place.join(CASE), self.case)?;
            if asked == Some(place) {
                let viewer = self.artefacts.viewer();
                // A build without the viewer still writes the rest.
                if !viewer.is_empty() {
                    write(&place.join(PAGE), &self.page(&viewer)?)?;
                }
            }
        }
        Ok(())
    }
}

/// The levers, with what is known of them from the diff bundle before this one, and from what `out` holds already.
fn frontier(
    sandbox: &Sandbox,
    handoff: &str,
    written: Option<&Written>,
    out: Option<&Path>,
) -> Result<String> {
    let own = written.and_then(|written| written.dir.as_deref());
    let before = own.and_then(|own| {
        let name = own.file_name().and_then(OsStr::to_str);
        earlier_handoff(own.parent()?, name)
    });
    let known = [before, out.and_then(handoff_in)];
    let mut known = known.into_iter().flatten();
    known.try_fold(handoff.to_owned(), |handoff, earlier| {
        Ok(sandbox.take_over(&handoff, &earlier)?)
    })
}

/// Signs the verdict in a place, where a key was named; the verdict was written anew.
fn sign(args: &DiffArgs, place: &Path, output: &Output) -> Result<()> {
    let Some(key) = &args.sign_key else {
        return Ok(());
    };
    let made = signature::sign(&place.join("verdict.json"), key, true)?;
    output.say(&format!("signed: {}", made.display()));
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    write_aside(path, text.as_bytes()).map_err(|error| Error::io("write", path, &error))
}
