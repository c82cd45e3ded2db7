//! Findings about the runs themselves, before any latency.

use crate::documents::{
    changed, codes, document, judge, judge_as, level_set, places, said, status, with,
};
use perfbridge_guest::judge::policy::Request;
use perfbridge_guest::judge::status::Status;
use serde_json::json;

/// p99 needs 299 requests and p95 59: the smallest n with q^n <= 0.05.
#[test]
fn tails_that_the_sample_cannot_carry() {
    let few = |requests: u64| {
        with(
            document(),
            &[
                ("/metrics/4/requests", json!(requests)),
                ("/metrics/16/requests", json!(requests)),
            ],
        )
    };
    let observe = Request {
        observe_tails: true,
        ..Request::default()
    };
    for (requests, p95, p99) in [
        (58, Status::Observed, Status::Observed),
        (59, Status::Regressed, Status::Observed),
        (298, Status::Regressed, Status::Observed),
        (299, Status::Regressed, Status::Regressed),
    ] {
        let worse = level_set(few(requests), "4", &["ttft_p95_ms", "ttft_p99_ms"], 150.0);
        let judged = judge(&few(requests), &worse);
        assert_eq!(said(&judged), "YELLOW few");
        let marked = places(&judged, "LOW_SAMPLES").contains(&"metrics.4.ttft_p99_ms".to_owned());
        assert_eq!(marked, p99 == Status::Observed, "{requests}");
        let judged = judge_as(&few(requests), &worse, &observe);
        assert_eq!(status(&judged, "ttft_p95_ms", "4"), p95, "{requests}");
        assert_eq!(status(&judged, "ttft_p99_ms", "4"), p99, "{requests}");
        // Fifty per cent is nothing that the median hides behind.
        assert_eq!(status(&judged, "ttft_p50_ms", "4"), Status::Within);
    }
    let worse = level_set(few(58), "4", &["ttft_p95_ms", "ttft_p99_ms"], 150.0);
    assert_eq!(said(&judge_as(&few(58), &worse, &observe)), "GREEN none");
}

#[test]
fn each_finding_about_a_run_says_its_numbers() {
    for (pointer, value, code, place, said) in [
        (
            "/metrics/4/osl_mean",
            json!(102.0),
            "OUTPUT_LENGTH_DRIFT",
            "metrics.4.osl_mean",
            "the mean output length went from 100.00 to 102.00 tokens (+2.00 %): ITL and throughput move with it",
        ),
        (
            "/metrics/4/errors",
            json!(20),
            "REQUESTS_FAILED",
            "metrics.4.errors",
            "20 of 1000 requests of the current run failed (2.0 %): latencies are those of the others",
        ),
        (
            "/metrics/16/requests",
            json!(31),
            "NOT_STEADY",
            "metrics.16",
            "the current run ran 31 requests at concurrency 16, fewer than twice as many: start and end weigh as much as the steady state",
        ),
    ] {
        let judgement = judge(&document(), &changed(&[(pointer, value)]));
        assert_eq!(places(&judgement, code), [place]);
        let mut findings = judgement.findings.iter();
        let found = findings.find(|finding| finding.code.as_str() == code);
        assert_eq!(found.expect("a finding").message, said);
    }
    // Exactly 1 % apart, exactly 1 % failed and exactly twice as many are no findings.
    let edge = changed(&[
        ("/metrics/4/osl_mean", json!(101.0)),
        ("/metrics/4/errors", json!(10)),
        ("/metrics/16/requests", json!(32)),
    ]);
    let judgement = judge(&document(), &edge);
    for code in ["OUTPUT_LENGTH_DRIFT", "REQUESTS_FAILED", "NOT_STEADY"] {
        assert!(!codes(&judgement).contains(&code), "{code}");
    }
}
