//! Runs that are not those that their summaries say.

use crate::made::{Made, OF_RUNS, OF_SWEEP, aggregate, of_levels, one, repeated, sweep, whole};
use perfbridge_guest::fault::{Code, Fault, Sub};
use serde_json::{Value, json};

#[test]
fn a_search_is_refused() {
    let search = Made::default().result("search_iter_0000/profile_runs/run_0001");
    assert_eq!(
        search.refusal(),
        Fault::because(
            Sub::RunsRefused,
            "found search_iter_0000, which is one step of a search for the best setting; expected repeated runs of one configuration. Name one run: search_iter_0000/profile_runs/run_0001"
        )
    );
}

#[test]
fn the_summary_must_count_the_runs_that_are_there() {
    let summary = format!("aggregate/{OF_RUNS}");
    let of = |value: &Value| repeated().file(&summary, value).refusal();
    let field = |name: &str| Some(format!("{summary}: metadata.{name}"));
    let said = "but 3 runs in profile_runs; expected one directory for each run that the summary counts. Copy all of them, or give each run that is to count on its own";

    let fault = of(&aggregate(5));
    assert_eq!(
        (fault.code, fault.sub),
        (Code::Conflict, Some(Sub::RunsRefused))
    );
    assert_eq!(fault.place, field("num_profile_runs"));
    assert_eq!(fault.message, format!("found 5, {said}"));

    let mut fewer = aggregate(3);
    fewer["metadata"]["num_successful_runs"] = json!(2);
    let fault = of(&fewer);
    assert_eq!(fault.place, field("num_successful_runs"));
    assert_eq!(fault.message, format!("found 2, {said}"));

    let mut failed = aggregate(3);
    failed["metadata"]["failed_runs"] =
        json!([{"label": "run_0003", "error": "Connection timeout"}]);
    let fault = of(&failed);
    assert_eq!(fault.place, field("failed_runs"));
    assert_eq!(
        fault.message,
        "found 1 of 3 runs failed, the first run_0003 (Connection timeout); expected none, since a run that failed is no trial. Run again, or give each run that is to count on its own"
    );

    let fault = of(&json!({"metadata": {}}));
    assert_eq!(fault.place, field("num_profile_runs"));
    assert_eq!(
        fault.message,
        "found no number; expected the count of the runs"
    );

    // Older versions put the counts beside `metadata`.
    let older = json!({"num_profile_runs": 3, "num_successful_runs": 3, "failed_runs": []});
    assert!(repeated().file(&summary, &older).runs().is_ok());

    let mut torn = repeated().without("aggregate/");
    torn.0.push((summary.clone(), "{".to_owned()));
    let fault = torn.refusal();
    assert_eq!((fault.code, fault.place), (Code::Conflict, Some(summary)));
    assert!(
        fault
            .message
            .starts_with("found what is no JSON (EOF while parsing an object")
    );
    assert!(
        fault
            .message
            .ends_with("expected AIPerf's summary of several runs. Copy the file again")
    );
}

#[test]
fn every_value_of_a_repeated_list_is_counted() {
    let runs = ["profile_runs/trial_0001", "profile_runs/trial_0002"];
    let mut made = Made::default();
    for run in runs {
        made = made.results(&[
            &format!("{run}/concurrency_4"),
            &format!("{run}/concurrency_16"),
        ]);
    }
    let of = |level: u32| format!("aggregate/concurrency_{level}/{OF_RUNS}");
    let of_sweep = format!("aggregate/sweep_aggregate/{OF_SWEEP}");
    let made = made
        .file(&of(4), &aggregate(2))
        .file(&of(16), &aggregate(2))
        .file(&of_sweep, &sweep(&["phases.profiling.concurrency"], 2));
    assert_eq!(made.runs(), Ok(whole(&runs)));
    let fault = made.clone().file(&of(16), &aggregate(4)).refusal();
    assert_eq!(
        fault.place,
        Some(format!("{}: metadata.num_profile_runs", of(16)))
    );
    let fault = made.file(&of_sweep, &sweep(&["concurrency"], 3)).refusal();
    assert_eq!(
        fault.place,
        Some(format!("{of_sweep}: metadata.num_combinations"))
    );
    assert!(
        fault
            .message
            .starts_with("found 3, but 2 directories of results; expected")
    );
}

#[test]
fn a_list_of_concurrencies_is_one_run_and_other_lists_are_other_workloads() {
    let of_sweep = format!("sweep_aggregate/{OF_SWEEP}");
    let of = |value: &Value| {
        let made = Made::default().results(&["concurrency_4", "concurrency_16"]);
        // A log stands beside the values, and is none of them.
        let log = json!("a log");
        made.file("logs/aiperf.log", &log).file(&of_sweep, value)
    };
    assert_eq!(of(&sweep(&["concurrency"], 2)).runs(), Ok(one()));
    let fault = of(&sweep(&["concurrency", "isl"], 2)).refusal();
    assert_eq!(
        fault.place,
        Some(format!("{of_sweep}: metadata.sweep_parameters"))
    );
    assert_eq!(
        fault.message,
        "found the varied parameters: concurrency, isl; expected concurrency alone, whose values are the levels of one bundle. Other parameters make other workloads: give the directory of one combination"
    );
    let fault = of(&sweep(&[], 2)).refusal();
    assert!(
        fault
            .message
            .starts_with("found the varied parameters: none; expected")
    );
    let fault = of(&sweep(&["concurrency"], 3)).refusal();
    assert_eq!(
        fault.message,
        "found 3, but 2 directories of results; expected one for each value of the concurrency. Copy all of them"
    );
}

#[test]
fn levels_must_have_the_same_runs() {
    let made = of_levels();
    assert_eq!(made.runs().map(|runs| runs.len()), Ok(2));

    let fault = made
        .clone()
        .file(&format!("sweep_aggregate/{OF_SWEEP}"), &sweep(&["isl"], 2))
        .refusal();
    assert!(
        fault
            .message
            .starts_with("found the varied parameters: isl; expected concurrency alone")
    );

    let fewer = made.without("concurrency_4/profile_runs/trial_0002");
    let of_level = format!("concurrency_4/aggregate/{OF_RUNS}");
    let fault = fewer.refusal();
    assert_eq!(
        fault.place,
        Some(format!("{of_level}: metadata.num_profile_runs"))
    );
    assert!(
        fault
            .message
            .starts_with("found 2, but 1 runs in concurrency_4/profile_runs; expected")
    );
    let fault = fewer.file(&of_level, &aggregate(1)).refusal();
    assert_eq!(
        fault,
        Fault::because(
            Sub::RunsRefused,
            "found trial_0001, in concurrency_16 trial_0001, trial_0002; expected the same runs of every level"
        )
        .at("concurrency_4/profile_runs")
    );

    let fault = of_levels().result("concurrency_32").refusal();
    assert_eq!(fault.place, None);
    assert_eq!(
        fault.message,
        "found one run of concurrency_32 beside the runs in concurrency_16/profile_runs; expected as many runs of every level"
    );
}
