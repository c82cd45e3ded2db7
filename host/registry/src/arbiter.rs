//! The judge of `inference_perfbench_v1` documents, which lives elsewhere: the registry decides nothing about numbers.

use std::fmt;
use std::path::Path;

/// The family of the runs that an arbiter can read.
pub const READ_FAMILY: &str = "inference";

/// Reads benchmark runs into `inference_perfbench_v1` documents, and judges two of them.
pub trait Arbiter: Send + Sync {
    /// Compares the text of the current document with that of the baseline, which `entry` is the directory of.
    ///
    /// # Errors
    /// A document that cannot be judged at all. A judgement that finds no verdict is no error: it is a ruling
    /// `NO_VERDICT`.
    fn judge(&self, entry: &Path, baseline: &str, current: &str) -> Result<Ruling, ArbiterFault>;

    /// The text of the document of the run in a directory; none where the directory holds no run. `revision` is the
    /// commit of the registry's repository, for the provenance.
    ///
    /// # Errors
    /// A run that is there and cannot be read.
    fn read(&self, _dir: &Path, _revision: Option<String>) -> Result<Option<String>, ArbiterFault> {
        Ok(None)
    }

    /// The `handoff` of a ruling with what an earlier `HANDOFF.md` of the same measurement knows.
    ///
    /// # Errors
    /// The arbiter cannot be asked.
    fn take_over(&self, handoff: &str, _earlier: &str) -> Result<String, ArbiterFault> {
        Ok(handoff.to_owned())
    }
}

/// What the arbiter found.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// `GREEN`, `YELLOW`, `RED` or `NO_VERDICT`.
    pub verdict: String,
    /// The rule that decided, for example `RED headline`.
    pub rule: String,
    /// One sentence.
    pub why: String,
    /// The judgement in at most 1 KB of plain text, for language models.
    pub answer: String,
    /// The rows of the comparison.
    pub rows: serde_json::Value,
    /// The whole judgement, `perfbridge_judgement_v1`, with what it was made of: `verdict.json`.
    pub judgement: String,
    /// The judgement for people.
    pub markdown: String,
    /// The levers for whoever goes on: `HANDOFF.md`.
    pub handoff: String,
    /// What is kept of the case besides the documents, to judge it again: `case.json`.
    pub case: String,
    /// Inputs that stand nowhere else, by their names: kept in the folder [`INPUTS`] of the bundle.
    pub inputs: Vec<(String, String)>,
}

/// The folder of a bundle for inputs that stand nowhere else.
pub const INPUTS: &str = "inputs";

/// The arbiter could not judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArbiterFault {
    /// A stable code.
    pub code: String,
    /// One sentence: what was found, what was expected, what to do.
    pub message: String,
}

impl fmt::Display for ArbiterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for ArbiterFault {}
