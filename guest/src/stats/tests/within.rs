//! Evidence from inside one run, and histories.

use super::super::bootstrap::{Difference, Plan, Sample, quantile_differences};
use super::super::changepoint::{Search, change_points};
use super::super::drift::drift;
use super::super::rng::Rng;
use super::{close, expected, numbers};

/// Reference outputs of xoshiro256** and SplitMix64 written out by hand in Python integers from the
/// published algorithms, seed 1234567.
#[test]
fn the_generator_is_the_published_one() {
    let mut rng = Rng::new(1_234_567);
    let first: Vec<u64> = (0..3).map(|_| rng.next_u64()).collect();
    assert_eq!(first, XOSHIRO);
}

const XOSHIRO: [u64; 3] = [
    3504822795582309479,
    1819558768956484042,
    1250851346055027673,
];

#[test]
fn below_stays_below_and_reaches_every_index() {
    let mut rng = Rng::new(7);
    let mut seen = [0u32; 5];
    for _ in 0..5_000 {
        seen[rng.below(5)] += 1;
    }
    // Binomial(5000, 1/5): standard deviation 28; six of them either way.
    assert!(seen.iter().all(|&n| n.abs_diff(1_000) < 170), "{seen:?}");
}

/// 64 values in waves of 16: within a wave all alike, between waves different.
fn waves(scale: f64, seed: u64) -> Vec<f64> {
    let mut rng = Rng::new(seed);
    let levels: Vec<f64> = (0..4).map(|_| rng.uniform()).collect();
    (0..64)
        .map(|i| scale * (10.0 + levels[i / 16] + 0.01 * rng.uniform()))
        .collect()
}

#[test]
fn blocks_widen_the_interval_of_requests_that_move_in_waves() {
    let (base, now) = (waves(1.0, 1), waves(1.0, 2));
    let width = |block| {
        let d = difference(&base, &now, 0.5, block);
        let [low, high] = d.interval.unwrap();
        assert!(low <= d.estimate && d.estimate <= high, "{d:?}");
        high - low
    };
    assert!(
        width(16) > 1.2 * width(1),
        "{} against {}",
        width(16),
        width(1)
    );
}

#[test]
fn a_shift_of_every_request_excludes_zero_and_is_reproducible() {
    let (base, now) = (waves(1.0, 1), waves(1.5, 1));
    let d = difference(&base, &now, 0.95, 16);
    assert!(d.interval.unwrap()[0] > 0.0 && d.excludes_zero(), "{d:?}");
    assert_eq!(d, difference(&base, &now, 0.95, 16));
    let back = difference(&now, &base, 0.95, 16);
    assert!(back.interval.unwrap()[1] < 0.0, "{back:?}");
    let (nothing, side) = (Sample::new(&[], 16), Sample::new(&now, 16));
    assert_eq!(
        quantile_differences(&nothing, &side, &[0.5], &Plan::default()),
        []
    );
    assert_eq!(
        quantile_differences(&side, &side, &[1.5], &Plan::default()),
        []
    );
}

fn difference(baseline: &[f64], current: &[f64], q: f64, block: usize) -> Difference {
    let sides = [baseline, current].map(|values| Sample::new(values, block));
    quantile_differences(&sides[0], &sides[1], &[q], &Plan::default())[0]
}

/// With three blocks a side, most resamples hold the same waves and the width says nothing.
#[test]
fn three_blocks_have_an_estimate_and_no_interval() {
    let (base, now) = (waves(1.0, 1), waves(1.5, 1));
    let d = difference(&base, &now[..63], 0.5, 16);
    assert!(d.interval.is_none() && !d.excludes_zero() && d.estimate > 0.0);
    assert!(difference(&base[..63], &now, 0.5, 16).interval.is_none());
    assert!(difference(&base, &now, 0.5, 16).interval.is_some());
}

/// Numpy drew 20,000 circular block resamples; 2,000 of ours end within a twelfth of the width of its interval.
#[test]
fn intervals_are_those_of_a_plain_block_bootstrap_in_numpy() {
    for case in expected()["block_bootstrap"].as_array().unwrap() {
        let block = case["block"].as_u64().unwrap() as usize;
        let side = |name: &str| Sample::new(&numbers(&case[name]), block);
        let quantiles = numbers(&case["quantiles"]);
        let (baseline, current) = (side("baseline"), side("current"));
        let found = quantile_differences(&baseline, &current, &quantiles, &Plan::default());
        for (at, found) in found.iter().enumerate() {
            let want = numbers(&case["differences"][at]);
            close(found.estimate, want[0], 1e-12, "estimate");
            let slack = (want[2] - want[1]) / 12.0;
            let [low, high] = found.interval.unwrap();
            assert!(
                (low - want[1]).abs() < slack && (high - want[2]).abs() < slack,
                "block {block}, {}: {low} {high}, numpy {want:?}",
                quantiles[at]
            );
        }
    }
}

