//! Alternating trials are pairs, sides of two sessions stay a draft, and times say how old a baseline is.

use crate::documents::{document, judge, parse, places, row, said, with};
use crate::trials::{merged, runs};
use perfbridge_guest::judge::plan::plan;
use perfbridge_guest::judge::sessions::{newer_by, older_by};
use perfbridge_guest::judge::{self as judging, Judgement};
use perfbridge_guest::stats::pairs::Arm;
use serde_json::{Value, json};

/// Runs with these throughputs at 16 that began at these times.
fn started(throughputs: &[f64], starts: &[&str]) -> Vec<Value> {
    let all = runs(throughputs).into_iter().zip(starts);
    all.map(|(run, start)| with(run, &[("/provenance", json!({"captured_at": start}))]))
        .collect()
}

/// `HH:MM` of one day.
fn clock(times: &[&str]) -> Vec<String> {
    let full = |time: &&str| format!("2026-11-25T{time}:00Z");
    times.iter().map(full).collect()
}

fn side(throughputs: &[f64], times: &[&str]) -> Value {
    let starts = clock(times);
    let starts: Vec<&str> = starts.iter().map(String::as_str).collect();
    merged(&started(throughputs, &starts))
}

/// The machine is 10 % faster in one hour and 10 % slower in the next; each current run is 6 % slower than its neighbour.
const BASELINE: [f64; 3] = [100.0, 110.0, 90.0];
const CURRENT: [f64; 3] = [94.0, 103.4, 84.7];

/// Pairs of -6, -1 and -1 %, of which the median is judged; the medians of the two sides are 6 % apart.
#[test]
fn the_sentence_is_about_the_change_that_was_judged() {
    let judgement = judge(
        &side(&BASELINE, &["10:00", "11:10", "12:00"]),
        &side(&[94.0, 108.9, 89.1], &["10:10", "11:00", "12:10"]),
    );
    let row = row(&judgement, "throughput_toks_per_s", "16");
    let expected = "throughput_toks_per_s at c16: 100.0 -> 94.00 is a change of -6.0 %, inside the pairs -1.0 %, within the tolerance of 3 % (default); ";
    assert!(row.explanation.starts_with(expected), "{}", row.explanation);
    // The medians are 6 % apart at a tolerance of 3 %; the change beside the status is the one that was judged.
    assert_eq!(row.shown.change, "-1.0 %");
    assert_eq!(row.delta_pct, Some(-6.0));
}

/// Pairs of -8, -9.1 and -8.9 %; the medians of the two sides are 8 % apart.
#[test]
fn the_reason_is_about_the_change_that_was_judged() {
    let judgement = judge(
        &side(&BASELINE, &["10:00", "11:10", "12:00"]),
        &side(&[92.0, 100.0, 82.0], &["10:10", "11:00", "12:10"]),
    );
    assert_eq!(said(&judgement), "RED headline");
    let reason =
        "throughput_toks_per_s at concurrency 16 changed by -8.9 % inside the pairs, tolerance 3 %";
    assert_eq!(judgement.reason, reason);
}

#[test]
fn what_both_runs_of_a_pair_share_cancels() {
    // A B, B A, A B.
    let turns = judge(
        &side(&BASELINE, &["10:00", "11:10", "12:00"]),
        &side(&CURRENT, &["10:10", "11:00", "12:10"]),
    );
    assert_eq!(said(&turns), "RED headline");
    let of_pairs = row(&turns, "throughput_toks_per_s", "16");
    let noise = of_pairs.known.noise.as_ref().expect("known");
    assert_eq!((noise.method, noise.pairs, noise.n), ("pairs", 3, 6));
    // Differences of -6, -6 and -5.89 %; the two medians are 6 % apart too.
    let change = of_pairs.known.paired_change.expect("by pairs");
    assert!((change + 6.0).abs() < 1e-9, "{change}");
    let shown = &of_pairs.shown;
    assert_eq!(shown.baseline_trials.as_deref(), Some("n 3, 100.0 ± 10.00"));
    assert_eq!(shown.current_trials.as_deref(), Some("n 3, 94.03 ± 9.350"));
    let [low, high] = of_pairs.known.interval.expect("an interval");
    let ends = format!("{low:+.1} to {high:+.1} %");
    assert_eq!(shown.interval.as_deref(), Some(ends.as_str()));
    let said_so = "; 3 trials 100.0 ± 10.00 against 3 trials 94.03 ± 9.350; judged by the median of the differences inside 3 pairs, -6.000 %; noise from pairs: 6 runs,";
    assert!(
        of_pairs.explanation.contains(said_so),
        "{}",
        of_pairs.explanation
    );
    let clause = "100.0 -> 94.00 is a change of -6.0 %, inside the pairs -6.0 % for the worse";
    assert!(
        of_pairs.explanation.contains(clause),
        "{}",
        of_pairs.explanation
    );
    assert!(places(&turns, "SESSIONS_APART").is_empty());
    // The same numbers one after the other: the spread of the hours is noise.
    let apart = judge(
        &side(&BASELINE, &["10:00", "10:10", "10:20"]),
        &side(&CURRENT, &["10:30", "10:40", "10:50"]),
    );
    assert_eq!(said(&apart), "YELLOW unresolved");
    let of_arms = row(&apart, "throughput_toks_per_s", "16");
    assert_eq!(of_arms.known.paired_change, None);
    assert_eq!(
        of_arms.known.noise.as_ref().expect("known").method,
        "trials"
    );
}

