//! How many requests the benchmark of vLLM sent: what was asked for is another number.

use crate::support::{cell, of_text, places, vllm_with};
use perfbridge_guest::judge::judge;
use perfbridge_guest::judge::policy::Policy;
use serde_json::{Value, json};

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
