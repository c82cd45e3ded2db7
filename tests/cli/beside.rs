//! What other programs leave in the directory of a run.

use crate::support::{Home, bundle};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;

/// `aiperf --wandb-project` lets W&B keep its state beside the result, with links to the newest run and to its log.
#[test]
fn the_state_of_wandb_is_no_reason_to_refuse_a_run() {
    let home = Home::new();
    let source = format!("{}/aiperf-c16/profile_export_aiperf.json", bundle("base-1"));
    let export = fs::read(source).expect("an export");
    home.write("plain/aiperf-c16/profile_export_aiperf.json", &export);
    home.write("run/aiperf-c16/profile_export_aiperf.json", &export);
    let state = "run/aiperf-c16/wandb/offline-run-20261129_214224-rxisgqd0";
    home.write(&format!("{state}/logs/debug.log"), "2026-11-29 INFO\n");
    home.write(
        &format!("{state}/run-rxisgqd0.wandb"),
        b":W&B\xe1\xbe\0n.\xdflM",
    );
    let newest = home.path("run/aiperf-c16/wandb");
    symlink(
        "offline-run-20261129_214224-rxisgqd0",
        newest.join("latest-run"),
    )
    .expect("made");
    symlink(
        "offline-run-20261129_214224-rxisgqd0/logs/debug.log",
        newest.join("debug.log"),
    )
    .expect("made");
    symlink(
        "/root/.cache/wandb/core-debug.log",
        home.path(state).join("logs/debug-core.log"),
    )
    .expect("made");
    let read = |name: &str| -> Value { home.json(&["ingest", name]) };
    let (plain, beside) = (read("plain"), read("run"));
    assert_eq!(plain["metrics"], beside["metrics"]);
    assert!(plain["metrics"]["16"]["throughput_toks_per_s"].is_number());
    // The links are no files of the run.
    let files = beside["provenance"]["files"].to_string();
    assert!(
        files.contains("run-rxisgqd0.wandb") && !files.contains("latest-run"),
        "{files}"
    );
    // Any other link is refused as ever.
    symlink("/etc/hostname", home.path("run/aiperf-c16/log")).expect("made");
    home.run(&["ingest", "run"])
        .refused("found a symbolic link");
}
