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

/// The reply with this payload, shortened as little as makes it fit.
fn fitted(done: Done, envelope: Envelope) -> Envelope {
    let (mut payload, stderr) = (done.payload, done.warnings);
    let empty = Envelope { stderr, ..envelope };
    if let Some(reply) = fitting(&payload, &empty) {
        return reply;
    }
    for (name, left_out) in LISTS {
        let Some(Value::List(items)) = payload.get(name) else {
            continue;
        };
        // The fewer items, the shorter, so that the most that fit are found by halves.
        let (mut found, mut least, mut most) = (None, 0, items.len().min(TRIED + 1));
        while least < most {
            let kept = least.midpoint(most);
            match fitting(&with_items(&payload, name, left_out, kept), &empty) {
                Some(reply) => (found, least) = (Some(reply), kept + 1),
                None => most = kept,
            }
        }
        if let Some(reply) = found {
            return reply;
        }
        payload = with_items(&payload, name, left_out, 0);
    }
    filled(pretty(&payload) + "\n", &empty)
}

/// The reply with a payload, where it fits.
fn fitting(payload: &Value, empty: &Envelope) -> Option<Envelope> {
    let stdout = pretty(payload) + "\n";
    // The payload stands in the reply twice.
    if stdout.len() > MOST {
        return None;
    }
    let reply = filled(stdout, empty);
    let size = serde_json::to_string_pretty(&reply).map_or(0, |text| text.len());
    (size <= MOST).then_some(reply)
}

fn filled(stdout: String, empty: &Envelope) -> Envelope {
    Envelope {
        json: serde_json::from_str(&stdout).ok(),
        stdout,
        ..empty.clone()
    }
}

/// The payload with the first items of a list alone, and the number of the others.
fn with_items(payload: &Value, name: &str, left_out: &str, kept: usize) -> Value {
    let mut payload = payload.clone();
    let Value::Dict(members) = &mut payload else {
        return payload;
    };
    let counted = members.get(left_out).and_then(to_float).unwrap_or(0.0);
    if let Some(Value::List(items)) = members.get_mut(name)
        && !items.is_empty()
    {
        let taken = items.len() - kept;
        items.truncate(kept);
        members.insert(left_out.to_owned(), (taken + counted as usize).into());
    }
    payload
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::json::dict;

    /// A payload with lists whose items have these sizes.
    fn done(rows: &[usize], missing: &[usize]) -> Done {
        let list = |sizes: &[usize]| {
            let items = sizes.iter().map(|size| Value::Str("x".repeat(*size)));
            Value::List(items.collect())
        };
        Done {
            payload: dict([("rows", list(rows)), ("missing_keys", list(missing))]),
            warnings: String::new(),
        }
    }

    fn kept(reply: &Envelope, name: &str) -> (usize, Option<u64>) {
        let json = reply.json.as_ref().expect("a payload");
        let left_out = json.get(format!("{name}_left_out"));
        let items = json[name].as_array().expect("a list").len();
        (items, left_out.and_then(serde_json::Value::as_u64))
    }

    fn size(reply: &Envelope) -> usize {
        serde_json::to_string_pretty(reply).expect("JSON").len()
    }

    #[test]
    fn a_reply_keeps_as_many_rows_as_fit() {
        let empty = Envelope::of(Verb::Diff, Vec::new());
        for length in [1, 2, 7, 31, 32, 33, 34, 80] {
            for step in [0, 1, 13, 90, 700] {
                let sizes: Vec<_> = (0..length).map(|at| 10 + at * step % 900).collect();
                let all = done(&sizes, &[]).payload;
                let reply = fitted(done(&sizes, &[]), empty.clone());
                assert!(size(&reply) <= MOST);
                let (rows, left_out) = kept(&reply, "rows");
                assert_eq!(left_out.unwrap_or(0) as usize, length - rows);
                if rows == length {
                    continue;
                }
                assert!(fitting(&all, &empty).is_none());
                let more = with_items(&all, "rows", "rows_left_out", rows + 1);
                let is_most = rows == TRIED || rows + 1 == length;
                assert!(
                    is_most || fitting(&more, &empty).is_none(),
                    "{length} {step}"
                );
            }
        }
    }

    #[test]
    fn lost_keys_give_way_behind_all_rows() {
        let reply = fitted(
            done(&[100; 50], &[300; 20]),
            Envelope::of(Verb::Diff, Vec::new()),
        );
        assert_eq!(kept(&reply, "rows"), (0, Some(50)));
        let (keys, left_out) = kept(&reply, "missing_keys");
        assert!((1..10).contains(&keys) && left_out == Some(20 - keys as u64));
    }

    #[test]
    fn what_cannot_be_shortened_is_told_as_it_is() {
        let mut long = done(&[], &[]);
        if let Value::Dict(members) = &mut long.payload {
            members.insert("answer".to_owned(), Value::Str("x".repeat(2 * MOST)));
        }
        let reply = fitted(long, Envelope::of(Verb::Diff, Vec::new()));
        assert!(size(&reply) > MOST && kept(&reply, "rows") == (0, None));
    }
}
