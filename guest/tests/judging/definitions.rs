//! Which quantity a number is: what is never compared, what is told, and how far a definition reaches.

use crate::documents::{changed, document, judge, places, refusal, status, with};
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

const SERVER: &str = "server";

/// A row by its metric and its place.
type Row = (&'static str, &'static str);

/// Each name of `definitions`, what it can say, and the rows of which it says it.
const SAID: [(&str, &[&str], &[Row]); 5] = [
    (
        "itl_p50_ms",
        &[
            "tpot-per-request",
            "tpot-by-token",
            "gap-pooled",
            "tpot-with-ttft",
            "chunks",
            "usage-chunks",
        ],
        &[("itl_p50_ms", "4"), ("itl_p50_ms", "16")],
    ),
    (
        "output_tokens",
        &["server-usage", "client-tokenizer", "chunks"],
        &[
            ("throughput_toks_per_s", "4"),
            ("throughput_toks_per_s", "16"),
            ("tps_per_user", "4"),
            ("tps_per_user", "16"),
        ],
    ),
    (
        "tps_per_user",
        &["tpot-per-request", "tpot-with-ttft", "usage-chunks"],
        &[("tps_per_user", "4"), ("tps_per_user", "16")],
    ),
    (
        "request_latency_p50_ms",
        &["stream-end", "first-byte"],
        &[
            ("request_latency_p50_ms", "4"),
            ("request_latency_p50_ms", "16"),
        ],
    ),
    (
        "prefix_cache_hit_rate_post",
        &["tokens", "blocks", "gauge"],
        &[("prefix_cache_hit_rate_post", SERVER)],
    ),
];

fn defined(name: &str, value: Value) -> Value {
    changed(&[("/definitions", json!({ name: value }))])
}

/// The rows of a comparison that are no number of one quantity, by name and place.
fn apart(baseline: &Value, current: &Value) -> Vec<(String, String)> {
    let judgement = judge(baseline, current);
    let rows = judgement.rows.iter();
    let apart = rows.filter(|row| row.status == Status::DefinitionMismatch);
    let mut named: Vec<_> = apart.map(|row| (row.name(), row.level())).collect();
    named.sort();
    named
}

/// Two of them are never compared, whichever side has which, and no other row is touched.
#[test]
fn two_definitions_are_never_compared() {
    for (name, values, rows) in SAID {
        let mut expected: Vec<_> = rows
            .iter()
            .map(|(row, place)| ((*row).to_owned(), (*place).to_owned()))
            .collect();
        expected.sort();
        if name != "prefix_cache_hit_rate_post" {
            let mixed = defined(name, json!("mixed"));
            assert_eq!(apart(&mixed, &mixed), expected, "{name}: mixed twice");
            let plain = defined(name, json!(values[0]));
            assert_eq!(apart(&plain, &mixed), expected, "{name}: mixed");
        }
        let future = ["of-the-future"];
        for a in values.iter().chain(&future) {
            for b in values.iter().chain(&future) {
                let found = apart(&defined(name, json!(a)), &defined(name, json!(b)));
                let wanted = if a == b { &[][..] } else { &expected };
                assert_eq!(found, wanted, "{name}: {a} against {b}");
            }
        }
    }
}

/// Known on one side only it is told, and compared.
#[test]
fn a_definition_of_one_side_is_told() {
    for (name, values, rows) in SAID {
        let known = defined(name, json!(values[0]));
        for (a, b) in [
            (known.clone(), document()),
            (document(), known.clone()),
            (known.clone(), defined(name, Value::Null)),
        ] {
            let judgement = judge(&a, &b);
            let at = format!("definitions.{name}");
            assert_eq!(places(&judgement, "DEFINITION_UNKNOWN"), [at]);
            for (row, place) in rows {
                assert_eq!(status(&judgement, row, place), Status::Within, "{name}");
            }
        }
        let told = places(&judge(&known, &known), "DEFINITION_UNKNOWN");
        assert!(told.is_empty(), "{name}");
    }
}

/// What is no text would be compared with everything.
#[test]
fn a_definition_is_a_text() {
    for (value, place) in [
        (json!({"itl_p50_ms": 5}), "definitions.itl_p50_ms"),
        (
            json!({"output_tokens": ["chunks"]}),
            "definitions.output_tokens",
        ),
        (json!(["chunks"]), "definitions"),
        (json!("chunks"), "definitions"),
    ] {
        let fault = refusal(&with(document(), &[("/definitions", value)]).to_string());
        assert!(fault.message.starts_with("found a"), "{fault}");
        assert!(
            fault.message.contains("expected an object of texts"),
            "{fault}"
        );
        assert_eq!(fault.place, Some(format!("x.json:1: {place}")));
    }
}
