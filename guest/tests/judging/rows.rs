//! The status of a row, each in each direction, and what it does to the verdict.

use crate::documents::{
    changed, codes, document, judge, judge_as, level, places, row, said, status, tolerances, with,
    without,
};
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

#[test]
fn delta_and_percent_are_of_the_baseline() {
    let current = changed(&[
        ("/metrics/4/ttft_p50_ms", json!(80.0)),
        ("/metrics/4/itl_p50_ms", json!(125.0)),
    ]);
    let judgement = judge(&document(), &current);
    let ttft = row(&judgement, "ttft_p50_ms", "4");
    assert_eq!((ttft.delta, ttft.delta_pct), (Some(-20.0), Some(-20.0)));
    assert_eq!(ttft.status, Status::Improved);
    assert_eq!(
        (ttft.metric.unit().as_str(), ttft.metric.better.as_str()),
        ("ms", "lower-is-better")
    );
    // 125 against 80 as baseline is 56.25 %, not 45 or 36.
    let judgement = judge(
        &current,
        &changed(&[("/metrics/4/ttft_p50_ms", json!(125.0))]),
    );
    assert_eq!(row(&judgement, "ttft_p50_ms", "4").delta_pct, Some(56.25));
}

#[test]
fn percent_of_a_baseline_of_zero_is_null() {
    let zero = changed(&[(
        "/server_metrics_delta/prefix_cache_hit_rate_post",
        json!(0.0),
    )]);
    let judgement = judge(&zero, &document());
    let rate = row(&judgement, "prefix_cache_hit_rate_post", "server");
    assert_eq!((rate.delta, rate.delta_pct), (Some(0.80), None));
    assert_eq!(rate.status, Status::Improved);
}

/// Null is never zero and never equal: not even null against null.
#[test]
fn null_on_either_side() {
    let null = |pointer: &str| changed(&[(pointer, Value::Null)]);
    for (pointer, metric, level) in [
        ("/metrics/4/itl_p50_ms", "itl_p50_ms", "4"),
        (
            "/server_metrics_delta/gpu_cache_usage_perc_peak",
            "gpu_cache_usage_perc_peak",
            "server",
        ),
        (
            "/kernel_class_gpu_pct/fp8_bmm",
            "kernel_class_gpu_pct.fp8_bmm",
            "profile",
        ),
        ("/cpu_spinpoll_pct", "cpu_spinpoll_pct", "profile"),
    ] {
        let sides = [
            (null(pointer), document()),
            (document(), null(pointer)),
            (null(pointer), null(pointer)),
        ];
        for (baseline, current) in &sides {
            let judgement = judge(baseline, current);
            let row = row(&judgement, metric, level);
            assert_eq!(row.status, Status::NullLegacyBaseline, "{pointer}");
            assert_eq!((row.delta, row.delta_pct), (None, None), "{pointer}");
        }
        let lost = judge(&sides[1].0, &sides[1].1);
        let is_lost = level != "profile";
        assert_eq!(
            codes(&lost).contains(&"LOST_MEASUREMENT"),
            is_lost,
            "{pointer}"
        );
        assert_eq!(said(&lost) == "YELLOW lost", is_lost, "{pointer}");
        let gained = judge(&sides[0].0, &sides[0].1);
        assert_eq!(said(&gained), "GREEN none");
        let is_told = codes(&gained).contains(&"NOT_COMPARED");
        assert_eq!(is_told, is_lost, "{pointer}");
    }
}

#[test]
fn absent_sections_are_null() {
    let mut bare = document();
    for section in [
        "server_metrics_delta",
        "kernel_class_gpu_pct",
        "cpu_spinpoll_pct",
    ] {
        bare = without(bare, "", section);
    }
    for (baseline, current, expected) in [
        (&bare, &document(), "GREEN none"),
        (&document(), &bare, "YELLOW lost"),
    ] {
        let judgement = judge(baseline, current);
        assert_eq!(said(&judgement), expected);
        // A profile that is gone is told once, and decides nothing; the server's numbers are lost.
        let is_lost = codes(&judgement).contains(&"PROFILE_LOST");
        assert_eq!(is_lost, expected == "YELLOW lost");
        let profile = places(&judgement, "LOST_MEASUREMENT");
        assert!(
            profile
                .iter()
                .all(|at| at.starts_with("server_metrics_delta."))
        );
        assert_eq!(
            status(&judgement, "kernel_class_gpu_pct.fp8_bmm", "profile"),
            Status::NullLegacyBaseline
        );
    }
}

#[test]
fn a_kernel_class_on_one_side_only() {
    let other = changed(&[("/kernel_class_gpu_pct", json!({"new_kernel": 60.0}))]);
    let judgement = judge(&document(), &other);
    for class in ["fp8_bmm", "new_kernel"] {
        let metric = format!("kernel_class_gpu_pct.{class}");
        assert_eq!(
            status(&judgement, &metric, "profile"),
            Status::NullLegacyBaseline
        );
    }
    assert_eq!(said(&judgement), "GREEN none");
}

