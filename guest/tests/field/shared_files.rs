//! A result file that lies in the bundles of both sides: one run is judged against itself, or files of two are mixed.

use super::made::{RESULT, result};
use super::support::of_files;
use perfbridge_guest::document::{Document, trials};
use perfbridge_guest::judge::{judge, policy::Policy};
use serde_json::Value;

const BESIDE: &str = "aiperf-c4/profile_export_aiperf.json";
const CSV: &str = "aiperf-c16/profile_export_aiperf.csv";
const TABLE: &str =
    include_str!("../../../tests/data/bundles/base-1-csv/aiperf-c16/profile_export_aiperf.csv");
const OTHER_TABLE: &str =
    include_str!("../../../tests/data/bundles/errors-1-csv/aiperf-c16/profile_export_aiperf.csv");
const REPORT: &str =
    include_str!("../../../tests/data/bundles/base-1-report/perf-bench-report-2026-11-24.md");

fn export(level: u32, day: u32) -> String {
    result(level, 64, 0).replace("2026-11-20", &format!("2026-11-{day}"))
}

/// A bundle that began on a day: its export at 4, and at 16 what is given.
fn of(day: u32, at_16: &[(&str, &str)]) -> Document {
    let mut files = vec![(BESIDE, export(4, day))];
    files.extend(at_16.iter().map(|(path, text)| (*path, (*text).to_owned())));
    of_files(&files).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The places that are of one run on both sides.
fn shared(baseline: &Document, current: &Document) -> Vec<String> {
    let judgement = judge(baseline, current, &[], &Policy::default()).expect("judged");
    let all = judgement.findings.iter();
    let same = all.filter(|finding| finding.code.as_str() == "SAME_RUN");
    same.filter_map(|finding| finding.place.text()).collect()
}

/// The same document as an older version wrote it.
fn older(document: &Document) -> Document {
    let mut map = document.map.clone();
    for (_, cell) in map["metrics"].as_object_mut().expect("levels") {
        cell.as_object_mut()
            .expect("a cell")
            .remove("other_results_sha256");
    }
    Document::parse("d.json", &Value::Object(map).to_string()).expect("a document")
}

#[test]
fn a_file_of_the_other_side_is_the_run_of_the_other_side() {
    let both = of(20, &[(RESULT, &export(16, 20)), (CSV, TABLE)]);
    // What died before it wrote an export left the table of the run before; in the other order too.
    let stale = of(21, &[(CSV, TABLE)]);
    let same = ["metrics.16"];
    assert_eq!(shared(&both, &stale), same);
    assert_eq!(shared(&stale, &both), same);
    // An older document does not say which of its files are results; its bundle holds the file all the same.
    assert_eq!(shared(&older(&both), &stale), same);
    assert_eq!(shared(&stale, &older(&both)), same);
    // Two exports, and one table beside both of them: files of two runs.
    let mixed = of(21, &[(RESULT, &export(16, 21)), (CSV, TABLE)]);
    assert_eq!(shared(&both, &mixed), same);
    let apart = of(21, &[(RESULT, &export(16, 21)), (CSV, OTHER_TABLE)]);
    assert!(shared(&both, &apart).is_empty());
}

#[test]
fn one_trial_with_a_file_of_the_other_side() {
    let run = |day| {
        of(
            day,
            &[(
                RESULT,
                &export(16, day).replace("50.0", &format!("50.{day}")),
            )],
        )
    };
    let merged = |runs: &[&Document]| {
        let texts: Vec<String> = runs.iter().map(|run| run.to_json()).collect();
        trials::merge(&texts).unwrap_or_else(|fault| panic!("{fault}"))
    };
    let with_table = of(22, &[(RESULT, &export(16, 22)), (CSV, TABLE)]);
    let baseline = merged(&[&run(20), &run(21), &with_table]);
    let apart = merged(&[&run(23), &run(24), &run(25)]);
    assert!(shared(&baseline, &apart).is_empty());
    let stale = of(26, &[(CSV, TABLE)]);
    assert_eq!(shared(&baseline, &stale), ["metrics.16"]);
    assert_eq!(shared(&stale, &baseline), ["metrics.16"]);
}

/// A person's report is of any number of runs, and configuration and logs may be the same in both bundles.
#[test]
fn what_honest_runs_may_share() {
    let with = |day| {
        let own = export(16, day);
        let shared = [
            ("report.md", REPORT),
            ("aiperf-c16/notes.log", "ready\n"),
            ("empty.csv", ""),
        ];
        let files = [(RESULT, own.as_str())].into_iter().chain(shared);
        let files: Vec<(&str, String)> = files
            .map(|(path, text)| (path, text.replace("tinyllama-7m", "m")))
            .chain([(BESIDE, export(4, day))])
            .collect();
        of_files(&files).unwrap_or_else(|fault| panic!("{fault}"))
    };
    // Its other levels are read from the report on both sides.
    let of_report = ["metrics.1", "metrics.8", "metrics.32"];
    assert_eq!(shared(&with(20), &with(21)), of_report);
    // But a report that is all there is on one side is a result of the other.
    let report = of_files(&[("report.md", REPORT.replace("tinyllama-7m", "m"))]).expect("a report");
    assert_eq!(shared(&with(20), &report).len(), 5);
}
