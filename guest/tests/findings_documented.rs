//! `docs/findings.md` is the table of findings, row for row.

use perfbridge_guest::finding::{FindingCode, Stage};
use std::path::Path;

/// The rows of the page: codes, what was seen and the effect, by the heading above them.
fn documented() -> Vec<(String, String, String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/findings.md");
    let page = std::fs::read_to_string(page).expect("docs/findings.md");
    let (mut heading, mut rows) = (String::new(), Vec::new());
    for line in page.lines() {
        if let Some(text) = line.strip_prefix("## ") {
            heading = text.to_owned();
        }
        let Some(row) = line
            .strip_prefix("| `")
            .and_then(|row| row.strip_suffix(" |"))
        else {
            continue;
        };
        let mut cells = row.split(" | ").map(str::to_owned);
        let mut cell = || cells.next().expect("three cells");
        let (codes, seen, effect) = (cell(), cell(), cell());
        for code in codes.split(", ") {
            let code = code.trim_matches('`').to_owned();
            rows.push((heading.clone(), code, seen.clone(), effect.clone()));
        }
    }
    rows
}

#[test]
fn the_page_is_the_table() {
    let heading = |stage| match stage {
        Stage::Reading => "While a bundle is read",
        Stage::Comparing => "While two documents are compared",
    };
    let table = FindingCode::ALL.iter().filter_map(FindingCode::row);
    let table: Vec<_> = table
        .map(|row| {
            let text = str::to_owned;
            (
                text(heading(row.stage)),
                text(row.name),
                text(row.seen),
                text(row.effect),
            )
        })
        .collect();
    assert_eq!(documented(), table);
}

/// A document of another version may carry a code that this one does not make: it is kept as it is.
#[test]
fn a_foreign_code_survives() {
    let text = r#"{"code":"SOMETHING_NEW","severity":"error","message":"m","where":null}"#;
    let finding: perfbridge_guest::finding::Finding =
        serde_json::from_str(text).expect("a finding");
    assert_eq!(finding.code, FindingCode::Foreign("SOMETHING_NEW".into()));
    assert_eq!(serde_json::to_string(&finding).expect("JSON"), text);
}
