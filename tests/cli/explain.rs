//! explain, and the same sentences in Markdown.

use crate::support::{Home, bundle};
use serde_json::{Value, json};
use std::fs;

fn explained(home: &Home, row: &str, more: &[&str]) -> String {
    let (baseline, current) = (bundle("base-1"), bundle("regressed-1"));
    let words = [
        "explain",
        row,
        "--baseline",
        &baseline,
        "--current",
        &current,
    ];
    home.ok(&[&words[..], more].concat())
}

#[test]
fn explain_says_the_sentence_of_the_row() {
    let home = Home::new();
    // AIPerf's own TTFT medians of the two runs at 16 are 674.2 and 4725 ms.
    assert_eq!(
        explained(&home, "ttft_p50_ms@16", &[]),
        "ttft_p50_ms at c16: 674.2 -> 4725 is a change of +600.8 % for the worse, beyond the tolerance of 5 % (default).\n"
    );
    assert_eq!(
        explained(&home, "ttft_p50_ms@c16", &[]),
        explained(&home, "ttft_p50_ms@16", &[])
    );
    // The short names and the places of every other option, as in the help's example.
    for row in ["ttft@16", "ttft@c16"] {
        assert_eq!(
            explained(&home, row, &[]),
            explained(&home, "ttft_p50_ms@16", &[])
        );
    }
    let tps = explained(&home, "tps@16", &[]);
    assert!(tps.starts_with("throughput_toks_per_s at c16: "), "{tps}");
    home.write("policy.toml", "[tolerance]\nttft = 700\n");
    let policy = explained(&home, "ttft_p50_ms@16", &["--policy", "policy.toml"]);
    assert!(
        policy.ends_with("within the tolerance of 700 % (policy).\n"),
        "{policy}"
    );
    let json: Value =
        serde_json::from_str(&explained(&home, "ttft_p50_ms@16", &["--json"])).expect("JSON");
    assert_eq!(
        (&json["status"], &json["level"]),
        (&json!("REGRESSED"), &json!("16"))
    );
}

#[test]
fn explain_reads_the_verdict_of_a_bundle() {
    let home = Home::new();
    let (baseline, current) = (bundle("base-1"), bundle("regressed-1"));
    let ran = home.run(&[
        "diff",
        "--baseline",
        &baseline,
        "--current",
        &current,
        "--out",
        "out",
    ]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let text = home.ok(&["explain", "ttft_p50_ms@16", "--verdict", "out/verdict.json"]);
    assert_eq!(text, explained(&home, "ttft_p50_ms@16", &[]));
}

#[test]
fn explain_refuses() {
    let home = Home::new();
    let (baseline, current) = (bundle("base-1"), bundle("regressed-1"));
    let case = ["--baseline", &baseline, "--current", &current];
    let refused = |row: &str, more: &[&str], why: &str| {
        home.run(&[&["explain", row], more].concat()).refused(why);
    };
    refused(
        "ttft_p50_ms@17",
        &case,
        "this judgement has no row \"ttft_p50_ms@17\"; expected METRIC@PLACE, for instance ttft_p50_ms@c16. Near it are: ttft_p50_ms@c1, ttft_p50_ms@c4",
    );
    refused(
        "ttft_p@16",
        &case,
        "Near it are: ttft_p50_ms@c16, ttft_p95_ms@c16, ttft_p99_ms@c16",
    );
    refused("x", &[], "--current <PATH>");
    refused(
        "x",
        &["--verdict", "missing.json"],
        "missing.json: cannot read the judgement",
    );
    refused(
        "x",
        &["--verdict", "v.json", "--baseline", "b"],
        "cannot be used with",
    );
    for (name, text, why) in [
        ("broken.json", "{", "broken.json: found no JSON ("),
        (
            "other.json",
            "{\"schema\": \"perfbridge_list_v1\"}",
            "found the schema \"perfbridge_list_v1\"; expected a judgement of the schema perfbridge_judgement_v1",
        ),
        ("none.json", "{}", "found no schema; expected"),
        (
            "old.json",
            "{\"schema\": \"perfbridge_judgement_v1\", \"rows\": [{\"metric\": \"x\", \"level\": \"1\"}]}",
            "old.json: found a row without an explanation",
        ),
    ] {
        home.write(name, text);
        refused("x@1", &["--verdict", name], why);
    }
}

#[test]
fn markdown_explains_on_request() {
    let home = Home::new();
    let (baseline, current) = (bundle("base-1"), bundle("regressed-1"));
    let words = [
        "diff",
        "--baseline",
        &baseline,
        "--current",
        &current,
        "--format",
        "markdown",
    ];
    let plain = home.run(&words).stdout;
    let explained = home
        .run(&[&words[..], &["--explain", "--out", "out"]].concat())
        .stdout;
    assert!(!plain.contains("Why each row"), "{plain}");
    assert!(
        explained.contains("- `REGRESSED` ttft_p50_ms at c16: 674.2 -&gt; 4725"),
        "{explained}"
    );
    assert_eq!(
        fs::read_to_string(home.path("out/verdict.md")).expect("text"),
        explained
    );
}
