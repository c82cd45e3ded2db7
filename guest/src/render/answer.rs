//! A judgement in at most 1,024 bytes of plain text, for language models that read it as the reply of a tool.

use crate::judge::Judgement;
use crate::judge::identity::in_words;
use crate::judge::row::Row;
use crate::judge::status::Status;
use crate::measure::Unit;

/// The most that an answer is long, in bytes.
pub const MOST: usize = 1_024;

/// Rows that are shown, worst first.
const ROWS: usize = 5;

/// The most that a sentence takes of the answer, in bytes; the advice takes what the others leave.
const SENTENCE: usize = 170;

/// Renders a judgement: the verdict first, then what changed, the numbers and what to do.
pub fn render(judgement: &Judgement) -> String {
    let head = format!(
        "{} {} ({}): {}",
        judgement.verdict.as_str(),
        judgement.rule.as_str(),
        judgement.tier.as_str(),
        judgement.reason
    );
    let mut lines = vec![
        clip(&head, SENTENCE),
        clip(&changed(judgement), SENTENCE),
        headline(judgement),
    ];
    let taken: usize = lines.iter().map(|line| line.len() + 1).sum();
    let mut room = MOST.saturating_sub(taken + 1);
    for line in worst(judgement).into_iter().map(line) {
        // The advice keeps its place.
        if line.len() + 1 + SENTENCE <= room {
            room -= line.len() + 1;
            lines.push(line);
        }
    }
    let advice = format!("advice: {}", judgement.recommendation);
    lines.push(clip(&advice, room));
    lines.push(String::new());
    lines.join("\n")
}

fn changed(judgement: &Judgement) -> String {
    if judgement.changed.is_empty() {
        return "changed: nothing that is recorded".to_owned();
    }
    let count = judgement.changed.len();
    format!("changed ({count}): {}", in_words(&judgement.changed))
}

fn headline(judgement: &Judgement) -> String {
    let mut rows = judgement.rows.iter();
    match rows.find(|row| row.number == judgement.headline) {
        Some(row) => format!("headline: {}", line(row)),
        None => format!(
            "headline: {} at {} was not measured",
            judgement.headline.name, judgement.headline.place
        ),
    }
}

/// Rows that are not within tolerance and not better, the headline aside.
fn worst(judgement: &Judgement) -> Vec<&Row> {
    let told = |row: &&Row| {
        !matches!(row.status, Status::Within | Status::Improved)
            && (row.baseline.is_some() || row.current.is_some())
            && row.number != judgement.headline
    };
    let mut rows: Vec<&Row> = judgement.rows.iter().filter(told).collect();
    rows.sort_by(|a, b| a.worst_first(b));
    rows.truncate(ROWS);
    rows
}

fn line(row: &Row) -> String {
    let unit = match row.metric.unit() {
        // Their texts have a unit already.
        Unit::Fraction | Unit::Percent => "",
        unit => unit.as_str(),
    };
    let text = format!(
        "{} {} {} {} -> {} {unit} ({}, tolerance {})",
        row.number.place,
        row.name(),
        row.status.as_str(),
        row.shown.baseline,
        row.shown.current,
        row.shown.change,
        row.shown.tolerance
    );
    clip(&text, SENTENCE)
}

/// One line without control characters, cut to `most` bytes.
fn clip(text: &str, most: usize) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
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
