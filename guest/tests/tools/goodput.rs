//! Requests that met their SLOs, and which SLOs: as far as each tool says it.

use crate::support::{cell, of_files, of_text, refused, text, vllm_with};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::read_text;
use serde_json::{Value, json};

/// Goodput and SLOs of a cell; what is not there is null.
fn of(cell: &Value) -> (Value, Value) {
    (cell["goodput_per_s"].clone(), cell["slo"].clone())
}

#[test]
fn nobody_asked_and_nothing_is_written() {
    for file in [
        "vllm-bench-0.10.2/levels/c4.json",
        "sglang-0.5.23/console/c4.console.txt",
        "guidellm-0.8.1/benchmarks.json",
    ] {
        let made = of_text(&text(file));
        let cell = cell(&made, "4").as_object().expect("a cell");
        assert!(!cell.contains_key("goodput_per_s"), "{file}");
        assert!(!cell.contains_key("slo"), "{file}");
    }
}

/// vLLM's JSON does not say by which SLOs it counts; its console does, in its options.
#[test]
fn vllm_says_its_slos_on_the_console() {
    let json = vllm_with(|value| value["request_goodput"] = json!(1.25));
    let made = of_text(&json);
    assert_eq!(of(cell(&made, "4")), (json!(1.25), Value::Null));
    // Asked for and never met.
    let none = of_text(&vllm_with(|value| value["request_goodput"] = json!(0.0)));
    assert_eq!(of(cell(&none, "4")), (json!(0.0), Value::Null));
    let console = text("vllm-bench-0.10.2/console/c4.console.txt");
    let rate = "Request throughput (req/s):";
    let console = console
        .replace(
            "goodput=None",
            "goodput=['ttft:500', 'tpot:50', 'e2el:2000.5']",
        )
        .replace(rate, &format!("Request goodput (req/s): 1.25\n{rate}"));
    let printed = of_files(&[("c4.txt", console.as_str())]).expect("read");
    let slo = json!({"ttft_ms": 500, "itl_ms": 50, "request_latency_ms": 2000.5});
    assert_eq!(of(cell(&printed, "4")), (json!(1.25), slo.clone()));
    let both = of_files(&[("c4.json", json), ("c4.txt", console)]).expect("read");
    assert_eq!(of(cell(&both, "4")), (json!(1.25), slo));
}

/// Version 0.6 writes a colon too many.
#[test]
fn vllm_0_6_has_it_under_another_name() {
    let made = of_text(&vllm_with(|value| {
        let map = value.as_object_mut().expect("an object");
        map.shift_remove("request_goodput");
        map.insert("request_goodput:".to_owned(), json!(1.25));
    }));
    assert_eq!(of(cell(&made, "4")), (json!(1.25), Value::Null));
}

fn sglang(slos: Value) -> String {
    json!({
        "backend": "sglang", "dataset_name": "random", "request_rate": "Infinity", "max_concurrency": 4,
        "duration": 20.0, "completed": 40, "output_throughput": 64.0, "request_throughput": 2.0,
        "median_ttft_ms": 30.0, "median_tpot_ms": 12.0, "median_e2e_latency_ms": 400.0,
        "goodput_slos_ms": slos, "request_goodput": 1.8, "slo_attainment": 0.9
    })
    .to_string()
}

#[test]
fn sglang_says_both() {
    let made = of_text(&sglang(json!({"ttft": 300.0, "tpot": 150.0})));
    let slo = json!({"ttft_ms": 300, "itl_ms": 150});
    assert_eq!(of(cell(&made, "4")), (json!(1.8), slo));
    let fault = refused(&sglang(json!({"ttft": "fast"})));
    assert!(
        fault.to_string().contains("goodput_slos_ms")
            && fault
                .message
                .contains("expected the limits of SLOs, numbers that are not negative"),
        "{fault}"
    );
}

