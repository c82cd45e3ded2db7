//! `diff`: refusals, what is compared, lost keys, edited snapshots.

mod common;

use common::{Bench, by_hand, diff_refused, payload, structured};
use perfbridge_registry::verify;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn baselines_that_cannot_be_used_are_refused() {
    let bench = Bench::new();
    let args = ["--baseline", "hand", "--current", "inputs/flat_red.json"];
    diff_refused(
        &bench,
        &args,
        2,
        "--baseline must be a registry entry directory: ROOT/hand\n",
    );
    fs::create_dir(bench.path("hand")).expect("mkdir");
    diff_refused(
        &bench,
        &["--baseline", "hand", "--current", "gone"],
        2,
        "--current does not exist: ROOT/gone\n",
    );
    diff_refused(
        &bench,
        &args,
        1,
        "not a baseline directory (no baseline.json): ROOT/hand\n",
    );
    let meta = |more: &str| format!("{{\"family\": \"f\", \"measurement\": \"m\"{more}}}");
    let cases = [
        (
            "[1]".to_owned(),
            "baseline.json is not a JSON object: ROOT/hand/baseline.json",
        ),
        (
            "{".to_owned(),
            "baseline.json is not valid JSON: ROOT/hand/baseline.json: expecting",
        ),
        (
            "{\"family\": \"f\"}".to_owned(),
            "baseline family and measurement must be strings\n",
        ),
        (
            "{\"family\": 1, \"measurement\": \"m\"}".to_owned(),
            "baseline family and measurement must be strings\n",
        ),
        (
            meta(", \"direction\": \"up\""),
            "baseline direction is invalid: 'up'\n",
        ),
        (
            meta(", \"direction\": null"),
            "baseline direction is invalid: None\n",
        ),
        (
            meta(", \"value\": \"fast\""),
            "scalar baseline value must be numeric\n",
        ),
        (
            meta(", \"value\": [1]"),
            "scalar baseline value must be numeric\n",
        ),
        (
            meta(", \"value\": \"inf\""),
            "scalar baseline value must be finite\n",
        ),
        (
            meta(", \"value\": 1e999"),
            "scalar baseline value must be finite\n",
        ),
        (
            meta(&format!(", \"value\": 1{}", "0".repeat(400))),
            "scalar baseline value must be finite\n",
        ),
        (
            meta(""),
            "baseline is structured but source-snapshot is missing or a directory. Structured directory diff is not supported.\n",
        ),
    ];
    for (text, message) in cases {
        by_hand(&bench, &text, None);
        diff_refused(&bench, &args, 2, message);
    }
    by_hand(
        &bench,
        "{\"family\": \"../x\", \"measurement\": \"m\", \"value\": 1}",
        None,
    );
    let current = [
        "--baseline",
        "hand",
        "--current",
        "inputs/scalar_current_ok.txt",
    ];
    diff_refused(
        &bench,
        &current,
        2,
        "invalid baseline metadata: family must be one safe path segment\n",
    );
}

#[test]
fn tolerances_must_be_finite_and_not_negative() {
    let bench = Bench::new();
    by_hand(
        &bench,
        "{\"family\": \"f\", \"measurement\": \"m\", \"value\": 1}",
        None,
    );
    let args = [
        "--baseline",
        "hand",
        "--current",
        "inputs/scalar_current_ok.txt",
    ];
    for (option, value) in [
        ("percent", "-1"),
        ("percent", "nan"),
        ("absolute", "-0.5"),
        ("absolute", "inf"),
    ] {
        let option = format!("--tolerance-{option}");
        let message = format!("{option} must be a finite nonnegative number\n");
        diff_refused(
            &bench,
            &[&args[..], &[&option, value]].concat(),
            2,
            &message,
        );
    }
}

