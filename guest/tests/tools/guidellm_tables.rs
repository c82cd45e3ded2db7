//! GuideLLM's CSV and its console, held against its JSON of the same run.

use crate::support::{cell, findings, of_files, places, text};
use serde_json::Value;

const LEVELS: [&str; 3] = ["1", "4", "16"];

/// The same digits; what a table does not have (the time of day, warnings) is missing.
#[test]
fn the_csv_has_the_numbers_of_the_json() {
    for version in ["guidellm-0.5.4", "guidellm-0.8.1"] {
        let of = |end: &str| {
            let file = format!("benchmarks.{end}");
            of_files(&[(file.as_str(), text(&format!("{version}/{file}")))]).expect("read")
        };
        let (csv, json) = (of("csv"), of("json"));
        assert_eq!(places(&csv), LEVELS);
        for name in ["model", "definitions"] {
            assert_eq!(csv.map[name], json.map[name], "{version}");
        }
        assert_eq!(
            csv.map["provenance"]["tool"],
            json.map["provenance"]["tool"]
        );
        assert_eq!(
            csv.map["workload"]["dataset"],
            json.map["workload"]["dataset"]
        );
        for level in LEVELS {
            let (mut csv, mut json) = (cell(&csv, level).clone(), cell(&json, level).clone());
            for cell in [&mut csv, &mut json] {
                cell["start_time"] = Value::Null;
                cell["validity"] = Value::Null;
            }
            assert_eq!(csv, json, "{version} c{level}");
        }
    }
}

/// One digit behind the point, latencies of requests in seconds.
#[test]
fn the_console_has_the_rounded_numbers_of_the_json() {
    let console = text("guidellm-0.8.1/concurrent.console.txt");
    let console = of_files(&[("bench.log", console)]).expect("read");
    let json = of_files(&[("benchmarks.json", text("guidellm-0.8.1/benchmarks.json"))]);
    let json = json.expect("read");
    assert_eq!(places(&console), LEVELS);
    assert_eq!(console.map["model"], "tinyllama-7m");
    for level in LEVELS {
        for (name, digit) in [
            ("throughput_toks_per_s", 0.1),
            ("ttft_p50_ms", 0.1),
            ("ttft_p95_ms", 0.1),
            ("ttft_mean_ms", 0.1),
            ("itl_p50_ms", 0.1),
            ("itl_mean_ms", 0.1),
            ("requests_per_s", 0.1),
            ("request_latency_p50_ms", 100.0),
            ("request_latency_mean_ms", 100.0),
            ("errors", 0.0),
            ("requests", 0.0),
        ] {
            let of = |document| cell(document, level)[name].as_f64().expect(name);
            let apart = (of(&console) - of(&json)).abs();
            assert!(apart <= digit / 2.0 + 1e-9, "c{level} {name}: {apart}");
        }
        assert_eq!(cell(&console, level)["ttft_p99_ms"], Value::Null);
    }
}

/// The JSON has all that the others have.
#[test]
fn of_all_files_of_a_run_the_json_is_preferred() {
    let made = of_files(&[
        ("benchmarks.csv", text("guidellm-0.8.1/benchmarks.csv")),
        ("benchmarks.json", text("guidellm-0.8.1/benchmarks.json")),
        ("bench.log", text("guidellm-0.8.1/concurrent.console.txt")),
    ])
    .expect("read");
    assert_eq!(findings(&made), []);
    for (name, source) in made.map["sources"]["4"].as_object().expect("sources") {
        assert_eq!(source["format"], "guidellm-json", "{name}");
    }
}

/// Every cell behind the additional ones would be under another heading.
#[test]
fn a_row_longer_than_its_headings_is_refused() {
    let csv = text("guidellm-0.5.4/benchmarks.csv");
    let mut lines: Vec<String> = csv.lines().map(str::to_owned).collect();
    let (before, after) = lines[4].split_once(",32,0,0,32,").expect("the counts");
    lines[4] = format!("{before},32,4,0,36,1.5,1.5,0.1,[],{after}");
    let fault = of_files(&[("benchmarks.csv", lines.join("\r\n"))]);
    let fault = fault
        .map(|made| made.to_json())
        .expect_err("refused")
        .to_string();
    assert!(
        fault.starts_with("benchmarks.csv:5: found a row of 150 cells under 146 headings"),
        "{fault}"
    );
    let headings = csv.lines().take(3).collect::<Vec<_>>().join("\n");
    let fault = of_files(&[("benchmarks.csv", headings)]).map(|made| made.to_json());
    let fault = fault.expect_err("refused").message;
    assert!(fault.starts_with("found headings without a row"), "{fault}");
    let cut = &csv[..csv.len() - 40];
    assert!(of_files(&[("benchmarks.csv", cut)]).is_err());
}

/// Made by the source of 0.3: one line of headings, the median beside eleven other statistics.
#[test]
fn the_csv_of_0_3_is_read() {
    let distribution = |name: &str| {
        format!(
            "{name} mean,{name} median,{name} std dev,\"{name} [min, 0.1, 1, 5, 10, 25, 75, 90, 95, 99, max]\""
        )
    };
    let names = [
        "Requests per second",
        "Time to first token ms",
        "Inter token latency ms",
        "Output tokens per second",
    ];
    let headings = names.map(|name| distribution(&format!("Successful {name}")));
    let list = "\"[1, 2, 3, 4, 5, 6, 7, 8, 9.5, 10.5, 11]\"";
    let values = ["4.0,3.0", "300.5,250.25", "20.5,19.25", "128.5,90.0"]
        .map(|start| format!("{start},1.0,{list}"));
    let csv = format!(
        "Type,Run Id,Id,Name,Start Time,End Time,Duration,Successful Requests,{},Incomplete Requests,Errored Requests,Profile,Backend,Generator Data\n\
         generative_benchmark,r,i,concurrent@8,2025-08-01 10:00:00,2025-08-01 10:00:30,30.0,100,{},3,2,{{}},\"{{\"\"model\"\": \"\"m\"\"}}\",x\n",
        headings.join(","),
        values.join(",")
    );
    let made = of_files(&[("benchmarks.csv", csv)]).expect("read");
    let found = cell(&made, "8");
    for (name, expected) in [
        ("throughput_toks_per_s", 128.5),
        ("ttft_mean_ms", 300.5),
        ("ttft_p50_ms", 250.25),
        ("ttft_p95_ms", 9.5),
        ("ttft_p99_ms", 10.5),
        ("itl_p50_ms", 19.25),
        ("requests_per_s", 4.0),
        ("requests", 102.0),
        ("errors", 2.0),
        ("cancelled", 3.0),
    ] {
        assert_eq!(found[name], expected, "{name}");
    }
}

#[test]
fn tables_that_do_not_end_are_refused() {
    let console = text("guidellm-0.8.1/concurrent.console.txt");
    let at = console.find("1743.1").expect("a mean");
    let fault = of_files(&[("bench.log", &console[..at])]).map(|made| made.to_json());
    let fault = fault.expect_err("refused").message;
    assert!(
        fault.starts_with("found a table that does not end"),
        "{fault}"
    );
}
