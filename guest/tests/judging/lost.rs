//! Numbers that some of several trials lack: the median of the others hides it.

use crate::documents::{document, judge, places, said, with};
use crate::trials::{merged, runs};
use perfbridge_guest::judge::Judgement;
use serde_json::Value;

const NUMBERS: [(&str, &str); 5] = [
    ("/metrics/4/errors", "metrics.4.errors"),
    ("/metrics/16/errors", "metrics.16.errors"),
    ("/metrics/4/ttft_p50_ms", "metrics.4.ttft_p50_ms"),
    (
        "/server_metrics_delta/prefix_cache_hit_rate_post",
        "server_metrics_delta.prefix_cache_hit_rate_post",
    ),
    (
        "/server_metrics_delta/gpu_cache_usage_perc_peak",
        "server_metrics_delta.gpu_cache_usage_perc_peak",
    ),
];

/// Three trials, of which the first so many lack a number.
fn lacking(count: usize, pointer: &str) -> Value {
    let mut three = runs(&[100.1, 100.3, 99.8]);
    for run in &mut three[..count] {
        *run = with(run.clone(), &[(pointer, Value::Null)]);
    }
    merged(&three)
}

fn lost(judgement: &Judgement) -> Vec<String> {
    places(judgement, "LOST_MEASUREMENT")
}

/// Every kind of row, whether one, two or all of the current trials lack it.
#[test]
fn a_number_of_some_trials_is_lost_in_the_others() {
    for (pointer, path) in NUMBERS {
        for (of_baseline, of_current) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
            let judgement = judge(
                &lacking(of_baseline, pointer),
                &lacking(of_current, pointer),
            );
            assert_eq!(lost(&judgement), [path], "{of_baseline} {of_current}");
            assert_eq!(said(&judgement), "YELLOW lost", "{path}");
        }
        let judgement = judge(&document(), &lacking(1, pointer));
        assert_eq!(lost(&judgement), [path]);
    }
}

/// What as many of the baseline's trials lack, or more, was never there.
#[test]
fn what_the_baselines_trials_lack_as_well_is_not_lost() {
    for (pointer, path) in NUMBERS {
        for (of_baseline, of_current) in [(1, 1), (2, 1), (2, 2), (3, 1), (3, 3), (1, 0)] {
            let judgement = judge(
                &lacking(of_baseline, pointer),
                &lacking(of_current, pointer),
            );
            assert!(
                lost(&judgement).is_empty(),
                "{path} {of_baseline} {of_current}"
            );
            assert_eq!(said(&judgement), "GREEN none", "{path}");
        }
        assert!(lost(&judge(&lacking(1, pointer), &document())).is_empty());
    }
}

/// A whole place is like a number: one trial of each side that did not get so far.
#[test]
fn a_place_that_as_many_trials_lack_is_not_lost() {
    let short = |at: usize| {
        let mut three = runs(&[100.1, 100.3, 99.8]);
        let levels = three[at]["metrics"].as_object_mut().expect("levels");
        levels.shift_remove("4").expect("a level");
        merged(&three)
    };
    let whole = merged(&runs(&[100.0, 100.4, 99.7]));
    let judgement = judge(&whole, &short(2));
    assert_eq!(said(&judgement), "YELLOW lost");
    // Trials without start times stand in the order of their digests.
    assert!(
        judgement
            .reason
            .starts_with("the baseline has concurrency 4, trial "),
        "{}",
        judgement.reason
    );
    assert_eq!(said(&judge(&short(1), &short(2))), "GREEN none");
}

/// A profile that is missing is evidence that is missing, and decides nothing.
#[test]
fn a_profile_of_some_trials_is_not_lost() {
    let judgement = judge(
        &lacking(0, "/cpu_spinpoll_pct"),
        &lacking(1, "/cpu_spinpoll_pct"),
    );
    assert!(lost(&judgement).is_empty());
    assert_eq!(said(&judgement), "GREEN none");
}
