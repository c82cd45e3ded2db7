//! Causes by hand: who has which feature is written down, and who stands under which cause follows from it.

use super::super::cover::{self, Cause, Feature};

fn change(failing: impl IntoIterator<Item = usize>, passing: usize) -> Feature {
    Feature {
        failing: failing.into_iter().collect(),
        passing,
        is_change: true,
    }
}

fn state(failing: impl IntoIterator<Item = usize>, passing: usize) -> Feature {
    Feature {
        is_change: false,
        ..change(failing, passing)
    }
}

fn cause(features: &[usize], members: impl IntoIterator<Item = usize>, passing: usize) -> Cause {
    Cause {
        features: features.to_vec(),
        members: members.into_iter().collect(),
        passing,
    }
}

/// Causes where all fail in the same way.
fn causes(features: &[Feature], failing: usize, passing: usize) -> Vec<Cause> {
    cover::causes(features, &vec![vec![0]; failing], passing)
}

#[test]
fn three_causes_and_what_is_everywhere() {
    // 50 fail: 0..20 by the first, 20..35 by the second, 35..45 by the third, 45..50 each for its own reason.
    let features = [
        change(0..50, 150),
        change(0..20, 0),
        state(20..35, 1),
        change(35..45, 0),
        // The first cause has a second name, and shares a cluster with many that pass.
        state(0..20, 0),
        state((0..20).chain(45..48), 60),
        // Half of those that pass have this and all that fail, so no test would miss it; it explains less than a third.
        state(0..50, 75),
    ];
    let found = causes(&features, 50, 150);
    let expected = [
        cause(&[1, 4], 0..20, 0),
        cause(&[2], 20..35, 1),
        cause(&[3], 35..45, 0),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_cause_that_some_survive_is_one_with_all_its_parts() {
    // 45 of 60 fail by it, among them all ten of one place, and everybody else passes.
    let features = [change(0..45, 15), state(0..10, 0)];
    assert_eq!(causes(&features, 45, 140), [cause(&[0], 0..45, 15)]);
    // A part in which 20 of 20 fail, of a whole in which 15 of 40 others do (chance of that: 3e-6), is a cause; the rest is none.
    let features = [change(0..35, 25), state(0..20, 0)];
    assert_eq!(causes(&features, 35, 140), [cause(&[1], 0..20, 0)]);
}

#[test]
fn two_of_many_are_a_coincidence_or_not() {
    // Two fail of a hundred, both with it: 1 / (100 * 99 / 2) = 0.0002.
    assert_eq!(causes(&[state([0, 1], 0)], 2, 98).len(), 1);
    // Two fail of ten: 1 / 45 = 0.022.
    assert_eq!(causes(&[state([0, 1], 0)], 2, 8), []);
    // Where it is what was changed in both, and in no other, ten are enough.
    assert_eq!(causes(&[change([0, 1], 0)], 2, 8).len(), 1);
    // Not where a third fails without it, or one passes with it.
    assert_eq!(causes(&[change([0, 1], 0)], 3, 7), []);
    assert_eq!(causes(&[change([0, 1], 1)], 2, 8), []);
    assert_eq!(causes(&[change([0], 0)], 1, 8), []);
}

#[test]
fn where_nobody_passes_changes_still_part_them() {
    let features = [
        change(0..9, 0),
        change(0..4, 0),
        change(4..7, 0),
        // Once the others are explained, these two stand against them: 1 / (9 * 8 / 2) = 0.028 is not enough.
        state(7..9, 0),
    ];
    let expected = [cause(&[1], 0..4, 0), cause(&[2], 4..7, 0)];
    assert_eq!(causes(&features, 9, 0), expected);
    // With sixty more it is: six of 66, 1 / C(66, 6) = 1e-8.
    let features = [change(0..60, 0), state(60..66, 0)];
    let expected = [cause(&[0], 0..60, 0), cause(&[1], 60..66, 0)];
    assert_eq!(causes(&features, 66, 0), expected);
    // What all have is the cause where it is all there is.
    assert_eq!(causes(&[change(0..3, 0)], 3, 0), [cause(&[0], 0..3, 0)]);
    assert_eq!(causes(&[state(0..3, 0)], 3, 0), []);
    assert_eq!(causes(&[], 0, 0), []);
}

#[test]
fn where_nobody_passes_a_cause_moves_the_same_rows() {
    // Ten fail, six of them by the first in one way and four by the second in another; nobody passes. The third parts them otherwise.
    let features = [
        change(0..6, 0),
        change(6..10, 0),
        change((0..3).chain(6..10), 0),
        change((3..6).chain(6..8), 0),
    ];
    let mut ways = vec![vec![0, 2]; 6];
    ways.extend(vec![vec![1]; 4]);
    let expected = [cause(&[0], 0..6, 0), cause(&[1], 6..10, 0)];
    assert_eq!(cover::causes(&features, &ways, 0), expected);
    // With others that pass the rows do not count: an engine may slow one model's prefill and another's decode.
    let mixed: Vec<Vec<usize>> = (0..6).map(|way| vec![way]).collect();
    assert_eq!(
        cover::causes(&[change(0..6, 0)], &mixed, 30),
        [cause(&[0], 0..6, 0)]
    );
    assert_eq!(cover::causes(&[change(0..6, 0)], &mixed, 0), []);
}