#[test]
fn levels_on_one_side_only() {
    let baseline = without(document(), "/metrics", "4");
    let judgement = judge(&baseline, &document());
    for metric in ["throughput_toks_per_s", "ttft_p99_ms", "error_rate"] {
        let row = row(&judgement, metric, "4");
        assert_eq!(row.status, Status::UnmatchedLevel);
        assert_eq!((row.baseline, row.delta), (None, None));
        assert!(row.current.is_some());
    }
    assert_eq!(places(&judgement, "UNMATCHED_LEVEL"), ["metrics.4"]);
    let judgement = judge(&document(), &baseline);
    assert_eq!(
        status(&judgement, "itl_p50_ms", "4"),
        Status::UnmatchedLevel
    );
    assert_eq!(row(&judgement, "itl_p50_ms", "4").current, None);
}

#[test]
fn definitions_that_differ() {
    let defined = |itl: Value, rate: Value| {
        changed(&[(
            "/definitions",
            json!({"itl_p50_ms": itl, "prefix_cache_hit_rate_post": rate}),
        )])
    };
    let tpot = defined(json!("tpot-per-request"), json!("tokens"));
    let gap = with(
        defined(json!("gap-pooled"), json!("blocks")),
        &[
            ("/metrics/4/itl_p50_ms", json!(900.0)),
            (
                "/server_metrics_delta/prefix_cache_hit_rate_post",
                json!(0.1),
            ),
        ],
    );
    let judgement = judge(&tpot, &gap);
    for (metric, level) in [
        ("itl_p50_ms", "4"),
        ("itl_p50_ms", "16"),
        ("prefix_cache_hit_rate_post", "server"),
    ] {
        assert_eq!(
            status(&judgement, metric, level),
            Status::DefinitionMismatch
        );
    }
    // What the baseline could say is not said any more.
    assert_eq!(said(&judgement), "YELLOW lost");
    assert_eq!(
        places(&judgement, "LOST_MEASUREMENT"),
        [
            "metrics.4.itl_p50_ms",
            "metrics.16.itl_p50_ms",
            "server_metrics_delta.prefix_cache_hit_rate_post"
        ]
    );
    // Known on one side only is not a difference, and is told.
    let unknown = judge(&tpot, &without(gap, "", "definitions"));
    assert_eq!(status(&unknown, "itl_p50_ms", "4"), Status::Regressed);
    assert_eq!(
        places(&unknown, "DEFINITION_UNKNOWN"),
        [
            "definitions.itl_p50_ms",
            "definitions.prefix_cache_hit_rate_post"
        ]
    );
}

#[test]
fn errors_are_counted_where_requests_are_unknown() {
    let legacy = without(document(), "/metrics/4", "requests");
    let failing = |errors: u64| with(legacy.clone(), &[("/metrics/4/errors", json!(errors))]);
    let one = failing(1);
    for (baseline, current) in [
        (&legacy, &failing(2)),
        (&document(), &failing(2)),
        (&legacy, &changed(&[("/metrics/4/errors", json!(2))])),
    ] {
        let judgement = judge(baseline, current);
        assert_eq!(status(&judgement, "errors", "4"), Status::Regressed);
        assert_eq!(row(&judgement, "errors", "4").tolerance, 1.0);
        assert!(
            !judgement
                .rows
                .iter()
                .any(|row| row.name() == "error_rate" && row.level() == "4")
        );
    }
    assert_eq!(status(&judge(&one, &one), "errors", "4"), Status::Within);
    assert_eq!(status(&judge(&one, &legacy), "errors", "4"), Status::Within);
    assert_eq!(
        status(&judge(&failing(2), &legacy), "errors", "4"),
        Status::Improved
    );
    // One more is told and no regression, but for someone who wants none.
    let judgement = judge(&legacy, &one);
    assert_eq!(status(&judgement, "errors", "4"), Status::Within);
    assert_eq!(places(&judgement, "ONE_MORE_ERROR"), ["metrics.4.errors"]);
    let strict = tolerances(&[("errors", "0")]);
    let judgement = judge_as(&legacy, &one, &strict);
    assert_eq!(status(&judgement, "errors", "4"), Status::Regressed);
}

#[test]
fn rows_stand_by_level_then_server_then_profile() {
    let judgement = judge(
        &changed(&[("/metrics/64", level())]),
        &changed(&[("/metrics/1", level())]),
    );
    let mut levels: Vec<String> = judgement.rows.iter().map(|row| row.level()).collect();
    levels.dedup();
    assert_eq!(levels, ["1", "4", "16", "64", "server", "profile"]);
    let of_four: Vec<String> = judgement
        .rows
        .iter()
        .filter(|row| row.level() == "4")
        .map(|row| row.name())
        .collect();
    assert_eq!(
        of_four,
        [
            "throughput_toks_per_s",
            "ttft_p50_ms",
            "ttft_p95_ms",
            "ttft_p99_ms",
            "itl_p50_ms",
            "tps_per_user",
            "request_latency_p50_ms",
            "error_rate"
        ]
    );
}
