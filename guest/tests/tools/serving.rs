//! `vllm bench serve` and SGLang's `bench_serving`.

use crate::support::{cell, findings, of_files, of_text, places, refused, text, vllm, vllm_with};
use serde_json::{Value, json};

#[test]
fn flat_files_and_appended_ones_are_levels() {
    let levels = ["c1", "c4", "c16"].map(|level| {
        let file = format!("vllm-bench-0.10.2/levels/{level}.json");
        (format!("{level}.json"), text(&file))
    });
    let flat: Vec<(&str, String)> = levels
        .iter()
        .map(|(a, b)| (a.as_str(), b.clone()))
        .collect();
    let flat = of_files(&flat).expect("read");
    assert_eq!(places(&flat), ["1", "4", "16"]);
    assert_eq!(findings(&flat), []);
    // `--append-result` writes no line ends.
    let appended = of_text(&text("vllm-bench-0.32.0/append/all-levels.json"));
    assert_eq!(places(&appended), ["1", "4", "16"]);
    let joined: String = levels.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(of_text(&joined).map["metrics"], {
        let mut metrics = flat.map["metrics"].clone();
        for cell in metrics.as_object_mut().expect("cells").values_mut() {
            cell["result_sha256"] = Value::Null;
        }
        metrics
    });
    let rates = of_text(&text("vllm-bench-0.10.2/rate/rates.json"));
    assert_eq!(places(&rates), ["4/s", "8/s"]);
    let load = &cell(&rates, "4/s")["load"];
    assert_eq!(
        load,
        &json!({"kind": "rate", "concurrency": null, "request_rate": 4.0, "burstiness": 1.0, "schedule": null})
    );
}

/// Two results of one place in one file are named by their lines.
#[test]
fn two_results_of_a_place_are_two_runs() {
    let one = vllm().to_string();
    let fault = refused(&format!("{one}\n{one}\n"));
    assert_eq!(
        fault.to_string(),
        "result.json: found two results for concurrency 4: result.json:1 (ISL 192) and result.json:2 (ISL 192); expected one a level. Name the directory of one run, and repeated runs one by one"
    );
}

#[test]
fn the_place_is_what_limits_the_load() {
    for (rate, concurrency, place, kind, schedule) in [
        (json!("inf"), json!(16), "16", "closed", Value::Null),
        (json!(5.0), json!(16), "5/s", "rate", Value::Null),
        (json!(0.8), Value::Null, "0.8/s", "rate", Value::Null),
        (
            json!("inf"),
            Value::Null,
            "32",
            "closed",
            json!("all at once"),
        ),
    ] {
        let made = of_text(&vllm_with(|value| {
            value["request_rate"] = rate;
            value["max_concurrency"] = concurrency.clone();
        }));
        assert_eq!(places(&made), [place]);
        let load = &cell(&made, place)["load"];
        assert_eq!(load["kind"], kind);
        assert_eq!(load["schedule"], schedule);
        if kind == "rate" {
            assert_eq!(load["concurrency"], concurrency);
        }
    }
}

/// `request_rate` says `inf` beside a ramp.
#[test]
fn a_ramp_of_rates_has_no_place() {
    let ramp = vllm_with(|value| {
        value["max_concurrency"] = Value::Null;
        value["ramp_up_strategy"] = json!("linear");
        value["ramp_up_start_rps"] = json!(1);
        value["ramp_up_end_rps"] = json!(8);
    });
    let fault = refused(&ramp);
    assert!(
        fault.message.starts_with("found a load without one concurrency or rate: linear ramp from 1 to 8 requests/s; expected"),
        "{fault}"
    );
    let beside = of_files(&[("a.json", ramp), ("b.json", vllm().to_string())]).expect("read");
    assert_eq!(places(&beside), ["4"]);
    assert_eq!(findings(&beside)[0].0, "RESULT_LEFT_OUT");
}

/// Failed ones are the rest where a version does not count them, and zeros of a run without success are no times.
#[test]
fn failures_are_counted_and_zeros_are_not_times() {
    let old = of_text(&vllm_with(|value| value["completed"] = json!(30)));
    assert_eq!(cell(&old, "4")["errors"], 2);
    assert_eq!(cell(&old, "4")["requests"], 32);
    let none = of_text(&vllm_with(|value| {
        for (name, number) in value.as_object_mut().expect("an object") {
            if name.ends_with("_ms") || name.ends_with("_throughput") || name.starts_with("total_")
            {
                *number = json!(0.0);
            }
        }
        value["completed"] = json!(0);
    }));
    let cell_of = cell(&none, "4");
    assert_eq!(cell_of["errors"], 32);
    assert_eq!(cell_of["throughput_toks_per_s"], 0.0);
    for name in [
        "ttft_p50_ms",
        "ttft_p99_ms",
        "itl_p50_ms",
        "request_latency_p50_ms",
        "isl_mean",
        "osl_mean",
    ] {
        assert_eq!(cell_of[name], Value::Null, "{name}");
    }
}

