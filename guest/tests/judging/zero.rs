//! A 0 in one of several trials, which their median hides: of the current run a loss, of the baseline no yardstick.

use crate::documents::{codes, document, judge, level_set, places, said};
use crate::trials::{merged, runs};
use perfbridge_guest::judge::Judgement;
use perfbridge_guest::judge::tier::Tier;

fn message(judgement: &Judgement) -> &str {
    let mut all = judgement.findings.iter();
    let lost = all.find(|finding| finding.code.as_str() == "LOST_MEASUREMENT");
    &lost.expect("the finding").message
}

fn is_draft(judgement: &Judgement) -> bool {
    codes(judgement).contains(&"IMPOSSIBLE_NUMBERS") && judgement.tier == Tier::Draft
}

/// In one of three trials: of the current run a speed or a time of 0 is as good as lost, of the baseline no yardstick.
#[test]
fn a_median_hides_no_zero() {
    let steady = merged(&runs(&[100.0, 100.4, 99.7]));
    let one = |level: &str, name: &str, value: f64| {
        let mut three = runs(&[100.1, 100.3, 99.8]);
        three[2] = level_set(three[2].clone(), level, &[name], value);
        merged(&three)
    };
    let lost = |judgement: &Judgement, level: &str, name: &str| {
        let of = places(judgement, "LOST_MEASUREMENT");
        of.contains(&format!("metrics.{level}.{name}"))
    };
    for name in [
        "throughput_toks_per_s",
        "ttft_p50_ms",
        "itl_p50_ms",
        "tps_per_user",
        "request_latency_p50_ms",
    ] {
        let judgement = judge(&steady, &one("4", name, 0.0));
        assert_eq!(said(&judgement), "YELLOW lost", "{name}");
        assert_eq!(
            places(&judgement, "LOST_MEASUREMENT"),
            [format!("metrics.4.{name}")]
        );
        assert_eq!(
            message(&judgement),
            "only 2 of 3 trials of the current run have a usable number"
        );
        // As many of the baseline's are 0: nothing is lost, and the judgement is a draft.
        let judgement = judge(&one("4", name, 0.0), &one("4", name, 0.0));
        assert!(!lost(&judgement, "4", name), "{name}");
        assert!(is_draft(&judgement), "{name}");
        let judgement = judge(&one("4", name, 0.0), &steady);
        assert_eq!(said(&judgement), "GREEN none", "{name}");
        assert!(is_draft(&judgement), "{name}");
    }
    // What is 0 in the median is a regression and not lost.
    let mut two = runs(&[100.1, 100.3, 99.8]);
    for run in &mut two[..2] {
        *run = level_set(run.clone(), "4", &["throughput_toks_per_s"], 0.0);
    }
    let judgement = judge(&steady, &merged(&two));
    assert_eq!(said(&judgement), "RED severe");
    assert!(!lost(&judgement, "4", "throughput_toks_per_s"));
}

/// The headline in one trial, beside requests that all succeeded: a run that no trial of the baseline predicts.
#[test]
fn no_median_hides_a_headline_of_zero() {
    let steady = merged(&runs(&[100.0, 100.4, 99.7]));
    let judgement = judge(&steady, &merged(&runs(&[100.1, 0.0, 99.8])));
    assert_eq!(said(&judgement), "YELLOW uneven");
    assert!(
        judgement
            .reason
            .contains("its metrics.16.throughput_toks_per_s is -100.0 % from"),
        "{}",
        judgement.reason
    );
    let five = [100.1, 0.0, 99.8, 0.0, 100.2];
    let judgement = judge(&steady, &merged(&runs(&five)));
    assert_eq!(said(&judgement), "YELLOW uneven");
    assert_eq!(places(&judgement, "TRIAL_SLOW").len(), 2);
    // One run predicts nothing.
    let judgement = judge(&document(), &merged(&runs(&[100.1, 0.0, 99.8])));
    assert_eq!(said(&judgement), "YELLOW lost");
    // In the baseline it is no yardstick, but a loss of the median stays one.
    let nothing = merged(&runs(&[100.1, 0.0, 99.8]));
    let judgement = judge(&nothing, &steady);
    assert_eq!(said(&judgement), "NO_VERDICT headline-unmeasured");
    assert!(
        judgement
            .reason
            .ends_with("was measured in only 2 of 3 trials of the baseline"),
        "{}",
        judgement.reason
    );
    let slower = merged(&runs(&[90.0, 90.4, 89.7]));
    assert_eq!(said(&judge(&nothing, &slower)), "RED headline");
}
