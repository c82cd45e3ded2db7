//! A sweep over a fleet for people and tools. One file a form and one row of [`FORMS`].

mod lines;
mod skin;
mod text;
mod words;

use super::layout::Layout;
use super::page_head::PAGE_HEAD;
use crate::fault::{Fault, Result, Sub};
use crate::judge::sweep::Swept;

/// A form: its name and what makes its text.
pub type Form = (&'static str, fn(&Swept, Layout) -> String);

/// Every form.
pub const FORMS: &[Form] = &[
    ("text", text::render),
    ("json", |swept, _| lines::render(swept)),
    ("markdown", |swept, _| {
        skin::render(swept, &skin::MARKDOWN, "")
    }),
    ("junit", |swept, _| skin::render(swept, &skin::JUNIT, "")),
    ("page", |swept, _| {
        skin::render(swept, &skin::PAGE, PAGE_HEAD)
    }),
];

/// The form of a name.
///
/// Faults: there is no such form; those there are are listed.
pub fn form(name: &str) -> Result<Form> {
    let found = FORMS.iter().find(|form| form.0 == name);
    found.copied().ok_or_else(|| {
        let known: Vec<&str> = FORMS.iter().map(|form| form.0).collect();
        Fault::because(
            Sub::FormUnknown,
            format!(
                "found the form {name:?} of a sweep; expected one of {}",
                known.join(", ")
            ),
        )
    })
}
