//! Which results of a directory are one run: those of a sweep, and one file alone.

use crate::support::{cell, made, of_files, places, text, vllm, vllm_with};
use perfbridge_guest::document::build::{Options, build};
use perfbridge_guest::document::{Document, trials};
use perfbridge_guest::files::{MemoryTree, Part};
use perfbridge_guest::provenance::digests;
use perfbridge_guest::sources::read_bundle;
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

/// A file alone holds the runs that its directory holds of it.
#[test]
fn a_file_alone_holds_its_runs() {
    let once = vllm_with(|value| value["max_concurrency"] = json!(8));
    let twice = format!(
        "{}\n{}\n",
        vllm_with(|_| ()),
        vllm_with(|value| value["duration"] = json!(9.5))
    );
    let tree = MemoryTree::new([("once.json", once.as_str()), ("twice.json", twice.as_str())]);
    let of = |file: &str| {
        let part = Part::new(&tree, &[file.to_owned()]).expect("a file");
        let runs = find_runs(&part).expect("runs");
        runs.into_iter().map(|run| run.folders).collect::<Vec<_>>()
    };
    assert_eq!(of("twice.json"), [["twice.json#1"], ["twice.json#2"]]);
    assert_eq!(of("once.json"), [Vec::<String>::new()]);
}

/// What SGLang appended twice: the first lines of each level are one run, the second another.
#[test]
fn a_file_with_each_level_twice_holds_two_trials() {
    let levels = text("sglang-0.5.23/levels/bench.jsonl");
    let level = |at: usize| levels.lines().nth(at).expect("a line").to_owned();
    let again = text("sglang-0.5.23/ab/base-2/bench.jsonl");
    let file = format!("{}\n{}\n{again}", level(2), level(1))
        + &level(1).replace("\"duration\": 8", "\"duration\": 9");
    let models = r#"{"object": "list", "data": [{"id": "tinyllama-7m", "object": "model"}]}"#;
    let tree = MemoryTree::new([("models.json", models), ("out/bench.jsonl", file.as_str())]);
    let runs = find_runs(&tree).expect("runs");
    let folders: Vec<&[String]> = runs.iter().map(|run| run.folders.as_slice()).collect();
    assert_eq!(
        folders,
        [
            ["out/bench.jsonl#1", "models.json"],
            ["out/bench.jsonl#2", "models.json"]
        ]
    );
    let documents = runs.iter().map(|run| {
        let part = Part::new(&tree, &run.folders).expect("a part");
        let run = read_bundle(&part).expect("read");
        let mut options = Options::default();
        options.provenance.files = digests(&part).expect("hashes");
        build(&run, None, &options).expect("a document")
    });
    let documents: Vec<Document> = documents.collect();
    for document in &documents {
        assert_eq!(places(document), ["4", "16"]);
        assert_eq!(document.map["model"], "tinyllama-7m");
    }
    let throughput = |document: &Document| cell(document, "16")["throughput_toks_per_s"].as_f64();
    assert_eq!(throughput(&documents[0]), Some(113.48322533937586));
    assert_eq!(throughput(&documents[1]), Some(272.6754992293809));
    let texts: Vec<String> = documents.iter().map(Document::to_json).collect();
    let merged = trials::merge(&texts).expect("two runs");
    assert_eq!(merged.trials.len(), 2);
    // The same line given twice is one run given twice.
    let twice = trials::merge(&[texts[0].clone(), texts[0].clone()]);
    assert!(twice.is_err());
}

#[test]
fn levels_that_are_not_equally_often_in_a_file_are_refused() {
    let levels = text("sglang-0.5.23/levels/bench.jsonl");
    let file = format!("{levels}{}", text("sglang-0.5.23/ab/base-2/bench.jsonl"));
    let tree = MemoryTree::new([("bench.jsonl", file.as_str())]);
    assert_eq!(
        find_runs(&tree).expect_err("refused").message,
        "found 2 results for concurrency 16 in bench.jsonl, and 1 for concurrency 1 in bench.jsonl; expected as many runs of every level. Put the lines of each run into a file of its own"
    );
}

/// Once each, two models, a console beside its export, a file that is cut: nothing of that is repeated.
#[test]
fn other_files_are_one_run() {
    let two_models = format!(
        "{}\n{}\n",
        vllm(),
        vllm_with(|value| value["model_id"] = json!("other"))
    );
    let console = text("vllm-bench-0.10.2/console/c4.console.txt");
    let both = [vllm().to_string(), format!("{console}\n{console}")];
    for files in [
        vec![("a.jsonl", text("sglang-0.5.23/levels/bench.jsonl"))],
        vec![("a.json", two_models)],
        vec![("a.json", both[0].clone()), ("a.log", both[1].clone())],
        vec![
            ("a.json", vllm().to_string()),
            ("b.json", vllm().to_string()),
        ],
        vec![("a.json", format!("{}\n{{\"model_id", both[0]))],
        vec![("notes.txt", "nothing".to_owned())],
    ] {
        let tree = MemoryTree::new(files.iter().map(|(path, text)| (*path, text.as_bytes())));
        assert_eq!(
            find_runs(&tree).map(|runs| runs.len()),
            Ok(1),
            "{}",
            files[0].0
        );
    }
}

/// A file that is called so is meant.
#[test]
fn a_file_with_a_number_sign_is_itself() {
    let tree = MemoryTree::new([
        ("a.json#2", vllm().to_string()),
        ("b.json", vllm().to_string()),
    ]);
    let alone = ["a.json#2".to_owned()];
    let part = Part::new(&tree, &alone).expect("a part");
    assert_eq!(places(&made(&part).expect("read")), ["4"]);
    for missing in ["b.json#0", "b.json#x", "c.json#1", "#1"] {
        assert!(
            Part::new(&tree, &[missing.to_owned()]).is_err(),
            "{missing}"
        );
    }
    // There is no third run.
    let third = ["b.json#3".to_owned()];
    let part = Part::new(&tree, &third).expect("a part");
    assert!(made(&part).is_err());
}
