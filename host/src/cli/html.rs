//! `diff --html`: both documents and the policy in one page.

use crate::error::Result;
use crate::references::References;
use crate::report::{Given, Policing, Run, page};
use crate::sandbox::Policy;
use std::path::{Path, PathBuf};

/// The page of one diff.
pub struct Sides<'a> {
    /// What the baseline is called, and its document.
    pub baseline: (&'a str, &'a str),
    /// What the current side is called, and its document.
    pub current: (&'a str, &'a str),
    /// Earlier baselines.
    pub history: &'a [String],
    /// The policy that judged.
    pub policy: &'a Policy,
}

/// Makes the page.
pub fn report(template: &str, sides: &Sides<'_>, references: &References) -> Result<String> {
    let given = Given {
        baseline: vec![Run::new(
            name(Path::new(sides.baseline.0)),
            sides.baseline.1,
        )],
        current: vec![Run::new(sides.current.0, sides.current.1)],
        history: sides.history,
        policy: Some(Policing::from(sides.policy)),
        references: (!references.is_empty()).then_some(references),
    };
    page(template, &given)
}

/// What the current side is called: its run, or how many trials it has.
pub fn of_current(runs: &[PathBuf]) -> String {
    match runs {
        [only] => name(only),
        several => format!("{} trials", several.len()),
    }
}

/// The last part of a path: a report is passed on, and says nothing about this machine.
pub fn name(path: &Path) -> String {
    path.file_name().map_or_else(
        || "run".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}
