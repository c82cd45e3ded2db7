//! Not written yet.

use super::Source;

/// The format.
pub const SOURCE: Source = Source {
    name: "report_markdown",
    by_content: |_| false,
    by_name: |_| false,
    read: |_, _, _| Ok(()),
};
