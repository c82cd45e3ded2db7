//! Failing requests that no row shows.

use crate::documents::{judge, judge_as, said, status, tolerances, with};
use crate::trials::{merged, runs};
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

/// Three runs with so many errors, of so many requests, at concurrency 4.
fn failing(errors: [Option<u64>; 3], requests: [Option<u64>; 3]) -> Value {
    let three = runs(&[100.0, 100.4, 99.7]).into_iter().zip(errors);
    let three = three.zip(requests).map(|((run, errors), requests)| {
        let counts = [
            ("/metrics/4/errors", json!(errors)),
            ("/metrics/4/requests", json!(requests)),
        ];
        with(run, &counts)
    });
    merged(&three.collect::<Vec<_>>())
}

const COUNTED: [Option<u64>; 3] = [Some(400); 3];
const NONE_FAILED: [Option<u64>; 3] = [Some(0); 3];

/// 200 of 1200 are 16.7 %. One count less, and they are of nobody knows how many: the median of 0, 200 and 0 is 0.
#[test]
fn a_lost_count_hides_no_errors() {
    let baseline = failing(NONE_FAILED, COUNTED);
    let errors = [Some(0), Some(200), Some(0)];
    let judged = |requests| judge(&baseline, &failing(errors, requests));
    assert_eq!(said(&judged(COUNTED)), "RED failed-level");
    for requests in [
        [Some(400), None, Some(400)],
        [None, Some(400), Some(400)],
        [None; 3],
    ] {
        let judgement = judged(requests);
        assert_eq!(status(&judgement, "errors", "4"), Status::Within);
        assert_eq!(said(&judgement), "YELLOW unhealthy", "{requests:?}");
        assert_eq!(
            judgement.reason,
            "at concurrency 4 one run had 200 failed requests, of how many it does not say; no run of the baseline is known to have had more than 0"
        );
    }
}

/// One more is nothing, two are more than the tolerance; what a run of the baseline has too is no loss.
#[test]
fn errors_of_one_run_are_held_against_the_worst_of_the_baseline() {
    let of = |errors: u64| failing([Some(0), Some(errors), Some(0)], [None; 3]);
    for (before, now, expected) in [
        (0, 1, "GREEN none"),
        (0, 2, "YELLOW unhealthy"),
        (5, 6, "GREEN none"),
        (5, 7, "YELLOW unhealthy"),
        (200, 200, "GREEN none"),
    ] {
        assert_eq!(
            said(&judge(&of(before), &of(now))),
            expected,
            "{before} {now}"
        );
    }
    let patient = tolerances(&[("errors", "4")]);
    assert_eq!(said(&judge_as(&of(0), &of(4), &patient)), "GREEN none");
    assert_eq!(
        said(&judge_as(&of(0), &of(5), &patient)),
        "YELLOW unhealthy"
    );
    // Where the current run counts its requests, its rate says it: 2 of 1200.
    let counted = failing([Some(0), Some(2), Some(0)], COUNTED);
    assert_eq!(said(&judge(&of(0), &counted)), "GREEN none");
}
