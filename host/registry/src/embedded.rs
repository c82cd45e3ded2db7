//! The registry in this process: the verbs without a server.

use crate::arbiter::Arbiter;
use crate::desk::{Desk, Done};
use crate::entries::to_float;
use crate::envelope::{Envelope, VerbError, Verbs};
use crate::grants::Grants;
use crate::python::argparse::{CommandSpec, Outcome, Parsed};
use crate::python::json::{Value, pretty};
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
        let envelope = Envelope::of(verb, args);
        match options::parse(spec, &envelope.args) {
            Outcome::Help(stdout) => Envelope { stdout, ..envelope },
            Outcome::Refused(stderr) => Envelope {
                returncode: 2,
                stderr,
                ..envelope
            },
            Outcome::Run(parsed) => match work(&self.0, &parsed) {
                Ok(done) => fitted(done, envelope),
                Err(refusal) => Envelope {
                    returncode: refusal.code,
                    stderr: format!("FATAL: {}\n", refusal.message),
                    ..envelope
                },
            },
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

/// The most that a reply with a payload takes as it stands on the wire, in bytes; one whose own paths are longer than
/// that excepted. Language models read replies.
const MOST: usize = 4096;

/// The lists of a payload that give way, in this order; all of each stands in the bundle.
const LISTS: [(&str, &str); 2] = [
    ("rows", "rows_left_out"),
    ("missing_keys", "missing_keys_left_out"),
];

/// At most so many items of a list are tried.
const TRIED: usize = 32;

/// The reply with this payload, shortened until it fits.
fn fitted(done: Done, envelope: Envelope) -> Envelope {
    let mut payload = done.payload;
    loop {
        let stdout = pretty(&payload) + "\n";
        let reply = Envelope {
            json: serde_json::from_str(&stdout).ok(),
            stdout,
            stderr: done.warnings.clone(),
            ..envelope.clone()
        };
        let size = serde_json::to_string_pretty(&reply).map_or(0, |text| text.len());
        if size <= MOST || !shorten(&mut payload) {
            return reply;
        }
    }
}

/// Takes an item off a list, and counts it; false where nothing is left to be taken.
fn shorten(payload: &mut Value) -> bool {
    let Value::Dict(members) = payload else {
        return false;
    };
    for (name, left_out) in LISTS {
        let Some(Value::List(items)) = members.get_mut(name) else {
            continue;
        };
        if items.is_empty() {
            continue;
        }
        let before = items.len();
        items.truncate(TRIED.min(before - 1));
        let taken = before - items.len();
        let counted = members.get(left_out).and_then(to_float).unwrap_or(0.0);
        members.insert(left_out.to_owned(), (taken + counted as usize).into());
        return true;
    }
    false
}
