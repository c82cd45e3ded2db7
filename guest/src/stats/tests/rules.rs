//! What must agree with the t test, and what single runs and small losses say.

use super::super::advice::most_demanding;
use super::super::creep::{creep, ratchet};
use super::super::pairs::Pair;
use super::super::predict::slow_trials;
use super::super::{
    Advice, Cell, Doubt, Evidence, LeftOut, Method, Options, Resolution, Tolerance, assess,
};
use super::{close, headline, only};

fn outcome(e: &Evidence) -> (Resolution, Option<Doubt>) {
    (e.resolution, e.doubt)
}

const SURE: (Resolution, Option<Doubt>) = (Resolution::BeyondNoise, None);

fn doubted(doubt: Doubt) -> (Resolution, Option<Doubt>) {
    (Resolution::InsideNoise, Some(doubt))
}

#[test]
fn three_against_three_must_be_separated() {
    let base = [250.0, 251.0, 249.0];
    assert_eq!(
        outcome(&only(headline(&base, &[240.0, 241.0, 239.0], &[]))),
        SURE
    );
    assert_eq!(
        outcome(&only(headline(&base, &[260.0, 261.0, 259.0], &[]))),
        SURE,
        "better"
    );
    // Ten trials of which one is as fast as the baseline's: not a fifth of them, and the ranks allow it.
    let mut many = vec![
        240.0, 241.0, 239.0, 240.5, 239.5, 240.2, 239.8, 240.9, 239.1,
    ];
    many.push(249.5);
    assert_eq!(
        outcome(&only(headline(&[250.0, 251.0, 249.0, 250.5], &many, &[]))),
        SURE
    );
}

#[test]
fn ranks_can_overrule_the_t_test() {
    // scipy: t = 7.0 on 6 df (p = 2e-4), but U = 3 of 16: mannwhitneyu exact p = 0.1.
    let (base, now) = ([251.0, 250.9, 250.8, 248.0], [247.9, 247.8, 248.1, 250.85]);
    let e = only(headline(&base, &now, &[]));
    assert_eq!(e.resolution, Resolution::InsideNoise, "{e:?}");
}

#[test]
fn a_second_state_inside_an_arm_is_noise() {
    // Five fast trials against four slow ones and a fast one: p of the t test 2e-4, of the ranks 1.6 %.
    let base = [250.0, 251.0, 249.0, 250.5, 249.5];
    let now = [212.0, 213.0, 211.0, 212.5, 249.2];
    let e = only(headline(&base, &now, &[]));
    assert!(e.p_value.unwrap() < 0.005);
    assert_eq!(outcome(&e), doubted(Doubt::States));
    assert!(
        matches!(e.advice, Some(Advice::Quieter(_))),
        "{:?}",
        e.advice
    );
    let all_slow = [212.0, 213.0, 211.0, 212.5, 211.5];
    assert_eq!(outcome(&only(headline(&base, &all_slow, &[]))), SURE);
}

#[test]
fn an_outlier_that_the_other_arm_shows_too_is_not_left_out() {
    let base = [250.0, 251.0, 249.0, 250.5, 213.0];
    let fast = only(headline(&base, &[249.8, 250.2, 248.9, 250.1, 249.4], &[]));
    assert_eq!(fast.noise.unwrap().left_out, [LeftOut::Baseline(4)]);
    let slow = only(headline(&base, &[212.0, 213.5, 211.0, 212.5, 211.5], &[]));
    assert!(slow.noise.unwrap().left_out.is_empty());
}

#[test]
fn a_run_that_lacks_a_number_keeps_the_places_of_the_others() {
    let mut cell = headline(&[250.0, 251.0, 170.0, 249.0, 250.5], &[249.0; 5], &[]);
    cell.baseline.insert(0, None);
    let noise = only(cell).noise.unwrap();
    assert_eq!(noise.left_out, [LeftOut::Baseline(3)]);
}

