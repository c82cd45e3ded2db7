//! What a check of a registry can find.

use serde::Serialize;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Explained and harmless: what an interrupted writer leaves behind.
    Warning,
    /// Something is lost, changed or wrong.
    Error,
}

/// What kind of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A snapshot whose hash is not the one stated.
    EditedSnapshot,
    /// An entry or a bundle without its snapshot.
    MissingSnapshot,
    /// A `baseline.json` or `diff.json` that cannot be used, or lacks a hash.
    Metadata,
    /// A directory that looks like an entry and has no usable `baseline.json`.
    UnfinishedEntry,
    /// An entry without a row in `INDEX.md`.
    MissingRow,
    /// A row without an entry.
    RowWithoutEntry,
    /// Two rows for one entry.
    DuplicateRow,
    /// A line of `INDEX.md` that is no row.
    MalformedRow,
    /// The row of an entry, with notes that break the table.
    BrokenRow,
    /// A file that every entry or bundle has is not there.
    MissingFile,
    /// What a writer that was killed left behind; nothing reads it.
    Leftover,
    /// A mark that cannot be read, or one that speaks of an entry that is not there or has another hash.
    Mark,
    /// A kept component whose hash is not its name.
    Component,
    /// A diff bundle whose baseline is gone or is not the one `diff.json` names.
    BaselineReference,
    /// Something that cannot be read.
    Unreadable,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Whether it is an error or explained.
    pub severity: Severity,
    /// What kind.
    pub kind: Kind,
    /// Where: a file or directory, with a line where there is one.
    #[serde(rename = "where")]
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Entries with a usable `baseline.json`.
    pub entries: usize,
    /// Rows in the `INDEX.md` files.
    pub rows: usize,
    /// Diff bundles.
    pub diffs: usize,
    /// What was found.
    pub problems: Vec<Problem>,
}

impl Report {
    /// No errors; there may be warnings.
    pub fn is_sound(&self) -> bool {
        self.problems
            .iter()
            .all(|problem| problem.severity == Severity::Warning)
    }

    /// Adds one.
    pub(crate) fn add(&mut self, kind: Kind, place: impl Into<String>, message: impl Into<String>) {
        let severity = match kind {
            Kind::Leftover | Kind::MissingRow | Kind::DuplicateRow | Kind::BrokenRow => {
                Severity::Warning
            }
            _ => Severity::Error,
        };
        self.problems.push(Problem {
            severity,
            kind,
            place: place.into(),
            message: message.into(),
        });
    }
}
