//! `record`: what it refuses, in which order, and that a refusal leaves nothing.

mod common;

use common::{BASE, Bench, record_refused};
use perfbridge_registry::{Grants, Surroundings, Verbs, verify};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn refusals_come_in_the_documented_order() {
    let bench = Bench::new();
    let bad = [
        "--family",
        "../x",
        "--value",
        "inf",
        "--schema",
        "nope.json",
        "--source",
    ];
    let with = |source| [bad.as_slice(), &[source]].concat();
    record_refused(&bench, &with("gone"), "--source does not exist: ROOT/gone");
    let good = "inputs/flat_base.json";
    record_refused(&bench, &with(good), "--value must be a finite number");
    record_refused(
        &bench,
        &[&with(good)[..], &["--value=1"]].concat(),
        "--schema must be a file: ROOT/nope.json",
    );
    let no_schema = [&with(good)[..], &["--value=1", "--schema="]].concat();
    record_refused(&bench, &no_schema, "family must be one safe path segment\n");
    let no_family = [&no_schema[..], &["--family=f", "--measurement=a/b"]].concat();
    record_refused(
        &bench,
        &no_family,
        "measurement must be one safe path segment\n",
    );
}

#[test]
fn names_that_are_too_long_and_links_that_lead_out_are_refused() {
    let bench = Bench::new();
    let long = "f".repeat(256);
    record_refused(
        &bench,
        &["--source", "inputs/schema.json", "--family", &long],
        "cannot create an entry in ROOT/experiments",
    );
    assert!(
        !bench.path("experiments").exists(),
        "not even a directory is left"
    );
    fs::create_dir_all(bench.path("experiments/artifacts/perf-baselines")).expect("mkdir");
    symlink("/", bench.path("experiments/artifacts/perf-baselines/out")).expect("symlink");
    let outside = ["--source", "inputs/schema.json", "--family", "out"];
    record_refused(
        &bench,
        &outside,
        "artifact path escapes its registry root\n",
    );
}

#[test]
fn the_registry_itself_may_be_a_link() {
    let bench = Bench::new();
    fs::create_dir_all(bench.path("experiments/artifacts")).expect("mkdir");
    fs::create_dir_all(bench.path("elsewhere")).expect("mkdir");
    symlink(
        "../../elsewhere",
        bench.path("experiments/artifacts/perf-baselines"),
    )
    .expect("symlink");
    let entry = bench.recorded("m", "inputs/schema.json", &[]);
    assert!(
        entry.starts_with(bench.path("elsewhere/inference/m")),
        "{}",
        entry.display()
    );
    assert_eq!(verify(&bench.root).problems, []);
}

#[test]
fn grants_are_kept() {
    let source = ["--source", "inputs/schema.json"];
    let bench = Bench::with(
        |grants| Grants {
            read_only: true,
            ..grants
        },
        |registry| registry,
    );
    record_refused(&bench, &source, "this registry is read-only here");

    let bench = Bench::new();
    record_refused(
        &bench,
        &[&source[..], &["--repo-root", "/elsewhere"]].concat(),
        "--repo-root is not allowed here: /elsewhere; allowed is ROOT",
    );
    record_refused(
        &bench,
        &[&source[..], &["--repo-root", "sub"]].concat(),
        "--repo-root is not allowed here: ROOT/sub",
    );
    assert_eq!(
        bench
            .record(&[BASE, &source, &["--repo-root", "."]].concat())
            .returncode,
        0
    );
    assert_eq!(
        bench
            .record(&[BASE, &source, &["--repo-root="]].concat())
            .returncode,
        0,
        "empty is not given"
    );

    let allow = |grants: Grants| Grants {
        allowed_roots: Some(vec!["roots".into()]),
        ..grants
    };
    let bench = Bench::with(allow, |registry| registry);
    for (root, code) in [
        ("roots", 0),
        ("roots/a/b", 0),
        ("roots-old", 2),
        ("roots/../x", 2),
    ] {
        let reply = bench.record(&[BASE, &source, &["--repo-root", root]].concat());
        assert_eq!(reply.returncode, code, "{root}: {}", reply.stderr);
    }
    assert!(
        bench
            .path("roots/a/b/experiments/artifacts/perf-baselines/f/m/INDEX.md")
            .is_file()
    );
    let bench = Bench::with(
        |grants| Grants {
            allowed_roots: None,
            ..grants
        },
        |registry| registry,
    );
    assert_eq!(
        bench
            .record(&[BASE, &source, &["--repo-root", "any"]].concat())
            .returncode,
        0
    );
}

