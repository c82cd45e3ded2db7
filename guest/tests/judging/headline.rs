//! Which level the headline is taken at.

use crate::documents::{codes, document, judge, judge_as, level, level_set, said, with};
use perfbridge_guest::fault::Sub;
use perfbridge_guest::judge::policy::{Policy, Request};
use serde_json::{Map, Value, json};

fn levels(levels: &[u32]) -> Value {
    let metrics: Map<String, Value> = levels
        .iter()
        .map(|name| (name.to_string(), level()))
        .collect();
    with(document(), &[("/metrics", metrics.into())])
}

fn asked(level: u32) -> Request {
    Request {
        headline: Some(level.to_string()),
        ..Request::default()
    }
}

#[test]
fn sixteen_else_the_nearest_else_the_higher() {
    for (have, expected) in [
        (&[1, 4, 16, 64][..], "16"),
        (&[1, 8, 32], "8"),
        (&[8, 24], "24"),
        (&[12, 20], "20"),
        (&[15, 17], "17"),
        (&[64], "64"),
        (&[1, 33], "1"),
        (&[1, 31], "31"),
    ] {
        let judgement = judge(&levels(have), &levels(have));
        assert_eq!(judgement.headline.place.key(), expected, "{have:?}");
        assert_eq!(judgement.headline.name.to_string(), "throughput_toks_per_s");
        // A headline elsewhere is named.
        assert_eq!(
            codes(&judgement).contains(&"HEADLINE_MOVED"),
            expected != "16",
            "{have:?}"
        );
    }
}

#[test]
fn it_is_the_baselines_and_never_slides_to_the_run() {
    // The run has 16, the baseline does not: its nearest is 8.
    let judgement = judge(&levels(&[4, 8]), &levels(&[4, 8, 16]));
    assert_eq!(judgement.headline.place.key(), "8");
    // The baseline has 16, the run does not: no verdict instead of a look at 8.
    let judgement = judge(&levels(&[4, 8, 16]), &levels(&[4, 8]));
    assert_eq!(judgement.headline.place.key(), "16");
    assert_eq!(said(&judgement), "NO_VERDICT headline-unmeasured");
}

#[test]
fn another_level_by_request() {
    let worse = level_set(document(), "4", &["throughput_toks_per_s"], 90.0);
    assert_eq!(said(&judge(&document(), &worse)), "YELLOW few");
    let judgement = judge_as(&document(), &worse, &asked(4));
    assert_eq!(said(&judgement), "RED headline");
    assert_eq!(judgement.headline.place.key(), "4");
    assert!(!codes(&judgement).contains(&"HEADLINE_MOVED"));
}

#[test]
fn a_level_that_the_baseline_does_not_have_is_refused() {
    let policy = Policy::new(&asked(8)).expect("a policy");
    let document = |value| crate::documents::parse(&value);
    let fault = perfbridge_guest::judge::judge(
        &document(levels(&[4, 16])),
        &document(levels(&[4, 8, 16])),
        &[],
        &policy,
    )
    .expect_err("refused");
    assert_eq!(
        fault.message,
        "the headline is asked for at c8, but the baseline has only c4, c16"
    );
    assert_eq!(fault.sub, Some(Sub::HeadlineUnknown));
}

#[test]
fn a_headline_is_taken_where_there_is_load() {
    for text in ["0", "x", "", "server", "profile", "0/s"] {
        let asked = Request {
            headline: Some(text.to_owned()),
            ..Request::default()
        };
        let fault = Policy::new(&asked).expect_err("refused");
        assert_eq!(fault.sub, Some(Sub::PlaceInvalid));
        assert_eq!(
            fault.message,
            format!(
                "the headline level is {text}; expected a concurrency from 1 on, or a rate such as 5/s"
            )
        );
    }
}

#[test]
fn the_name_of_a_level_is_a_whole_number() {
    for name in ["016", "0", "-4", "4.0", "c16", "", "4294967296"] {
        let text = with(
            document(),
            &[("/metrics", json!({"16": level(), name: level()}))],
        )
        .to_string();
        let fault = crate::documents::refusal(&text);
        assert!(
            fault.message.contains("expected a whole number from 1 on"),
            "{name:?}: {fault}"
        );
    }
}
