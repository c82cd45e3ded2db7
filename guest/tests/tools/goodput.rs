//! Requests that met their SLOs, and which SLOs: as far as each tool says it.

use crate::support::{cell, of_files, of_text, refused, text, vllm_with};
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
