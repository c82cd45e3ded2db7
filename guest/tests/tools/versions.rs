//! Other versions of each tool as far as they can be thought of: a field that is missing, null, a text or a list, or
//! that is new. Each number is then the same, or null, or the file is refused; it is never another one.

use crate::support::{of_files, text};
use perfbridge_guest::document::Document;
use serde_json::{Map, Value, json};

/// One file of one place of each tool.
const SAMPLES: &[&str] = &[
    "vllm-bench-0.10.2/levels/c4.json",
    "vllm-bench-0.32.0/rate/openai-chat-4.0qps-tinyllama-7m-20261128-195742.json",
    "sglang-0.5.23/ab/base-2/bench.jsonl",
    "inference-perf-0.7.0/stage_1_lifecycle_metrics.json",
    "genai-perf-0.0.16/c4/profile_export_genai_perf.json",
    "llmperf-f1d6bed/tinyllama-7m_160_32_summary.json",
];

/// Statistics that are not read.
const UNREAD: &[&str] = &[
    "min", "max", "std", "p0.1", "p1", "p5", "p10", "p25", "p75", "p90", "p99.9",
];

/// What the tool measured itself. Counts and means of sums are worked out, and are others without one of their parts.
const MEASURED: &[&str] = &[
    "throughput_toks_per_s",
    "ttft_p50_ms",
    "ttft_p95_ms",
    "ttft_p99_ms",
    "ttft_mean_ms",
    "itl_p50_ms",
    "itl_mean_ms",
    "tps_per_user",
    "request_latency_p50_ms",
    "request_latency_mean_ms",
    "requests_per_s",
    "goodput_per_s",
];

/// The cells of all places.
fn cells(document: &Document) -> Vec<&Value> {
    let of = |section: &str| {
        let cells = document.map.get(section).and_then(Value::as_object);
        cells.into_iter().flat_map(Map::values)
    };
    of("metrics").chain(of("metrics_by_request_rate")).collect()
}

/// The paths of all values below an object, as far down as settings and statistics stand.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    for (name, below) in value.as_object().into_iter().flatten() {
        let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
        if path.matches('/').count() < 5 {
            paths(below, &path, found);
        }
        if !UNREAD.contains(&name.as_str()) {
            found.push(path);
        }
    }
}

fn changes(value: &Value) -> Vec<(&'static str, Option<Value>)> {
    let text = match value {
        Value::String(text) => format!("{text}x"),
        other => other.to_string(),
    };
    vec![
        ("missing", None),
        ("null", Some(Value::Null)),
        ("a text", Some(text.into())),
        ("a list", Some(json!([value]))),
    ]
}

fn changed(sample: &Value, path: &str, to: Option<Value>) -> Value {
    let mut changed = sample.clone();
    match to {
        Some(to) => *changed.pointer_mut(path).expect("a value") = to,
        None => {
            let (home, name) = path.rsplit_once('/').expect("a path");
            let home = changed.pointer_mut(home).and_then(Value::as_object_mut);
            let name = name.replace("~1", "/").replace("~0", "~");
            home.expect("an object").shift_remove(&name);
        }
    }
    changed
}

/// Holds the numbers against those of the sample; whether the file was read.
fn holds(original: &Document, file: &str, changed: &Value, what: &str) -> bool {
    let Ok(made) = of_files(&[(file, changed.to_string())]) else {
        return false;
    };
    let (first, found) = (cells(original)[0], cells(&made));
    assert_eq!(found.len(), 1, "{file} {what}");
    for name in MEASURED {
        let topic = match *name {
            "itl_mean_ms" => "itl_p50_ms",
            "throughput_toks_per_s" => "output_tokens",
            name => name,
        };
        let of = |document: &Document| document.map["definitions"][topic].clone();
        // Gaps stand in for a time per token, under their own definition.
        let is_other = of(original) != of(&made) && !of(&made).is_null();
        let number = &found[0][*name];
        assert!(
            number.is_null() || *number == first[*name] || is_other,
            "{file} {what}: {name} is {number}, and was {}",
            first[*name]
        );
    }
    true
}

#[test]
fn a_number_is_the_same_or_null_or_refused() {
    for file in SAMPLES {
        let text = text(file).replace(": Infinity", ": \"Infinity\"");
        let sample: Value = serde_json::from_str(text.trim()).expect(file);
        let original = of_files(&[(*file, text)]).expect(file);
        let mut found = Vec::new();
        paths(&sample, "", &mut found);
        let (mut read, mut all) = (0, 0);
        for path in &found {
            let value = sample.pointer(path).expect(path);
            for (what, to) in changes(value) {
                let changed = changed(&sample, path, to);
                read += usize::from(holds(&original, file, &changed, &format!("{path}: {what}")));
                all += 1;
            }
        }
        // Most of what a file says is not needed to read it.
        assert!(read * 2 > all, "{file}: {read} of {all} were read");
        let mut newer = sample.clone();
        let map = newer.as_object_mut().expect("an object");
        map.insert("a_new_metric".to_owned(), json!({"p50": 1.0, "unit": "ms"}));
        map.insert("p99_9_ttft_ms".to_owned(), json!(9.0));
        assert!(holds(&original, file, &newer, "new keys"), "{file}");
    }
}
