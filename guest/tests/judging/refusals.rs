//! Documents that are refused whole, with file, line and field; and what is kept of those that are read.

use crate::documents::{changed, document, level, parse, refusal, ruling, with};
use perfbridge_guest::document::Document;
use perfbridge_guest::fault::Code;
use serde_json::{Value, json};

fn place(fault: &perfbridge_guest::fault::Fault) -> &str {
    fault.place.as_deref().unwrap_or("nowhere")
}

#[test]
fn other_schemas() {
    for (schema, found) in [
        (
            json!("inference_perfbench_v2"),
            "\"inference_perfbench_v2\"",
        ),
        (json!(1), "the schema 1"),
        (Value::Null, "the schema null"),
    ] {
        let fault = refusal(&changed(&[("/schema", schema)]).to_string());
        assert_eq!(fault.code, Code::NotUnderstood);
        assert!(fault.message.contains(found), "{fault}");
        assert!(fault.message.contains("inference_perfbench_v1"), "{fault}");
    }
    let fault = refusal(r#"{"model": "m"}"#);
    assert!(fault.message.contains("no `schema`"), "{fault}");
}

#[test]
fn no_model_and_no_level() {
    for model in [Value::Null, json!(""), json!(3)] {
        let fault = refusal(&changed(&[("/model", model)]).to_string());
        assert_eq!(place(&fault), "x.json:1: model");
    }
    for metrics in [Value::Null, json!({}), json!([level()]), json!(3)] {
        let fault = refusal(&changed(&[("/metrics", metrics)]).to_string());
        assert!(
            fault
                .message
                .contains("one entry for each concurrency level"),
            "{fault}"
        );
    }
    // A section that is there and of another form is not passed over.
    for rates in [json!([level()]), json!(3), json!("5")] {
        let fault = refusal(&changed(&[("/metrics_by_request_rate", rates)]).to_string());
        assert_eq!(place(&fault), "x.json:1: metrics_by_request_rate");
    }
    parse(&changed(&[("/metrics_by_request_rate", Value::Null)]));
    for section in [
        "deployment",
        "workload",
        "context",
        "sources",
        "provenance",
        "trials",
    ] {
        let pointer = format!("/{section}");
        let fault = refusal(&changed(&[(&pointer, json!(["x"]))]).to_string());
        assert_eq!(place(&fault), format!("x.json:1: {section}"));
        assert!(
            fault.message.contains("expected an object or null"),
            "{fault}"
        );
        parse(&changed(&[(&pointer, Value::Null)]));
    }
    let fault = refusal(&changed(&[("/metrics/4", json!([1]))]).to_string());
    assert!(
        fault.message.contains("the level \"4\" with a list"),
        "{fault}"
    );
}

#[test]
fn numbers_that_cannot_be() {
    let cases = [
        (
            "/metrics/4/ttft_p50_ms",
            json!(-0.1),
            "metrics.4.ttft_p50_ms",
            "found -0.1",
        ),
        (
            "/metrics/4/ttft_p50_ms",
            json!("100"),
            "metrics.4.ttft_p50_ms",
            "found a string",
        ),
        (
            "/metrics/4/itl_p50_ms",
            json!([1]),
            "metrics.4.itl_p50_ms",
            "found a list",
        ),
        (
            "/metrics/4/errors",
            json!(1.5),
            "metrics.4.errors",
            "found 1.5",
        ),
        (
            "/metrics/4/requests",
            json!(true),
            "metrics.4.requests",
            "found a boolean",
        ),
        (
            "/metrics/4/errors",
            json!(1001),
            "metrics.4.errors",
            "more errors than requests",
        ),
        (
            "/server_metrics_delta/prefix_cache_hit_rate_post",
            json!(80.0),
            "server_metrics_delta.prefix_cache_hit_rate_post",
            "expected a fraction from 0 to 1",
        ),
        (
            "/server_metrics_delta/gpu_cache_usage_perc_peak",
            json!(-1),
            "server_metrics_delta.gpu_cache_usage_perc_peak",
            "found -1",
        ),
        (
            "/kernel_class_gpu_pct/fp8_bmm",
            json!(101),
            "kernel_class_gpu_pct.fp8_bmm",
            "expected a percentage from 0 to 100",
        ),
        (
            "/cpu_spinpoll_pct",
            json!(4000),
            "cpu_spinpoll_pct",
            "expected a percentage",
        ),
        (
            "/kernel_class_gpu_pct",
            json!([]),
            "kernel_class_gpu_pct",
            "an object of numbers",
        ),
        (
            "/deployment/quantization",
            json!(["FP8"]),
            "deployment.quantization",
            "a list",
        ),
    ];
    for (pointer, value, field, found) in cases {
        let text = serde_json::to_string_pretty(&changed(&[(pointer, value)])).expect("JSON");
        let fault = refusal(&text);
        assert!(fault.message.contains(found), "{pointer}: {fault}");
        // The line that the place names holds the field.
        let named = place(&fault);
        let (line, tail) = named
            .strip_prefix("x.json:")
            .and_then(|rest| rest.split_once(": "))
            .unwrap_or_else(|| panic!("{named}"));
        assert_eq!(tail, field);
        let line: usize = line.parse().expect("a line");
        let last = field.rsplit('.').next().unwrap_or_default();
        assert!(
            text.lines()
                .nth(line - 1)
                .is_some_and(|text| text.contains(last)),
            "{pointer}: {named}"
        );
    }
}

#[test]
fn what_is_no_json_of_ours() {
    let good = document().to_string();
    let bad = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        refusal(&good.replacen(from, to, 1))
    };
    let ttft = "\"ttft_p50_ms\":100.0";
    for (word, found) in [
        ("NaN", "found NaN"),
        ("Infinity", "found Infinity"),
        ("-Infinity", "found -Infinity"),
    ] {
        let fault = bad(ttft, &format!("\"ttft_p50_ms\":{word}"));
        assert_eq!(fault.code, Code::BadValue, "{fault}");
        assert!(fault.message.contains(found), "{fault}");
        assert_eq!(place(&fault), "x.json:1: ttft_p50_ms");
    }
    let fault = bad(ttft, "\"ttft_p50_ms\":1e999");
    assert_eq!(fault.code, Code::BadValue, "{fault}");
    let fault = bad(ttft, &format!("{ttft},{ttft}"));
    assert_eq!(fault.code, Code::Conflict, "{fault}");
    assert!(fault.message.contains("`ttft_p50_ms` twice"), "{fault}");
    let fault = bad("\"model\":\"m\"", "\"model\":\"m\",\"model\":\"m\"");
    assert_eq!(fault.code, Code::Conflict, "{fault}");
    let fault = refusal(&good[..good.len() / 2]);
    assert!(fault.message.contains("The file was cut"), "{fault}");
    for text in ["", "null", "[]", "7", "{", "nul", "\u{feff}{}", "{} {}"] {
        refusal(text);
    }
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(refusal(&deep).code, Code::Limit);
}

