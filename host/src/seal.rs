//! What a verdict names so that it can be made again: who judged, by what, and of which inputs.

use crate::artefacts::Artefacts;
use crate::bundle::sha256;
use crate::error::Result;
use crate::references::with_member;
use crate::sandbox::Case;
use serde::{Deserialize, Serialize};

/// The member of `verdict.json` that it stands in.
pub const MEMBER: &str = "replay";

/// Hashes, each a SHA-256 in 64 hex digits.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The component that judged.
    pub component_sha256: String,
    /// The version of the program that carried it.
    pub perfbridge_version: String,
    /// The bytes of the policy file; null where none was used.
    pub policy_sha256: Option<String>,
    /// `case.json`: the policy that was in force with every option, and the names of the history.
    pub case_sha256: String,
    /// The document of the baseline as it was judged.
    pub baseline_sha256: String,
    /// The document of the current run as it was judged.
    pub current_sha256: String,
    /// The documents of the history, in the order of `case.json`.
    pub history_sha256: Vec<String>,
    /// The form that `verdict.md` has.
    pub markdown: String,
}

impl Seal {
    /// The seal of a judgement. `case_text` is `case.json`, `policy` the text of the policy file.
    pub fn of(
        artefacts: &Artefacts,
        case: &Case<'_>,
        case_text: &str,
        policy: Option<&str>,
        markdown: &str,
    ) -> Seal {
        let hash = |text: &str| sha256(text.as_bytes());
        Seal {
            component_sha256: artefacts.component_sha256().to_owned(),
            perfbridge_version: env!("CARGO_PKG_VERSION").to_owned(),
            policy_sha256: policy.map(hash),
            case_sha256: hash(case_text),
            baseline_sha256: hash(case.baseline),
            current_sha256: hash(case.current),
            history_sha256: case.history.iter().map(|text| hash(text)).collect(),
            markdown: markdown.to_owned(),
        }
    }

    /// A judgement as JSON text with the seal behind its own members.
    ///
    /// # Errors
    /// Internal ones only.
    pub fn beside(&self, judgement: &str) -> Result<String> {
        with_member(judgement, MEMBER, self)
    }

    /// Whether a bundle of the registry has an input without keeping it: the current run is its snapshot, the history lies in
    /// entries, and the baseline too unless it was paired with scores later. `snapshot` is the hash of the entry's.
    pub fn is_pointed_at(&self, hash: &str, snapshot: &str) -> bool {
        hash == self.current_sha256
            || hash == snapshot
            || self.history_sha256.iter().any(|of| of == hash)
    }

    /// The inputs of the case by the names that they are kept under, but those whose hash stands elsewhere.
    pub fn inputs(
        &self,
        case: &Case<'_>,
        policy: Option<&str>,
        elsewhere: &dyn Fn(&str) -> bool,
    ) -> Vec<(String, String)> {
        let documents = [
            (&self.baseline_sha256, case.baseline),
            (&self.current_sha256, case.current),
        ];
        let history = self.history_sha256.iter().zip(case.history);
        let history = history.map(|(hash, text)| (hash, text.as_str()));
        let all = documents.into_iter().chain(history);
        let mut kept: Vec<(String, String)> = Vec::new();
        for (hash, text) in all.filter(|(hash, _)| !elsewhere(hash)) {
            let name = document_name(hash);
            if kept.iter().all(|(known, _)| *known != name) {
                kept.push((name, text.to_owned()));
            }
        }
        if let (Some(hash), Some(text)) = (&self.policy_sha256, policy) {
            kept.push((policy_name(hash), text.to_owned()));
        }
        kept
    }
}

/// What a document of this hash is called among the inputs.
pub fn document_name(sha256: &str) -> String {
    format!("{sha256}.json")
}

/// What a policy file of this hash is called among the inputs.
pub fn policy_name(sha256: &str) -> String {
    format!("{sha256}.toml")
}
