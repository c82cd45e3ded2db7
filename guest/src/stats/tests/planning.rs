//! Trials first, tolerances second.

use super::super::calibrate::{Repeated, calibrate};
use super::super::cell::{Adverse, Tolerance};
use super::{behaviour::runs, close};

#[test]
fn calibration_gives_the_prediction_limit_of_scipy() {
    let runs = runs();
    let values: Vec<f64> = (1..=8)
        .map(|i| {
            runs[format!("aa-0{i}")]["16"]["throughput_toks_per_s"]
                .as_f64()
                .unwrap()
        })
        .collect();
    let row = |values: Vec<f64>| Repeated {
        metric: "throughput_toks_per_s",
        level: "16",
        adverse: Adverse::Down,
        tolerance: Tolerance::Percent(3.0),
        values,
    };
    let rows = [row(values), row(vec![1.0, 2.0])];
    let result = calibrate(&rows, 3);
    let c = result[0].as_ref().unwrap();
    assert_eq!((c.n, c.degrees_of_freedom), (8, 7.0));
    // numpy: 100 * std(log(values), ddof=1)
    close(c.std, CALIBRATED[0], 1e-6, "std");
    // scipy: 100 * (1 - exp(-t.isf(0.01, 7) * s * sqrt(2 * k))) with k of 1 and 3 trials
    close(c.plans[0].flaps_once_in_100, CALIBRATED[1], 1e-6, "one run");
    close(
        c.plans[1].flaps_once_in_100,
        CALIBRATED[2],
        1e-6,
        "three trials",
    );
    assert!(
        c.plans
            .windows(2)
            .all(|p| p[1].detectable < p[0].detectable)
    );
    assert!(result[1].is_none(), "two runs say nothing");
}

const CALIBRATED: [f64; 3] = [1.039659105, 4.312152606, 2.909370658];
