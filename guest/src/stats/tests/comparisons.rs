//! Whole tests against scipy: ranks, failures, predictions, pairs, small losses, histories.

use super::super::creep::creep;
use super::super::fisher::{Failed, p_more_failures};
use super::super::history::{HAMPEL, kendall_p, stationary};
use super::super::noise::{Spread, pool, squares};
use super::super::pairs::Pair;
use super::super::predict::prediction_half_width;
use super::super::scale::Placed;
use super::super::{Adverse, Cell, Method, Options, Tolerance, assess, exact};
use super::{close, expected, numbers, some};
use serde_json::Value;

#[test]
fn exact_ranks_agree_with_scipy_with_and_without_ties() {
    let table = expected();
    for case in table["exact_ranks"].as_array().unwrap() {
        let (high, low) = (numbers(&case["high"]), numbers(&case["low"]));
        let p = exact::p_higher(&high, &low).unwrap();
        close(p, case["p"].as_f64().unwrap(), 1e-12, &case.to_string());
    }
    assert_eq!(exact::p_higher(&[], &[1.0]), None);
}

#[test]
fn many_values_are_ranked_by_the_normal_approximation() {
    let low: Vec<f64> = (0..40).map(f64::from).collect();
    let high: Vec<f64> = low.iter().map(|value| value + 9.5).collect();
    // scipy: mannwhitneyu(high, low, alternative="greater", method="asymptotic").pvalue
    close(
        exact::p_higher(&high, &low).unwrap(),
        6.438_033_624_873_997e-4,
        1e-6,
        "p",
    );
    let other = exact::p_higher(&low, &high).unwrap();
    assert!(other > 0.999, "{other}");
    assert_eq!(exact::p_higher(&[1.0; 40], &[1.0; 40]), Some(1.0));
}

#[test]
fn failures_agree_with_fisher_of_scipy() {
    let table = expected();
    for row in table["fisher"].as_array().unwrap() {
        let n = numbers(row);
        let arm = |at: usize| Failed {
            failed: n[at] as u64,
            of: n[at + 1] as u64,
        };
        close(
            p_more_failures(arm(0), arm(2)),
            n[4],
            1e-9,
            &row.to_string(),
        );
    }
    let nothing = Failed { failed: 0, of: 0 };
    assert_eq!(p_more_failures(nothing, nothing), 1.0);
}

#[test]
fn predictions_of_one_run_agree_with_scipy() {
    let table = expected();
    for case in table["prediction"].as_array().unwrap() {
        let logs: Vec<f64> = numbers(&case["values"])
            .into_iter()
            .map(libm::log)
            .collect();
        let spread = pool(&[squares(&logs)], 0.0).unwrap();
        let half = prediction_half_width(spread, logs.len(), 0.99);
        close(half, case["half"].as_f64().unwrap(), 1e-9, "half width");
    }
    let exact = Spread {
        variance: 4.0,
        df: 1e9,
    };
    // With a known variance and many values: 2.5758 standard deviations.
    close(
        prediction_half_width(exact, 100_000, 0.99),
        5.151_7,
        1e-4,
        "normal",
    );
}

fn of_levels(rows: &Value) -> Vec<Cell<'_>> {
    let cell = |row| -> Cell<'_> {
        let row: &Value = row;
        Cell {
            metric: "throughput_toks_per_s",
            level: row["level"].as_str().unwrap(),
            adverse: Adverse::Down,
            tolerance: Tolerance::Percent(3.0),
            baseline: some(&numbers(&row["baseline"])),
            current: some(&numbers(&row["current"])),
            history: Vec::new(),
            headline: row["level"] == "16",
        }
    };
    rows.as_array().unwrap().iter().map(cell).collect()
}

