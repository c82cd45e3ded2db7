//! A judgement as Markdown, for pull requests and for the diff bundle: a screen that has the answer, and the rest folded.

use super::github::escape;
use super::screen::clip;
use super::{folded, kinds, setting, told};
use crate::judge::Judgement;
use crate::judge::row::Row;
use crate::judge::rule::Verdict;
use std::fmt::Write as _;

/// The most rows that stand outside of the fold.
pub const ROWS: usize = 8;

/// A name in a table that fits the width of a comment.
const NAME: usize = 34;

/// A reason in the place of a change.
const REASON: usize = 28;

/// What stands outside of the fold.
pub(super) fn screen(judgement: &Judgement) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = head(&mut out, judgement).and_then(|()| worst(&mut out, judgement));
    out
}

/// Renders a judgement. Text from outside is escaped so that it cannot break a table, link or mention anybody.
/// With `explain`, one sentence for each row follows the table of all rows.
pub fn render(judgement: &Judgement, explain: bool) -> String {
    let mut out = screen(judgement);
    // Writing to a string cannot fail.
    let _ = folded::write(&mut out, judgement, explain);
    out
}

fn head(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let model = judgement.context.current["model"].as_str();
    let (_, _, mark) = told::verdict(judgement.verdict);
    writeln!(
        out,
        "### Inference performance: {}\n",
        escape(model.unwrap_or_default())
    )?;
    let tier = match judgement.verdict {
        Verdict::NoVerdict => String::new(),
        _ => format!(" ({})", judgement.tier.as_str()),
    };
    writeln!(
        out,
        "{mark} **{}** by rule `{}`{tier}: {}\n",
        judgement.verdict.as_str(),
        judgement.rule.as_str(),
        escape(&told::headline(judgement).sentence())
    )?;
    if let Some(gate) = told::gate(judgement) {
        writeln!(out, "- **Gate:** {}", escape(&gate))?;
    }
    let changed = told::listed(&setting::changed(judgement), 6);
    writeln!(
        out,
        "- **Changed:** {}",
        escape(changed.as_deref().unwrap_or(setting::UNCHANGED))
    )?;
    writeln!(out, "- **Why:** {}", escape(&judgement.reason))?;
    for value in kinds::mismatches(judgement) {
        writeln!(out, "  - {}", escape(&value))?;
    }
    writeln!(out, "- **Advice:** {}", escape(&judgement.recommendation))?;
    if let Some(next) = &judgement.next_lever {
        let lever = told::lever(&next.first).join("; ");
        writeln!(out, "- **Next:** {}", escape(&lever))?;
    }
    if judgement.verdict != Verdict::NoVerdict
        && let Some(needed) = told::listed(&told::needed(judgement), 2)
    {
        writeln!(out, "- **Draft:** a verdict needs {}", escape(&needed))?;
    }
    let (items, last) = setting::context_line(judgement);
    let context = items.into_iter().chain([last]).collect::<Vec<_>>();
    writeln!(out, "- **Context:** {}", escape(&context.join(", ")))
}

fn worst(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let (outside, within) = told::outside(judgement);
    if !outside.is_empty() {
        writeln!(
            out,
            "\n| Status | Metric | Baseline | Current | Change (tolerance) |"
        )?;
        writeln!(out, "|---|---|---:|---:|---:|")?;
    }
    for row in outside.iter().take(ROWS) {
        writeln!(out, "{}", line(judgement, row))?;
    }
    let mut said = Vec::new();
    if outside.len() > ROWS {
        said.push(format!("{} more below", outside.len() - ROWS));
    }
    said.push(match outside.is_empty() {
        true => format!("All {within} rows are within tolerance"),
        false => format!("{within} within tolerance"),
    });
    if judgement.verdict == Verdict::NoVerdict {
        said.push(told::UNCOUNTED.to_owned());
    }
    writeln!(out, "\n{}.", said.join("; "))
}

/// A row in five cells. Where there is no verdict no row has the colour of one.
fn line(judgement: &Judgement, row: &Row) -> String {
    let words = told::status(row.status);
    let mark = match judgement.verdict {
        Verdict::NoVerdict => "⚪",
        _ => words.mark,
    };
    let change = match told::not_judged(row) {
        Some(reason) => clip(&reason, REASON),
        None => format!("{} ({})", told::change(row), row.shown.tolerance),
    };
    let name = format!("{} {}", row.number.place, told::name(&row.number));
    let [before, now] =
        [&row.shown.baseline, &row.shown.current].map(|text| told::with_unit(text, row.metric));
    let [name, change] = [clip(&name, NAME), change].map(|text| escape(&text));
    format!(
        "| {mark} {} | {name} | {before} | {now} | {change} |",
        words.word
    )
}