#[test]
fn an_arm_of_two_must_lie_outside_the_other() {
    let base = [250.0, 251.0, 249.0];
    assert_eq!(outcome(&only(headline(&base, &[230.0, 231.0], &[]))), SURE);
    let e = only(headline(&base, &[205.0, 249.0], &[]));
    assert_eq!(e.resolution, Resolution::InsideNoise);
    // The baseline is the small arm.
    assert_eq!(
        outcome(&only(headline(&[250.0], &[230.0, 231.0, 229.0], &[]))),
        SURE
    );
}

fn straight(n: usize) -> Vec<Pair> {
    let pair = |at| Pair {
        baseline: at,
        current: at,
    };
    (0..n).map(pair).collect()
}

/// Five pairs whose sessions differ by 10 % and whose current runs lose 5 %.
fn alternating() -> Cell<'static> {
    let base = [250.0, 262.0, 238.0, 271.0, 244.0];
    let now = [237.9, 248.6, 226.3, 257.1, 231.9];
    headline(&base, &now, &[])
}

#[test]
fn what_both_runs_of_a_pair_share_cancels() {
    let cell = alternating();
    assert_eq!(
        only(cell.clone()).resolution,
        Resolution::InsideNoise,
        "as two arms"
    );
    let e = assess(&[cell], &straight(5), &Options::default()).remove(0);
    let noise = e.noise.as_ref().unwrap();
    assert_eq!((noise.method, noise.pairs, noise.n), (Method::Pairs, 5, 10));
    assert_eq!(outcome(&e), SURE);
    // numpy: median of 100 * (now / base - 1)
    close(
        e.delta.unwrap(),
        -4.959_016_393,
        1e-9,
        "median inside pairs",
    );
}

#[test]
fn every_pair_must_point_the_same_way() {
    let mut cell = alternating();
    cell.current[3] = Some(271.5);
    let pairs = straight(5);
    let e = assess(&[cell.clone()], &pairs, &Options::default()).remove(0);
    assert_eq!(e.resolution, Resolution::InsideNoise);
    // So much data that the t test is sure in spite of one pair.
    let many: Vec<f64> = (0..20).map(|at| 250.0 + f64::from(at)).collect();
    let mut cell = headline(
        &many,
        &many.iter().map(|v| v * 0.95).collect::<Vec<f64>>(),
        &[],
    );
    for (at, value) in cell.current.iter_mut().enumerate() {
        *value = value.map(|value| value * (1.0 + 0.002 * ((at % 3) as f64 - 1.0)));
    }
    let sure = assess(&[cell.clone()], &straight(20), &Options::default()).remove(0);
    assert_eq!(outcome(&sure), SURE);
    cell.current[7] = Some(257.3);
    let e = assess(&[cell], &straight(20), &Options::default()).remove(0);
    assert!(e.p_value.unwrap() < 0.005);
    assert_eq!(outcome(&e), doubted(Doubt::Pairs));
}

#[test]
fn a_row_with_two_pairs_is_judged_as_two_arms() {
    let mut cell = alternating();
    (cell.current[0], cell.baseline[1], cell.current[4]) = (None, None, None);
    let e = assess(&[cell], &straight(5), &Options::default()).remove(0);
    let noise = e.noise.unwrap();
    assert_eq!((noise.method, noise.pairs), (Method::Trials, 0));
}

#[test]
fn the_order_of_trials_changes_no_bit() {
    let base = [250.3, 251.7, 249.1, 250.9, 248.8];
    let now = [243.1, 245.9, 244.4, 242.7, 246.0];
    let first = only(headline(&base, &now, &[]));
    let turned = |values: [f64; 5], by: usize| {
        let mut values = values;
        values.rotate_left(by);
        values.swap(0, 3);
        values
    };
    for by in 0..5 {
        let other = only(headline(&turned(base, by), &turned(now, 4 - by), &[]));
        assert_eq!(first, other);
    }
    // Pairs, given in another order and with other indices.
    let cell = alternating();
    let order = [3, 0, 4, 2, 1];
    let mut turned = cell.clone();
    turned.baseline = order.map(|at: usize| cell.baseline[at]).to_vec();
    let pairs = assess(
        core::slice::from_ref(&cell),
        &straight(5),
        &Options::default(),
    );
    let mut moved: Vec<Pair> = Vec::new();
    for (place, at) in order.into_iter().enumerate() {
        moved.push(Pair {
            baseline: place,
            current: at,
        });
    }
    assert_eq!(pairs, assess(&[turned], &moved, &Options::default()));
}

