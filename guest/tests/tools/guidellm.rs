//! GuideLLM's reports.

use crate::support::{cell, findings, of_files, of_text, places, refused, text};
use serde_json::{Value, json};

fn report(version: &str) -> Value {
    serde_json::from_str(&text(&format!("guidellm-{version}/benchmarks.json"))).expect("JSON")
}

/// The report with one benchmark, changed.
fn one(change: impl FnOnce(&mut Value)) -> Value {
    let mut report = report("0.5.4");
    let list = report["benchmarks"].as_array_mut().expect("a list");
    list.truncate(1);
    change(&mut list[0]);
    report
}

#[test]
fn each_benchmark_is_a_level() {
    for version in ["0.5.4", "0.8.1"] {
        let made = of_text(&text(&format!("guidellm-{version}/benchmarks.json")));
        assert_eq!(places(&made), ["1", "4", "16"]);
        assert_eq!(made.map["model"], "tinyllama-7m");
        let tool = format!("GuideLLM {version}");
        assert_eq!(made.map["context"]["bench_backend"], tool);
        assert_eq!(made.map["provenance"]["tool"], tool);
        assert_eq!(cell(&made, "4")["requests_planned"], 32);
        assert_eq!(cell(&made, "4")["load"]["kind"], "closed");
    }
    let made = of_text(&text("guidellm-0.5.4/benchmarks.json"));
    // 1795897515.7361605 s after 1970, by `date -u -d @...`.
    assert_eq!(cell(&made, "4")["start_time"], "2026-11-28T20:25:15.736Z");
    assert_eq!(
        made.map["workload"]["dataset"],
        "prompt_tokens=128,output_tokens=32"
    );
}

/// What GuideLLM warns of stands at its level.
#[test]
fn warnings_are_kept_in_its_words() {
    let made = of_text(&text("guidellm-0.8.1/benchmarks.json"));
    assert_eq!(
        cell(&made, "4")["validity"],
        json!([
            "root_late: p95 root dispatch delay was 0.261s over 32 samples (threshold 0.200s)."
        ])
    );
}

/// The shape of 0.3.1 by its classes (`benchmark/benchmark.py`); no file of that version was at hand.
#[test]
fn the_shape_of_0_3_is_read() {
    let mut report = one(|benchmark| {
        let totals = benchmark["metrics"]["request_totals"].clone();
        *benchmark = json!({
            "type_": "generative_benchmark", "id_": "i", "run_id": "r",
            "args": {"profile": {"type_": "concurrent", "streams": [1]}, "strategy_index": 0,
                "strategy": {"type_": "concurrent", "streams": 1}, "max_number": 32, "max_duration": null,
                "warmup_number": null, "warmup_duration": null, "cooldown_number": null, "cooldown_duration": null},
            "run_stats": {},
            "worker": {"type_": "generative_requests_worker", "backend_type": "openai_http", "backend_model": "tiny"},
            "request_loader": {"type_": "generative_request_loader", "data": "prompt_tokens=128,output_tokens=32"},
            "metrics": benchmark["metrics"], "request_totals": totals,
            "start_time": 1795897497.5, "end_time": 1795897513.5, "duration": 16.0
        });
        benchmark["metrics"]
            .as_object_mut()
            .expect("metrics")
            .remove("request_totals");
    });
    let map = report.as_object_mut().expect("a report");
    map.remove("metadata");
    map.remove("args");
    let made = of_text(&report.to_string());
    assert_eq!(made.map["model"], "tiny");
    assert_eq!(made.map["context"]["bench_backend"], "GuideLLM");
    let level = cell(&made, "1");
    let truth = &one(|_| {})["benchmarks"][0]["metrics"];
    assert_eq!(
        level["throughput_toks_per_s"],
        truth["output_tokens_per_second"]["successful"]["mean"]
    );
    assert_eq!(level["requests"], 32);
    assert_eq!(level["requests_planned"], 32);
    assert_eq!(level["run_id"], "i");
    assert_eq!(level["start_time"], "2026-11-28T20:24:57.500Z");
}

