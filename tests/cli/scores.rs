//! Quality scores beside the numbers of a run.

use crate::promotion::*;
use crate::support::{Home, bundle, golden};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A diff of a run that has this score against the registered baseline.
fn with_score<'a>(current: &'a str, score: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let words = ["diff", "--model", MODEL, "--current", current];
    [&words[..], &["--eval", score], &ROOT, more].concat()
}

#[test]
fn later_diffs_print_the_scores_of_both_sides() {
    let home = Home::with_registry();
    promoted(
        &home,
        &bundle("base-1"),
        &["--reason", "r", "--eval", "GPQA=0.71"],
    );
    let slow = bundle("regressed-1");
    let words = with_score(&slow, "GPQA=0.74", &[]);
    let ran = home.run(&[&words[..], &["--json"]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let judged: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let eval = &judged["evals"][0];
    assert_eq!(
        (&eval["baseline"], &eval["current"], &eval["reading"]),
        (&json!(0.71), &json!(0.74), &json!("gain"))
    );
    let said = "Quality rose (GPQA 0.71 -> 0.74): the regression may be its price";
    assert!(
        judged["recommendation"]
            .as_str()
            .expect("advice")
            .contains(said)
    );
    let text = home.run(&[&words[..], &["--all"]].concat()).stdout;
    assert!(text.contains("evals.GPQA 0.71 -> 0.74"), "{text}");
    let markdown = home
        .run(&[&words[..], &["--format", "markdown"]].concat())
        .stdout;
    assert!(
        markdown.contains("GPQA 0.71 -&gt; 0.74") || markdown.contains("GPQA 0.71 -> 0.74"),
        "{markdown}"
    );
    // The other way round: faster for less.
    let fast = bundle("improved-1");
    let words = with_score(&fast, "GPQA=0.60", &["--json"]);
    let judged: Value = serde_json::from_str(&home.run(&words).stdout).expect("JSON");
    assert!(
        judged["recommendation"]
            .as_str()
            .expect("advice")
            .contains("do not promote for speed alone"),
        "{}",
        judged["recommendation"]
    );
    // A percentage is not compared with a fraction in silence.
    let words = with_score(&slow, "GPQA=74%", &["--json"]);
    let judged: Value = serde_json::from_str(&home.run(&words).stdout).expect("JSON");
    assert_eq!(judged["evals"][0]["reading"], "not-compared");
}

/// As the specification writes them, and as another server registered them: in the notes of the entry alone.
#[test]
fn scores_in_notes_count() {
    let home = Home::with_registry();
    let notes = "GPQA=0.71. MMLU-Pro=0.83";
    let entry = home.record(&[&golden("run1")], &["--notes", notes]);
    let snapshot =
        fs::read_to_string(Path::new(&entry).join("source-snapshot.json")).expect("a document");
    let document: Value = serde_json::from_str(&snapshot).expect("JSON");
    let tasks: Vec<&Value> = document["evals"]
        .as_array()
        .expect("scores")
        .iter()
        .map(|one| &one["task"])
        .collect();
    assert_eq!(tasks, ["GPQA", "MMLU-Pro"]);

    let other = Home::with_registry();
    let entry = other.record(&[&golden("run1")], &[]);
    let path = Path::new(&entry).join("baseline.json");
    let text = fs::read_to_string(&path).expect("text");
    fs::write(
        &path,
        text.replace("\"notes\": \"\"", &format!("\"notes\": \"{notes}\"")),
    )
    .expect("written");
    let current = golden("run2");
    let ran = other.run(&[
        "diff",
        "--baseline",
        &entry,
        "--current",
        &current,
        "--eval",
        "MMLU-Pro=0.85",
        "--json",
    ]);
    let judged: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let readings: Vec<&Value> = judged["evals"]
        .as_array()
        .expect("scores")
        .iter()
        .map(|one| &one["reading"])
        .collect();
    assert_eq!(readings, ["gain", "one-sided"], "{}", judged["evals"]);
}

#[test]
fn an_entry_is_promoted_as_it_is_and_keeps_its_scores() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &["--eval", "GPQA=0.71"]);
    let slug = Path::new(&entry)
        .file_name()
        .expect("a slug")
        .to_string_lossy()
        .into_owned();
    let results = home.write(
        "results_2026.json",
        r#"{"results": {"ifeval": {"prompt_level_strict_acc,none": 0.8, "prompt_level_strict_acc_stderr,none": 0.017}}, "versions": {"ifeval": 4.0}, "n-shot": {"ifeval": 0}}"#,
    );
    let before = files(&home);
    let report = promoted(
        &home,
        &format!("{MODEL}@{}", &slug[..15]),
        &["--reason", "r", "--eval", &results],
    );
    nothing_lost(&before, &home);
    assert_eq!(report["slug"], slug.as_str());
    let tasks: Vec<&Value> = report["evals"]
        .as_array()
        .expect("scores")
        .iter()
        .map(|one| &one["task"])
        .collect();
    assert_eq!(tasks, ["GPQA", "ifeval"]);
    let words = [
        "diff",
        "--baseline",
        &entry,
        "--current",
        &bundle("base-2"),
        "--json",
    ];
    let judged = home.json(&words);
    let tasks: Vec<&Value> = judged["evals"]
        .as_array()
        .expect("scores")
        .iter()
        .map(|one| &one["task"])
        .collect();
    assert_eq!(tasks, ["GPQA", "ifeval"]);
    // What was judged is kept beside the verdict, since the entry holds less.
    let made = home.made_diff(MEASUREMENT);
    home.ok(&["verify", &made.display().to_string()]);
    assert_eq!(
        fs::read_dir(made.join("inputs")).expect("inputs").count(),
        1
    );
    // A score of the entry is not said to be another one later.
    let ran = promote(&home, &[&entry], &["--reason", "r", "--eval", "GPQA=0.75"]);
    ran.refused_as_json("found two scores of GPQA: 0.71 (stated) and 0.75 (stated)");
}
