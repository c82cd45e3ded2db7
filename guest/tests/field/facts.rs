//! What a document holds beside numbers survives reading, writing and merging.

use perfbridge_guest::document::{Document, trials};
use perfbridge_guest::measure::{Load, LoadKind, Place, Quantity};
use perfbridge_guest::run::Origin;
use serde_json::{Value, json};

fn document(run: &str, throughput: f64) -> Value {
    json!({
        "schema": "inference_perfbench_v1",
        "model": "m",
        "metrics": {"16": {
            "throughput_toks_per_s": throughput,
            "errors": 1,
            "requests": 64,
            "requests_planned": 66,
            "cancelled": 1,
            "requests_per_s": 4.5,
            "request_latency_mean_ms": 900.5,
            "ttft_mean_ms": 80.25,
            "itl_mean_ms": 9.5,
            "chunk_gap_mean_ms": 9.75,
            "chunk_gap_p75_ms": 11.0,
            "load": {"kind": "closed", "concurrency": 16, "request_rate": null, "burstiness": null, "schedule": null},
            "run_id": run,
            "start_time": format!("2026-11-20T10:0{throughput}:00"),
            "result_sha256": "ab".repeat(32),
            "validity": [format!("runtime_submission_invalid_reasons: {run}")],
            "first_wave": {
                "warmup_requests": 2,
                "first": {"requests": 16, "ttft_p50_ms": 100.0, "request_latency_p50_ms": 1000.0},
                "rest": {"requests": 47, "ttft_p50_ms": 50.0, "request_latency_p50_ms": 900.0},
            },
        }},
        "metrics_by_request_rate": {"0.8": {"throughput_toks_per_s": 5.0, "sent_per_s": 0.53}},
        "validity": ["submission_valid: false"],
        "provenance": {"bundle_sha256": "cd".repeat(32), "captured_at": "2026-11-20T09:00:00"},
    })
}

