//! Lines of a terminal: how wide a text is, where it is broken or cut, and what is painted.

use super::layout::Layout;

pub(super) const BOLD: &str = "1";
pub(super) const DIM: &str = "2";
pub(super) const RED: &str = "31";
pub(super) const GREEN: &str = "32";
pub(super) const YELLOW: &str = "33";
pub(super) const MAGENTA: &str = "35";
/// As it is.
pub(super) const PLAIN: &str = "";

/// Narrower terminals get this width: a row has a place, a metric and two numbers.
const NARROWEST: usize = 40;
/// Lines longer than this are hard to read.
const WIDEST: usize = 160;

/// The columns that a text may take.
pub(super) fn width(layout: Layout) -> usize {
    layout.width.clamp(NARROWEST, WIDEST)
}

/// One line, and how it is painted where colour is allowed.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub text: String,
    /// So many characters at its begin are a label.
    pub label: usize,
    /// Escape codes of what follows the label.
    pub paint: &'static str,
}

impl Line {
    pub fn painted(text: String, paint: &'static str) -> Line {
        Line {
            text,
            label: 0,
            paint,
        }
    }

    /// The line as it is written.
    pub fn write(&self, out: &mut String, layout: Layout) {
        let mut text = self.text.trim_end().to_owned();
        // What GitHub takes for a command, wherever a name was broken.
        if text.trim_start().starts_with("::") {
            text = text.replacen("::", ": ", 1);
        }
        let paint = |text: &str, codes: &str| {
            if layout.colour && !codes.is_empty() && !text.is_empty() {
                format!("\u{1b}[{codes}m{text}\u{1b}[0m")
            } else {
                text.to_owned()
            }
        };
        let end = text.char_indices().nth(self.label);
        let (label, rest) = text.split_at(end.map_or(text.len(), |(at, _)| at));
        out.push_str(&paint(label, DIM));
        out.push_str(&paint(rest, self.paint));
        out.push('\n');
    }
}

/// Columns that a character takes: none for what joins the one before, two for wide scripts.
fn columns_of(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// What nobody sees and what steers what is seen: control characters, and those that turn the direction of text.
pub(super) fn is_hidden(c: char) -> bool {
    let code = u32::from(c);
    c.is_control()
        || matches!(code, 0x61c | 0x200b | 0x200e..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xe0000..=0xe007f)
}

/// One line without hidden characters and doubled blanks: text from a file cannot steer a terminal, nor a pipeline,
/// which takes `##[error]`, `##vso[` and `##teamcity[` anywhere in its log for commands.
pub(super) fn clean(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || is_hidden(c));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut line = words.join(" ");
    while line.contains("##") {
        line = line.replace("##", "# #");
    }
    line
}

/// What of a text fits so many columns, and the rest.
fn split_at(text: &str, width: usize) -> (&str, &str) {
    let mut taken = 0;
    let end = text.char_indices().find(|(_, c)| {
        taken += columns_of(*c);
        taken > width
    });
    text.split_at(end.map_or(text.len(), |(at, _)| at))
}

/// The text, cut to so many columns; what is cut ends with `…`.
pub(super) fn clip(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let (kept, _) = split_at(text, width.saturating_sub(1));
    format!("{}…", kept.trim_end_matches([' ', ',', ';', ':']))
}

/// Padded to so many columns: words to the left, numbers to the right.
pub(super) fn pad(text: &str, width: usize, right: bool) -> String {
    let blanks = " ".repeat(width.saturating_sub(columns(text)));
    if right {
        blanks + text
    } else {
        text.to_owned() + &blanks
    }
}

/// The words of a text; a sign of percent or points belongs to its number.
fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let mut begin = 0;
    for word in text.split(' ') {
        let end = begin + word.len();
        let unit = word.trim_end_matches([',', ';', ')', '.', ':', '…']);
        match words.last_mut() {
            Some(last) if matches!(unit, "%" | "pt") && !last.is_empty() => {
                let from = begin - 1 - last.len();
                *last = &text[from..end];
            }
            _ => words.push(word),
        }
        begin = end + 1;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Breaks at blanks, and inside words that are wider than a line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    for mut word in words(text) {
        let last = lines.len() - 1;
        let taken = columns(&lines[last]);
        if taken > 0 && taken + 1 + columns(word) <= width {
            lines[last].push(' ');
            lines[last].push_str(word);
            continue;
        }
        while columns(word) > width {
            let (begin, rest) = split_at(word, width);
            // A character wider than the line.
            if begin.is_empty() {
                break;
            }
            push(&mut lines, begin);
            word = rest;
        }
        push(&mut lines, word);
    }
    lines
}

