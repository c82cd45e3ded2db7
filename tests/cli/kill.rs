//! `kill -9` in the middle of `record`, again and again: a whole entry or none, and nothing that an entry
//! before it would feel.

use crate::support::{Home, golden};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Instant;

/// Moments are spread over the time that one undisturbed record takes, so that they fall before, while and
/// after it writes, on a fast machine and on a slow one.
#[test]
fn an_entry_is_whole_or_not_there() {
    let home = Home::with_registry();
    let source = golden("run1");
    let words = [
        "record",
        "--yes",
        "--json",
        "--source",
        &source,
        "--repo-root",
        "repo",
    ];
    let started = Instant::now();
    home.ok(&words);
    let undisturbed = started.elapsed();
    let mut survivors = 1;
    let mut killed = 0;
    for round in 0..40_u32 {
        let mut child = home
            .command(&words)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let until = Instant::now() + undisturbed * (round + 1) / 36;
        while Instant::now() < until {
            std::thread::yield_now();
        }
        let _ = child.kill();
        let status = child.wait().expect("it ends");
        killed += u32::from(status.code().is_none());
        let listed = home.json(&["list", "--json", "--repo-root", "repo"]);
        let entries = listed["entries"].as_array().expect("entries").clone();
        let grown = entries.len() - survivors;
        assert!(grown <= 1, "round {round}: {grown} entries more");
        // What says that it is done has its entry.
        assert!(!status.success() || grown == 1, "round {round}");
        survivors = entries.len();
        for entry in &entries {
            let dir = entry["dir"].as_str().expect("dir");
            let shown = home.json(&["show", dir, "--json"]);
            assert_eq!(shown["document"]["model"], "tiny-llama", "round {round}");
        }
        check(&home, round);
    }
    assert!(killed >= 10, "only {killed} of 40 were killed in time");
    // And it still works.
    home.ok(&words);
    let report: Value = home.json(&["verify", "--json", "--repo-root", "repo"]);
    assert_eq!(report["entries"], survivors + 1);
}

/// Sound, but for what an interrupted record may leave: a hidden partial directory, or an entry without its
/// row in the index, which are told as warnings.
fn check(home: &Home, round: u32) {
    let ran = home.run(&["verify", "--json", "--repo-root", "repo"]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let problems = report["problems"].as_array().expect("problems");
    let kinds: BTreeSet<&str> = problems
        .iter()
        .filter_map(|problem| problem["severity"].as_str())
        .collect();
    assert!(
        kinds.iter().all(|kind| *kind == "warning"),
        "round {round}: {problems:?}"
    );
    assert_eq!(
        (ran.code, &report["sound"]),
        (0, &Value::Bool(true)),
        "round {round}: {problems:?}"
    );
}
