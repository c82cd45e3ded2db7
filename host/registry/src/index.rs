//! `INDEX.md`: one row for each entry of a measurement.
//!
//! Rows are appended, each batch with one write, under a lock. Whoever holds the lock also adds the rows that are
//! missing, so an entry whose writer died before its row was written gets it from the next one.

use crate::clock;
use crate::durable::{DirLock, Disk, open_regular};
use crate::entries::{self, Baseline};
use crate::names;
use crate::python::float;
use crate::python::str::cut;
use crate::refusal::Refusal;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// The head of the file.
pub const HEADER: &str = "# Perf-baseline registry index\n\n\
    Chronological history. One row per registration. Newer entries at the bottom.\n\n\
    | UTC timestamp | Slug | Value | Unit | Notes |\n\
    | --- | --- | --- | --- | --- |\n";

/// Notes are cut after this many code points.
const NOTE_LENGTH: usize = 60;

/// The row of an entry, with its line end.
pub fn row(slug: &str, baseline: &Baseline) -> String {
    let at = baseline.registered_at_utc.as_deref().unwrap_or("(unknown)");
    let value = match baseline.value {
        Some(value) => format!("`{}`", float::repr(value)),
        None => "_(structured)_".to_owned(),
    };
    let unit = match baseline.unit.as_deref() {
        None | Some("") => "_(none)_".to_owned(),
        Some(unit) => format!("`{}`", one_cell(unit)),
    };
    let (note, more) = cut(&baseline.notes, NOTE_LENGTH);
    let note = one_cell(note) + if more { "..." } else { "" };
    format!(
        "| `{}` | [`{slug}`]({slug}/) | {value} | {unit} | {note} |\n",
        one_cell(at)
    )
}

/// Keeps a text inside its cell: a pipe would begin the next one, a line end the next row. Texts without either come
/// out unchanged. The full notes stand in `baseline.json`.
fn one_cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut backslashes = 0;
    for c in text.chars() {
        match c {
            '|' => {
                // Backslashes before a pipe would cancel its own.
                out.extend(std::iter::repeat_n('\\', backslashes + 1));
                out.push('|');
            }
            '\t' => out.push(c),
            _ if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => out.push(' '),
            _ => out.push(c),
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
    }
    out
}

/// What one line of the table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A row, with the slug it links to.
    Row(String),
    /// Part of the head, or blank.
    Head,
    /// Neither.
    Malformed,
}

/// Reads one line, without its line end.
pub fn read_line(line: &str) -> Line {
    if line.is_empty() || HEADER.lines().any(|head| head == line) {
        return Line::Head;
    }
    row_slug(line).map_or(Line::Malformed, |slug| Line::Row(slug.to_owned()))
}

fn row_slug(line: &str) -> Option<&str> {
    let slug = linked_slug(line)?;
    let (_, rest) = line.strip_suffix(" |")?.split_once("/) | ")?;
    (pipes(rest) == 2).then_some(slug)
}