#[test]
fn one_slow_trial_is_seen_although_the_median_is_not() {
    let base = [250.0, 251.0, 249.0, 250.5, 249.5];
    let cell = headline(&base, &[250.2, 249.0, 150.0, 250.8, 249.9], &[]);
    let slow = slow_trials(&[cell], 0, &Options::default());
    assert_eq!(slow.len(), 1);
    assert_eq!(slow[0].run, 2);
    close(slow[0].change, -40.0, 1e-9, "change");
    // scipy: -100 * expm1(-t.isf(.005, 4) * std(log(base), ddof=1) * sqrt(1 + 0.2868336616))
    close(slow[0].limit, -1.638_046_597, 1e-6, "limit");
    // 0 has no logarithm, and lies below whatever is predicted.
    let stopped = headline(&base, &[250.2, 0.0, 249.0, 0.0, 249.9], &[]);
    let slow = slow_trials(&[stopped], 0, &Options::default());
    let told: Vec<(usize, f64)> = slow.iter().map(|slow| (slow.run, slow.change)).collect();
    assert_eq!(told, [(1, -100.0), (3, -100.0)]);
    let fast = headline(&base, &[250.2, 249.0, 350.0, 250.8, 249.9], &[]);
    assert!(
        slow_trials(&[fast], 0, &Options::default()).is_empty(),
        "a fast one is none"
    );
    let within = headline(&base, &[250.2, 249.0, 243.5, 250.8, 249.9], &[]);
    assert!(
        slow_trials(&[within], 0, &Options::default()).is_empty(),
        "within tolerance"
    );
    let noisy = headline(&[250.0, 262.0, 238.0], &[250.0, 238.0, 251.0], &[]);
    assert!(
        slow_trials(&[noisy], 0, &Options::default()).is_empty(),
        "as the baseline's own"
    );
    let all = headline(&base, &[150.0, 151.0, 149.0], &[]);
    assert!(
        slow_trials(&[all], 0, &Options::default()).is_empty(),
        "the median says it"
    );
    let two = headline(&base[..2], &[250.0, 250.0, 150.0], &[]);
    assert!(
        slow_trials(&[two], 0, &Options::default()).is_empty(),
        "two runs predict nothing"
    );
}

fn levels(loss: f64) -> Vec<Cell<'static>> {
    let of = |level: &'static str, base: f64, wobble: f64| {
        let values = |factor: f64| [-wobble, 0.0, wobble].map(|part| base * factor * (1.0 + part));
        Cell {
            level,
            headline: level == "16",
            ..headline(&values(1.0), &values(1.0 - loss), &[])
        }
    };
    vec![
        of("4", 120.0, 0.002),
        of("16", 250.0, 0.003),
        of("32", 300.0, -0.002),
    ]
}

#[test]
fn a_loss_of_half_a_tolerance_everywhere_creeps() {
    let found = creep(&levels(0.02), &[], &Options::default()).unwrap();
    assert_eq!(found.levels, 3);
    close(found.change, -2.0, 1e-9, "geometric mean");
    assert!(found.p_value < 0.005);
    // Exactly half of the tolerance, and less, is none.
    assert_eq!(creep(&levels(0.015), &[], &Options::default()), None);
    assert_eq!(
        creep(&levels(-0.02), &[], &Options::default()),
        None,
        "faster"
    );
    let mut noisy = levels(0.02);
    for cell in &mut noisy {
        cell.baseline[0] = cell.baseline[0].map(|value| value * 0.97);
    }
    assert_eq!(
        creep(&noisy, &[], &Options::default()),
        None,
        "all levels of one run were slow"
    );
    let single: Vec<Cell> = levels(0.02)
        .into_iter()
        .map(|cell| Cell {
            baseline: cell.baseline[..1].to_vec(),
            current: cell.current[..1].to_vec(),
            ..cell
        })
        .collect();
    assert_eq!(
        creep(&single, &[], &Options::default()),
        None,
        "no known noise"
    );
    assert_eq!(creep(&[], &[], &Options::default()), None);
}