#[test]
fn the_revision_is_that_of_the_root() {
    struct Real;
    impl Surroundings for Real {}
    let bench = Bench::with(
        |grants| grants,
        |registry| registry.with_surroundings(Box::new(Real)),
    );
    let git = |args: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.arg("-C").arg(&bench.root).args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
        ]);
        let output = git.args(args).output().expect("git");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim()
            .to_owned()
    };
    git(&["init", "-q"]);
    git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    let sha = git(&["rev-parse", "HEAD"]);
    let entry = bench.recorded("m", "inputs/schema.json", &[]);
    let text = fs::read_to_string(entry.join("baseline.json")).expect("baseline.json");
    assert!(
        text.contains(&format!("\"profile_and_optimize_sha\": \"{sha}\"")),
        "{text}"
    );
    let text = fs::read_to_string(entry.join("SOURCE.md")).expect("SOURCE.md");
    assert!(
        text.contains(&format!("registration:** `{}`\n", &sha[..12])),
        "{text}"
    );
}

#[test]
fn values_and_notes_are_written_as_python_writes_them() {
    let bench = Bench::new();
    let notes = "caf\u{e9} | \u{1f600}\nsecond line, and more than sixty code points in total";
    let entry = bench.recorded(
        "m",
        "inputs/schema.json",
        &["--value=1e20", "--unit=", "--notes", notes],
    );
    let text = fs::read_to_string(entry.join("baseline.json")).expect("baseline.json");
    assert!(
        text.contains("\"value\": 1e+20,") && text.contains("\"unit\": \"\","),
        "{text}"
    );
    assert!(
        text.contains("caf\\u00e9 | \\ud83d\\ude00\\nsecond"),
        "{text}"
    );
    let index = bench.text("experiments/artifacts/perf-baselines/inference/m/INDEX.md");
    let row = index.lines().last().expect("a row");
    let cells = "| `1e+20` | _(none)_ | caf\u{e9} \\| \u{1f600} second line, and more than sixty code points in tot... |";
    assert!(row.ends_with(cells), "{row}");
    assert_eq!(verify(&bench.root).problems, []);
}

#[test]
fn an_index_that_cannot_be_read_stops_the_record_before_it_appears() {
    let bench = Bench::new();
    let index = bench.path("experiments/artifacts/perf-baselines/f/m/INDEX.md");
    fs::create_dir_all(&index).expect("mkdir");
    record_refused(
        &bench,
        &["--source", "inputs/schema.json"],
        "cannot read ROOT/experiments",
    );
}

#[test]
fn limits_of_a_search_are_errors_and_not_envelopes() {
    let bench = Bench::new();
    for limit in [0, 101, u32::MAX] {
        let error = bench
            .registry
            .search_evidence("x", limit)
            .expect_err("out of range");
        assert_eq!(error.to_string(), "limit must be between 1 and 100");
    }
}

/// Raw files stay as they are, and whoever records them is told what they hold.
#[test]
fn a_snapshot_that_keeps_secrets_says_so() {
    let bench = Bench::new();
    bench.write("raw/run.sh", "#!/bin/sh\naiperf profile --api-key abc123\n");
    bench.write("raw/a/log.txt", "GET https://user:word@host/v1\n");
    bench.write("raw/data.bin", b"\0password=abc");
    let recorded = |source: &str| bench.record(&[BASE, &["--source", source]].concat());
    let reply = recorded("raw");
    assert_eq!(reply.returncode, 0, "{}", reply.stderr);
    assert_eq!(
        reply.stderr,
        "WARNING: the snapshot keeps what looks like a key or a password in 2 of its files, first at a/log.txt:1; whoever reads this registry can read it\n"
    );
    let one = recorded("raw/run.sh");
    assert!(
        one.stderr.contains("1 of its files, first at run.sh:2;"),
        "{}",
        one.stderr
    );
    assert_eq!(recorded("inputs/flat_base.json").stderr, "");
}
