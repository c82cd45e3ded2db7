//! `promote`: makes a run the baseline of record, for a reason. Entries stay as they are: what is said of one is a mark, and
//! marks are only added.

use super::args::PromoteArgs;
use super::baseline::{self, Baseline};
use super::case::Sides;
use super::output::{Output, quoted};
use super::record::{self, New};
use super::written::{self, Ruled, To};
use super::{candidate, confirm, evals, pin, policy};
use crate::arbiter::{self, RULED};
use crate::artefacts::Artefacts;
use crate::error::{Error, Result, decided};
use crate::exit::Exit;
use crate::kept::Kept;
use crate::registry::{self, ServerArgs};
use crate::sandbox::judge::{Form, Judgement, Verdict};
use crate::sandbox::{Policy, Sandbox, Setting, Tier};
use crate::seal::Seal;
use perfbridge_registry::{Against, Entry, Promotion, Said, day, measurement_name, read_entry};
use serde_json::{Value, json};
use std::path::Path;
use std::time::SystemTime;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 1000;

/// Promotes a run, or refuses to.
pub fn promote(
    sandbox: &Sandbox,
    args: &PromoteArgs,
    artefacts: Artefacts,
    output: &Output,
) -> Result<Exit> {
    check(args)?;
    let root = registry::root(args.root.repo_root.as_deref())?;
    let mut scores = evals::typed(&args.evals)?;
    let candidate = candidate::candidate(sandbox, args, &root, output)?;
    if candidate.entry.is_none() {
        scores.extend(evals::of_notes(&args.notes));
    }
    let candidate = Baseline {
        document: evals::pair(sandbox, candidate.document, &scores)?,
        ..candidate
    };
    let holder = candidate::holder(&root, &candidate, &args.role, output)?;
    let judged = match &holder {
        Some(holder) => judge(
            sandbox,
            args,
            (holder, &candidate, &root),
            &artefacts,
            output,
        )?,
        None => None,
    };
    if args.ratchet
        && let Some(exit) = stopped(judged.as_ref(), output)?
    {
        return Ok(exit);
    }
    let said = question(args, &candidate, holder.as_ref(), judged.as_ref(), &root);
    if confirm::interactive() && !args.yes {
        confirm::ask(&said)?;
    }
    let entry = match &candidate.entry {
        Some(entry) => entry.clone(),
        None => register(args, &candidate, &root, output)?,
    };
    // Those of the document too, so that the log tells them without it.
    let scores = evals_of(&candidate)?;
    let promotion = Promotion {
        reason: args.reason.clone(),
        replaces: holder.map(|holder| holder.slug),
        source_sha256: entry.baseline.source_sha256.clone().unwrap_or_default(),
        evals_sha256: Promotion::hash_of(&scores),
        evals: scores,
        ratchet: args.ratchet,
        against: judged.map(|judged| judged.against),
    };
    let mark = Said::Promoted(args.role.clone(), Box::new(promotion.clone()));
    let file = pin::say(&root, &entry, mark)?;
    report(args, &entry, &promotion, (&candidate, &file), output)?;
    Ok(Exit::Pass)
}

/// Before anything is read.
fn check(args: &PromoteArgs) -> Result<()> {
    let reason = args.reason.trim();
    let long = reason.chars().count() > LONGEST_REASON;
    if reason.is_empty() || long || reason.chars().any(char::is_control) {
        return Err(Error::usage(format!(
            "--reason must be one line of 1 to {LONGEST_REASON} characters: whoever asks in a year why this is the baseline reads it"
        )));
    }
    Ok(Said::Role(args.role.clone()).check()?)
}

