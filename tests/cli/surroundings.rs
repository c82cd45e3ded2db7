//! Where the command line runs: in little memory, where nothing can be written, without a home.

use crate::support::{Home, Ran, bundle};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// 1 GiB, in the KiB of the shell.
const GIBIBYTE: &str = "ulimit -v 1048576";

fn ran(home: &Home, bound: &str, words: &[&str]) -> Ran {
    Ran::of(home.bounded(bound, words).output().expect("it runs"))
}

/// Two commands that read, judge and print, one over documents and one over whole bundles.
fn diffs() -> [Vec<String>; 2] {
    let documents = ["plain", "headline"].map(|name| bundle(&format!("documents/{name}.json")));
    let bundles = ["base-1", "regressed-1"].map(bundle);
    [documents, bundles].map(|[baseline, current]| {
        let words = [
            "diff",
            "--json",
            "--baseline",
            &baseline,
            "--current",
            &current,
        ];
        words.map(str::to_owned).to_vec()
    })
}

#[test]
fn a_bounded_address_space_changes_nothing() {
    let home = Home::new();
    for words in diffs() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (free, bounded) = (home.run(&words), ran(&home, GIBIBYTE, &words));
        assert_eq!(free.code, 1, "{}", free.stderr);
        assert_eq!(bounded.code, 1, "{}", bounded.stderr);
        assert!(free.stdout == bounded.stdout, "another judgement");
    }
}

#[test]
fn every_command_runs_in_a_gibibyte() {
    let home = Home::new();
    let (base, slow) = (bundle("base-1"), bundle("regressed-1"));
    let commands: [(&[&str], i32); 12] = [
        (&["init", "repo"], 0),
        (
            &["record", "--yes", "--repo-root", "repo", "--source", &base],
            0,
        ),
        (
            &[
                "record",
                "--yes",
                "--repo-root",
                "repo",
                "--source",
                &bundle("base-2"),
            ],
            0,
        ),
        (
            &[
                "diff",
                "--yes",
                "--repo-root",
                "repo",
                "--model",
                "tinyllama-7m",
                "--current",
                &slow,
            ],
            1,
        ),
        (
            &[
                "diff",
                "--baseline",
                &base,
                "--current",
                &slow,
                "--html",
                "page.html",
            ],
            1,
        ),
        (&["ingest", "--source", &base], 0),
        (
            &[
                "calibrate",
                "--runs",
                &bundle("aa-01"),
                "--runs",
                &bundle("aa-02"),
                "--runs",
                &bundle("aa-03"),
            ],
            0,
        ),
        (
            &["history", "--repo-root", "repo", "--model", "tinyllama-7m"],
            0,
        ),
        (
            &[
                "explain",
                "ttft_p50_ms@16",
                "--repo-root",
                "repo",
                "--model",
                "tinyllama-7m",
                "--current",
                &slow,
            ],
            0,
        ),
        (&["list", "--repo-root", "repo"], 0),
        (&["show", "--repo-root", "repo", "tinyllama-7m"], 0),
        (&["verify", "--repo-root", "repo"], 0),
    ];
    for (words, code) in commands {
        let ran = ran(&home, GIBIBYTE, words);
        assert_eq!(ran.code, code, "{words:?}: {}{}", ran.stdout, ran.stderr);
    }
}

/// With ever less address space a command works, and then says that it lacks memory: it never dies of it.
#[test]
fn too_little_address_space_is_an_error_of_its_own() {
    let home = Home::new();
    let [words, _] = diffs();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (mut worked, mut refused) = (0, 0);
    for mebibytes in [512, 384, 256, 224, 192, 160, 128, 96, 64] {
        let ran = ran(&home, &format!("ulimit -v {}", mebibytes << 10), &words);
        if ran.code == 1 {
            assert_eq!(refused, 0, "{mebibytes} MiB do where more did not");
            worked += 1;
            continue;
        }
        assert!(mebibytes < 256, "{mebibytes} MiB: {}", ran.stderr);
        assert_eq!(ran.code, 2, "{mebibytes} MiB: {}", ran.stderr);
        assert_eq!(
            ran.stderr,
            format!(
                "error: not enough memory: the system refused the component what it needs\n  Found a bound of {mebibytes} MiB on the address space of this process; expected 256 MiB or more. Raise it (ulimit -v KIB, or the limits of the job)\n"
            )
        );
        let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(told["error"]["code"], "memory");
        assert_eq!(told["error"]["exit_code"], 2);
        refused += 1;
    }
    assert!(worked >= 3 && refused >= 2, "{worked} {refused}");
}

/// The directory of scratch files is not there, and neither is a home.
#[test]
fn a_diff_writes_no_file() {
    let home = Home::new();
    for words in diffs() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = home.bounded("true", &words);
        command
            .env("TMPDIR", home.path("missing"))
            .env_remove("HOME");
        let ran = Ran::of(command.output().expect("it runs"));
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let verdict: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(verdict["verdict"], "RED");
    }
    let left: Vec<_> = fs::read_dir(home.path("."))
        .expect("readable")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(left, ["tmp"], "something was made");
}

/// A command whose verbs take a file does need a place for it, and says which one it tried.
#[test]
fn a_missing_scratch_directory_is_named() {
    let home = Home::with_registry();
    let source = bundle("base-1");
    let mut command = home.command(&[
        "record",
        "--yes",
        "--repo-root",
        "repo",
        "--source",
        &source,
    ]);
    command.env("TMPDIR", home.path("missing"));
    let ran = Ran::of(command.output().expect("it runs"));
    ran.refused("missing: cannot make a scratch directory here: ");
    ran.refused("Set TMPDIR to a directory that can be written");
}

/// Containers have no git, and an entry can be made there all the same: its revision is null.
#[test]
fn record_works_where_there_is_no_git() {
    let home = Home::with_registry();
    let source = bundle("base-1");
    let words = [
        "record",
        "--yes",
        "--json",
        "--repo-root",
        "repo",
        "--source",
    ];
    let mut command = home.command(&[&words[..], &[&source]].concat());
    command.env("PATH", home.path("missing"));
    let ran = Ran::of(command.output().expect("it runs"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let entry = Path::new(report["entry_dir"].as_str().expect("a path"));
    let facts = fs::read_to_string(entry.join("baseline.json")).expect("an entry");
    let facts: Value = serde_json::from_str(&facts).expect("JSON");
    let revision = facts.get("profile_and_optimize_sha");
    assert_eq!(revision, Some(&Value::Null), "{facts}");
    home.ok(&["verify", "--repo-root", "repo"]);
}
