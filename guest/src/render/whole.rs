//! A judgement for a terminal, whole: every row, finding and lever and the full context; the last line is the verdict.

use super::layout::Layout;
use super::screen::{self, BOLD, Line, clean, labelled};
use super::{context, kinds, setting, table, text, told};
use crate::finding::Severity;
use crate::judge::Judgement;
use crate::measure::shown::{self, UNRECORDED};

/// Renders a judgement.
pub fn render(judgement: &Judgement, layout: Layout) -> String {
    let mut page = Page {
        judgement,
        width: screen::width(layout),
        lines: Vec::new(),
    };
    page.context();
    page.rows();
    page.findings();
    page.levers();
    page.answer();
    let mut out = String::new();
    for line in page.lines {
        line.write(&mut out, layout);
    }
    out
}

struct Page<'a> {
    judgement: &'a Judgement,
    width: usize,
    lines: Vec<Line>,
}

impl Page<'_> {
    fn heading(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.lines.push(table::plain(String::new()));
        }
        self.lines.push(Line::painted(text.to_owned(), BOLD));
    }

    fn labelled(&mut self, label: &str, text: &str) {
        self.lines.extend(labelled(label, text, self.width));
    }

    /// A field and its values: of both sides where they differ.
    fn field(&mut self, label: &str, [a, b]: [String; 2]) {
        let label = format!("  {label:<23} ");
        let text = if a == b { a } else { format!("{a} -> {b}") };
        self.labelled(&label, &clean(&text));
    }

    fn context(&mut self) {
        let judgement = self.judgement;
        let sides = [&judgement.context.baseline, &judgement.context.current];
        let context = context::of(sides[0], sides[1]);
        self.heading("Context of every number below");
        for line in &context.lines {
            self.field(line.label, [line.baseline.clone(), line.current.clone()]);
        }
        for place in setting::cells_of(judgement) {
            let shapes = sides.map(|side| context::shape(side, place));
            self.field(&place.to_string(), shapes);
        }
        let runs = told::runs(judgement, None);
        self.field("runs", [runs.clone(), runs]);
        if !context.unrecorded.is_empty() {
            let unrecorded = context.unrecorded.join(", ");
            self.field(UNRECORDED, [unrecorded.clone(), unrecorded]);
        }
        if let Some(sol) = &judgement.sol {
            let rigor = sol.sol_rigor.clone();
            let [a, b] = rigor.map(|rigor| rigor.unwrap_or_else(|| UNRECORDED.to_owned()));
            let text = format!(
                "{} -> {} ({:+.2} pt), rigor {a} -> {b}",
                shown::of_unit(Some(sol.baseline), crate::measure::Unit::Percent),
                shown::of_unit(Some(sol.current), crate::measure::Unit::Percent),
                sol.delta
            );
            self.field("speed of light", [text.clone(), text]);
        }
    }

    fn rows(&mut self) {
        let rows = told::worst_first(self.judgement);
        self.heading("Rows, worst first");
        let table = table::rows(&rows, self.width);
        for (line, row) in table.lines.into_iter().zip(&rows) {
            self.lines.push(line);
            let tolerance = format!("tolerance {}", row.shown.tolerance);
            let tolerance = (!table.has_tolerance && row.status.is_judged()).then_some(tolerance);
            let beside: Vec<String> = table::trials(row).into_iter().chain(tolerance).collect();
            if !beside.is_empty() {
                self.labelled("    ", &beside.join(", "));
            }
        }
        if let Some(missing) = told::unmeasured(self.judgement) {
            self.labelled("Not measured on either side: ", &missing);
        }
        for entry in table::legend(&rows) {
            self.labelled("Legend ", &entry);
        }
    }

    fn findings(&mut self) {
        let kinds = kinds::kinds(self.judgement);
        if kinds.is_empty() {
            return;
        }
        self.heading("Findings, most serious first");
        for kind in kinds {
            let weight = match kind.severity {
                Severity::Error => "error   ",
                Severity::Warning => "warning ",
                Severity::Info => "note    ",
            };
            self.labelled(weight, &kind.sentence());
        }
    }

    fn levers(&mut self) {
        let Some(next) = &self.judgement.next_lever else {
            return;
        };
        self.heading("Levers, most worth first");
        for (at, lever) in [&next.first].into_iter().chain(&next.frontier).enumerate() {
            let number = format!("{}. ", at + 1);
            let text = format!(
                "{}; takes {}; because: {}",
                told::lever(lever).join("; "),
                lever.cost.as_str(),
                clean(&lever.because)
            );
            self.labelled(&number, &text);
        }
    }

    /// The same sentences as in the short text, none of them cut.
    fn answer(&mut self) {
        let judgement = self.judgement;
        self.heading("Answer");
        let changed = match setting::changed(judgement) {
            none if none.is_empty() => setting::UNCHANGED.to_owned(),
            changed => changed.join("; "),
        };
        self.labelled("Changed  ", &changed);
        self.labelled("Why      ", &clean(&judgement.reason));
        self.labelled("Advice   ", &clean(&judgement.recommendation));
        if let Some(next) = &judgement.next_lever {
            self.labelled("Next     ", &told::lever(&next.first).join("; "));
        }
        for (at, needed) in judgement.promote.iter().enumerate() {
            let label = if at == 0 { "Lacks    " } else { "         " };
            self.labelled(label, &clean(needed));
        }
        if let Some(gate) = told::gate(judgement) {
            self.labelled("Gate     ", &gate);
        }
        self.lines.extend(text::verdict(judgement, self.width));
    }
}
