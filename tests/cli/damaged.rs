//! A registry of which something was damaged or replaced: the baseline of a model is never another one in silence.

use crate::promotion::{MEASUREMENT, MODEL, ROOT, promoted};
use crate::support::{Home, Ran, bundle};
use std::fs;
use std::path::{Path, PathBuf};

/// The first of two runs is promoted where that is asked for; then the registry is damaged.
struct Damaged {
    home: Home,
    entries: [PathBuf; 2],
}

impl Damaged {
    fn new(is_promoted: bool) -> Self {
        let home = Home::with_registry();
        let entries = ["base-1", "regressed-1"].map(|run| home.record(&[&bundle(run)], &[]).into());
        let damaged = Damaged { home, entries };
        if is_promoted {
            let first = damaged.entries[0].to_string_lossy().into_owned();
            promoted(&damaged.home, &first, &["--reason", "r", "--yes"]);
        }
        damaged
    }

    fn gate(&self) -> Ran {
        let words = [
            "gate",
            "--model",
            MODEL,
            &bundle("base-2"),
            "--require-tier",
            "draft",
        ];
        self.home.run(&[&words, &ROOT[..]].concat())
    }

    fn mark(&self) -> PathBuf {
        let marks =
            format!("repo/experiments/artifacts/perf-baseline-marks/inference/{MEASUREMENT}");
        let mut items = fs::read_dir(self.home.path(&marks)).expect("marks");
        items.next().expect("a mark").expect("readable").path()
    }
}

fn conflict(path: &Path) {
    let text = fs::read_to_string(path).expect("text");
    fs::write(path, format!("<<<<<<< HEAD\n{text}")).expect("written");
}

#[test]
fn a_newest_entry_that_cannot_be_read_is_not_passed_over() {
    let damaged = Damaged::new(false);
    let file = damaged.entries[1].join("baseline.json");
    conflict(&file);
    let ran = damaged.gate();
    ran.refused("the newest entry cannot be read");
    assert!(ran.stderr.contains("baseline.json"), "{}", ran.stderr);
    // Nor does a ratchet go forward from the one before it.
    let run = bundle("base-2");
    let words = ["promote", "--ratchet", "--current", &run, "--reason", "r"];
    let words = [&words[..], &["--yes"], &ROOT[..]].concat();
    let ran = damaged.home.run(&words);
    ran.refused("the newest entry cannot be read");
    // One that was never written to its end is told.
    fs::remove_file(&file).expect("removed");
    let ran = damaged.gate();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("has no baseline.json and is left out"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_older_damaged_entry_is_nothing_to_the_newest() {
    let damaged = Damaged::new(false);
    conflict(&damaged.entries[0].join("baseline.json"));
    let ran = damaged.gate();
    assert!(ran.code < 2, "{}", ran.stderr);
}

#[test]
fn a_mark_that_cannot_be_read_may_be_the_pin() {
    let damaged = Damaged::new(true);
    assert_eq!(damaged.gate().code, 0);
    conflict(&damaged.mark());
    damaged
        .gate()
        .refused("cannot be read, so that nobody can say which entry is meant");
    let named = format!("{MODEL}@baseline");
    let words = [&["show", named.as_str()], &ROOT[..]].concat();
    damaged.home.run(&words).refused("a mark of");
    let again = [
        "promote",
        "--current",
        &bundle("base-2"),
        "--reason",
        "r",
        "--yes",
    ];
    let ran = damaged.home.run(&[&again, &ROOT[..]].concat());
    ran.refused("a mark of");
}

#[test]
fn what_was_promoted_is_what_is_judged_against() {
    let damaged = Damaged::new(true);
    let [first, second] = &damaged.entries;
    // The snapshot of another run, with the hash of that.
    for name in ["baseline.json", "source-snapshot.json"] {
        fs::copy(second.join(name), first.join(name)).expect("copied");
    }
    let ran = damaged.gate();
    ran.refused("the entry is not what was promoted");
    assert!(
        ran.stderr.contains("Restore the entry, or promote it anew"),
        "{}",
        ran.stderr
    );
    let run = bundle("base-2");
    let again = ["promote", "--current", &run, "--reason", "r", "--yes"];
    let ran = damaged.home.run(&[&again, &ROOT[..]].concat());
    ran.refused("the entry is not what was promoted");
    // A mark that was moved to another entry is no promotion of that.
    let damaged = Damaged::new(true);
    let mark = damaged.mark();
    let slug = |at: usize| {
        damaged.entries[at]
            .file_name()
            .expect("a slug")
            .to_string_lossy()
            .into_owned()
    };
    let text = fs::read_to_string(&mark).expect("text");
    fs::write(&mark, text.replace(&slug(0), &slug(1))).expect("written");
    damaged.gate().refused("the entry is not what was promoted");
}

/// The run is of the day on which the waiver still held; it is promoted later.
#[test]
fn a_ratchet_takes_no_waiver_that_has_ended_by_now() {
    let damaged = Damaged::new(true);
    let policy = damaged.home.write(
        "p.toml",
        "[[waiver]]\nmetric = \"tps\"\nplace = \"c16\"\nreason = \"r\"\nowner = \"ada\"\nexpires = 2026-11-25\n",
    );
    let run = bundle("regressed-1");
    let words = [
        "promote",
        "--ratchet",
        "--current",
        &run,
        "--reason",
        "r",
        "--yes",
        "--policy",
        &policy,
    ];
    let ran = damaged.home.run(&[&words, &ROOT[..]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.says("by ada expired on 2026-11-25, today is 2"),
        "{}",
        ran.stderr
    );
}
