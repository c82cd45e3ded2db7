//! How many requests the benchmarks of vLLM and SGLang sent, and when: what was asked for is neither.

use crate::support::{cell, findings, of_files, of_text, places, refused, text, vllm_with};
use perfbridge_guest::judge::judge;
use perfbridge_guest::judge::policy::Policy;
use serde_json::{Value, json};

const LEFT_OUT: &str = "found a load without one concurrency or rate: times of a trace; expected one at which it can be compared";

/// A data set of 64 prompts of which 1000 were asked for (`--no-oversample`): 64 were sent. All came back, or all but 4.
#[test]
fn prompts_that_were_asked_for_are_not_all_sent() {
    let of = |asked: u64, completed: u64, failed: Value| {
        of_text(&vllm_with(|value| {
            value["num_prompts"] = json!(asked);
            value["completed"] = json!(completed);
            value["failed"] = failed;
        }))
    };
    for (asked, completed, failed, errors, sent) in [
        (1000, 64, json!(0), 0, 64),
        (1000, 60, json!(4), 4, 64),
        (64, 60, json!(4), 4, 64),
        // Before `failed` the rest did not come back, for all that the file says.
        (64, 24, Value::Null, 40, 64),
    ] {
        let made = of(asked, completed, failed);
        let counts = ["errors", "requests", "requests_planned"].map(|name| &cell(&made, "4")[name]);
        assert_eq!(counts, [errors, sent, sent], "{asked} {completed}");
    }
    let (few, many) = (of(64, 64, json!(0)), of(1000, 64, json!(0)));
    let judged = judge(&few, &many, &[], &Policy::default()).expect("judged");
    assert_ne!(judged.rule.as_str(), "failed-level");
    assert_eq!(judged.changed, []);
    // All at once are those that were sent.
    let at_once = of_text(&vllm_with(|value| {
        value["num_prompts"] = json!(1000);
        value["completed"] = json!(60);
        value["failed"] = json!(4);
        value["max_concurrency"] = Value::Null;
    }));
    assert_eq!(places(&at_once), ["64"]);
}

/// 1000 inputs in requests of 8 are 125 requests, of which a pooling result does not count those that failed.
#[test]
fn a_request_can_hold_several_prompts() {
    let batches = |more: Value| {
        let mut value = json!({
            "date": "20261128-195439", "endpoint_type": "openai-embeddings", "backend": "openai-embeddings",
            "model_id": "bge", "tokenizer_id": "bge", "num_prompts": 1000, "request_rate": "inf", "burstiness": 1.0,
            "max_concurrency": 16, "duration": 20.08, "completed": 125, "total_input_tokens": 512_000,
            "total_input_sequences": 1000, "request_throughput": 6.225, "median_e2el_ms": 2499.96, "mean_e2el_ms": 2510.0
        });
        let own = value.as_object_mut().expect("an object");
        own.extend(more.as_object().expect("an object").clone());
        of_text(&value.to_string())
    };
    let made = batches(json!({}));
    let level = cell(&made, "16");
    assert_eq!(level["errors"], Value::Null);
    assert_eq!(level["requests_planned"], Value::Null);
    assert_eq!(made.map["context"]["num_prompts"], Value::Null);
    let at_once = batches(json!({"max_concurrency": null}));
    assert_eq!(places(&at_once), ["125"]);
    // `--save-detailed` lists an error for each request.
    let listed = batches(json!({"errors": vec![""; 127]}));
    assert_eq!(cell(&listed, "16")["errors"], 2);
    assert_eq!(cell(&listed, "16")["requests"], 127);
    let counted = batches(json!({"failed": 3}));
    assert_eq!(cell(&counted, "16")["errors"], 3);
    assert_eq!(cell(&counted, "16")["requests_planned"], 128);
}

/// InferenceX says how many were to be sent, so that those of a run that was stopped are missing.
#[test]
fn what_inferencex_was_to_send_is_planned() {
    let made = of_text(&vllm_with(|value| {
        value["completed"] = json!(20);
        value["failed"] = json!(0);
        value["benchmark_outcome"] = json!({"status": "failed", "requested": 32});
    }));
    let counts = ["errors", "requests", "requests_planned"].map(|name| &cell(&made, "4")[name]);
    assert_eq!(counts, [0, 20, 32]);
}

