//! Which format a file is of: by its content first and by its name second.

use super::foreign::{self, Foreign};
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, HeadCache};
use crate::run::States;

/// What a file is.
pub(super) enum Seen {
    /// Of this row of the table.
    Known(&'static Source),
    /// Of no row, and something that is known by name.
    Foreign(Foreign),
    /// Anything else.
    Nothing,
}

/// What a file is: which row of `table`, if of any.
///
/// Faults: text in UTF-16 that would be of one; a file that its name says to be of one and that is something else.
pub(super) fn recognise(
    table: &[&'static Source],
    tree: &HeadCache<'_>,
    path: &str,
) -> Result<Seen> {
    let read = tree.head(path)?;
    let head = read.text();
    let candidate = Candidate::new(path, head.strip_prefix(files::BOM).unwrap_or(&head));
    let name = candidate.name();
    let mut of_name = table
        .iter()
        .copied()
        .filter(|source| (source.by_name)(name));
    let holds = |source: &&Source| (source.by_content)(&candidate);
    // Formats exclude each other, so the one that the name says is asked first: most files are what they are called.
    let held = of_name
        .clone()
        .find(holds)
        .or_else(|| by_content(table, &candidate));
    let named = of_name.next();
    if held.is_none()
        && let Some(foreign) = foreign::what(read.bytes(), &candidate)
    {
        return match named {
            // A bundle is read without a scrape that is none: its reader says what it is. What a tool exports is
            // otherwise: it was there once.
            Some(source)
                if source.format.states == States::Server && source.format.tool.is_none() =>
            {
                Ok(Seen::Known(source))
            }
            Some(source) => Err(misnamed(path, source, &foreign)),
            None => Ok(Seen::Foreign(foreign)),
        };
    }
    let found = held.or(named);
    if foreign::is_utf16(read.bytes()) {
        if found.is_none() {
            return Ok(Seen::Foreign(foreign::UTF_16));
        }
        return Err(Fault::new(
            Code::NotUnderstood,
            "found text in UTF-16, as PowerShell writes it; expected UTF-8. Convert it: iconv -f UTF-16 -t UTF-8",
        )
        .at_line(path, 1));
    }
    Ok(found.map_or(Seen::Nothing, Seen::Known))
}

fn misnamed(path: &str, source: &Source, foreign: &Foreign) -> Fault {
    Fault::new(
        Code::NotUnderstood,
        format!(
            "found {}; expected {}, as its name says. {}, or take it out of the bundle",
            foreign.words(),
            source.format.title,
            foreign.advice()
        ),
    )
    .at(path)
}

fn by_content(table: &[&'static Source], candidate: &Candidate<'_>) -> Option<&'static Source> {
    let begins = |source: &&&Source| {
        let begins = source.begins;
        begins.is_some_and(|begins| candidate.head.starts_with(begins))
    };
    let holds = |source: &&Source| (source.by_content)(candidate);
    match table.iter().find(begins) {
        Some(only) => Some(*only).filter(holds),
        None => table.iter().copied().find(holds),
    }
}
