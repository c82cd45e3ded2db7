//! GenAI-Perf and LLMPerf, and files of several tools.

use crate::support::{cell, of_files, of_text, places, refused, text, vllm_with};
use serde_json::{Value, json};

fn genai() -> Value {
    serde_json::from_str(&text("genai-perf-0.0.16/c4/profile_export_genai_perf.json"))
        .expect("JSON")
}

fn llmperf() -> Value {
    serde_json::from_str(&text("llmperf-f1d6bed/tinyllama-7m_160_32_summary.json")).expect("JSON")
}

/// It has AIPerf's keys and is none of its files: nobody counted failures.
#[test]
fn genai_perf_counts_no_failures() {
    let made = of_text(&genai().to_string());
    let level = cell(&made, "4");
    assert_eq!(level["errors"], Value::Null);
    assert_eq!(level["requests"], 32);
    assert_eq!(made.map["context"]["bench_backend"], "GenAI-Perf");
    assert_eq!(made.map["context"]["streaming"], true);
    assert_eq!(made.map["definitions"]["output_tokens"], "client-tokenizer");
    assert_eq!(made.map["definitions"]["itl_p50_ms"], "tpot-per-request");
}

/// It has the shape of AIPerf's and other names; the place is that of its folder.
#[test]
fn the_csv_of_genai_perf_is_not_aiperf_s() {
    let csv = text("genai-perf-0.0.16/c4/profile_export_genai_perf.csv");
    for (folder, place) in [
        ("tinyllama-7m-openai-chat-concurrency4", "4"),
        ("tinyllama-7m-openai-chat-request_rate4.0", "4/s"),
    ] {
        let path = format!("{folder}/profile_export_genai_perf.csv");
        let made = of_files(&[(path.as_str(), csv.as_str())]).expect("read");
        assert_eq!(places(&made), [place]);
        assert_eq!(made.map["context"]["bench_backend"], "GenAI-Perf");
        assert_eq!(made.map["definitions"]["output_tokens"], "client-tokenizer");
        assert_eq!(cell(&made, place)["request_latency_p50_ms"], 908.11);
    }
    // The units of earlier versions.
    let old = csv
        .replace("(tokens/sec)", "(per sec)")
        .replace(" (tokens)", "");
    let made = of_files(&[("c4/profile_export_genai_perf.csv", old)]).expect("read");
    assert_eq!(cell(&made, "4")["throughput_toks_per_s"], 149.02);
    assert_eq!(cell(&made, "4")["osl_mean"], 35.47);
    let cut = &csv[..csv.len() / 2];
    let fault = of_files(&[("c4/profile_export_genai_perf.csv", cut)]).map(|made| made.to_json());
    assert!(fault.is_err());
}

#[test]
fn genai_perf_says_its_place_in_several_ways() {
    for (stimulus, place) in [
        (json!({"concurrency": [8]}), "8"),
        (json!({"request_rate": 4.0}), "4/s"),
    ] {
        let mut value = genai();
        value["input_config"]["perf_analyzer"]["stimulus"] = stimulus;
        assert_eq!(places(&of_text(&value.to_string())), [place]);
    }
    // Earlier versions echo their options as they were given.
    let mut value = genai();
    value["input_config"] =
        json!({"model": ["old"], "service_kind": "openai", "concurrency": 2, "request_rate": null});
    let made = of_text(&value.to_string());
    assert_eq!(
        (places(&made), &made.map["model"]),
        (vec!["2".to_owned()], &json!("old"))
    );
    let mut value = genai();
    value["input_config"]["perf_analyzer"]["stimulus"] = json!({"concurrency": 0});
    let fault = refused(&value.to_string());
    assert!(
        fault.to_string().ends_with(": input_config.perf_analyzer.stimulus.concurrency: found 0; expected a whole number from 1 on"),
        "{fault}"
    );
}

