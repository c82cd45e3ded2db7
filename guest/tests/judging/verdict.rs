//! Each rule of the overall verdict on its own.

use crate::documents::{
    changed, codes, document, judge, level, level_set, ruling, said, with, without,
};
use serde_json::{Value, json};

pub const THREE: [&str; 3] = ["ttft_p50_ms", "ttft_p95_ms", "ttft_p99_ms"];

#[test]
fn an_unchanged_run_is_green_with_every_delta_zero() {
    let judgement = judge(&document(), &document());
    assert_eq!(said(&judgement), "GREEN none");
    // One run a side is a draft, and a draft promises nothing.
    assert_eq!(
        judgement.recommendation,
        "no inference perf regression detected. The noise between runs is not known: nothing smaller than the tolerance of 3 % for throughput at concurrency 16 could have been seen, and more may have been missed. Run 3 trials a side to know it."
    );
    // 2 levels of 7 metrics and the error rate, 2 server metrics, 3 kernel classes, the spin-poll share.
    assert_eq!(judgement.rows.len(), 2 * 8 + 2 + 3 + 1);
    for row in &judgement.rows {
        assert_eq!(row.delta, Some(0.0), "{} {}", row.name(), row.level());
    }
}

#[test]
fn not_comparable() {
    let current = changed(&[("/model", json!("other"))]);
    assert_eq!(ruling(&document(), &current), "NO_VERDICT not-comparable");
}

#[test]
fn failed_level_needs_more_than_ten_percent_and_a_regressed_row() {
    let failed = |errors: u64| changed(&[("/metrics/4/errors", json!(errors))]);
    let of = |errors: u64, requests: u64| {
        changed(&[
            ("/metrics/4/errors", json!(errors)),
            ("/metrics/4/requests", json!(requests)),
        ])
    };
    // Exactly 10 % is not above 10 %: one regressed row, the error rate.
    assert_eq!(ruling(&document(), &failed(100)), "YELLOW few");
    assert_eq!(ruling(&document(), &failed(101)), "RED failed-level");
    // 11 % against 10.5 %: above 10 %, but within one point of the baseline.
    assert_eq!(ruling(&failed(105), &failed(110)), "YELLOW unhealthy");
    // Fisher's exact test, one-sided (scipy.stats.fisher_exact): 111 against 100 of 1000 p = 0.233, 128 p = 0.0286,
    // 129 p = 0.0245.
    assert_eq!(ruling(&failed(100), &failed(111)), "YELLOW few");
    assert_eq!(ruling(&failed(100), &failed(128)), "YELLOW few");
    assert_eq!(ruling(&failed(100), &failed(129)), "RED failed-level");
    // 5 of 40 against none p = 0.0271, 6 of 40 p = 0.0128.
    assert_eq!(ruling(&of(0, 40), &of(5, 40)), "YELLOW few");
    assert_eq!(ruling(&of(0, 40), &of(6, 40)), "RED failed-level");
}

#[test]
fn failed_level_where_nothing_succeeded() {
    let dead = |requests: u64| {
        changed(&[(
            "/metrics/4",
            json!({"errors": requests, "requests": requests}),
        )])
    };
    assert_eq!(ruling(&document(), &dead(1000)), "RED failed-level");
    assert_eq!(ruling(&document(), &dead(0)), "RED failed-level");
    // Nothing succeeded in the baseline either: its row cannot regress.
    assert_eq!(ruling(&dead(1000), &dead(1000)), "YELLOW unhealthy");
    // Without counts a throughput of 0 says the same.
    let uncounted = |throughput: f64| {
        let one = json!({"throughput_toks_per_s": throughput, "ttft_p50_ms": 100.0, "errors": 0});
        changed(&[("/metrics/4", one)])
    };
    assert_eq!(
        ruling(&uncounted(100.0), &uncounted(0.0)),
        "RED failed-level"
    );
}

