//! Every finding that the code can make is explained in `docs/findings.md`, and no other.

use std::collections::BTreeSet;
use std::path::Path;

fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            sources(&path, texts);
        } else if !name.starts_with("tests") {
            texts.push(std::fs::read_to_string(&path).expect("text"));
        }
    }
}

fn is_code(text: &str) -> bool {
    let mut bytes = text.bytes();
    !text.is_empty() && bytes.all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// The first literal after each call that makes a finding; a call that hands a code on has none.
fn made(text: &str) -> impl Iterator<Item = &str> {
    let calls = ["Finding::warning(", "Finding::info(", "Finding::new("];
    let after = move |call: &'static str| text.split(call).skip(1);
    calls
        .into_iter()
        .flat_map(after)
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
}

#[test]
fn every_finding_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    sources(&root.join("src"), &mut texts);
    let made: BTreeSet<&str> = texts
        .iter()
        .flat_map(|text| made(text))
        .filter(|code| is_code(code))
        .collect();
    assert!(made.len() > 30, "{made:?}");
    let page = std::fs::read_to_string(root.join("../docs/findings.md")).expect("docs/findings.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let first = rows.filter_map(|line| line.split('|').nth(1));
    let documented: BTreeSet<&str> = first
        .flat_map(|cell| cell.split('`'))
        .filter(|code| is_code(code))
        .collect();
    assert_eq!(made, documented);
}
