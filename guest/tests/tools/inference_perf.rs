//! inference-perf's stage files.

use crate::support::{cell, findings, of_files, of_text, places, refused, text};
use serde_json::{Value, json};

const STAGES: [&str; 5] = [
    "stage_0_lifecycle_metrics.json",
    "stage_1_lifecycle_metrics.json",
    "stage_2_lifecycle_metrics.json",
    "summary_lifecycle_metrics.json",
    "validation.json",
];

fn stage() -> Value {
    serde_json::from_str(&text("inference-perf-0.7.0/stage_1_lifecycle_metrics.json"))
        .expect("JSON")
}

fn with(change: impl FnOnce(&mut Value)) -> String {
    let mut value = stage();
    change(&mut value);
    value.to_string()
}

/// The summary mixes the stages and is none of them; what the tool found wrong stands at its stage.
#[test]
fn stages_are_levels_and_their_summary_is_none() {
    let files = STAGES.map(|name| {
        (
            format!("reports/{name}"),
            text(&format!("inference-perf-0.7.0/{name}")),
        )
    });
    let files: Vec<(&str, &String)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text))
        .collect();
    let made = of_files(&files).expect("read");
    assert_eq!(places(&made), ["1", "4", "16"]);
    assert_eq!(findings(&made), []);
    assert_eq!(
        cell(&made, "4")["validity"],
        json!([
            "validation_warning: per_stage.token_mismatches: 12 request(s) where the client-side token count disagrees with the server-reported completion_tokens"
        ])
    );
    let definitions = &made.map["definitions"];
    assert_eq!(definitions["output_tokens"], "client-tokenizer");
    assert_eq!(definitions["itl_p50_ms"], "tpot-per-request");
    assert_eq!(made.map["context"]["bench_backend"], "inference-perf");
}

#[test]
fn the_summary_alone_has_no_place() {
    let fault = refused(&text("inference-perf-0.7.0/summary_lifecycle_metrics.json"));
    assert_eq!(
        fault.message,
        "found a load without one concurrency or rate: all stages together; expected one at which it can be compared"
    );
}

/// `use_server_output_tokens` is not in the file, but its rate is then that of the server's count.
#[test]
fn who_counted_shows_in_the_rate() {
    let made = of_text(&with(|value| {
        let requests = value["successes"]["throughput"]["requests_per_sec"]
            .as_f64()
            .expect("a rate");
        value["successes"]["throughput"]["output_tokens_per_sec"] = json!(requests * 32.0);
    }));
    assert_eq!(made.map["definitions"]["output_tokens"], "server-usage");
    assert_eq!(cell(&made, "4")["osl_mean"], 32.0);
}

/// Without a concurrency the requested rate is one. All were sent within `send_duration`.
#[test]
fn a_stage_of_a_rate_is_at_that_rate() {
    let made = of_text(&with(|value| {
        value["load_summary"]
            .as_object_mut()
            .expect("load")
            .remove("concurrency");
        value["load_summary"]["requested_rate"] = json!(3.2);
        value["load_summary"]["schedule_delay"]["min"] = json!(-0.001);
    }));
    assert_eq!(places(&made), ["3.2/s"]);
    // achieved_rate of the file.
    let achieved = cell(&made, "3.2/s")["sent_per_s"].as_f64().expect("a rate");
    assert!((achieved - 3.002258745708495).abs() < 1e-6);
    assert_eq!(findings(&made)[0].0, "RATE_NOT_REACHED");
}

