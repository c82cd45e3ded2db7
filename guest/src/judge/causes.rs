//! What explains a change, before contention, routing or code: what changed between the runs, a cold start, another
//! regime, other traffic, another definition. Advice and levers begin with the same list.

use super::identity::{self, Change};
use super::row::Row;
use super::rule::{Rule, Verdict};
use super::status::Status;
use crate::finding::{self, Finding, FindingCode};
use serde::{Serialize, Serializer};

/// What trying something takes, the benchmark that proves or refutes it included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// A look, or a server started anew with another option.
    Minutes,
    /// A comparison of settings, or several runs.
    Hours,
    /// Something to be built first.
    Days,
}

impl Cost {
    /// In documents and texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Cost::Minutes => "minutes",
            Cost::Hours => "hours",
            Cost::Days => "days",
        }
    }
}

impl Serialize for Cost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One cause that the inputs show.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// What was seen.
    pub seen: String,
    /// What joins it to the advice.
    joint: &'static str,
    /// What the advice says to do about it.
    remedy: &'static str,
    /// The same as a lever.
    pub lever: &'static str,
    /// What pulling it may give back.
    pub unlock: &'static str,
    /// What pulling it takes.
    pub cost: Cost,
    /// Where the rule comes from.
    pub source: &'static str,
}

/// A finding that explains a change: what to do, as a sentence and as a lever.
struct Explains {
    code: FindingCode,
    remedy: &'static str,
    lever: &'static str,
    unlock: &'static str,
    source: &'static str,
}

const FINDINGS: [Explains; 3] = [
    Explains {
        code: FindingCode::ColdStart,
        remedy: "repeat with a longer warm-up, of at least the concurrency, before anything else.",
        lever: "warm up with at least as many requests as are in flight at once, on both sides",
        unlock: "the share of the loss that the first requests are",
        source: "the first requests compile graphs and fill caches; finding COLD_START",
    },
    Explains {
        code: FindingCode::RegimeDiffers,
        remedy: "repeat both sides from the same state of the cache before anything else.",
        lever: "start both sides from the same state of the prefix cache",
        unlock: "the whole loss, if hits of an earlier run made the difference",
        source: "specification: comparisons are matched on the regime, warm or cold",
    },
    Explains {
        code: FindingCode::OtherTraffic,
        remedy: "repeat with the server alone before anything else.",
        lever: "repeat with no other load on the server",
        unlock: "the whole loss, if the other load took it",
        source: "the server generated more tokens than this client received; finding OTHER_TRAFFIC",
    },
];

impl Cause {
    /// The cause as advice says it.
    pub fn advice(&self) -> String {
        format!("{}{} {}", self.seen, self.joint, self.remedy)
    }
}

/// The causes of an answer that is not GREEN; what changed comes first. None where the two runs are not to be
/// compared at all: there is no change to explain.
pub fn of(rule: Rule, rows: &[Row], findings: &[Finding], changed: &[Change]) -> Vec<Cause> {
    if rule.verdict() == Verdict::Green || matches!(rule, Rule::NotComparable | Rule::SameRun) {
        return Vec::new();
    }
    let found = FINDINGS.iter().filter_map(|explains| {
        let seen = finding::first(findings, explains.code.clone())?
            .message
            .clone();
        Some(Cause {
            seen,
            joint: ":",
            remedy: explains.remedy,
            lever: explains.lever,
            unlock: explains.unlock,
            cost: Cost::Minutes,
            source: explains.source,
        })
    });
    let mut causes: Vec<Cause> = of_changes(changed).into_iter().chain(found).collect();
    causes.extend(of_definitions(rows));
    causes
}

fn of_changes(changed: &[Change]) -> Option<Cause> {
    (!changed.is_empty()).then(|| Cause {
        seen: format!("changed between the runs: {}", identity::in_words(changed)),
        joint: ";",
        remedy: "rule this out first.",
        lever: "take back what changed between the runs, one at a time",
        unlock: "the whole loss, if one of them made it",
        cost: Cost::Hours,
        source: "specification: comparisons are matched on the serving configuration",
    })
}

fn of_definitions(rows: &[Row]) -> Option<Cause> {
    let mut mismatched = rows
        .iter()
        .filter(|row| row.status == Status::DefinitionMismatch)
        // Other SLOs explain no change of anything else.
        .filter(|row| !row.metric.quantity.is_asked_for());
    let first = mismatched.find_map(|row| row.because.as_deref())?;
    Some(Cause {
        seen: format!("numbers of different definitions were not compared: {first}"),
        joint: ";",
        remedy: "measure both sides alike.",
        lever: "measure both sides with one tool and the same options",
        unlock: "none by itself: numbers of two definitions become comparable",
        cost: Cost::Hours,
        source: "numbers of one name in two definitions; status DEFINITION_MISMATCH",
    })
}
