//! The registry in this process: the verbs without a server.

use crate::arbiter::Arbiter;
use crate::desk::{Desk, Done};
use crate::envelope::{Envelope, VerbError, Verbs};
use crate::grants::Grants;
use crate::python::argparse::{CommandSpec, Outcome, Parsed};
use crate::python::json::pretty;
use crate::refusal::Refusal;
use crate::surroundings::Surroundings;
use crate::verb::{Call, Verb};
use crate::{diff, options, record, search};

/// The embedded registry.
pub struct Embedded(Desk);

/// What does the work of a verb that takes options.
type Work = fn(&Desk, &Parsed) -> Result<Done, Refusal>;

impl Embedded {
    /// A registry with these grants, the real clock and machine, and no arbiter.
    pub fn new(grants: Grants) -> Self {
        Self(Desk::new(grants))
    }

    /// Lets `arbiter` judge pairs of `inference_perfbench_v1` documents.
    #[must_use]
    pub fn with_arbiter(mut self, arbiter: Box<dyn Arbiter>) -> Self {
        self.0.arbiter = Some(arbiter);
        self
    }

    /// Replaces the clock and the machine.
    #[must_use]
    pub fn with_surroundings(mut self, surroundings: Box<dyn Surroundings>) -> Self {
        self.0.surroundings = surroundings;
        self
    }

    /// The grants it was made with.
    pub fn grants(&self) -> &Grants {
        &self.0.grants
    }

    fn run(&self, verb: Verb, spec: &CommandSpec, args: &[String], work: Work) -> Envelope {
        let mut args = args.to_vec();
        if !args.iter().any(|arg| arg == "--json") {
            args.push("--json".to_owned());
        }
        let (returncode, stdout, stderr) = match options::parse(spec, &args) {
            Outcome::Help(text) => (0, text, String::new()),
            Outcome::Refused(text) => (2, String::new(), text),
            Outcome::Run(parsed) => match work(&self.0, &parsed) {
                Ok(done) => (0, pretty(&done.payload) + "\n", done.warnings),
                Err(refusal) => (
                    refusal.code,
                    String::new(),
                    format!("FATAL: {}\n", refusal.message),
                ),
            },
        };
        Envelope {
            returncode,
            json: serde_json::from_str(&stdout).ok(),
            stdout,
            stderr,
            ..Envelope::of(verb, args)
        }
    }
}

impl Verbs for Embedded {
    fn call(&self, call: &Call) -> Result<Envelope, VerbError> {
        let verb = call.verb();
        let options = |spec, args: &[String], work| Ok(self.run(verb, spec, args, work));
        let root = || self.0.grants.default_root();
        match call {
            Call::Diff(args) => options(&options::DIFF, args, diff::diff),
            Call::Record(args) => options(&options::RECORD, args, record::record),
            Call::Runbooks(query) => search::run(&root(), verb, search::RUNBOOKS, query),
            Call::Evidence(query) => search::run(&root(), verb, search::EVIDENCE, query),
        }
    }
}