/// A median of the differences beyond tolerance is not enough.
#[test]
fn every_pair_must_point_the_same_way() {
    let times = [["10:00", "11:10", "12:00"], ["10:10", "11:00", "12:10"]];
    let ends = |current: [f64; 3]| {
        let judgement = judge(
            &side(&[100.0; 3].map(|it| it), &times[0]),
            &side(&current, &times[1]),
        );
        said(&judgement)
    };
    assert_eq!(ends([94.0, 93.9, 94.1]), "RED headline");
    assert_eq!(ends([94.0, 93.9, 100.1]), "YELLOW unresolved");
}

/// Three of one side and five of the other leave two over.
#[test]
fn more_than_one_run_left_over_makes_no_pairs() {
    let method = |baseline: &[&str], current: &[&str]| {
        let values = [100.0, 100.4, 99.7, 100.2, 99.9];
        let judgement = judge(
            &side(&values[..baseline.len()], baseline),
            &side(&values.map(|it| it + 0.05)[..current.len()], current),
        );
        let row = row(&judgement, "throughput_toks_per_s", "16");
        row.known.noise.as_ref().expect("known").method
    };
    let three = ["10:10", "10:30", "10:50"];
    assert_eq!(method(&["10:00", "10:20", "10:40"], &three), "pairs");
    assert_eq!(
        method(&["10:00", "10:20", "10:40", "11:00"], &three),
        "pairs"
    );
    assert_eq!(
        method(&["10:00", "10:20", "10:40", "11:00", "11:10"], &three),
        "trials"
    );
    // One run does not say when it began with the zone that the others have.
    let mut zoneless = started(
        &[100.0, 100.4, 99.7],
        &[
            "2026-11-25T10:00:00Z",
            "2026-11-25T10:20:00Z",
            "2026-11-25T10:40:00",
        ],
    );
    zoneless.sort_by_key(Value::to_string);
    let judgement = judge(&merged(&zoneless), &side(&[100.1, 100.5, 99.8], &three));
    let row = row(&judgement, "throughput_toks_per_s", "16");
    assert_eq!(row.known.noise.as_ref().expect("known").method, "trials");
}

fn is_apart(judgement: &Judgement) -> bool {
    let apart = places(judgement, "SESSIONS_APART").len() == 1;
    let said = judgement
        .promote
        .iter()
        .any(|need| need.starts_with("trials of the two sides that alternate within an hour"));
    assert_eq!(apart, said, "{:?}", judgement.promote);
    apart
}

#[test]
fn sides_of_two_sessions_stay_a_draft() {
    let (before, now) = ([100.0, 100.4, 99.7], [100.1, 100.5, 99.8]);
    let baseline = side(&before, &["08:00", "08:10", "08:20"]);
    let at = |times: [&str; 3]| side(&now, &times);
    assert!(
        !is_apart(&judge(&baseline, &at(["09:20", "09:30", "09:40"]))),
        "exactly an hour"
    );
    let later = at(["09:21", "09:30", "09:40"]);
    let judgement = judge(&baseline, &later);
    assert!(is_apart(&judgement));
    assert_eq!(
        (said(&judgement).as_str(), judgement.tier.as_str()),
        ("GREEN none", "DRAFT")
    );
    assert_eq!(
        judge(&baseline, &at(["09:20", "09:30", "09:40"]))
            .tier
            .as_str(),
        "VERDICT"
    );
    // Five earlier baselines know what differs between sessions; four do not.
    let entry = |hour: usize| {
        let start = format!("2026-11-20T{hour:02}:00:00Z");
        let run = started(&[100.0 + hour as f64 * 0.1], &[&start]).remove(0);
        parse(&with(
            run,
            &[("/metrics/4/ttft_p99_ms", json!(100.0 + hour as f64))],
        ))
    };
    let history: Vec<_> = (0..5).map(entry).collect();
    let with_history = |history: &[perfbridge_guest::document::Document]| {
        judging::judge(
            &parse(&baseline),
            &parse(&later),
            history,
            &Default::default(),
        )
        .unwrap_or_else(|fault| panic!("{fault}"))
    };
    assert!(is_apart(&with_history(&history[1..])));
    assert!(!is_apart(&with_history(&history)));
    // Nothing is said of sides that do not say when they ran.
    assert!(!is_apart(&judge(
        &merged(&runs(&before)),
        &merged(&runs(&[100.1, 100.5, 99.8]))
    )));
}

