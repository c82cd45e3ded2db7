//! What a comment folds away: all rows, findings, the full context and the levers.

use super::github::{code, escape};
use super::{context, kinds, setting, table, told};
use crate::judge::Judgement;
use crate::judge::row::Row;
use crate::measure::Unit;
use crate::measure::shown::{self, UNRECORDED};
use crate::order::Ordered as _;
use std::fmt::Write as _;

/// Writes the fold.
pub(super) fn write(out: &mut String, judgement: &Judgement, explain: bool) -> std::fmt::Result {
    let measured = judgement.rows.iter().filter(|row| told::is_measured(row));
    writeln!(
        out,
        "\n<details>\n<summary>All {} rows, {}, the full context and the levers</summary>",
        measured.count(),
        kinds::count(judgement)
    )?;
    rows(out, judgement)?;
    if explain {
        explained(out, judgement)?;
    }
    needed(out, judgement)?;
    findings(out, judgement)?;
    contexts(out, judgement)?;
    levers(out, judgement)?;
    writeln!(out, "\n</details>")
}

fn rows(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let rows = told::worst_first(judgement);
    writeln!(out, "\n## Rows, worst first\n")?;
    writeln!(
        out,
        "| Status | Place | Metric | Better | Baseline | Current | Change | Tolerance |"
    )?;
    writeln!(out, "|---|---|---|---|---:|---:|---:|---:|")?;
    for row in &rows {
        let words = told::status(row.status);
        let [before, now] =
            [&row.shown.baseline, &row.shown.current].map(|text| told::with_unit(text, row.metric));
        writeln!(
            out,
            "| {} {} | {} | {} | {} | {before} | {now} | {} | {} ({}) |",
            words.symbol,
            words.word,
            row.number.place,
            escape(&row.name()),
            row.metric.better.word(),
            told::not_judged(row).map_or_else(|| told::change(row), |why| escape(&why)),
            row.shown.tolerance,
            row.applied.source(row.metric),
        )?;
    }
    writeln!(out)?;
    for entry in table::legend(&rows) {
        writeln!(out, "- {entry}")?;
    }
    if let Some(missing) = told::unmeasured(judgement) {
        writeln!(out, "- not measured on either side: {}", escape(&missing))?;
    }
    trials(out, &rows)
}

/// With trials: how many, mean and standard deviation of both sides, and the interval of the change.
fn trials(out: &mut String, rows: &[&Row]) -> std::fmt::Result {
    let of_row = |row: &&Row| {
        let trials = table::trials(row)?;
        Some(format!(
            "- {} {}: {trials}",
            row.number.place,
            told::name(&row.number)
        ))
    };
    let trials: Vec<String> = rows.iter().filter_map(of_row).collect();
    if trials.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Trials, mean ± standard deviation\n")?;
    trials
        .iter()
        .try_for_each(|line| writeln!(out, "{}", escape(line)))
}

fn explained(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let mut rows: Vec<&Row> = judgement.rows.iter().collect();
    rows.order_by(|a, b| a.worst_first(b));
    writeln!(out, "\n## Why each row has its status\n")?;
    for row in rows {
        let why = escape(&row.explanation);
        writeln!(
            out,
            "- `{}` {why}{}",
            row.status.as_str(),
            inside(judgement, row)
        )?;
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

fn needed(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    if judgement.promote.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## What a verdict needs\n")?;
    let mut needed = judgement.promote.iter();
    needed.try_for_each(|needed| writeln!(out, "- {}", escape(needed)))
}

fn findings(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let kinds = kinds::kinds(judgement);
    if kinds.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Findings, most serious first\n")?;
    for kind in &kinds {
        let messages = escape(&kind.messages().join("; "));
        writeln!(out, "- {}{} {messages}", code(kind.code), kind.count())?;
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
    for place in setting::cells_of(judgement) {
        let [a, b] = sides.map(|side| context::shape(side, place));
        writeln!(out, "| {place} | {a} | {b} | {} |", mark(a == b))?;
    }
    if let Some(sol) = &judgement.sol {
        let share = |value: f64| shown::of_unit(Some(value), Unit::Percent);
        let rigor = sol.sol_rigor.clone();
        let rigor = rigor.map(|rigor| escape(rigor.as_deref().unwrap_or(UNRECORDED)));
        writeln!(
            out,
            "| speed of light | {} (rigor {}) | {} (rigor {}) | {:+.2} pt |",
            share(sol.baseline),
            rigor[0],
            share(sol.current),
            rigor[1],
            sol.delta
        )?;
    }
    if context.unrecorded.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{UNRECORDED} on both sides: {}",
        context.unrecorded.join(", ")
    )
}

fn levers(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let Some(next) = &judgement.next_lever else {
        return Ok(());
    };
    writeln!(out, "\n## Levers, most worth first\n")?;
    for (at, lever) in [&next.first].into_iter().chain(&next.frontier).enumerate() {
        writeln!(
            out,
            "{}. **{}** because {}.\n   Expected unlock: {}. Takes {}. Gate: {}. Source: {}.",
            at + 1,
            escape(&lever.lever),
            escape(&lever.because),
            escape(&lever.expected_unlock),
            lever.cost.as_str(),
            escape(&lever.gate),
            escape(&lever.source)
        )?;
    }
    Ok(())
}