/// `request_goodput` is a distribution whose mean is the rate; its count is none of requests.
#[test]
fn guidellm_says_both() {
    let mut report: Value =
        serde_json::from_str(&text("guidellm-0.8.1/benchmarks.json")).expect("JSON");
    for (benchmark, goodput) in report["benchmarks"]
        .as_array_mut()
        .expect("a list")
        .iter_mut()
        .zip([0.5, 1.75, 0.0])
    {
        benchmark["config"]["slo"] = json!({"ttft_ms": 2000, "tpot_ms": 100, "e2el_ms": null});
        let rate = json!({"mean": goodput, "count": 0});
        benchmark["metrics"]["request_goodput"] = json!({"successful": rate});
    }
    let made = of_text(&report.to_string());
    let slo = json!({"ttft_ms": 2000, "itl_ms": 100});
    for (level, goodput) in [("1", 0.5), ("4", 1.75), ("16", 0.0)] {
        assert_eq!(of(cell(&made, level)), (json!(goodput), slo.clone()));
    }
}

#[test]
fn aiperf_says_both_in_the_echo_of_each_age() {
    let export = |config: Value| {
        json!({
            "schema_version": "1.3", "aiperf_version": "0.12.0", "input_config": config,
            "time_to_first_token": {"unit": "ms", "avg": 18.3, "p50": 16.4},
            "request_latency": {"unit": "ms", "avg": 180.3, "p50": 160.4},
            "goodput": {"unit": "requests/sec", "avg": 9.1},
            "good_request_count": {"unit": "requests", "avg": 91.0},
            "request_count": {"unit": "requests", "avg": 97.0}, "error_summary": []
        })
        .to_string()
    };
    let slos = json!({"time_to_first_token": 500.0, "inter_token_latency": 50,
        "output_token_throughput_per_user": 20});
    let slo = json!({"ttft_ms": 500, "itl_ms": 50, "output_token_throughput_per_user": 20});
    let old = json!({"endpoint": {"model_names": ["m"]}, "loadgen": {"concurrency": 4}, "input": {"goodput": slos}});
    let new = json!({"models": {"items": [{"name": "m"}]}, "slos": slos,
        "phases": [{"name": "profiling", "kind": "profiling", "type": "concurrency", "concurrency": 4}]});
    let bare = json!({"endpoint": {"model_names": ["m"]}, "loadgen": {"concurrency": 4}});
    for (config, slo) in [(old, slo.clone()), (new, slo), (bare, Value::Null)] {
        let file = ("profile_export_aiperf.json", export(config));
        let made = of_files(&[file]).expect("read");
        assert_eq!(of(cell(&made, "4")), (json!(9.1), slo));
    }
}

/// The row and the option as the sources of AIPerf print them, in a real console.
#[test]
fn the_console_and_the_csv_of_aiperf_say_it_too() {
    let of_texts = |path: &str| {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/text");
        read_text(&NativeTree::new(root), path).expect("a sample")
    };
    let row = "│                      Request Count (requests) │    17.00 │";
    let goodput = "│                        Goodput (requests/sec) │     1.25 │";
    let console = of_texts("errors-1/aiperf-c16.log");
    let line = console.lines().find(|line| line.starts_with(row));
    let line = line.expect("a row");
    let console = console
        .replace(line, &format!("{}\n{line}", line.replace(row, goodput)))
        .replace(
            "--concurrency 16",
            "--concurrency 16 --goodput 'time_to_first_token:500 \ninter_token_latency:50.5'",
        );
    let made = of_files(&[("aiperf-c16.log", console)]).expect("read");
    let slo = json!({"ttft_ms": 500, "itl_ms": 50.5});
    assert_eq!(of(cell(&made, "16")), (json!(1.25), slo));
    // The CSV has the number without the SLOs.
    let csv = "Metric,avg,min,max,p99,p95,p90,p75,p50,p25,p10,p5,p1,std\n\
        Request Latency (ms),20.00,1.00,40.00,34.00,30.00,28.00,24.00,19.00,15.00,12.00,11.00,10.00,5.00\n\n\
        Metric,Value\nBenchmark Duration (sec),10.00\nGoodRequestCount (requests),9.00\nGoodput (requests/sec),0.90\n\
        Output Token Throughput (tokens/sec),64.00\nRequest Count (requests),12.00\nRequest Throughput (requests/sec),1.20\n";
    let made = of_files(&[("aiperf-c16/profile_export_aiperf.csv", csv)]).expect("read");
    assert_eq!(of(cell(&made, "16")), (json!(0.9), Value::Null));
}

