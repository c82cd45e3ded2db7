//! Judgements and documents for people and tools. One file a form and one row of [`FORMS`]; every number is
//! formatted in [`crate::measure::shown`].

mod annotations;
pub mod answer;
pub mod calibration;
mod context;
mod csv;
mod entries;
mod folded;
mod github;
mod gitlab;
pub mod handoff;
pub mod history;
mod junit;
mod kinds;
mod layout;
mod line;
pub mod markdown;
pub mod member;
mod openmetrics;
mod page;
pub mod policy;
pub mod report;
mod sarif;
mod screen;
mod setting;
pub mod summary;
pub mod sweep;
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
    Form {
        name: "page",
        describes: "for the viewer: the sentences that no record holds, and the order of the rows",
        media_type: "application/json",
        extension: "json",
        render: |judgement, _| page::render(judgement),
    },
    Form {
        name: "junit",
        describes: "for what reads tests: a suite a place, a case a row, the verdict a case of its own",
        media_type: "application/xml",
        extension: "xml",
        render: junit::render,
    },
    Form {
        name: "sarif",
        describes: "for code scanning, SARIF 2.1.0: what is worse and what was noticed",
        media_type: "application/sarif+json",
        extension: "sarif",
        render: sarif::render,
    },
    Form {
        name: "github",
        describes: "for a log of GitHub Actions: the verdict and at most ten annotations of each kind",
        media_type: "text/plain",
        extension: "txt",
        render: annotations::render,
    },
    Form {
        name: "summary",
        describes: "for the summary of a job on GitHub: the Markdown with a sentence for each row, below its limit of 1 MiB",
        media_type: "text/markdown",
        extension: "md",
        render: summary::render,
    },
    Form {
        name: "gitlab",
        describes: "for GitLab's code quality report: what is worse and what was noticed",
        media_type: "application/json",
        extension: "json",
        render: gitlab::render,
    },
    Form {
        name: "openmetrics",
        describes: "for Prometheus and GitLab's metrics report: the numbers of both sides and which regressed",
        media_type: "application/openmetrics-text",
        extension: "prom",
        render: openmetrics::render,
    },
    Form {
        name: "csv",
        describes: "for spreadsheets and data frames: every row with the verdict, RFC 4180",
        media_type: "text/csv",
        extension: "csv",
        render: csv::render,
    },
    Form {
        name: "line",
        describes: "for a chat: the verdict and the headline in one line of at most 200 columns",
        media_type: "text/plain",
        extension: "txt",
        render: line::render,
    },
    Form {
        name: "sweep",
        describes: "for a sweep over a fleet: what its grouping needs, in one line of JSON",
        media_type: "application/json",
        extension: "json",
        render: |judgement, _| member::render(judgement),
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
