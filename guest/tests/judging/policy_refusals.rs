//! What is no policy, and how that is said: at its key, with what was expected.

use crate::policy_file::file;
use perfbridge_guest::fault::{Code, Fault};
use perfbridge_guest::judge::policy::{Policy, Request};
use serde_json::{Value, json};

fn refused(text: &Value) -> Fault {
    let fault = Policy::new(&file(text)).expect_err("refused");
    assert_eq!(fault.code, Code::Usage, "{fault}");
    fault
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
        // Only a caller knows these: a policy that states the day would be a waiver without an end.
        (
            json!({"today": "2026-11-29"}),
            "policy: today",
            "found the key \"today\", which does not exist here",
        ),
        (
            json!({"report_at": "x"}),
            "policy: report_at",
            "found the key \"report_at\", which does not exist here",
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
        (
            ("today", "2027-02-29"),
            "found \"2027-02-29\" as today; expected a day such as 2027-01-31",
        ),
        (
            ("report_at", "/etc/x"),
            "found \"/etc/x\" as report_at; expected a path below the repository",
        ),
        (("report_at", "a\nb"), "as report_at; expected a path"),
        (("report_at", ""), "as report_at; expected a path"),
    ] {
        let request = Request {
            choices: vec![(key.to_owned(), value.to_owned())],
            ..Request::default()
        };
        let fault = Policy::new(&request).expect_err("refused");
        assert!(fault.message.contains(said), "{fault}");
    }
}
