//! Judgements and documents for people. One file a format; every number is formatted in [`crate::measure::shown`].

pub mod calibration;
mod context;
pub mod history;
pub mod markdown;
pub mod report;
pub mod text;

/// How a text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Columns of the terminal; text is wrapped to at most this many.
    pub width: usize,
    /// Whether escape codes for colour may be used.
    pub colour: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout {
            width: 80,
            colour: false,
        }
    }
}

/// temporary
pub struct Form {
    /// name
    pub name: &'static str,
    /// d
    pub describes: &'static str,
    /// m
    pub media_type: &'static str,
    /// e
    pub extension: &'static str,
    /// r
    pub render: fn(&crate::judge::Judgement, Layout) -> String,
}
/// temporary
pub const FORMS: &[Form] = &[
    Form {
        name: "json",
        describes: "",
        media_type: "application/json",
        extension: "json",
        render: |j, _| j.to_json(),
    },
    Form {
        name: "text",
        describes: "",
        media_type: "text/plain",
        extension: "txt",
        render: |j, l| text::render(j, l),
    },
    Form {
        name: "markdown",
        describes: "",
        media_type: "text/markdown",
        extension: "md",
        render: |j, _| markdown::render(j, false),
    },
    Form {
        name: "markdown-explained",
        describes: "",
        media_type: "text/markdown",
        extension: "md",
        render: |j, _| markdown::render(j, true),
    },
];
/// temporary
pub fn form(name: &str) -> crate::fault::Result<&'static Form> {
    FORMS.iter().find(|f| f.name == name).ok_or_else(|| {
        crate::fault::Fault::because(crate::fault::Sub::FormUnknown, format!("no form {name}"))
    })
}
/// temporary
pub mod answer {
    /// t
    pub fn render(j: &crate::judge::Judgement) -> String {
        j.reason.clone()
    }
}
