//! What explains a change leads the advice, before contention, routing or code.

use crate::documents::{changed, document, judge, level_set, places, said, with};
use perfbridge_guest::judge::Judgement;
use serde_json::{Value, json};

fn told<'a>(judgement: &'a Judgement, code: &str) -> &'a str {
    let mut all = judgement.findings.iter();
    let found = all.find(|finding| finding.code.as_str() == code);
    &found.expect("the finding").message
}

fn slower(document: Value) -> Value {
    level_set(document, "16", &["throughput_toks_per_s"], 80.0)
}

/// 16 first requests of 1000 ms or `first`, 144 others of 1000 ms.
fn wave(document: Value, first: f64, warmup: u64) -> Value {
    let wave = json!({
        "warmup_requests": warmup,
        "first": {"requests": 16, "request_latency_mean_ms": first},
        "rest": {"requests": 144, "request_latency_mean_ms": 1000.0},
    });
    with(document, &[("/metrics/16/first_wave", wave)])
}

/// First requests 1.5 times as slow as the rest are a cold start where the other side has none.
#[test]
fn a_cold_start_says_its_share_and_the_warm_up() {
    let code = "COLD_START";
    let judged = |before: f64, now: f64| {
        judge(
            &wave(document(), before, 16),
            &wave(slower(document()), now, 2),
        )
    };
    assert!(places(&judged(1000.0, 1500.0), code).is_empty());
    assert!(places(&judged(1600.0, 1600.0), code).is_empty());
    let judgement = judged(1000.0, 6000.0);
    assert_eq!(places(&judgement, code), ["metrics.16"]);
    // 16 of 160 requests, 5 s each: 500 ms of a mean that went from 1000 to 1500.
    assert_eq!(
        told(&judgement, code),
        "at concurrency 16 the first 16 requests of the current run took 6000.0 ms on average, the other 144 took 1000.0 ms, which is 100 % of its loss in mean latency; without them it is 1000.0 ms; the warm-up sent 2 requests, fewer than the concurrency"
    );
    assert_eq!(said(&judgement), "RED headline");
    assert!(
        judgement
            .recommendation
            .starts_with("at concurrency 16 the first 16 requests"),
        "{}",
        judgement.recommendation
    );
    assert!(
        judgement
            .recommendation
            .contains("repeat with a longer warm-up, of at least the concurrency")
    );
    // The baseline may have been the cold one, which hides a loss.
    let judgement = judged(6000.0, 1000.0);
    assert!(told(&judgement, code).contains("requests of the baseline took 6000.0 ms"));
}

/// The baseline's requests took 1000 ms and 100 ms to their first token, early and late.
fn with_waves(first: Value, rest: Value) -> Judgement {
    let wave = |document: Value, first: Value, rest: Value| {
        let wave = json!({"warmup_requests": 16, "first": first, "rest": rest});
        with(document, &[("/metrics/16/first_wave", wave)])
    };
    let part = |requests: u64| json!({"requests": requests, "ttft_mean_ms": 100.0, "request_latency_mean_ms": 1000.0});
    judge(
        &wave(document(), part(16), part(144)),
        &wave(slower(document()), first, rest),
    )
}

/// 16 of 160 requests took 300 ms to their first token in place of 100: 20 ms of a mean that went from 100 to 120. The
/// latency, in which it is little, does not speak of it.
#[test]
fn a_cold_start_is_told_by_the_time_that_shows_it() {
    let judgement = with_waves(
        json!({"requests": 16, "ttft_p50_ms": 300.0, "ttft_mean_ms": 300.0, "request_latency_p50_ms": 1200.0, "request_latency_mean_ms": 1200.0}),
        json!({"requests": 144, "ttft_p50_ms": 100.0, "ttft_mean_ms": 100.0, "request_latency_p50_ms": 1000.0, "request_latency_mean_ms": 1000.0}),
    );
    assert_eq!(
        told(&judgement, "COLD_START"),
        "at concurrency 16 the first 16 requests of the current run took 300.0 ms to their first token on average, the other 144 took 100.0 ms, which is 100 % of its loss in mean TTFT; without them it is 100.0 ms; the warm-up sent 16 requests"
    );
}

