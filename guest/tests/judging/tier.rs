//! How much a judgement can carry, tails, speed of light, and the next lever.

use crate::documents::{changed, codes, document, judge, judge_as, tolerances, with};
use crate::trials::{merged, runs};
use perfbridge_guest::fault::Sub;
use perfbridge_guest::judge::policy::{Policy, Request};
use serde_json::{Value, json};

#[test]
fn one_run_a_side_is_a_draft_that_says_what_it_lacks() {
    let judgement = judge(&document(), &document());
    assert_eq!(judgement.tier.as_str(), "DRAFT");
    let promote = judgement.promote.join("\n");
    for needed in [
        "at least 3 trials of the baseline (it has 1); give each run of it",
        "at least 3 trials of the current run (it has 1); give each run of it",
        "a known noise of the headline",
    ] {
        assert!(promote.contains(needed), "{promote}");
    }
    for row in &judgement.rows {
        assert_eq!(row.known.noise, None);
    }
    // The same cluster is the same cohort; without one it is asked for.
    assert!(!promote.contains("same node"), "{promote}");
    let nowhere = changed(&[("/deployment/cluster", Value::Null)]);
    let promote = judge(&nowhere, &nowhere).promote.join("\n");
    assert!(
        promote.contains("state context.same_node=true"),
        "{promote}"
    );
}

fn captured(time: &str) -> Value {
    with(
        document(),
        &[("/provenance", json!({ "captured_at": time }))],
    )
}

fn aged(days: f64) -> Request {
    Request {
        baseline_max_age_days: Some(days),
        ..Request::default()
    }
}

/// A baseline of 30 days is not old, a day later it is; the policy may say otherwise.
#[test]
fn an_old_baseline_is_a_draft() {
    let current = captured("2026-11-20T10:00:00Z");
    for (time, days, old) in [
        ("2026-10-21T10:00:00Z", 30.0, false),
        ("2026-10-21T09:59:59Z", 30.0, true),
        ("2026-10-21T09:59:59Z", 31.0, false),
        ("2026-11-19T10:00:00Z", 0.5, true),
    ] {
        let judgement = judge_as(&captured(time), &current, &aged(days));
        assert_eq!(codes(&judgement).contains(&"BASELINE_OLD"), old, "{time}");
        let needed = judgement.promote.join("\n");
        assert_eq!(needed.contains("record a new one"), old, "{needed}");
    }
    let judgement = judge(&captured("2026-10-21T09:59:59Z"), &current);
    assert!(codes(&judgement).contains(&"BASELINE_OLD"));
    for days in [f64::NAN, -1.0, f64::INFINITY] {
        let fault = Policy::new(&aged(days)).expect_err("refused");
        assert_eq!(fault.sub, Some(Sub::ToleranceInvalid));
        assert!(
            fault.message.starts_with("baseline_max_age_days: found "),
            "{fault}"
        );
        assert!(
            fault
                .message
                .ends_with("expected a finite number of days from 0 on")
        );
    }
}

/// With zones any later start is newer; without them only by more than the 26 hours that zones can be apart.
#[test]
fn a_baseline_that_came_after_the_run_is_a_draft() {
    let newer = |baseline: &str, current: &str| {
        let judgement = judge(&captured(baseline), &captured(current));
        let needed = judgement.promote.join("\n");
        let newer = codes(&judgement).contains(&"BASELINE_IS_NEWER");
        assert_eq!(needed.contains("measured before the current run"), newer);
        newer
    };
    assert!(newer("2026-11-20T10:00:01Z", "2026-11-20T10:00:00Z"));
    assert!(!newer("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"));
    assert!(!newer("2026-11-21T12:00:00", "2026-11-20T10:00:00"));
    assert!(newer("2026-11-21T12:00:01", "2026-11-20T10:00:00"));
}

/// A wider tolerance is told in every judgement, and buys no quieter machine.
#[test]
fn a_widened_tolerance_is_told() {
    let code = "TOLERANCE_WIDENED";
    for (value, widened) in [("3", false), ("2", false), ("3.1", true)] {
        let judgement = judge_as(&document(), &document(), &tolerances(&[("tps", value)]));
        let found = crate::documents::places(&judgement, code);
        assert_eq!(found.is_empty(), !widened, "{value}");
    }
    let judgement = judge_as(&document(), &document(), &tolerances(&[("tps", "9")]));
    let mut told = judgement.findings.iter();
    let told = told.find(|finding| finding.code.as_str() == code);
    assert_eq!(
        told.expect("told").message,
        "the tolerance in force is 9 %, the default is 3 %"
    );
    // Runs that differ by 4 % show no loss of 3 %, however wide the tolerance is.
    let restless = merged(&runs(&[100.0, 104.0, 96.0]));
    let other = merged(&runs(&[100.1, 103.9, 96.2]));
    let judgement = judge_as(&restless, &other, &tolerances(&[("tps", "50")]));
    let needed = judgement.promote.join("\n");
    assert!(needed.contains("below its default tolerance"), "{needed}");
    assert!(needed.contains("against 3 %"), "{needed}");
}

