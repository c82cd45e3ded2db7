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
    /// The paths of the current runs, and their document.
    pub current: (&'a [PathBuf], &'a str),
    /// Earlier baselines.
    pub history: &'a [String],
    /// The policy that judged.
    pub policy: &'a Policy,
}

/// Makes the page.
pub fn report(template: &str, sides: &Sides<'_>, references: &References) -> Result<String> {
    let current = match sides.current.0 {
        [only] => name(only),
        several => format!("{} trials", several.len()),
    };
    let given = Given {
        baseline: vec![Run::new(
            name(Path::new(sides.baseline.0)),
            sides.baseline.1,
        )],
        current: vec![Run::new(current, sides.current.1)],
        history: sides.history,
        policy: Some(Policing::from(sides.policy)),
        references: (!references.is_empty()).then_some(references),
        ..Given::default()
    };
    page(template, &given)
}

/// The last part of a path: a report is passed on, and says nothing about this machine.
pub fn name(path: &Path) -> String {
    path.file_name().map_or_else(
        || "run".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}