/// Two columns more of the CSV and of the console of 0.8, as its writers name them.
#[test]
fn the_tables_of_guidellm_say_it_too() {
    let csv = text("guidellm-0.8.1/benchmarks.csv");
    let of_rows = [
        "Server Throughput,Server Throughput",
        "Successful Goodput/Sec,SLO Attainment",
        "mean,",
    ];
    let values = ["0.5,0.25", "1.75,1.0", ","];
    let lines = csv.lines().zip(of_rows.iter().chain(&values));
    let csv: String = lines
        .map(|(line, more)| format!("{line},{more}\r\n"))
        .collect();
    let slo = "\"\"slo\"\":{\"\"ttft_ms\"\":2000.0,\"\"tpot_ms\"\":null,\"\"e2el_ms\"\":5000.5}";
    let csv = csv.replace("\"\"slo\"\":null", slo);
    let made = of_files(&[("benchmarks.csv", csv)]).expect("read");
    let slo = json!({"ttft_ms": 2000, "request_latency_ms": 5000.5});
    for (level, goodput) in [("1", json!(0.5)), ("4", json!(1.75)), ("16", Value::Null)] {
        assert_eq!(
            cell(&made, level)
                .get("goodput_per_s")
                .cloned()
                .unwrap_or_default(),
            goodput
        );
        assert_eq!(cell(&made, level)["slo"], slo);
    }
    // The tables are printed twice.
    let console = text("guidellm-0.8.1/concurrent.console.txt");
    let at = console.rfind("ℹ Run Summary Info").expect("tables");
    let (before, table) = console[at..]
        .split_once("ℹ Server Throughput")
        .expect("a table");
    let mut rows = [
        "=|=",
        " Goodput    |",
        " Attainment | Per Sec ",
        " %  | Mean ",
        "-|-",
        " 25.0 | 0.5 ",
        " 100.0 | 1.8 ",
        " -- | -- ",
        "=|=",
    ]
    .iter();
    let table: Vec<String> = table
        .lines()
        .map(
            |line| match line.strip_prefix('|').and_then(|_| rows.next()) {
                Some(more) => format!("{line}{more}|"),
                None => line.to_owned(),
            },
        )
        .collect();
    let console = format!("{before}ℹ Server Throughput{}", table.join("\n"));
    let made = of_files(&[("bench.log", console)]).expect("read");
    for (level, goodput) in [("1", json!(0.5)), ("4", json!(1.8)), ("16", Value::Null)] {
        assert_eq!(
            cell(&made, level)
                .get("goodput_per_s")
                .cloned()
                .unwrap_or_default(),
            goodput
        );
    }
}

/// Beside the numbers of the successful requests; by the SLOs of its configuration, another file.
#[test]
fn inference_perf_says_how_much() {
    let mut stage: Value =
        serde_json::from_str(&text("inference-perf-0.7.0/stage_1_lifecycle_metrics.json"))
            .expect("JSON");
    stage["successes"]["goodput_metrics"] = json!({"goodput_percentage": 50.0,
        "request_goodput": 1.5, "token_goodput": 200.0, "good_requests": 24, "total_requests": 48,
        "ttft_attainment_percentage": 50.0});
    let made = of_text(&stage.to_string());
    assert_eq!(of(cell(&made, "4")), (json!(1.5), Value::Null));
}

/// `request_goodput`, -1 where none of its limits could be checked.
#[test]
fn genai_perf_says_both() {
    let mut export: Value =
        serde_json::from_str(&text("genai-perf-0.0.16/c4/profile_export_genai_perf.json"))
            .expect("JSON");
    export["input_config"]["input"]["goodput"] = json!({"time_to_first_token": 500.0});
    for (stated, goodput) in [(2.5, json!(2.5)), (-1.0, Value::Null)] {
        export["request_goodput"] = json!({"unit": "requests/sec", "avg": stated});
        let made = of_text(&export.to_string());
        let cell = cell(&made, "4");
        assert_eq!(
            cell.get("goodput_per_s").cloned().unwrap_or_default(),
            goodput
        );
        assert_eq!(cell["slo"], json!({"ttft_ms": 500}));
    }
}
