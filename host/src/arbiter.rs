//! Lets the registry's verbs ask the component: `inference_perfbench_v1` documents are judged by it.

use crate::artefacts::Artefacts;
use crate::error::Error;
use crate::kept::Kept;
use crate::sandbox::judge::Form;
use crate::sandbox::{Case, Limits, Policy, Sandbox, Verdict};
use perfbridge_registry::{Arbiter, ArbiterFault, Ruling};
use std::path::Path;
use std::sync::OnceLock;

/// Reads the run in a directory into the text of its document; none where there is no run.
pub type Read = fn(&Sandbox, &Path, Option<String>) -> Result<Option<String>, Error>;

/// The form of a judgement that `HANDOFF.md` holds.
pub const HANDOFF_FORM: &str = "handoff";

/// The component behind the verbs, loaded when it is first asked so that a server starts at once.
pub struct ComponentArbiter {
    artefacts: Artefacts,
    limits: Limits,
    read: Read,
    sandbox: OnceLock<Result<Sandbox, ArbiterFault>>,
}

impl ComponentArbiter {
    /// An arbiter that will run this component.
    pub fn new(artefacts: Artefacts, limits: Limits, read: Read) -> Self {
        ComponentArbiter {
            artefacts,
            read,
            limits,
            sandbox: OnceLock::new(),
        }
    }

    fn sandbox(&self) -> Result<&Sandbox, ArbiterFault> {
        let load = || {
            let loaded = Sandbox::of(&self.artefacts, self.limits);
            loaded.map_err(|failure| fault(failure.into()))
        };
        self.sandbox
            .get_or_init(load)
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl Arbiter for ComponentArbiter {
    fn judge(&self, baseline: &str, current: &str) -> Result<Ruling, ArbiterFault> {
        let internal = |message: String| ArbiterFault {
            code: "internal".to_owned(),
            message,
        };
        let policy = Policy {
            tolerances: vec![],
            headline: None,
            vary: vec![],
            observe_tails: false,
            baseline_max_age_days: None,
        };
        let case = Case {
            baseline,
            current,
            history: &[],
            policy: &policy,
        };
        let forms = [
            Form::json(),
            Form::named("markdown"),
            Form::named("answer"),
            Form::named(HANDOFF_FORM),
        ];
        let judgement = self
            .sandbox()?
            .judge(&case, &forms)
            .map_err(|failure| fault(failure.into()))?;
        let [json, markdown, answer, handoff] = <[String; 4]>::try_from(judgement.texts)
            .map_err(|_| internal("the component wrote other forms".to_owned()))?;
        let parsed: serde_json::Value =
            serde_json::from_str(&json).map_err(|error| internal(error.to_string()))?;
        Ok(Ruling {
            verdict: word(judgement.verdict).to_owned(),
            rule: judgement.rule,
            why: judgement.reason,
            rows: parsed["rows"].clone(),
            judgement: parsed,
            markdown,
            answer,
            handoff,
            case: Kept::text(&policy, &[]).map_err(|error| internal(error.to_string()))?,
        })
    }

    fn read(&self, dir: &Path, revision: Option<String>) -> Result<Option<String>, ArbiterFault> {
        (self.read)(self.sandbox()?, dir, revision).map_err(fault)
    }

    fn take_over(&self, handoff: &str, earlier: &str) -> Result<String, ArbiterFault> {
        let taken = self.sandbox()?.take_over(handoff, earlier);
        taken.map_err(|failure| fault(failure.into()))
    }
}

fn fault(error: Error) -> ArbiterFault {
    ArbiterFault {
        code: error.code.to_owned(),
        message: error.to_string(),
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Green => "GREEN",
        Verdict::Yellow => "YELLOW",
        Verdict::Red => "RED",
        Verdict::NoVerdict => "NO_VERDICT",
    }
}