/// Judges the candidate against the entry that it would replace, and has the verb keep the verdict. Without --ratchet a
/// baseline that cannot be judged against stops nothing.
fn judge(
    sandbox: &Sandbox,
    args: &PromoteArgs,
    (holder, candidate, root): (&Entry, &Baseline, &Path),
    artefacts: &Artefacts,
    output: &Output,
) -> Result<Option<Judged>> {
    let file = policy::read(args.policy.as_deref(), output)?;
    let policy = Policy {
        choices: match args.ratchet {
            true => only_forward(&day(SystemTime::now())),
            false => Vec::new(),
        },
        ..policy::of(file.as_ref())
    };
    policy::check(sandbox, &policy, file.as_ref())?;
    let judged = (|| {
        let baseline = baseline::of_entry(sandbox, holder.clone(), Some(root.to_owned()))?;
        let baseline = baseline::paired(sandbox, baseline)?;
        let sides = Sides {
            history: baseline.history(sandbox, output)?,
            current: candidate.document.clone(),
            policy_text: file.as_ref().map(|file| file.text().to_owned()),
            file: file.as_ref().map(|file| file.path.clone()),
            baseline,
            policy,
        };
        let judgement = sandbox.judge(&sides.case(), &RULED.map(Form::named))?;
        Ok::<_, Error>((sides, judgement))
    })();
    let (sides, judgement) = match judged {
        Err(error) if !args.ratchet && error.exit == Exit::Usage => {
            output.say(&format!(
                "note: not judged against {}: {error}",
                holder.slug
            ));
            return Ok(None);
        }
        judged => judged?,
    };
    let case = Kept::text(&sides.policy, &sides.history.named)?;
    let policy_text = sides.policy_text.as_deref();
    let seal = Seal::of(artefacts, &sides.case(), &case, policy_text, RULED[1]);
    let ruled = Ruled {
        judgement: &judgement,
        texts: &judgement.texts,
        case: &case,
        seal: &seal,
    };
    let to = To {
        server: &ServerArgs::default(),
        has_out: false,
    };
    let written = written::write(&to, &sides, &ruled, artefacts, output)?;
    let bundle = written.and_then(|written| written.dir);
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let below = bundle
        .as_deref()
        .and_then(|dir| dir.strip_prefix(real).ok());
    let against = Against {
        slug: holder.slug.clone(),
        verdict: arbiter::word(judgement.verdict).to_owned(),
        rule: judgement.rule.clone(),
        tier: match judgement.tier {
            Tier::Draft => "DRAFT",
            Tier::Verdict => "VERDICT",
        }
        .to_owned(),
        bundle: below.map(|below| below.display().to_string()),
    };
    Ok(Some(Judged { against, judgement }))
}

/// How the candidate stands against the entry that it would replace.
struct Judged {
    against: Against,
    judgement: Judgement,
}

impl Judged {
    /// `GREEN by rule none (VERDICT) against 20261129T...`.
    fn sentence(&self) -> String {
        let Against {
            slug,
            verdict,
            rule,
            tier,
            ..
        } = &self.against;
        format!("{verdict} by rule {rule} ({tier}) against {slug}")
    }
}

/// The exit code of a promotion that a ratchet does not let pass; the component decides which.
///
/// # Errors
/// Nothing to hold the run against: a ratchet that begins by itself would take whatever comes first.
fn stopped(judged: Option<&Judged>, output: &Output) -> Result<Option<Exit>> {
    let Some(judged) = judged else {
        return Err(nothing_before());
    };
    let Some(gate) = &judged.judgement.gate else {
        return Err(Error::internal("the component decided no gate"));
    };
    let exit = decided(gate.exit_code)?;
    if exit == Exit::Pass {
        // Why what is not GREEN passes: the waivers, with who answers for them.
        if judged.judgement.verdict != Verdict::Green {
            output.say(&gate.sentence);
        }
        return Ok(None);
    }
    output.say(&format!("not promoted: {}", judged.sentence()));
    output.say(&gate.sentence);
    if !judged.judgement.promote.is_empty() {
        output.say("this is a draft; a verdict needs:");
        for needed in &judged.judgement.promote {
            output.say(&format!("  {needed}"));
        }
    }
    if output.json() {
        let mut refused =
            json!({"schema": "perfbridge_promote_v1", "promoted": false, "why": gate.sentence});
        refused["against"] = json!(judged.against);
        refused["missing"] = json!(judged.judgement.promote);
        output.value(&refused)?;
    }
    Ok(Some(exit))
}

fn nothing_before() -> Error {
    Error {
        code: "no-baseline",
        exit: Exit::NoVerdict,
        ..Error::usage(
            "--ratchet found nothing to go forward from; expected an entry that has the role. Promote the first one without --ratchet",
        )
    }
}