#[test]
fn a_strategy_says_the_place() {
    for (strategy, place, kind, schedule) in [
        (json!({"type_": "synchronous"}), "1", "closed", Value::Null),
        (
            json!({"type_": "concurrent", "streams": 8, "max_concurrency": 8}),
            "8",
            "closed",
            Value::Null,
        ),
        (
            json!({"type_": "constant", "rate": 2.5, "max_concurrency": 512}),
            "2.5/s",
            "rate",
            json!("constant"),
        ),
        (
            json!({"type_": "poisson", "rate": 4.0}),
            "4/s",
            "rate",
            Value::Null,
        ),
    ] {
        let made =
            of_text(&one(|benchmark| benchmark["config"]["strategy"] = strategy).to_string());
        assert_eq!(places(&made), [place]);
        assert_eq!(cell(&made, place)["load"]["kind"], kind);
        assert_eq!(cell(&made, place)["load"]["schedule"], schedule);
    }
}

/// `max_concurrency` of a throughput run is a limit and no level.
#[test]
fn a_sweep_leaves_its_throughput_run_out() {
    let mut report = report("0.5.4");
    let strategies = [
        json!({"type_": "synchronous"}),
        json!({"type_": "throughput", "max_concurrency": 512}),
        json!({"type_": "constant", "rate": 2.0}),
    ];
    for (at, strategy) in strategies.into_iter().enumerate() {
        report["benchmarks"][at]["config"]["strategy"] = strategy;
    }
    let made = of_text(&report.to_string());
    assert_eq!(places(&made), ["1", "2/s"]);
    let (code, message) = &findings(&made)[0];
    assert_eq!(code, "RESULT_LEFT_OUT");
    assert_eq!(
        message,
        "found a load without one concurrency or rate: strategy throughput; expected one at which it can be compared. It is left out"
    );
}

/// A time limit ends streams that are under way: they are neither requests nor errors, and nothing is missing.
#[test]
fn incomplete_requests_are_no_errors() {
    let made = of_text(
        &one(|benchmark| {
            benchmark["config"]["constraints"] =
                json!({"max_seconds": {"type_": "max_duration", "max_duration": 15.8, "current_index": 0}});
            benchmark["metrics"]["request_totals"] =
                json!({"successful": 12, "errored": 1, "incomplete": 301, "total": 314});
        })
        .to_string(),
    );
    let level = cell(&made, "1");
    assert_eq!(level["requests"], 13);
    assert_eq!(level["errors"], 1);
    assert_eq!(level["cancelled"], 301);
    assert_eq!(level["requests_planned"], Value::Null);
    assert_eq!(findings(&made), []);
}

/// With a warm-up the requests of the limit are more than those that are counted.
#[test]
fn a_warm_up_leaves_the_plan_open() {
    let made = of_text(
        &one(|benchmark| {
            benchmark["config"]["warmup"] = json!({"percent": 0.125, "value": null, "mode": "x"});
            benchmark["metrics"]["request_totals"]["successful"] = json!(28);
        })
        .to_string(),
    );
    assert_eq!(cell(&made, "1")["requests_planned"], Value::Null);
    assert_eq!(findings(&made), []);
}

/// Distributions of no request are all zeros.
#[test]
fn zeros_of_no_request_are_not_times() {
    let made = of_text(
        &one(|benchmark| {
            for (name, metric) in benchmark["metrics"].as_object_mut().expect("metrics") {
                if name == "request_totals" {
                    *metric = json!({"successful": 0, "errored": 32, "incomplete": 0, "total": 32});
                } else {
                    metric["successful"] = json!({"mean": 0.0, "count": 0, "percentiles": {"p50": 0.0, "p95": 0.0, "p99": 0.0}});
                }
            }
        })
        .to_string(),
    );
    let level = cell(&made, "1");
    assert_eq!(level["errors"], 32);
    assert_eq!(level["ttft_p50_ms"], Value::Null);
    assert_eq!(level["throughput_toks_per_s"], Value::Null);
}

#[test]
fn a_damaged_report_is_named() {
    let mut empty = report("0.8.1");
    empty["benchmarks"] = json!([]);
    assert_eq!(
        refused(&empty.to_string()).to_string(),
        "result.json:1: benchmarks: found an empty list; expected at least one: a benchmark that did not end is not written"
    );
    let text = text("guidellm-0.8.1/benchmarks.json");
    assert!(
        refused(&text[..70_000])
            .to_string()
            .contains("The file was cut")
    );
    let nothing = one(|benchmark| benchmark["metrics"] = json!({"other": 1}));
    let fault = refused(&nothing.to_string()).to_string();
    assert!(
        fault.starts_with("result.json:1: found GuideLLM report (benchmarks.json) without a single known number; expected at least one of: metrics.output_tokens_per_second.successful.mean, "),
        "{fault}"
    );
    let negative = one(|benchmark| {
        benchmark["metrics"]["request_latency"]["successful"]["mean"] = json!(-1.5);
    });
    assert_eq!(
        refused(&negative.to_string()).to_string(),
        "result.json:1: metrics.request_latency.successful.mean: found -1.5; expected a number that is not negative"
    );
}

