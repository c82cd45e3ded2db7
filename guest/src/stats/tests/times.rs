//! When runs started, and which of them are pairs.

use super::super::clock::Start;
use super::super::pairs::{Arm, Pair, alternating, nearest, pairs};

fn at(seconds: f64) -> Option<Start> {
    Some(Start::utc(seconds))
}

/// Pairs of runs that are given as a word in the order of time, `B` and `C`, a minute apart.
fn of_word(word: &str) -> Vec<Pair> {
    let times = |letter: char| -> Vec<Option<Start>> {
        let of = word.chars().enumerate().filter(|it| it.1 == letter);
        of.map(|(place, _)| at(60.0 * place as f64)).collect()
    };
    pairs(&times('B'), &times('C'))
}

fn indices(pairs: &[Pair]) -> Vec<(usize, usize)> {
    pairs
        .iter()
        .map(|pair| (pair.baseline, pair.current))
        .collect()
}

#[test]
fn alternating_runs_are_pairs_whichever_arm_comes_first() {
    let straight = [(0, 0), (1, 1), (2, 2)];
    for word in ["BCBCBC", "CBCBCB", "BCCBBC", "CBBCCB"] {
        assert_eq!(indices(&of_word(word)), straight, "{word}");
    }
}

#[test]
fn arms_one_after_the_other_are_no_pairs() {
    for word in ["BBBCCC", "CCCBBB", "BBCCBB", "BCBC", "BBCBCBCB", "BCBCBCCC"] {
        let found = of_word(word);
        assert!(found.is_empty() || word == "BBCBCBCB", "{word}: {found:?}");
    }
}

#[test]
fn one_run_of_each_arm_may_be_left_over() {
    assert_eq!(of_word("BCBCBCB").len(), 3, "one more baseline");
    assert_eq!(of_word("BBCBCBCC").len(), 3, "one of each");
    assert!(of_word("BBBCBCBC").is_empty(), "two of one arm");
}

#[test]
fn of_all_matchings_the_closest_in_time_is_taken() {
    // A baseline of yesterday and six alternating runs of today, current first.
    let day = 86_400.0;
    let baseline = [at(0.0), at(day + 60.0), at(day + 180.0), at(day + 300.0)];
    let current = [at(day), at(day + 120.0), at(day + 240.0)];
    let found = pairs(&baseline, &current);
    assert_eq!(indices(&found), [(1, 0), (2, 1), (3, 2)]);
}

#[test]
fn the_order_in_which_trials_are_given_decides_nothing() {
    let baseline = [0.0, 120.0, 240.0, 360.0];
    let current = [60.0, 180.0, 300.0, 420.0];
    let orders = [[0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]];
    let mut seen = Vec::new();
    for order in orders {
        let given = order.map(|place| at(baseline[place]));
        let found = pairs(&given, &current.map(at));
        let mut times: Vec<(f64, f64)> = found
            .iter()
            .map(|pair| (baseline[order[pair.baseline]], current[pair.current]))
            .collect();
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        seen.push(times);
    }
    assert_eq!(seen[0].len(), 4);
    assert!(seen.iter().all(|times| *times == seen[0]), "{seen:?}");
}

#[test]
fn runs_that_are_in_no_order_are_no_pairs() {
    let current = [at(60.0), at(180.0), at(300.0)];
    assert!(
        pairs(&[at(0.0), at(0.0), at(240.0)], &current).is_empty(),
        "together"
    );
    let local = |seconds| {
        Some(Start {
            seconds,
            zoned: false,
        })
    };
    assert!(
        pairs(&[at(0.0), at(120.0), local(240.0)], &current).is_empty(),
        "mixed zones"
    );
    let all_local = [local(0.0), local(120.0), local(240.0)];
    let after = [local(60.0), local(180.0), local(300.0)];
    assert_eq!(pairs(&all_local, &after).len(), 3, "one zone, if unknown");
    assert!(
        pairs(&[at(0.0), at(120.0), None], &current).is_empty(),
        "two pairs only"
    );
    let four = [at(0.0), at(120.0), at(240.0), None];
    assert_eq!(
        pairs(&four, &current).len(),
        3,
        "the one without a time is left over"
    );
    assert!(pairs(&[None, None], &[None]).is_empty());
}