/// What the component is asked to decide on; a waiver ends by this day too.
fn only_forward(today: &str) -> Vec<Setting> {
    let choices = [
        ("gate", "forward"),
        ("today", today),
        ("inconclusive", "fail"),
    ];
    let setting = |(path, value): (&str, &str)| Setting {
        path: path.to_owned(),
        value: value.to_owned(),
    };
    choices.map(setting).into()
}

/// The scores of a document.
fn evals_of(candidate: &Baseline) -> Result<Vec<Value>> {
    let document: Value = serde_json::from_str(&candidate.document.json)
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(document["evals"].as_array().cloned().unwrap_or_default())
}

/// What is shown before it is done.
fn question(
    args: &PromoteArgs,
    candidate: &Baseline,
    holder: Option<&Entry>,
    judged: Option<&Judged>,
    root: &Path,
) -> String {
    let replaced = holder.map_or("nothing", |holder| holder.slug.as_str());
    let judged = judged.map_or_else(|| "not judged".to_owned(), Judged::sentence);
    format!(
        "{}\nTo be the {} of {} below {}, in place of {replaced}: {judged}",
        candidate.document.summary.trim_end(),
        args.role,
        candidate.document.model,
        root.display()
    )
}

/// Registers a run that is no entry yet, through the verb.
fn register(
    args: &PromoteArgs,
    candidate: &Baseline,
    root: &Path,
    output: &Output,
) -> Result<Entry> {
    let new = New {
        document: &candidate.document,
        measurement: &measurement_name(&candidate.document.model),
        notes: &args.notes,
        server: &ServerArgs::default(),
    };
    let written = record::write(&new, root)?;
    let dir = Path::new(&written.entry);
    if !dir.is_dir() {
        return Err(Error::usage(format!(
            "the entry {} is registered where the server runs and cannot be reached from here; it has no role yet. Promote it by its name there",
            dir.display()
        )));
    }
    output.say(&format!("registered: {}", dir.display()));
    Ok(read_entry(dir)?)
}

fn report(
    args: &PromoteArgs,
    entry: &Entry,
    promotion: &Promotion,
    (candidate, file): (&Baseline, &Path),
    output: &Output,
) -> Result<()> {
    let name = format!(
        "{}@{}",
        perfbridge_registry::model_of(&entry.measurement),
        args.role
    );
    let next = format!(
        "perfbridge diff --baseline {} --current <new-run>",
        quoted(&name)
    );
    let scores = evals_of(candidate)?;
    if output.json() {
        return output.value(&json!({
            "schema": "perfbridge_promote_v1",
            "promoted": true,
            "family": entry.family,
            "measurement": entry.measurement,
            "model": candidate.document.model,
            "slug": entry.slug,
            "entry_dir": entry.dir,
            "role": args.role,
            "reason": promotion.reason,
            "replaces": promotion.replaces,
            "source_sha256": promotion.source_sha256,
            "evals": scores,
            "ratchet": promotion.ratchet,
            "against": promotion.against,
            "file": file,
            "next_command": next,
        }));
    }
    let against = promotion.against.as_ref();
    let judged = against.map_or_else(
        || "not judged against anything".to_owned(),
        |one| {
            format!(
                "{} by rule {} ({}) against {}",
                one.verdict, one.rule, one.tier, one.slug
            )
        },
    );
    let mut text = format!(
        "promoted    {}/{}@{}\nrole        {}\nreason      {}\nreplaces    {}\njudged      {judged}\n",
        entry.family,
        entry.measurement,
        entry.slug,
        args.role,
        promotion.reason,
        promotion.replaces.as_deref().unwrap_or("nothing"),
    );
    for score in scores {
        text.push_str(&format!("score       {}\n", said(&score)));
    }
    output.data(&format!("{text}next        {next}\n"))
}

/// A score as it is kept: `GPQA 0.71 (stated)`.
pub fn said(score: &Value) -> String {
    let text = |key: &str| score[key].as_str().unwrap_or_default().to_owned();
    let unit = if text("scale") == "percent" { " %" } else { "" };
    let metric = score["metric"]
        .as_str()
        .map_or_else(String::new, |metric| format!(" {metric}"));
    format!(
        "{}{metric} {}{unit} ({})",
        text("task"),
        score["value"],
        text("source")
    )
}
