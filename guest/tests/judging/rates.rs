//! Cells of open-loop runs, keyed by the offered requests a second.

use crate::documents::{document, judge, judge_as, level, parse, places, refusal, said, with};
use crate::trials::merged;
use perfbridge_guest::judge::policy::Request;
use serde_json::{Value, json};

/// A document of the rates 0.8 and 5 alone.
fn rates() -> Value {
    with(
        document(),
        &[
            ("/metrics", json!({})),
            (
                "/metrics_by_request_rate",
                json!({"5": level(), "0.8": level()}),
            ),
        ],
    )
}

fn slower(factor: f64) -> Value {
    let mut run = rates();
    run["metrics_by_request_rate"]["5"]["throughput_toks_per_s"] = json!(100.0 * factor);
    run
}

#[test]
fn rates_have_rows_by_value_after_the_levels() {
    let mut both = rates();
    both["metrics"] = json!({"16": level()});
    let judgement = judge(&both, &both);
    let mut places: Vec<String> = judgement
        .rows
        .iter()
        .map(|row| format!("{} {}", row.level(), row.number.place))
        .collect();
    places.dedup();
    assert_eq!(
        places,
        [
            "16 c16",
            "0.8/s 0.8/s",
            "5/s 5/s",
            "server server",
            "profile profile"
        ]
    );
    assert_eq!(said(&judgement), "GREEN none");
    assert_eq!(judgement.headline.place.key(), "16");
}

#[test]
fn the_headline_of_rates_alone_is_one_of_them() {
    let judgement = judge(&rates(), &slower(0.5));
    assert_eq!(judgement.headline.place.key(), "0.8/s");
    assert_eq!(
        places(&judgement, "HEADLINE_MOVED"),
        ["metrics_by_request_rate[0.8]"]
    );
    assert_eq!(said(&judgement), "YELLOW few");
    for text in ["5/s", "5.0/s", " 5 /s"] {
        let asked = Request {
            headline: Some(text.to_owned()),
            ..Request::default()
        };
        let judgement = judge_as(&rates(), &slower(0.5), &asked);
        assert_eq!(said(&judgement), "RED headline");
        assert_eq!(
            judgement.reason,
            "throughput_toks_per_s at 5 requests/s changed by -50.0 %, tolerance 3 %"
        );
    }
}

#[test]
fn a_rate_that_only_one_side_has_is_not_compared() {
    let mut lost = rates();
    let cells = lost["metrics_by_request_rate"].as_object_mut();
    cells.expect("cells").remove("5");
    let judgement = judge(&rates(), &lost);
    assert_eq!(said(&judgement), "YELLOW lost");
    assert_eq!(
        places(&judgement, "UNMATCHED_LEVEL"),
        ["metrics_by_request_rate[5]"]
    );
    assert_eq!(
        judgement.reason,
        "the baseline has 5 requests/s, the current run does not"
    );
}

#[test]
fn trials_of_rates_are_merged_and_mirrored() {
    let runs = [0.9, 1.0, 1.1].map(slower);
    let merged = merged(&runs);
    let cell = &merged["metrics_by_request_rate"]["5"];
    assert_eq!(cell["throughput_toks_per_s"], json!(100.0));
    assert_eq!(cell["requests"], json!(3000));
    assert_eq!(merged["metrics"], json!({}));
    let mirrored = "metrics_by_request_rate[5].throughput_toks_per_s";
    assert_eq!(merged[mirrored], json!(100.0));
    let trials = merged["trials"]["runs"].as_array().expect("runs");
    let of_trials = trials.iter().map(|run| &run["values"][mirrored]);
    assert_eq!(of_trials.filter(|value| **value == json!(90.0)).count(), 1);
    assert_eq!(parse(&merged).to_json(), parse(&merged).to_json());
    let mut edited = merged.clone();
    edited[mirrored] = json!(99.0);
    let fault = refusal(&edited.to_string());
    assert!(fault.message.contains("flat mirror"), "{fault}");
}

#[test]
fn the_name_of_a_rate_is_its_shortest_form() {
    for name in ["5.0", "05", "0", "-1", "x", "5/s", "", "NaN", "inf"] {
        let mut document = rates();
        document["metrics_by_request_rate"][name] = level();
        let fault = refusal(&document.to_string());
        assert!(
            fault.message.contains("in their shortest decimal form"),
            "{name:?}: {fault}"
        );
    }
    // Neither levels nor rates are no measurement.
    let mut nothing = rates();
    nothing["metrics_by_request_rate"] = json!({});
    let fault = refusal(&nothing.to_string());
    assert!(fault.message.contains("found no level"), "{fault}");
}
