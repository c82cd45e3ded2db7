//! `diff`.

use super::args::{DiffArgs, EXPLAINED, FailOn, JSON, MARKDOWN, TEXT, Tier as Required};
use super::case::{self, Sides};
use super::output::Output;
use super::scratch::{Scratch, kept};
use super::{html, report_at, seen};
use crate::arbiter::{Decided, RULED, ruling};
use crate::artefacts::Artefacts;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::kept::{CASE, Kept};
use crate::references::References;
use crate::registry;
use crate::sandbox::judge::{Form, Judgement, Status};
use crate::sandbox::{Sandbox, Tier, Verdict};
use perfbridge_registry::{
    Envelope, HANDOFF, Verb, Verbs, earlier_handoff, handoff_in, write_aside,
};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The umbrella of the verb. The judgement of the component is the authoritative one.
const UMBRELLA_PERCENT: &str = "5";

/// Judges a run against a baseline.
pub fn diff(
    sandbox: &Sandbox,
    args: &DiffArgs,
    artefacts: Artefacts,
    output: &Output,
) -> Result<Exit> {
    args.forms.check()?;
    let mut sides = case::read(sandbox, &args.case, args.repo_root.as_deref(), output)?;
    let entry = sides.baseline.entry.as_ref().map(|entry| &*entry.dir);
    let report_at = report_at::choice(&args.forms, sides.file.as_deref(), entry);
    sides.policy.choices.extend(report_at);
    let Sides {
        baseline,
        current,
        history,
        policy,
        ..
    } = &sides;
    let writes = baseline.entry.is_some() || args.out.is_some();
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
    let written = write_bundle(args, &sides, (&judgement, of_ruling), &case, output)?;
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
        case,
        judgement: json,
        markdown,
        handoff: handoff.transpose()?.unwrap_or_default(),
        references: References::default(),
    };
    report.write(&places, args.out.as_deref())?;
    if let Some(written) = &written {
        report.cite(written, &current.model, &judgement, output);
        if !report.references.is_empty() {
            report.write(&places, args.out.as_deref())?;
        }
    }
    if let Some(file) = &args.html {
        write(file, &report.page(&artefacts.viewer())?)?;
        places.push(file.clone());
    }
    // Before the text, whose last line is the verdict.
    for place in &places {
        output.say(&format!("written: {}", place.display()));
    }
    if args.forms.printed() == TEXT && output.on_terminal() {
        output.say("every row, the whole context and all levers: --all");
    }
    let finish = |name: &str, text: &str| match name {
        JSON => report.references.beside(text),
        MARKDOWN | EXPLAINED => Ok(report.references.below(text)),
        _ => Ok(text.to_owned()),
    };
    args.forms.write(&judgement.texts, &finish, output)?;
    Ok(ended(args, &judgement, output))
}

/// The exit code, with what a draft lacks where a verdict was asked for.
fn ended(args: &DiffArgs, judgement: &Judgement, output: &Output) -> Exit {
    if args.require_tier != Required::Verdict || judgement.tier == Tier::Verdict {
        return exit(judgement.verdict, args.fail_on);
    }
    output.say("this is a draft, and --require-tier asks for a verdict; it needs:");
    for needed in &judgement.promote {
        output.say(&format!("  {needed}"));
    }
    Exit::NoVerdict
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
    case: String,
    judgement: &'a str,
    markdown: &'a str,
    handoff: String,
    references: References,
}

impl Report<'_> {
    fn json(&self) -> Result<String> {
        self.references.beside(self.judgement)
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
            write(&place.join("verdict.json"), &self.json()?)?;
            write(&place.join("verdict.md"), &self.markdown())?;
            write(&place.join(HANDOFF), &self.handoff)?;
            write(&place.join(CASE), &self.case)?;
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

/// What the verb has done, and the verbs to go on with.
struct Written {
    verbs: Box<dyn Verbs>,
    /// What the verb said that it wrote.
    made: Option<String>,
    /// That directory, if it can be reached from here.
    dir: Option<PathBuf>,
}

/// Has the verb write its diff bundle, and says what the verb's own verdict is. Where the verb refuses or does not
/// answer, the judgement still stands: it does not depend on the verb.
fn write_bundle(
    args: &DiffArgs,
    sides: &Sides,
    (judgement, texts): (&Judgement, &[String]),
    case: &str,
    output: &Output,
) -> Result<Option<Written>> {
    let (Some(entry), Some(root)) = (&sides.baseline.entry, &sides.baseline.root) else {
        return Ok(None);
    };
    let unwritten = |error: &Error| {
        output.say(&format!(
            "error: no diff bundle was written, and the judgement stands without it: {error}"
        ));
    };
    let scratch = match Scratch::new(&sides.current.json) {
        Ok(scratch) => scratch,
        Err(error) => {
            unwritten(&error);
            return Ok(None);
        }
    };
    let arguments = arguments(&entry.dir, &scratch.path);
    let external = registry::external(&args.server, Some(root))?.is_some();
    let decided = Decided(ruling(judgement, texts, case.to_owned())?);
    let verbs = registry::verbs(&args.server, root, Some(Box::new(decided)));
    let asked = verbs.and_then(|verbs| Ok((verbs.diff(&arguments)?, verbs)));
    let (envelope, verbs) = match asked {
        Ok(answered) => answered,
        Err(error) => {
            unwritten(&kept(error, scratch));
            return Ok(None);
        }
    };
    let (made, dir) = reached(&envelope, external, args.out.is_some(), output);
    Ok(Some(Written { verbs, made, dir }))
}

fn arguments(baseline: &Path, current: &Path) -> [String; 7] {
    let (baseline, current) = (
        baseline.display().to_string(),
        current.display().to_string(),
    );
    let words = [
        "--baseline",
        &baseline,
        "--current",
        &current,
        "--tolerance-percent",
        UMBRELLA_PERCENT,
        "--json",
    ];
    words.map(str::to_owned)
}

/// What the verb wrote, and where it is if it can be reached from here; says both, and the own verdict of a server,
/// which knows no other than its umbrella.
fn reached(
    envelope: &Envelope,
    external: bool,
    has_out: bool,
    output: &Output,
) -> (Option<String>, Option<PathBuf>) {
    let field = |name: &str| {
        let json = envelope.json.as_ref();
        json.and_then(|json| json[name].as_str()).map(str::to_owned)
    };
    let tool = Verb::Diff.tool();
    let (0, Some(made)) = (envelope.returncode, field("diff_dir")) else {
        let why = envelope.stderr.lines().next().unwrap_or_default();
        let why = why.trim_start_matches("FATAL: ");
        output.say(&format!("note: {tool} wrote no bundle: {why}"));
        return (None, None);
    };
    if external {
        let verdict = field("verdict").unwrap_or_default();
        output.say(&format!(
            "{tool}: {verdict} by its umbrella of {UMBRELLA_PERCENT} %; the judgement counts"
        ));
    }
    let dir = PathBuf::from(&made);
    if dir.is_dir() {
        return (Some(made), Some(dir));
    }
    let lost = if has_out {
        ""
    } else {
        "; name a directory with --out to keep the judgement"
    };
    output.say(&format!(
        "note: the diff bundle {made} cannot be reached from here{lost}"
    ));
    (Some(made), None)
}

fn write(path: &Path, text: &str) -> Result<()> {
    write_aside(path, text.as_bytes()).map_err(|error| Error::io("write", path, &error))
}
