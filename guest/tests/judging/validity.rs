//! Whether the runs were such that their numbers mean something.

use crate::documents::{changed, document, judge, places, said};
use perfbridge_guest::judge::Judgement;
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
            "the mean output length went from 100.00 to 102.50 tokens (+2.50 %): ITL and throughput move with it",
        ),
        (
            98.0,
            "the mean output length went from 100.00 to 98.00 tokens (-2.00 %): ITL and throughput move with it",
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
