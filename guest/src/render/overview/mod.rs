//! Every number over the registered runs, for a terminal and as a page.

mod page;
mod text;
mod words;

use super::layout::Layout;
use crate::fault::{Fault, Result, Sub};
use crate::judge::overview::Overview;

/// A form: its name and what makes its text.
pub type Form = (&'static str, fn(&Overview, Layout) -> String);

/// Every form.
pub const FORMS: &[Form] = &[
    ("text", |overview, layout| {
        text::render(overview, layout, true)
    }),
    ("ascii", |overview, layout| {
        text::render(overview, layout, false)
    }),
    ("page", |overview, _| page::render(overview)),
];

/// The form of a name.
///
/// Faults: there is no such form; those there are are listed.
pub fn form(name: &str) -> Result<Form> {
    let found = FORMS.iter().find(|form| form.0 == name);
    found.copied().ok_or_else(|| {
        Fault::because(
            Sub::FormUnknown,
            format!("found the form {name:?} of an overview; expected one of text, ascii, page"),
        )
    })
}
