//! A baseline of one tool against a run of another: what is one quantity is compared, the rest says why not.

use crate::support::{of_files, vllm_with};
use perfbridge_guest::document::Document;
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::read_text;
use perfbridge_guest::judge::judge;
use perfbridge_guest::judge::policy::{Policy, Request};
use serde_json::{Value, json};

/// A real run of `vllm bench serve` with the concurrency 4.
fn of_vllm() -> Document {
    of_files(&[("c4.json", vllm_with(|_| ()))]).expect("read")
}

/// A real run of AIPerf with the concurrency 4, of prompts and answers as long as those of the other.
fn of_aiperf(change: impl FnOnce(&mut Value)) -> Document {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/bundles/base-1");
    let path = "aiperf-c4/profile_export_aiperf.json";
    let text = read_text(&NativeTree::new(root), path).expect("a sample");
    let mut export: Value = serde_json::from_str(&text).expect("JSON");
    export["input_sequence_length"]["avg"] = json!(192.0);
    export["output_sequence_length"]["avg"] = json!(32.0);
    change(&mut export);
    of_files(&[(path, export.to_string())]).expect("read")
}

fn between(baseline: &Document, current: &Document) -> Value {
    let request = Request {
        vary: vec!["dataset".to_owned()],
        ..Request::default()
    };
    let policy = Policy::new(&request).expect("a policy");
    let judgement = judge(baseline, current, &[], &policy).expect("judged");
    serde_json::from_str(&judgement.to_json()).expect("JSON")
}

fn status(judgement: &Value, metric: &str) -> String {
    let rows = judgement["rows"].as_array().expect("rows");
    let row = rows
        .iter()
        .find(|row| row["metric"] == metric && row["place"] == "c4");
    row.expect(metric)["status"]
        .as_str()
        .expect("a status")
        .to_owned()
}

/// Both sides count the tokens of the server, one ITL a request, latency to the end of the stream.
#[test]
fn what_both_tools_measure_is_compared() {
    let judgement = between(&of_vllm(), &of_aiperf(|_| ()));
    for metric in [
        "throughput_toks_per_s",
        "ttft_p50_ms",
        "itl_p50_ms",
        "request_latency_p50_ms",
    ] {
        assert_eq!(status(&judgement, metric), "IMPROVED", "{metric}");
    }
    // vLLM has none.
    assert_eq!(status(&judgement, "tps_per_user"), "NULL_LEGACY_BASELINE");
    assert_eq!(judgement["tier"], "DRAFT");
    let promote = judgement["promote"].as_array().expect("a list");
    let one_tool = "one benchmark tool on both sides: the baseline is of vLLM bench serve, the current run of AIPerf";
    assert!(promote.contains(&json!(one_tool)), "{promote:?}");
    let same = between(
        &of_aiperf(|_| ()),
        &of_aiperf(|export| export["aiperf_version"] = json!("0.12.0")),
    );
    assert!(!same["promote"].to_string().contains("one benchmark tool"));
}

/// By default AIPerf counts with its own tokenizer.
#[test]
fn tokens_counted_by_another_are_not_compared() {
    let by_client = of_aiperf(|export| {
        let endpoint = export["input_config"]["endpoint"].as_object_mut();
        endpoint
            .expect("an endpoint")
            .shift_remove("use_server_token_count");
        export["run_info"]["cli_command"] = json!("aiperf profile");
    });
    let judgement = between(&of_vllm(), &by_client);
    assert_eq!(
        status(&judgement, "throughput_toks_per_s"),
        "DEFINITION_MISMATCH"
    );
    for metric in ["ttft_p50_ms", "request_latency_p50_ms"] {
        assert_eq!(status(&judgement, metric), "IMPROVED", "{metric}");
    }
    assert_eq!(
        (
            &judgement["verdict"],
            &judgement["rule"],
            &judgement["tier"]
        ),
        (
            &json!("NO_VERDICT"),
            &json!("headline-unmeasured"),
            &json!("DRAFT")
        )
    );
    let why = "definitions.output_tokens is server-usage in the baseline, client-tokenizer in the current run";
    assert!(
        judgement["reason"]
            .as_str()
            .expect("a reason")
            .contains(why),
        "{}",
        judgement["reason"]
    );
}
