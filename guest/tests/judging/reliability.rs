//! Numbers that are artefacts of measuring.

use crate::documents::{
    changed, codes, document, judge, level_set, places, row, said, status, with,
};
use crate::trials::merged;
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

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
            // The other metrics of the level are judged as ever, but where no first token was seen at all.
            let itl = match metric {
                "ttft_p50_ms" => Status::Unreliable,
                _ => Status::Within,
            };
            assert_eq!(status(&judgement, "itl_p50_ms", "4"), itl);
            let throughput = status(&judgement, "throughput_toks_per_s", "4");
            assert_eq!(throughput, Status::Within);
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
    only_streams_of_level_4(&zero);
}

/// Chunks in bursts: three quarters of the gaps are practically 0 and the first token comes late. ITL p50 is not 0.
#[test]
fn bursts_are_coalesced_streams_too() {
    let burst = |changes: &[(&str, f64)]| {
        let mut document = document();
        for (name, value) in [
            ("chunk_gap_mean_ms", 2.0),
            ("chunk_gap_p75_ms", 0.09),
            ("ttft_p50_ms", 100.0),
            ("request_latency_p50_ms", 190.0),
            ("osl_mean", 8.0),
        ] {
            for level in ["4", "16"] {
                document["metrics"][level][name] = json!(value);
            }
        }
        // The other level streams.
        document["metrics"]["16"]["chunk_gap_p75_ms"] = json!(2.1);
        for (name, value) in changes {
            document["metrics"]["4"][*name] = json!(*value);
        }
        document
    };
    let code = "COALESCED_STREAMS";
    assert_eq!(places(&judge(&burst(&[]), &burst(&[])), code).len(), 1);
    // Each condition from its other side: exactly 5 % of the mean, half of the latency, short outputs.
    for spared in [
        ("chunk_gap_p75_ms", 0.1),
        ("request_latency_p50_ms", 200.0),
        ("osl_mean", 7.9),
    ] {
        let streams = burst(&[spared]);
        let judgement = judge(&streams, &streams);
        assert!(places(&judgement, code).is_empty(), "{}", spared.0);
    }
}

