//! A new format is one file and its row of the table: here `toy.rs`, and the row that is put into it below.

mod toy;

use perfbridge_guest::document::Document;
use perfbridge_guest::document::build::{Options, build};
use perfbridge_guest::fault::{Result, Sub};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::{MemoryTree, read_text};
use perfbridge_guest::run::States;
use perfbridge_guest::sources::{SOURCES, Source, read_bundle_by};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The table with the row of the new format in this place.
fn table(place: usize) -> Vec<&'static Source> {
    let mut table = SOURCES.to_vec();
    table.insert(place, &toy::SOURCE);
    table
}

const FIRST: usize = 0;

fn document(table: &[&'static Source], files: &[(&str, &str)]) -> Result<Document> {
    let run = read_bundle_by(table, &MemoryTree::new(files.iter().copied()))?;
    build(&run, None, &Options::default())
}

const LINES: &str = r#"{"toy": 1, "model": "tinyllama-7m", "place": "c4", "requests": 40, "ended": 40, "tokens_per_s": 120.5, "ttft_ms": 9, "data": "sonnet"}
{"toy": 1, "model": "tinyllama-7m", "place": "16", "requests": 160, "ended": 80, "tokens_per_s": 249, "ttft_ms": 14}
"#;

#[test]
fn a_file_of_several_results_is_read_each_with_what_it_was_to_do() {
    let made = document(&table(SOURCES.len()), &[("out.json", LINES)]).expect("a document");
    assert_eq!(made.map["model"], "tinyllama-7m");
    let metrics = &made.map["metrics"];
    assert_eq!(metrics["4"]["throughput_toks_per_s"], json!(120.5));
    assert_eq!(metrics["16"]["ttft_p50_ms"], json!(14.0));
    assert_eq!(made.map["workload"]["dataset"], "sonnet");
    let source = &made.map["sources"]["16"]["ttft_p50_ms"];
    assert_eq!(source, &json!({"file": "out.json", "format": "toy-lines"}));
    let found: Vec<&str> = made
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("80 of 160 planned requests ended"));
}

/// Results at rates beside results at concurrencies, as one sweep of a benchmark can hold them.
#[test]
fn a_file_of_several_places_has_each_of_them() {
    let at_rates = LINES.replace("c4", "0.80/s").replace("\"16\"", "\"5/s\"");
    let lines = format!("{LINES}{at_rates}");
    let made = document(&table(FIRST), &[("toy.jsonl", &lines)]).expect("a document");
    let sections = ["metrics", "metrics_by_request_rate"];
    let throughputs = sections.map(|section| {
        let cells = made.map[section].as_object().expect(section).iter();
        let throughput =
            |(key, cell): (&String, &Value)| (key.clone(), cell["throughput_toks_per_s"].as_f64());
        cells.map(throughput).collect::<Vec<_>>()
    });
    let cell = |key: &str, value| (key.to_owned(), Some(value));
    assert_eq!(throughputs[0], [cell("4", 120.5), cell("16", 249.0)]);
    assert_eq!(throughputs[1], [cell("0.8", 120.5), cell("5", 249.0)]);
    assert_eq!(
        made.map["sources"]["5/s"]["ttft_p50_ms"]["format"],
        "toy-lines"
    );
}

#[test]
fn the_place_in_the_table_is_the_preference() {
    let export = NativeTree::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/data/bundles/aa-01"
    ));
    let path = "aiperf-c16/profile_export_aiperf.json";
    let export = read_text(&export, path).expect("an export");
    let files = [(path, export.as_str()), ("toy.jsonl", LINES)];
    let throughput = |place| {
        let mut table = SOURCES.to_vec();
        table.insert(place, &toy::OF_ANY_TOOL);
        let made = document(&table, &files).expect("a document");
        let format = &made.map["sources"]["16"]["throughput_toks_per_s"]["format"];
        let disagree = made
            .findings
            .iter()
            .any(|finding| finding.code.as_str() == "SOURCES_DISAGREE");
        assert!(disagree);
        format.as_str().expect("a name").to_owned()
    };
    assert_eq!(throughput(FIRST), "toy-of-any");
    assert_eq!(throughput(SOURCES.len()), "aiperf-json");
}

#[test]
fn two_results_of_a_level_are_two_runs_where_the_row_says_so() {
    let files = [("a/toy.jsonl", LINES), ("b/toy.jsonl", LINES)];
    let fault = document(&table(FIRST), &files).expect_err("refused");
    assert!(
        fault
            .message
            .starts_with("found two results for concurrency 4: a/toy.jsonl and b/toy.jsonl"),
        "{fault}"
    );
    // In one file too.
    let twice = LINES.replace("c4", "16");
    let fault = document(&table(FIRST), &[("toy.jsonl", &twice)]).expect_err("refused");
    assert!(
        fault
            .message
            .starts_with("found two results for concurrency 16")
    );
}

#[test]
fn messages_name_it() {
    for (place, first) in [(FIRST, ["Toy", "AIPerf"]), (3, ["AIPerf", "Toy"])] {
        let fault = document(&table(place), &[("notes.txt", "words")]).expect_err("refused");
        assert_eq!(fault.sub, Some(Sub::NothingRecognised));
        let start = "found no benchmark result\nfound: notes.txt\nexpected a result of one of:\n  ";
        assert!(fault.message.starts_with(start), "{fault}");
        let list = fault.message.strip_prefix(start).expect("the list");
        let named = first.map(|name| list.find(name).expect("a tool"));
        assert!(named[0] < named[1], "{fault}");
    }
}

#[test]
fn a_bundle_without_results_says_which_formats_have_some() {
    let scrape = "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 1\n";
    let tree = MemoryTree::new([("pre.prom", scrape)]);
    let run = read_bundle_by(&table(FIRST), &tree).expect("read");
    let options = Options {
        model: Some("m".to_owned()),
        ..Options::default()
    };
    let fault = build(&run, None, &options).expect_err("refused");
    assert_eq!(fault.sub, Some(Sub::NoResult));
    let of_results = |source: &&&Source| source.format.states == States::Results;
    let table = table(FIRST);
    let tools: BTreeSet<&str> = table
        .iter()
        .filter(of_results)
        .filter_map(|source| source.format.tool)
        .collect();
    assert!(tools.contains("Toy") && tools.contains("AIPerf"));
    let (first, rest) = fault
        .message
        .split_once(";\nor at least one of:\n")
        .expect("two lists");
    let list = "found no result for the model \"m\"\nexpected a result of one of:\n  ";
    let named = first.strip_prefix(list).expect("a list").split(',');
    assert_eq!(named.map(str::trim).collect::<BTreeSet<&str>>(), tools);
    assert_eq!(
        rest,
        "  llm-d benchmark report (YAML or JSON)\n  Markdown report (perf-bench-report-*.md)"
    );
    assert!(
        fault.message.lines().all(|line| line.len() < 100),
        "{fault}"
    );
}

/// Every name is of one format, or documents and preferences would mix them up.
#[test]
fn names_are_unique() {
    let mut names: Vec<&str> = SOURCES.iter().map(|source| source.format.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
