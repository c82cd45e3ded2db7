//! For a terminal: the causes, then what stands alone; the last line is the answer.

use super::super::layout::Layout;
use super::super::screen::{self, BOLD, Line, PLAIN, fit_items, labelled};
use super::super::told;
use super::words::{about, answer, counts, moved, name, sentence, shared, why, worst};
use crate::judge::sweep::{Group, Swept};

/// So many measurements without a group are listed.
const SINGLE: usize = 20;

/// Renders a sweep.
pub fn render(swept: &Swept, layout: Layout) -> String {
    let width = screen::width(layout);
    let mut lines = Vec::new();
    for (at, group) in swept.groups.iter().enumerate() {
        of_group(&mut lines, swept, (at + 1, group), width);
    }
    let single: Vec<_> = swept.single().collect();
    if !single.is_empty() && !swept.groups.is_empty() {
        lines.push(Line::painted("in no group".to_owned(), BOLD));
    }
    for member in single.iter().take(SINGLE) {
        let (symbol, paint, _) = told::verdict(member.verdict);
        let label = format!("{symbol} {} {}: ", answer(member), name(member));
        let mut all = labelled("  ", &(label.clone() + &why(member)), width);
        all.truncate(3);
        if let Some(first) = all.first_mut() {
            first.text = first.text.replacen("  ", "", 1);
            first.paint = paint;
        }
        lines.extend(all);
    }
    if single.len() > SINGLE {
        let rest = format!("  +{} more", single.len() - SINGLE);
        lines.push(Line::painted(rest, PLAIN));
    }
    let last = swept.members.first();
    let (symbol, paint, _) = last.map_or(("✓", PLAIN, ""), |worst| told::verdict(worst.verdict));
    for text in [counts(swept), sentence(swept)] {
        let text = format!("{symbol} {text}");
        let wrapped = screen::wrap(&text, width).into_iter();
        lines.extend(wrapped.map(|text| Line::painted(text, paint)));
    }
    let mut out = String::new();
    for line in lines {
        line.write(&mut out, layout);
    }
    out
}

fn of_group(lines: &mut Vec<Line>, swept: &Swept, (number, group): (usize, &Group), width: usize) {
    let label = format!("{number}. ");
    let mut cause = fit_items(&label, (&shared(group), "; "), "", width, 3);
    cause.iter_mut().for_each(|line| line.paint = BOLD);
    lines.extend(cause);
    let mut add = |label: &str, text: &str, most: usize| {
        let mut all = labelled(label, text, width);
        all.truncate(most);
        lines.extend(all);
    };
    add("   ", &about(group), 2);
    let rows = moved(group);
    if !rows.is_empty() {
        add("   worse: ", &rows, 2);
    }
    if let Some(worst) = worst(swept, group) {
        add("   worst: ", &worst, 3);
    }
    let names = group.members.iter().map(|at| name(&swept.members[*at]));
    let names: Vec<String> = names.collect();
    lines.extend(fit_items("   ", (&names, ", "), "", width, 2));
}
