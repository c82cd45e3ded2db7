//! promote, promotions and `plan --again`: what becomes the baseline of record, what is said of it, and what never changes.

use crate::support::{Home, Ran, bundle};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub const MODEL: &str = "tinyllama-7m";
pub const MEASUREMENT: &str = "tinyllama-7m-perfbench-v1";
pub const ROOT: [&str; 2] = ["--repo-root", "repo"];

pub fn promote(home: &Home, current: &[&str], more: &[&str]) -> Ran {
    let mut words = vec!["promote", "--json", "--current"];
    words.extend(current);
    words.extend(ROOT);
    words.extend(more);
    home.run(&words)
}

pub fn promoted(home: &Home, current: &str, more: &[&str]) -> Value {
    let ran = promote(home, &[current], more);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(report["promoted"], true);
    report
}

pub fn moves(home: &Home, more: &[&str]) -> Vec<Value> {
    let words = [&["promotions", "--json"], &ROOT[..], more].concat();
    let listed = home.json(&words);
    listed["promotions"].as_array().expect("a list").clone()
}

/// Every file below the registry with its bytes.
pub fn files(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    fn below(dir: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for item in fs::read_dir(dir).expect("a directory") {
            let path = item.expect("readable").path();
            match path.is_dir() {
                true => below(&path, found),
                false => {
                    let bytes = fs::read(&path).expect("readable");
                    found.insert(path, bytes);
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    below(&home.path("repo"), &mut found);
    found
}

/// Nothing that was there is gone or has other bytes; to the index rows are added.
pub fn nothing_lost(before: &BTreeMap<PathBuf, Vec<u8>>, home: &Home) {
    let after = files(home);
    for (path, bytes) in before {
        let now = after
            .get(path)
            .unwrap_or_else(|| panic!("{path:?} is gone"));
        match path.ends_with("INDEX.md") {
            true => assert!(now.starts_with(bytes), "{path:?}"),
            false => assert_eq!(now, bytes, "{path:?} was changed"),
        }
    }
}

#[test]
fn a_run_becomes_the_baseline_of_record() {
    let home = Home::with_registry();
    let more = [
        "--model",
        MODEL,
        "--reason",
        "the first one",
        "--eval",
        "GPQA=0.71",
    ];
    let first = promoted(&home, &bundle("base-1"), &more);
    assert_eq!(first["replaces"], Value::Null);
    assert_eq!(first["against"], Value::Null);
    assert_eq!(first["evals"][0]["value"], 0.71);
    let slug = first["slug"].as_str().expect("a slug");
    // The scores are in the document, which is hashed.
    let entry = Path::new(first["entry_dir"].as_str().expect("a path"));
    let document = fs::read_to_string(entry.join("source-snapshot.json")).expect("a document");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["evals"][0]["task"], "GPQA");
    let listed = home.json(&[&["list", "--json"], &ROOT[..]].concat());
    assert_eq!(listed["entries"][0]["roles"], json!(["baseline"]));

    let before = files(&home);
    let second = promoted(&home, &bundle("base-2"), &["--reason", "a newer engine"]);
    nothing_lost(&before, &home);
    assert_eq!(second["replaces"], slug);
    // As diff judges the two.
    let (one, two) = (bundle("base-1"), bundle("base-2"));
    let judged = home.json(&["diff", &one, &two, "--json"]);
    for key in ["verdict", "rule", "tier"] {
        assert_eq!(second["against"][key], judged[key], "{key}");
    }
    // The verdict is kept, and holds.
    let kept = home
        .path("repo")
        .join(second["against"]["bundle"].as_str().expect("a bundle"));
    home.ok(&["verify", &kept.display().to_string()]);
    // Newer entries do not move it.
    home.record(&[&bundle("aa-01")], &[]);
    let shown = home.json(&[&["show", MODEL, "--json"], &ROOT[..]].concat());
    assert_eq!(shown["entry"]["slug"], second["slug"]);

    let log = moves(&home, &[]);
    let told = |at: usize, key: &str| log[at][key].clone();
    assert_eq!(log.len(), 2);
    assert_eq!(
        (told(0, "reason"), told(1, "reason")),
        (json!("the first one"), json!("a newer engine"))
    );
    assert_eq!(
        (told(0, "operator"), told(1, "replaces")),
        (json!("operator"), json!(slug))
    );
    assert_eq!(told(0, "evals")[0]["task"], "GPQA");
    let text = home.ok(&[&["promotions", MODEL], &ROOT[..]].concat());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("WHEN"), "{text}");
    assert!(
        lines[1].contains("operator") && lines[1].ends_with("the first one; GPQA 0.71 (stated)"),
        "{text}"
    );
    assert!(
        lines[2].contains(slug) && lines[2].ends_with("a newer engine"),
        "{text}"
    );
}

pub trait Refused {
    fn refused_as_json(&self, words: &str);
}

impl Refused for Ran {
    fn refused_as_json(&self, words: &str) {
        assert_eq!(self.code, 2, "{} {}", self.stdout, self.stderr);
        let error: Value = serde_json::from_str(&self.stdout).expect("JSON");
        let message = error["error"]["message"].as_str().expect("a message");
        assert!(message.contains(words), "{words:?} is not in {message:?}");
    }
}

#[test]
fn a_ratchet_only_goes_forward() {
    let home = Home::with_registry();
    let ratchet = ["--reason", "r", "--ratchet"];
    // Whatever comes first would be taken.
    let ran = promote(&home, &[&bundle("base-1")], &ratchet);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stdout
            .contains("--ratchet found nothing to go forward from"),
        "{}",
        ran.stdout
    );
    let first: Vec<String> = (1..=3).map(|n| bundle(&format!("aa-0{n}"))).collect();
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let ran = promote(&home, &first, &["--reason", "first"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let stands = || {
        let shown =
            home.json(&[&["show", &format!("{MODEL}@baseline"), "--json"], &ROOT[..]].concat());
        shown["entry"]["slug"].as_str().expect("a slug").to_owned()
    };
    let slug = stands();
    // Worse is refused with 1, nothing is registered and no role moves.
    let before = files(&home);
    let ran = promote(&home, &[&bundle("regressed-1")], &ratchet);
    assert_eq!(ran.code, 1, "{} {}", ran.stdout, ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (&report["promoted"], &report["against"]["verdict"]),
        (&json!(false), &json!("RED"))
    );
    assert!(
        ran.stderr.contains("not promoted: RED by rule "),
        "{}",
        ran.stderr
    );
    nothing_lost(&before, &home);
    assert_eq!(stands(), slug);
    assert_eq!(moves(&home, &[]).len(), 1);
    // One run is a draft, with what it lacks.
    let ran = promote(&home, &[&bundle("aa-06")], &ratchet);
    assert_eq!(ran.code, 3, "{} {}", ran.stdout, ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert!(!report["missing"].as_array().expect("a list").is_empty());
    assert!(
        ran.stderr.contains("this is a draft; a verdict needs:"),
        "{}",
        ran.stderr
    );
    // Nothing can be said of a run against itself.
    let ran = promote(&home, &first, &ratchet);
    assert_eq!(ran.code, 3, "{} {}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("NO_VERDICT"), "{}", ran.stdout);
    assert_eq!((stands(), moves(&home, &[]).len()), (slug, 1));
}

/// Aliases are roles: each has its own history, and every command that takes an entry takes them.
#[test]
fn an_alias_moves_and_keeps_its_history() {
    let home = Home::with_registry();
    let one = home.record(&[&bundle("base-1")], &[]);
    let two = home.record(&[&bundle("base-2")], &[]);
    promoted(&home, &one, &["--role", "staging", "--reason", "try it"]);
    promoted(
        &home,
        &one,
        &["--role", "production", "--reason", "it held"],
    );
    let before = files(&home);
    let moved = promoted(&home, &two, &["--role", "production", "--reason", "newer"]);
    nothing_lost(&before, &home);
    let slug = |entry: &str| {
        Path::new(entry)
            .file_name()
            .expect("a slug")
            .to_string_lossy()
            .into_owned()
    };
    assert_eq!(moved["replaces"], slug(&one).as_str());
    let production = format!("{MODEL}@production");
    let staging = format!("{MODEL}@staging");
    let at = |name: &str| {
        home.json(&[&["show", name, "--json"], &ROOT[..]].concat())["entry"]["slug"].clone()
    };
    assert_eq!(
        (at(&production), at(&staging)),
        (json!(slug(&two)), json!(slug(&one)))
    );
    // Neither is the baseline that --model takes.
    assert_eq!(at(MODEL), slug(&two).as_str());
    let log = moves(&home, &["--role", "production"]);
    let reasons: Vec<&Value> = log.iter().map(|one| &one["reason"]).collect();
    assert_eq!(reasons, ["it held", "newer"]);
    let against = [
        &[
            "diff",
            "--baseline",
            &staging,
            "--current",
            &production,
            "--json",
        ],
        &ROOT[..],
    ]
    .concat();
    let against = home.json(&against);
    assert_eq!(against["verdict"], "YELLOW");
    for words in [
        vec!["plan", "--again", &production],
        vec!["verify", &production],
        vec![
            "gate",
            "--baseline",
            &staging,
            &production,
            "--require-tier",
            "draft",
        ],
    ] {
        home.ok(&[&words[..], &ROOT[..]].concat());
    }
    home.ok(&[
        &["pin", &production, "--role", "production", "--release"],
        &ROOT[..],
    ]
    .concat());
    let log = moves(&home, &["--role", "production"]);
    assert_eq!((log.len(), &log[2]["released"]), (3, &json!(true)));
    let gone = home.run(&[&["show", &production], &ROOT[..]].concat());
    gone.refused("is called \"production\"");
}

#[test]
fn what_cannot_be_promoted_is_refused_before_anything_is_written() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &[]);
    let observed = home.record(&[&bundle("base-2")], &["--observe"]);
    let elsewhere = Home::with_registry();
    let other = elsewhere.record(&[&bundle("base-1")], &[]);
    let wrong = home.write("wrong.json", "{\"results\": {}}");
    let run = bundle("base-2");
    let before = files(&home);
    for (current, more, words) in [
        (
            run.as_str(),
            &["--reason", " "][..],
            "--reason must be one line",
        ),
        (&run, &["--reason", "a\nb"], "--reason must be one line"),
        (&observed, &["--reason", "r"], "found an observation"),
        (
            &other,
            &["--reason", "r"],
            "found an entry of another registry",
        ),
        (
            &entry,
            &["--reason", "r", "--notes", "n"],
            "--notes are kept with a new entry",
        ),
        (
            &entry,
            &["--reason", "r", "--set", "context.hardware=B200"],
            "which is never changed",
        ),
        (
            &entry,
            &["--reason", "r", "--model", "kimi"],
            "this baseline is of the model",
        ),
        (&run, &["--reason", "r", "--model", "kimi"], "kimi"),
        (
            &run,
            &["--reason", "r", "--eval", "GPQA"],
            "which is no file; expected NAME=NUMBER",
        ),
        (
            &run,
            &["--reason", "r", "--eval", "GPQA=good"],
            "found the score \"GPQA=good\"",
        ),
        (&run, &["--reason", "r", "--eval", &wrong], "found no score"),
        (
            &run,
            &["--reason", "r", "--role", "1st"],
            "role must begin with a letter",
        ),
        (
            "nothing@here",
            &["--reason", "r"],
            "no baseline of \"nothing\" is registered",
        ),
    ] {
        promote(&home, &[current], more).refused_as_json(words);
        assert!(files(&home) == before, "{words}");
    }
    home.run(&["promotions", "--repo-root", "nowhere"]);
    let none = Home::with_registry();
    let ran = none.run(&[&["promotions"], &ROOT[..]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(
        ran.stderr.contains("nothing was promoted"),
        "{}",
        ran.stderr
    );
}
