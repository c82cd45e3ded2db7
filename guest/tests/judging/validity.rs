//! Whether the runs were such that their numbers mean something.

use crate::documents::{
    changed, codes, document, judge, judge_as, level_set, places, said, status, with,
};
use perfbridge_guest::judge::Judgement;
use perfbridge_guest::judge::policy::Request;
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

/// The message of the one finding with a code.
fn told<'a>(judgement: &'a Judgement, code: &str) -> &'a str {
    let mut all = judgement.findings.iter();
    let found = all.find(|finding| finding.code.as_str() == code);
    &found.expect("the finding").message
}

fn mean_output(tokens: f64) -> Value {
    changed(&[("/metrics/16/osl_mean", json!(tokens))])
}

/// The mean output length is 100 in the baseline: 1 % is told from 101 on, upwards and downwards, and decides nothing.
#[test]
fn outputs_that_became_longer_or_shorter_are_told() {
    let code = "OUTPUT_LENGTH_DRIFT";
    for same in [99.0, 100.0, 101.0] {
        let judgement = judge(&document(), &mean_output(same));
        assert!(places(&judgement, code).is_empty(), "{same}");
    }
    for (tokens, words) in [
        (
            102.5,
            "the mean output length went from 100.00 to 102.50 tokens (+2.50 %), requests/s from 1.000 to 0.976, output tok/s from 100.000 to 100.000: ITL and throughput move with it",
        ),
        (
            98.0,
            "the mean output length went from 100.00 to 98.00 tokens (-2.00 %), requests/s from 1.000 to 1.020, output tok/s from 100.000 to 100.000: ITL and throughput move with it",
        ),
    ] {
        let judgement = judge(&document(), &mean_output(tokens));
        assert_eq!(places(&judgement, code), ["metrics.16.osl_mean"]);
        assert_eq!(told(&judgement, code), words);
        assert_eq!(said(&judgement), "GREEN none");
    }
}

/// At concurrency 16 a run is steady from 32 requests on.
#[test]
fn runs_that_are_mostly_start_and_end_are_told() {
    let code = "NOT_STEADY";
    let of = |requests: u64| changed(&[("/metrics/16/requests", json!(requests))]);
    assert!(places(&judge(&of(32), &of(32)), code).is_empty());
    for (baseline, current, name) in [(31, 32, "baseline"), (32, 31, "current run")] {
        let judgement = judge(&of(baseline), &of(current));
        assert_eq!(places(&judgement, code), ["metrics.16"], "{name}");
        assert_eq!(
            told(&judgement, code),
            format!(
                "the {name} ran 31 requests at concurrency 16, fewer than twice as many: start and end weigh as much as the steady state"
            )
        );
        assert_eq!(said(&judgement), "GREEN none");
    }
}

/// Exactly 1 % of failed requests is no word worth.
#[test]
fn failed_requests_are_told_from_one_percent_on() {
    let code = "REQUESTS_FAILED";
    let failing = |errors: u64| changed(&[("/metrics/4/errors", json!(errors))]);
    assert!(!codes(&judge(&document(), &failing(10))).contains(&code));
    let judgement = judge(&document(), &failing(20));
    assert_eq!(places(&judgement, code), ["metrics.4.errors"]);
    assert_eq!(
        told(&judgement, code),
        "20 of 1000 requests of the current run failed (2.0 %): latencies are those of the others"
    );
}

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
