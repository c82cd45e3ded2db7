//! What the tools of a pipeline list of a judgement: the verdict first, then rows that are worse, then findings.

use super::screen::{clean, clip};
use super::{kinds, told};
use crate::finding::Severity;
use crate::judge::Judgement;
use crate::judge::gate::Outcome;
use crate::judge::row::Row;
use crate::judge::rule::Verdict;
use crate::judge::status::Status;

/// For tools that list nothing without a file: one of the repository where the caller names one, else that in which a
/// judgement stands where it is written.
pub(super) fn file(judgement: &Judgement) -> &str {
    let named = judgement.policy.gating.report_at.as_deref();
    named.unwrap_or("verdict.json")
}

/// The most columns that a name from outside takes, and a message with such names in it.
const NAME: usize = 120;
const MESSAGE: usize = 1_000;

/// How much an entry weighs, most first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Error,
    Warning,
    Note,
}

/// One entry; every text is one clean line.
pub(super) struct Entry {
    pub weight: Weight,
    /// What is broken: `verdict`, the name of a metric, the code of a finding.
    pub rule: String,
    /// What that is in general.
    pub means: String,
    /// Where: the path of a number, or what a finding is about; the same from run to run.
    pub at: String,
    /// A few words.
    pub title: String,
    /// A sentence with numbers.
    pub message: String,
}

impl Entry {
    /// What makes it the same entry in another judgement.
    pub fn identity(&self) -> String {
        format!("{}@{}", self.rule, self.at)
    }
}

/// All entries, of which the first is the verdict.
pub(super) fn of(judgement: &Judgement) -> Vec<Entry> {
    let mut entries = vec![of_verdict(judgement)];
    let (rows, _) = told::outside(judgement);
    entries.extend(rows.into_iter().filter_map(|row| of_row(judgement, row)));
    for kind in kinds::kinds(judgement) {
        let weight = match kind.severity {
            Severity::Error => Weight::Error,
            Severity::Warning => Weight::Warning,
            Severity::Info => Weight::Note,
        };
        for finding in &kind.findings {
            let rule = name(kind.code);
            entries.push(Entry {
                weight,
                means: format!("Finding {rule}; docs/findings.md says what it is."),
                at: name(&finding.place.text().unwrap_or_default()),
                title: rule.clone(),
                message: clip(&clean(&finding.message), MESSAGE),
                rule,
            });
        }
    }
    entries
}

/// A name from outside.
pub(super) fn name(text: &str) -> String {
    clip(&clean(text), NAME)
}

/// The model of the current run.
pub(super) fn model(judgement: &Judgement) -> String {
    name(
        judgement.context.current["model"]
            .as_str()
            .unwrap_or_default(),
    )
}

/// The verdict.
pub(super) fn of_verdict(judgement: &Judgement) -> Entry {
    Entry {
        weight: match (judgement.gate.as_ref(), judgement.verdict) {
            (Some(gate), _) if gate.exit != 0 => Weight::Error,
            (Some(gate), Verdict::Green) if gate.outcome == Outcome::Pass => Weight::Note,
            (Some(_), _) => Weight::Warning,
            (None, Verdict::Red | Verdict::NoVerdict) => Weight::Error,
            (None, Verdict::Yellow) => Weight::Warning,
            (None, Verdict::Green) => Weight::Note,
        },
        rule: "verdict".to_owned(),
        means: "The verdict of the whole comparison; docs/verdicts.md says by which rules."
            .to_owned(),
        at: String::new(),
        title: told::answer(judgement),
        message: clip(&clean(&answer(judgement)), MESSAGE),
    }
}

/// The verdict with its headline and reason, and for a draft what it lacks.
pub(super) fn answer(judgement: &Judgement) -> String {
    let headline = told::headline(judgement).sentence();
    let mut text = format!(
        "{}: {headline}. {}",
        told::answer(judgement),
        judgement.reason
    );
    if let Some(gate) = told::gate(judgement) {
        text = format!("{gate}. {text}");
    }
    if let (true, Some(needed)) = (
        is_counted(judgement),
        told::listed(&told::needed(judgement), 3),
    ) {
        text += &format!(". A draft: a verdict needs {needed}");
    }
    text
}

/// Whether rows count: without a verdict none does.
pub(super) fn is_counted(judgement: &Judgement) -> bool {
    judgement.verdict != Verdict::NoVerdict
}

fn of_row(judgement: &Judgement, row: &Row) -> Option<Entry> {
    let weight = match (row.status, judgement.verdict) {
        (Status::Regressed | Status::Unresolved, Verdict::NoVerdict) => Weight::Note,
        (Status::Regressed, Verdict::Red) if told::waiver(judgement, row).is_none() => {
            Weight::Error
        }
        (Status::Regressed | Status::Unresolved, _) => Weight::Warning,
        _ => return None,
    };
    let metric = row.metric;
    Some(Entry {
        weight,
        rule: metric.name().to_owned(),
        means: format!("{}, {}", metric.words, metric.better.as_str()),
        at: name(&row.number.path()),
        title: format!("{} {}", place_and_name(row), told::status(row.status).word),
        message: clip(&sentence(judgement, row), MESSAGE),
    })
}

/// `c16 TTFT p50`.
pub(super) fn place_and_name(row: &Row) -> String {
    name(&format!("{} {}", row.number.place, told::name(&row.number)))
}

/// Both numbers, and what was made of their change.
pub(super) fn sentence(judgement: &Judgement, row: &Row) -> String {
    let change = match told::not_judged(row) {
        Some(reason) => reason,
        None => format!("{} (tolerance {})", told::change(row), row.shown.tolerance),
    };
    let because = row.because.as_deref().filter(|_| row.status.is_judged());
    let because = because.map_or_else(String::new, |why| format!("; {}", clean(why)));
    let uncounted = match is_counted(judgement) {
        true => String::new(),
        false => format!("; {}", told::UNCOUNTED),
    };
    let waiver = told::waiver(judgement, row).map_or_else(String::new, |by| format!("; {by}"));
    let what = place_and_name(row);
    let word = told::status(row.status).word;
    format!(
        "{what} {word}: {}, {change}{because}{uncounted}{waiver}",
        told::values(row)
    )
}

/// A JSON string.
pub(super) fn json(text: &str) -> String {
    let text = serde_json::Value::from(text).to_string();
    text.replace("##", "#\\u0023")
}
