//! Which run a document is of, and at which one place its load was.

use crate::support::{changed, of_files, of_finding};
use perfbridge_guest::document::Document;
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::read_text;
use serde_json::{Value, json};

const CLOSED: &str = "02-aiperf-010-real-5090-c16/c16";
const EXPORT: &str = "profile_export_aiperf.json";
const PATH: &str = "c16/profile_export_aiperf.json";

/// The export of a closed loop of 16, changed.
fn closed(change: impl FnOnce(&mut Value)) -> Document {
    let files = [(PATH, changed(CLOSED, EXPORT, change))];
    of_files(&files).unwrap_or_else(|fault| panic!("{fault}"))
}

/// Counts that cannot be name the file that has them.
#[test]
fn counts_that_cannot_be_are_refused_by_their_file() {
    let refused = |errors: f64, completed: f64| {
        let text = changed(CLOSED, EXPORT, |export| {
            export["error_request_count"] = json!({"unit": "requests", "avg": errors});
            export["completed_request_count"] = json!({"unit": "requests", "avg": completed});
        });
        of_files(&[(PATH, text)])
            .map(drop)
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        refused(1.5, 97.5),
        format!("{PATH}: metrics.16.errors: found 1.5; expected a whole number")
    );
    assert_eq!(
        refused(500.0, 96.0),
        format!(
            "{PATH}: metrics.16.requests: found 96 requests and more errors; expected all requests that ended, failed ones included"
        )
    );
}

/// A list, one reason alone, objects, in either place; what is empty says nothing.
#[test]
fn reasons_are_read_in_whatever_form() {
    const RUNTIME: &str = "runtime_submission_invalid_reasons";
    let said = |key: &str, top: Value, metadata: Value| {
        let document = closed(|export| {
            export[key] = top;
            export["metadata"] = metadata;
        });
        document.map["metrics"]["16"]["validity"].clone()
    };
    let one = json!([format!("{RUNTIME}: overflow")]);
    assert_eq!(said(RUNTIME, json!(["overflow"]), Value::Null), one);
    assert_eq!(said(RUNTIME, json!("overflow"), Value::Null), one);
    let inside = json!({ RUNTIME: ["overflow"] });
    assert_eq!(said("x", Value::Null, inside), one);
    let object = json!([format!("{RUNTIME}: {{\"code\":\"x\"}}")]);
    assert_eq!(said(RUNTIME, json!([{"code": "x"}]), Value::Null), object);
    for nothing in [json!([]), Value::Null, json!(""), json!(false)] {
        assert_eq!(
            said(RUNTIME, nothing, json!({"submission_valid": true})),
            json!([])
        );
    }
    let planned = json!({"submission_valid": false, "submission_invalid_reasons": "no seed"});
    let expected = json!(["submission_invalid_reasons: no seed"]);
    assert_eq!(said("x", Value::Null, planned), expected);
    let bare = json!({"submission_valid": false, "submission_invalid_reasons": []});
    assert_eq!(
        said("x", Value::Null, bare),
        json!(["submission_valid: false"])
    );
}

/// Ordinary warnings are no statement against the run: those of a real log, and a list of them in an export.
#[test]
fn ordinary_warnings_say_nothing_against_a_run() {
    let logs = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/data/bundles/base-1-console"
    );
    let log = NativeTree::new(logs);
    let log = read_text(&log, "aiperf-c4.log").expect("a log");
    assert_eq!(log.matches("WARNING").count(), 4);
    let of_log = of_files(&[("aiperf-c4.log", log)]).expect("read");
    let of_export = closed(|export| export["warnings"] = json!(["slow client"]));
    for (document, level) in [(of_log, "4"), (of_export, "16")] {
        assert_eq!(document.map["metrics"][level]["validity"], json!([]));
        assert_eq!(document.map["validity"], json!([]));
    }
}