/// The same tree as YAML; GuideLLM writes both, and the JSON counts.
#[test]
fn the_report_as_yaml_says_the_same() {
    let (json, yaml) = (
        text("guidellm-0.8.1/benchmarks.json"),
        text("guidellm-0.8.1/benchmarks.yaml"),
    );
    let read =
        |files: &[(&str, &String)]| of_files(files).unwrap_or_else(|fault| panic!("{fault}"));
    let of_json = read(&[("benchmarks.json", &json)]);
    let of_yaml = read(&[("benchmarks.yaml", &yaml)]);
    assert_eq!(places(&of_yaml), ["4"]);
    assert_eq!(cell(&of_yaml, "4"), cell(&of_json, "4"));
    assert_eq!(of_yaml.map["model"], "tinyllama-7m");
    let both = read(&[("benchmarks.json", &json), ("benchmarks.yaml", &yaml)]);
    assert_eq!(places(&both), ["1", "4", "16"]);
    assert_eq!(findings(&both), []);
    assert_eq!(
        both.map["sources"]["4"]["ttft_p50_ms"]["format"],
        "guidellm-json"
    );
    assert!(refused(&yaml[..yaml.len() / 4]).message.len() > 20);
}

/// Streams or a rate that grow at the beginning, in the report, its CSV and on the console; 0 is no ramp.
#[test]
fn a_ramp_stands_at_its_load() {
    for (strategy, place, ramp) in [
        (
            json!({"type_": "concurrent", "streams": 8, "rampup_duration": 30.0}),
            "8",
            json!("concurrency over 30 s"),
        ),
        (
            json!({"type_": "concurrent", "streams": 8, "startup_duration": 2.5}),
            "8",
            json!("concurrency over 2.5 s"),
        ),
        (
            json!({"type_": "poisson", "rate": 4.0, "rampup_duration": 10}),
            "4/s",
            json!("rate over 10 s"),
        ),
        (
            json!({"type_": "synchronous", "rampup_duration": 10}),
            "1",
            Value::Null,
        ),
        (
            json!({"type_": "concurrent", "streams": 8, "rampup_duration": 0.0}),
            "8",
            Value::Null,
        ),
        (
            json!({"type_": "concurrent", "streams": 8, "rampup_duration": null}),
            "8",
            Value::Null,
        ),
    ] {
        let made =
            of_text(&one(|benchmark| benchmark["config"]["strategy"] = strategy).to_string());
        assert_eq!(cell(&made, place)["load"]["ramp"], ramp);
    }
    let csv = text("guidellm-0.8.1/benchmarks.csv");
    let console = text("guidellm-0.8.1/concurrent.console.txt");
    let older = text("guidellm-0.6.0/concurrent.console.txt");
    for (name, text, was, is) in [
        (
            "benchmarks.csv",
            &csv,
            "\"\"rampup_duration\"\": 0.0",
            "\"\"rampup_duration\"\": 30.0",
        ),
        (
            "bench.log",
            &console,
            "'rampup_duration': 0.0",
            "'rampup_duration': 30.0",
        ),
        (
            "bench.log",
            &console,
            "'rampup_duration': 0.0",
            "'rampup_duration':\n  30.0",
        ),
        (
            "bench.log",
            &older,
            "rampup_duration=0.0",
            "rampup_duration=30.0",
        ),
    ] {
        // The older one says it a second time.
        let ramped = text
            .replace(was, is)
            .replace("'rampup_duration': 0.0", "'rampup_duration': 30.0");
        assert_ne!(&ramped, text);
        let made = of_files(&[(name, ramped)]).expect("read");
        let load = &cell(&made, "16")["load"];
        assert_eq!(load["ramp"], "concurrency over 30 s", "{is}");
        let made = of_files(&[(name, text)]).expect("read");
        assert_eq!(cell(&made, "16")["load"]["ramp"], Value::Null);
    }
}
