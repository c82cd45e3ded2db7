//! What a gate makes of a judgement, over verdicts, tiers and what a policy says.

use crate::documents::{another_run, document, judge_as, level_set, parse, said, with, without};
use crate::policy_file::file;
use crate::trials::{THROUGHPUT, merged, runs};
use crate::waivers::waiver;
use perfbridge_guest::document::Document;
use perfbridge_guest::judge::policy::{Policy, Request};
use perfbridge_guest::judge::{self, Judgement, gate::Gate};
use perfbridge_guest::render::{FORMS, Layout};
use serde_json::{Value, json};

pub fn gate_of(judgement: &Judgement) -> &Gate {
    judgement.gate.as_ref().expect("a gate")
}

/// `outcome exit`.
pub fn decided(judgement: &Judgement) -> String {
    let gate = gate_of(judgement);
    format!("{} {}", gate.outcome.as_str(), gate.exit)
}

const QUIET: [f64; 3] = [100.0, 100.1, 99.9];
const ALIKE: [f64; 3] = [100.05, 99.95, 100.15];

/// A pair of each verdict: of one run a side, which is a draft, or of three, which is none.
fn pair(verdict: &str, trials: bool) -> (Value, Value) {
    let side = |values: &[f64; 3], change: &dyn Fn(Value) -> Value| {
        let runs: Vec<Value> = runs(values).into_iter().map(change).collect();
        match trials {
            true => merged(&runs),
            false => runs[0].clone(),
        }
    };
    let same = |run: Value| run;
    let current = match verdict {
        "GREEN none" => side(&ALIKE, &same),
        "RED headline" => side(&[80.0, 80.1, 79.9], &same),
        // Of the profile alone: evidence, and never RED.
        "YELLOW few" => side(&ALIKE, &|run| {
            with(run, &[("/cpu_spinpoll_pct", json!(30.0))])
        }),
        "YELLOW lost" => side(&ALIKE, &|run| without(run, "/metrics/4", "ttft_p99_ms")),
        "NO_VERDICT not-comparable" => side(&ALIKE, &|run| {
            with(run, &[("/deployment/quantization", json!("BF16"))])
        }),
        other => panic!("{other}"),
    };
    (side(&QUIET, &same), current)
}

/// The whole table of the manual: verdict, tier and option give the outcome and the exit code.
#[test]
fn every_verdict_at_every_tier_with_every_option() {
    let table = [
        // verdict, trials, [fail, pass, neutral]
        ("RED headline", false, ["fail 1", "fail 1", "fail 1"]),
        ("RED headline", true, ["fail 1", "fail 1", "fail 1"]),
        (
            "YELLOW few",
            false,
            ["inconclusive 3", "not-judged 0", "inconclusive 0"],
        ),
        ("YELLOW few", true, ["pass 0", "pass 0", "pass 0"]),
        (
            "YELLOW lost",
            false,
            ["inconclusive 3", "not-judged 0", "inconclusive 0"],
        ),
        (
            "YELLOW lost",
            true,
            ["inconclusive 3", "not-judged 0", "inconclusive 0"],
        ),
        (
            "GREEN none",
            false,
            ["inconclusive 3", "not-judged 0", "inconclusive 0"],
        ),
        ("GREEN none", true, ["pass 0", "pass 0", "pass 0"]),
        (
            "NO_VERDICT not-comparable",
            false,
            ["inconclusive 3", "not-judged 0", "inconclusive 0"],
        ),
        (
            "NO_VERDICT not-comparable",
            true,
            ["inconclusive 3", "not-judged 0", "inconclusive 0"],
        ),
    ];
    for (verdict, trials, outcomes) in table {
        let (before, after) = pair(verdict, trials);
        for (option, expected) in ["fail", "pass", "neutral"].into_iter().zip(outcomes) {
            let judgement = judge_as(&before, &after, &file(&json!({"inconclusive": option})));
            assert_eq!(said(&judgement), verdict);
            let tier = if trials { "VERDICT" } else { "DRAFT" };
            // A sick comparison has no tier that anybody asks for.
            if !verdict.starts_with("NO_VERDICT") {
                assert_eq!(judgement.tier.as_str(), tier, "{:?}", judgement.promote);
            }
            let what = format!("{verdict} {tier} {option}");
            assert_eq!(decided(&judgement), expected, "{what}");
            let sentence = &gate_of(&judgement).sentence;
            // Only what passes by this option is called not judged.
            let passes = gate_of(&judgement).exit == 0 && expected != "pass 0";
            assert_eq!(
                sentence.starts_with("not judged"),
                passes,
                "{what}: {sentence}"
            );
        }
        // The default is to fail.
        let asked = Request {
            choices: vec![("gate".to_owned(), "true".to_owned())],
            ..Request::default()
        };
        assert_eq!(decided(&judge_as(&before, &after, &asked)), outcomes[0]);
        // Drafts are enough where the policy says so; what was lost or not compared is none.
        let drafts = file(&json!({"require_tier": "draft"}));
        let expected = match verdict {
            "RED headline" => "fail 1",
            "GREEN none" | "YELLOW few" => "pass 0",
            _ => "inconclusive 3",
        };
        assert_eq!(
            decided(&judge_as(&before, &after, &drafts)),
            expected,
            "{verdict}"
        );
        // YELLOW that is to fail fails at every tier, whatever becomes of what is inconclusive.
        let yellow = file(&json!({"fail_on": "yellow", "inconclusive": "pass"}));
        let expected = match verdict {
            "RED headline" | "YELLOW few" | "YELLOW lost" => "fail 1",
            "GREEN none" if trials => "pass 0",
            _ => "not-judged 0",
        };
        assert_eq!(
            decided(&judge_as(&before, &after, &yellow)),
            expected,
            "{verdict}"
        );
    }
}

