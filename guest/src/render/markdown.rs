//! A judgement as Markdown, for pull requests and for the diff bundle.

use super::context;
use super::told::cells_of;
use crate::judge::Judgement;
use crate::judge::identity::in_words;
use crate::judge::row::Row;
use crate::measure::shown;
use std::fmt::Write as _;

/// Renders a judgement. Text from outside is escaped so that it cannot break a table.
/// With `explain`, one sentence for each row follows the table.
pub fn render(judgement: &Judgement, explain: bool) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = head(&mut out, judgement)
        .and_then(|()| rows(&mut out, judgement, explain))
        .and_then(|()| findings(&mut out, judgement))
        .and_then(|()| contexts(&mut out, judgement))
        .and_then(|()| end(&mut out, judgement));
    out
}

fn head(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let (model, headline) = (&judgement.context.current["model"], &judgement.headline);
    writeln!(
        out,
        "# Inference performance: {}\n",
        escape(model.as_str().unwrap_or_default())
    )?;
    writeln!(
        out,
        "**{}** by rule `{}` ({})\n",
        judgement.verdict.as_str(),
        judgement.rule.as_str(),
        judgement.tier.as_str()
    )?;
    if !judgement.changed.is_empty() {
        let changed = in_words(&judgement.changed);
        writeln!(out, "- Changed: {}", escape(&changed))?;
    }
    writeln!(out, "- Why: {}", escape(&judgement.reason))?;
    writeln!(
        out,
        "- Headline: `{}` at {}",
        headline.name,
        headline.place.words()
    )?;
    writeln!(
        out,
        "- Recommendation: {}",
        escape(&judgement.recommendation)
    )?;
    for needed in &judgement.promote {
        writeln!(out, "- Draft: a verdict needs {}", escape(needed))?;
    }
    Ok(())
}

fn rows(out: &mut String, judgement: &Judgement, explain: bool) -> std::fmt::Result {
    let mut sorted: Vec<&Row> = judgement.rows.iter().collect();
    sorted.sort_by(|a, b| a.worst_first(b));
    writeln!(out, "\n## Rows, worst first\n")?;
    writeln!(
        out,
        "| Status | Level | Metric | Unit | Better | Baseline | Current | Change | Tolerance |"
    )?;
    writeln!(out, "|---|---|---|---|---|---:|---:|---:|---:|")?;
    for row in &sorted {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} ({}) |",
            row.status.as_str(),
            escape(&row.level()),
            escape(&row.name()),
            row.metric.unit().as_str(),
            row.metric.better.word(),
            row.shown.baseline,
            row.shown.current,
            row.shown.change,
            row.shown.tolerance,
            row.origin.as_str(),
        )?;
    }
    if explain {
        writeln!(out, "\n## Why each row has its status\n")?;
        for row in &sorted {
            let why = escape(&row.explanation);
            writeln!(
                out,
                "- `{}` {why}{}",
                row.status.as_str(),
                inside(judgement, row)
            )?;
        }
    }
    Ok(())
}

/// What the requests inside the runs say of a row, where there is an interval.
fn inside(judgement: &Judgement, row: &Row) -> String {
    let Some(found) = judgement.intervals.get(&row.number) else {
        return String::new();
    };
    let (estimate, [low, high]) = (found.estimate, found.interval);
    format!(
        " Within these runs: {estimate:+} ms, 95 % interval {low:+} to {high:+}; says nothing about the noise between runs."
    )
}

fn findings(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    if judgement.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Findings\n")?;
    for finding in &judgement.findings {
        let place = finding
            .place
            .text()
            .map(|place| format!(" {}:", escape(&place)))
            .unwrap_or_default();
        writeln!(
            out,
            "- `{}`{place} {}",
            escape(finding.code.as_str()),
            escape(&finding.message)
        )?;
    }
    Ok(())
}

fn contexts(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let sides = [&judgement.context.baseline, &judgement.context.current];
    let context = context::of(sides[0], sides[1]);
    writeln!(out, "\n## Context of every number above\n")?;
    writeln!(out, "| Field | Baseline | Current | |\n|---|---|---|---|")?;
    let mark = |same: bool| if same { "" } else { "differs" };
    for line in &context.lines {
        let (a, b) = (escape(&line.baseline), escape(&line.current));
        writeln!(out, "| {} | {a} | {b} | {} |", line.label, mark(a == b))?;
    }
    for place in cells_of(judgement) {
        let [a, b] = sides.map(|side| context::shape(side, place));
        let words = place.words();
        writeln!(out, "| {words} | {a} | {b} | {} |", mark(a == b))?;
    }
    if let Some(sol) = &judgement.sol {
        let rigor = sol.sol_rigor.clone().map(|rigor| {
            rigor.map_or_else(|| shown::UNRECORDED.to_owned(), |rigor| escape(&rigor))
        });
        writeln!(
            out,
            "| speed of light | {:.2} % (rigor {}) | {:.2} % (rigor {}) | {:+.2} pt |",
            sol.baseline, rigor[0], sol.current, rigor[1], sol.delta
        )?;
    }
    writeln!(
        out,
        "\n{} on both sides: {}",
        shown::UNRECORDED,
        context.unrecorded.join(", ")
    )
}

fn end(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let Some(next) = &judgement.next_lever else {
        return Ok(());
    };
    writeln!(out, "\n## Next lever\n")?;
    writeln!(
        out,
        "1. **{}** because {}.",
        escape(&next.first.lever),
        escape(&next.first.because)
    )?;
    writeln!(
        out,
        "   Expected unlock: {}. Gate: {}. Source: {}.",
        next.first.expected_unlock, next.first.gate, next.first.source
    )?;
    for (at, lever) in next.frontier.iter().enumerate() {
        writeln!(
            out,
            "{}. {} because {}. Gate: {}.",
            at + 2,
            escape(&lever.lever),
            escape(&lever.because),
            lever.gate
        )?;
    }
    Ok(())
}

/// Makes text inert in Markdown: no table break, no line break, no HTML, no emphasis or link.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '[' | ']' => {
                safe.push('\\');
                safe.push(c);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
