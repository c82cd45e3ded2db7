//! The profile of a run that lies where the layout of experiments says it.

use crate::support::{Home, bundle};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn copied(from: &str, to: &Path) {
    std::fs::create_dir_all(to.parent().expect("a folder")).expect("made");
    let copy = Command::new("cp").arg("-r").arg(from).arg(to).status();
    assert!(copy.expect("cp").success());
}

#[test]
fn a_profile_beside_its_run_is_read_with_it() {
    let home = Home::new();
    let run = home.path("experiments/artifacts/inference-perf-bench/r1");
    copied(&bundle("base-1"), &run);
    let read = || {
        let ran = home.run(&["ingest", "--source", &run.display().to_string()]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        (document, ran.stderr)
    };
    let profiles = home.path("experiments/artifacts/zymtrace-bundles");
    copied(&bundle("zymtrace-after"), &profiles.join("r2"));
    let (alone, _) = read();
    assert_eq!(alone["kernel_class_gpu_pct"], Value::Null);
    copied(&bundle("zymtrace-before"), &profiles.join("r1"));
    let (with, said) = read();
    assert!(
        said.contains("note: the profile of the same name is read too: "),
        "{said}"
    );
    // What it is read with when it is named.
    let named = [
        "ingest",
        "--source",
        &bundle("base-1"),
        "--profile",
        &bundle("zymtrace-before"),
    ];
    let named = home.json(&named);
    assert!(named["kernel_class_gpu_pct"].is_object(), "{named}");
    assert_eq!(with, named);
}
