//! Which format a file is of: by its content first and by its name second.

use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, HeadCache};

/// The row of `table` that a file is of, if of any.
///
/// Faults: text in UTF-16 that would be of one.
pub(super) fn recognise(
    table: &[&'static Source],
    tree: &HeadCache<'_>,
    path: &str,
) -> Result<Option<&'static Source>> {
    let read = tree.head(path)?;
    let head = read.text();
    let candidate = Candidate {
        path,
        head: head.strip_prefix(files::BOM).unwrap_or(&head),
    };
    let name = candidate.name();
    let mut of_name = table
        .iter()
        .copied()
        .filter(|source| (source.by_name)(name));
    let holds = |source: &&Source| (source.by_content)(&candidate);
    // Formats exclude each other, so the one that the name says is asked first: most files are what they are called.
    let found = of_name
        .clone()
        .find(holds)
        .or_else(|| by_content(table, &candidate))
        .or_else(|| of_name.next());
    // The marks of both byte orders; neither is UTF-8.
    let marks: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];
    if found.is_some() && marks.iter().any(|mark| read.bytes().starts_with(mark)) {
        return Err(Fault::new(
            Code::NotUnderstood,
            "found text in UTF-16, as PowerShell writes it; expected UTF-8. Convert it: iconv -f UTF-16 -t UTF-8",
        )
        .at_line(path, 1));
    }
    Ok(found)
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
