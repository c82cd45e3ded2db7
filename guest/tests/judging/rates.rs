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
    // Whether a rate was reached is not known of these: the lowest.
    assert_eq!(judgement.headline.place.key(), "0.8/s");
    assert_eq!(
        places(&judgement, "HEADLINE_MOVED"),
        ["metrics_by_request_rate[0.8]"]
    );
    assert_eq!(said(&judgement), "RED severe");
    assert_eq!(said(&judge(&rates(), &slower(0.9))), "YELLOW few");
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

/// Rates of 2 and 5 with so many requests a second sent.
fn sent(at_two: f64, at_five: f64) -> Value {
    let cell = |rate: f64| with(level(), &[("/sent_per_s", json!(rate))]);
    with(
        rates(),
        &[(
            "/metrics_by_request_rate",
            json!({"2": cell(at_two), "5": cell(at_five)}),
        )],
    )
}

/// The highest rate of which at least 95 % were sent, else the lowest.
#[test]
fn the_headline_of_rates_is_the_highest_that_was_reached() {
    for (at_two, at_five, expected) in [
        (2.0, 4.75, "5/s"),
        (2.0, 4.74, "2/s"),
        (1.9, 4.0, "2/s"),
        (1.8, 4.0, "2/s"),
        (1.8, 5.0, "5/s"),
    ] {
        let run = sent(at_two, at_five);
        let judgement = judge(&run, &run);
        assert_eq!(judgement.headline.place.key(), expected);
    }
    // It is the baseline's, whatever the current run reached.
    let judgement = judge(&sent(2.0, 5.0), &sent(2.0, 3.0));
    assert_eq!(judgement.headline.place.key(), "5/s");
}

/// Nobody counted what was sent: 1000 requests at 5 a second and a mean of 10 s last 210 s, 4.76 a second.
#[test]
fn a_rate_is_reached_as_far_as_its_latency_lets_it() {
    let of = |per_second: f64| {
        let cell = with(
            level(),
            &[
                ("/requests_per_s", json!(per_second)),
                ("/request_latency_mean_ms", json!(10_000.0)),
            ],
        );
        let cells = json!({"0.8": level(), "5": cell});
        with(rates(), &[("/metrics_by_request_rate", cells)])
    };
    // 95 % of 4.7619 are 4.5238.
    for (per_second, expected) in [(4.524, "5/s"), (4.523, "0.8/s")] {
        let judgement = judge(&of(per_second), &of(per_second));
        assert_eq!(judgement.headline.place.key(), expected, "{per_second}");
    }
}

/// A rate that the baseline did not reach has the latencies of a queue; that of the current run is what users get.
#[test]
fn latencies_of_a_rate_that_was_not_reached() {
    use crate::documents::status;
    use perfbridge_guest::judge::status::Status;
    let missed = json!([{
        "code": "RATE_NOT_REACHED",
        "severity": "warning",
        "message": "offered 5, achieved 4",
        "where": "metrics_by_request_rate[5].sent_per_s",
    }]);
    let well = sent(2.0, 5.0);
    let short = with(sent(2.0, 4.0), &[("/findings", missed)]);
    for (baseline, current, expected) in [
        (&short, &well, Status::Unreliable),
        (&well, &short, Status::Within),
        (&short, &short, Status::Unreliable),
    ] {
        let judgement = judge(baseline, current);
        for metric in [
            "ttft_p50_ms",
            "ttft_p99_ms",
            "itl_p50_ms",
            "request_latency_p50_ms",
        ] {
            assert_eq!(status(&judgement, metric, "5/s"), expected, "{metric}");
            assert_eq!(
                status(&judgement, metric, "2/s"),
                Status::Within,
                "{metric}"
            );
        }
        let throughput = status(&judgement, "throughput_toks_per_s", "5/s");
        assert_eq!(throughput, Status::Within);
    }
}

/// What was sent says it where no finding does: 4.75 of 5 is 95 %. Of a Poisson process, whose n arrivals spread by
/// 1 / sqrt(n), chance may take 1.645 times as much: 20.6 % of 64 requests, 5.2 % of 1000.
#[test]
fn a_rate_that_was_missed_by_its_number() {
    use crate::documents::status;
    use perfbridge_guest::judge::status::Status;
    let of = |per_second: f64, requests: u64, burstiness: Value| {
        let mut run = sent(2.0, per_second);
        let cell = &mut run["metrics_by_request_rate"]["5"];
        cell["requests"] = json!(requests);
        cell["load"] = json!({"kind": "rate", "request_rate": 5.0, "burstiness": burstiness});
        run
    };
    for (per_second, requests, burstiness, missed) in [
        (4.75, 1000, Value::Null, false),
        (4.74, 1000, Value::Null, true),
        (4.74, 1000, json!(1.0), false),
        (4.73, 1000, json!(1.0), true),
        (4.0, 64, json!(1.0), false),
        (3.97, 64, json!(1.0), true),
        (4.0, 64, json!(4.0), true),
    ] {
        let run = of(per_second, requests, burstiness);
        let judgement = judge(&run, &run);
        let expected = if missed {
            Status::Unreliable
        } else {
            Status::Within
        };
        let found = status(&judgement, "ttft_p50_ms", "5/s");
        assert_eq!(found, expected, "{per_second} of {requests}");
        assert_eq!(
            status(&judgement, "throughput_toks_per_s", "5/s"),
            Status::Within
        );
    }
    // One of three trials missed it; the median did not.
    let trial = |per_second: f64, hair: f64| {
        let mut run = of(per_second, 1000, Value::Null);
        run["metrics_by_request_rate"]["2"]["ttft_p50_ms"] = json!(hair);
        run
    };
    let three = merged(&[trial(5.0, 100.0), trial(4.0, 100.1), trial(5.0, 100.2)]);
    let judgement = judge(&three, &trial(5.0, 100.3));
    assert_eq!(status(&judgement, "ttft_p50_ms", "5/s"), Status::Unreliable);
    assert_eq!(status(&judgement, "ttft_p50_ms", "2/s"), Status::Within);
}
