//! What a diff bundle keeps of its case beside the two documents, so that it can be judged again.

use crate::error::{Error, Result};
use crate::report::Policing;
use crate::sandbox::Policy;
use serde::{Deserialize, Serialize};

/// Its file in a diff bundle.
pub const CASE: &str = "case.json";

/// The policy that judged, and the entries that the noise was taken from.
#[derive(Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Always `perfbridge_case_v1`.
    schema: Schema,
    /// The policy.
    pub policy: Policing,
    /// Entries of the registry as `FAMILY/MEASUREMENT@SLUG`, in the order in which they were handed to the component.
    pub history: Vec<String>,
}

#[derive(Serialize, Deserialize, Debug)]
enum Schema {
    #[serde(rename = "perfbridge_case_v1")]
    V1,
}

/// Earlier runs of the same measurement.
#[derive(Default)]
pub struct Past {
    /// Their entries, as `FAMILY/MEASUREMENT@SLUG`.
    pub named: Vec<String>,
    /// Their documents.
    pub documents: Vec<String>,
}

impl Kept {
    /// The text of the file.
    ///
    /// # Errors
    /// Internal ones only.
    pub fn text(policy: &Policy, history: &[String]) -> Result<String> {
        let kept = Kept {
            schema: Schema::V1,
            policy: Policing::from(policy),
            history: history.to_vec(),
        };
        let text = serde_json::to_string_pretty(&kept);
        text.map(|text| text + "\n")
            .map_err(|error| Error::internal(error.to_string()))
    }
}
