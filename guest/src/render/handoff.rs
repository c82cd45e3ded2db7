//! `HANDOFF.md` of a diff bundle: the standing frontier of a model, for whoever goes on. The levers of this judgement,
//! and what earlier ones are known to have given.

use super::github::escape;
use super::{setting, told};
use crate::judge::Judgement;
use crate::judge::lever::Lever;
use crate::text::markdown_cells;
use std::fmt::Write as _;

/// Of a lever that nobody has tried.
const OPEN: &str = "open";

/// The cell of a row that says how far a lever is: `open`, `tried` or `refuted`.
const STATUS: usize = 5;

/// The cell that says what its gate measured.
const OUTCOME: usize = 6;

const LEVER: &str = "Lever";
const HEAD: &str = "| Lever | Why here | Cost | Expected unlock | Gate | Status | Outcome |";
const RULE: &str = "|---|---|---|---|---|---|---|";

/// The levers of a judgement as a table, most worth first, each `open`.
pub fn render(judgement: &Judgement) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, judgement);
    out
}

fn write(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    let model = judgement.context.current["model"].as_str();
    writeln!(out, "# Frontier: {}\n", escape(model.unwrap_or_default()))?;
    let answer = told::answer(judgement);
    writeln!(out, "{answer}: {}\n", escape(&judgement.reason))?;
    if let Some(gate) = told::gate(judgement) {
        writeln!(out, "{}\n", escape(&gate))?;
    }
    let (items, last) = setting::context_line(judgement);
    let context = items.into_iter().chain([last]).collect::<Vec<_>>();
    writeln!(out, "Context: {}\n", escape(&context.join(", ")))?;
    writeln!(
        out,
        "When a lever was tried, set its status to `tried` or `refuted` and its outcome to what the gate measured. The\n\
         next diff of this model takes over every row that has another status than `{OPEN}` or an outcome.\n"
    )?;
    writeln!(out, "{HEAD}\n{RULE}")?;
    let Some(next) = &judgement.next_lever else {
        return Ok(());
    };
    let mut levers = [&next.first].into_iter().chain(&next.frontier);
    levers.try_for_each(|lever| row(out, lever))
}

fn row(out: &mut String, lever: &Lever) -> std::fmt::Result {
    writeln!(
        out,
        "| {} | {} | {} | {} | {} | {OPEN} | |",
        escape(&lever.lever),
        escape(&lever.because),
        lever.cost.as_str(),
        escape(&lever.expected_unlock),
        escape(&lever.gate)
    )
}

/// A `HANDOFF.md` with what an earlier one of the same model knows: a lever of both gets the status and the outcome that
/// it has there; what was tried and is no lever of this judgement stands behind. A row that nobody wrote into is
/// left out, and so is all that is no row of such a table.
pub fn take_over(handoff: &str, earlier: &str) -> String {
    let mut known: Vec<Vec<String>> = earlier.lines().filter_map(worked_on).collect();
    let mut out = String::new();
    for line in handoff.lines() {
        let own = row_of(line).unwrap_or_default();
        let of_lever = |row: &Vec<String>| own.first() == row.first();
        if let Some(at) = known.iter().position(of_lever) {
            let said = known.remove(at);
            put(&mut out, own[..STATUS].iter().chain(&said[STATUS..]));
        } else {
            out += line;
            out.push('\n');
        }
    }
    known.iter().for_each(|row| put(&mut out, row.iter()));
    out
}

fn put<'a>(out: &mut String, cells: impl Iterator<Item = &'a String>) {
    for cell in cells {
        *out += &format!("| {} ", cell.replace('|', "\\|"));
    }
    *out += "|\n";
}

/// The cells of a row of levers.
fn row_of(line: &str) -> Option<Vec<String>> {
    let mut cells = line.starts_with('|').then(|| markdown_cells(line))?;
    cells.truncate(OUTCOME + 1);
    // An editor may have drawn the table anew, in wider columns.
    let is_rule = cells[0].trim_matches(['-', ':']).is_empty();
    (cells.len() > OUTCOME && cells[0] != LEVER && !is_rule).then_some(cells)
}

/// A row that somebody wrote into.
fn worked_on(line: &str) -> Option<Vec<String>> {
    let written = |cells: &Vec<String>| {
        let status = cells[STATUS].as_str();
        !["", OPEN].contains(&status) || !cells[OUTCOME].is_empty()
    };
    row_of(line).filter(written)
}
