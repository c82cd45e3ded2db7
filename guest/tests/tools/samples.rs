//! `tests/make-real-bundles` says of every sample whether it is real or constructed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_sample_says_how_it_was_made() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let recipe = fs::read_to_string(tests.join("make-real-bundles")).expect("the script");
    let notes = fs::read_to_string(tests.join("data/tools/README.md")).expect("the notes");
    let list = recipe
        .split_once("<<'LIST'\n")
        .and_then(|(_, rest)| rest.split_once("\nLIST"));
    let list = list.expect("the list").0;
    for item in fs::read_dir(tests.join("data/tools")).expect("samples") {
        let item = item.expect("readable");
        let name = item.file_name().to_string_lossy().into_owned();
        if !item.path().is_dir() {
            continue;
        }
        // `a-0.1, a-0.2.1` and `a-0.18, -1.1` name two.
        let end = name.rsplit_once('-').map_or("", |(_, end)| end);
        let line = list.lines().find(|line| {
            let mut words = line.split([' ', ',', '/']);
            line.contains("tools/")
                && (words.any(|word| word == name) || line.contains(&format!(", -{end} ")))
        });
        let line = line.unwrap_or_else(|| panic!("{name} is not in the list of make-real-bundles"));
        assert!(
            line.contains(" real") || line.contains(" constructed: "),
            "{line}"
        );
        assert!(notes.contains(&format!("`{name}`")), "{name}: README.md");
        let noted = notes
            .lines()
            .find(|row| row.starts_with('|') && row.contains(&format!("`{name}`")));
        assert_eq!(
            line.contains("constructed"),
            noted.is_some_and(|row| row.contains("constructed")),
            "{name}"
        );
    }
    // A tool that was run has its command.
    let tools: BTreeSet<&str> = list
        .lines()
        .filter(|line| line.contains(" real"))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    for tool in tools {
        assert!(recipe.contains(&format!("\n{tool})\n")), "{tool}");
    }
}
