//! Numbers of one run under another name, as they are and rounded.

use crate::documents::{changed, document, judge, level_set, places, said, with};
use crate::trials::merged;
use perfbridge_guest::judge::tier::Tier;
use serde_json::json;

/// What was printed of a run, beside what was measured.
#[test]
fn a_rounded_copy_and_a_coarse_run() {
    let exact = [
        4_321.987_654,
        35.123_456,
        41.987_654,
        48.555_555,
        12.345_678,
        81.001_234,
        3_210.987_65,
    ];
    let names = [
        "throughput_toks_per_s",
        "ttft_p50_ms",
        "ttft_p95_ms",
        "ttft_p99_ms",
        "itl_p50_ms",
        "tps_per_user",
        "request_latency_p50_ms",
    ];
    let of = |numbers: [f64; 7]| {
        let mut run = changed(&[("/metrics", json!({"16": document()["metrics"]["16"]}))]);
        for (name, value) in names.iter().zip(numbers) {
            run = level_set(run, "16", &[*name], value);
        }
        run
    };
    let copies = |numbers| places(&judge(&of(exact), &of(numbers)), "SAME_NUMBERS").len();
    let with_one = |at: usize, value: f64| {
        let mut numbers = [4321.99, 35.12, 41.99, 48.56, 12.35, 81.0, 3210.99];
        numbers[at] = value;
        numbers
    };
    assert_eq!(copies(with_one(1, 35.12)), 1);
    // The records' throughput is of a shorter time.
    assert_eq!(copies(with_one(0, 4329.4)), 1);
    assert_eq!(copies(with_one(0, 4500.1)), 0);
    assert_eq!(copies(with_one(1, 35.13)), 0);
    assert_eq!(copies(with_one(4, 12.34)), 0);
    // Digits that two honest runs share: 35 and 42 ms are 35.12 and 41.99 ms, or many others.
    assert_eq!(copies([4322.0, 35.0, 42.0, 49.0, 12.0, 81.0, 3211.0]), 0);
    assert_eq!(copies([4322.0, 35.1, 42.0, 48.6, 12.3, 81.0, 3211.0]), 0);
}

/// One place of one trial in another trial of its side, under another id, as it is and rounded.
#[test]
fn a_place_of_one_trial_in_another() {
    let names = [
        "throughput_toks_per_s",
        "ttft_p50_ms",
        "ttft_p95_ms",
        "tps_per_user",
        "request_latency_p50_ms",
    ];
    let of = |name: &str, numbers: [f64; 5], other: f64| {
        let mut run = level_set(document(), "4", &["throughput_toks_per_s"], other);
        for (metric, value) in names.iter().zip(numbers) {
            run = level_set(run, "16", &[*metric], value);
        }
        let start = json!(format!("2026-11-24T10:0{name}:00"));
        let known = [
            ("/metrics/16/run_id", json!(name)),
            ("/metrics/16/start_time", start),
        ];
        with(run, &known)
    };
    let exact = [
        100.123_456,
        100.234_567,
        101.345_678,
        100.456_789,
        10_000.567_89,
    ];
    let rounded = [100.12, 100.23, 101.35, 100.46, 10_000.57];
    let own = [
        100.223_456,
        100.334_567,
        101.445_678,
        100.556_789,
        10_001.567_89,
    ];
    let last = [
        100.323_456,
        100.434_567,
        101.545_678,
        100.656_789,
        10_002.567_89,
    ];
    let side = |second: [f64; 5]| {
        merged(&[
            of("1", exact, 100.1),
            of("2", second, 100.2),
            of("3", last, 100.3),
        ])
    };
    let honest = {
        let shifted = |numbers: [f64; 5]| numbers.map(|value| value + 0.012_345);
        merged(&[
            of("4", shifted(exact), 100.15),
            of("5", shifted(own), 100.25),
            of("6", shifted(last), 100.35),
        ])
    };
    for (second, copies) in [(own, 0), (exact, 1), (rounded, 1)] {
        let copied = side(second);
        for sides in [[&honest, &copied], [&copied, &honest]] {
            let judgement = judge(sides[0], sides[1]);
            assert_eq!(said(&judgement), "GREEN none");
            let told = places(&judgement, "SAME_NUMBERS");
            assert_eq!(told, vec!["metrics.16"; copies]);
            assert_eq!(judgement.tier == Tier::Draft, copies == 1);
        }
    }
}
