//! The registry in this process: the four verbs without a server.

use crate::args::{self, Outcome, Parsed, VerbSpec};
use crate::envelope::{Envelope, Refusal, VerbError, Verbs};
use crate::grants::Grants;
use crate::pyjson::{self, Value};
use crate::surroundings::{Real, Surroundings};
use crate::{Arbiter, diff, record, search};

/// The embedded registry.
pub struct Embedded {
    pub(crate) grants: Grants,
    pub(crate) surroundings: Box<dyn Surroundings>,
    pub(crate) arbiter: Option<Box<dyn Arbiter>>,
}

/// What a verb did.
pub(crate) struct Done {
    /// The payload.
    pub payload: Value,
    /// Lines for stderr, empty if all went well.
    pub warnings: String,
}

impl Embedded {
    /// A registry with these grants, the real clock and machine, and no arbiter.
    pub fn new(grants: Grants) -> Self {
        Self {
            grants,
            surroundings: Box::new(Real),
            arbiter: None,
        }
    }

    /// Lets `arbiter` judge pairs of `inference_perfbench_v1` documents.
    #[must_use]
    pub fn with_arbiter(mut self, arbiter: Box<dyn Arbiter>) -> Self {
        self.arbiter = Some(arbiter);
        self
    }

    /// Replaces the clock and the machine.
    #[must_use]
    pub fn with_surroundings(mut self, surroundings: Box<dyn Surroundings>) -> Self {
        self.surroundings = surroundings;
        self
    }

    /// The grants it was made with.
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    fn run(
        &self,
        tool: &str,
        spec: &VerbSpec,
        args: &[String],
        verb: impl FnOnce(&Self, &Parsed) -> Result<Done, Refusal>,
    ) -> Envelope {
        let mut args = args.to_vec();
        if !args.iter().any(|arg| arg == "--json") {
            args.push("--json".to_owned());
        }
        let (returncode, stdout, stderr) = match args::parse(spec, &args) {
            Outcome::Help(text) => (0, text, String::new()),
            Outcome::Refused(text) => (2, String::new(), text),
            Outcome::Run(parsed) => match verb(self, &parsed) {
                Ok(done) => (0, pyjson::pretty(&done.payload) + "\n", done.warnings),
                Err(refusal) => (
                    refusal.code,
                    String::new(),
                    format!("FATAL: {}\n", refusal.message),
                ),
            },
        };
        Envelope {
            tool: tool.to_owned(),
            library: "perf_baseline".to_owned(),
            verb: spec.name.to_owned(),
            safety: "writes_artifacts".to_owned(),
            ack_required: false,
            ack_field: None,
            args,
            returncode,
            json: serde_json::from_str(&stdout).ok(),
            stdout,
            stderr,
        }
    }
}

impl Verbs for Embedded {
    fn record(&self, args: &[String]) -> Result<Envelope, VerbError> {
        Ok(self.run("perf_baseline_record", &args::RECORD, args, record::record))
    }

    fn diff(&self, args: &[String]) -> Result<Envelope, VerbError> {
        Ok(self.run("perf_baseline_diff", &args::DIFF, args, diff::diff))
    }

    fn search_evidence(&self, query: &str, limit: u32) -> Result<Envelope, VerbError> {
        search::run(
            &self.grants.default_root(),
            "search_evidence",
            search::EVIDENCE,
            query,
            limit,
        )
    }

    fn search_runbooks(&self, query: &str, limit: u32) -> Result<Envelope, VerbError> {
        search::run(
            &self.grants.default_root(),
            "search_runbooks",
            search::RUNBOOKS,
            query,
            limit,
        )
    }
}
