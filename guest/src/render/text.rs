//! A judgement for a terminal: the worst rows first, readable at 80 columns.

use super::context;
use super::layout::Layout;
use crate::judge::Judgement;
use crate::judge::identity::in_words;
use crate::judge::row::Row;
use crate::judge::rule::Verdict;
use crate::judge::status::Status;
use crate::measure::{Place, shown};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Renders a judgement.
pub fn render(judgement: &Judgement, layout: Layout) -> String {
    let mut page = Page {
        out: String::new(),
        layout,
    };
    page.head(judgement);
    page.rows(judgement);
    page.findings(judgement);
    page.context(judgement);
    page.end(judgement);
    page.out
}

struct Page {
    out: String,
    layout: Layout,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const MAGENTA: &str = "35";

impl Page {
    fn paint(&self, text: &str, codes: &str) -> String {
        if self.layout.colour {
            format!("\u{1b}[{codes}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn wrapped(&mut self, label: &str, text: &str) {
        let indent = " ".repeat(label.chars().count());
        let width = self.layout.width.saturating_sub(indent.len()).max(20);
        for (at, piece) in wrap(text, width).into_iter().enumerate() {
            let lead = if at == 0 {
                self.paint(label, DIM)
            } else {
                indent.clone()
            };
            self.line(&format!("{lead}{piece}"));
        }
    }

    fn heading(&mut self, text: &str) {
        self.line("");
        let painted = self.paint(text, BOLD);
        self.line(&painted);
    }

    fn head(&mut self, judgement: &Judgement) {
        let colour = match judgement.verdict {
            Verdict::Green => GREEN,
            Verdict::Yellow => YELLOW,
            Verdict::Red => RED,
            Verdict::NoVerdict => MAGENTA,
        };
        let verdict = self.paint(judgement.verdict.as_str(), &format!("{BOLD};{colour}"));
        self.line(&format!(
            "{verdict}  {}  ({})",
            judgement.rule.as_str(),
            judgement.tier.as_str()
        ));
        if !judgement.changed.is_empty() {
            self.wrapped("  changed   ", &in_words(&judgement.changed));
        }
        self.wrapped("  why       ", &judgement.reason);
        let headline = format!(
            "{} at {}",
            judgement.headline.name,
            judgement.headline.place.words()
        );
        self.wrapped("  headline  ", &headline);
        self.wrapped("  advice    ", &judgement.recommendation);
        for (at, needed) in judgement.promote.iter().enumerate() {
            let label = if at == 0 {
                "  draft     "
            } else {
                "            "
            };
            self.wrapped(label, &format!("needs {needed}"));
        }
    }

    fn rows(&mut self, judgement: &Judgement) {
        let mut shown: Vec<&Row> = judgement
            .rows
            .iter()
            .filter(|row| row.baseline.is_some() || row.current.is_some())
            .collect();
        shown.sort_by(|a, b| a.worst_first(b));
        self.heading("Rows, worst first");
        let cells: Vec<[String; 7]> = shown.iter().map(|row| cells(row)).collect();
        let head = [
            "status", "level", "metric", "baseline", "current", "change", "tol",
        ]
        .map(str::to_owned);
        let mut widths = [0; 7];
        for line in cells.iter().chain([&head]) {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let text = aligned(&head, &widths);
        let text = self.paint(&text, DIM);
        self.line(&text);
        for (row, cells) in shown.iter().zip(&cells) {
            let text = aligned(cells, &widths);
            let painted = match row.status {
                Status::Regressed => self.paint(&text, RED),
                Status::Unresolved => self.paint(&text, YELLOW),
                Status::Improved => self.paint(&text, GREEN),
                Status::Within => text,
                _ => self.paint(&text, DIM),
            };
            self.line(&painted);
        }
        let unmeasured = judgement.rows.len() - shown.len();
        if unmeasured > 0 {
            let names: Vec<String> = judgement
                .rows
                .iter()
                .filter(|row| row.baseline.is_none() && row.current.is_none())
                .map(|row| format!("{} ({})", row.name(), row.level()))
                .collect();
            self.wrapped("  not measured on either side: ", &names.join(", "));
        }
    }

    fn findings(&mut self, judgement: &Judgement) {
        if judgement.findings.is_empty() {
            return;
        }
        self.heading("Findings");
        for finding in &judgement.findings {
            let place = finding
                .place
                .text()
                .map(|place| format!("{place}: "))
                .unwrap_or_default();
            self.wrapped(
                "  ",
                &format!("{} {place}{}", finding.code.as_str(), finding.message),
            );
        }
    }

    fn context(&mut self, judgement: &Judgement) {
        let context = context::of(&judgement.context.baseline, &judgement.context.current);
        self.heading("Context of every number above");
        for line in &context.lines {
            let label = format!("  {:<24}", line.label);
            if line.baseline == line.current {
                self.wrapped(&label, &line.baseline);
            } else {
                self.wrapped(&label, &format!("{} -> {}", line.baseline, line.current));
            }
        }
        for place in cells_of(judgement) {
            let [a, b] = [&judgement.context.baseline, &judgement.context.current]
                .map(|side| context::shape(side, place));
            let label = format!("  {:<24}", place.words());
            if a == b {
                self.wrapped(&label, &a);
            } else {
                self.wrapped(&label, &format!("{a} -> {b}"));
            }
        }
        self.wrapped(
            &format!("  {:<24}", "unrecorded"),
            &context.unrecorded.join(", "),
        );
        if let Some(sol) = &judgement.sol {
            let rigor = sol
                .sol_rigor
                .clone()
                .map(|rigor| rigor.unwrap_or_else(|| shown::UNRECORDED.to_owned()));
            let text = format!(
                "{:.2} % -> {:.2} % ({:+.2} pt), rigor {} -> {}",
                sol.baseline, sol.current, sol.delta, rigor[0], rigor[1]
            );
            self.wrapped(&format!("  {:<24}", "speed of light"), &text);
        }
    }

    fn end(&mut self, judgement: &Judgement) {
        let Some(next) = &judgement.next_lever else {
            return;
        };
        self.heading("Next lever");
        self.wrapped("  try       ", &next.first.lever);
        self.wrapped("  because   ", &next.first.because);
        self.wrapped("  unlock    ", &next.first.expected_unlock);
        self.wrapped("  gate      ", &next.first.gate);
        for (at, lever) in next.frontier.iter().enumerate() {
            self.wrapped(
                &format!("  then {:<5}", at + 2),
                &format!("{} ({})", lever.lever, lever.because),
            );
        }
    }
}

/// The levels and rates of either side, ascending.
pub(super) fn cells_of(judgement: &Judgement) -> BTreeSet<Place> {
    let places = judgement.rows.iter().map(|row| row.number.place);
    places.filter(|place| place.is_cell()).collect()
}

fn cells(row: &Row) -> [String; 7] {
    [
        row.status.short().to_owned(),
        row.number.place.to_string(),
        row.name(),
        row.shown.baseline.clone(),
        row.shown.current.clone(),
        row.shown.change.clone(),
        row.shown.tolerance.clone(),
    ]
}

fn aligned(cells: &[String; 7], widths: &[usize; 7]) -> String {
    let mut line = String::new();
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
        // Words to the left, numbers to the right; writing to a string cannot fail.
        let _ = if at < 3 {
            write!(line, "{cell}{pad} ")
        } else {
            write!(line, "{pad}{cell} ")
        };
    }
    line.trim_end().to_owned()
}

/// Breaks at blanks; a word longer than the width stays whole.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
