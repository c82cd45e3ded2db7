//! The first rule that applies decides: each rule against its neighbours.

use crate::documents::{
    another_run, changed, document, judge, level, level_set, parse, said, with, without,
};
use crate::trials::merged;
use perfbridge_guest::judge::{self, policy::Policy};
use serde_json::{Value, json};

const THREE: [&str; 3] = ["ttft_p50_ms", "ttft_p95_ms", "ttft_p99_ms"];
const THROUGHPUT: [&str; 1] = ["throughput_toks_per_s"];
const INVALID: &str = "runtime_submission_invalid_reasons: too few requests";

/// Levels 4, 8 and 16, and 64 with so little that only its absence can tell.
fn baseline() -> Value {
    let level = document()["metrics"]["4"].clone();
    changed(&[
        ("/metrics/8", level),
        ("/metrics/64", json!({"errors": 0, "requests": 1000})),
    ])
}

fn lost() -> Value {
    without(baseline(), "/metrics", "64")
}

fn check(current: &Value, expected: &str) {
    assert_eq!(said(&judge(&baseline(), current)), expected);
}

/// The result of one and the same run at every level.
fn of_one_run(document: Value) -> Value {
    let levels = ["4", "8", "16", "64"].map(|level| format!("/metrics/{level}/run_id"));
    let changes = levels.iter().map(|at| (at.as_str(), json!("a1")));
    with(document, &changes.collect::<Vec<_>>())
}

fn failing(document: Value) -> Value {
    with(document, &[("/metrics/8/errors", json!(500))])
}

fn invalid(document: Value) -> Value {
    with(document, &[("/metrics/16/validity", json!([INVALID]))])
}

/// -2 % of throughput: within tolerance, at every level more than half of it.
fn creeping(document: Value) -> Value {
    let levels = ["4", "8", "16"];
    let slower = levels.iter().fold(document, |document, level| {
        level_set(document, level, &THROUGHPUT, 98.0)
    });
    // What is judged by the output length is not.
    slower
}

/// Three trials that differ by a hair, the third with another throughput at 16.
fn trials(document: &Value, third: f64) -> Value {
    let runs: Vec<Value> = [0.0, 0.02, 0.05]
        .iter()
        .enumerate()
        .map(|(at, hair)| {
            let mut run = document.clone();
            for level in ["4", "8", "16"] {
                let value = run["metrics"][level]["throughput_toks_per_s"].as_f64();
                run["metrics"][level]["throughput_toks_per_s"] = json!(value.map(|it| it + hair));
            }
            if at == 2 && third > 0.0 {
                run["metrics"]["16"]["throughput_toks_per_s"] = json!(third);
            }
            run
        })
        .collect();
    merged(&runs)
}

#[test]
fn not_comparable_comes_before_same_run() {
    let same = of_one_run(baseline());
    assert_eq!(said(&judge(&same, &same)), "NO_VERDICT same-run");
    let other = with(same.clone(), &[("/deployment/quantization", json!("BF16"))]);
    assert_eq!(said(&judge(&same, &other)), "NO_VERDICT not-comparable");
}

#[test]
fn same_run_comes_before_failed_level() {
    check(&failing(baseline()), "RED failed-level");
    let (a, b) = (of_one_run(baseline()), failing(of_one_run(baseline())));
    assert_eq!(said(&judge(&a, &b)), "NO_VERDICT same-run");
}

#[test]
fn failed_level_comes_before_invalid_run() {
    check(&invalid(baseline()), "NO_VERDICT invalid-run");
    check(&failing(invalid(baseline())), "RED failed-level");
}

#[test]
fn invalid_run_comes_before_nothing_comparable() {
    let alone = |cell: Value| changed(&[("/metrics", json!({"16": cell}))]);
    let bare = json!({"errors": 0, "requests": 1000});
    let judged = |cell: Value| said(&judge(&alone(level()), &alone(cell)));
    assert_eq!(judged(bare.clone()), "NO_VERDICT nothing-comparable");
    let said_so = with(bare, &[("/validity", json!([INVALID]))]);
    assert_eq!(judged(said_so), "NO_VERDICT invalid-run");
}

#[test]
fn failed_level_comes_before_nothing_comparable() {
    let dead = json!({"errors": 1000, "requests": 1000});
    let current = with(document(), &[("/metrics", json!({"4": dead, "16": dead}))]);
    check(&current, "RED failed-level");
}

/// Three regressed observations of server and errors do not make up for performance that nobody could compare.
#[test]
fn nothing_comparable_comes_before_many() {
    let empty = json!({"errors": 20, "requests": 1000});
    let server = [
        (
            "/server_metrics_delta/prefix_cache_hit_rate_post",
            json!(0.1),
        ),
        (
            "/server_metrics_delta/gpu_cache_usage_perc_peak",
            json!(0.9),
        ),
    ];
    let current = with(
        changed(&[("/metrics", json!({"4": empty, "8": empty, "16": empty}))]),
        &server,
    );
    check(&current, "NO_VERDICT nothing-comparable");
}