#[test]
fn current_files_that_are_no_number_are_refused() {
    let bench = Bench::new();
    by_hand(
        &bench,
        "{\"family\": \"f\", \"measurement\": \"m\", \"value\": 100}",
        None,
    );
    let args = ["--baseline", "hand", "--current", "now"];
    let unread =
        "baseline is scalar but --current did not parse as a number or {\"value\": ...} JSON\n";
    let huge = format!("{{\"value\": 1{}}}", "0".repeat(400));
    for text in [
        "",
        "fast",
        "[1]",
        "{\"value\": null}",
        "{\"v\": 1}",
        huge.as_str(),
    ] {
        bench.write("now", text);
        diff_refused(&bench, &args, 2, unread);
    }
    bench.write("now", [0xff, 0xfe]);
    diff_refused(&bench, &args, 2, unread);
    for text in ["nan", "1e999", "{\"value\": \"inf\"}"] {
        bench.write("now", text);
        diff_refused(&bench, &args, 2, "current scalar value must be finite\n");
    }
    for text in [
        "\u{1c} 1_00.0\n",
        "{\"value\": \"100\"}",
        "{\"value\": 100}",
        "{\"value\": 1, \"value\": 100}",
    ] {
        bench.write("now", text);
        assert_eq!(payload(&bench.diff(&args))["verdict"], "GREEN", "{text}");
    }
    bench.write("now", "true");
    assert_eq!(
        bench.diff(&args).returncode,
        2,
        "`true` is no number as text"
    );
    bench.write("now", "94.9");
    assert_eq!(
        payload(&bench.diff(&args))["verdict"],
        "RED",
        "a scalar is never YELLOW"
    );
}

#[test]
fn only_json_objects_of_numbers_can_be_compared() {
    let bench = Bench::new();
    let needs = "structured diff requires JSON inputs; ";
    let objects = "structured diff requires both inputs to be JSON objects (key->value)\n";
    let cases = [
        ("{\"a\": 1}", "{", needs),
        ("{", "{\"a\": 1}", needs),
        ("{\"a\": 1}", "[1]", objects),
        ("3", "{\"a\": 1}", objects),
        (
            "{\"a\": 1}",
            "{\"b\": 1}",
            "structured diff found no shared finite numeric values\n",
        ),
        (
            "{\"a\": {\"x\": 1}}",
            "{\"a\": {\"x\": 2}}",
            "structured diff found no shared finite numeric values\n",
        ),
    ];
    for (before, after, message) in cases {
        let reply = structured(&bench, before, after, &[]);
        assert_eq!(reply.returncode, 2);
        assert!(
            reply.stderr.starts_with(&format!("FATAL: {message}")),
            "{}",
            reply.stderr
        );
    }
    let huge = format!("{{\"a\": 1, \"b\": 1{}}}", "0".repeat(400));
    let reply = structured(&bench, "{\"a\": 1, \"b\": 1}", &huge, &[]);
    assert!(
        reply
            .stderr
            .contains("integer of key 'b' is beyond the range"),
        "{}",
        reply.stderr
    );
    bench.write("hand/source-snapshot.json", b"{\"a\": \"\xff\"}");
    let reply = bench.diff(&["--baseline", "hand", "--current", "current.json"]);
    assert!(
        reply.stderr.contains("not UTF-8 at byte 7"),
        "{}",
        reply.stderr
    );
    diff_refused(
        &bench,
        &["--baseline", "hand", "--current", "inputs"],
        2,
        "structured diff requires JSON inputs; ",
    );
}

#[test]
fn whatever_python_float_takes_is_compared() {
    let bench = Bench::new();
    let before = "{\"bool\": true, \"text\": \"2025_07\", \"n\": 10, \"nan\": NaN, \"word\": \"x\", \"none\": null}";
    let after = "{\"bool\": false, \"text\": \" 202507 \", \"n\": 10.5, \"nan\": 1, \"word\": 1, \"none\": 1, \"new\": 1}";
    let reply = payload(&structured(&bench, before, after, &[]));
    assert_eq!(reply["deltas_count"], 3);
    assert_eq!(
        reply["verdict"], "YELLOW",
        "only the boolean moved by more than 5 %"
    );
    assert_eq!(reply.get("missing_keys"), None);
}

