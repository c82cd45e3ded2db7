//! What makes two runs comparable.

use crate::documents::{
    changed, document, judge, judge_as, level_set, places, said, with, without,
};
use perfbridge_guest::judge::policy::{Policy, Request};
use serde_json::{Value, json};

/// The identity of the design, retyped: name and where it stands.
const FIELDS: [(&str, &str); 14] = [
    ("model", "/model"),
    ("quantization", "/deployment/quantization"),
    ("tensor_parallel_size", "/deployment/tensor_parallel_size"),
    ("data_parallel_size", "/deployment/data_parallel_size"),
    (
        "pipeline_parallel_size",
        "/deployment/pipeline_parallel_size",
    ),
    ("expert_parallel_size", "/deployment/expert_parallel_size"),
    ("kv_cache_dtype", "/deployment/kv_cache_dtype"),
    ("speculative_decoding", "/deployment/speculative_decoding"),
    ("hardware", "/context/hardware"),
    ("delivery", "/context/delivery"),
    ("dataset", "/workload/dataset"),
    ("split", "/workload/split"),
    ("input_token_band", "/workload/input_token_band"),
    ("output_token_band", "/workload/output_token_band"),
];

/// Another value of the same type.
fn other(document: &Value, pointer: &str) -> Value {
    match document.pointer(pointer) {
        Some(Value::String(text)) => json!(format!("{text}-other")),
        Some(Value::Number(_)) => json!(17),
        found => panic!("{pointer}: {found:?}"),
    }
}

fn vary(names: &[&str]) -> Request {
    Request {
        vary: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Request::default()
    }
}

#[test]
fn each_field_alone_makes_two_runs_incomparable() {
    for (name, pointer) in FIELDS {
        let current = changed(&[(pointer, other(&document(), pointer))]);
        let judgement = judge(&document(), &current);
        assert_eq!(said(&judgement), "NO_VERDICT not-comparable", "{name}");
        assert_eq!(judgement.identity.mismatched, [name]);
        assert!(judgement.reason.contains(name), "{}", judgement.reason);
        assert_eq!(places(&judgement, "IDENTITY_MISMATCH").len(), 1, "{name}");
        assert!(
            judgement.recommendation.contains("as varied"),
            "{}",
            judgement.recommendation
        );
        // The rows are there all the same.
        assert!(!judgement.rows.is_empty());
    }
}

#[test]
fn each_field_can_be_declared_as_what_was_changed() {
    for (name, pointer) in FIELDS {
        let current = changed(&[(pointer, other(&document(), pointer))]);
        let judgement = judge_as(&document(), &current, &vary(&[name]));
        assert_eq!(said(&judgement), "GREEN none", "{name}");
        assert_eq!(judgement.identity.varied, [name]);
        assert!(judgement.identity.mismatched.is_empty());
        // Another field's declaration does not help.
        let another = if name == "model" { "split" } else { "model" };
        let judgement = judge_as(&document(), &current, &vary(&[another]));
        assert_eq!(said(&judgement), "NO_VERDICT not-comparable", "{name}");
    }
    let two = changed(&[
        ("/deployment/quantization", json!("NVFP4")),
        ("/context/hardware", json!("GB300")),
    ]);
    let judgement = judge_as(&document(), &two, &vary(&["quantization", "hardware"]));
    assert_eq!(said(&judgement), "GREEN none");
    let judgement = judge_as(&document(), &two, &vary(&["quantization"]));
    assert_eq!(judgement.identity.mismatched, ["hardware"]);
}

#[test]
fn known_on_one_side_is_a_warning() {
    for (name, pointer) in FIELDS.into_iter().filter(|(name, _)| *name != "model") {
        let unknown = changed(&[(pointer, Value::Null)]);
        for (baseline, current) in [(&unknown, &document()), (&document(), &unknown)] {
            let judgement = judge(baseline, current);
            assert_eq!(said(&judgement), "GREEN none", "{name}");
            assert_eq!(judgement.identity.unknown, [name, "load"]);
            assert_eq!(
                places(&judgement, "IDENTITY_UNKNOWN"),
                [pointer[1..].replace('/', ".")]
            );
        }
        // Unknown on both sides: listed, no warning.
        let judgement = judge(&unknown, &unknown);
        assert_eq!(judgement.identity.unknown, [name, "load"]);
        assert!(places(&judgement, "IDENTITY_UNKNOWN").is_empty());
    }
}

