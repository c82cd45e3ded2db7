//! The same case through the command line.

use super::case::Case;
use std::path::PathBuf;
use std::process::{Command, Output};

fn perfbridge() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perfbridge"));
    command.env_clear();
    command
}

fn words(
    flag: &str,
    values: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>,
) -> Vec<std::ffi::OsString> {
    let pairs = values.into_iter();
    pairs
        .flat_map(|value| [flag.into(), value.as_ref().to_owned()])
        .collect()
}

/// A baseline with a profile has to be read first: `diff --profile` is that of the current run.
fn baseline(case: &Case, scratch: &std::path::Path) -> Vec<PathBuf> {
    let Some(profile) = &case.settings.baseline_profile else {
        return case.settings.baseline.clone();
    };
    let output = perfbridge()
        .arg("ingest")
        .args(words("--source", &case.settings.baseline))
        .args(words("--profile", [profile]))
        .output()
        .expect("it runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let path = scratch.join("baseline.json");
    std::fs::write(&path, &output.stdout).expect("written");
    vec![path]
}

/// `perfbridge diff --json` of the case.
pub fn run(case: &Case) -> Output {
    let scratch = tempfile::tempdir().expect("a directory");
    let settings = &case.settings;
    perfbridge()
        .arg("diff")
        .args(words("--baseline", baseline(case, scratch.path())))
        .args(words("--current", &settings.current))
        .args(words("--profile", &settings.profile))
        .args(words("--set", &settings.set))
        .args(words("--vary", &settings.vary))
        .args(words("--model", &settings.model))
        .args(words(
            "--headline-level",
            settings.headline_level.map(|level| level.to_string()),
        ))
        .args(words("--tails", &settings.tails))
        .arg("--json")
        .current_dir(scratch.path())
        .output()
        .expect("it runs")
}
