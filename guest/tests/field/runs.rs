//! Which run a result is of: stale ones, several of one level, repeated ones of which one failed.

use crate::support::{document, holds, judged, of_finding, refused, tree};
use perfbridge_guest::fault::{Code, Sub};
use perfbridge_guest::measure::Place;
use perfbridge_guest::sources::runs::find_runs;

/// The log of level 16 ends in exit errors; the export beside it is the baseline's.
#[test]
fn a_stale_export_of_a_failed_run_is_not_judged() {
    let case = "08-stale-export-of-a-failed-run";
    let current = document(&format!("{case}/current"));
    assert_eq!(current.cell_places().collect::<Vec<_>>(), [Place::Level(8)]);
    let said = of_finding(&current, "LEVEL_ABORTED");
    assert_eq!(said.len(), 1);
    assert!(
        said[0]
            .message
            .contains("aiperf-c16/profile_export_aiperf.json, which began 2026-11-20"),
        "{said:?}"
    );
    assert!(
        said[0]
            .place
            .text()
            .is_some_and(|at| at.starts_with("aiperf-c16.log:"))
    );
    let judgement = judged(case);
    assert_eq!(judgement.verdict.as_str(), "NO_VERDICT");
    assert_eq!(judgement.rule.as_str(), "headline-unmeasured");
}

/// Two workloads with the same levels: both places are named, and what tells the runs apart.
#[test]
fn two_workloads_of_one_level_are_an_error() {
    let case = "29-two-workloads-one-level";
    let fault = refused(&tree(case));
    assert_eq!(
        (fault.code, fault.sub),
        (Code::Conflict, Some(Sub::TwoResults))
    );
    let expected = "found two results for concurrency 8: 1k1k/aiperf-c8/profile_export_aiperf.json (ISL 1024) and 8k1k/aiperf-c8/profile_export_aiperf.json (ISL 8192) (and two for concurrency 16); expected one a level";
    assert!(fault.message.starts_with(expected), "{fault}");
    for (dir, throughput) in [("1k1k", 1800.0), ("8k1k", 1350.0)] {
        let document = document(&format!("{case}/{dir}"));
        holds(
            &document,
            "16",
            &[("throughput_toks_per_s", Some(throughput))],
        );
    }
}

/// Three repeated runs of which the third failed: refused by name, and each is readable by itself.
#[test]
fn a_failed_one_of_repeated_runs_is_named() {
    let case = "28-aiperf-profile-runs-one-failed";
    let fault = find_runs(&tree(case)).map(drop).expect_err("refused");
    assert_eq!(fault.sub, Some(Sub::RunsRefused));
    assert!(
        fault
            .message
            .starts_with("found 1 of 3 runs failed, the first run_0003 (No successful requests)"),
        "{fault}"
    );
    for (run, throughput) in [("run_0001", 1800.0), ("run_0002", 1836.0)] {
        let document = document(&format!("{case}/aiperf-c16/profile_runs/{run}"));
        holds(
            &document,
            "16",
            &[
                ("throughput_toks_per_s", Some(throughput)),
                ("errors", Some(0.0)),
            ],
        );
    }
    let failed = document(&format!("{case}/aiperf-c16/profile_runs/run_0003"));
    holds(
        &failed,
        "16",
        &[
            ("throughput_toks_per_s", None),
            ("errors", Some(256.0)),
            ("requests", Some(256.0)),
        ],
    );
    assert_eq!(of_finding(&failed, "INCOMPLETE_RUN").len(), 1);
    let cell = failed.cell(Place::Level(16)).expect("level 16");
    assert_eq!(cell.validity, ["was_cancelled: true", "is_complete: false"]);
}