/// `--percentile-metrics ttft,itl` drops TPOT: gaps stand in under their own name.
#[test]
fn without_tpot_gaps_are_gaps() {
    let made = of_text(&vllm_with(|value| {
        let map = value.as_object_mut().expect("an object");
        map.retain(|key, _| !key.ends_with("_tpot_ms"));
    }));
    assert_eq!(made.map["definitions"]["itl_p50_ms"], "gap-pooled");
    assert_eq!(cell(&made, "4")["itl_p50_ms"], vllm()["median_itl_ms"]);
    let made = of_text(&vllm_with(|value| {
        let map = value.as_object_mut().expect("an object");
        map.retain(|key, _| !key.ends_with("_tpot_ms") && !key.ends_with("_itl_ms"));
    }));
    assert_eq!(cell(&made, "4")["itl_p50_ms"], Value::Null);
}

/// Percentiles that were not asked for are not there, and those between are not taken for them.
#[test]
fn a_percentile_that_was_not_asked_for_is_null() {
    let made = of_text(&vllm_with(|value| {
        let map = value.as_object_mut().expect("an object");
        map.retain(|key, _| !key.starts_with("p95") && !key.starts_with("p99"));
        map.insert("p99.9_ttft_ms".to_owned(), json!(9999.0));
        map.insert("p90_ttft_ms".to_owned(), json!(90.0));
    }));
    assert_eq!(cell(&made, "4")["ttft_p95_ms"], Value::Null);
    assert_eq!(cell(&made, "4")["ttft_p99_ms"], Value::Null);
}

/// Who counted the words is not known of files before `endpoint_type`.
#[test]
fn the_shape_of_0_6_is_read() {
    let made = of_text(&vllm_with(|value| {
        let map = value.as_object_mut().expect("an object");
        map.retain(|key, _| {
            ![
                "endpoint_type",
                "label",
                "burstiness",
                "max_concurrency",
                "request_goodput",
            ]
            .contains(&key.as_str())
        });
        map.insert("request_goodput:".to_owned(), Value::Null);
        map.insert("backend".to_owned(), json!("vllm"));
        map.insert("best_of".to_owned(), json!(1));
        map.insert("request_rate".to_owned(), json!(4.0));
    }));
    let cell = cell(&made, "4/s");
    assert_eq!(cell["ttft_p50_ms"], vllm()["median_ttft_ms"]);
    assert_eq!(cell["load"]["burstiness"], Value::Null);
    assert_eq!(made.map["definitions"]["output_tokens"], Value::Null);
    assert_eq!(made.map["context"]["tokenizer"], vllm()["tokenizer_id"]);
}

/// The date is that of the end, to the second.
#[test]
fn the_start_is_the_date_less_the_duration() {
    let made = of_text(&vllm_with(|value| {
        value["date"] = json!("20260301-000010");
        value["duration"] = json!(20.5);
    }));
    assert_eq!(cell(&made, "4")["start_time"], "2026-02-28T23:59:49");
}

#[test]
fn what_cannot_be_read_is_named() {
    let known =
        |key: &str| ["model_id", "tokenizer_id", "num_prompts", "max_concurrency"].contains(&key);
    let nothing = vllm_with(|value| {
        value
            .as_object_mut()
            .expect("an object")
            .retain(|key, _| known(key));
    });
    let fault = refused(&nothing).to_string();
    assert!(
        fault.starts_with("result.json:1: found vLLM bench serve result (JSON, one or several objects) without a single known number; expected at least one of: output_throughput, request_throughput, request_goodput, median_ttft_ms, "),
        "{fault}"
    );
    for (change, expected) in [
        (
            json!({"median_ttft_ms": -1.0}),
            "median_ttft_ms: found -1; expected a number that is not negative",
        ),
        (
            json!({"median_ttft_ms": "12"}),
            "median_ttft_ms: found 12; expected a finite number or null",
        ),
        (
            json!({"median_ttft_ms": []}),
            "median_ttft_ms: found a list; expected a finite number or null",
        ),
        (
            json!({"max_concurrency": 0}),
            "max_concurrency: found 0; expected a whole number from 1 on",
        ),
        (
            json!({"max_concurrency": 1.5}),
            "max_concurrency: found 1.5; expected a whole number",
        ),
        (
            json!({"request_rate": 0}),
            "request_rate: found 0; expected a number above 0",
        ),
        (
            json!({"completed": 0.5}),
            "completed: found 0.5; expected a whole number",
        ),
    ] {
        let changed = vllm_with(|value| {
            for (key, number) in change.as_object().expect("an object") {
                value[key] = number.clone();
            }
        });
        let fault = refused(&changed);
        assert_eq!(fault.to_string(), format!("result.json:1: {expected}"));
    }
    let nan = vllm()
        .to_string()
        .replace("\"median_ttft_ms\":", "\"median_ttft_ms\":NaN,\"x\":");
    assert_eq!(
        refused(&nan).to_string(),
        "result.json:1: median_ttft_ms: found NaN; expected a finite number or null"
    );
    let text = vllm().to_string();
    let fault = refused(&format!("{text}\n{}", &text[..text.len() / 2]));
    assert!(
        fault
            .to_string()
            .starts_with("result.json:2: found the end of the file inside a JSON value"),
        "{fault}"
    );
    let fault = of_files(&[
        ("a.json", vllm().to_string()),
        (
            "b.json",
            vllm_with(|value| {
                value["model_id"] = json!("other");
                value["max_concurrency"] = json!(8);
            }),
        ),
    ]);
    let fault = fault
        .map(|document| document.to_json())
        .expect_err("two models");
    assert_eq!(
        fault.message,
        "this bundle holds several models: other, tinyllama-7m. Choose one of them"
    );
}

