//! Numbers that cannot be, refused by file, line and field; each in the export of a real run and in its request records.

use crate::support::{changed, refused, text};
use perfbridge_guest::fault::Fault;
use perfbridge_guest::files::MemoryTree;
use serde_json::{Value, json};

const EXPORT: &str = "profile_export_aiperf.json";

fn refusal(path: &str, text: &str) -> Fault {
    refused(&MemoryTree::new([(path, text.as_bytes())]))
}

/// The line of the export on which a text stands.
fn line(of: &str, wanted: &str) -> usize {
    let found = of.lines().position(|line| line.contains(wanted));
    1 + found.unwrap_or_else(|| panic!("no {wanted}"))
}

/// Also in the shape of AIPerf 0.2, below `records` and under another name.
#[test]
fn a_number_of_the_export() {
    for (dir, name) in [
        ("02-aiperf-010-real-5090-c16/c16", "time_to_first_token"),
        ("01-aiperf-02-records-wrapper/run1", "ttft"),
    ] {
        for (key, value, found) in [
            (
                "p50",
                json!(-177.5),
                "found -177.5; expected a number that is not negative",
            ),
            (
                "p95",
                json!(-1),
                "found -1; expected a number that is not negative",
            ),
            (
                "p99",
                json!("177.5"),
                "found a string; expected a number or null",
            ),
            (
                "avg",
                json!(true),
                "found a boolean; expected a number or null",
            ),
            ("avg", json!([1]), "found a list; expected a number or null"),
            (
                "unit",
                json!("fortnights"),
                "found the unit \"fortnights\"; expected ns, us, ms or sec",
            ),
        ] {
            let marked = changed(dir, EXPORT, |export| {
                let whole = if export.get("records").is_some() {
                    &mut export["records"]
                } else {
                    export
                };
                assert!(whole[name].is_object(), "{dir}");
                whole[name] = json!({"unit": "ms", "p50": 1.5, "p95": 1.5, "p99": 1.5, "avg": 1.5});
                whole[name][key] = value.clone();
                whole[name]["x_marked"] = json!("here");
            });
            let value: Value = serde_json::from_str(&marked).expect("JSON");
            let pretty = serde_json::to_string_pretty(&value).expect("JSON");
            let fault = refusal(EXPORT, &pretty);
            assert_eq!(fault.message, found, "{dir} {key}");
            let place = fault.place.unwrap_or_default();
            let (at, field) = place.split_once(": ").expect("a field");
            let statistic = if key == "unit" { "p50" } else { key };
            assert_eq!(field, format!("{name}.{statistic}"), "{dir}");
            // `"unit", "p50", "p95", "p99", "avg"` stand in this order above the mark.
            let number: usize = at[EXPORT.len() + 1..].parse().expect("a line");
            let above = line(&pretty, "x_marked") - number;
            assert!((1..=8).contains(&above), "{place}");
            let shown = pretty.lines().nth(number - 1).unwrap_or_default();
            assert!(shown.contains(&format!("{key:?}")), "{place}: {shown}");
        }
    }
    let negative = changed("02-aiperf-010-real-5090-c16/c16", EXPORT, |export| {
        export["request_count"]["avg"] = json!(-96);
    });
    let fault = refusal(EXPORT, &negative);
    assert_eq!(
        fault.message,
        "found -96; expected a number that is not negative"
    );
    assert_eq!(
        fault.place.as_deref(),
        Some("profile_export_aiperf.json:1: request_count.avg")
    );
}

#[test]
fn a_number_of_the_records() {
    let case = "09-cold-first-wave/baseline/aiperf-c4";
    let lines = text(case, "profile_export.jsonl");
    let with = |change: &dyn Fn(&mut Value)| {
        let edit = |(at, line): (usize, &str)| {
            let mut record: Value = serde_json::from_str(line).expect("JSON");
            if at == 6 {
                change(&mut record["metrics"]["request_latency"]);
            }
            format!("{record}\n")
        };
        lines.lines().enumerate().map(edit).collect::<String>()
    };
    let place = "profile_export.jsonl:7: request_latency";
    for (value, found) in [
        (
            json!({"value": -1.5, "unit": "ms"}),
            "found -1.5; expected a number that is not negative",
        ),
        (
            json!({"value": "fast", "unit": "ms"}),
            "found \"fast\"; expected a finite number or null",
        ),
        (
            json!({"value": 1.5, "unit": "sec"}),
            "found the unit \"sec\"; expected ms",
        ),
        (json!({"value": 1.5}), "found no unit; expected ms"),
    ] {
        let fault = refusal(
            "profile_export.jsonl",
            &with(&|metric| *metric = value.clone()),
        );
        assert_eq!(fault.message, found);
        assert_eq!(fault.place.as_deref(), Some(place), "{found}");
    }
    let marked = with(&|metric| *metric = json!({"value": 123.456, "unit": "ms"}));
    for word in ["NaN", "Infinity", "-Infinity"] {
        let fault = refusal("profile_export.jsonl", &marked.replace("123.456", word));
        let expected = format!("found {word}; expected a finite number or null");
        assert_eq!(fault.message, expected);
        assert_eq!(fault.place.as_deref(), Some(place), "{word}");
    }
}
