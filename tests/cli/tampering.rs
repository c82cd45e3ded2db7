//! Whatever of a verdict is changed is named.

use crate::evidence::*;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn what_was_tampered_with_is_named() {
    let (home, made) = judged();
    let replace = |file: &Path, from: &str, to: &str| {
        let old = text(file);
        assert!(old.contains(from), "{from} is not in {file:?}");
        fs::write(file, old.replacen(from, to, 1)).expect("written");
        old
    };
    let entry = PathBuf::from(text(&made.join("baseline-ref.txt")).trim());
    let case = value(&made.join("case.json"));
    let past = case["history"][0]
        .as_str()
        .expect("a name")
        .rsplit_once('@')
        .expect("a slug")
        .1;
    let past = entry.with_file_name(past);
    let policy = fs::read_dir(made.join("inputs"))
        .expect("inputs")
        .next()
        .expect("one")
        .expect("one")
        .path();
    for (file, from, to, expected) in [
        (
            made.join("verdict.json"),
            "\"verdict\": \"RED\"",
            "\"verdict\": \"GREEN\"",
            &["diff.json differs verdict", "verdict.json differs verdict"][..],
        ),
        (
            made.join("verdict.json"),
            "\"delta_pct\": -",
            "\"delta_pct\": ",
            &["verdict.json differs headline.delta_pct"],
        ),
        (
            made.join("verdict.md"),
            "**RED**",
            "**GREEN**",
            &["verdict.md differs line 3"],
        ),
        (
            made.join("current-snapshot.json"),
            "\"errors\": 0",
            "\"errors\": 1",
            &["current run differs -"],
        ),
        (
            made.join("case.json"),
            "\"history\"",
            " \"history\"",
            &["case differs -"],
        ),
        (
            entry.join("source-snapshot.json"),
            "\"errors\": 0",
            "\"errors\": 1",
            &["baseline differs -", "snapshot of the entry differs -"],
        ),
        (
            past.join("source-snapshot.json"),
            "\"errors\": 0",
            "\"errors\": 1",
            &["history 1 differs -"],
        ),
        (policy.clone(), "7", "8", &["policy differs -"]),
        (
            made.join("diff.json"),
            "\"verdict\": \"RED\"",
            "\"verdict\": \"GREEN\"",
            &["diff.json differs verdict"],
        ),
    ] {
        let old = replace(&file, from, to);
        let (code, report) = verify(&home, &made, &[]);
        let found = wrong(&report);
        assert_eq!(code, 1, "{file:?} {report}");
        for one in expected {
            assert!(
                found.iter().any(|found| found == one),
                "{file:?}: {one:?} is not in {found:?}"
            );
        }
        fs::write(&file, &old).expect("written");
    }
    // Which hash was expected and which was found.
    let snapshot = made.join("current-snapshot.json");
    let old = replace(&snapshot, "\"errors\": 0", "\"errors\": 1");
    let (_, report) = verify(&home, &made, &[]);
    let check = report["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .find(|check| check["what"] == "current run")
        .expect("it")
        .clone();
    assert_eq!(
        (check["expected"].as_str(), check["found"].as_str()),
        (
            Some(sha256(old.as_bytes()).as_str()),
            Some(sha256(text(&snapshot).as_bytes()).as_str())
        )
    );
    let said = home.run(&["verify", &made.display().to_string()]);
    assert!(
        said.stdout.contains("DIFFERS  current run: ")
            && said.stdout.contains("verdict does NOT hold"),
        "{}",
        said.stdout
    );
    fs::write(&snapshot, &old).expect("written");
    // What is gone is another thing than what was changed.
    for (file, what) in [
        (snapshot, "current run missing -"),
        (policy, "policy missing -"),
        (made.join("verdict.md"), "words missing -"),
        (past.join("source-snapshot.json"), "history 1 missing -"),
    ] {
        let bytes = fs::read(&file).expect("a file");
        fs::remove_file(&file).expect("removed");
        let (code, report) = verify(&home, &made, &[]);
        assert_eq!(
            (code, wrong(&report)),
            (2, vec![what.to_owned()]),
            "{report}"
        );
        fs::write(&file, bytes).expect("written");
    }
    assert_eq!(verify(&home, &made, &[]).0, 0);
}
