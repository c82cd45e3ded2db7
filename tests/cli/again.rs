//! `plan --again`: an entry measured anew by its own command.

use crate::promotion::*;
use crate::support::{Home, Ran, bundle, golden};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// AIPerf's own export holds the command; expected is what stands there, without the place that it wrote to.
#[test]
fn a_baseline_is_measured_anew_by_its_own_command() {
    let home = Home::with_registry();
    let source = bundle("base-1");
    home.record(&[&source], &[]);
    let mut expected: Vec<String> = Vec::new();
    for level in [
        "aiperf-c1",
        "aiperf-c16",
        "aiperf-c32",
        "aiperf-c4",
        "aiperf-c8",
    ] {
        let file = Path::new(&source)
            .join(level)
            .join("profile_export_aiperf.json");
        let export: Value =
            serde_json::from_str(&fs::read_to_string(file).expect("an export")).expect("JSON");
        let command = export["run_info"]["cli_command"]
            .as_str()
            .or(export["input_config"]["cli_command"].as_str());
        let (kept, _) = command
            .expect("a command")
            .split_once(" --artifact-dir ")
            .expect("its last option");
        expected.push(kept.to_owned());
    }
    let plan = home.json(
        &[
            &["plan", "--again", MODEL, "--trials", "2", "--json"],
            &ROOT[..],
        ]
        .concat(),
    );
    let mut found: Vec<String> =
        serde_json::from_value(plan["again"]["commands"].clone()).expect("texts");
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(plan["order"].as_array().expect("runs").len(), 2);
    assert_eq!(plan["again"]["model"], MODEL);

    // The script calls it once a level and run, and ends by promoting what was measured.
    let script = home.ok(&[&["plan", "--again", MODEL, "--trials", "2"], &ROOT[..]].concat());
    let file = home.write("again.sh", &script);
    let fake = home.write(
        "bin/aiperf",
        format!("#!/bin/sh\nfor last; do :; done\nfrom=aiperf-c$(echo \"$*\" | sed 's/.*--concurrency \\([0-9]*\\) .*/\\1/')\nmkdir -p \"$last\"\ncp -r \"{source}/$from/.\" \"$last\"\n"),
    );
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).expect("executable");
    let program = Path::new(env!("CARGO_BIN_EXE_perfbridge"))
        .parent()
        .expect("a folder");
    let mut command = home.program("/bin/sh");
    let path = format!("{}:{}:/usr/bin:/bin", home.text("bin"), program.display());
    // Two copies of one run are refused as trials, which shows that both were made and handed over.
    let ran = Ran::of(
        command
            .env("PATH", path)
            .args([&file, "--repo-root", "repo"])
            .output()
            .expect("it runs"),
    );
    assert!(
        home.path("runs/again-1/aiperf-1").is_dir() && home.path("runs/again-2/aiperf-2").is_dir()
    );
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("again-1") && ran.stderr.contains("one run"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_cannot_be_measured_anew_is_refused() {
    let home = Home::with_registry();
    home.record(&[&golden("run1")], &[]);
    let plain = home.run(&[&["plan", "--again", "tiny-llama"], &ROOT[..]].concat());
    plain.refused("found no command line in this entry");
    let document = home.ok(&["ingest", &bundle("base-1")]);
    let mut document: Value = serde_json::from_str(&document).expect("JSON");
    document["provenance"]["commands"] = json!(["aiperf profile; rm -rf ~"]);
    document["model"] = json!("other");
    let file = home.write("other.json", document.to_string());
    home.record(&[&file], &[]);
    let ran = home.run(&[&["plan", "--again", "other"], &ROOT[..]].concat());
    ran.refused("found a command line with shell syntax");
    home.run(&["plan"]).refused("--baseline");
}
