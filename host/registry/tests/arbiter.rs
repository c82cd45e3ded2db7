//! Who decides about `inference_perfbench_v1` documents.

mod common;

use common::{Bench, by_hand, diff_refused, payload, structured};
use perfbridge_registry::{Arbiter, ArbiterFault, Ruling};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

struct Judge;

impl Arbiter for Judge {
    fn judge(&self, entry: &Path, baseline: &str, current: &str) -> Result<Ruling, ArbiterFault> {
        assert!(entry.join("baseline.json").is_file());
        let document: Value = serde_json::from_str(current).expect("JSON");
        let text = |key: &str| document[key].as_str().unwrap_or_default().to_owned();
        if text("verdict") == "FAULT" {
            return Err(ArbiterFault {
                code: "BROKEN".into(),
                message: "metrics is no object".into(),
            });
        }
        assert!(baseline.contains("inference_perfbench_v1"));
        Ok(Ruling {
            verdict: text("verdict"),
            rule: "headline".into(),
            why: "throughput fell".into(),
            answer: format!(
                "{} headline (DRAFT): throughput fell\nchanged: nothing\nrest: in verdict.json\n",
                text("verdict")
            ),
            rows: json!([{"metric": "throughput_toks_per_s", "delta_pct": -20.0}]),
            judgement: json!({"verdict": text("verdict"), "tier": "DRAFT"}).to_string(),
            inputs: vec![("ab.json".to_owned(), "{}".to_owned())],
            handoff: format!("levers of {}\n", text("verdict")),
            case: "{}\n".to_owned(),
            markdown: "# Judged\n".into(),
        })
    }

    fn take_over(&self, handoff: &str, earlier: &str) -> Result<String, ArbiterFault> {
        Ok(format!("{handoff}before: {earlier}"))
    }

    fn read(&self, dir: &Path, revision: Option<String>) -> Result<Option<String>, ArbiterFault> {
        assert_eq!(revision, None, "no git here");
        match fs::read_to_string(dir.join("run")) {
            Ok(text) if text == "BROKEN" => Err(ArbiterFault {
                code: "damaged".into(),
                message: "run: found BROKEN".into(),
            }),
            Ok(text) => Ok(Some(text)),
            Err(_) => Ok(None),
        }
    }
}

#[test]
fn the_arbiter_decides_about_perfbench_documents() {
    let bench = Bench::with(
        |grants| grants,
        |registry| registry.with_arbiter(Box::new(Judge)),
    );
    let before = "{\"schema\": \"inference_perfbench_v1\", \"metrics\": {}}";
    let after = |verdict: &str| before.replace("{}", &format!("{{}}, \"verdict\": \"{verdict}\""));
    let mut before_it = String::new();
    for verdict in ["GREEN", "YELLOW", "RED"] {
        let reply = payload(&structured(&bench, before, &after(verdict), &[]));
        assert_eq!(
            (&reply["verdict"], &reply["rule"]),
            (&json!(verdict), &json!("headline"))
        );
        assert_eq!(reply["rows"][0]["metric"], "throughput_toks_per_s");
        assert_eq!(
            (&reply["deltas_count"], &reply["tolerance_percent"]),
            (&json!(0), &json!(5.0))
        );
        let dir = Path::new(reply["diff_dir"].as_str().expect("a path"));
        let read = |name: &str| fs::read_to_string(dir.join(name)).expect("a file of the bundle");
        let diff: Value = serde_json::from_str(&read("diff.json")).expect("JSON");
        assert_eq!(
            (&diff["verdict"], &diff["rule"]),
            (&json!(verdict), &json!("headline"))
        );
        assert!(
            read("diff.md").contains("- Judged per metric by rule `headline`: throughput fell\n")
        );
        assert_eq!(read("verdict.md"), "# Judged\n");
        assert_eq!(read("case.json"), "{}\n");
        // Of the bundle before, not of an older one alone.
        let levers = format!("levers of {verdict}\n{before_it}");
        assert_eq!(read("HANDOFF.md"), levers);
        before_it = format!("before: {levers}");
        let judgement: Value = serde_json::from_str(&read("verdict.json")).expect("JSON");
        assert_eq!(judgement["tier"], "DRAFT");
        assert_eq!(read("inputs/ab.json"), "{}");
    }
    let other = payload(&structured(&bench, "{\"a\": 1}", "{\"a\": 1}", &[]));
    assert_eq!(
        (&other["verdict"], other.get("rule")),
        (&json!("GREEN"), None),
        "other documents are not its business"
    );
}

