//! Lets the registry's verbs ask the component: `inference_perfbench_v1` documents are judged by it.

use crate::artefacts::Artefacts;
use crate::bundle::sha256;
use crate::components;
use crate::error::{Error, Result as Answer};
use crate::kept::{Kept, Past};
use crate::sandbox::judge::{Form, Judgement};
use crate::sandbox::{Case, Limits, Policy, Sandbox, Verdict};
use crate::seal::Seal;
use perfbridge_registry::{Arbiter, ArbiterFault, Ruling};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// How the verbs read what they are given.
#[derive(Clone, Copy)]
pub struct Reads {
    /// The run in a directory as the text of its document, with this revision; none where there is no run.
    pub run: fn(&Sandbox, &Path, Option<String>) -> Answer<Option<String>>,
    /// Earlier runs of the measurement that an entry is of.
    pub past: fn(&Sandbox, &Path) -> Answer<Past>,
    /// The document of an entry with the scores that it was paired with later.
    pub paired: fn(&Sandbox, &Path, &str) -> Answer<String>,
    /// The root of the registry that an entry lies in.
    pub root: fn(&Path) -> Option<PathBuf>,
}

/// The form of a judgement that `HANDOFF.md` holds.
pub const HANDOFF_FORM: &str = "handoff";

/// The component behind the verbs, loaded when it is first asked so that a server starts at once.
pub struct ComponentArbiter {
    artefacts: Artefacts,
    limits: Limits,
    reads: Reads,
    policy: Policy,
    policy_text: Option<String>,
    sandbox: OnceLock<Result<Sandbox, ArbiterFault>>,
}

impl ComponentArbiter {
    /// An arbiter that will run this component, by this policy, which is that of a file with this text.
    pub fn new(
        artefacts: Artefacts,
        limits: Limits,
        reads: Reads,
        policy: Policy,
        policy_text: Option<String>,
    ) -> Self {
        ComponentArbiter {
            artefacts,
            limits,
            reads,
            policy,
            policy_text,
            sandbox: OnceLock::new(),
        }
    }

    fn sandbox(&self) -> Result<&Sandbox, ArbiterFault> {
        let load = || {
            let loaded = self.artefacts.sandbox(self.limits);
            loaded.map_err(|failure| fault(failure.into()))
        };
        self.sandbox
            .get_or_init(load)
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl Arbiter for ComponentArbiter {
    fn judge(&self, entry: &Path, baseline: &str, current: &str) -> Result<Ruling, ArbiterFault> {
        let sandbox = self.sandbox()?;
        let past = (self.reads.past)(sandbox, entry).map_err(fault)?;
        let paired = (self.reads.paired)(sandbox, entry, baseline).map_err(fault)?;
        let case = Case {
            baseline: &paired,
            current,
            history: &past.documents,
            policy: &self.policy,
        };
        let forms = RULED.map(Form::named);
        let judgement = sandbox.judge(&case, &forms);
        let judgement = judgement.map_err(|failure| fault(failure.into()))?;
        let kept = Kept::text(&self.policy, &past.named).map_err(fault)?;
        if let Some(root) = (self.reads.root)(entry) {
            components::keep(&root, &self.artefacts).map_err(fault)?;
        }
        let policy = self.policy_text.as_deref();
        let seal = Seal::of(&self.artefacts, &case, &kept, policy, MARKDOWN_FORM);
        let snapshot = sha256(baseline.as_bytes());
        let inputs = seal.inputs(&case, policy, &|hash| seal.is_pointed_at(hash, &snapshot));
        ruling(&judgement, &judgement.texts, &seal, (kept, inputs)).map_err(fault)
    }

    fn read(&self, dir: &Path, revision: Option<String>) -> Result<Option<String>, ArbiterFault> {
        (self.reads.run)(self.sandbox()?, dir, revision).map_err(fault)
    }

    fn take_over(&self, handoff: &str, earlier: &str) -> Result<String, ArbiterFault> {
        let taken = self.sandbox()?.take_over(handoff, earlier);
        taken.map_err(|failure| fault(failure.into()))
    }
}

/// What was judged before the verb is called: its bundle says the same.
pub struct Decided(pub Ruling);

impl Arbiter for Decided {
    fn judge(&self, _: &Path, _: &str, _: &str) -> Result<Ruling, ArbiterFault> {
        Ok(self.0.clone())
    }
}

/// The form of a judgement that `verdict.md` holds where nothing else was asked for.
const MARKDOWN_FORM: &str = "markdown";

/// The forms that a ruling is made of.
pub const RULED: [&str; 4] = ["json", MARKDOWN_FORM, "answer", HANDOFF_FORM];

/// What of the JSON of a judgement is told in the bundle once more; the rest of it is passed over.
#[derive(serde::Deserialize)]
struct Told {
    #[serde(default)]
    rows: serde_json::Value,
}

/// A judgement for the registry, of its texts in the forms [`RULED`], with its `case.json` and the inputs that stand nowhere
/// else.
///
/// # Errors
/// Internal ones only.
pub fn ruling(
    judgement: &Judgement,
    texts: &[String],
    seal: &Seal,
    (case, inputs): (String, Vec<(String, String)>),
) -> Answer<Ruling> {
    let [json, markdown, answer, handoff] = texts else {
        return Err(Error::internal(
            "the component wrote other forms than were asked for",
        ));
    };
    let Told { rows } =
        serde_json::from_str(json).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Ruling {
        verdict: word(judgement.verdict).to_owned(),
        rule: judgement.rule.clone(),
        why: judgement.reason.clone(),
        rows,
        judgement: seal.beside(json)?,
        markdown: markdown.clone(),
        answer: answer.clone(),
        handoff: handoff.clone(),
        case,
        inputs,
    })
}

fn fault(error: Error) -> ArbiterFault {
    ArbiterFault {
        code: error.code.to_owned(),
        message: error.to_string(),
    }
}

/// The name of a verdict.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Green => "GREEN",
        Verdict::Yellow => "YELLOW",
        Verdict::Red => "RED",
        Verdict::NoVerdict => "NO_VERDICT",
    }
}
