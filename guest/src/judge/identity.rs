//! Whether two runs measured the same thing.

use super::failures::{UNKNOWN_ERROR_RATE, fails_at_most};
use super::lengths::LENGTHS;
use super::policy::Policy;
use crate::document::{Cell, Document};
use crate::fields::{self, FIELDS, Field, LOAD};
use crate::finding::{Finding, FindingCode};
use crate::measure::shown::UNRECORDED;
use crate::measure::{Load, LoadKind, Number, Place, Quantity, headline};
use serde::Serialize;
use serde_json::Value;

/// The comparison of two identities, as lists of field names.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Identity {
    /// Known and equal on both sides.
    pub matched: Vec<String>,
    /// Different, and not declared as what was changed.
    pub mismatched: Vec<String>,
    /// Not known on one side or on both.
    pub unknown: Vec<String>,
    /// Different, and declared as varied.
    pub varied: Vec<String>,
}

/// A field that may differ and does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Dotted path.
    pub field: String,
    /// The baseline's value; null when unrecorded.
    pub baseline: Value,
    /// The current value; null when unrecorded.
    pub current: Value,
}

/// Compares the identities of two documents; what differs is also a finding with both values.
pub fn compare(
    baseline: &Document,
    current: &Document,
    policy: &Policy,
    findings: &mut Vec<Finding>,
) -> Identity {
    let mut identity = Identity::default();
    for field in FIELDS.iter().filter(|field| field.identity) {
        let sides = [baseline, current].map(|document| fields::get(&document.map, field.path));
        match sides {
            [Some(a), Some(b)] if fields::same(a, b) => {
                identity.matched.push(field.name().to_owned())
            }
            [Some(a), Some(b)] => {
                let (a, b) = (fields::plain(a), fields::plain(b));
                identity.differs(field.name(), field.path, &a, &b, policy, findings);
            }
            [a, b] => {
                if a.is_some() != b.is_some() {
                    one_sided(field.path, a, findings);
                }
                identity.unknown.push(field.name().to_owned());
            }
        }
    }
    let sides = [baseline, current];
    identity.of_places(LOAD, sides, policy, findings, load);
    for (name, quantity, _) in LENGTHS {
        identity.of_places(name, sides, policy, findings, |place, cells| {
            length(quantity, place, cells)
        });
    }
    identity
}

/// What one place says of a field on both sides.
enum Here {
    /// Two values, and where they stand.
    Differs { path: String, values: [String; 2] },
    /// One value.
    Same,
    /// One value in all that both state, and something that one side alone does.
    SameAsFarAsStated,
    /// One side alone states it.
    OneSided,
    /// Neither does.
    Unknown,
}

/// How load was put on a place.
fn load(place: Place, cells: [&Cell; 2]) -> Here {
    match cells.map(|cell| &cell.load) {
        [Some(a), Some(b)] if a.difference(b).is_some() => Here::Differs {
            path: place.path().unwrap_or_default() + "." + LOAD,
            values: [a, b].map(load_words),
        },
        [Some(a), Some(b)] if loads_unknown(a, b) => Here::SameAsFarAsStated,
        [Some(_), Some(_)] => Here::Same,
        [None, None] => Here::Unknown,
        _ => Here::OneSided,
    }
}

/// A mean length. Where requests failed, lengths are those of the survivors.
fn length(quantity: Quantity, place: Place, cells: [&Cell; 2]) -> Here {
    match cells.map(|cell| cell.get(quantity)) {
        [Some(a), Some(b)] => {
            let whole = cells
                .iter()
                .all(|cell| fails_at_most(cell, UNKNOWN_ERROR_RATE));
            if whole && fields::lengths_differ(a, b) {
                Here::Differs {
                    path: Number::new(quantity, place).path(),
                    values: [a, b].map(|value| format!("{value:.1}")),
                }
            } else {
                Here::Same
            }
        }
        [None, None] => Here::Unknown,
        _ => Here::OneSided,
    }
}

/// The load of a place without what the place itself says: its kind, and how evenly or by which trace requests
/// are sent, and how they began.
fn load_words(load: &Load) -> String {
    let mut words = load.kind.as_str().to_owned();
    if let (LoadKind::UserCentric, Some(users)) = (load.kind, load.concurrency) {
        words.push_str(&format!(", {users} users"));
    }
    if let Some(burstiness) = load.burstiness {
        words.push_str(&format!(", burstiness {burstiness}"));
    }
    if let Some(schedule) = &load.schedule {
        words.push_str(&format!(", schedule {schedule}"));
    }
    if let Some(ramp) = &load.ramp {
        words.push_str(&format!(", ramp of {ramp}"));
    }
    words
}

/// Whether what one of two loads states the other does not.
fn loads_unknown(a: &Load, b: &Load) -> bool {
    a.burstiness.is_some() != b.burstiness.is_some() || a.schedule.is_some() != b.schedule.is_some()
}