#[test]
fn a_lost_key_is_at_least_yellow_and_named() {
    let bench = Bench::new();
    for after in [
        "{\"a\": 1}",
        "{\"a\": 1, \"b|\": null}",
        "{\"a\": 1, \"b|\": \"n/a\"}",
    ] {
        let reply = payload(&structured(
            &bench,
            "{\"a\": 1, \"b|\": 2, \"note\": \"x\"}",
            after,
            &[],
        ));
        assert_eq!(
            (&reply["verdict"], &reply["missing_keys"]),
            (&json!("YELLOW"), &json!(["b|"]))
        );
        let dir = Path::new(reply["diff_dir"].as_str().expect("a path"));
        let diff = fs::read_to_string(dir.join("diff.json")).expect("diff.json");
        assert!(
            diff.contains("\"missing_keys\": [\n    \"b|\"\n  ]"),
            "{diff}"
        );
        let text = fs::read_to_string(dir.join("diff.md")).expect("diff.md");
        assert!(
            text.contains("- Missing from the current file: `b|`\n"),
            "{text}"
        );
    }
    let before = "{\"a\": 1, \"b\": 1, \"c\": 1, \"d\": 1}";
    let reply = payload(&structured(
        &bench,
        before,
        "{\"a\": 2, \"b\": 2, \"c\": 2}",
        &[],
    ));
    assert_eq!(
        reply["verdict"], "RED",
        "three keys over tolerance stay RED"
    );
}

#[test]
fn infinity_is_never_written() {
    let bench = Bench::new();
    let reply = structured(
        &bench,
        "{\"a\": -1.7e308, \"z\": 5e-324}",
        "{\"a\": 1.7e308, \"z\": 1}",
        &[],
    );
    let dir = PathBuf::from(payload(&reply)["diff_dir"].as_str().expect("a path"));
    let text = fs::read_to_string(dir.join("diff.json")).expect("diff.json");
    let diff: Value = serde_json::from_str(&text).expect("JSON that any reader takes");
    let rows = &diff["deltas_top20"];
    assert_eq!(
        (&rows[0]["key"], &rows[0]["delta_pct"]),
        (&json!("z"), &Value::Null)
    );
    assert_eq!(
        (&rows[1]["key"], &rows[1]["delta"]),
        (&json!("a"), &Value::Null)
    );
    assert_eq!(diff["verdict"], "YELLOW");
    let text = fs::read_to_string(dir.join("diff.md")).expect("diff.md");
    assert!(
        text.contains("| z | 4.94066e-324 | 1 | 1 | n/a | yes |"),
        "{text}"
    );
}

#[test]
fn an_edited_snapshot_is_refused_with_both_hashes() {
    let bench = Bench::new();
    let entry = bench.recorded("m", "inputs/flat_base.json", &[]);
    let scalar = bench.recorded("s", "inputs/scalar_ttft.json", &["--value", "68.5"]);
    for (entry, current) in [
        (&entry, "inputs/flat_green.json"),
        (&scalar, "inputs/scalar_ttft.json"),
    ] {
        let dir = entry.to_str().expect("UTF-8");
        let args = ["--baseline", dir, "--current", current];
        assert_eq!(bench.diff(&args).returncode, 0);
        fs::write(entry.join("source-snapshot.json"), "{}").expect("edit");
        let reply = bench.diff(&args);
        assert_eq!(reply.returncode, 2);
        // printf '{}' | sha256sum
        let found = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert!(reply.stderr.contains(found), "{}", reply.stderr);
        let baseline: Value = serde_json::from_str(
            &fs::read_to_string(entry.join("baseline.json")).expect("baseline.json"),
        )
        .expect("JSON");
        assert!(
            reply
                .stderr
                .contains(baseline["source_sha256"].as_str().expect("a hash")),
            "{}",
            reply.stderr
        );
    }
}

#[test]
fn a_bundle_can_be_added_to_and_still_verifies() {
    let bench = Bench::new();
    let entry = bench.recorded("m", "inputs/flat_base.json", &[]);
    let args = [
        "--baseline",
        entry.to_str().expect("UTF-8"),
        "--current",
        "inputs/flat_red.json",
    ];
    let dir = PathBuf::from(
        payload(&bench.diff(&args))["diff_dir"]
            .as_str()
            .expect("a path"),
    );
    perfbridge_registry::write_aside(&dir.join("verdict.json"), b"{}\n").expect("write");
    assert_eq!(verify(&bench.root).problems, []);
}