/// Units stand in the file.
#[test]
fn genai_perf_has_the_unit_that_its_file_says() {
    let mut value = genai();
    value["request_latency"] =
        json!({"unit": "ns", "avg": 4_110_623_430_u64, "p50": 4_000_000_000_u64});
    assert_eq!(
        cell(&of_text(&value.to_string()), "4")["request_latency_p50_ms"],
        4000.0
    );
    value["request_latency"]["unit"] = json!("tokens");
    let fault = refused(&value.to_string());
    assert!(
        fault
            .message
            .starts_with("found the unit \"tokens\"; expected "),
        "{fault}"
    );
    let nothing = json!({"request_latency": {}, "input_config": {"service_kind": "openai"}});
    let fault = refused(&nothing.to_string());
    assert!(
        fault.message.contains("without a single known number"),
        "{fault}"
    );
}

/// TTFT is in its inter-token latency, and in its speed of a user.
#[test]
fn llmperf_has_its_own_quantities() {
    let made = of_text(&llmperf().to_string());
    let definitions = &made.map["definitions"];
    assert_eq!(definitions["itl_p50_ms"], "tpot-with-ttft");
    assert_eq!(definitions["tps_per_user"], "tpot-with-ttft");
    assert_eq!(definitions["output_tokens"], "client-tokenizer");
    // 1795899729 s after 1970 less 12 requests at 14.018 a minute, by `date`.
    assert_eq!(cell(&made, "4")["start_time"], "2026-11-28T21:01:17Z");
}

#[test]
fn llmperf_without_a_success_has_no_times() {
    let mut value = llmperf();
    value["results_num_completed_requests"] = json!(0);
    value["results_number_errors"] = json!(12);
    value["results_num_completed_requests_per_min"] = json!(0.0);
    value["results_mean_output_throughput_token_per_s"] = json!(0.0);
    let made = of_text(&value.to_string());
    assert_eq!(cell(&made, "4")["errors"], 12);
    assert_eq!(cell(&made, "4")["ttft_p50_ms"], Value::Null);
    let mut value = llmperf();
    value.as_object_mut().expect("an object").retain(|key, _| {
        !key.contains("_s_")
            && !key.ends_with("_s")
            && !key.contains("tokens")
            && !key.ends_with("_min")
    });
    let fault = refused(&value.to_string());
    assert!(
        fault
            .message
            .starts_with("found LLMPerf summary (*_summary.json) without a single known number"),
        "{fault}"
    );
}

#[test]
fn results_of_two_tools_are_no_run() {
    let files = [
        ("a.json", llmperf().to_string()),
        ("b.json", genai().to_string()),
    ];
    let fault = of_files(&files)
        .map(|made| made.to_json())
        .expect_err("refused");
    assert_eq!(
        fault.message,
        "found results of LLMPerf (a.json) and of GenAI-Perf (b.json); expected those of one tool. Give the results of each on their own"
    );
}

#[test]
fn an_empty_file_of_no_format_is_none() {
    let fault = refused("");
    assert!(
        fault
            .message
            .starts_with("found no benchmark result\nfound: result.json\n"),
        "{fault}"
    );
}

const EVALSCOPE: &str = "evalscope-1.14.1/parallel_4_number_32";

/// A database of single requests stands beside the results.
#[test]
fn the_database_of_evalscope_is_named_and_passed_over() {
    let summary = text(&format!("{EVALSCOPE}/benchmark_summary.json"));
    let database = "SQLite format 3\0\u{10}\0";
    let arguments = text(&format!("{EVALSCOPE}/benchmark_args.json"));
    let made = of_files(&[
        ("benchmark_args.json", arguments.as_str()),
        ("benchmark_data.db", database),
        ("benchmark_summary.json", &summary),
    ])
    .expect("read");
    let found = crate::support::findings(&made);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "RESULT_LEFT_OUT");
    assert_eq!(
        found[0].1,
        "this is a result of evalscope perf, request by request, in an SQLite database. It is left out"
    );
}