#[test]
fn without_a_word_of_a_gate_there_is_none() {
    let quiet = file(&json!({"headline_level": 16, "min_effect": 1}));
    let judgement = judge_as(&document(), &document(), &quiet);
    assert_eq!(judgement.gate, None);
    assert!(!judgement.to_json().contains("\"gate\": {"));
}

/// Ten baselines of which the best had 110: 100 is within tolerance of the last one, and 9 % below the best.
#[test]
fn a_ratchet_fails_what_is_worse_than_the_best_of_the_last() {
    let at = |value: f64, hair: f64| {
        level_set(
            level_set(document(), "16", &THROUGHPUT, value),
            "4",
            &["ttft_p50_ms"],
            100.0 + hair,
        )
    };
    let history: Vec<Document> = (0..10)
        .map(|entry| {
            parse(&at(
                if entry < 5 { 110.0 } else { 101.0 } + entry as f64 * 0.01,
                entry as f64 * 0.01,
            ))
        })
        .collect();
    let judged = |text: &Value| {
        let policy = Policy::new(&file(text)).expect("a policy");
        let (baseline, current) = (parse(&at(101.0, 0.5)), another_run(&at(100.0, 0.6)));
        judge::judge(&baseline, &current, &history, &policy).expect("judged")
    };
    let mild = judged(&json!({"ratchet": false, "require_tier": "draft"}));
    assert_eq!(said(&mild), "YELLOW creep");
    assert_eq!(decided(&mild), "pass 0");
    let strict = judged(&json!({"ratchet": true, "require_tier": "draft"}));
    assert_eq!(said(&strict), "YELLOW creep");
    assert_eq!(decided(&strict), "fail 1");
    assert!(
        gate_of(&strict)
            .sentence
            .starts_with("gate fails: ratchet: "),
        "{}",
        gate_of(&strict).sentence
    );
}