#[test]
fn how_a_value_is_written_does_not_matter() {
    let current = changed(&[
        ("/deployment/quantization", json!(" fp8 ")),
        ("/deployment/tensor_parallel_size", json!(8.0)),
        ("/deployment/data_parallel_size", json!("2")),
    ]);
    assert_eq!(said(&judge(&document(), &current)), "GREEN none");
    let not = changed(&[("/deployment/quantization", json!("FP8-dynamic"))]);
    assert_eq!(said(&judge(&document(), &not)), "NO_VERDICT not-comparable");
}

#[test]
fn mean_lengths_within_five_percent() {
    for (name, field, base) in [("isl", "isl_mean", 1000.0), ("osl", "osl_mean", 100.0)] {
        for sign in [1.0, -1.0] {
            let at = |percent: f64| {
                let length = base * (1.0 + sign * percent / 100.0);
                judge(&document(), &level_set(document(), "4", &[field], length))
            };
            for within in [5.0, 4.99] {
                assert!(at(within).identity.mismatched.is_empty(), "{name}");
            }
            let beyond = at(5.01);
            assert_eq!(said(&beyond), "NO_VERDICT not-comparable", "{name}");
            assert_eq!(beyond.identity.mismatched, [name]);
        }
        let length = level_set(document(), "4", &[field], base * 2.0);
        let declared = judge_as(&document(), &length, &vary(&[name]));
        // As many tokens a second of outputs twice as long are half as many requests.
        let expected = if name == "isl" {
            "GREEN none"
        } else {
            "YELLOW unresolved"
        };
        assert_eq!(said(&declared), expected);
        assert_eq!(declared.identity.varied, [name]);
    }
    // The share is of the baseline's: 100 -> 95 and 95 -> 99.75 are 5 %, 95 -> 100 is more.
    let short = level_set(document(), "4", &["osl_mean"], 95.0);
    assert_eq!(said(&judge(&document(), &short)), "GREEN none");
    assert_eq!(
        said(&judge(&short, &document())),
        "NO_VERDICT not-comparable"
    );
}

/// The last of the common levels counts as much as the first, and levels of one side only do not count.
#[test]
fn mean_lengths_of_every_common_level() {
    let long = level_set(document(), "16", &["osl_mean"], 200.0);
    let judgement = judge(&document(), &long);
    assert_eq!(
        places(&judgement, "IDENTITY_MISMATCH"),
        ["metrics.16.osl_mean"]
    );
    let lonely = with(
        document(),
        &[("/metrics/64", json!({"osl_mean": 5000.0, "isl_mean": 9.0}))],
    );
    assert_eq!(said(&judge(&document(), &lonely)), "GREEN none");
    let one_sided = without(document(), "/metrics/16", "osl_mean");
    let judgement = judge(&one_sided, &long);
    assert_eq!(said(&judgement), "GREEN none");
    assert_eq!(places(&judgement, "IDENTITY_UNKNOWN"), ["osl"]);
}

#[test]
fn what_may_differ_is_listed_as_changed() {
    let current = changed(&[
        ("/model_path", json!("fork/m")),
        ("/deployment/vllm_version", json!("0.33.0")),
        ("/deployment/namespace", json!("other")),
        ("/deployment/cluster", json!("dev-b")),
        ("/deployment/service", json!("svc")),
        ("/context/max_num_seqs", json!(4)),
        ("/context/image", json!("registry/vllm:1")),
        ("/context/prefix_caching", json!("off")),
    ]);
    let judgement = judge(&document(), &current);
    assert_eq!(said(&judgement), "GREEN none");
    let fields: Vec<&str> = judgement
        .changed
        .iter()
        .map(|change| change.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "model_path",
            "deployment.namespace",
            "deployment.cluster",
            "deployment.service",
            "deployment.vllm_version",
            "context.max_num_seqs",
            "context.prefix_caching",
            "context.image",
        ]
    );
    let version = &judgement.changed[4];
    assert_eq!(
        (&version.baseline, &version.current),
        (&json!("0.32.0"), &json!("0.33.0"))
    );
    assert_eq!(judgement.changed[5].baseline, Value::Null);
    assert!(judge(&document(), &document()).changed.is_empty());
}

/// The number of prompts is that of the headline's place. Where a side lost it, the other place's number is no change.
#[test]
fn prompts_of_another_place_are_no_change() {
    let of = |prompts: u32| changed(&[("/context/num_prompts", json!(prompts))]);
    let [many, few] = [of(256), of(128)];
    let judgement = judge(&many, &few);
    assert_eq!(judgement.changed[0].field, "context.num_prompts");
    let lost = without(few, "/metrics", "16");
    assert!(judge(&many, &lost).changed.is_empty());
}

