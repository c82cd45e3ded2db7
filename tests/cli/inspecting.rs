//! `inspect` and `formats`: what a directory holds, and what can be read at all.

use crate::support::{Home, corpus};
use serde_json::Value;
use std::fs;

/// The number that `jq` would give of a result of `vllm bench serve`.
fn stated(file: &str, field: &str) -> Value {
    let text = fs::read_to_string(corpus(file)).expect("a file");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    value[field].clone()
}

const DETAILED: &str = "data/tools/vllm-bench-0.32.0/detailed/c4-detailed.json";
const RATE: &str =
    "data/tools/vllm-bench-0.32.0/rate/openai-chat-4.0qps-tinyllama-7m-20261128-195742.json";

/// Results of four tools, one that names no model, a note and a file of something else, in one directory.
fn mixed() -> Home {
    let home = Home::new();
    let copy = |from: &str, to: &str| home.write(to, fs::read(corpus(from)).expect("a file"));
    copy(DETAILED, "mixed/vllm/c4.json");
    copy(RATE, "mixed/rate.json");
    copy(
        "data/tools/sglang-0.5.23/ab/base-2/bench.jsonl",
        "mixed/sglang/bench.jsonl",
    );
    copy(
        "data/tools/guidellm-0.8.1/benchmarks.json",
        "mixed/guide/benchmarks.json",
    );
    copy(
        "data/tools/llmperf-f1d6bed/tinyllama-7m_160_32_summary.json",
        "mixed/llmperf/a_summary.json",
    );
    home.write("mixed/notes.txt", "what I did\n");
    home.write("mixed/unknown.json", "{\"a\": 1}\n");
    home
}

#[test]
fn a_directory_of_mixed_results_is_one_table() {
    let home = mixed();
    let told = home.json(&["inspect", "mixed", "--json"]);
    let runs = told["runs"].as_array().expect("runs");
    let of = |path: &str| {
        let found = runs.iter().find(|run| run["path"] == path);
        found.unwrap_or_else(|| panic!("no {path} in {told:#}"))
    };
    let paths: Vec<&str> = runs.iter().filter_map(|run| run["path"].as_str()).collect();
    assert_eq!(paths, ["guide", "llmperf", "rate.json", "sglang", "vllm"]);
    let vllm = of("vllm");
    assert_eq!(vllm["tool"], "vLLM bench serve");
    assert_eq!(vllm["model"], "tinyllama-7m");
    assert_eq!(vllm["places"][0]["place"], "c4");
    for (field, name) in [
        ("output_throughput", "throughput_toks_per_s"),
        ("median_ttft_ms", "ttft_p50_ms"),
    ] {
        assert_eq!(vllm["places"][0][name], stated(DETAILED, field), "{name}");
        assert_eq!(
            of("rate.json")["places"][0][name],
            stated(RATE, field),
            "{name}"
        );
    }
    assert_eq!(of("rate.json")["places"][0]["place"], "4/s");
    assert_eq!(of("sglang")["model"], "(unstated)");
    assert_eq!(of("guide")["tool"], "GuideLLM 0.8.1");
    let guide = of("guide")["against"].to_string();
    assert!(guide.contains("root_late"), "{guide}");
    let others = told["not_read"].as_array().expect("not_read");
    let names: Vec<&str> = others
        .iter()
        .filter_map(|one| one["path"].as_str())
        .collect();
    assert_eq!(names, ["notes.txt", "unknown.json"]);
}

#[test]
fn the_table_has_what_the_json_has() {
    let text = mixed().ok(&["inspect", "mixed"]);
    let line = |start: &str| {
        let found = text.lines().find(|line| line.starts_with(start));
        found
            .unwrap_or_else(|| panic!("no {start} in\n{text}"))
            .to_owned()
    };
    assert_eq!(
        line("RUN").split_whitespace().collect::<Vec<_>>(),
        [
            "RUN", "TOOL", "MODEL", "PLACE", "N", "TOK/S", "TTFT", "REQ", "ERR", "SAID"
        ]
    );
    // 110.117 tok/s and 304.292 ms in the file.
    let cells = line("vllm ");
    let numbers = ["c4", "1", "110.1", "304.3", "32", "0"];
    let cells: Vec<&str> = cells.split_whitespace().collect();
    assert!(cells.windows(6).any(|all| all == numbers), "{cells:?}");
    // GuideLLM says nothing against its first place and one thing against its second, which stands below.
    let mut guide = text.lines().skip_while(|line| !line.starts_with("guide "));
    let said = guide
        .by_ref()
        .take(2)
        .map(|line| line.split_whitespace().last());
    assert_eq!(said.collect::<Vec<_>>(), [Some("-"), Some("1")], "{text}");
    assert!(
        text.contains("\nsaid of them\nguide\n  root_late: "),
        "{text}"
    );
    assert!(text.contains("\nnot read\nnotes.txt\n  "), "{text}");
}

#[test]
fn a_directory_without_results_is_exit_2() {
    let home = Home::new();
    home.write("empty/notes.txt", "nothing\n");
    let ran = home.run(&["inspect", "empty"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stdout.starts_with("not read\nnotes.txt\n"),
        "{}",
        ran.stdout
    );
    home.run(&["inspect", "nowhere"])
        .refused("cannot open the input");
}

/// The list that is printed is the one that the manual has.
#[test]
fn formats_are_those_of_the_manual() {
    let home = Home::new();
    let text = fs::read_to_string(corpus("../docs/formats.md")).expect("the manual");
    let manual: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`'))
        .collect();
    let listed = home.ok(&["formats"]);
    let names: Vec<&str> = listed
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(names, manual);
    let fields = home.ok(&["formats", "vllm-bench-json"]);
    let row = fields
        .lines()
        .find(|line| line.starts_with("median_tpot_ms"));
    let row: Vec<&str> = row.expect("a row").split_whitespace().collect();
    assert_eq!(
        row,
        ["median_tpot_ms", "itl_p50_ms", "ms", "tpot-per-request"]
    );
    home.run(&["formats", "vlm-bench-json"])
        .refused("found no format vlm-bench-json, but vllm-bench-json");
}

/// A file to which a tool appended twice holds two trials, alone as in its directory.
#[test]
fn a_file_alone_holds_the_runs_that_were_appended_to_it() {
    let home = Home::new();
    let of = |side: &str| {
        let file = format!("data/tools/sglang-0.5.23/ab/{side}/bench.jsonl");
        fs::read_to_string(corpus(&file)).expect("a file")
    };
    let file = home.write("appended/bench.jsonl", of("base-2") + &of("slow-2"));
    let [alone, beside] = [file, home.path("appended").display().to_string()]
        .map(|path| home.json(&["ingest", &path, "--model", "m", "--json"]));
    let trials = |document: &Value| document["trials"]["runs"].as_array().map(Vec::len);
    assert_eq!(trials(&beside), Some(2), "{beside}");
    assert_eq!(alone, beside);
}

/// A table and a console name no version; the tool is known by their format.
#[test]
fn tables_and_consoles_have_their_tool() {
    let home = Home::new();
    for name in ["base-1-csv", "base-1-console"] {
        let bundle = corpus("data/bundles").join(name).display().to_string();
        let told = home.json(&["inspect", &bundle, "--json"]);
        assert_eq!(told["runs"][0]["tool"], "AIPerf", "{name}");
    }
}