/// How many pipes separate cells, that is, follow an even number of backslashes.
fn pipes(text: &str) -> usize {
    let mut escaped = false;
    let mut count = 0;
    for c in text.chars() {
        count += usize::from(c == '|' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    count
}

/// Reads `INDEX.md`; `None` where there is none.
pub fn read(dir: &Path) -> Result<Option<String>, Refusal> {
    let path = dir.join("INDEX.md");
    let mut bytes = Vec::new();
    match open_regular(&path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Refusal::io("read", &path, &error)),
    }
}

/// The entries that have a row. A row whose notes broke the table (other writers do not escape them) still counts; a
/// last line without its end counts only if it is whole.
pub fn known(text: &str) -> BTreeSet<&str> {
    let (whole, tail) = split_tail(text);
    whole
        .lines()
        .filter_map(linked_slug)
        .chain(row_slug(tail))
        .collect()
}

/// The slug a line links to, whatever else it holds.
pub fn linked_slug(line: &str) -> Option<&str> {
    let (_, rest) = line.strip_prefix("| `")?.split_once("` | [`")?;
    let (slug, rest) = rest.split_once("`](")?;
    let (link, _) = rest.split_once("/) | ")?;
    (names::is_safe_segment(slug) && link == slug).then_some(slug)
}

/// The lines that have an end, and what follows them.
fn split_tail(text: &str) -> (&str, &str) {
    text.split_at(text.rfind('\n').map_or(0, |end| end + 1))
}

/// The rows that are missing, oldest first. Only a directory with a usable `baseline.json` is an entry.
pub fn missing_rows(dir: &Path, text: &str) -> Result<Vec<String>, Refusal> {
    let known = known(text);
    let mut slugs = Vec::new();
    for item in fs::read_dir(dir).map_err(|e| Refusal::io("list", dir, &e))? {
        let name = item.map_err(|e| Refusal::io("list", dir, &e))?.file_name();
        let Ok(name) = name.into_string() else {
            continue;
        };
        if name != "INDEX.md" && names::is_safe_segment(&name) && !known.contains(name.as_str()) {
            slugs.push(name);
        }
    }
    slugs.sort_by(|a, b| clock::slug_key(a).cmp(&clock::slug_key(b)));
    let entry = |slug: &String| {
        entries::read_baseline(&dir.join(slug))
            .ok()
            .map(|b| row(slug, &b))
    };
    Ok(slugs.iter().filter_map(entry).collect())
}

/// Adds the rows that are missing. Only the appending happens under the lock: the flush, which takes longer than
/// all else, many writers then do at the same time.
///
/// Nothing that stands in the file is ever dropped, except an unfinished last line that is the beginning of a row
/// which is now written in full.
pub fn complete(disk: &Disk<'_>, dir: &Path) -> Result<(), Refusal> {
    let path = dir.join("INDEX.md");
    let lock = DirLock::acquire(dir).map_err(|e| Refusal::io("lock", dir, &e))?;
    let text = read(dir)?.unwrap_or_default();
    let rows = missing_rows(dir, &text)?;
    let added = add(disk, &path, &text, &rows);
    drop(lock);
    // Also where another writer added the row of this one.
    added
        .and_then(|()| disk.flush(&path))
        .map_err(|e| Refusal::io("write", &path, &e))
}

fn add(disk: &Disk<'_>, path: &Path, text: &str, rows: &[String]) -> io::Result<()> {
    let all = rows.concat();
    if text != HEADER && HEADER.starts_with(text) {
        return disk.replace(path, (HEADER.to_owned() + &all).as_bytes());
    }
    let (kept, tail) = split_tail(text);
    if tail.is_empty() {
        return if rows.is_empty() {
            Ok(())
        } else {
            disk.append(path, all.as_bytes())
        };
    }
    // A file that is not UTF-8 was not read exactly, so it is not written again.
    let exact = !text.contains(char::REPLACEMENT_CHARACTER);
    if exact && rows.iter().any(|row| row.starts_with(tail)) {
        return disk.replace(path, (kept.to_owned() + &all).as_bytes());
    }
    disk.append(path, format!("\n{all}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_cannot_break_the_table() {
        let cases = [
            ("GPQA=0.31. MMLU-Pro=0.12", "GPQA=0.31. MMLU-Pro=0.12"),
            ("pipe | and\nnewline", "pipe \\| and newline"),
            ("a\\|b", "a\\\\\\|b"),
            ("\\\\ c:\\x", "\\\\ c:\\x"),
            ("a\r\u{85}\u{2028}b", "a   b"),
        ];
        for (note, cell) in cases {
            assert_eq!(one_cell(note), cell);
            assert_eq!(pipes(&one_cell(note)), 0, "{note:?}");
        }
    }

    #[test]
    fn reads_rows_and_nothing_else() {
        let line = "| `2026-11-24T02:44:33Z` | [`s1`](s1/) | `68.5` | `ms` | a \\| b |";
        assert_eq!(read_line(line), Line::Row("s1".into()));
        for line in [
            "newline |",
            "| `2026-11-24T02:44:33Z` | [`s1`](s1/) | `68.5` | `ms` | a | b |",
            "| `2026-11-24T02:44:33Z` | [`s1`](s2/) | `68.5` | `ms` |  |",
            "| `2026-11-24T02:44:33Z` | [`s1`](s1/) | `68.5",
        ] {
            assert_eq!(read_line(line), Line::Malformed, "{line}");
        }
        assert!(HEADER.lines().all(|line| read_line(line) == Line::Head));
    }
}
