//! What the benchmarks of vLLM and SGLang print, held against their own exports of the same run.

use crate::support::{cell, findings, of_files, of_text, places, refused, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// A console, the export of the same run and its place.
const PAIRS: &[(&str, &str, &str)] = &[
    (
        "vllm-bench-0.10.2/console/c1.console.txt",
        "vllm-bench-0.10.2/levels/c1.json",
        "c1",
    ),
    (
        "vllm-bench-0.10.2/console/c4.console.txt",
        "vllm-bench-0.10.2/levels/c4.json",
        "c4",
    ),
    (
        "vllm-bench-0.10.2/console/c16.console.txt",
        "vllm-bench-0.10.2/levels/c16.json",
        "c16",
    ),
    (
        "vllm-bench-0.10.2/console/rate8.console.txt",
        "vllm-bench-0.10.2/rate/rates.json",
        "8/s",
    ),
    (
        "vllm-bench-0.32.0/console/too-long-c4.console.txt",
        "vllm-bench-0.32.0/failures/too-long-c4.json",
        "c4",
    ),
    (
        "vllm-bench-0.32.0/console/rate4.console.txt",
        "vllm-bench-0.32.0/rate/openai-chat-4.0qps-tinyllama-7m-20261128-195742.json",
        "4/s",
    ),
    (
        "sglang-0.5.23/console/c1.console.txt",
        "sglang-0.5.23/levels/bench.jsonl",
        "c1",
    ),
    (
        "sglang-0.5.23/console/c4.console.txt",
        "sglang-0.5.23/levels/bench.jsonl",
        "c4",
    ),
    (
        "sglang-0.5.23/console/c16.console.txt",
        "sglang-0.5.23/levels/bench.jsonl",
        "c16",
    ),
    (
        "sglang-0.5.23/console/cut-c4.console.txt",
        "sglang-0.5.23/failures/cut.jsonl",
        "c4",
    ),
];

/// Every number of `expected.json` to the two digits that a console prints.
#[test]
fn consoles_have_the_numbers_of_the_exports() {
    let all: Vec<BTreeMap<String, Value>> =
        serde_json::from_str(&text("expected.json")).expect("JSON");
    for (console, export, place) in PAIRS {
        let of =
            |entry: &&BTreeMap<String, Value>| entry["file"] == *export && entry["place"] == *place;
        let expected = all.iter().find(of).expect("an entry");
        let document = of_files(&[("bench.log", text(console))]).expect(console);
        assert_eq!(document.map["model"], "tinyllama-7m");
        let found = cell(&document, place);
        for (name, expected) in expected {
            // SGLang's line does not say what was sent, and its console does.
            let counts = ["errors", "requests", "requests_planned"].contains(&name.as_str());
            let only_here = console.starts_with("sglang") && counts;
            if ["file", "entry", "place", "model"].contains(&name.as_str()) || only_here {
                continue;
            }
            match (expected.as_f64(), found[name].as_f64()) {
                (None, None) => {}
                (Some(expected), Some(found)) if (found - expected).abs() <= 0.005 + 1e-9 => {}
                (expected, found) => panic!("{console}: {name}: {found:?}, expected {expected:?}"),
            }
        }
    }
}

/// 64 were asked for, 40 came back; the JSON line has the 40 alone.
#[test]
fn sglang_says_what_it_sent_on_its_console_alone() {
    let console = text("sglang-0.5.23/console/cut-c4.console.txt");
    for files in [
        vec![("bench.log", console.clone())],
        vec![
            ("bench.log", console),
            ("bench.jsonl", text("sglang-0.5.23/failures/cut.jsonl")),
        ],
    ] {
        let made = of_files(&files).expect("read");
        assert_eq!(cell(&made, "4")["errors"], 24);
        assert_eq!(cell(&made, "4")["requests"], 64);
        assert_eq!(findings(&made), []);
    }
}

/// The export has all digits; its console agrees with it.
#[test]
fn an_export_beside_its_console_is_preferred() {
    let made = of_files(&[
        (
            "c4.console.txt",
            text("vllm-bench-0.10.2/console/c4.console.txt"),
        ),
        ("c4.json", text("vllm-bench-0.10.2/levels/c4.json")),
    ])
    .expect("read");
    assert_eq!(findings(&made), []);
    let sources = &made.map["sources"]["4"];
    for (name, source) in sources.as_object().expect("sources") {
        assert_eq!(source["format"], "vllm-bench-json", "{name}");
    }
    let other = text("vllm-bench-0.10.2/console/c4.console.txt").replace("335.14", "336.14");
    let made = of_files(&[
        ("c4.console.txt", other),
        ("c4.json", text("vllm-bench-0.10.2/levels/c4.json")),
    ])
    .expect("read");
    assert_eq!(findings(&made)[0].0, "SOURCES_DISAGREE");
}

/// A pytest log of vllm-ascend (#6235); each number is what the line behind the logger's prefix says.
#[test]
fn a_table_behind_a_logger_is_read() {
    let made = of_files(&[(
        "bench.log",
        text("../field/39-vllm-console-behind-a-log-prefix/bench.log"),
    )])
    .expect("read");
    let found = cell(&made, "20/s");
    for (name, expected) in [
        ("throughput_toks_per_s", 1549.45),
        ("ttft_p50_ms", 95.77),
        ("ttft_p99_ms", 182.70),
        ("ttft_mean_ms", 99.02),
        ("itl_p50_ms", 22.30),
        ("itl_mean_ms", 22.41),
        ("requests_per_s", 15.49),
        ("errors", 0.0),
        ("requests", 500.0),
        ("isl_mean", 128.0),
        ("osl_mean", 100.0),
    ] {
        assert_eq!(found[name], expected, "{name}");
    }
    assert_eq!(found["ttft_p95_ms"], Value::Null);
    assert_eq!(found["request_latency_p50_ms"], Value::Null);
    // Both limit the load: the rate is the place, as in the JSON of such a run.
    assert_eq!(found["load"]["concurrency"], 40);
    // 500 requests at 20/s and a latency of 99.02 + 99 x 22.41 ms are 27.318 s; they were 32.27 s.
    let findings = findings(&made);
    let short = findings.iter().find(|(code, _)| code == "RATE_NOT_REACHED");
    let (_, message) = short.expect("short");
    let start = "offered 20 requests/s, achieved 16.931 (15.3 % short: ";
    assert!(message.starts_with(start), "{message}");
}

/// Prefixes of container runtimes and loggers, colours, and tables one behind the other in one log.
#[test]
fn tables_are_found_in_logs_of_all_kinds() {
    let of = |level: &str| text(&format!("vllm-bench-0.10.2/console/{level}.console.txt"));
    let plain = of_text_named(&of("c4"));
    let kinds: [fn(&str) -> String; 5] = [
        |line| format!("2026-03-01T10:00:00.123456Z stdout F {line}"),
        |line| format!("\u{1b}[36m(APIServer pid=126)\u{1b}[0;0m {line}"),
        |line| format!("[2026-03-01 10:00:00,123: INFO] {line}\r"),
        |line| format!("{{\"log\":\"{line}\\n\",\"stream\":\"stdout\"}}"),
        |line| format!("bench-1  | \u{1b}[1m{line}\u{1b}[0m"),
    ];
    for kind in kinds {
        let table = of("c4")
            .split_once("====")
            .map(|(_, table)| format!("===={table}"));
        let options = of("c4").lines().next().expect("a line").to_owned();
        let log = format!("{options}\n{}", table.expect("a table"));
        let log: Vec<String> = log.lines().map(kind).collect();
        let made = of_text_named(&log.join("\n"));
        assert_eq!(made["ttft_p50_ms"], plain["ttft_p50_ms"], "{}", log[5]);
        assert_eq!(
            made["throughput_toks_per_s"],
            plain["throughput_toks_per_s"]
        );
        assert_eq!(made["errors"], 0);
    }
    let all = ["c1", "c4", "c16"].map(of).join("\n");
    let made = of_files(&[("all.log", all)]).expect("read");
    assert_eq!(places(&made), ["1", "4", "16"]);
}

fn of_text_named(log: &str) -> Value {
    let made = of_files(&[("bench.log", log)]).unwrap_or_else(|fault| panic!("{fault}"));
    cell(&made, "4").clone()
}

/// Before 0.10 the table had no concurrency: the line above it has.
#[test]
fn the_load_above_the_table_counts() {
    let console = text("vllm-bench-0.10.2/console/c4.console.txt");
    let old: String = console
        .lines()
        .filter(|line| !line.starts_with("Maximum request concurrency:             4"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(console, old);
    assert_eq!(of_text_named(&old)["itl_p50_ms"], 21.91);
}

/// A line that is cut could have lost digits.
#[test]
fn a_table_that_is_cut_is_refused() {
    let console = text("vllm-bench-0.10.2/console/c4.console.txt");
    let at = console.find("335.1").expect("the median");
    let fault = refused(&console[..at + 5]).to_string();
    assert!(
        fault.starts_with("result.json:") && fault.contains("without its last line of `=`"),
        "{fault}"
    );
    let twice = format!("{}\n{console}", &console[..at]);
    assert!(refused(&twice).message.contains("The log was cut"));
    let odd = console.replace("335.14    ", "nan       ");
    let fault = refused(&odd).to_string();
    assert!(
        fault.ends_with("median_ttft_ms: found nan; expected a finite number or null"),
        "{fault}"
    );
}

/// What stands beside a table is no result of it: a log without one says nothing.
#[test]
fn a_log_without_a_table_says_nothing() {
    let console = text("vllm-bench-0.10.2/console/c4.console.txt");
    let before = console.split("=====").next().expect("text");
    let made = of_files(&[
        ("stderr.log", before.to_owned()),
        ("c4.json", text("vllm-bench-0.10.2/levels/c4.json")),
    ])
    .expect("read");
    assert_eq!(places(&made), ["4"]);
    assert!(of_files(&[("stderr.log", before)]).is_err());
    // A report may quote a table.
    let quoted = format!("# Run\n\n```\n{console}\n```\n");
    let made = of_files(&[
        ("notes.md", quoted),
        ("c4.json", text("vllm-bench-0.10.2/levels/c4.json")),
    ]);
    assert_eq!(places(&made.expect("read")), ["4"]);
    let _ = of_text(&text("vllm-bench-0.10.2/levels/c4.json"));
}