#[test]
fn a_whole_comparison_of_pairs_agrees_with_scipy() {
    let table = expected();
    let cells = of_levels(&table["paired"]);
    let pairs: Vec<Pair> = (0..5)
        .map(|at| Pair {
            baseline: at,
            current: at,
        })
        .collect();
    let evidence = assess(&cells, &pairs, &Options::default());
    for (got, row) in evidence.iter().zip(table["paired"].as_array().unwrap()) {
        let want = |key: &str| row[key].as_f64().unwrap();
        let noise = got.noise.as_ref().unwrap();
        assert_eq!((noise.method, noise.n, noise.pairs), (Method::Pairs, 10, 5));
        close(got.delta.unwrap(), want("delta"), 1e-9, "delta");
        close(noise.std, want("std"), 1e-9, "std of one run");
        close(noise.degrees_of_freedom, want("df"), 1e-9, "df");
        close(got.p_value.unwrap(), want("p"), 1e-8, "p");
        let (low, high) = got.interval.unwrap();
        close(low, want("low"), 1e-8, "low");
        close(high, want("high"), 1e-8, "high");
    }
}

#[test]
fn a_small_loss_at_every_level_agrees_with_scipy() {
    let table = expected();
    let case = &table["creep"];
    let runs = |side: &str| -> Vec<Vec<f64>> {
        let runs = case[side].as_array().unwrap();
        runs.iter().map(numbers).collect()
    };
    let (baseline, current) = (runs("baseline"), runs("current"));
    let cells: Vec<Cell> = ["4", "16", "32"]
        .into_iter()
        .enumerate()
        .map(|(at, level)| Cell {
            metric: "throughput_toks_per_s",
            level,
            adverse: Adverse::Down,
            tolerance: Tolerance::Percent(3.0),
            baseline: baseline.iter().map(|run| Some(run[at])).collect(),
            current: current.iter().map(|run| Some(run[at])).collect(),
            history: Vec::new(),
            headline: level == "16",
        })
        .collect();
    let found = creep(&cells, &[], &Options::default()).unwrap();
    assert_eq!(found.levels, 3);
    close(
        found.change,
        case["change"].as_f64().unwrap(),
        1e-9,
        "change",
    );
    close(found.p_value, case["p"].as_f64().unwrap(), 1e-8, "p");
}

fn entries(values: &[f64]) -> Vec<Placed> {
    let place = |(run, value): (usize, &f64)| Placed { run, value: *value };
    values.iter().enumerate().map(place).collect()
}

#[test]
fn drift_and_steps_of_a_history_agree_with_scipy() {
    let table = expected();
    let case = &table["histories"];
    let drifting = numbers(&case["drifting"]);
    close(
        kendall_p(&drifting),
        case["kendall_p"].as_f64().unwrap(),
        1e-10,
        "Kendall's p",
    );
    let found = stationary(&entries(&drifting[..10]), drifting[10], 1e-6).unwrap();
    assert!(found.drifts && found.bad.is_empty());
    assert_eq!((found.counted.len(), found.df), (10, 8.0));
    close(
        found.squares,
        case["without_drift"].as_f64().unwrap(),
        1e-9,
        "squares",
    );
    let stepped = numbers(&case["stepped"]);
    assert!(case["split_p"].as_f64().unwrap() < 0.01);
    let found = stationary(&entries(&stepped[..12]), stepped[12], 1e-6).unwrap();
    let first = case["split"].as_u64().unwrap() as usize;
    let runs: Vec<usize> = found.counted.iter().map(|it| it.run).collect();
    assert_eq!(runs, (first..12).collect::<Vec<usize>>());
    close(
        found.squares,
        case["after_step"].as_f64().unwrap(),
        1e-9,
        "squares",
    );
}

#[test]
fn kendalls_test_falls_back_where_values_tie_or_are_many() {
    // Exact for five different values in order: two orders of 120.
    close(
        kendall_p(&[1.0, 2.0, 3.0, 4.0, 5.0]),
        2.0 / 120.0,
        1e-12,
        "exact",
    );
    close(
        kendall_p(&[5.0, 4.0, 3.0, 2.0, 1.0]),
        2.0 / 120.0,
        1e-12,
        "falling",
    );
    assert_eq!(kendall_p(&[7.0; 9]), 1.0);
    let rising: Vec<f64> = (0..40).map(f64::from).collect();
    assert!(kendall_p(&rising) < 1e-12);
}

#[test]
fn bad_runs_have_the_limits_that_were_drawn() {
    for (got, want) in HAMPEL.into_iter().zip(numbers(&expected()["hampel"])) {
        assert!((got - want).abs() < 0.06, "{got} against {want}");
    }
}
