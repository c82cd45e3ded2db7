//! Data on stdout, words on stderr; pipes, colour, hermetic output.

use crate::support::{Home, bundle, golden};
use serde_json::Value;
use std::io::Read as _;
use std::process::Stdio;

#[test]
fn a_document_goes_to_stdout_and_what_was_noticed_to_stderr() {
    let home = Home::new();
    let ran = home.run(&["ingest", "--source", &bundle("errors-1")]);
    assert_eq!(ran.code, 0);
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON alone");
    assert_eq!(document["schema"], "inference_perfbench_v1");
    assert!(ran.stdout.ends_with("}\n"));
    assert!(
        ran.stderr.starts_with("note: COUNTER_RESET "),
        "{}",
        ran.stderr
    );
    let ran = home.run(&["ingest", "--source", &bundle("aa-01"), "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

/// An existing document comes back byte for byte, unknown fields and spacing included.
#[test]
fn a_document_is_returned_as_it_was() {
    let home = Home::new();
    let text = std::fs::read_to_string(golden("run1")).expect("text");
    let odd = text.replacen('{', "{ \"x_field\" : [1.50,  \"é\"] ,", 1);
    let path = home.write("odd.json", &odd);
    assert_eq!(home.ok(&["ingest", "--source", &path]), odd);
}

#[test]
fn provenance_can_be_checked_with_sha256sum_alone() {
    let home = Home::new();
    let source = bundle("base-1");
    let document = home.json(&["ingest", "--source", &source]);
    let script =
        "find . -type f -printf '%P\\n' | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum";
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .current_dir(&source)
        .output();
    let output = String::from_utf8(output.expect("sh").stdout).expect("text");
    let sum = output.split(' ').next().expect("a sum");
    assert_eq!(document["provenance"]["bundle_sha256"], sum);
    assert_eq!(document["provenance"]["operator"], "operator");
    // Reading twice gives the same bytes, and no path of this machine.
    assert_eq!(document, home.json(&["ingest", "--source", &source]));
    assert!(!document.to_string().contains(&source));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let home = Home::new();
    let mut child = home
        .command(&["ingest", "--source", &bundle("base-1")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .expect("stderr")
        .read_to_string(&mut stderr)
        .expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{stderr}");
    assert_eq!(stderr, "");
}

/// The verdict is told by the exit code whether or not anybody reads the text.
#[test]
fn a_closed_pipe_does_not_hide_a_verdict() {
    let home = Home::new();
    let mut child = home
        .command(&[
            "diff",
            "--baseline",
            &bundle("base-1"),
            "--current",
            &bundle("regressed-1"),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
}

#[test]
fn the_judgement_does_not_depend_on_who_and_where() {
    let (home, other) = (Home::new(), Home::new());
    let words = [
        "diff",
        "--baseline",
        &bundle("aa-01"),
        "--current",
        &bundle("slow-01"),
        "--json",
    ];
    let first = home.command(&words).output().expect("it runs");
    let second = other
        .command(&words)
        .env("USER", "somebody")
        .env("COLUMNS", "200")
        .env("TZ", "Asia/Tokyo")
        .env("LANG", "de_DE.UTF-8")
        .output()
        .expect("it runs");
    assert_eq!(first.stdout, second.stdout);
    assert!(!String::from_utf8_lossy(&first.stdout).contains(&home.text("")));
}

#[test]
fn limits_have_options() {
    let home = Home::new();
    let ran = home.run(&["ingest", "--source", &bundle("base-1"), "--memory", "1"]);
    ran.refused("reading wanted more than 1 MiB of memory and was stopped. Raise the bound with --memory MIB");
}
