//! Lets the registry's verbs ask the component: `inference_perfbench_v1` documents are judged by it.

use crate::artefacts::Artefacts;
use crate::kept::Kept;
use crate::sandbox::judge::Form;
use crate::sandbox::{Case, Failure, Limits, Policy, Sandbox, Verdict};
use perfbridge_registry::{Arbiter, ArbiterFault, Ruling};
use std::sync::OnceLock;

/// The component behind the verbs, loaded when it is first asked so that a server starts at once.
pub struct ComponentArbiter {
    artefacts: Artefacts,
    limits: Limits,
    sandbox: OnceLock<Result<Sandbox, ArbiterFault>>,
}

impl ComponentArbiter {
    /// An arbiter that will run this component.
    pub fn new(artefacts: Artefacts, limits: Limits) -> Self {
        ComponentArbiter {
            artefacts,
            limits,
            sandbox: OnceLock::new(),
        }
    }
}

impl Arbiter for ComponentArbiter {
    fn judge(&self, baseline: &str, current: &str) -> Result<Ruling, ArbiterFault> {
        let internal = |message: String| ArbiterFault {
            code: "internal".to_owned(),
            message,
        };
        let sandbox = self
            .sandbox
            .get_or_init(|| Sandbox::of(&self.artefacts, self.limits).map_err(fault))
            .as_ref()
            .map_err(Clone::clone)?;
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
        let judgement = sandbox
            .judge(&case, &[Form::json(), Form::named("markdown")])
            .map_err(fault)?;
        let [json, markdown] = <[String; 2]>::try_from(judgement.texts)
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
            case: Kept::text(&policy, &[]).map_err(|error| internal(error.to_string()))?,
        })
    }
}

fn fault(failure: Failure) -> ArbiterFault {
    let error = crate::error::Error::from(failure);
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
