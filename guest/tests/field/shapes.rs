//! Exports of AIPerf in shapes that no version is known to have, or that say too little.

use crate::support::{changed, holds, of_files, refused};
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::measure::Place;
use serde_json::{Value, json};

const V02: &str = "01-aiperf-02-records-wrapper/run1";
const V010: &str = "02-aiperf-010-real-5090-c16/c16";
const EXPORT: &str = "profile_export_aiperf.json";

/// Counts, lengths and times alone are no result: the numbers bear names that are not known. Where every request failed
/// there are no others.
#[test]
fn counts_alone_are_no_known_number() {
    let hollow =
        |records: Value| changed(V02, EXPORT, |export| export["records"] = records.clone());
    let length =
        json!({"input_sequence_length": {"unit": "tokens", "avg": 550.0}, "ttft_ms": {"avg": 3.0}});
    for records in [
        json!(null),
        json!({}),
        json!([{"tag": "ttft", "avg": 3.0}]),
        length,
    ] {
        let text = hollow(records.clone());
        let fault = refused(&MemoryTree::new([(EXPORT, text.as_bytes())]));
        assert!(
            fault
                .message
                .starts_with("found AIPerf's JSON export without a single known number"),
            "{records}: {fault}"
        );
    }
    let failed = changed(V010, EXPORT, |export| {
        let object = export.as_object_mut().expect("an object");
        object.retain(|key, _| key.contains("config") || key.contains("version"));
        object.insert(
            "error_summary".into(),
            json!([{"error_details": {"code": 500, "type": "x", "message": "y"}, "count": 96}]),
        );
    });
    let document = of_files(&[("run1/profile_export_aiperf.json", failed)]).expect("read");
    holds(
        &document,
        "16",
        &[
            ("errors", Some(96.0)),
            ("requests", Some(96.0)),
            ("throughput_toks_per_s", None),
        ],
    );
}

/// Two measured phases of different load give one set of numbers, which is of neither. A phase that is left out of the
/// results is none.
#[test]
fn numbers_of_two_loads_have_no_place() {
    let phases = |phases: Value| {
        changed(V010, EXPORT, |export| {
            export["input_config"]["phases"] = phases.clone()
        })
    };
    for kind in [json!("profiling"), json!(null)] {
        let low = json!({"name": "low", "kind": kind, "type": "concurrency", "concurrency": 4, "requests": 40});
        let high = json!({"name": "high", "kind": kind, "type": "concurrency", "concurrency": 16, "requests": 56});
        let text = phases(json!([low, high]));
        let fault = refused(&MemoryTree::new([(
            "c16/profile_export_aiperf.json",
            text.as_bytes(),
        )]));
        assert!(
            fault.message.starts_with(
                "found a load without one concurrency or rate: several measured phases; expected one"
            ),
            "{fault}"
        );
    }
    let out = json!({"name": "cooldown", "exclude_from_results": true, "type": "concurrency", "concurrency": 4, "requests": 4});
    let main = json!({"name": "main", "type": "concurrency", "concurrency": 16, "requests": 96});
    let text = phases(json!([out, main]));
    let document = of_files(&[("run1/profile_export_aiperf.json", text)]).expect("read");
    assert_eq!(
        document.cell_places().collect::<Vec<_>>(),
        [Place::Level(16)]
    );
}