#[test]
fn a_mirror_is_checked() {
    let with_mirror = |key: &str, value: Value| {
        let mut map = document();
        map[key] = value;
        map.to_string()
    };
    let good = [
        ("metrics.4.ttft_p50_ms", json!(100)),
        (
            "server_metrics_delta.prefix_cache_hit_rate_post",
            json!(0.8),
        ),
        ("kernel_class_gpu_pct.fp8_bmm", json!(40.0)),
    ];
    for (key, value) in good {
        assert!(
            Document::parse("x.json", &with_mirror(key, value)).is_ok(),
            "{key}"
        );
    }
    let bad = [
        ("metrics.4.ttft_p50_ms", json!(100.1)),
        ("metrics.4.ttft_p50_ms", Value::Null),
        ("metrics.4.ttft_p50_ms", json!("100")),
        ("metrics.8.ttft_p50_ms", json!(100)),
        ("metrics.4.unknown", json!(1)),
        (
            "server_metrics_delta.prefix_cache_hit_rate_post",
            json!(0.9),
        ),
        ("kernel_class_gpu_pct.fp8_bmm", json!(41)),
        ("kernel_class_gpu_pct.other", json!(41)),
    ];
    for (key, value) in bad {
        let fault = refusal(&with_mirror(key, value));
        assert_eq!(fault.code, Code::Conflict, "{fault}");
        assert_eq!(place(&fault), format!("x.json:1: {key}"));
        assert!(fault.message.contains("flat mirror"), "{fault}");
    }
}

#[test]
fn unknown_fields_survive() {
    let value = with(
        document(),
        &[
            ("/x_new", json!({"a": [1, 2.50, "é"], "b": null})),
            ("/metrics/4/x_percentile", json!(1.25)),
            ("/deployment/x_flag", json!(true)),
            ("/server_metrics_delta/x_temperature", json!(-3.5)),
            ("/server_metrics_delta/x_note", json!("warm")),
            ("/server_metrics_delta/x_more", json!({"a": [1]})),
        ],
    );
    let again: Value = serde_json::from_str(&parse(&value).to_json()).expect("JSON");
    assert_eq!(again, value);
    let keys = |value: &Value| {
        value
            .as_object()
            .map(|map| map.keys().cloned().collect::<Vec<_>>())
    };
    assert_eq!(keys(&again), keys(&value), "the order of the keys stays");
    assert_eq!(ruling(&document(), &value), "GREEN none");
}