/// One number of trials in every output: of what is hidden, else of the tolerance of the headline.
#[test]
fn one_advice_on_trials() {
    let restless = merged(&runs(&[100.0, 102.0, 98.0]));
    let other = merged(&runs(&[100.1, 101.9, 98.2]));
    let judgement = judge(&restless, &other);
    assert_eq!(judgement.rule.as_str(), "none");
    let advice = &judgement.recommendation;
    assert!(
        advice.starts_with("no inference perf regression detected. The smallest loss of throughput at concurrency 16 that these runs could have shown is "),
        "{advice}"
    );
    assert!(
        advice.contains("would show a loss of the tolerance, 3 %")
            || advice.contains("only a quieter setting"),
        "{advice}"
    );
    let trials: Vec<u32> = advice
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    assert!(trials.iter().all(|number| *number <= 20), "{advice}");
}

/// Each run of each side by its name, hash and start.
#[test]
fn a_judgement_lists_its_runs() {
    let run = |id: &str, throughput: f64| {
        with(
            document(),
            &[
                ("/metrics/16/throughput_toks_per_s", json!(throughput)),
                ("/metrics/16/run_id", json!(id)),
                ("/metrics/4/run_id", json!(id)),
                ("/metrics/16/start_time", json!("2026-11-20T10:00:00Z")),
                ("/provenance", json!({"bundle_sha256": id.repeat(32)})),
            ],
        )
    };
    let judgement = judge(
        &merged(&[run("a1", 100.0), run("b2", 101.0)]),
        &run("c3", 99.0),
    );
    let runs = serde_json::to_value(&judgement.runs).expect("JSON");
    let expected = |side: &str, name: &str, id: &str| json!({"side": side, "name": name, "run_id": id, "bundle_sha256": id.repeat(32), "start_time": "2026-11-20T10:00:00Z"});
    let all = [
        expected("baseline", "baseline trial 1", "a1"),
        expected("baseline", "baseline trial 2", "b2"),
        expected("current", "current", "c3"),
    ];
    assert_eq!(runs, json!(all));
}

/// The tolerance of throughput is 3 %: of 100.1, 3 is within it and 3.1 is not. 1000 requests a run carry 10 errors more
/// within a point, and 11 not. An older document does not say by how much its files differ.
#[test]
fn files_of_one_run_that_differ_beyond_tolerance_stay_a_draft() {
    let side = |first: f64, told: Option<(&str, Option<f64>)>| {
        let mut all = runs(&[first, first + 0.3, first - 0.3]);
        if let Some((name, by)) = told {
            let place = format!("metrics.16.{name}");
            let finding = json!({"code": "SOURCES_DISAGREE", "severity": "warning", "message": "a has 1, b has 2", "where": place});
            all[1]["findings"] = json!([finding]);
            all[1]["sources"]["16"][name]["disagrees_by"] = json!(by);
        }
        merged(&all)
    };
    for (name, by, tier) in [
        ("throughput_toks_per_s", Some(3.0), "VERDICT"),
        ("throughput_toks_per_s", Some(3.1), "DRAFT"),
        ("throughput_toks_per_s", None, "DRAFT"),
        ("errors", Some(10.0), "VERDICT"),
        ("errors", Some(11.0), "DRAFT"),
        // No number that is judged.
        ("requests_per_s", None, "VERDICT"),
    ] {
        let [clean, told] = [side(100.0, None), side(100.1, Some((name, by)))];
        for (sides, which) in [
            ([&clean, &told], "current run"),
            ([&told, &clean], "baseline"),
        ] {
            let judgement = judge(sides[0], sides[1]);
            assert_eq!(
                judgement.tier.as_str(),
                tier,
                "{name} {by:?} {which} {:?}",
                judgement.promote
            );
            if tier == "DRAFT" {
                let needed = format!(
                    "files of one run that agree within the tolerances: metrics.16.{name} of the {which}"
                );
                assert_eq!(judgement.promote, [needed]);
            }
        }
    }
}

/// Which of two values was measured is not known. Of what is no part of the identity the first is good enough.
#[test]
fn files_that_disagree_about_the_identity_keep_a_draft() {
    let side = |code: &str, path: &str, values: [f64; 3]| {
        let found =
            json!([{"code": code, "severity": "warning", "where": path, "message": "fp8, auto"}]);
        let all = runs(&values).into_iter();
        merged(
            &all.map(|run| with(run, &[("/findings", found.clone())]))
                .collect::<Vec<_>>(),
        )
    };
    let baseline = merged(&runs(&[100.0, 100.4, 99.7]));
    let path = "deployment.kv_cache_dtype";
    for code in ["CONTEXT_DISAGREES", "SERVER_CONFIG_DIFFERS"] {
        let judgement = judge(&baseline, &side(code, path, [100.1, 100.3, 99.8]));
        assert_eq!(judgement.tier.as_str(), "DRAFT", "{code}");
        let places = [1, 2, 3].map(|trial| format!("current: trial {trial}: {path}"));
        let need = format!("files of one run that agree in: {}", places.join(", "));
        assert_eq!(judgement.promote, [need]);
        let beside = side(code, "context.block_size", [100.1, 100.3, 99.8]);
        assert_eq!(judge(&baseline, &beside).tier.as_str(), "VERDICT");
    }
}
