//! Judgements and documents for people and tools. One file a form and one row of [`FORMS`]; every number is
//! formatted in [`crate::measure::shown`].

pub mod answer;
pub mod calibration;
mod context;
mod folded;
mod github;
pub mod handoff;
pub mod history;
mod kinds;
mod layout;
pub mod markdown;
pub mod policy;
pub mod report;
mod screen;
mod setting;
mod table;
pub mod text;
mod told;
pub mod whole;

pub use layout::Layout;

use crate::fault::{Fault, Result, Sub};
use crate::judge::Judgement;

/// A form in which a judgement can be had.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Stable name.
    pub name: &'static str,
    /// What it is for.
    pub describes: &'static str,
    /// Media type of the text.
    pub media_type: &'static str,
    /// Ending of a file that holds it, without the point.
    pub extension: &'static str,
    /// Makes the text.
    pub render: fn(&Judgement, Layout) -> String,
}

/// Every form. A new one is one file and one row.
pub const FORMS: &[Form] = &[
    Form {
        name: "json",
        describes: "the whole judgement, perfbridge_judgement_v1",
        media_type: "application/json",
        extension: "json",
        render: |judgement, _| judgement.to_json(),
    },
    Form {
        name: "text",
        describes: "for a terminal: the answer in at most twelve lines, the verdict last",
        media_type: "text/plain",
        extension: "txt",
        render: text::render,
    },
    Form {
        name: "text-all",
        describes: "for a terminal: every row, finding and lever and the full context, the verdict last",
        media_type: "text/plain",
        extension: "txt",
        render: whole::render,
    },
    Form {
        name: "markdown",
        describes: "for pull requests and files: the answer on a screen, the rest folded",
        media_type: "text/markdown",
        extension: "md",
        render: |judgement, _| markdown::render(judgement, false),
    },
    Form {
        name: "markdown-explained",
        describes: "the same, with one sentence for each row: why it has its status",
        media_type: "text/markdown",
        extension: "md",
        render: |judgement, _| markdown::render(judgement, true),
    },
    Form {
        name: "answer",
        describes: "for language models: the verdict, what changed, the worst rows and the advice in at most 1,024 bytes",
        media_type: "text/plain",
        extension: "txt",
        render: |judgement, _| answer::render(judgement),
    },
    Form {
        name: "policy",
        describes: "what the policy makes of each row, perfbridge_policy_explain_v1",
        media_type: "application/json",
        extension: "json",
        render: |judgement, _| policy::render(judgement),
    },
    Form {
        name: "handoff",
        describes: "for whoever goes on: the levers, most worth first, with a place for what came of each",
        media_type: "text/markdown",
        extension: "md",
        render: |judgement, _| handoff::render(judgement),
    },
];

/// The form of a name.
///
/// Faults: there is no such form; those there are are listed.
pub fn form(name: &str) -> Result<&'static Form> {
    form_by(FORMS, name)
}

/// The form of a name in a table.
///
/// Faults: as of [`form`].
pub fn form_by<'a>(table: &'a [Form], name: &str) -> Result<&'a Form> {
    table.iter().find(|form| form.name == name).ok_or_else(|| {
        let known: Vec<&str> = table.iter().map(|form| form.name).collect();
        Fault::because(
            Sub::FormUnknown,
            format!(
                "found the form {name:?}; expected one of {}",
                known.join(", ")
            ),
        )
    })
}
