//! Which results of a directory are one run: those of a sweep, and one file alone.

use crate::support::{cell, made, of_files, places, text, vllm, vllm_with};
use perfbridge_guest::files::{MemoryTree, Part};
use perfbridge_guest::sources::runs::find_runs;
use serde_json::{Value, json};

/// `vllm bench sweep serve` writes `run=0.json` with indents, and its warm-up and its summary beside it.
#[test]
fn a_sweep_is_read_without_its_warm_up_and_summary() {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).expect("JSON");
    let of = |level: u32| {
        let mut value = vllm();
        value["max_concurrency"] = json!(level);
        value["run_number"] = json!(0);
        value
    };
    let files = [
        ("BENCH--max_concurrency=4/run=0.json", pretty(&of(4))),
        (
            "BENCH--max_concurrency=4/summary.json",
            pretty(&json!([of(4)])),
        ),
        ("BENCH--max_concurrency=4/warmup.json", pretty(&of(4))),
        ("BENCH--max_concurrency=8/run=0.json", pretty(&of(8))),
    ];
    assert_eq!(places(&of_files(&files).expect("read")), ["4", "8"]);
}

/// `--num-runs 2` writes `run=1.json` beside `run=0.json`: two runs of all levels.
#[test]
fn repeated_runs_of_a_sweep_are_found_by_their_names() {
    let of = |level: u32, completed: u32| {
        vllm_with(|value| {
            value["max_concurrency"] = json!(level);
            value["completed"] = json!(completed);
        })
    };
    let files = [
        ("BENCH--max_concurrency=4/run=0.json", of(4, 32)),
        ("BENCH--max_concurrency=4/run=1.json", of(4, 31)),
        ("BENCH--max_concurrency=8/run=0.json", of(8, 32)),
        ("BENCH--max_concurrency=8/run=1.json", of(8, 30)),
        ("summary.csv", "x".to_owned()),
    ];
    let tree = MemoryTree::new(files.iter().map(|(path, text)| (*path, text.as_bytes())));
    let runs = find_runs(&tree).expect("runs");
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(names, ["run=0", "run=1"]);
    assert_eq!(
        runs[1].folders,
        [
            "BENCH--max_concurrency=4/run=1.json",
            "BENCH--max_concurrency=8/run=1.json"
        ]
    );
    let second = made(&Part::new(&tree, &runs[1].folders).expect("a part")).expect("read");
    assert_eq!(places(&second), ["4", "8"]);
    assert_eq!(cell(&second, "8")["errors"], 2);
}

#[test]
fn runs_of_a_sweep_that_do_not_fit_are_refused() {
    for (files, expected) in [
        (
            &[
                "BENCH--a/run=0.json",
                "BENCH--a/run=1.json",
                "BENCH--b/run=0.json",
            ][..],
            "found run=0.json, run=1.json in BENCH--a, and run=0.json in BENCH--b; expected the same runs of every combination",
        ),
        (
            &[
                "SERVE--a-BENCH--c/run=0.json",
                "SERVE--a-BENCH--c/run=1.json",
                "SERVE--b-BENCH--c/run=0.json",
                "SERVE--b-BENCH--c/run=1.json",
            ],
            "found repeated runs of several configurations of the server: SERVE--a, SERVE--b; expected one. Give the runs of each on their own",
        ),
    ] {
        let tree = MemoryTree::new(files.iter().map(|path| (*path, "{}")));
        assert_eq!(find_runs(&tree).expect_err("refused").message, expected);
    }
    let once = ["SERVE--a/run=0.json", "SERVE--b/run=0.json"].map(|path| (path, "{}"));
    assert_eq!(
        find_runs(&MemoryTree::new(once)).map(|runs| runs.len()),
        Ok(1)
    );
}

/// One file alone is a part of the directory that it stands in.
#[test]
fn one_file_of_a_directory_is_read_alone() {
    let files = ["c1", "c4"].map(|level| {
        (
            format!("{level}.json"),
            text(&format!("vllm-bench-0.10.2/levels/{level}.json")),
        )
    });
    let tree = MemoryTree::new(
        files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_bytes())),
    );
    let alone = ["c4.json".to_owned()];
    let part = Part::new(&tree, &alone).expect("a part");
    assert_eq!(places(&made(&part).expect("read")), ["4"]);
    let missing = ["c9.json".to_owned()];
    assert!(Part::new(&tree, &missing).is_err());
}