/// At top level, else beside the command line, else in the echo; a null says nothing.
#[test]
fn the_name_of_a_run_in_three_places() {
    let named = |top: Value, info: Value, echo: Value| {
        let document = closed(|export| {
            export["benchmark_id"] = top;
            export["run_info"] = json!({"benchmark_id": info});
            export["input_config"]["benchmark_id"] = echo;
        });
        document.map["metrics"]["16"]["run_id"].clone()
    };
    let (a, b, c) = (json!("a"), json!("b"), json!("c"));
    assert_eq!(named(a.clone(), b.clone(), c.clone()), a);
    assert_eq!(named(Value::Null, b.clone(), c.clone()), b);
    assert_eq!(named(Value::Null, Value::Null, c.clone()), c);
    assert_eq!(named(Value::Null, Value::Null, Value::Null), Value::Null);
}

/// Without an echo the command line says it, with or without a value.
#[test]
fn an_option_on_the_command_line_can_have_a_value() {
    let counted = |option: &str| {
        let document = closed(|export| {
            let endpoint = export["input_config"]["endpoint"].as_object_mut();
            endpoint
                .expect("an endpoint")
                .remove("use_server_token_count");
            export["run_info"] = json!({"cli_command": format!("aiperf profile {option} -m x")});
        });
        document.map["definitions"]["output_tokens"].clone()
    };
    for (option, expected) in [
        ("", "client-tokenizer"),
        ("--use-server-token-count", "server-usage"),
        ("--use-server-token-count=true", "server-usage"),
        ("--use-server-token-count=True", "server-usage"),
        ("--use-server-token-count=false", "client-tokenizer"),
        ("--no-use-server-token-count", "client-tokenizer"),
    ] {
        assert_eq!(counted(option), expected, "{option}");
    }
}

/// The start stays as the tool wrote it; the earliest of a sweep is the one that was first, in whatever zone and with
/// however many digits.
#[test]
fn the_earliest_start_is_by_the_clock() {
    let sweep = |starts: [&str; 2]| {
        let at = |level: u32, start: &str| {
            changed(CLOSED, EXPORT, |export| {
                export["input_config"]["phases"][1]["concurrency"] = level.into();
                export["start_time"] = start.into();
            })
        };
        let files = [
            ("c8/profile_export_aiperf.json", at(8, starts[0])),
            (PATH, at(16, starts[1])),
        ];
        let document = of_files(&files).expect("read");
        for (level, start) in ["8", "16"].iter().zip(starts) {
            assert_eq!(document.map["metrics"][*level]["start_time"], start);
        }
        let again = Document::parse("again", &document.to_json()).expect("read again");
        let captured = document.map["provenance"]["captured_at"].clone();
        (captured, again.origins[0].whole.start.clone())
    };
    for (first, second) in [
        ("2026-11-20T10:00:00+02:00", "2026-11-20T09:30:00Z"),
        ("2026-11-20T23:00:00-01:00", "2026-11-21T00:30:00+00:00"),
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00.5Z"),
        ("2026-11-20 09:00:00", "2026-11-20T08:59:60.5"),
        ("2026-11-20T09:00:00", "2026-11-20T10:00:00"),
    ] {
        // By the text the second of the fourth pair would come later: it is the same minute and half a second more.
        for starts in [[first, second], [second, first]] {
            let (captured, whole) = sweep(starts);
            assert_eq!(captured, first, "{starts:?}");
            assert_eq!(whole.as_deref(), Some(first), "{starts:?}");
        }
    }
}

/// Levels that were measured with different options are of no one definition.
#[test]
fn levels_of_several_definitions_are_mixed() {
    let of = |level: u32, per_chunk: bool| {
        changed(CLOSED, EXPORT, |export| {
            export["input_config"]["phases"][1]["concurrency"] = level.into();
            export["input_config"]["endpoint"]["per_chunk_usage"] = per_chunk.into();
        })
    };
    let made = |first: bool, second: bool| {
        let files = [
            ("c8/profile_export_aiperf.json", of(8, first)),
            (PATH, of(16, second)),
        ];
        of_files(&files).expect("read").map["definitions"].clone()
    };
    for name in ["itl_p50_ms", "tps_per_user"] {
        assert_eq!(made(false, false)[name], "tpot-per-request");
        assert_eq!(made(true, true)[name], "usage-chunks");
        assert_eq!(made(true, false)[name], "mixed");
        assert_eq!(made(false, true)[name], "mixed");
    }
    assert_eq!(made(true, false)["request_latency_p50_ms"], "stream-end");
}