#[test]
fn headline_comes_before_severe_and_severe_before_many() {
    let many = THREE.iter().zip(["4", "8", "16"]);
    let many = many.fold(baseline(), |document, (metric, level)| {
        level_set(document, level, &[metric], 120.0)
    });
    check(&many, "RED many");
    let severe = level_set(many, "8", &THROUGHPUT, 84.0);
    check(&severe, "RED severe");
    let headline = level_set(severe, "16", &THROUGHPUT, 50.0);
    check(&headline, "RED headline");
}

/// Two at one level, one at another, and the headline gone: the three are known, so this is RED.
#[test]
fn severe_and_many_come_before_a_lost_headline() {
    let mut many = level_set(baseline(), "4", &THREE[..2], 150.0);
    many = level_set(many, "8", &THREE[..1], 150.0);
    let gone = without(many, "/metrics", "16");
    check(&gone, "RED many");
    let severe = level_set(
        without(baseline(), "/metrics", "16"),
        "4",
        &THROUGHPUT,
        80.0,
    );
    check(&severe, "RED severe");
}

#[test]
fn headline_unmeasured_comes_before_localized_and_localized_before_few() {
    let two = level_set(lost(), "4", &THREE[..2], 150.0);
    check(&two, "YELLOW few");
    let three = level_set(two, "4", &THREE, 150.0);
    check(&three, "YELLOW localized");
    let null = [("/metrics/16/throughput_toks_per_s", Value::Null)];
    check(&with(three, &null), "NO_VERDICT headline-unmeasured");
}

/// Requests a second fall by 4 % while outputs get 4 % longer, which hides it from throughput.
#[test]
fn few_comes_before_unresolved_and_unresolved_before_unhealthy() {
    let longer = level_set(lost(), "4", &["osl_mean"], 104.0);
    check(&longer, "YELLOW unresolved");
    let sick =
        |document: Value, errors: u64| with(document, &[("/metrics/8/errors", json!(errors))]);
    let against_sick =
        |current: &Value| said(&judge(&sick(baseline(), 100), &sick(current.clone(), 105)));
    assert_eq!(against_sick(&lost()), "YELLOW unhealthy");
    assert_eq!(against_sick(&longer), "YELLOW unresolved");
    let few = level_set(longer, "16", &["ttft_p50_ms"], 110.0);
    assert_eq!(against_sick(&few), "YELLOW few");
}

/// Uneven, unhealthy, creep, lost: each before the next, in trials.
#[test]
fn the_last_rules_in_their_order() {
    let sick =
        |document: Value, errors: u64| with(document, &[("/metrics/8/errors", json!(errors))]);
    let steady = trials(&baseline(), 0.0);
    let against = |baseline: &Value, current: &Value| said(&judge(baseline, current));
    assert_eq!(against(&steady, &trials(&lost(), 0.0)), "YELLOW lost");
    let creep = creeping(lost());
    assert_eq!(against(&steady, &trials(&creep, 0.0)), "YELLOW creep");
    let sick_steady = trials(&sick(baseline(), 100), 0.0);
    let sick_creep = sick(creep, 105);
    assert_eq!(
        against(&sick_steady, &trials(&sick_creep, 0.0)),
        "YELLOW unhealthy"
    );
    assert_eq!(
        against(&sick_steady, &trials(&sick_creep, 60.0)),
        "YELLOW uneven"
    );
    let longer = level_set(sick_creep, "4", &["osl_mean"], 104.0);
    assert_eq!(
        against(&sick_steady, &trials(&longer, 60.0)),
        "YELLOW unresolved"
    );
}

/// Each of ten baselines a little slower than the one before: every step passes, all of them together do not.
#[test]
fn a_ratchet_is_seen_against_the_best_of_ten() {
    let at = |throughput: f64, day: u32| {
        let provenance = json!({
            "bundle_sha256": format!("{day}"),
            "captured_at": format!("2026-11-{day:02}T08:00:00Z"),
        });
        let run = level_set(document(), "16", &THROUGHPUT, throughput);
        with(run, &[("/provenance", provenance)])
    };
    let judged = |steps: &[f64], now: f64| {
        let mut days = 1_u32..;
        let mut next = |value: f64| parse(&at(value, days.next().expect("a day")));
        let history: Vec<_> = steps.iter().map(|value| next(*value)).collect();
        let (baseline, current) = (at(now + 0.5, 25), at(now, 26));
        judge::judge(
            &parse(&baseline),
            &another_run(&current),
            &history,
            &Policy::default(),
        )
        .unwrap_or_else(|fault| panic!("{fault}"))
    };
    let level = [100.0, 100.1, 99.9, 100.05, 99.95, 100.0];
    assert_eq!(said(&judged(&level, 99.8)), "GREEN none");
    let step = [
        110.0, 109.9, 110.1, 100.0, 100.1, 99.9, 100.05, 99.95, 100.0,
    ];
    let judgement = judged(&step, 99.8);
    assert_eq!(said(&judgement), "YELLOW creep", "{}", judgement.reason);
    assert!(
        judgement.reason.contains("best of the last 9 baselines"),
        "{}",
        judgement.reason
    );
}