/// The last level of one run and the first of the next are what lies next to each other.
#[test]
fn a_long_sweep_is_no_gap() {
    let level = |start: &str| json!(format!("2026-11-25T{start}:00Z"));
    let sweep = |first: &str, last: &str, hair: f64| {
        with(
            document(),
            &[
                ("/metrics/4/start_time", level(first)),
                ("/metrics/16/start_time", level(last)),
                ("/metrics/4/ttft_p50_ms", json!(hair)),
            ],
        )
    };
    let baseline = sweep("08:00", "09:30", 100.0);
    assert!(!is_apart(&judge(
        &baseline,
        &sweep("10:20", "11:50", 100.1)
    )));
    assert!(is_apart(&judge(&baseline, &sweep("10:31", "12:00", 100.1))));
}

#[test]
fn the_order_in_which_trials_and_history_are_given_changes_no_byte() {
    let baseline = started(
        &BASELINE,
        &[
            "2026-11-25T10:00:00Z",
            "2026-11-25T11:10:00Z",
            "2026-11-25T12:00:00Z",
        ],
    );
    let current = runs(&CURRENT);
    let entry = |at: usize| {
        let start = format!("2026-11-{:02}T10:00:00Z", 10 + at);
        let run = started(&[95.0 + (at * at % 7) as f64], &[&start]).remove(0);
        parse(&with(
            run,
            &[("/metrics/4/ttft_p99_ms", json!(100.0 + at as f64))],
        ))
    };
    let judged = |orders: [[usize; 3]; 2], history: [usize; 6]| {
        let pick =
            |runs: &[Value], order: [usize; 3]| parse(&merged(&order.map(|at| runs[at].clone())));
        let history: Vec<_> = history.into_iter().map(entry).collect();
        let (baseline, current) = (pick(&baseline, orders[0]), pick(&current, orders[1]));
        judging::judge(&baseline, &current, &history, &Default::default())
            .unwrap_or_else(|fault| panic!("{fault}"))
            .to_json()
    };
    let first = judged([[0, 1, 2], [0, 1, 2]], [0, 1, 2, 3, 4, 5]);
    assert_eq!(judged([[2, 0, 1], [1, 2, 0]], [3, 5, 0, 1, 4, 2]), first);
    assert_eq!(judged([[1, 0, 2], [2, 1, 0]], [5, 4, 3, 2, 1, 0]), first);
}

#[test]
fn how_much_newer_or_older_the_baseline_is() {
    let side = |starts: [&str; 2]| parse(&merged(&started(&[100.0, 100.4], &starts)));
    let current = side(["2026-11-25T10:00:00Z", "2026-11-25T11:00:00Z"]);
    let newer = |starts| newer_by(&side(starts), &current);
    assert_eq!(
        newer(["2026-11-25T11:30:00Z", "2026-11-25T12:00:00Z"]),
        Some(0.5)
    );
    assert_eq!(
        newer(["2026-11-25T11:00:00Z", "2026-11-25T12:00:00Z"]),
        None,
        "at once"
    );
    assert_eq!(
        newer(["2026-11-25T10:30:00Z", "2026-11-25T12:00:00Z"]),
        None,
        "only one is"
    );
    assert_eq!(
        newer(["2026-11-25T13:30:00+02:00", "2026-11-25T14:00:00+02:00"]),
        Some(0.5)
    );
    // Without a zone an hour may be anywhere within 26.
    assert_eq!(newer(["2026-11-26T13:00:00", "2026-11-26T14:00:00"]), None);
    assert_eq!(
        newer(["2026-11-26T13:30:00", "2026-11-26T14:00:00"]),
        Some(26.5)
    );
    let older = |starts| older_by(&side(starts), &current, 30.0);
    assert_eq!(
        older(["2026-10-20T10:00:00Z", "2026-10-26T10:00:00Z"]),
        None,
        "30 days"
    );
    assert_eq!(
        older(["2026-10-20T10:00:00Z", "2026-10-25T22:00:00Z"]),
        Some(30.5)
    );
    assert_eq!(
        older(["2026-10-20T10:00:00Z", "2026-11-25T09:00:00Z"]),
        None,
        "only one is"
    );
    let unknown = parse(&merged(&runs(&[100.0, 100.4])));
    assert_eq!(
        (
            newer_by(&unknown, &current),
            older_by(&unknown, &current, 30.0)
        ),
        (None, None)
    );
}

#[test]
fn the_order_to_run_in_is_a_b_b_a() {
    let letter = |arm: &Arm| if *arm == Arm::Baseline { 'A' } else { 'B' };
    let order = |trials| plan(trials).order.iter().map(letter).collect::<String>();
    assert_eq!(order(3), "ABBAAB");
    assert_eq!(order(5), "ABBAABBAAB");
    assert_eq!(order(0), order(1));
    let says = |trials, text: &str| plan(trials).reason.contains(text);
    assert!(says(1, "the judgement is a draft. Plan at least 3."));
    assert!(says(2, "Plan at least 3."));
    assert!(says(3, "Three pairs are the fewest"));
}
