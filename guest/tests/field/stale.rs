//! What an earlier run left behind, and what the echo says that no number shows.

use super::made::{RESULT, read, result};
use super::support::{of_files, of_finding, refused};
use perfbridge_guest::document::Document;
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::judge::{judge, policy::Policy};
use perfbridge_guest::measure::Place;
use serde_json::{Value, json};

const OTHER: &str = "aiperf-c4/profile_export_aiperf.json";

/// Two places, of which one began at this time and the other on 20 November at 10:00.
fn began(start: &str) -> Document {
    let headline = result(16, 64, 0).replace("2026-11-20T10:00:00.000000", start);
    assert!(headline.contains(start));
    read(&[(OTHER, &result(4, 64, 0)), (RESULT, &headline)])
}

/// A sweep is done within a day: what began earlier was left there by another run.
#[test]
fn places_that_began_more_than_a_day_apart() {
    for (start, is_apart) in [
        ("2026-11-19T10:00:00.000000", false),
        ("2026-11-19T09:59:59.000000", true),
        ("2026-11-21T10:00:01.000000", true),
        // With a zone and without one are in no order.
        ("2026-11-01T10:00:00.000000+00:00", false),
        ("yesterday", false),
    ] {
        let document = began(start);
        assert_eq!(
            of_finding(&document, "STARTS_APART").len(),
            usize::from(is_apart),
            "{start}"
        );
    }
    let document = began("2026-11-13T10:00:00.000000");
    let told = of_finding(&document, "STARTS_APART")[0];
    assert_eq!(told.place.text().as_deref(), Some("metrics.16"));
    assert_eq!(
        told.message,
        "concurrency 16 (aiperf-c16/profile_export_aiperf.json) began 2026-11-13T10:00:00.000000, concurrency 4 (aiperf-c4/profile_export_aiperf.json) began 2026-11-20T10:00:00.000000: 168.0 hours apart. The earlier one is of an earlier run that was left in the directory, or this is no single run"
    );
    let policy = Policy::default();
    let judgement = judge(
        &began("2026-11-20T10:05:00.000000"),
        &document,
        &[],
        &policy,
    );
    let promote = judgement.expect("judged").promote.join("\n");
    assert!(
        promote.contains("runs whose places were all measured in one session"),
        "{promote}"
    );
}

/// Tokenizer, options of each request and a prefix that all prompts share change numbers and show in none.
#[test]
fn what_the_echo_says_of_prompts_and_requests() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut export: Value = serde_json::from_str(&result(16, 64, 0)).expect("JSON");
        change(&mut export["input_config"]);
        read(&[(RESULT, &export.to_string())])
    };
    let bare = with(&|_| ());
    for (section, name) in [
        ("workload", "prompt_prefix"),
        ("context", "tokenizer"),
        ("context", "request_options"),
    ] {
        let section = bare.map[section].as_object().expect("an object");
        assert!(!section.contains_key(name), "{name}");
    }
    let told = with(&|config| {
        config["tokenizer"] = json!({"name": "demo/8b", "revision": null});
        config["endpoint"]["extra"] = json!({"min_tokens": 32, "ignore_eos": true, "chat_template_kwargs": {"enable_thinking": false}, "stop": null});
        config["datasets"] = json!([{"name": "main", "type": "synthetic", "prefix_prompts": {"shared_system_length": 128}, "turns": {"mean": 5, "stddev": 0}}]);
    });
    let held = with(&|config| {
        let phases = config["phases"].as_array_mut().expect("a list");
        phases.last_mut().expect("a phase")["sessions"] = json!(20);
    });
    assert_eq!(held.map["workload"]["conversation_num"], 20);
    assert_eq!(bare.map["workload"]["conversation_num"], Value::Null);
    assert_eq!(told.map["context"]["tokenizer"], "demo/8b");
    assert_eq!(
        told.map["context"]["request_options"],
        "chat_template_kwargs.enable_thinking=false, ignore_eos=true, min_tokens=32, turns.mean=5, turns.stddev=0"
    );
    assert_eq!(
        told.map["workload"]["prompt_prefix"],
        "shared_system_length=128"
    );
    let older = with(&|config| {
        config["input"] = json!({"prompt": {"prefix_prompt": {"pool_size": 2, "length": 900}}});
    });
    assert_eq!(
        older.map["workload"]["prompt_prefix"],
        "length=900, pool_size=2"
    );
    // Whether there was a warm-up: by a phase, or by the count of AIPerf before 0.9.
    assert_eq!(bare.map["context"]["warm_up"], "off");
    let warmed = with(&|config| {
        let phases = config["phases"].as_array_mut().expect("a list");
        phases.insert(
            0,
            json!({"name": "warmup", "kind": "warmup", "duration": 5}),
        );
    });
    assert_eq!(warmed.map["context"]["warm_up"], "on");
    // A difference is listed as what changed, also where one side has none.
    let judgement = judge(&bare, &told, &[], &Policy::default()).expect("judged");
    let json: Value = serde_json::from_str(&judgement.to_json()).expect("JSON");
    let changed: Vec<&str> = json["changed"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["field"].as_str())
        .collect();
    assert_eq!(
        changed,
        [
            "workload.prompt_prefix",
            "context.tokenizer",
            "context.request_options"
        ]
    );
}

/// One record of `phase`, which began at this second and bears these metrics.
fn record(phase: &str, second: u64, metrics: Value) -> String {
    let start = 1_795_000_000_000_000_000 + second * 1_000_000_000;
    let metadata = json!({"benchmark_phase": phase, "request_start_ns": start, "request_end_ns": start + 500_000_000});
    json!({"metadata": metadata, "metrics": metrics, "error": null}).to_string() + "\n"
}