#[test]
fn the_plan_pairs_and_lets_a_steady_drift_cancel() {
    use Arm::{Baseline as B, Current as C};
    assert_eq!(alternating(4), [B, C, C, B, B, C, C, B]);
    assert_eq!(alternating(3), [B, C, C, B, B, C]);
    let word: String = alternating(5)
        .into_iter()
        .map(|arm| if arm == B { 'B' } else { 'C' })
        .collect();
    assert_eq!(of_word(&word).len(), 5);
    // The places of the arms in time sum to the same where the number of pairs is even.
    let sum = |arm: Arm| -> usize {
        let order = alternating(4);
        (0..8).filter(|place| order[*place] == arm).sum()
    };
    assert_eq!(sum(B), sum(C));
}

#[test]
fn the_nearest_runs_of_two_arms() {
    assert_eq!(
        nearest(&[at(0.0), at(100.0)], &[at(4000.0), at(3700.0)]),
        Some(3600.0)
    );
    assert_eq!(nearest(&[at(0.0)], &[None]), None);
    let local = Start {
        seconds: 5.0,
        zoned: false,
    };
    assert_eq!(nearest(&[at(0.0)], &[Some(local)]), None, "mixed zones");
}

#[test]
fn starts_are_read_as_tools_write_them() {
    let seconds = |text: &str| Start::parse(text).map(|start| (start.seconds, start.zoned));
    // GNU date: date -u -d TEXT +%s
    assert_eq!(
        seconds("2026-01-01T00:00:00Z"),
        Some((1_767_225_600.0, true))
    );
    assert_eq!(
        seconds("2026-01-01T02:00:00+02:00"),
        Some((1_767_225_600.0, true))
    );
    assert_eq!(
        seconds("2025-12-31T18:30:00-0530"),
        Some((1_767_225_600.0, true))
    );
    assert_eq!(
        seconds("2026-01-01 00:00:00.250"),
        Some((1_767_225_600.25, false))
    );
    assert_eq!(
        seconds("2024-02-29t23:59:60z"),
        Some((1_709_251_200.0, true))
    );
    assert_eq!(seconds("1969-12-31T23:59:59Z"), Some((-1.0, true)));
    assert_eq!(seconds("2000-03-01T00:00:00Z"), Some((951_868_800.0, true)));
    for text in [
        "",
        "yesterday",
        "2026-01-01",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00Z",
        "2026-01-01T00:00:00.Z",
        "2026-1-1T00:00:00Z",
        "2026-01-01T00:00:00+2",
        "2026-01-01T00:00:00é",
        "+026-01-01T00:00:00Z",
    ] {
        assert_eq!(seconds(text), None, "{text}");
    }
}

/// An export has no zone where the records of its run are in UTC.
#[test]
fn one_moment_in_another_zone() {
    let near = |a: &str, b: &str| {
        let [a, b] = [a, b].map(|text| Start::parse(text).expect("a start"));
        assert_eq!(a.is_near(&b, 0.1), b.is_near(&a, 0.1));
        a.is_near(&b, 0.1)
    };
    let records = "2026-11-24T03:43:22.474753Z";
    assert!(near(records, "2026-11-24T03:43:22.471737"));
    assert!(near(records, "2026-11-24T09:13:22.471737"));
    assert!(near(records, "2026-11-23T19:43:22.471737"));
    assert!(!near(records, "2026-11-24T03:43:22.371737"));
    assert!(!near(records, "2026-11-24T04:43:23.471737"));
    assert!(!near(records, "2026-11-25T03:43:22.471737"));
    assert!(!near(records, "2026-11-24T04:43:22.471737Z"));
}
