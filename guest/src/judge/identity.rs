//! Whether two runs measured the same thing.

use super::policy::Policy;
use crate::document::Document;
use crate::fields::{self, FIELDS, LENGTH_TOLERANCE};
use crate::finding::{Finding, FindingCode};
use crate::measure::{Number, Quantity};
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
    for (name, quantity) in [("isl", Quantity::IslMean), ("osl", Quantity::OslMean)] {
        identity.lengths(name, quantity, baseline, current, policy, findings);
    }
    identity
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

    /// Mean lengths of each common level; one level that differs is enough.
    fn lengths(
        &mut self,
        name: &str,
        quantity: Quantity,
        baseline: &Document,
        current: &Document,
        policy: &Policy,
        findings: &mut Vec<Finding>,
    ) {
        let (mut known, mut one_side) = (0, false);
        for (place, of_baseline) in baseline.cells() {
            let Some(of_current) = current.cell(place) else {
                continue;
            };
            match (of_baseline.get(quantity), of_current.get(quantity)) {
                (Some(a), Some(b)) => {
                    known += 1;
                    // The 1e-9 keeps exactly 5 % inside, as for tolerances.
                    if (b - a).abs() > a * LENGTH_TOLERANCE + 1e-9 * a.max(1.0) {
                        let path = Number::new(quantity, place).path();
                        self.differs(
                            name,
                            &path,
                            &format!("{a:.1}"),
                            &format!("{b:.1}"),
                            policy,
                            findings,
                        );
                        return;
                    }
                }
                (None, None) => {}
                _ => one_side = true,
            }
        }
        if one_side {
            findings.push(Finding::new(
                FindingCode::IdentityUnknown,
                quantity.name().to_owned(),
                "a level has this mean length on one side only; the two may differ in it",
            ));
        }
        if known > 0 {
            self.matched.push(name.to_owned())
        } else {
            self.unknown.push(name.to_owned())
        }
    }
}

/// Fields outside the identity that differ.
pub fn changes(baseline: &Document, current: &Document) -> Vec<Change> {
    let mut changed = Vec::new();
    for field in FIELDS.iter().filter(|field| field.may_differ) {
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