/// A file that both runs share would be the same run; its hash is that of its bytes.
#[test]
fn a_result_is_known_by_the_hash_of_its_file() {
    let hash = |document: &Document| document.map["metrics"]["16"]["result_sha256"].clone();
    let [first, again, other] =
        [1, 1, 2].map(|seed| closed(|export| export["input_config"]["random_seed"] = json!(seed)));
    assert_eq!(hash(&first), hash(&again));
    assert_ne!(hash(&first), hash(&other));
    assert!(first.shares_run(&again, "16".parse().expect("a place")));
}

/// The echo leaves out what is AIPerf's default; the folder says the level.
#[test]
fn a_closed_loop_keeps_as_many_in_flight_as_its_place_says() {
    let text = changed(CLOSED, EXPORT, |export| {
        export["input_config"]["phases"] =
            json!([{"name": "profiling", "kind": "profiling", "type": "concurrency"}]);
    });
    let files = [("aiperf-c8/profile_export_aiperf.json", text)];
    let document = of_files(&files).expect("read");
    let load = &document.map["metrics"]["8"]["load"];
    assert_eq!(
        (&load["kind"], &load["concurrency"]),
        (&json!("closed"), &json!(8))
    );
}

/// A load that grows, falls or consists of several is at no one place.
#[test]
fn a_load_of_several_levels_has_no_place() {
    let refused = |phases: Value| {
        let text = changed(CLOSED, EXPORT, |export| {
            export["input_config"]["phases"] = phases;
        });
        let files = [("aiperf-c16/profile_export_aiperf.json", text)];
        match of_files(&files) {
            Ok(document) => panic!("read as {:?}", document.cell_places().collect::<Vec<_>>()),
            Err(fault) => fault.message,
        }
    };
    let base =
        json!({"name": "profiling", "kind": "profiling", "type": "concurrency", "concurrency": 16});
    let with = |more: Value| {
        let mut phase = base.clone();
        let own = phase.as_object_mut().expect("a phase");
        own.extend(more.as_object().expect("an object").clone());
        phase
    };
    for (phases, load) in [
        (
            json!([with(json!({"adaptive_scale": true, "duration": 60}))]),
            "adaptive scale",
        ),
        (
            json!([with(
                json!({"type": "poisson", "rate_series": {"points": [[0, 1], [60, 5]]}})
            )]),
            "rate series",
        ),
        (
            json!([base, with(json!({"name": "stress", "concurrency": 64}))]),
            "several measured phases",
        ),
        (
            json!([
                base,
                with(json!({"name": "open", "type": "poisson", "rate": 4.0}))
            ]),
            "several measured phases",
        ),
    ] {
        let expected = format!(
            "found a load without one concurrency or rate: {load}; expected one at which it can be compared"
        );
        assert_eq!(refused(phases), expected);
    }
    // An override of the phase's own type: so many recorded conversations at once, by the name of their file.
    for (dataset, schedule) in [
        (json!({"name": "main", "type": "file"}), "agentic_replay"),
        (
            json!({"type": "file", "path": "/traces/weka-2026.jsonl"}),
            "weka-2026.jsonl",
        ),
    ] {
        let replay = closed(|export| {
            let phase = with(json!({"timing_mode": "agentic_replay"}));
            export["input_config"]["phases"] = json!([phase]);
            export["input_config"]["datasets"] = json!([dataset]);
        });
        let load = &replay.map["metrics"]["16"]["load"];
        assert_eq!(
            (&load["kind"], &load["schedule"]),
            (&json!("closed"), &json!(schedule))
        );
    }
    // Two phases of one load are one level, of which nobody knows how many requests were planned.
    let twice = closed(|export| {
        let again = with(json!({"name": "again", "requests": 48}));
        let first = with(json!({"requests": 48}));
        export["input_config"]["phases"] = json!([first, again]);
    });
    assert!(twice.map["metrics"]["16"]["requests_planned"].is_null());
    // A ramp leads to the level.
    let ramp = closed(|export| {
        let phase = with(json!({"concurrency_ramp": {"duration": 5}, "adaptive_scale": false}));
        export["input_config"]["phases"] = json!([phase]);
    });
    assert!(of_finding(&ramp, "RESULT_LEFT_OUT").is_empty());
    assert_eq!(ramp.map["metrics"]["16"]["load"]["kind"], "closed");
}