#[test]
fn failures_are_errors_and_nothing_else_is_made_up() {
    let made = of_text(&with(|value| {
        value["failures"]["count"] = json!(8);
        value["load_summary"]["count"] = json!(40);
    }));
    assert_eq!(cell(&made, "4")["errors"], 8);
    assert_eq!(cell(&made, "4")["requests"], 40);
    assert_eq!(cell(&made, "4")["requests_planned"], Value::Null);
    let all_failed = of_text(&with(|value| {
        value["successes"]["count"] = json!(0);
        for (_, latency) in value["successes"]["latency"]
            .as_object_mut()
            .expect("latency")
        {
            *latency = Value::Null;
        }
        for (_, rate) in value["successes"]["throughput"]
            .as_object_mut()
            .expect("rates")
        {
            *rate = json!(0.0);
        }
        value["failures"]["count"] = json!(32);
    }));
    assert_eq!(cell(&all_failed, "4")["errors"], 32);
    assert_eq!(cell(&all_failed, "4")["ttft_p50_ms"], Value::Null);
    assert_eq!(cell(&all_failed, "4")["isl_mean"], Value::Null);
}

/// Its own check of its numbers.
#[test]
fn errors_of_its_own_check_are_kept() {
    let check = json!({"global": {"warnings": [], "errors": [{"check": "cross.total", "severity": "error", "message": "sum differs"}]},
        "reports": {"stage_1_lifecycle_metrics.json": {"warnings": [], "errors": [{"check": "per_stage.load", "severity": "error", "message": "negative send_duration"}]}}});
    let made = of_files(&[
        ("stage_1_lifecycle_metrics.json", stage().to_string()),
        ("validation.json", check.to_string()),
    ])
    .expect("read");
    assert_eq!(
        cell(&made, "4")["validity"],
        json!(["validation_error: per_stage.load: negative send_duration"])
    );
    assert_eq!(
        made.map["validity"],
        json!(["validation_error: cross.total: sum differs"])
    );
}

#[test]
fn a_damaged_stage_is_named() {
    let nothing = with(|value| value["successes"] = json!({"latency": {"other": 1}}));
    let fault = refused(&nothing).to_string();
    assert!(
        fault.starts_with("result.json:1: found inference-perf report (stage_N_lifecycle_metrics.json) without a single known number; expected at least one of: successes.throughput.output_tokens_per_sec, "),
        "{fault}"
    );
    let negative =
        with(|value| value["successes"]["latency"]["request_latency"]["median"] = json!(-2));
    assert_eq!(
        refused(&negative).to_string(),
        "result.json:1: successes.latency.request_latency.median: found -2; expected a number that is not negative"
    );
}

/// By its source of spring 2025: five statistics, the median spelled `p50`, no duration and no tokens of the server.
#[test]
fn a_stage_of_the_first_months_is_read() {
    let stage = with(|value| {
        let map = value.as_object_mut().expect("an object");
        map.shift_remove("benchmark_time_seconds");
        map.shift_remove("retries");
        let latency = value["successes"]["latency"].as_object_mut();
        for (_, statistics) in latency.expect("latencies") {
            let of = |name: &str| statistics[name].clone();
            *statistics = json!({"mean": of("mean"), "min": of("min"), "p10": of("p10"), "p50": of("median"),
                "p90": of("p90"), "max": of("max")});
        }
        let load = json!({"count": 32, "send_duration": 10.5, "requested_rate": 4.5, "achieved_rate": 4.6});
        value["load_summary"] = load;
        let successes = value["successes"].as_object_mut().expect("successes");
        successes.retain(|name, _| {
            ["count", "latency", "throughput", "prompt_len", "output_len"].contains(&name.as_str())
        });
    });
    let (made, today) = (of_text(&stage), of_text(&with(|_| ())));
    let (made, today) = (cell(&made, "4.5/s"), cell(&today, "4"));
    for name in [
        "throughput_toks_per_s",
        "requests_per_s",
        "ttft_p50_ms",
        "ttft_mean_ms",
        "itl_p50_ms",
        "itl_mean_ms",
        "request_latency_p50_ms",
        "request_latency_mean_ms",
        "requests",
        "errors",
        "osl_mean",
    ] {
        assert!(today[name].is_number(), "{name}");
        assert_eq!(made[name], today[name], "{name}");
    }
    assert_eq!(made["ttft_p95_ms"], Value::Null);
}