#[test]
fn drift_agrees_with_scipy() {
    for case in expected()["drift"].as_array().unwrap() {
        let block = case["block"].as_u64().unwrap() as usize;
        let found = drift(&numbers(&case["values"]), block, &Plan::default()).unwrap();
        let want = |name: &str| case[name].as_f64().unwrap();
        close(found.first, want("first"), 1e-14, "first");
        close(found.last, want("last"), 1e-14, "last");
        close(found.p_value.unwrap(), want("p"), 1e-11, "p");
        let change = found.change_percent.unwrap();
        assert!((change - want("change_percent")).abs() < 1e-10, "{change}");
        assert_eq!(found.drifted, case["drifted"].as_bool().unwrap());
    }
}

#[test]
fn a_slow_first_third_is_drift_and_a_steady_run_is_not() {
    let mut rng = Rng::new(3);
    let steady: Vec<f64> = (0..96).map(|_| 100.0 + 5.0 * rng.uniform()).collect();
    let warm: Vec<f64> = steady
        .iter()
        .enumerate()
        .map(|(i, v)| if i < 32 { v * 1.3 } else { *v })
        .collect();
    let drift = |values: &[f64], block| drift(values, block, &Plan::default());
    let (quiet, slow) = (drift(&steady, 4).unwrap(), drift(&warm, 4).unwrap());
    assert!(
        !quiet.drifted && quiet.change_percent.unwrap().abs() < 2.0,
        "{quiet:?}"
    );
    // 1 / 1.3 is a fall of 23 %.
    assert!(
        slow.drifted && (slow.change_percent.unwrap() + 23.0).abs() < 2.0,
        "{slow:?}"
    );
    assert!(slow.p_value.unwrap() < 1e-6);
    assert_eq!(
        drift(&steady[..21], 4),
        None,
        "five requests a third are too few"
    );
    // 96 - 8 and 96 - 7 leave thirds of 29: three blocks of 8, four of 7.
    let unsure = drift(&warm, 8).unwrap();
    assert!(unsure.difference.interval.is_none() && !unsure.drifted);
    assert!(drift(&warm, 7).unwrap().drifted, "four blocks of 7 a third");
    // The last requests of every run are quicker.
    let mut end = steady.clone();
    end[92..].fill(10.0);
    assert_eq!(drift(&end, 4), drift(&steady, 4));
    // Sure, and too small to matter: 4 %.
    let little = warm.iter().map(|v| if *v > 115.0 { v / 1.25 } else { *v });
    let little = drift(&little.collect::<Vec<_>>(), 4).unwrap();
    assert!(little.difference.excludes_zero() && little.p_value.unwrap() < 0.01);
    assert!(!little.drifted, "{little:?}");
}

#[test]
fn change_points_are_where_the_series_steps() {
    let table = expected();
    let series = numbers(&table["split"]["values"]);
    let found = change_points(&series, &Search::default());
    // The series was drawn with means 100, 92, 100 and lengths 14, 12, 5.
    let indices: Vec<usize> = found.iter().map(|c| c.index).collect();
    assert_eq!(indices, [14, 26]);
    assert!((found[0].before - 100.0).abs() < 2.0 && (found[0].after - 92.0).abs() < 2.0);
    assert!(found.iter().all(|c| c.p_value <= 0.01));
    // By brute force in numpy, the first split is one of them.
    assert!(indices.contains(&(table["split"]["best"][0].as_u64().unwrap() as usize)));
}

#[test]
fn noise_without_a_step_has_no_change_point() {
    let mut alarms = 0;
    for seed in 0..60 {
        let mut rng = Rng::new(seed);
        let series: Vec<f64> = (0..20).map(|_| 100.0 + rng.uniform()).collect();
        alarms += usize::from(!change_points(&series, &Search::default()).is_empty());
    }
    // Level 1 %: of sixty series more than four has a chance below 1 in 2000.
    assert!(alarms <= 4, "{alarms} alarms");
}

#[test]
fn short_and_constant_histories_have_no_change_point() {
    let step = [1.0, 1.0, 1.0, 1.0, 9.0, 9.0, 9.0, 9.0, 9.0];
    assert!(
        change_points(&step, &Search::default()).is_empty(),
        "nine entries are too few"
    );
    assert!(change_points(&[5.0; 30], &Search::default()).is_empty());
}