#[test]
fn vary_takes_exactly_the_identity_names() {
    let mut names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
    names.extend(["load", "isl", "osl"]);
    for name in names {
        assert!(Policy::new(&vary(&[name])).is_ok(), "{name}");
    }
    for (name, hint) in [
        ("quantisation", "Did you mean quantization? "),
        (
            "vllm_version",
            "which is no identity field. The identity fields are: ",
        ),
        ("Model", "Did you mean model?"),
        ("deployment.quantization", "no identity field"),
        ("", "no identity field"),
    ] {
        let fault = Policy::new(&vary(&[name])).expect_err(name);
        assert!(fault.message.contains(hint), "{name}: {fault}");
        assert!(fault.message.contains("tensor_parallel_size"), "{fault}");
    }
}

/// The limit of a rate is none of its kind: it is listed as changed, also where one side has none. The number in flight of
/// a closed loop is the place.
#[test]
fn the_limit_of_a_rate_is_a_change() {
    let of = |load: &Value| changed(&[("/metrics/16/load", load.clone())]);
    let limited = |limit: Value| json!({"kind": "rate", "request_rate": 2.0, "concurrency": limit});
    for (a, b) in [(json!(64), json!(4)), (Value::Null, json!(4))] {
        let judgement = judge(&of(&limited(a.clone())), &of(&limited(b.clone())));
        assert!(judgement.identity.mismatched.is_empty());
        let told = judgement.changed.iter();
        let told: Vec<_> = told
            .map(|change| (change.field.as_str(), &change.baseline, &change.current))
            .collect();
        assert_eq!(told, [("metrics.16.load.concurrency", &a, &b)]);
        assert!(
            judge(&of(&limited(a.clone())), &of(&limited(a)))
                .changed
                .is_empty()
        );
    }
    let closed = |level: u32| json!({"kind": "closed", "concurrency": level});
    assert!(judge(&of(&closed(16)), &of(&closed(17))).changed.is_empty());
}

/// Closed against open, another burstiness or another trace is another load; the concurrency is the place.
#[test]
fn the_load_of_each_common_place() {
    let of = |load: Value| changed(&[("/metrics/16/load", load)]);
    let closed = || json!({"kind": "closed", "concurrency": 16});
    let rate =
        |burstiness: Value| json!({"kind": "rate", "request_rate": 2.0, "burstiness": burstiness});
    let users =
        |users: u32| json!({"kind": "user-centric", "request_rate": 2.0, "concurrency": users});
    let trace = |name: &str| json!({"kind": "schedule", "schedule": name});
    for (a, b) in [
        (closed(), rate(json!(1.0))),
        (rate(json!(1.0)), rate(json!(2.0))),
        (trace("a"), trace("b")),
        (closed(), json!({"kind": "user-centric"})),
        (users(20), users(40)),
    ] {
        let judgement = judge(&of(a.clone()), &of(b.clone()));
        assert_eq!(said(&judgement), "NO_VERDICT not-comparable");
        assert_eq!(judgement.identity.mismatched, ["load"]);
        assert_eq!(places(&judgement, "IDENTITY_MISMATCH"), ["metrics.16.load"]);
        let declared = judge_as(&of(a.clone()), &of(b), &vary(&["load"]));
        assert_eq!(declared.identity.varied, ["load"]);
        let judgement = judge(&of(a.clone()), &of(a));
        assert!(judgement.identity.matched.contains(&"load".to_owned()));
    }
    let judgement = judge(&of(users(20)), &of(users(40)));
    let told = judgement.findings.iter();
    let told = told.filter(|finding| finding.code.as_str() == "IDENTITY_MISMATCH");
    let told: Vec<&str> = told.map(|finding| finding.message.as_str()).collect();
    let expected = "baseline user-centric, 20 users, current user-centric, 40 users";
    assert!(told[0].starts_with(expected), "{told:?}");
    // Known on one side, of one side's place, or in part: a warning.
    for (a, b) in [
        (of(closed()), document()),
        (of(rate(json!(1.0))), of(rate(Value::Null))),
    ] {
        let judgement = judge(&a, &b);
        assert_eq!(said(&judgement), "GREEN none");
        assert_eq!(places(&judgement, "IDENTITY_UNKNOWN"), ["load"]);
        assert!(
            judgement
                .promote
                .join("\n")
                .contains("known on both sides: load")
        );
    }
    // Nobody says it: no warning.
    let judgement = judge(&document(), &document());
    assert!(judgement.identity.unknown.contains(&"load".to_owned()));
    assert!(places(&judgement, "IDENTITY_UNKNOWN").is_empty());
}