fn known() -> Value {
    json!({
        "time_to_first_token": {"value": 50.0, "unit": "ms"},
        "request_latency": {"value": 500.0, "unit": "ms"},
        "output_sequence_length": {"value": 32, "unit": "tokens"},
    })
}

const RECORDS: &str = "aiperf-c16/profile_export.jsonl";

fn of_records(lines: &[String]) -> perfbridge_guest::fault::Result<Document> {
    let served = json!({"object": "list", "data": [{"id": "m", "object": "model"}]}).to_string();
    of_files(&[(RECORDS, lines.concat()), ("models.json", served)])
}

/// A run that was stopped in its warm-up measured nothing: no level of nulls, and no level of zeros.
#[test]
fn records_of_the_warm_up_alone_are_no_level() {
    let warm = record("warmup", 0, known());
    let fault = of_records(std::slice::from_ref(&warm)).expect_err("refused");
    assert!(
        fault
            .message
            .starts_with("found records of the warm-up alone"),
        "{fault}"
    );
    let document = of_records(&[warm, record("profiling", 1, known())]).expect("read");
    assert_eq!(document.map["metrics"]["16"]["requests"], 1);
    let beside = of_files(&[
        (OTHER, result(4, 64, 0)),
        (RECORDS, record("warmup", 0, known())),
    ]);
    let document = beside.expect("read");
    assert_eq!(
        document.cell_places().collect::<Vec<_>>(),
        [Place::Level(4)]
    );
    assert_eq!(of_finding(&document, "LEVEL_ABORTED").len(), 1);
}

/// Twice the requests in the same time are twice the throughput.
#[test]
fn a_file_that_was_joined_to_itself() {
    let lines: Vec<String> = (0..3).map(|at| record("profiling", at, known())).collect();
    let once = of_records(&lines).expect("read");
    assert!(of_finding(&once, "CLOCK_ODD").is_empty());
    let twice = of_records(&[lines.clone(), lines].concat()).expect("read");
    let found = of_finding(&twice, "CLOCK_ODD");
    let said = &found[0].message;
    assert!(said.contains("; the first is on line 4. "), "{said}");
    let last = ". 1 have the times of the first: copies of one file were joined, and each counts";
    assert!(said.ends_with(last), "{said}");
}

/// Without lengths nobody knows a throughput, which is not 0; without any known number the names are others.
#[test]
fn records_without_known_numbers() {
    let latency = json!({"request_latency": {"value": 500.0, "unit": "ms"}});
    let document = of_records(&[record("profiling", 0, latency)]).expect("read");
    let cell = &document.map["metrics"]["16"];
    assert_eq!(cell["throughput_toks_per_s"], Value::Null);
    assert_eq!(cell["request_latency_p50_ms"], 500.0);
    let renamed = json!({"ttft_ms": {"value": 50.0, "unit": "ms"}});
    let line = record("profiling", 0, renamed);
    let fault = refused(&MemoryTree::new([(RECORDS, line.as_bytes())]));
    assert!(
        fault.message.starts_with(
            "found request records without a single known number; expected `time_to_first_token`"
        ),
        "{fault}"
    );
    assert_eq!(fault.place.as_deref(), Some(RECORDS));
}

/// Whatever form the tool gives its reasons, and wherever they stand.
#[test]
fn reasons_against_a_run_in_every_form() {
    let said = |change: &dyn Fn(&mut Value)| {
        let mut export: Value = serde_json::from_str(&result(16, 64, 0)).expect("JSON");
        change(&mut export);
        let document = read(&[(RESULT, &export.to_string())]);
        document.map["metrics"]["16"]["validity"].clone()
    };
    const RUNTIME: &str = "runtime_submission_invalid_reasons";
    for (reasons, expected) in [
        (
            json!(["a", "b"]),
            json!([
                "runtime_submission_invalid_reasons: a",
                "runtime_submission_invalid_reasons: b"
            ]),
        ),
        (json!("a"), json!(["runtime_submission_invalid_reasons: a"])),
        (
            json!({"a": 0.2}),
            json!(["runtime_submission_invalid_reasons: {\"a\":0.2}"]),
        ),
        (json!([]), json!([])),
        (json!({}), json!([])),
        (json!(""), json!([])),
        (json!(null), json!([])),
    ] {
        assert_eq!(said(&|export| export[RUNTIME] = reasons.clone()), expected);
    }
    let planned = json!(["submission_invalid_reasons: a"]);
    assert_eq!(
        said(&|export| export["submission_invalid_reasons"] = json!(["a"])),
        planned
    );
    assert_eq!(
        said(&|export| export["metadata"] = json!({"submission_invalid_reasons": ["a"]})),
        planned
    );
    for place in ["", "metadata"] {
        let invalid = |export: &mut Value| match place {
            "" => export["submission_valid"] = json!(false),
            _ => export[place] = json!({"submission_valid": false}),
        };
        assert_eq!(said(&invalid), json!(["submission_valid: false"]));
    }
}

/// A server that does not list the model is not the one that was measured: no verdict rests on it.
#[test]
fn an_answer_without_the_model_keeps_a_draft() {
    let with = |name: &str| {
        let served = json!({"object": "list", "data": [{"id": name, "object": "model"}]});
        read(&[
            (RESULT, &result(16, 64, 0)),
            ("models.json", &served.to_string()),
        ])
    };
    for (name, is_told) in [("m", false), ("other", true)] {
        let later = result(16, 64, 0).replace("T10:00:00", "T11:00:00");
        let baseline = read(&[(RESULT, &later)]);
        let judgement = judge(&baseline, &with(name), &[], &Policy::default());
        let promote = judgement.expect("judged").promote.join("\n");
        assert_eq!(
            promote.contains("does not list the model"),
            is_told,
            "{promote}"
        );
    }
}
