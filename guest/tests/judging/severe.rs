//! One place alone is enough where it is bad enough.

use crate::documents::{
    changed, document, judge, judge_as, level_set, ruling, said, tolerances, with,
};
use serde_json::{Value, json};

fn of(changes: &[(&str, f64)]) -> Value {
    at("4", changes)
}

fn at(level: &str, changes: &[(&str, f64)]) -> Value {
    let set =
        |document, (metric, value): &(&str, f64)| level_set(document, level, &[metric], *value);
    changes.iter().fold(document(), set)
}

/// Five times 3 % of throughput.
#[test]
fn throughput_beyond_five_tolerances() {
    assert_eq!(
        ruling(&document(), &of(&[("throughput_toks_per_s", 85.0)])),
        "YELLOW few"
    );
    let judgement = judge(&document(), &of(&[("throughput_toks_per_s", 84.9)]));
    assert_eq!(said(&judgement), "RED severe");
    assert_eq!(
        judgement.reason,
        "beyond 5 times the default tolerance: throughput_toks_per_s at c4 -15.1 %"
    );
}

/// TTFT, decode speed and request latency: two of three. Percentiles of TTFT are one, ITL and tok/s/user are one.
#[test]
fn two_families_of_latencies() {
    let ttft = ("ttft_p50_ms", 126.0);
    let itl = ("itl_p50_ms", 116.0);
    let user = ("tps_per_user", 84.0);
    let latency = ("request_latency_p50_ms", 12_600.0);
    for (changes, expected) in [
        (vec![ttft], "YELLOW few"),
        (
            vec![ttft, ("ttft_p95_ms", 151.0), ("ttft_p99_ms", 176.0)],
            "YELLOW localized",
        ),
        (vec![itl, user], "YELLOW few"),
        (vec![ttft, itl], "RED severe"),
        (vec![ttft, user], "RED severe"),
        (vec![ttft, latency], "RED severe"),
        (vec![latency, itl], "RED severe"),
        // Exactly five tolerances are not beyond them.
        (vec![("ttft_p50_ms", 125.0), itl], "YELLOW few"),
        (vec![("ttft_p95_ms", 151.0), itl], "RED severe"),
    ] {
        let current = at("16", &changes);
        assert_eq!(ruling(&document(), &current), expected, "{changes:?}");
    }
}

/// A tolerance that the operator widened is still a tolerance: what is within it is not severe.
#[test]
fn the_tolerance_in_force_counts_too() {
    let current = of(&[("throughput_toks_per_s", 80.0)]);
    let wide = tolerances(&[("tps", "25")]);
    let judgement = judge_as(&document(), &current, &wide);
    assert_eq!(said(&judgement), "GREEN none");
    // A narrow one does not make five of its own severe.
    let current = of(&[("throughput_toks_per_s", 90.0)]);
    let narrow = tolerances(&[("tps", "1")]);
    assert_eq!(
        said(&judge_as(&document(), &current, &narrow)),
        "YELLOW few"
    );
}

/// A p95 of 58 requests is no percentile (59 are): it does not make a place severe.
#[test]
fn percentiles_of_too_few_requests_do_not_count() {
    let few = |requests: u64, document: Value| {
        with(document, &[("/metrics/4/requests", json!(requests))])
    };
    let worse = of(&[("ttft_p95_ms", 160.0), ("itl_p50_ms", 116.0)]);
    let judged = |requests: u64| ruling(&few(requests, document()), &few(requests, worse.clone()));
    assert_eq!(judged(58), "YELLOW few");
    assert_eq!(judged(59), "RED severe");
}

/// The error rate of the headline's place by more than 5 points, beyond chance.
#[test]
fn errors_of_the_headline() {
    let failing =
        |level: &str, errors: u64| changed(&[(&format!("/metrics/{level}/errors"), json!(errors))]);
    assert_eq!(ruling(&document(), &failing("16", 50)), "YELLOW few");
    let judgement = judge(&document(), &failing("16", 51));
    assert_eq!(said(&judgement), "RED severe");
    assert_eq!(
        judgement.reason,
        "at concurrency 16 the error rate went from 0.0 % to 5.1 %"
    );
    assert_eq!(ruling(&document(), &failing("4", 90)), "YELLOW few");
    // 4 of 64 are 6.25 % with p = 0.059 (scipy.stats.fisher_exact), 5 of 64 p = 0.029, 6 of 64 p = 0.0138.
    let small = |errors: u64| {
        changed(&[
            ("/metrics/16/errors", json!(errors)),
            ("/metrics/16/requests", json!(64)),
        ])
    };
    assert_eq!(ruling(&small(0), &small(5)), "YELLOW few");
    assert_eq!(ruling(&small(0), &small(6)), "RED severe");
}