/// A line of a run that failed looks healthy: nothing is said of what was sent, unless the list of errors is there.
#[test]
fn sglang_counts_failures_by_its_list_alone() {
    let cut = of_text(&text("sglang-0.5.23/failures/cut.jsonl"));
    let cell_of = cell(&cut, "4");
    assert_eq!(cell_of["errors"], Value::Null);
    assert_eq!(cell_of["requests_planned"], Value::Null);
    let line = text("sglang-0.5.23/details/c4-details.jsonl");
    let details = of_text(&line);
    assert_eq!(cell(&details, "4")["errors"], 0);
    let mut value: Value =
        serde_json::from_str(&line.replace("Infinity", "\"inf\"")).expect("JSON");
    value["completed"] = json!(22);
    value["errors"][3] = json!("Traceback\n\"quoted\"");
    let failed = of_text(&value.to_string());
    assert_eq!(cell(&failed, "4")["errors"], 2);
    assert_eq!(cell(&failed, "4")["requests"], 24);
}

/// What an SGLang server says of itself.
#[test]
fn sglang_names_its_server() {
    let line = text("sglang-0.5.23/levels/bench.jsonl");
    let line = line.lines().next().expect("a line").replace(
        "\"server_info\": null",
        "\"server_info\": {\"model_path\": \"/models/q\", \"served_model_name\": \"q\", \"version\": \"0.5.23\", \"tp_size\": 8, \"dp_size\": 1, \"quantization\": null, \"x\": NaN}",
    );
    let made = of_text(&line);
    assert_eq!(made.map["model"], "q");
    assert_eq!(made.map["deployment"]["tensor_parallel_size"], 8);
    assert_eq!(made.map["deployment"]["quantization"], Value::Null);
    assert_eq!(made.map["context"]["serving_engine"], "SGLang 0.5.23");
    assert_eq!(made.map["workload"]["dataset"], "random-ids");
    assert_eq!(made.map["context"]["bench_backend"], "SGLang bench_serving");
}

/// Versions before 0.4 have no TPOT.
#[test]
fn an_old_sglang_has_gaps() {
    let line = text("sglang-0.5.23/levels/bench.jsonl");
    let line = line
        .lines()
        .next()
        .expect("a line")
        .replace("_tpot_ms", "_other");
    let made = of_text(&line);
    assert_eq!(made.map["definitions"]["itl_p50_ms"], "gap-pooled");
}

#[test]
fn two_workloads_in_one_run_are_refused() {
    let line = text("sglang-0.5.23/levels/bench.jsonl");
    let other = line
        .replace("random-ids", "sharegpt")
        .replace("\"max_concurrency\": 1", "\"max_concurrency\": 2");
    let first = line.lines().next().expect("a line");
    let fault = refused(&format!(
        "{first}\n{}\n",
        other.lines().next().expect("a line")
    ));
    assert_eq!(
        fault.to_string(),
        "result.json:2: found a result of the data set \"sharegpt\", and in result.json one of \"random-ids\"; expected one workload. Give the results of each on their own"
    );
}

/// `vllm bench serve` names no data set: its levels are of one workload if their prompts are about as long.
#[test]
fn prompts_of_other_lengths_are_another_workload() {
    let other = |tokens: u64| {
        vllm_with(|value| {
            value["max_concurrency"] = json!(8);
            value["total_input_tokens"] = json!(tokens);
        })
    };
    // 192 tokens a request in the sample, of 32 requests; 1.75 times as many are another workload.
    let of = |tokens: u64| {
        of_files(&[
            ("a/c4.json", vllm().to_string()),
            ("b/c8.json", other(tokens)),
        ])
    };
    assert_eq!(places(&of(10_751).expect("one workload")), ["4", "8"]);
    assert_eq!(
        of(10_752).expect_err("two workloads").to_string(),
        "b/c8.json: found results of two input lengths: a/c4.json (ISL 192) and b/c8.json (ISL 336); expected one workload. Give the results of each on their own"
    );
}