#[test]
fn a_level_that_a_trial_lacks_does_not_creep() {
    let mut cells = levels(0.02);
    cells[0].current[1] = None;
    let found = creep(&cells, &[], &Options::default()).unwrap();
    assert_eq!(found.levels, 2);
}

#[test]
fn the_best_of_the_last_ten_is_a_ratchet() {
    let cells = [headline(
        &[244.0, 245.0, 243.0],
        &[242.0, 243.0, 241.0],
        &[],
    )];
    let mut entries: Vec<Option<f64>> = [252.0, 251.0, 249.0, 247.0, 246.0].map(Some).to_vec();
    let found = ratchet(&cells, 0, &entries, &Options::default()).unwrap();
    assert_eq!((found.entry, found.best), (0, 252.0));
    close(found.change, 100.0 * (242.0 / 252.0 - 1.0), 1e-9, "change");
    // scipy: 5 * t.sf(log(252/242) / sqrt(v * (1 + 0.4486711046)), 4), v the pooled log variance
    close(found.p_value.expect("known"), 3.048_463_830e-3, 1e-6, "p");
    // Ten newer ones, and the best is forgotten.
    entries.extend([Some(244.0); 10]);
    assert_eq!(ratchet(&cells, 0, &entries, &Options::default()), None);
    entries[14] = Some(260.0);
    assert_eq!(
        ratchet(&cells, 0, &entries, &Options::default())
            .unwrap()
            .entry,
        14
    );
    // Where the noise is not known, the tolerance decides.
    let single = [headline(&[244.0], &[242.0], &[])];
    let found = ratchet(&single, 0, &entries, &Options::default()).unwrap();
    assert_eq!((found.entry, found.p_value), (14, None));
    assert_eq!(
        ratchet(&single, 0, &[Some(244.0)], &Options::default()),
        None
    );
    assert_eq!(ratchet(&cells, 0, &[None], &Options::default()), None);
    let close_by = [Some(248.0)];
    assert_eq!(
        ratchet(&cells, 0, &close_by, &Options::default()),
        None,
        "within tolerance"
    );
}

#[test]
fn one_advice_for_all() {
    let advices = [
        None,
        Some(Advice::Trials(4)),
        Some(Advice::Trials(9)),
        Some(Advice::Trials(9)),
    ];
    assert_eq!(most_demanding(advices), Some((2, Advice::Trials(9))));
    let quieter = [
        Some(Advice::Trials(20)),
        Some(Advice::Quieter(6.0)),
        Some(Advice::Quieter(9.0)),
    ];
    assert_eq!(most_demanding(quieter), Some((1, Advice::Quieter(6.0))));
    assert_eq!(most_demanding([None, None]), None);
    let within = only(headline(
        &[250.0, 254.0, 246.0],
        &[249.0, 253.0, 246.5],
        &[],
    ));
    // scipy: pooled log variance 2.1413e-4; nct reaches 0.8 for a fall of 3 % at this n.
    assert_eq!(within.advice, Some(Advice::Trials(10)));
    assert!(matches!(within.noise.unwrap().method, Method::Trials));
    let points = Cell {
        tolerance: Tolerance::Absolute(0.02),
        ..headline(&[0.80, 0.81, 0.79], &[0.80, 0.80, 0.81], &[])
    };
    assert!(matches!(only(points).advice, Some(Advice::Trials(_))));
}
