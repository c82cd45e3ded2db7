//! What a history is worth that has a step, a drift or bad entries.

use super::super::history::stationary;
use super::super::scale::Placed;
use super::super::{Doubt, LeftOut, Method, Resolution};
use super::{headline, only};

/// Throughput of runs at one level, 1 % noise drawn once and for all.
const QUIET: [f64; 12] = [
    250.9, 247.6, 252.3, 248.8, 251.1, 249.2, 253.0, 246.9, 250.4, 248.1, 251.8, 249.7,
];

fn scaled_by(factors: &[f64]) -> Vec<f64> {
    QUIET
        .iter()
        .zip(factors)
        .map(|(value, factor)| value * factor)
        .collect()
}

fn counted(history: &[f64], newest: f64) -> Option<Vec<usize>> {
    let place = |(run, value): (usize, &f64)| Placed {
        run,
        value: libm::log(*value),
    };
    let entries: Vec<Placed> = history.iter().enumerate().map(place).collect();
    let found = stationary(&entries, libm::log(newest), 1e-6)?;
    Some(found.counted.iter().map(|it| it.run).collect())
}

/// A loss of 15 % against a baseline of 250.
fn loses(history: &[f64]) -> super::Evidence {
    only(headline(&[250.0], &[212.5], history))
}

#[test]
fn a_quiet_history_counts_as_a_whole() {
    assert_eq!(counted(&QUIET, 250.0), Some((0..12).collect()));
    let e = loses(&QUIET);
    let noise = e.noise.unwrap();
    assert_eq!((noise.method, noise.n), (Method::History, 12));
    assert_eq!(noise.entries, (0..12).collect::<Vec<usize>>());
    assert_eq!(e.resolution, Resolution::BeyondNoise);
}

/// An entry of 0 has no logarithm; the other twelve are what they were.
#[test]
fn an_entry_of_zero_takes_no_noise_with_it() {
    let mut history = QUIET.to_vec();
    history.insert(3, 0.0);
    let e = loses(&history);
    let noise = e.noise.unwrap();
    assert_eq!((noise.method, noise.n), (Method::History, 12));
    assert!(!noise.entries.contains(&3), "{:?}", noise.entries);
    assert_eq!(noise.std, loses(&QUIET).noise.unwrap().std);
}

#[test]
fn only_entries_after_the_last_step_count() {
    let stepped = scaled_by(&[0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 1.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(counted(&stepped, 250.0), Some((7..12).collect()));
    assert_eq!(loses(&stepped).resolution, Resolution::BeyondNoise);
    // Two steps: the older one does not count either.
    let twice = scaled_by(&[0.8, 0.8, 0.8, 0.9, 0.9, 0.9, 0.9, 1.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(counted(&twice, 250.0), Some((7..12).collect()));
}

#[test]
fn fewer_than_five_entries_since_the_step_are_no_known_noise() {
    let stepped = scaled_by(&[0.9, 0.9, 0.9, 1.0, 1.0, 1.0]);
    assert_eq!(counted(&stepped, 250.0), None);
    let e = loses(&stepped);
    assert_eq!((e.resolution, e.noise), (Resolution::Unknown, None));
    // A baseline at a new level: nothing of the history is of it.
    assert_eq!(counted(&QUIET, 320.0), None);
}

#[test]
fn a_drift_is_no_noise_and_old_entries_are_carried_to_the_present() {
    let drifting: Vec<f64> = (0..10)
        .map(|at| QUIET[at] * libm::pow(1.02, at as f64 - 10.0))
        .collect();
    assert_eq!(counted(&drifting, 250.0), Some((0..10).collect()));
    let e = loses(&drifting);
    // The oldest entries are slower than the current run; with the drift taken off they are not.
    assert!(drifting[0] < 212.5);
    assert_eq!(e.resolution, Resolution::BeyondNoise);
    let std = e.noise.unwrap().std;
    assert!(std < 1.5, "{std}");
}

#[test]
fn two_bad_entries_in_six_are_set_aside_and_named() {
    for places in [[1, 4], [0, 3], [2, 3], [3, 5]] {
        let mut history = QUIET[..6].to_vec();
        places.into_iter().for_each(|at| history[at] *= 0.8);
        let e = loses(&history);
        assert_ne!(e.resolution, Resolution::InsideNoise, "{places:?}: {e:?}");
        if let Some(noise) = e.noise {
            assert!(noise.std < 1.5, "{places:?}: {}", noise.std);
            assert!(
                places.iter().all(|at| !noise.entries.contains(at)),
                "{places:?}"
            );
        }
    }
    let mut history = QUIET[..6].to_vec();
    history[1] *= 0.8;
    history[4] *= 0.75;
    let noise = loses(&history).noise.unwrap();
    assert_eq!(noise.left_out, [LeftOut::History(1), LeftOut::History(4)]);
    assert_eq!(noise.entries, [0, 2, 3, 5]);
}

#[test]
fn a_step_a_drift_and_two_bad_entries_together() {
    let mut history: Vec<f64> = (0..12)
        .map(|at| QUIET[at] * libm::pow(1.005, at as f64 - 12.0) * if at < 4 { 0.85 } else { 1.0 })
        .collect();
    history[6] *= 0.8;
    history[9] *= 0.8;
    let e = loses(&history);
    assert_ne!(e.resolution, Resolution::InsideNoise, "{e:?} {history:?}");
}

#[test]
fn one_run_must_lie_outside_every_entry_that_counts() {
    let mut history = QUIET.to_vec();
    history[3] = 244.0;
    assert_eq!(
        counted(&history, 250.0).unwrap().len(),
        12,
        "an ordinary low entry"
    );
    let e = only(headline(&[250.0], &[244.1], &history));
    assert_eq!(e.resolution, Resolution::InsideNoise);
    let far = only(headline(&[250.0], &[238.0], &history));
    assert_eq!((far.resolution, far.doubt), (Resolution::BeyondNoise, None));
    // Beyond the noise by the t test, but the baseline's own trials reach as low.
    let among = only(headline(&[262.0, 235.9], &[236.0], &QUIET));
    assert_eq!(among.doubt, Some(Doubt::Overlap));
}

#[test]
fn equal_entries_are_not_a_noiseless_machine() {
    let e = only(headline(&[250.0], &[249.9], &[250.0; 6]));
    assert_eq!(e.resolution, Resolution::InsideNoise);
    let mut nearly = [250.0; 6];
    nearly[2] = 250.1;
    assert_eq!(
        counted(&nearly, 250.0),
        Some((0..6).collect()),
        "a last digit is no bad run"
    );
}
