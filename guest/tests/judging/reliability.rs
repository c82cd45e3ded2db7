//! Numbers that are artefacts of measuring.

use crate::documents::{
    changed, codes, document, judge, level_set, places, row, said, status, with,
};
use perfbridge_guest::judge::status::Status;
use serde_json::json;

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
