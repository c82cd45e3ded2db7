//! For a terminal: the causes, then what stands alone; the last lines are the answer.

use super::super::layout::Layout;
use super::super::screen::{self, BOLD, Line, PLAIN, columns, labelled};
use super::super::told;
use super::words::{names, of_group, of_member, whole};
use crate::judge::sweep::{Member, Swept};

/// So many measurements without a group are listed.
const SINGLE: usize = 20;

/// Renders a sweep.
pub fn render(swept: &Swept, layout: Layout) -> String {
    let width = screen::width(layout);
    let mut lines: Vec<Line> = Vec::new();
    let mut add = |label: &str, text: &str, most: usize, paint: &'static str| {
        let mut all = labelled(label, text, width);
        all.truncate(most);
        for line in &mut all {
            line.paint = paint;
        }
        if !text.is_empty() {
            lines.extend(all);
        }
    };
    for at in 0..swept.groups.len() {
        let cells = of_group(swept, at);
        add(&format!("{}. ", cells[0]), &cells[1], 3, BOLD);
        add("   ", &cells[2], 2, PLAIN);
        add("   worse: ", &cells[3], 2, PLAIN);
        add("   worst: ", &cells[4], 3, PLAIN);
        let names = names(swept, &swept.groups[at]);
        add("   ", &fit(&names, 2 * (width - 12)), 2, PLAIN);
    }
    let single = |member: &&Member| member.is_open() && member.group.is_none();
    let mut left = 0;
    for (at, member) in swept.members.iter().filter(single).enumerate() {
        if at == 0 && !swept.groups.is_empty() {
            add("", "in no group", 1, BOLD);
        }
        if at >= SINGLE {
            left += 1;
            continue;
        }
        let cells = of_member(member);
        let (symbol, paint, _) = symbol(member);
        let since = match cells[3].as_str() {
            "" => String::new(),
            since => format!("{since}; "),
        };
        let text = format!("{} {}: {since}{}", cells[1], cells[2], cells[4]);
        add(&format!("{symbol} "), &text, 3, paint);
    }
    if left > 0 {
        add("  ", &format!("+{left} more"), 1, PLAIN);
    }
    let (symbol, paint, _) = swept.members.first().map_or(("✓", PLAIN, ""), symbol);
    for text in &whole(swept)[1..3] {
        add(&format!("{symbol} "), text, 3, paint);
    }
    let mut out = String::new();
    for line in lines {
        line.write(&mut out, layout);
    }
    out
}

/// As many names as fit so many columns, and how many more there are.
fn fit(names: &[String], room: usize) -> String {
    let mut taken = 0;
    let fits = |name: &&String| {
        taken += columns(name) + 2;
        taken <= room
    };
    let count = names.iter().take_while(fits).count().max(1);
    told::listed(names, count).unwrap_or_default()
}

fn symbol(member: &Member) -> (&'static str, &'static str, &'static str) {
    member
        .verdict
        .map_or(("–", screen::MAGENTA, ""), told::verdict)
}