#[test]
fn no_verdict_and_a_fault_of_the_arbiter_are_refusals_that_write_nothing() {
    let bench = Bench::with(
        |grants| grants,
        |registry| registry.with_arbiter(Box::new(Judge)),
    );
    let before = "{\"schema\": \"inference_perfbench_v1\", \"a\": 1}";
    by_hand(
        &bench,
        "{\"family\": \"f\", \"measurement\": \"m\"}",
        Some(before),
    );
    let args = ["--baseline", "hand", "--current", "current.json"];
    bench.write(
        "current.json",
        before.replace("\"a\"", "\"verdict\": \"NO_VERDICT\", \"a\""),
    );
    diff_refused(
        &bench,
        &args,
        2,
        "no verdict: throughput fell\nNO_VERDICT headline (DRAFT): throughput fell\nchanged: nothing\n",
    );
    bench.write(
        "current.json",
        before.replace("\"a\"", "\"verdict\": \"FAULT\", \"a\""),
    );
    diff_refused(&bench, &args, 2, "metrics is no object (BROKEN)\n");
    bench.write(
        "current.json",
        before.replace("\"a\"", "\"verdict\": \"BLUE\", \"a\""),
    );
    diff_refused(
        &bench,
        &args,
        2,
        "the arbiter answered with the unknown verdict 'BLUE'\n",
    );
}

#[test]
fn a_directory_that_holds_a_run_is_its_document() {
    let bench = Bench::with(
        |grants| grants,
        |registry| registry.with_arbiter(Box::new(Judge)),
    );
    let document = "{\"schema\": \"inference_perfbench_v1\", \"verdict\": \"GREEN\"}\n";
    bench.write("before/run", document);
    bench.write("before/logs/x", "x");
    let entry = bench.recorded("m", "before", &[]);
    let kept = fs::read_to_string(entry.join("source-snapshot.json")).expect("a document");
    assert_eq!(kept, document);
    let baseline: Value =
        serde_json::from_str(&fs::read_to_string(entry.join("baseline.json")).expect("text"))
            .expect("JSON");
    // Printed by `sha256sum` of the document.
    let sha256 = "253c5f95fd26a1c69be325d16b4a9b369afa4db5317d29e02397eac3a1ef389e";
    assert_eq!(
        (&baseline["source_path"], &baseline["source_sha256"]),
        (&json!(bench.path("before")), &json!(sha256))
    );
    bench.write("after/run", document.replace("GREEN", "RED"));
    let entry = entry.display().to_string();
    let reply = payload(&bench.diff(&["--baseline", &entry, "--current", "after"]));
    assert_eq!(reply["verdict"], "RED");
    let made = Path::new(reply["diff_dir"].as_str().expect("a path")).join("current-snapshot.json");
    assert_eq!(
        fs::read_to_string(made).expect("a document"),
        document.replace("GREEN", "RED")
    );
    // What holds no run, what has a value, and other families are copied as they are.
    bench.write("plain/x", "x");
    let plain = bench.recorded("m", "plain", &[]);
    let scalar = bench.recorded("m", "before", &["--value", "1"]);
    for entry in [plain, scalar] {
        assert!(entry.join("source-snapshot").is_dir());
    }
    let reply = bench.record(&[common::BASE, &["--source", "before"]].concat());
    let entry = payload(&reply)["entry_dir"]
        .as_str()
        .expect("a path")
        .to_owned();
    assert!(Path::new(&entry).join("source-snapshot/logs/x").is_file());
    // A run that cannot be read is refused.
    bench.write("broken/run", "BROKEN");
    let args = [
        "--family",
        "inference",
        "--measurement",
        "m",
        "--direction",
        "two-sided",
    ];
    let reply = bench.record(&[&args[..], &["--source", "broken"]].concat());
    assert_eq!(
        (reply.returncode, reply.stderr.as_str()),
        (2, "FATAL: --source: run: found BROKEN (damaged)\n")
    );
}

#[test]
fn a_reply_has_at_most_four_kilobytes_and_says_what_it_left_out() {
    let bench = Bench::new();
    let number = |n: usize| format!("\"key-{n:04}\": {n}");
    let lost = |from: usize| (from..500).map(number).collect::<Vec<_>>().join(", ");
    let reply = structured(
        &bench,
        &format!("{{{}}}", lost(0)),
        &format!("{{{}}}", number(0)),
        &[],
    );
    let text = serde_json::to_string_pretty(&reply).expect("JSON");
    assert!(text.len() <= 4096, "{}", text.len());
    let json = payload(&reply);
    let named = json["missing_keys"].as_array().expect("keys").len();
    assert!(named > 10, "{named}");
    assert_eq!(json["missing_keys_left_out"], 499 - named);
    let made = Path::new(json["diff_dir"].as_str().expect("a path")).join("diff.json");
    let whole: Value =
        serde_json::from_str(&fs::read_to_string(made).expect("text")).expect("JSON");
    assert_eq!(whole["missing_keys"].as_array().map(Vec::len), Some(499));
}
