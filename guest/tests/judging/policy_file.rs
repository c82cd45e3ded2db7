//! The policy file: what it may say, and what wins.

use crate::documents::{codes, document, judge_as, level_set, row, status};
use perfbridge_guest::judge::policy::{Origin, Policy, Request, Written};
use perfbridge_guest::judge::status::Status;
use perfbridge_guest::judge::tolerance::matches;
use serde_json::{Value, json};

pub fn file(text: &Value) -> Request {
    Request {
        file: Some(text.to_string()),
        ..Request::default()
    }
}

/// The tolerance in force, and where it is from, of a document against itself.
fn in_force(request: &Request, metric: &str, level: &str) -> (f64, String) {
    let judgement = judge_as(&document(), &document(), request);
    let row = row(&judgement, metric, level);
    (row.tolerance, row.applied.source(row.metric))
}

fn from(text: &str) -> String {
    text.to_owned()
}

#[test]
fn today_s_keys_mean_what_they_meant() {
    let request = file(&json!({
        "schema": "perfbridge_policy_v1",
        "headline_level": 4,
        "vary": ["quantization"],
        "observe_tails": true,
        "baseline_max_age_days": 14,
        "tolerance": {"ttft_p95_ms": 12, "hit-rate": "3", "itl": "4%", "ttft@c4": 8, "kernel_class_gpu_pct": {"fp8_bmm": 4}},
    }));
    let policy = Policy::new(&request).expect("a policy");
    assert_eq!(policy.headline.expect("a place").key(), "4");
    assert_eq!(policy.vary, ["quantization"]);
    assert!(policy.observe_tails);
    assert_eq!(policy.baseline_max_age_days(), 14.0);
    for (metric, level, value, source) in [
        ("ttft_p95_ms", "4", 12.0, "policy"),
        ("prefix_cache_hit_rate_post", "server", 0.03, "policy"),
        ("itl_p50_ms", "16", 4.0, "policy"),
        ("ttft_p50_ms", "4", 8.0, "policy"),
        ("ttft_p50_ms", "16", 5.0, "default"),
        ("kernel_class_gpu_pct.fp8_bmm", "profile", 4.0, "policy"),
        (
            "kernel_class_gpu_pct.mla_attention",
            "profile",
            3.0,
            "default",
        ),
    ] {
        assert_eq!(
            in_force(&request, metric, level),
            (value, from(source)),
            "{metric} at {level}"
        );
    }
}

/// Default, then the table, then rules of which the last that matches counts, then the command line.
#[test]
fn the_last_matching_rule_wins_and_the_command_line_over_it() {
    let mut request = file(&json!({
        "tolerance": {"ttft": 6, "ttft@c4": 7},
        "rule": [
            {"metric": "ttft_p50_ms", "tolerance": 8},
            {"metric": "ttft", "place": "c16", "model": "m*", "tolerance": 9},
            {"metric": "ttft", "place": 16, "model": "other-*", "tolerance": 10},
            {"metric": "kernel_class_gpu_pct", "tolerance": 5},
        ],
    }));
    assert_eq!(
        in_force(&request, "ttft_p50_ms", "4"),
        (8.0, from("policy, rule 1"))
    );
    assert_eq!(
        in_force(&request, "ttft_p50_ms", "16"),
        (9.0, from("policy, rule 2"))
    );
    assert_eq!(
        in_force(&request, "kernel_class_gpu_pct.fp8_bmm", "profile"),
        (5.0, from("policy, rule 4"))
    );
    let typed = |metric: &str, value: &str| Written {
        metric: metric.to_owned(),
        value: value.to_owned(),
        origin: Origin::CommandLine,
    };
    request.tolerances = vec![typed("ttft@c4", "2"), typed("ttft", "11")];
    assert_eq!(
        in_force(&request, "ttft_p50_ms", "4"),
        (2.0, from("command-line"))
    );
    assert_eq!(
        in_force(&request, "ttft_p50_ms", "16"),
        (11.0, from("command-line"))
    );
    // The table alone: the place says more than the metric.
    let request = file(&json!({"tolerance": {"ttft@c4": 7, "ttft": 6}}));
    assert_eq!(in_force(&request, "ttft_p50_ms", "4").0, 7.0);
    assert_eq!(in_force(&request, "ttft_p50_ms", "16").0, 6.0);
}

