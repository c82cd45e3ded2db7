//! The status of a row, each in each direction, and what it does to the verdict.

use crate::documents::{
    changed, codes, document, judge, level_set, places, row, said, status, with, without,
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
        let is_level = level == "4";
        assert_eq!(
            codes(&lost).contains(&"LOST_MEASUREMENT"),
            is_level,
            "{pointer}"
        );
        assert_eq!(said(&lost) == "YELLOW lost", is_level, "{pointer}");
        assert_eq!(said(&judge(&sides[0].0, &sides[0].1)), "GREEN none");
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
    for (baseline, current) in [(&bare, &document()), (&document(), &bare)] {
        let judgement = judge(baseline, current);
        assert_eq!(said(&judgement), "GREEN none");
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
    assert_eq!(said(&judgement), "GREEN none");
    // Known on one side only is not a difference.
    let unknown = judge(&tpot, &without(gap, "", "definitions"));
    assert_eq!(status(&unknown, "itl_p50_ms", "4"), Status::Regressed);
}

#[test]
fn a_duration_of_zero_is_an_artefact() {
    for metric in [
        "ttft_p50_ms",
        "ttft_p95_ms",
        "ttft_p99_ms",
        "request_latency_p50_ms",
    ] {
        let zero = level_set(document(), "4", &[metric], 0.0);
        for (baseline, current) in [(&zero, &document()), (&document(), &zero)] {
            let judgement = judge(baseline, current);
            assert_eq!(
                status(&judgement, metric, "4"),
                Status::Unreliable,
                "{metric}"
            );
            assert_eq!(
                places(&judgement, "IMPLAUSIBLE_ZERO"),
                [format!("metrics.4.{metric}")]
            );
            // The other metrics of the level are judged as ever.
            assert_eq!(status(&judgement, "itl_p50_ms", "4"), Status::Within);
        }
    }
}

#[test]
fn a_rate_of_zero_is_an_artefact_in_the_baseline_and_a_regression_in_the_run() {
    for metric in ["throughput_toks_per_s", "tps_per_user"] {
        let zero = level_set(document(), "4", &[metric], 0.0);
        let judgement = judge(&zero, &document());
        assert_eq!(status(&judgement, metric, "4"), Status::Unreliable);
        assert_eq!(places(&judgement, "IMPLAUSIBLE_ZERO").len(), 1);
        let judgement = judge(&document(), &zero);
        assert_eq!(status(&judgement, metric, "4"), Status::Regressed);
        assert_eq!(row(&judgement, metric, "4").delta_pct, Some(-100.0));
        assert!(!codes(&judgement).contains(&"IMPLAUSIBLE_ZERO"));
    }
}

#[test]
fn coalesced_streams_take_itl_user_speed_and_ttft_of_their_level() {
    let zero = level_set(document(), "4", &["itl_p50_ms"], 0.0);
    for (baseline, current) in [(&zero, &document()), (&document(), &zero), (&zero, &zero)] {
        let judgement = judge(baseline, current);
        let metrics = [
            "itl_p50_ms",
            "tps_per_user",
            "ttft_p50_ms",
            "ttft_p95_ms",
            "ttft_p99_ms",
        ];
        for metric in metrics {
            assert_eq!(
                status(&judgement, metric, "4"),
                Status::Unreliable,
                "{metric}"
            );
            assert_eq!(status(&judgement, metric, "16"), Status::Within, "{metric}");
        }
        for metric in [
            "throughput_toks_per_s",
            "request_latency_p50_ms",
            "error_rate",
        ] {
            assert_eq!(status(&judgement, metric, "4"), Status::Within, "{metric}");
        }
        assert_eq!(
            places(&judgement, "COALESCED_STREAMS"),
            ["metrics.4.itl_p50_ms"]
        );
        assert_eq!(said(&judgement), "GREEN none");
    }
}

#[test]
fn a_statistic_of_few_of_the_requests() {
    let behind = |count: f64| {
        changed(&[(
            "/sources",
            json!({"4": {"ttft_p50_ms": {"requests": count}}}),
        )])
    };
    // 90 % of 1000 successful requests is enough, one less is not.
    assert_eq!(
        status(&judge(&document(), &behind(900.0)), "ttft_p50_ms", "4"),
        Status::Within
    );
    for (baseline, current) in [(&document(), &behind(899.0)), (&behind(899.0), &document())] {
        let judgement = judge(baseline, current);
        assert_eq!(status(&judgement, "ttft_p50_ms", "4"), Status::Unreliable);
        assert_eq!(
            places(&judgement, "PARTIAL_SAMPLE"),
            ["metrics.4.ttft_p50_ms"]
        );
    }
    // The share is of the successful requests: 899 of 899.
    let failed = with(behind(899.0), &[("/metrics/4/errors", json!(101))]);
    assert_eq!(
        status(&judge(&failed, &failed), "ttft_p50_ms", "4"),
        Status::Within
    );
}

#[test]
fn errors_are_counted_where_requests_are_unknown() {
    let legacy = without(document(), "/metrics/4", "requests");
    let one = with(legacy.clone(), &[("/metrics/4/errors", json!(1))]);
    for (baseline, current) in [
        (&legacy, &one),
        (&document(), &one),
        (&legacy, &changed(&[("/metrics/4/errors", json!(1))])),
    ] {
        let judgement = judge(baseline, current);
        assert_eq!(status(&judgement, "errors", "4"), Status::Regressed);
        assert_eq!(row(&judgement, "errors", "4").tolerance, 0.0);
        assert!(
            !judgement
                .rows
                .iter()
                .any(|row| row.name() == "error_rate" && row.level() == "4")
        );
    }
    assert_eq!(status(&judge(&one, &one), "errors", "4"), Status::Within);
    assert_eq!(
        status(&judge(&one, &legacy), "errors", "4"),
        Status::Improved
    );
}
