//! Goodput: judged where both sides count by the same SLOs, and nowhere else.

use crate::documents::{changed, codes, document, judge, judge_as, row, said, tolerances, with};
use perfbridge_guest::document::{Document, trials};
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

/// The document with a goodput at concurrency 4.
fn of(goodput: f64, slo: Value) -> Value {
    changed(&[
        ("/metrics/4/goodput_per_s", json!(goodput)),
        ("/metrics/4/slo", slo),
    ])
}

fn slo() -> Value {
    json!({"ttft_ms": 500, "itl_ms": 50})
}

#[test]
fn three_percent_is_within_and_more_is_not() {
    for (from, to, expected) in [
        (4.0, 3.88, Status::Within),
        (4.0, 3.879, Status::Regressed),
        (4.0, 4.12, Status::Within),
        (4.0, 4.121, Status::Improved),
        (4.0, 0.0, Status::Regressed),
    ] {
        let judgement = judge(&of(from, slo()), &of(to, slo()));
        let row = row(&judgement, "goodput_per_s", "4");
        assert_eq!(row.status, expected, "{from} to {to}");
        assert_eq!(row.metric.unit().as_str(), "requests/s");
        assert_eq!(row.metric.better.as_str(), "higher-is-better");
        let regressed = expected == Status::Regressed;
        assert_eq!(said(&judgement) == "YELLOW few", regressed, "{to}");
    }
    let wide = tolerances(&[("goodput", "10")]);
    let judgement = judge_as(&of(4.0, slo()), &of(3.6, slo()), &wide);
    assert_eq!(row(&judgement, "goodput_per_s", "4").status, Status::Within);
}

/// A limit is the same number however it is written, in whatever order.
#[test]
fn the_same_slos_are_the_same_in_any_form() {
    let written = json!({"itl_ms": 50.0, "ttft_ms": 500.0});
    let judgement = judge(&of(4.0, slo()), &of(4.0, written));
    assert_eq!(row(&judgement, "goodput_per_s", "4").status, Status::Within);
}

#[test]
fn other_slos_and_unstated_ones_are_not_compared() {
    let none = Value::Null;
    let tight = json!({"ttft_ms": 500, "itl_ms": 40});
    let fewer = json!({"ttft_ms": 500});
    for (baseline, current, why, ruling) in [
        (
            slo(),
            tight,
            "the SLOs are ttft_ms 500, itl_ms 50 in the baseline, ttft_ms 500, itl_ms 40 in the current run",
            "YELLOW lost",
        ),
        (
            slo(),
            fewer,
            "the SLOs are ttft_ms 500, itl_ms 50 in the baseline, ttft_ms 500 in the current run",
            "YELLOW lost",
        ),
        (
            slo(),
            none.clone(),
            "the current run does not state its SLOs",
            "YELLOW lost",
        ),
        (
            none.clone(),
            slo(),
            "the baseline does not state its SLOs",
            "GREEN none",
        ),
        (
            none.clone(),
            none,
            "neither side states its SLOs",
            "GREEN none",
        ),
    ] {
        // Half of it is no regression of what is not the same.
        let judgement = judge(&of(4.0, baseline), &of(2.0, current));
        let row = row(&judgement, "goodput_per_s", "4");
        assert_eq!(row.status, Status::DefinitionMismatch, "{why}");
        assert_eq!(row.because.as_deref(), Some(why));
        assert!(row.explanation.contains(why), "{}", row.explanation);
        assert_eq!(said(&judgement), ruling, "{why}");
    }
}

/// Nobody asked for it: there is no row. One side alone did: the row has no value, and the baseline's is lost.
#[test]
fn without_a_goodput_there_is_no_row() {
    let rows = |baseline: &Value, current: &Value| {
        let judgement = judge(baseline, current);
        let all = judgement.rows.iter();
        let found = all.filter(|row| row.name() == "goodput_per_s");
        let found: Vec<Status> = found.map(|row| row.status).collect();
        (found, codes(&judgement).contains(&"LOST_MEASUREMENT"))
    };
    let with_it = of(4.0, slo());
    let null = of(4.0, slo());
    let null = with(null, &[("/metrics/4/goodput_per_s", Value::Null)]);
    assert_eq!(rows(&document(), &document()), (vec![], false));
    assert_eq!(rows(&null, &document()), (vec![], false));
    let none = vec![Status::NullLegacyBaseline];
    assert_eq!(rows(&with_it, &document()), (none.clone(), true));
    assert_eq!(rows(&document(), &with_it), (none, false));
}

#[test]
fn of_a_goodput_of_zero_there_is_no_percentage() {
    let judgement = judge(&of(0.0, slo()), &of(2.0, slo()));
    let row = row(&judgement, "goodput_per_s", "4");
    assert_eq!(row.status, Status::Unreliable);
    assert_eq!(
        row.because.as_deref(),
        Some("no request of the baseline met its SLOs, and of 0 there is no percentage")
    );
    assert_eq!(said(&judgement), "GREEN none");
}

#[test]
fn slos_that_are_no_limits_are_refused() {
    for slo in [
        json!("ttft:500"),
        json!({"ttft_ms": -1}),
        json!({"ttft_ms": "x"}),
    ] {
        let text = of(4.0, slo).to_string();
        let fault = Document::parse("x.json", &text)
            .map(drop)
            .expect_err("refused");
        assert!(
            fault.to_string().contains("metrics.4.slo")
                && fault.message.contains("expected an object of limits"),
            "{fault}"
        );
    }
}

/// The median of trials has the SLOs that all of them count by.
#[test]
fn trials_share_their_slos_or_have_none() {
    let trial = |at: usize, goodput: f64, slo: Value| {
        let run = of(goodput, slo);
        let pointer = "/metrics/4/ttft_p50_ms";
        with(run, &[(pointer, json!(100.0 + at as f64))]).to_string()
    };
    let merged = |slos: [Value; 3]| {
        let all = slos.into_iter().enumerate();
        let texts: Vec<String> = all
            .map(|(at, slo)| trial(at, [4.0, 4.3, 4.2][at], slo))
            .collect();
        trials::merge(&texts).unwrap_or_else(|fault| panic!("{fault}"))
    };
    let same = merged([slo(), slo(), slo()]);
    assert_eq!(same.map["metrics"]["4"]["goodput_per_s"], 4.2);
    assert_eq!(same.map["metrics"]["4"]["slo"], slo());
    assert_eq!(same.map["metrics"]["16"].get("goodput_per_s"), None);
    let other = merged([slo(), json!({"ttft_ms": 100}), slo()]);
    assert_eq!(other.map["metrics"]["4"].get("slo"), None);
}

/// What other SLOs do not compare explains no loss elsewhere.
#[test]
fn unstated_slos_are_no_cause() {
    let worse = with(
        of(4.0, Value::Null),
        &[("/metrics/4/ttft_p50_ms", json!(120.0))],
    );
    let judgement = judge(&of(4.0, Value::Null), &worse);
    assert_eq!(said(&judgement), "YELLOW few");
    assert!(
        !judgement.recommendation.contains("SLOs"),
        "{}",
        judgement.recommendation
    );
    let next = judgement.next_lever.expect("a lever");
    assert!(next.first.lever.contains("--max-num-batched-tokens"));
}
