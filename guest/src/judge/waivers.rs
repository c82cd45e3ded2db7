//! What waivers leave out of a judgement while a gate decides, and why one does not hold.

use super::gating::Waiver;
use super::row::Row;
use super::status::Status;
use super::tolerance::in_words;
use crate::finding::{Finding, FindingCode, Where};
use crate::measure::Number;
use crate::stats::clock::Start;
use serde::Serialize;

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waived {
    /// The name of its number.
    pub metric: String,
    /// Where it was measured, as it is printed.
    pub place: String,
    /// Who takes responsibility.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which a run may start.
    pub expires: String,
}

impl Waived {
    /// `waived by ada until 2027-01-31: new sampler`.
    pub fn sentence(&self) -> String {
        let (owner, expires) = (&self.owner, &self.expires);
        format!("waived by {owner} until {expires}: {}", self.reason)
    }
}

/// What is said of a waiver that leaves something out.
pub fn waived(waiver: &Waiver) -> Waived {
    Waived {
        metric: waiver.number.name.to_string(),
        place: waiver.number.place.to_string(),
        owner: waiver.owner.clone(),
        reason: waiver.reason.clone(),
        expires: waiver.expires.clone(),
    }
}

/// Why a waiver does not hold.
pub fn ended(waiver: &Waiver, starts: &[Option<Start>], today: Option<&str>) -> String {
    let (of, owner, expires) = (in_words(&waiver.number), &waiver.owner, &waiver.expires);
    match starts.iter().any(Option::is_none) {
        true => format!(
            "the waiver of {of} by {owner} until {expires} cannot be shown to hold: a current run does not say when it started"
        ),
        false => {
            let before = match today.filter(|day| waiver.is_over(day)) {
                Some(day) => format!("today is {day}"),
                None => "before the current run".to_owned(),
            };
            format!(
                "the waiver of {of} by {owner} expired on {expires}, {before}: {}; remove or renew it",
                waiver.reason
            )
        }
    }
}

/// What the waivers leave out, so that it can be put back.
pub struct LeftOut<'a> {
    /// Those of them that leave something out.
    pub used: Vec<&'a Waiver>,
    /// What they leave out.
    pub numbers: Vec<Number>,
    /// Rows and the statuses that they had.
    statuses: Vec<(usize, Status)>,
    /// Findings and where they stood, the last first.
    findings: Vec<(usize, Finding)>,
}

impl<'a> LeftOut<'a> {
    /// Takes out of rows and findings what is waived.
    pub fn take(
        holding: &[&'a Waiver],
        headline: &Number,
        rows: &mut [Row],
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut left = LeftOut {
            used: Vec::new(),
            numbers: Vec::new(),
            statuses: Vec::new(),
            findings: Vec::new(),
        };
        for waiver in holding {
            let number = &waiver.number;
            let Some(at) = rows.iter().position(|row| row.number == *number) else {
                continue;
            };
            let status = rows[at].status;
            let is_worse = matches!(status, Status::Regressed | Status::Unresolved);
            if is_worse {
                left.statuses.push((at, status));
                // As if it had not got worse: without its row a headline would be missing.
                rows[at].status = Status::Within;
            }
            let is_lost = |finding: &Finding| {
                finding.code == FindingCode::LostMeasurement && stands_at(finding, number)
            };
            if is_worse || findings.iter().any(is_lost) {
                left.used.push(waiver);
                left.numbers.push(number.clone());
            }
        }
        let of_headline = left.numbers.contains(headline);
        for at in (0..findings.len()).rev() {
            let finding = &findings[at];
            let is_waived = match finding.code {
                FindingCode::TrialSlow | FindingCode::Ratchet => of_headline,
                FindingCode::LostMeasurement => {
                    let mut numbers = left.numbers.iter();
                    numbers.any(|number| stands_at(finding, number))
                }
                _ => false,
            };
            if is_waived {
                left.findings.push((at, findings.remove(at)));
            }
        }
        left
    }

    /// Makes rows and findings what they were.
    pub fn put_back(self, rows: &mut [Row], findings: &mut Vec<Finding>) {
        for (at, status) in self.statuses {
            rows[at].status = status;
        }
        for (at, finding) in self.findings.into_iter().rev() {
            findings.insert(at, finding);
        }
    }
}

fn stands_at(finding: &Finding, number: &Number) -> bool {
    matches!(&finding.place, Where::Number(of) if of == number)
}
