//! A judgement in at most 1,024 bytes of plain text, for language models that read it as the reply of a tool.

use super::screen::clean;
use super::{kinds, setting, told};
use crate::judge::Judgement;
use crate::judge::row::Row;
use crate::judge::status::Status;

/// The most that an answer is long, in bytes.
pub const MOST: usize = 1_024;

/// Rows that are shown, worst first.
const ROWS: usize = 5;

/// The most that a sentence takes of the answer, in bytes; the advice takes what the others leave.
const SENTENCE: usize = 170;

/// Renders a judgement: the verdict first, then what changed, the numbers, what to do, and where the rest is.
pub fn render(judgement: &Judgement) -> String {
    let head = format!(
        "{} {} ({}): {}",
        judgement.verdict.as_str(),
        judgement.rule.as_str(),
        judgement.tier.as_str(),
        judgement.reason
    );
    let mut lines = vec![clip(&head, SENTENCE), clip(&changed(judgement), SENTENCE)];
    lines.extend(told::gate(judgement).map(|gate| clip(&gate, SENTENCE)));
    lines.extend(
        kinds::mismatches(judgement)
            .first()
            .map(|it| clip(it, SENTENCE)),
    );
    lines.push(clip(
        &format!("headline: {}", told::headline(judgement).sentence()),
        SENTENCE,
    ));
    let taken: usize = lines.iter().map(|line| line.len() + 1).sum();
    let last = rest(judgement);
    let mut room = MOST.saturating_sub(taken + last.len() + 2);
    for line in worst(judgement).into_iter().map(line) {
        // The advice keeps its place.
        if line.len() + 1 + SENTENCE <= room {
            room -= line.len() + 1;
            lines.push(line);
        }
    }
    let advice = format!("advice: {}", judgement.recommendation);
    lines.push(clip(&advice, room));
    lines.push(last);
    lines.push(String::new());
    lines.join("\n")
}

pub(super) fn changed(judgement: &Judgement) -> String {
    let changed = setting::changed(judgement);
    match told::listed(&changed, 6) {
        Some(items) => format!("changed ({}): {items}", changed.len()),
        None => format!("changed: {}", setting::UNCHANGED),
    }
}

/// How much there is that does not stand here.
fn rest(judgement: &Judgement) -> String {
    let (outside, within) = told::outside(judgement);
    format!(
        "rest: {}, {within} within, {}, context and levers in the JSON judgement (verdict.json)",
        told::counted(&outside),
        kinds::count(judgement)
    )
}

/// Rows that are not within tolerance and not better, the headline aside.
fn worst(judgement: &Judgement) -> Vec<&Row> {
    let (mut rows, _) = told::outside(judgement);
    rows.retain(|row| row.status != Status::Improved && row.number != judgement.headline);
    rows.truncate(ROWS);
    rows
}

/// With the stable name of the metric, by which the JSON and the options know it.
fn line(row: &Row) -> String {
    let change = match told::not_judged(row) {
        Some(reason) => reason,
        None => format!("{}, tolerance {}", told::change(row), row.shown.tolerance),
    };
    let text = format!(
        "{} {} {}: {} ({change})",
        row.number.place,
        row.name(),
        told::status(row.status).word,
        told::values(row),
    );
    clip(&text, SENTENCE)
}

/// One clean line, cut to `most` bytes.
fn clip(text: &str, most: usize) -> String {
    let line = clean(text);
    if line.len() <= most {
        return line;
    }
    let mark = "...";
    let mut end = most.saturating_sub(mark.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{mark}", &line[..end])
}
