//! The policy file: what it may say, what wins, and what is refused.

use crate::documents::{codes, document, judge_as, level_set, row, status};
use perfbridge_guest::fault::{Code, Fault};
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

fn refused(text: &Value) -> Fault {
    let fault = Policy::new(&file(text)).expect_err("refused");
    assert_eq!(fault.code, Code::Usage, "{fault}");
    fault
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
fn what_is_no_policy_is_refused_with_its_key() {
    let waiver = |changes: &[(&str, Value)]| {
        let mut one = json!({"metric": "ttft", "place": "c16", "reason": "r", "owner": "o", "expires": "2027-01-31"});
        for (key, value) in changes {
            one[*key] = value.clone();
        }
        one.as_object_mut()
            .expect("a table")
            .retain(|_, value| !value.is_null());
        json!({"waiver": [one]})
    };
    let long = "x".repeat(301);
    for (text, place, said) in [
        (
            json!({"tolerances": {}}),
            "policy: tolerances",
            "found the key \"tolerances\", which does not exist here. Did you mean tolerance? The keys are: schema, headline_level",
        ),
        (
            json!({"schema": "perfbridge_policy_v2"}),
            "policy: schema",
            "found \"perfbridge_policy_v2\"; expected \"perfbridge_policy_v1\"",
        ),
        (
            json!({"headline_level": true}),
            "policy: headline_level",
            "found true; expected a concurrency such as 16",
        ),
        (
            json!({"headline_level": "server"}),
            "policy: headline_level",
            "the headline level is server",
        ),
        (
            json!({"vary": 3}),
            "policy: vary",
            "found 3; expected a list",
        ),
        (
            json!({"vary": [3]}),
            "policy: vary[1]",
            "found 3; expected a text",
        ),
        (
            json!({"vary": ["quantisation"]}),
            "policy: vary",
            "Did you mean quantization?",
        ),
        (
            json!({"observe_tails": 1}),
            "policy: observe_tails",
            "found 1; expected true or false",
        ),
        (
            json!({"baseline_max_age_days": -1}),
            "policy: baseline_max_age_days",
            "found -1; expected a finite number of days from 0 on",
        ),
        (
            json!({"min_effect": "1"}),
            "policy: min_effect",
            "found \"1\"; expected a finite number of percent from 0 on",
        ),
        (
            json!({"tolerance": 3}),
            "policy: tolerance",
            "found 3; expected a table of keys",
        ),
        (
            json!({"tolerance": {"tp": 3}}),
            "policy: tolerance.tp",
            "there is no metric \"tp\" with a tolerance. Did you mean tps?",
        ),
        (
            json!({"tolerance": {"ttft@c0": 3}}),
            "policy: tolerance.ttft@c0",
            "found the place \"c0\"; expected a concurrency such as c4",
        ),
        (
            json!({"tolerance": {"ttft": true}}),
            "policy: tolerance.ttft",
            "found \"true\"; expected a finite number from 0 on, in percent",
        ),
        (
            json!({"tolerance": {"kernel_class_gpu_pct": {"a": -3}}}),
            "policy: tolerance.kernel_class_gpu_pct.a",
            "found \"-3\"; expected a finite number from 0 on, in points",
        ),
        (
            json!({"tolerance": {"ttft": {"percent": 5}}}),
            "policy: tolerance.ttft",
            "found no floor here; expected it",
        ),
        (
            json!({"tolerance": {"ttft": {"percent": 5, "flor": 1}}}),
            "policy: tolerance.ttft.flor",
            "Did you mean floor? The keys are: percent, floor",
        ),
        (
            json!({"tolerance": {"ttft": {"percent": 5, "floor": -1}}}),
            "policy: tolerance.ttft.floor",
            "expected a finite number of ms from 0 on",
        ),
        (
            json!({"tolerance": {"hit-rate": {"percent": 5, "floor": 1}}}),
            "policy: tolerance.hit-rate",
            "expected a number of points: prefix_cache_hit_rate_post is compared in points",
        ),
        (
            json!({"rule": {}}),
            "policy: rule",
            "found an object; expected a list",
        ),
        (
            json!({"rule": [{"tolerance": 5}]}),
            "policy: rule[1]",
            "found no metric here; expected it",
        ),
        (
            json!({"rule": [{"metric": "ttft", "tolerance": 5}, {"metric": "ttft"}]}),
            "policy: rule[2]",
            "found no tolerance here",
        ),
        (
            json!({"rule": [{"metric": "ttft@c4", "tolerance": 5}]}),
            "policy: rule[1].metric",
            "expected a metric alone",
        ),
        (
            json!({"rule": [{"metric": "ttft", "place": "16/m", "tolerance": 5}]}),
            "policy: rule[1].place",
            "found the place \"16/m\"",
        ),
        (
            json!({"rule": [{"metric": "ttft", "place": [], "tolerance": 5}]}),
            "policy: rule[1].place",
            "found a list; expected a place such as",
        ),
        (
            json!({"rule": [{"metric": "ttft", "modle": "x", "tolerance": 5}]}),
            "policy: rule[1].modle",
            "Did you mean model?",
        ),
        (
            json!({"rule": [{"metric": "ttft", "model": "", "tolerance": 5}]}),
            "policy: rule[1].model",
            "expected a text of 1 to 300 characters",
        ),
        (
            json!({"rule": vec![json!({"metric": "ttft", "tolerance": 5}); 1001]}),
            "policy: rule",
            "expected a list of at most 1000, not of 1001",
        ),
        (
            json!({"fail_on": "green"}),
            "policy: fail_on",
            "found \"green\"; expected red, yellow",
        ),
        (
            json!({"require_tier": "DRAFT"}),
            "policy: require_tier",
            "found \"DRAFT\"; expected verdict, draft",
        ),
        (
            json!({"inconclusive": "skip"}),
            "policy: inconclusive",
            "found \"skip\"; expected fail, pass, neutral",
        ),
        (
            json!({"ratchet": "yes"}),
            "policy: ratchet",
            "found \"yes\"; expected true or false",
        ),
        (
            json!({"sol_pct": {}}),
            "policy: sol_pct",
            "expected min, max_loss or both",
        ),
        (
            json!({"sol_pct": {"minimum": 3}}),
            "policy: sol_pct.minimum",
            "The keys are: min, max_loss",
        ),
        (
            json!({"sol_pct": {"min": null}}),
            "policy: sol_pct.min",
            "found null; expected a finite number of percent",
        ),
        (
            waiver(&[("metric", Value::Null)]),
            "policy: waiver[1]",
            "found no metric here",
        ),
        (
            waiver(&[("place", Value::Null)]),
            "policy: waiver[1]",
            "found no place here",
        ),
        (
            waiver(&[("reason", Value::Null)]),
            "policy: waiver[1]",
            "found no reason here",
        ),
        (
            waiver(&[("owner", Value::Null)]),
            "policy: waiver[1]",
            "found no owner here",
        ),
        (
            waiver(&[("expires", Value::Null)]),
            "policy: waiver[1]",
            "found no expires here",
        ),
        (
            waiver(&[("reason", json!(" "))]),
            "policy: waiver[1].reason",
            "expected a text of 1 to 300 characters",
        ),
        (
            waiver(&[("reason", json!("a\n::error::b"))]),
            "policy: waiver[1].reason",
            "expected a text of 1 to 300 characters in one line",
        ),
        (
            waiver(&[("owner", json!("a\u{1b}[31m"))]),
            "policy: waiver[1].owner",
            "in one line",
        ),
        (
            waiver(&[("owner", json!(long))]),
            "policy: waiver[1].owner",
            "expected a text of 1 to 300 characters",
        ),
        (
            waiver(&[("expires", json!("2027-02-29"))]),
            "policy: waiver[1].expires",
            "found \"2027-02-29\"; expected the last day on which it holds",
        ),
        (
            waiver(&[("expires", json!("soon"))]),
            "policy: waiver[1].expires",
            "for instance 2027-01-31",
        ),
        (
            waiver(&[("expires", json!("2027-01-31T10:00:00Z"))]),
            "policy: waiver[1].expires",
            "for instance 2027-01-31",
        ),
    ] {
        let fault = refused(&text);
        assert_eq!(fault.place.as_deref(), Some(place), "{fault}");
        assert!(fault.message.contains(said), "{fault}");
    }
}

#[test]
fn what_is_no_json_object_is_refused() {
    for (text, code, said) in [
        ("[]", Code::NotUnderstood, "expected an object"),
        ("{\"vary\": [", Code::Damaged, "The file was cut"),
        ("{\"vary\": [], \"vary\": []}", Code::Conflict, "twice"),
        ("{\"min_effect\": NaN}", Code::BadValue, "found NaN"),
    ] {
        let request = Request {
            file: Some(text.to_owned()),
            ..Request::default()
        };
        let fault = Policy::new(&request).expect_err("refused");
        assert_eq!(fault.code, code, "{fault}");
        assert!(fault.message.contains(said), "{fault}");
        assert!(fault.place.expect("a place").starts_with("policy"));
    }
}

#[test]
fn a_choice_that_does_not_exist_is_refused() {
    for ((key, value), said) in [
        (("fail-on", "red"), "Did you mean fail_on?"),
        (("inconclusive", "maybe"), "expected fail, pass, neutral"),
        (("gate", "false"), "expected true"),
        (("waiver", "x"), "The keys are: fail_on, require_tier"),
    ] {
        let request = Request {
            choices: vec![(key.to_owned(), value.to_owned())],
            ..Request::default()
        };
        let fault = Policy::new(&request).expect_err("refused");
        assert!(fault.message.contains(said), "{fault}");
    }
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
