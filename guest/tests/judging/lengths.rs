//! Outputs that changed their length explain a change, or hide one.

use crate::documents::{
    changed, document, judge, judge_as, level, level_set, places, said, status, tolerances, with,
};
use perfbridge_guest::judge::policy::Request;
use perfbridge_guest::judge::status::Status;
use serde_json::{Value, json};

const THROUGHPUT: &str = "throughput_toks_per_s";
const LATENCY: &str = "request_latency_p50_ms";

/// Level 16 with so long outputs, and a number that changed by so many percent.
fn run(length: f64, metric: &str, percent: f64) -> Value {
    let number = format!("/metrics/16/{metric}");
    let value = document().pointer(&number).and_then(Value::as_f64);
    let value = value.expect("a number") * (1.0 + percent / 100.0);
    changed(&[
        ("/metrics/16/osl_mean", json!(length)),
        (&number, json!(value)),
    ])
}

fn of(length: f64, metric: &str, percent: f64) -> Status {
    let judgement = judge(&document(), &run(length, metric, percent));
    status(&judgement, metric, "16")
}

/// -5 % of throughput with outputs 2 % shorter is -3 %, exactly the tolerance; with 1.9 % it is more.
#[test]
fn shorter_outputs_explain_less_throughput() {
    assert_eq!(of(98.0, THROUGHPUT, -5.0), Status::Unresolved);
    assert_eq!(of(98.1, THROUGHPUT, -5.0), Status::Regressed);
    // Longer ones explain nothing of a loss.
    assert_eq!(of(102.0, THROUGHPUT, -5.0), Status::Regressed);
    // A third of the tolerance is 1 %: at exactly that nothing is explained.
    assert_eq!(of(99.0, THROUGHPUT, -3.5), Status::Regressed);
    assert_eq!(of(98.9, THROUGHPUT, -3.5), Status::Unresolved);
    let judgement = judge(&document(), &run(98.0, THROUGHPUT, -5.0));
    assert_eq!(said(&judgement), "YELLOW unresolved");
    assert_eq!(
        judgement.reason,
        "1 row is beyond tolerance but cannot be called a regression (outputs changed their length by -2.00 %, which is enough to explain it), first throughput_toks_per_s at c16"
    );
    assert!(
        judgement
            .recommendation
            .starts_with("outputs of another length hide or explain a change"),
        "{}",
        judgement.recommendation
    );
}

/// Outputs that are 100 % shorter would take all of a loss of 100 %: but 0 tok/s is no artefact, and no length explains it.
#[test]
fn no_length_explains_a_throughput_of_zero() {
    let nothing = |document: Value, level: &str| {
        let names = [THROUGHPUT, "osl_mean"];
        level_set(document, level, &names, 0.0)
    };
    // Beyond 1 % of failed requests the lengths are no identity.
    let failed = with(
        nothing(document(), "16"),
        &[("/metrics/16/errors", json!(11))],
    );
    let judgement = judge(&document(), &failed);
    assert_eq!(status(&judgement, THROUGHPUT, "16"), Status::Regressed);
    assert_eq!(said(&judgement), "RED headline");
    // Nor where the operator declares the lengths as what was changed, at any place.
    let varied = Request {
        vary: vec!["osl".to_owned()],
        ..Request::default()
    };
    for (current, expected) in [
        (nothing(document(), "16"), "RED headline"),
        (nothing(document(), "4"), "RED severe"),
        (nothing(nothing(document(), "4"), "16"), "RED headline"),
        (
            level_set(run(50.0, THROUGHPUT, -100.0), "4", &[THROUGHPUT], 0.0),
            "RED headline",
        ),
    ] {
        assert_eq!(said(&judge_as(&document(), &current, &varied)), expected);
    }
}

