//! For a terminal: the causes, then what stands alone; the last lines are the answer.

use super::words::{Told, listed, mark, names, of_group, of_member};

/// So many measurements without a group are listed.
const SINGLE: usize = 20;

/// How a text is laid out.
#[derive(Clone, Copy)]
pub struct Layout {
    pub width: usize,
    pub colour: bool,
}

impl Layout {
    /// Writes a paragraph in at most so many lines, the first behind its label and the others as far to the right.
    fn write(self, out: &mut String, label: &str, text: &str, most: usize, paint: &str) {
        if text.is_empty() {
            return;
        }
        let indent = label.chars().count();
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let room = self.width.saturating_sub(indent);
            let last = lines.last().map_or(0, |line| line.chars().count());
            match lines.last_mut() {
                Some(line) if last == 0 || last + 1 + word.chars().count() <= room => {
                    if last > 0 {
                        line.push(' ');
                    }
                    line.extend(word.chars().take(room));
                }
                _ => lines.push(word.chars().take(room).collect()),
            }
        }
        for (at, line) in lines.iter().take(most).enumerate() {
            let lead = if at == 0 {
                label.to_owned()
            } else {
                " ".repeat(indent)
            };
            // What a pipeline takes for a command, wherever a name was broken.
            let line = format!("{lead}{line}").replace("::", ": :");
            match self.colour && !paint.is_empty() {
                true => *out += &format!("\u{1b}[{paint}m{line}\u{1b}[0m\n"),
                false => *out += &format!("{}\n", line.trim_end()),
            }
        }
    }
}

/// Renders a sweep.
pub fn render(told: &Told, layout: Layout) -> String {
    const BOLD: &str = "1";
    let mut out = String::new();
    let mut add = |label: &str, text: &str, most, paint: &str| {
        layout.write(&mut out, label, text, most, paint);
    };
    for group in &told.groups {
        let cells = of_group(group);
        add(&format!("{}. ", cells[0]), &cells[1], 3, BOLD);
        add("   ", &cells[2], 2, "");
        add("   worse: ", &cells[3], 2, "");
        add("   worst: ", &cells[4], 3, "");
        let names = names(group);
        // As many as fit two lines.
        let mut taken = 0;
        let fits = |name: &&String| {
            taken += name.chars().count() + 2;
            taken + 20 < 2 * layout.width
        };
        let count = names.iter().take_while(fits).count().max(1);
        add("   ", &listed(&names, count), 2, "");
    }
    let single: Vec<_> = told
        .members
        .iter()
        .filter(|member| Told::is_single(member))
        .collect();
    if !single.is_empty() && !told.groups.is_empty() {
        add("", "in no group", 1, BOLD);
    }
    for member in single.iter().take(SINGLE) {
        let (mark, cells) = (mark(member), of_member(member));
        let since = match cells[3].as_str() {
            "" => String::new(),
            since => format!("{since}; "),
        };
        let text = format!("{} {}: {since}{}", cells[1], cells[2], cells[4]);
        add(&format!("{} ", mark.symbol), &text, 3, mark.paint);
    }
    if single.len() > SINGLE {
        add("  ", &format!("+{} more", single.len() - SINGLE), 1, "");
    }
    let (mark, counts, sentence) = told.whole();
    for text in [counts, sentence] {
        add(&format!("{} ", mark.symbol), &text, 3, mark.paint);
    }
    out
}
