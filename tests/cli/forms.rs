//! `--format NAME[=FILE]`: several forms of one judgement, one of them on stdout, the others in files.

use crate::support::{Home, golden};
use serde_json::Value;
use std::fs;

fn words(more: &[&str]) -> Vec<String> {
    let (before, after) = (golden("run1"), golden("run2"));
    let all = [&["diff", before.as_str(), after.as_str()], more].concat();
    all.into_iter().map(str::to_owned).collect()
}

fn run(home: &Home, more: &[&str]) -> crate::support::Ran {
    let words = words(more);
    home.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn each_form_goes_where_it_is_sent() {
    let home = Home::new();
    let plain = run(&home, &["--format", "markdown"]);
    let json = run(&home, &["--json"]);
    let text = run(&home, &[]);
    let forms = [
        "--format",
        "json=new/folder/v.json",
        "--format",
        "markdown=v.md",
    ];
    // Where all forms go to files, people still get the text.
    let ran = run(&home, &forms);
    assert_eq!((ran.code, &ran.stdout), (0, &text.stdout), "{}", ran.stderr);
    assert_eq!(ran.stderr, "written: new/folder/v.json\nwritten: v.md\n");
    let read = |file: &str| fs::read_to_string(home.path(file)).expect("written");
    assert_eq!(read("new/folder/v.json"), json.stdout);
    assert_eq!(read("v.md"), plain.stdout);
    let left = fs::read_dir(home.path("new/folder")).expect("a folder");
    assert_eq!(left.count(), 1, "something was left beside the file");
    for on_stdout in [
        &["--json"][..],
        &["--format", "json"],
        &["--format", "json=-"],
    ] {
        let ran = run(&home, &[&forms[2..], on_stdout].concat());
        assert_eq!(ran.stdout, json.stdout, "{on_stdout:?}");
    }
    // A name may hold the sign that parts it from its form.
    run(
        &home,
        &[
            "--format",
            "answer=a=b.txt",
            "--explain",
            "--format",
            "markdown=v.md",
        ],
    );
    assert!(read("a=b.txt").starts_with("GREEN none (DRAFT): "));
    assert!(read("v.md").contains("Why each row"));
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_read() {
    let home = Home::new();
    for (more, said) in [
        (
            &["--format", "text", "--format", "csv"][..],
            "error: found --format text and --format csv\n  expected one form for stdout: give the others a file, --format NAME=FILE\n",
        ),
        (
            &["--format", "markdown", "--all"],
            "error: found --format markdown and --all\n  expected one form for stdout: give the others a file, --format NAME=FILE\n",
        ),
        (
            &["--format", "json=x", "--format", "markdown=x"],
            "error: found x as the file of two forms\n  expected a file for each\n",
        ),
        (
            &["--format", "=x"],
            "error: found --format =x\n  expected NAME=FILE, as in junit=perfbridge.xml\n",
        ),
        (
            &["--format", "json="],
            "error: found --format json=\n  expected NAME=FILE, as in junit=perfbridge.xml\n",
        ),
    ] {
        let all = [&["diff", "missing", "gone"], more].concat();
        let ran = home.run(&all);
        assert_eq!((ran.code, ran.stderr.as_str()), (2, said), "{more:?}");
        assert_eq!(ran.stdout, "");
    }
}

/// A form that does not exist, or a place that cannot be written to: what was there stays.
#[test]
fn a_form_that_fails_leaves_the_file_as_it_was() {
    let home = Home::new();
    home.write("kept.json", "old");
    home.write("file", "x");
    let ran = run(&home, &["--format", "json=kept.json", "--format", "yaml=y"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("found the form \"yaml\"") && ran.stderr.contains("with --format"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        fs::read_to_string(home.path("kept.json")).expect("kept"),
        "old"
    );
    let ran = run(&home, &["--format", "json=file/below.json"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.starts_with("error: file: cannot make"),
        "{}",
        ran.stderr
    );
    home.write("folder/x", "");
    let ran = run(&home, &["--format", "json=folder"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.starts_with("error: folder: cannot write"),
        "{}",
        ran.stderr
    );
}

/// Errors are data where JSON goes to stdout, however that was asked for, and only there.
#[test]
fn errors_are_json_where_json_is_printed() {
    let home = Home::new();
    for (more, is_json) in [
        (&["--format", "json", "--format", "markdown=v.md"][..], true),
        (&["--format", "json=-"], true),
        (&["--format", "json=v.json"], false),
    ] {
        let ran = home.run(&[&["diff", "missing", "gone"], more].concat());
        assert_eq!(ran.code, 2);
        let error = serde_json::from_str::<Value>(&ran.stdout).ok();
        let schema = error.map(|error| error["schema"] == "perfbridge_error_v1");
        assert_eq!(schema, is_json.then_some(true), "{more:?}: {}", ran.stdout);
    }
}
