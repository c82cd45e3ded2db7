//! Who decides about `inference_perfbench_v1` documents.

mod common;

use common::{Bench, by_hand, diff_refused, payload, structured};
use perfbridge_registry::{Arbiter, ArbiterFault, Ruling};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

struct Judge;

impl Arbiter for Judge {
    fn judge(&self, baseline: &str, current: &str) -> Result<Ruling, ArbiterFault> {
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
            judgement: json!({"verdict": text("verdict"), "tier": "DRAFT"}),
            case: "{}\n".to_owned(),
            markdown: "# Judged\n".into(),
        })
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
        let judgement: Value = serde_json::from_str(&read("verdict.json")).expect("JSON");
        assert_eq!(judgement["tier"], "DRAFT");
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
        "no verdict: throughput fell\nNO_VERDICT headline (DRAFT): throughput fell\nchanged: nothing\nrest: in verdict.json\n",
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