#[test]
fn what_is_no_cold_start_does_not_lead_the_advice() {
    // Two of the first requests were very slow and their median was not: a tail.
    let tail = with_waves(
        json!({"requests": 16, "ttft_p50_ms": 110.0, "ttft_mean_ms": 300.0, "request_latency_mean_ms": 1200.0}),
        json!({"requests": 144, "ttft_p50_ms": 100.0, "ttft_mean_ms": 100.0, "request_latency_mean_ms": 1000.0}),
    );
    // 2100 ms more of 16 of 160 requests are 210 ms of a mean that went from 1000 to 4210: 7 %. 1000 ms more of a mean
    // that went to 1900 are 11 %.
    let part = |requests: u64, latency: f64| json!({"requests": requests, "request_latency_mean_ms": latency});
    let little = with_waves(part(16, 6100.0), part(144, 4000.0));
    let some = with_waves(part(16, 2800.0), part(144, 1800.0));
    for (judgement, count) in [(tail, 0), (little, 0), (some, 1)] {
        assert_eq!(places(&judgement, "COLD_START").len(), count);
        let leads = judgement.recommendation.contains("longer warm-up");
        assert_eq!(leads, count > 0, "{}", judgement.recommendation);
    }
}

/// Cold against warm: a finding, a draft, and the first thing to look at; it decides nothing.
#[test]
fn another_regime() {
    let of = |regime: &str, document: Value| with(document, &[("/context/regime", json!(regime))]);
    let judgement = judge(&of("warm", document()), &of("cold", slower(document())));
    assert_eq!(said(&judgement), "RED headline");
    assert_eq!(places(&judgement, "REGIME_DIFFERS"), ["context.regime"]);
    assert!(
        judgement
            .recommendation
            .starts_with("the baseline started warm, the current run cold"),
        "{}",
        judgement.recommendation
    );
    let needed = judgement.promote.join("\n");
    assert!(needed.contains("the same regime on both sides"), "{needed}");
    let judgement = judge(&of("warm", document()), &of("cold", document()));
    assert_eq!(said(&judgement), "GREEN none");
    for known in ["warm", "cold"] {
        let one_sided = judge(&document(), &of(known, document()));
        assert!(places(&one_sided, "REGIME_DIFFERS").is_empty());
    }
}

fn noticed(document: Value, code: &str) -> Value {
    let finding = json!({"code": code, "severity": "warning", "message": "as seen", "where": null});
    with(document, &[("/findings", json!([finding]))])
}

#[test]
fn other_traffic() {
    let code = "OTHER_TRAFFIC";
    let current = noticed(slower(document()), code);
    let judgement = judge(&document(), &current);
    assert!(
        judgement
            .recommendation
            .starts_with("as seen: repeat with the server alone")
    );
    let needed = judgement.promote.join("\n");
    assert!(needed.contains("serves this benchmark alone"), "{needed}");
    // In the baseline a GREEN becomes YELLOW, and no other answer does.
    let shared = noticed(document(), code);
    assert_eq!(said(&judge(&document(), &shared)), "GREEN none");
    assert_eq!(said(&judge(&shared, &document())), "YELLOW unhealthy");
    let lost = changed(&[("/metrics/4/itl_p50_ms", Value::Null)]);
    assert_eq!(said(&judge(&shared, &lost)), "YELLOW lost");
}

#[test]
fn what_changed_comes_before_contention() {
    let flags = [
        ("/context/prefix_caching", json!("off")),
        ("/deployment/vllm_version", json!("0.33.0")),
    ];
    let judgement = judge(&document(), &with(slower(document()), &flags));
    let start = "changed between the runs: deployment.vllm_version 0.32.0 -> 0.33.0; context.prefix_caching unrecorded -> off; rule this out first. check for cohort contention";
    assert!(
        judgement.recommendation.starts_with(start),
        "{}",
        judgement.recommendation
    );
    // The tier of the specification, latency or throughput, is listed where it differs.
    let tier = |name: &str| changed(&[("/context/tier", json!(name))]);
    let judgement = judge(&tier("latency"), &tier("throughput"));
    assert_eq!(judgement.changed[0].field, "context.tier");
    // How often it was run and what it was called are no changes of the server.
    let beside = changed(&[
        ("/context/trials", json!(3)),
        ("/context/baseline_named", json!("b")),
        ("/context/same_node", json!(true)),
    ]);
    assert!(judge(&document(), &beside).changed.is_empty());
}

/// A server that started again while it was measured, where the baseline's did not.
#[test]
fn a_restarted_server() {
    let code = "COUNTER_RESET";
    let restarted = noticed(document(), code);
    assert_eq!(said(&judge(&document(), &restarted)), "YELLOW unhealthy");
    assert_eq!(said(&judge(&restarted, &restarted)), "GREEN none");
    assert_eq!(said(&judge(&restarted, &document())), "GREEN none");
}

/// The current run was cut short; that of the baseline may have been.
#[test]
fn an_incomplete_run() {
    let cut = noticed(document(), "INCOMPLETE_RUN");
    let judgement = judge(&document(), &cut);
    assert_eq!(said(&judgement), "YELLOW lost");
    assert!(
        judgement
            .reason
            .ends_with("cancelled or cut short: as seen")
    );
    assert_eq!(said(&judge(&cut, &document())), "GREEN none");
}