/// The names of 0.15, times in seconds; a rate of -1 is none.
#[test]
fn an_old_summary_of_evalscope_is_read() {
    let summary = json!({
        "Time taken for tests (s)": 10.0, "Number of concurrency": 8, "Total requests": 20,
        "Succeed requests": 19, "Failed requests": 1, "Output token throughput (tok/s)": 100.5,
        "Total token throughput (tok/s)": 300.0, "Request throughput (req/s)": 1.9,
        "Average latency (s)": 2.5, "Average time to first token (s)": 0.25,
        "Average time per output token (s)": 0.02, "Average input tokens per request": 128.0,
        "Average output tokens per request": 50.0
    });
    let percentiles = json!([
        {"Percentiles": "50%", "TTFT (s)": 0.2, "ITL (s)": 0.01, "TPOT (s)": 0.019, "Latency (s)": 2.25},
        {"Percentiles": "95%", "TTFT (s)": 0.5}, {"Percentiles": "99%", "TTFT (s)": 0.75}
    ]);
    let arguments = json!({"model": "m", "parallel": 8});
    let made = of_files(&[
        ("a/benchmark_args.json", arguments.to_string()),
        ("a/benchmark_percentile.json", percentiles.to_string()),
        ("a/benchmark_summary.json", summary.to_string()),
    ])
    .expect("read");
    let level = cell(&made, "8");
    for (name, expected) in [
        ("throughput_toks_per_s", 100.5),
        ("ttft_mean_ms", 250.0),
        ("ttft_p50_ms", 200.0),
        ("ttft_p95_ms", 500.0),
        ("ttft_p99_ms", 750.0),
        ("itl_p50_ms", 19.0),
        ("itl_mean_ms", 20.0),
        ("request_latency_p50_ms", 2250.0),
        ("request_latency_mean_ms", 2500.0),
        ("errors", 1.0),
        ("requests", 20.0),
    ] {
        assert_eq!(level[name], expected, "{name}");
    }
    let mut rate = summary.clone();
    rate["Request rate (req/s)"] = json!(2.5);
    assert_eq!(places(&of_text(&rate.to_string())), ["2.5/s"]);
    // Nothing is measured where nothing was streamed.
    let mut whole: Value =
        serde_json::from_str(&text(&format!("{EVALSCOPE}/benchmark_summary.json"))).expect("JSON");
    whole["Stream Requests"] = json!(0);
    assert_eq!(
        cell(&of_text(&whole.to_string()), "4")["ttft_mean_ms"],
        Value::Null
    );
    let fault = refused(&percentiles.to_string());
    assert!(
        fault.message.starts_with("cannot tell the concurrency"),
        "{fault}"
    );
}

/// Files of 2026 say whether too many requests failed, and how many did; it is the benchmark's own result that they copy.
#[test]
fn inferencex_says_its_outcome() {
    let outcome = |status: &str, completed: u64, failed: u64| json!({"status": status, "requested": 160, "completed": completed, "failed": failed, "max_failure_rate": 0.05});
    let aggregate = |outcome: Value| {
        json!({
            "hw": "h200", "conc": 16, "model": "m", "framework": "vllm", "precision": "fp8", "tp": 2,
            "tput_per_gpu": 900.0, "output_tput_per_gpu": 100.0, "median_ttft": 0.25, "power_valid": 0,
            "benchmark_outcome": outcome
        })
        .to_string()
    };
    let failed = of_text(&aggregate(outcome("failed", 140, 20)));
    let level = cell(&failed, "16");
    assert_eq!(level["validity"], json!(["benchmark_outcome: failed"]));
    for (name, count) in [("requests", 160), ("errors", 20), ("requests_planned", 160)] {
        assert_eq!(level[name], count, "{name}");
    }
    assert_eq!(level["throughput_toks_per_s"], 200.0);
    let passed = of_text(&aggregate(outcome("passed", 159, 1)));
    let level = cell(&passed, "16");
    assert_eq!(level["validity"], json!([]));
    assert_eq!(level["errors"], 1);
    let old = of_text(&aggregate(Value::Null));
    assert_eq!(cell(&old, "16")["errors"], Value::Null);
    let fault = refused(&aggregate(json!({"completed": 1.5, "failed": 0})));
    assert!(
        fault.to_string().contains("benchmark_outcome.completed"),
        "{fault}"
    );
    let raw = of_text(&vllm_with(|value| {
        value["completed"] = json!(30);
        value["benchmark_outcome"] = json!({"status": "failed", "requested": 32, "failed": 2});
    }));
    let level = cell(&raw, "4");
    assert_eq!(level["validity"], json!(["benchmark_outcome: failed"]));
    assert_eq!(level["errors"], 2);
}