/// A baseline of the specification's form has no `requests`: the row is then `errors`, and it is the row that counts.
#[test]
fn failed_level_against_a_baseline_without_requests() {
    let legacy = without(document(), "/metrics/4", "requests");
    let current = changed(&[("/metrics/4/errors", json!(400))]);
    assert_eq!(ruling(&legacy, &current), "RED failed-level");
    // Against an unknown rate more than 10 % and two requests are enough.
    let one_of = |errors: u64, requests: u64| {
        changed(&[
            ("/metrics/4/errors", json!(errors)),
            ("/metrics/4/requests", json!(requests)),
        ])
    };
    assert_eq!(ruling(&legacy, &one_of(1, 9)), "YELLOW unhealthy");
    assert_eq!(ruling(&legacy, &one_of(2, 19)), "RED failed-level");
    // More than 1 % and two requests are unhealthy: one of 50 is 2 %, two of 200 are 1 %, two of 199 more.
    let legacy = with(legacy, &[("/metrics/4/errors", json!(5))]);
    assert_eq!(ruling(&legacy, &one_of(1, 50)), "GREEN none");
    assert_eq!(ruling(&legacy, &one_of(2, 200)), "GREEN none");
    assert_eq!(ruling(&legacy, &one_of(2, 199)), "YELLOW unhealthy");
}

#[test]
fn nothing_comparable_without_a_common_level_or_a_common_metric() {
    let other_levels = changed(&[("/metrics", json!({"8": level()}))]);
    assert_eq!(
        ruling(&document(), &other_levels),
        "NO_VERDICT nothing-comparable"
    );
    let empty = json!({"errors": 0, "requests": 10});
    let unmeasured = changed(&[("/metrics", json!({"4": empty, "16": empty}))]);
    assert_eq!(
        ruling(&document(), &unmeasured),
        "NO_VERDICT nothing-comparable"
    );
}

#[test]
fn headline() {
    let current = level_set(document(), "16", &["throughput_toks_per_s"], 96.99);
    let judgement = judge(&document(), &current);
    assert_eq!(said(&judgement), "RED headline");
    assert!(judgement.reason.contains("-3.0 %"), "{}", judgement.reason);
    assert!(
        judgement
            .recommendation
            .contains("vllm:num_requests_running"),
        "{}",
        judgement.recommendation
    );
    // The same loss at another level is one row.
    let current = level_set(document(), "4", &["throughput_toks_per_s"], 96.99);
    assert_eq!(ruling(&document(), &current), "YELLOW few");
}

#[test]
fn many_needs_three_rows_of_more_than_one_level() {
    let two = level_set(document(), "4", &["ttft_p50_ms", "ttft_p95_ms"], 150.0);
    assert_eq!(ruling(&document(), &two), "YELLOW few");
    let three = level_set(two.clone(), "16", &["itl_p50_ms"], 150.0);
    let judgement = judge(&document(), &three);
    assert_eq!(said(&judgement), "RED many");
    // TTFT regressed, throughput did not.
    assert!(
        judgement.recommendation.contains("queue depth"),
        "{}",
        judgement.recommendation
    );
    let server = with(
        two,
        &[(
            "/server_metrics_delta/prefix_cache_hit_rate_post",
            json!(0.5),
        )],
    );
    let judgement = judge(&document(), &server);
    assert_eq!(said(&judgement), "RED many");
    assert!(
        judgement.recommendation.contains("sticky-user-sessions"),
        "{}",
        judgement.recommendation
    );
}

/// Shares sum to 100, so a kernel that got faster raises the others: the profile is one observation and never red.
#[test]
fn the_profile_is_one_observation_and_never_red() {
    let profile = json!({"fp8_bmm": 44.0, "tp_all_reduce": 14.0, "mla_attention": 24.0});
    let current = changed(&[("/kernel_class_gpu_pct", profile)]);
    assert_eq!(ruling(&document(), &current), "YELLOW few");
    let current = level_set(current, "4", &["ttft_p50_ms"], 110.0);
    let current = level_set(current, "16", &["ttft_p50_ms"], 110.0);
    assert_eq!(ruling(&document(), &current), "YELLOW few");
    let current = level_set(current, "4", &["itl_p50_ms"], 110.0);
    assert_eq!(ruling(&document(), &current), "RED many");
}

