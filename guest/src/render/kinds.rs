//! Findings as every output has them: by kind, most serious first, each message once.

use super::screen::clean;
use super::told::name;
use crate::finding::{Finding, FindingCode, Severity, Where};
use crate::judge::Judgement;
use crate::judge::rule::Rule;
use crate::order::Ordered as _;

/// `no finding`, `1 finding`, `2 findings`.
pub(super) fn count(judgement: &Judgement) -> String {
    match judgement.findings.len() {
        0 => "no finding".to_owned(),
        1 => "1 finding".to_owned(),
        several => format!("{several} findings"),
    }
}

/// Where the two sides are no one measurement: each field with both values.
pub(super) fn mismatches(judgement: &Judgement) -> Vec<String> {
    if judgement.rule != Rule::NotComparable {
        return Vec::new();
    }
    let kinds = kinds(judgement).into_iter();
    let mismatches = kinds.filter(|kind| kind.is(FindingCode::IdentityMismatch));
    mismatches.flat_map(|kind| kind.messages()).collect()
}

/// Findings of one code.
pub(super) struct Kind<'a> {
    pub code: &'a str,
    pub severity: Severity,
    /// In the order in which they were found.
    pub findings: Vec<&'a Finding>,
}

/// The findings by kind, most serious first.
pub(super) fn kinds(judgement: &Judgement) -> Vec<Kind<'_>> {
    let mut kinds: Vec<Kind> = Vec::new();
    for finding in &judgement.findings {
        let code = finding.code.as_str();
        match kinds.iter_mut().find(|kind| kind.code == code) {
            Some(kind) => kind.findings.push(finding),
            None => kinds.push(Kind {
                code,
                severity: finding.severity,
                findings: vec![finding],
            }),
        }
    }
    let weight = |severity| match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    };
    // Among equals what explains a loss comes before what qualifies a row.
    let explains = |code: &str| code == FindingCode::ColdStart.as_str();
    kinds.order_by_key(|kind| (weight(kind.severity), !explains(kind.code)));
    kinds
}

impl Kind<'_> {
    fn is(&self, code: FindingCode) -> bool {
        self.findings.iter().any(|finding| finding.code == code)
    }

    /// How many there are, unless it is one.
    pub fn count(&self) -> String {
        match self.findings.len() {
            1 => String::new(),
            several => format!(" ({several})"),
        }
    }

    /// Code, number and messages.
    pub fn sentence(&self) -> String {
        let messages = self.messages().join("; ");
        format!("{}{} {messages}", clean(self.code), self.count())
    }

    /// Each message once, behind the places of which it speaks.
    pub fn messages(&self) -> Vec<String> {
        let mut told: Vec<(&str, Vec<String>)> = Vec::new();
        for finding in &self.findings {
            let place = place(&finding.place);
            match told
                .iter_mut()
                .find(|(message, _)| *message == finding.message)
            {
                Some((_, places)) => places.extend(place),
                None => told.push((&finding.message, place.into_iter().collect())),
            }
        }
        let sentence = |(message, places): (&str, Vec<String>)| match places.len() {
            0 => clean(message),
            _ => clean(&format!("{}: {message}", places.join(", "))),
        };
        told.into_iter().map(sentence).collect()
    }
}

/// What a finding is about, with the words of the rows where it is about numbers.
fn place(of: &Where) -> Option<String> {
    match of {
        Where::Number(number) => Some(format!("{} {}", number.place, name(number))),
        Where::Cell(place) => Some(place.to_string()),
        other => other.text(),
    }
}