#[test]
fn a_share_of_the_ceiling_that_is_demanded_has_to_be_known() {
    let sol = |pct: Option<f64>, key: &str| {
        let mut side = document();
        if let Some(pct) = pct {
            side["context"]["sol_pct"] = json!(pct);
            side["context"]["sol_key"] = json!(key);
        }
        side
    };
    let judged = |before: Value, after: Value, demands: Value| {
        let text = json!({"sol_pct": demands, "require_tier": "draft", "inconclusive": "pass"});
        let judgement = judge_as(&before, &after, &file(&text));
        let gate = gate_of(&judgement);
        (decided(&judgement), gate.sentence.clone())
    };
    let (none, some) = (|| sol(None, ""), |pct| sol(Some(pct), "a"));
    for (before, after, demands, decision, text) in [
        (
            none(),
            some(60.0),
            json!({"min": 60}),
            "pass 0",
            "gate passes: GREEN",
        ),
        (
            none(),
            some(59.9),
            json!({"min": 60}),
            "fail 1",
            "sol_pct is 59.90 %, below the demanded 60 %",
        ),
        (
            none(),
            none(),
            json!({"min": 60}),
            "error 2",
            "gate cannot be applied: sol_pct is demanded, and the current run was read without a ceiling",
        ),
        (
            none(),
            some(60.0),
            json!({"max_loss": 2}),
            "error 2",
            "the baseline was read without a ceiling",
        ),
        (
            some(62.0),
            some(60.0),
            json!({"max_loss": 2}),
            "pass 0",
            "gate passes",
        ),
        (
            some(62.1),
            some(60.0),
            json!({"max_loss": 2}),
            "fail 1",
            "sol_pct fell from 62.10 % to 60.00 %, more than the 2 points that are allowed",
        ),
        (
            sol(Some(62.0), "b"),
            some(60.0),
            json!({"max_loss": 5}),
            "error 2",
            "shares of different ceilings",
        ),
    ] {
        let (decided, sentence) = judged(before, after, demands);
        assert_eq!(decided, decision, "{sentence}");
        assert!(sentence.contains(text), "{sentence}");
    }
    // A regression is a regression, whatever else is missing.
    let slower = level_set(none(), "16", &THROUGHPUT, 80.0);
    let (decided, _) = judged(none(), slower, json!({"min": 60}));
    assert_eq!(decided, "fail 1");
}

/// What `policy explain` prints.
#[test]
fn the_form_of_the_policy_says_what_applies_to_each_row() {
    let request = file(&json!({
        "rule": [
            {"metric": "ttft", "place": "c16", "tolerance": {"percent": 5, "floor": 8}},
            {"metric": "ttft", "place": "c64", "tolerance": 3},
            {"metric": "itl", "model": "other", "tolerance": 3},
        ],
        "waiver": [waiver("c16", "2026-12-01")],
    }));
    let judgement = judge_as(&document(), &document(), &request);
    let form = FORMS
        .iter()
        .find(|form| form.name == "policy")
        .expect("the form");
    let text = (form.render)(
        &judgement,
        Layout {
            width: 80,
            colour: false,
        },
    );
    let said: Value = serde_json::from_str(&text).expect("JSON");
    let row = |metric: &str, place: &str| {
        let rows = said["rows"].as_array().expect("rows");
        let found = rows
            .iter()
            .find(|row| row["metric"] == metric && row["place"] == place);
        found.expect("the row").clone()
    };
    assert_eq!(
        row("ttft_p50_ms", "c16"),
        json!({"metric": "ttft_p50_ms", "place": "c16", "tolerance": "8 %", "source": "policy, rule 1, raised by the floor of 8 ms", "rule": 1, "waiver": null})
    );
    assert_eq!(
        row("throughput_toks_per_s", "c16"),
        json!({"metric": "throughput_toks_per_s", "place": "c16", "tolerance": "3 %", "source": "default", "rule": null, "waiver": 1})
    );
    assert_eq!(
        said["rows"].as_array().expect("rows").len(),
        judgement.rows.len()
    );
    // The third is of another model and none of this.
    assert_eq!(said["rules_without_a_row"], json!([2]));
    assert_eq!(said["demands"]["waivers"][0]["owner"], "ada");
    assert_eq!(said["demands"]["inconclusive"], "fail");
}

/// What replaces a baseline must be certainly no worse, whatever a policy file lets pass otherwise.
#[test]
fn a_promotion_only_goes_forward() {
    for (verdict, trials, expected) in [
        ("RED headline", false, "fail 1"),
        ("RED headline", true, "fail 1"),
        ("YELLOW few", false, "inconclusive 3"),
        ("YELLOW few", true, "fail 1"),
        ("YELLOW lost", false, "inconclusive 3"),
        ("YELLOW lost", true, "fail 1"),
        ("GREEN none", false, "inconclusive 3"),
        ("GREEN none", true, "pass 0"),
        ("NO_VERDICT not-comparable", true, "inconclusive 3"),
    ] {
        let (baseline, current) = pair(verdict, trials);
        let choice = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let request = Request {
            choices: vec![choice("gate", "forward"), choice("inconclusive", "fail")],
            ..file(&json!({"require_tier": "draft", "fail_on": "red", "inconclusive": "pass"}))
        };
        let judgement = judge_as(&baseline, &current, &request);
        assert_eq!(said(&judgement), verdict);
        assert_eq!(decided(&judgement), expected, "{verdict} {trials}");
    }
}