/// 100 ms with 5 % and 8 ms: 8 % counts. 200 ms with the same: 4 % is less than 5 %, which counts.
#[test]
fn a_budget_is_percent_and_floor_together() {
    let budget = file(&json!({"tolerance": {"ttft_p50_ms": {"percent": 5, "floor": 8.0}}}));
    let judged = |before: f64, after: f64| {
        let at = |value| level_set(document(), "16", &["ttft_p50_ms"], value);
        let judgement = judge_as(&at(before), &at(after), &budget);
        let row = row(&judgement, "ttft_p50_ms", "16");
        let widened = codes(&judgement).contains(&"TOLERANCE_WIDENED");
        (
            row.tolerance,
            row.status,
            row.applied.source(row.metric),
            widened,
        )
    };
    let raised = from("policy, raised by the floor of 8 ms");
    assert_eq!(
        judged(100.0, 108.0),
        (8.0, Status::Within, raised.clone(), true)
    );
    assert_eq!(judged(100.0, 108.1), (8.0, Status::Regressed, raised, true));
    let (tolerance, status, source, _) = judged(200.0, 210.1);
    assert_eq!(
        (tolerance, status, source),
        (5.0, Status::Regressed, from("policy"))
    );
    // Of nothing there is no percentage, and none is made up.
    let (tolerance, status, ..) = judged(0.0, 1.0);
    assert_eq!((tolerance, status), (5.0, Status::Unreliable));
    // Next to nothing gives a number all the same.
    assert_eq!(judged(1e-300, 1e-300).0, 1e9);
}

#[test]
fn the_smallest_effect_counts_where_a_tolerance_is_smaller() {
    let request =
        file(&json!({"min_effect": 4, "tolerance": {"ttft": 0, "ttft_p95_ms": 6, "hit-rate": 0}}));
    let raised = from("policy, raised by min_effect 4 %");
    assert_eq!(
        in_force(&request, "ttft_p50_ms", "16"),
        (4.0, raised.clone())
    );
    assert_eq!(
        in_force(&request, "ttft_p95_ms", "16"),
        (6.0, from("policy"))
    );
    // A default of 3 % is smaller too; points are none of percent.
    assert_eq!(in_force(&request, "itl_p50_ms", "16"), (4.0, raised));
    assert_eq!(
        in_force(&request, "prefix_cache_hit_rate_post", "server").0,
        0.0
    );
    let slower = level_set(document(), "16", &["ttft_p50_ms"], 104.0);
    let judgement = judge_as(&document(), &slower, &request);
    assert_eq!(status(&judgement, "ttft_p50_ms", "16"), Status::Within);
    let slower = level_set(document(), "16", &["ttft_p50_ms"], 104.1);
    let judgement = judge_as(&document(), &slower, &request);
    assert_eq!(status(&judgement, "ttft_p50_ms", "16"), Status::Regressed);
}

#[test]
fn patterns() {
    for (pattern, text, is) in [
        ("kimi-*", "kimi-k25", true),
        ("kimi-*", "xkimi-k25", false),
        ("*", "", true),
        ("", "", true),
        ("", "a", false),
        ("?", "", false),
        ("k?mi", "kimi", true),
        ("*/k*5", "org/kimi-k25", true),
        ("*/k*5", "org/kimi-k25x", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("[ab]", "a", false),
        ("Kimi", "kimi", false),
        ("*é?", "caféx", true),
    ] {
        assert_eq!(matches(pattern, text), is, "{pattern} {text}");
    }
    // No pattern takes longer than the product of both lengths.
    let hostile = "*a".repeat(150) + "b";
    assert!(!matches(&hostile, &"a".repeat(10_000)));
}