/// `affected` has coalesced streams at level 4 and is well otherwise.
fn only_streams_of_level_4(affected: &serde_json::Value) {
    let well = &document();
    for (baseline, current, ttft, expected) in [
        (affected, well, Status::Unreliable, "GREEN none"),
        // What only the current side's users get late is judged, and its decode speed is lost.
        (well, affected, Status::Within, "YELLOW lost"),
        (affected, affected, Status::Unreliable, "GREEN none"),
    ] {
        let judgement = judge(baseline, current);
        for (metric, expected) in [
            ("itl_p50_ms", Status::Unreliable),
            ("tps_per_user", Status::Unreliable),
            ("ttft_p50_ms", ttft),
            ("ttft_p95_ms", ttft),
            ("ttft_p99_ms", ttft),
        ] {
            assert_eq!(status(&judgement, metric, "4"), expected, "{metric}");
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
        assert_eq!(said(&judgement), expected);
        let lost = ["metrics.4.itl_p50_ms", "metrics.4.tps_per_user"];
        let found = places(&judgement, "LOST_MEASUREMENT");
        assert_eq!(found == lost, expected == "YELLOW lost", "{found:?}");
    }
}

/// TTFT and latency under 1 ms or over 1 hour, ITL above 0 and under 0.02 ms: hardly of that unit.
#[test]
fn numbers_of_another_unit() {
    for (metric, inside, outside) in [
        ("ttft_p50_ms", 1.0, 0.999),
        ("ttft_p99_ms", 1.0, 0.999),
        ("ttft_p50_ms", 3.6e6, 3.6001e6),
        ("request_latency_p50_ms", 1.0, 0.999),
        ("request_latency_p50_ms", 3.6e6, 3.6001e6),
        ("itl_p50_ms", 0.02, 0.0199),
    ] {
        let of = |value: f64| {
            let bare = crate::documents::without(document(), "/metrics/4", "osl_mean");
            level_set(bare, "4", &[metric], value)
        };
        let judgement = judge(&of(inside), &of(inside));
        assert_eq!(status(&judgement, metric, "4"), Status::Within, "{metric}");
        assert!(!codes(&judgement).contains(&"UNIT_DOUBTFUL"));
        for (baseline, current) in [(of(outside), of(inside)), (of(inside), of(outside))] {
            let judgement = judge(&baseline, &current);
            let place = format!("metrics.4.{metric}");
            assert_eq!(places(&judgement, "UNIT_DOUBTFUL"), [place]);
            assert_eq!(status(&judgement, metric, "4"), Status::Unreliable);
        }
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

/// The latency at 16 in seconds, printed so that it can be so many more or less.
fn printed(seconds: f64, half: Option<f64>) -> Value {
    let document = level_set(
        document(),
        "16",
        &["request_latency_p50_ms"],
        1000.0 * seconds,
    );
    let sources =
        json!({"16": {"request_latency_p50_ms": {"rounding": half.map(|half| 1000.0 * half)}}});
    with(document, &[("/sources", sources)])
}

/// 10 and 20 seconds, each 5 more or less, are 15 and 15, or 5 and 25. What is decided at both ends stays.
#[test]
fn few_digits_do_not_decide() {
    let metric = "request_latency_p50_ms";
    for (a, of_a, b, of_b, expected) in [
        (10.0, Some(5.0), 20.0, Some(5.0), Status::Unresolved),
        (10.0, Some(5.0), 10.0, Some(5.0), Status::Unreliable),
        (20.0, Some(5.0), 10.0, Some(5.0), Status::Unreliable),
        // 15 -> 35 at least, 35 -> 15 at least; 10.1 -> 9.9 or 9.9 -> 10.1.
        (10.0, Some(5.0), 40.0, Some(5.0), Status::Regressed),
        (40.0, Some(5.0), 10.0, Some(5.0), Status::Improved),
        (10.0, Some(0.1), 10.0, Some(0.1), Status::Within),
        // One side alone: 10 -> 15 at least, 10 -> 5 or 10 -> 15, 15 -> 20 at least.
        (10.0, None, 20.0, Some(5.0), Status::Regressed),
        (10.0, None, 10.0, Some(5.0), Status::Unreliable),
        (10.0, Some(5.0), 20.0, None, Status::Regressed),
        (10.0, None, 20.0, None, Status::Regressed),
        // Nothing is left of the baseline.
        (5.0, Some(5.0), 10.0, Some(0.1), Status::Unresolved),
    ] {
        let judgement = judge(&printed(a, of_a), &printed(b, of_b));
        assert_eq!(status(&judgement, metric, "16"), expected, "{a} {b}");
        // What the baseline has exactly is lost by a current run that does not.
        let lost = expected == Status::Unreliable && of_a.is_none();
        assert_eq!(codes(&judgement).contains(&"LOST_MEASUREMENT"), lost);
    }
    let judgement = judge(&printed(10.0, Some(5.0)), &printed(20.0, Some(5.0)));
    assert_eq!(said(&judgement), "YELLOW unresolved");
    let why = "so few digits were printed that the change can be anything from +0.0 to +400.0 %";
    assert!(judgement.reason.contains(why), "{}", judgement.reason);
    let advice = &judgement.recommendation;
    assert!(advice.contains("few digits were printed"), "{advice}");
    assert!(!advice.contains("outputs of another length"), "{advice}");
    // Trials are as coarse as the coarsest of them.
    let trials = |seconds: f64| {
        let runs = [0.0, 1.0].map(|at| {
            let run = printed(seconds, Some(5.0 - at));
            level_set(run, "4", &["ttft_p50_ms"], 100.0 + at * 1e-3)
        });
        merged(&runs)
    };
    let judgement = judge(&trials(10.0), &trials(20.0));
    assert_eq!(status(&judgement, metric, "16"), Status::Unresolved);
}
