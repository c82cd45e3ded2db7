//! The diff bundle of a judgement, which a verb writes.

use super::case::Sides;
use super::output::Output;
use super::scratch::{Scratch, kept};
use crate::arbiter::{Decided, ruling};
use crate::artefacts::Artefacts;
use crate::components;
use crate::error::{Error, Result};
use crate::registry::{self, ServerArgs};
use crate::sandbox::judge::Judgement;
use crate::seal::Seal;
use perfbridge_registry::{Envelope, Ruling, Verb, Verbs};
use std::path::{Path, PathBuf};

/// The umbrella of the verb. The judgement of the component is the authoritative one.
const UMBRELLA_PERCENT: &str = "5";

/// Who writes the bundle.
pub struct To<'a> {
    /// The server that was named, if one was.
    pub server: &'a ServerArgs,
    /// Whether the judgement is kept in a directory as well.
    pub has_out: bool,
}

/// A judgement with all that a bundle says of it.
pub struct Ruled<'a> {
    /// What was judged.
    pub judgement: &'a Judgement,
    /// Its texts in the forms of a ruling.
    pub texts: &'a [String],
    /// `case.json`.
    pub case: &'a str,
    /// What it was made of.
    pub seal: &'a Seal,
}

impl Ruled<'_> {
    fn ruling(&self, sides: &Sides) -> Result<Ruling> {
        let entry = sides.baseline.entry.as_ref();
        let snapshot = entry.and_then(|entry| entry.baseline.source_sha256.as_deref());
        let pointed = |hash: &str| self.seal.is_pointed_at(hash, snapshot.unwrap_or_default());
        let policy = sides.policy_text.as_deref();
        let inputs = self.seal.inputs(&sides.case(), policy, &pointed);
        ruling(
            self.judgement,
            self.texts,
            self.seal,
            (self.case.to_owned(), inputs),
        )
    }
}

/// What the verb has done, and the verbs to go on with.
pub struct Written {
    /// They can be asked more.
    pub verbs: Box<dyn Verbs>,
    /// What the verb said that it wrote.
    pub made: Option<String>,
    /// That directory, if it can be reached from here.
    pub dir: Option<PathBuf>,
}

/// Has the verb write its diff bundle, and says what the verb's own verdict is. Where the verb refuses or does not
/// answer, the judgement still stands: it does not depend on the verb.
pub fn write(
    to: &To<'_>,
    sides: &Sides,
    ruled: &Ruled<'_>,
    artefacts: &Artefacts,
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
    let external = registry::external(to.server, Some(root))?.is_some();
    let decided = Decided(ruled.ruling(sides)?);
    components::keep(root, artefacts)?;
    let verbs = registry::verbs(to.server, root, Some(Box::new(decided)));
    let asked = verbs.and_then(|verbs| Ok((verbs.diff(&arguments)?, verbs)));
    let (envelope, verbs) = match asked {
        Ok(answered) => answered,
        Err(error) => {
            unwritten(&kept(error, scratch));
            return Ok(None);
        }
    };
    let (made, dir) = reached(&envelope, external, to.has_out, output);
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