/// `--use-trace-timestamps` writes `trace` for the rate: alone it says so, and what lies beside it is read.
#[test]
fn a_trace_of_sglang_has_no_place() {
    let line = text("sglang-0.5.23/levels/bench.jsonl");
    let line = line.lines().next().expect("a line");
    let trace = line.replace("\"request_rate\": Infinity", "\"request_rate\": \"trace\"");
    assert_ne!(trace, line);
    assert_eq!(refused(&trace).message, LEFT_OUT);
    let one = of_text(&format!("{line}\n{trace}\n"));
    let two = of_files(&[("a.jsonl", line), ("trace.jsonl", &trace)]).expect("read");
    for made in [one, two] {
        assert_eq!(places(&made), ["1"]);
        let said = findings(&made);
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].0, "RESULT_LEFT_OUT");
    }
    // Another word is no rate.
    let other = trace.replace("\"trace\"", "\"fast\"");
    assert_eq!(
        refused(&other).to_string(),
        "result.json:1: request_rate: found fast; expected a finite number or null"
    );
    let console = text("sglang-0.5.23/console/c4.console.txt");
    let row = |rate: &str| format!("Traffic request rate:                    {rate}");
    let trace = console.replace(&row("inf  "), &row("trace"));
    assert_ne!(trace, console);
    assert_eq!(refused(&trace).message, LEFT_OUT);
    // The options name a rate that a trace does not keep.
    let rate = trace.replace("request_rate=inf", "request_rate=2.0");
    assert_ne!(rate, trace);
    assert_eq!(refused(&rate).message, LEFT_OUT);
}

/// vLLM sends a `timed_trace` at its times unless `--no-self-timed`: its options say so, and the line above the bar.
#[test]
fn a_timed_trace_of_vllm_has_no_place() {
    const LINE: &str = "Self timing is set, using the timestamps from the trace file.";
    let console = text("vllm-bench-0.32.0/console/rate4.console.txt");
    let rate = "Traffic request rate: 4.0";
    let timed = console
        .replace("dataset_name='random'", "dataset_name='timed_trace'")
        .replace("request_rate=4.0", "request_rate=inf")
        .replace("Request rate configured (RPS):           4.00      \n", "")
        .replace(rate, LINE);
    assert_ne!(timed, console);
    let unsaid = timed.replace(LINE, "");
    let unnamed = timed.replace("timed_trace", "random");
    let limited = timed.replace("max_concurrency=None", "max_concurrency=64");
    let beside = timed.replace("request_rate=inf", "request_rate=4.0");
    for log in [timed.clone(), unsaid, unnamed, limited, beside] {
        assert!(!log.contains(rate));
        assert_eq!(refused(&log).message, LEFT_OUT);
    }
    let ordinary = timed
        .replace("self_timed=None", "self_timed=False")
        .replace(LINE, "Traffic request rate: inf");
    assert_eq!(
        places(&of_files(&[("bench.log", ordinary)]).expect("read")),
        ["32"]
    );
    // The run behind it in one log is of its own load.
    let both = of_files(&[("bench.log", format!("{timed}\n{console}"))]).expect("read");
    assert_eq!(places(&both), ["4/s"]);
}

/// Without its options a console has the shape of a ramp all the same.
#[test]
fn a_ramp_on_the_console_has_no_place() {
    let console = text("vllm-bench-0.32.0/console/too-long-c4.console.txt");
    let options = console.lines().find(|line| line.starts_with("Namespace("));
    let bare = console.replace(options.expect("options"), "");
    let ramp = bare.replace(
        "Traffic request rate: inf",
        "Traffic ramp-up strategy: linear.",
    );
    assert_ne!(ramp, bare);
    assert_eq!(
        refused(&ramp).message,
        "found a load without one concurrency or rate: linear ramp from ? to ? requests/s; expected one at which it can be compared"
    );
}
