//! A throw-away output: a line a row, for a spreadsheet.

use perfbridge_guest::judge::Judgement;
use perfbridge_guest::render::{Form, Layout};

/// Its row of the table of outputs.
pub const FORM: Form = Form {
    name: "rows",
    describes: "a line a row: place, metric and status",
    media_type: "text/tab-separated-values",
    extension: "tsv",
    render,
};

fn render(judgement: &Judgement, _: Layout) -> String {
    let line =
        |(place, metric, status): (String, &str, &str)| format!("{place}\t{metric}\t{status}\n");
    let rows = judgement.rows.iter();
    rows.map(|row| line((row.level(), &row.name(), row.status.as_str())))
        .collect()
}