/// ITL and tok/s/user are reciprocal: one observation a place.
#[test]
fn decode_speed_is_one_observation() {
    let slower = |document: Value, level: &str| {
        let document = level_set(document, level, &["itl_p50_ms"], 106.0);
        level_set(document, level, &["tps_per_user"], 94.0)
    };
    let both = slower(slower(document(), "4"), "16");
    assert_eq!(ruling(&document(), &both), "YELLOW few");
    let three = level_set(both, "16", &["ttft_p50_ms"], 106.0);
    assert_eq!(ruling(&document(), &three), "RED many");
    let one_place = level_set(slower(document(), "4"), "4", &["ttft_p50_ms"], 106.0);
    assert_eq!(ruling(&document(), &one_place), "YELLOW few");
    let three = level_set(one_place, "4", &["ttft_p95_ms"], 115.0);
    assert_eq!(ruling(&document(), &three), "YELLOW localized");
}

#[test]
fn headline_unmeasured() {
    let lost = changed(&[("/metrics/16/throughput_toks_per_s", Value::Null)]);
    assert_eq!(ruling(&document(), &lost), "NO_VERDICT headline-unmeasured");
    let gone = without(document(), "/metrics", "16");
    assert_eq!(ruling(&document(), &gone), "NO_VERDICT headline-unmeasured");
    let partial = changed(&[(
        "/sources",
        json!({"16": {"throughput_toks_per_s": {"requests": 899}}}),
    )]);
    assert_eq!(
        ruling(&document(), &partial),
        "NO_VERDICT headline-unmeasured"
    );
    // A baseline of 0 is no yardstick.
    let zero = level_set(document(), "16", &["throughput_toks_per_s"], 0.0);
    assert_eq!(ruling(&zero, &document()), "NO_VERDICT headline-unmeasured");
}

/// Numbers of different definitions are never compared, and a headline that was not compared is no pass.
#[test]
fn headline_of_another_definition_is_no_pass() {
    let defined =
        |as_what: &str| changed(&[("/definitions", json!({"throughput_toks_per_s": as_what}))]);
    assert_eq!(
        ruling(&defined("output"), &defined("total")),
        "NO_VERDICT headline-unmeasured"
    );
}

#[test]
fn localized_and_few() {
    let localized = level_set(document(), "4", &THREE, 150.0);
    let judgement = judge(&document(), &localized);
    assert_eq!(said(&judgement), "YELLOW localized");
    assert!(
        judgement
            .recommendation
            .starts_with("spot regression on 3 metrics. Recommend re-running"),
        "{}",
        judgement.recommendation
    );
    let one = level_set(document(), "4", &["itl_p50_ms"], 150.0);
    let judgement = judge(&document(), &one);
    assert_eq!(said(&judgement), "YELLOW few");
    assert!(
        judgement
            .recommendation
            .starts_with("spot regression on 1 metric.")
    );
    let server = changed(&[("/cpu_spinpoll_pct", json!(15.1))]);
    assert_eq!(ruling(&document(), &server), "YELLOW few");
}

/// The seed's overlap: three rows, all of the headline's level, throughput not among them.
#[test]
fn three_rows_of_the_headline_level_are_localized() {
    let current = level_set(document(), "16", &THREE, 150.0);
    assert_eq!(ruling(&document(), &current), "YELLOW localized");
}

#[test]
fn lost() {
    let baseline = changed(&[("/metrics/64", level())]);
    let judgement = judge(&baseline, &document());
    assert_eq!(said(&judgement), "YELLOW lost");
    assert!(judgement.reason.contains("64"), "{}", judgement.reason);
    for null in ["ttft_p99_ms", "itl_p50_ms", "errors"] {
        let current = changed(&[(&format!("/metrics/4/{null}"), Value::Null)]);
        let judgement = judge(&document(), &current);
        assert_eq!(said(&judgement), "YELLOW lost", "{null}");
        assert!(codes(&judgement).contains(&"LOST_MEASUREMENT"), "{null}");
    }
    // More than the baseline has is no loss.
    assert_eq!(ruling(&document(), &baseline), "GREEN none");
}

#[test]
fn improvements_alone_are_green() {
    let mut current = document();
    for level in ["4", "16"] {
        current = level_set(current, level, &THREE, 10.0);
        current = level_set(
            current,
            level,
            &["throughput_toks_per_s", "tps_per_user"],
            900.0,
        );
        current = level_set(current, level, &["request_latency_p50_ms"], 1100.0);
    }
    assert_eq!(ruling(&document(), &current), "GREEN none");
}