/// A latency has its own tolerance: a third of 5 % is 1.67 %.
#[test]
fn longer_outputs_explain_more_latency() {
    assert_eq!(of(102.0, LATENCY, 7.0), Status::Unresolved);
    assert_eq!(of(102.0, LATENCY, 7.1), Status::Regressed);
    assert_eq!(of(101.6, LATENCY, 6.5), Status::Regressed);
    assert_eq!(of(101.7, LATENCY, 6.5), Status::Unresolved);
    assert_eq!(of(98.0, LATENCY, 7.0), Status::Regressed);
}

/// No other metric is excused.
#[test]
fn nothing_else_is_excused() {
    for (metric, percent) in [
        ("ttft_p50_ms", 6.0),
        ("itl_p50_ms", 4.0),
        ("tps_per_user", -4.0),
    ] {
        assert_eq!(of(97.0, metric, percent), Status::Regressed, "{metric}");
        assert_eq!(of(103.0, metric, percent), Status::Regressed, "{metric}");
    }
}

/// As many tokens a second of longer outputs are fewer requests: 100 / 103.1 is -3.01 %.
#[test]
fn longer_outputs_hide_fewer_requests() {
    assert_eq!(of(103.0, THROUGHPUT, 0.0), Status::Within);
    assert_eq!(of(103.1, THROUGHPUT, 0.0), Status::Unresolved);
    // Requests a second as the tool counts them win over the quotient.
    let counted = |rate: f64| {
        let rate = [("/metrics/16/requests_per_s", json!(rate))];
        let current = with(run(102.0, THROUGHPUT, 0.0), &rate);
        let baseline = changed(&[("/metrics/16/requests_per_s", json!(1.0))]);
        status(&judge(&baseline, &current), THROUGHPUT, "16")
    };
    assert_eq!(counted(0.97), Status::Within);
    assert_eq!(counted(0.969), Status::Unresolved);
}

/// In an open loop as many requests come whatever their length: nothing is excused.
#[test]
fn an_open_loop_is_not_excused() {
    let rate = |throughput: f64, length: f64| {
        let mut cell = level();
        cell[THROUGHPUT] = json!(throughput);
        cell["osl_mean"] = json!(length);
        changed(&[
            ("/metrics", json!({})),
            ("/metrics_by_request_rate", json!({ "2": cell })),
        ])
    };
    let judgement = judge(&rate(100.0, 100.0), &rate(95.0, 97.0));
    assert_eq!(status(&judgement, THROUGHPUT, "2/s"), Status::Regressed);
}

/// A third of a smaller tolerance is less than the 1 % from which a drift is told: it is told all the same.
#[test]
fn what_explains_is_told() {
    let current = run(99.5, THROUGHPUT, -1.2);
    let judgement = judge_as(&document(), &current, &tolerances(&[("tps", "1")]));
    assert_eq!(status(&judgement, THROUGHPUT, "16"), Status::Unresolved);
    assert_eq!(
        places(&judgement, "OUTPUT_LENGTH_DRIFT"),
        ["metrics.16.osl_mean"]
    );
}

#[test]
fn input_lengths_are_told_from_one_percent_on() {
    let of = |length: f64| changed(&[("/metrics/16/isl_mean", json!(length))]);
    let code = "INPUT_LENGTH_DRIFT";
    assert!(places(&judge(&document(), &of(1010.0)), code).is_empty());
    let judgement = judge(&document(), &of(1011.0));
    assert_eq!(places(&judgement, code), ["metrics.16.isl_mean"]);
    assert_eq!(said(&judgement), "GREEN none");
}

/// Survivors have other lengths: beyond 1 % of failed requests a difference is a finding and no other workload.
#[test]
fn lengths_of_survivors_are_no_identity() {
    let of = |errors: u64| {
        changed(&[
            ("/metrics/4/isl_mean", json!(1100.0)),
            ("/metrics/4/errors", json!(errors)),
        ])
    };
    assert_eq!(
        said(&judge(&document(), &of(10))),
        "NO_VERDICT not-comparable"
    );
    let judgement = judge(&document(), &of(11));
    assert!(judgement.identity.mismatched.is_empty());
    assert_eq!(
        places(&judgement, "INPUT_LENGTH_DRIFT"),
        ["metrics.4.isl_mean"]
    );
}