/// A line of its own, in place of an empty first one.
fn push(lines: &mut Vec<String>, text: &str) {
    match lines.last_mut() {
        Some(last) if last.is_empty() => last.push_str(text),
        _ => lines.push(text.to_owned()),
    }
}

/// A paragraph under a label, which stands in the first line; lines below it are indented alike.
pub(super) fn labelled(label: &str, text: &str, width: usize) -> Vec<Line> {
    let indent = columns(label);
    let lines = wrap(text, width.saturating_sub(indent)).into_iter();
    let line = |(at, piece): (usize, String)| {
        let lead = if at == 0 {
            label.to_owned()
        } else {
            " ".repeat(indent)
        };
        Line {
            text: lead + &piece,
            label: label.chars().count(),
            paint: PLAIN,
        }
    };
    lines.enumerate().map(line).collect()
}

/// Parts of one paragraph in at most so many lines: the longest parts lose words until all of them fit. The first part
/// keeps twice as much as the others; `last` is never cut.
pub(super) fn fit_parts(
    label: &str,
    parts: &[String],
    last: &str,
    width: usize,
    most: usize,
) -> Vec<Line> {
    let mut parts: Vec<(Vec<&str>, &str)> = parts
        .iter()
        .map(|part| begin(words(part), width * most))
        .collect();
    loop {
        let text = |(words, mark): &(Vec<&str>, &str)| words.join(" ") + mark;
        let texts: Vec<String> = parts.iter().map(text).collect();
        let lines = labelled(label, &(texts.join("; ") + last), width);
        // A part that has lost all but its label says nothing.
        let enough = match parts.iter().any(|(words, _)| words.len() > 3) {
            true => 3,
            false => 1,
        };
        let longest = parts
            .iter_mut()
            .enumerate()
            .filter(|(_, (words, _))| words.len() > enough)
            .max_by_key(|(at, (words, _))| {
                let length = words.iter().map(|word| word.len() + 1).sum::<usize>();
                if *at == 0 { length } else { 2 * length }
            });
        match longest {
            Some((_, part)) if lines.len() > most => {
                part.0.pop();
                part.1 = "…";
            }
            _ => return lines.into_iter().take(most).collect(),
        }
    }
}

/// The words that could stand in so many columns, and the mark that others were cut off: the rest of a long text is not
/// worth the search for what fits.
fn begin(mut words: Vec<&str>, room: usize) -> (Vec<&str>, &'static str) {
    let mut taken = 0;
    let fits = |word: &&&str| {
        taken += columns(word) + 1;
        taken <= room
    };
    let count = words.iter().take_while(fits).count().max(1);
    let mark = if count < words.len() { "…" } else { "" };
    words.truncate(count);
    (words, mark)
}

/// A list in at most so many lines: as many items as fit, then how many more there are, then what always stands last.
pub(super) fn fit_items(
    label: &str,
    (items, between): (&[String], &str),
    last: &str,
    width: usize,
    most: usize,
) -> Vec<Line> {
    let lines = |shown: &[String]| {
        let mut parts: Vec<String> = shown.to_vec();
        if shown.len() < items.len() {
            parts.push(format!("+{} more", items.len() - shown.len()));
        }
        parts.extend((!last.is_empty()).then(|| last.to_owned()));
        labelled(label, &parts.join(between), width)
    };
    for count in (1..=items.len()).rev() {
        let lines = lines(&items[..count]);
        if lines.len() <= most {
            return lines;
        }
    }
    // Not even one item is short enough: cut it.
    let room = (width.saturating_sub(columns(label)) * most).saturating_sub(columns(last) + 16);
    let first: Vec<String> = items.iter().take(1).map(|item| clip(item, room)).collect();
    lines(&first).into_iter().take(most).collect()
}