/// A different start: one cache already held prompts.
pub fn regime(baseline: &Document, current: &Document) -> Option<Finding> {
    let [a, b] = [baseline, current].map(|side| fields::get(&side.map, fields::REGIME));
    let (a, b) = (a?, b?);
    (!fields::same(a, b)).then(|| {
        let (a, b) = (fields::plain(a), fields::plain(b));
        Finding::new(
            FindingCode::RegimeDiffers,
            fields::REGIME.to_owned(),
            format!("the baseline started {a}, the current run {b}: hits in the prefix cache, TTFT and throughput move with it"),
        )
    })
}

fn one_sided(path: &str, baseline: Option<&Value>, findings: &mut Vec<Finding>) {
    let (known, missing) = if baseline.is_some() {
        ("baseline", "current run")
    } else {
        ("current run", "baseline")
    };
    findings.push(Finding::new(
        FindingCode::IdentityUnknown,
        Some(path.to_owned()),
        format!("only the {known} states it, the {missing} does not; the two may differ in it"),
    ));
}

impl Identity {
    fn differs(
        &mut self,
        name: &str,
        path: &str,
        a: &str,
        b: &str,
        policy: &Policy,
        findings: &mut Vec<Finding>,
    ) {
        if policy.vary.iter().any(|varied| varied == name) {
            self.varied.push(name.to_owned());
            findings.push(Finding::new(
                FindingCode::IdentityVaried,
                Some(path.to_owned()),
                format!("baseline {a}, current {b}; declared as what was changed"),
            ));
        } else {
            self.mismatched.push(name.to_owned());
            findings.push(Finding::new(
                FindingCode::IdentityMismatch,
                Some(path.to_owned()),
                format!("baseline {a}, current {b}; if this is what you changed, declare {name} as varied"),
            ));
        }
    }

    /// A field that each common place has its own value of; one place that differs is enough.
    fn of_places(
        &mut self,
        name: &str,
        [baseline, current]: [&Document; 2],
        policy: &Policy,
        findings: &mut Vec<Finding>,
        here: impl Fn(Place, [&Cell; 2]) -> Here,
    ) {
        let (mut known, mut one_side) = (false, false);
        for (place, cells) in baseline.common_cells(current) {
            match here(place, cells) {
                Here::Differs { path, values } => {
                    let [a, b] = values;
                    self.differs(name, &path, &a, &b, policy, findings);
                    return;
                }
                Here::Same => known = true,
                Here::SameAsFarAsStated => (known, one_side) = (true, true),
                Here::OneSided => one_side = true,
                Here::Unknown => {}
            }
        }
        self.settle(name, known, one_side, findings);
    }

    /// What is the same at every place where both sides know it.
    fn settle(&mut self, name: &str, known: bool, one_side: bool, findings: &mut Vec<Finding>) {
        if one_side {
            findings.push(Finding::new(
                FindingCode::IdentityUnknown,
                name.to_owned(),
                "a place states it on one side only; the two may differ in it",
            ));
        }
        let list = if known {
            &mut self.matched
        } else {
            &mut self.unknown
        };
        list.push(name.to_owned());
    }
}

/// Fields outside the identity that differ.
pub fn changes(baseline: &Document, current: &Document) -> Vec<Change> {
    let mut changed = Vec::new();
    let [a, b] = [baseline, current].map(|side| headline::choose(side.cell_places(), &|_| false));
    let is_listed = |field: &&Field| field.may_differ && (a == b || !field.of_headline);
    for field in FIELDS.iter().filter(is_listed) {
        let [a, b] = [baseline, current].map(|document| fields::get(&document.map, field.path));
        let equal = match (a, b) {
            (Some(a), Some(b)) => fields::same(a, b),
            (a, b) => a.is_some() == b.is_some(),
        };
        if !equal {
            changed.push(Change {
                field: field.path.to_owned(),
                baseline: a.cloned().unwrap_or(Value::Null),
                current: b.cloned().unwrap_or(Value::Null),
            });
        }
    }
    changed
}

/// So many changes are named in a sentence.
const NAMED: usize = 6;

/// What changed, in words: `deployment.vllm_version 0.31.0 -> 0.32.0; ...`.
pub fn in_words(changed: &[Change]) -> String {
    let text = |value: &Value| match value {
        Value::Null => UNRECORDED.to_owned(),
        value => fields::plain(value),
    };
    let one = |change: &Change| {
        let [a, b] = [&change.baseline, &change.current].map(text);
        format!("{} {a} -> {b}", change.field)
    };
    let mut named: Vec<String> = changed.iter().take(NAMED).map(one).collect();
    if changed.len() > NAMED {
        named.push(format!("and {} more", changed.len() - NAMED));
    }
    named.join("; ")
}