fn read(value: &Value) -> Document {
    Document::parse("d.json", &value.to_string()).unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn a_cell_holds_its_load_its_run_and_what_is_said_against_it() {
    let read = read(&document("a", 1.0));
    let cell = read.cell(Place::Level(16)).expect("level 16");
    assert_eq!(cell.load, Some(Load::closed(16)));
    assert_eq!(cell.get(Quantity::RequestsPlanned), Some(66.0));
    assert_eq!(cell.get(Quantity::Cancelled), Some(1.0));
    assert_eq!(cell.get(Quantity::TtftMean), Some(80.25));
    assert_eq!(cell.origin.id.as_deref(), Some("a"));
    assert_eq!(cell.validity, ["runtime_submission_invalid_reasons: a"]);
    let wave = cell.first_wave.as_ref().expect("a first wave");
    assert_eq!(
        (
            wave.warmup_requests,
            wave.first.requests,
            wave.rest.requests
        ),
        (Some(2), 16, 47)
    );
    assert_eq!(wave.rest.latency_p50, Some(900.0));
    assert_eq!(read.validity, ["submission_valid: false"]);
    let again = Document::parse("again", &read.to_json()).expect("read again");
    assert_eq!(again.map, read.map);
    let [run] = read.origins.as_slice() else {
        panic!("one run")
    };
    assert_eq!(run.whole.sha256, Some("cd".repeat(32)));
    assert_eq!(run.whole.start.as_deref(), Some("2026-11-20T10:01:00"));
    assert_eq!(run.whole.id, None, "the rate has none");
    assert_eq!(run.places[&Place::Level(16)].sha256, Some("ab".repeat(32)));
}

/// 16 and 16.0 are one number; 16.5, 0 and a text are none that could be a concurrency.
#[test]
fn a_concurrency_is_a_whole_number_however_it_is_written() {
    let with = |concurrency: Value| {
        let mut value = document("a", 1.0);
        value["metrics"]["16"]["load"]["concurrency"] = concurrency;
        Document::parse("d.json", &value.to_string())
    };
    for written in [json!(16), json!(16.0)] {
        let read = with(written).expect("read");
        let cell = read.cell(Place::Level(16)).expect("level 16");
        assert_eq!(cell.load, Some(Load::closed(16)));
    }
    for wrong in [json!(16.5), json!(0), json!(-1), json!("16"), json!(1e30)] {
        assert!(with(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn trials_keep_the_run_of_each_and_add_up_their_counts() {
    let texts = [("a", 1.0, "ab"), ("b", 3.0, "ef")].map(|(id, minute, hash)| {
        let mut value = document(id, minute);
        value["validity"] = json!([format!("submission_invalid_reasons: {id}")]);
        value["provenance"]["bundle_sha256"] = Value::Null;
        value["metrics"]["16"]["result_sha256"] = json!(hash.repeat(32));
        value.to_string()
    });
    let merged = trials::merge(&texts).unwrap_or_else(|fault| panic!("{fault}"));
    let merged = Document::parse("merged", &merged.to_json()).expect("it reads itself");
    let cell = merged.cell(Place::Level(16)).expect("level 16");
    assert_eq!(cell.get(Quantity::RequestsPlanned), Some(132.0));
    assert_eq!(cell.get(Quantity::Cancelled), Some(2.0));
    assert_eq!(cell.get(Quantity::RequestRate), Some(4.5));
    assert_eq!(
        cell.load.as_ref().map(|load| load.kind),
        Some(LoadKind::Closed)
    );
    assert_eq!(cell.origin, Origin::default(), "each has its own");
    let both = [
        "runtime_submission_invalid_reasons: a",
        "runtime_submission_invalid_reasons: b",
    ];
    assert_eq!(cell.validity, both);
    let whole = [
        "submission_invalid_reasons: a",
        "submission_invalid_reasons: b",
    ];
    assert_eq!(
        merged.validity, whole,
        "what is said against one is said against both"
    );
    let ids = |run: &perfbridge_guest::document::Origins| run.places[&Place::Level(16)].id.clone();
    let ids: Vec<_> = merged.origins.iter().map(ids).collect();
    assert_eq!(ids, [Some("a".to_owned()), Some("b".to_owned())]);
    assert_eq!(
        merged.origins[1].whole.start.as_deref(),
        Some("2026-11-20T10:03:00")
    );
    let path = "/trials/runs/1/run/places/16/run_id";
    assert_eq!(
        merged.map["trials"].pointer(&path["/trials".len()..]),
        Some(&json!("b"))
    );
}

#[test]
fn what_is_of_another_form_is_refused_with_its_place() {
    for (key, value, expected) in [
        (
            "load",
            json!({"kind": "open"}),
            "expected an object with the kind closed, rate, schedule or user-centric",
        ),
        (
            "load",
            json!({"kind": "rate", "request_rate": -1}),
            "found an object",
        ),
        (
            "run_id",
            json!(5),
            "found a number; expected a text or null",
        ),
        (
            "result_sha256",
            json!("AB"),
            "expected a SHA-256: 64 lower-case hex digits",
        ),
        (
            "validity",
            json!("no"),
            "found a string; expected a list of texts",
        ),
        (
            "first_wave",
            json!({"first": {}}),
            "expected an object with the parts `first` and `rest`",
        ),
        (
            "requests_planned",
            json!(1.5),
            "found 1.5; expected a whole number",
        ),
    ] {
        let mut wrong = document("a", 1.0);
        wrong["metrics"]["16"][key] = value;
        let fault = Document::parse("d.json", &wrong.to_string()).expect_err(key);
        assert!(fault.message.contains(expected), "{key}: {fault}");
        let place = fault.place.unwrap_or_default();
        assert!(place.ends_with(&format!("metrics.16.{key}")), "{place}");
    }
}

/// One file, or one name whose start times do not differ.
#[test]
fn one_run_is_known_by_its_file_or_its_name() {
    let origin = |id: &str, start: &str, hash: &str| {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Origin {
            id: text(id),
            start: text(start),
            sha256: text(hash),
            others: Vec::new(),
        }
    };
    for (a, b, same) in [
        (("x", "1", "h"), ("y", "2", "h"), true),
        (("x", "1", "h"), ("x", "1", "i"), true),
        (("x", "", "h"), ("x", "1", "i"), true),
        (("x", "1", "h"), ("x", "2", "i"), false),
        (("x", "1", ""), ("y", "1", ""), false),
        (("", "1", ""), ("", "1", ""), false),
        // One moment in two zones, and with other digits; without a zone it stands as it is.
        (
            ("x", "2026-11-20T10:00:00Z", ""),
            ("x", "2026-11-20T12:00:00+02:00", ""),
            true,
        ),
        (
            ("x", "2026-11-20T10:00:00", ""),
            ("x", "2026-11-20T10:00:00.000000", ""),
            true,
        ),
        (
            ("x", "2026-11-20T10:00:00", ""),
            ("x", "2026-11-20T10:00:00Z", ""),
            false,
        ),
        (
            ("x", "2026-11-20T10:00:00Z", ""),
            ("x", "2026-11-20T10:00:01Z", ""),
            false,
        ),
    ] {
        let (a, b) = (origin(a.0, a.1, a.2), origin(b.0, b.1, b.2));
        assert_eq!(a.is_same_run(&b), same, "{a:?} {b:?}");
        assert_eq!(b.is_same_run(&a), same);
    }
}
