//! Where files of a run stand.

use crate::made::{files, made, numbers, try_made};
use crate::support::findings;

/// AIPerf writes its exports once more for each phase; where one of the run's own is lost, the other kind may
/// still be there.
#[test]
fn the_export_of_the_phase_is_a_copy_of_the_same_kind() {
    let original = files("base-1-csv");
    let mut copied = original.clone();
    for (path, bytes) in &original {
        let (folder, name) = path.split_once('/').expect("a folder");
        for phase in ["warmup", "profiling"] {
            copied.push((format!("{folder}/phases/{phase}/{name}"), bytes.clone()));
        }
    }
    assert_eq!(numbers(&made(&copied)), numbers(&made(&original)));
    // Only the copy of the measured phase is left.
    copied.retain(|(path, _)| path.contains("/phases/"));
    assert_eq!(numbers(&made(&copied)), numbers(&made(&original)));
    // The other kind of the phase is better than nothing, and agrees with the run's own.
    for (path, bytes) in files("base-1") {
        if let Some(folder) = path.strip_suffix("/profile_export_aiperf.json") {
            copied.push((
                format!("{folder}/phases/profiling/profile_export_aiperf.json"),
                bytes,
            ));
        }
    }
    copied.extend(original);
    let document = made(&copied);
    assert_eq!(
        document.map["metrics"],
        made(&files("base-1")).map["metrics"]
    );
    assert!(findings(&document.findings, "SOURCES_DISAGREE").is_empty());
}

/// The CSV does not say its concurrency, so the name of its folder must.
#[test]
fn folders_are_named_in_many_ways() {
    let original = files("base-1-csv");
    for name in [
        "c{}",
        "C{}",
        "AIPerf-C{}",
        "aiperf_c{}",
        "conc{}",
        "concurrency_{}",
        "concurrency-{}",
        "phases.profiling.concurrency={}",
        "tinyllama-7m-openai-chat-concurrency{}",
        "a/b/aiperf-c{}",
        "aiperf-c0{}",
    ] {
        let renamed = original.iter().map(|(path, bytes)| {
            let (folder, file) = path.split_once('/').expect("a folder");
            let level = folder.strip_prefix("aiperf-c").expect("a level");
            (
                format!("{}/{file}", name.replace("{}", level)),
                bytes.clone(),
            )
        });
        assert_eq!(
            numbers(&made(&renamed.collect())),
            numbers(&made(&original)),
            "{name}"
        );
    }
    // A bare number may be anything.
    let bare = original
        .iter()
        .map(|(path, bytes)| (path.replace("aiperf-c", ""), bytes.clone()));
    let fault = try_made(&bare.collect()).map(drop).expect_err("refused");
    assert!(
        fault
            .message
            .starts_with("cannot tell the concurrency of this result"),
        "{fault}"
    );
}
