//! The procedure on real repeated runs (`tests/data/study/runs.json`) and at its edges.

use super::super::cell::{Adverse, Cell, LeftOut, Method, Options, Resolution, Tolerance};
use super::super::gate::{Family, Gate, GateRow, Status, gate, status};
use super::super::{Advice, Doubt, Evidence, assess};
use super::{close, headline, only, some};
use serde_json::Value;

const METRICS: [(&str, f64, Adverse); 7] = [
    ("throughput_toks_per_s", 3.0, Adverse::Down),
    ("tps_per_user", 3.0, Adverse::Down),
    ("ttft_p50_ms", 5.0, Adverse::Up),
    ("ttft_p95_ms", 10.0, Adverse::Up),
    ("ttft_p99_ms", 15.0, Adverse::Up),
    ("itl_p50_ms", 3.0, Adverse::Up),
    ("request_latency_p50_ms", 5.0, Adverse::Up),
];

pub fn runs() -> Value {
    let file: Value =
        serde_json::from_str(include_str!("../../../../tests/data/study/runs.json")).unwrap();
    file["runs"].clone()
}

/// The cells of two sets of real runs.
fn cells(runs: &Value, baseline: &[&str], current: &[&str]) -> Vec<Cell<'static>> {
    let mut cells = Vec::new();
    for level in ["4", "16"] {
        for (metric, percent, adverse) in METRICS {
            let values = |names: &[&str]| -> Vec<Option<f64>> {
                names
                    .iter()
                    .map(|n| runs[*n][level][metric].as_f64())
                    .collect()
            };
            cells.push(Cell {
                metric,
                level,
                adverse,
                tolerance: Tolerance::Percent(percent),
                baseline: values(baseline),
                current: values(current),
                history: Vec::new(),
                headline: metric == "throughput_toks_per_s" && level == "16",
            });
        }
    }
    cells
}

fn verdict(cells: &[Cell], evidence: &[Evidence]) -> Gate {
    let rows: Vec<GateRow> = cells
        .iter()
        .zip(evidence)
        .map(|(cell, e)| gate_row(cell, e))
        .collect();
    gate(&rows)
}

fn gate_row<'a>(cell: &Cell<'a>, e: &Evidence) -> GateRow<'a> {
    let (Tolerance::Percent(allowed) | Tolerance::Absolute(allowed)) = cell.tolerance;
    GateRow {
        metric: cell.metric,
        family: match cell.metric {
            "throughput_toks_per_s" => Family::Throughput,
            "tps_per_user" | "itl_p50_ms" => Family::Decode,
            "request_latency_p50_ms" => Family::Latency,
            _ => Family::FirstToken,
        },
        level: cell.level,
        headline: cell.headline,
        status: status(e.delta.unwrap(), cell.tolerance, cell.adverse, e.resolution),
        tolerances: cell.adverse.sign() * e.delta.unwrap() / allowed,
    }
}

#[test]
fn three_really_slower_runs_are_red_against_three_others() {
    let runs = runs();
    let slow = ["slow-01", "slow-02", "slow-03"];
    for base in [
        ["aa-01", "aa-02", "aa-03"],
        ["aa-04", "aa-05", "aa-06"],
        ["aa-02", "aa-07", "aa-08"],
    ] {
        let cells = cells(&runs, &base, &slow);
        assert_eq!(
            verdict(&cells, &assess(&cells, &[], &Options::default())),
            Gate::Headline
        );
    }
}

/// Every way to choose three of the eight identical runs and three of the other five.
fn splits() -> Vec<(Vec<&'static str>, Vec<&'static str>)> {
    const NAMES: [&str; 8] = [
        "aa-01", "aa-02", "aa-03", "aa-04", "aa-05", "aa-06", "aa-07", "aa-08",
    ];
    let pick = |mask: u32| -> Vec<&'static str> {
        (0..8)
            .filter(|i| mask >> i & 1 == 1)
            .map(|i| NAMES[i])
            .collect()
    };
    let triples = || (0u32..256).filter(|mask| mask.count_ones() == 3);
    triples()
        .flat_map(|a| {
            triples()
                .filter(move |b| a & b == 0)
                .map(move |b| (pick(a), pick(b)))
        })
        .collect()
}

#[test]
fn identical_runs_are_red_by_the_bare_rule_and_hardly_ever_by_ours() {
    let runs = runs();
    let (mut bare, mut ours) = (0, 0);
    for (baseline, current) in splits() {
        let cells = cells(&runs, &baseline, &current);
        let mut evidence = assess(&cells, &[], &Options::default());
        ours += u32::from(verdict(&cells, &evidence).is_red());
        for e in &mut evidence {
            e.resolution = Resolution::Unknown;
        }
        bare += u32::from(verdict(&cells, &evidence).is_red());
    }
    assert_eq!(splits().len(), 560);
    // numpy, medians of three, the tolerances alone, decode speed counted once: 93 of 560 splits are RED.
    assert_eq!(bare, 93);
    assert!(ours <= 5, "more than 1 % of the splits are RED: {ours}");
}

#[test]
fn one_run_against_one_run_keeps_the_bare_rule() {
    for (base, now) in [
        (&[250.0][..], &[240.0][..]),
        (&[250.0, 251.0], &[240.0, 239.0]),
    ] {
        let e = only(headline(base, now, &[249.0; 4]));
        assert_eq!(e.resolution, Resolution::Unknown);
        assert_eq!(
            (e.noise, e.interval, e.p_value, e.detectable),
            (None, None, None, None)
        );
    }
    let regressed = status(
        -4.0,
        Tolerance::Percent(3.0),
        Adverse::Down,
        Resolution::Unknown,
    );
    assert_eq!(regressed, Status::Regressed);
}

#[test]
fn a_change_inside_the_noise_names_the_trials_that_would_settle_it() {
    let (base, now) = ([250.0, 258.0, 244.0], [238.0, 248.0, 233.0]);
    let e = only(headline(&base, &now, &[]));
    close(e.delta.unwrap(), -4.8, 1e-12, "delta");
    assert_eq!(
        (e.resolution, e.doubt),
        (Resolution::InsideNoise, Some(Doubt::Noise))
    );
    // scipy: pooled log variance 8.9436e-4 on 4 df; nct.sf(t.isf(.005, 2n-2), 2n-2,
    // log(250/238)/sqrt(2 * 8.9436e-4 * median_variance(n))) first reaches 0.8 at this n.
    assert_eq!(e.advice, Some(Advice::Trials(TRIALS_BY_SCIPY)));
    let (low, high) = e.interval.unwrap();
    assert!(low < -4.8 && high > 0.0, "{low} {high}");
}

const TRIALS_BY_SCIPY: u32 = 15;

#[test]
fn no_more_than_twenty_trials_are_ever_advised() {
    // scipy: pooled log variance 0.0021225 would need 34 trials an arm for 4.8 %.
    let (base, now) = ([250.0, 262.0, 240.0], [238.0, 252.0, 229.0]);
    let e = only(headline(&base, &now, &[]));
    assert_eq!(e.trials_needed(), None);
    let Some(Advice::Quieter(smallest)) = e.advice else {
        panic!("{e:?}");
    };
    close(smallest, SMALLEST_BY_SCIPY, 1e-6, "20 trials an arm show");
    let hopeless = only(headline(
        &[250.0, 290.0, 210.0],
        &[249.9, 288.0, 212.0],
        &[],
    ));
    assert_eq!(hopeless.resolution, Resolution::InsideNoise);
    assert!(matches!(hopeless.advice, Some(Advice::Quieter(_))));
    assert!(hopeless.detectable.unwrap() > 30.0, "{hopeless:?}");
}

const SMALLEST_BY_SCIPY: f64 = 6.116_559_516_562;

#[test]
fn five_earlier_baselines_make_the_noise_of_single_runs_known() {
    let history = [250.0, 252.0, 248.0, 251.0, 249.0];
    let e = only(headline(&[250.0], &[220.0], &history));
    let noise = e.noise.unwrap();
    assert_eq!((noise.method, noise.n), (Method::History, 5));
    // numpy: 100 * std(log(history), ddof=1)
    close(noise.std, 0.632_468_772, 1e-6, "std");
    assert_eq!(e.resolution, Resolution::BeyondNoise);
    let wide = [250.0, 272.0, 228.0, 261.0, 239.0];
    assert_eq!(
        only(headline(&[250.0], &[235.0], &wide)).resolution,
        Resolution::InsideNoise
    );
}

#[test]
fn sessions_that_differ_more_than_trials_widen_the_noise() {
    let (base, now) = ([250.0, 251.0, 249.0], [240.0, 241.0, 239.0]);
    assert_eq!(
        only(headline(&base, &now, &[])).resolution,
        Resolution::BeyondNoise
    );
    let e = only(headline(&base, &now, &[250.0, 265.0, 236.0, 259.0, 241.0]));
    assert_eq!(e.noise.as_ref().unwrap().method, Method::TrialsAndHistory);
    assert_eq!(e.resolution, Resolution::InsideNoise);
    assert!(
        matches!(e.advice, Some(Advice::Quieter(_))),
        "no number of trials in one session settles that"
    );
}

#[test]
fn one_outlier_run_of_five_is_left_out_of_the_noise_and_named() {
    let base = [250.0, 251.0, 170.0, 249.0, 250.5];
    let e = only(headline(&base, &[230.0, 231.0, 229.0, 230.5, 229.5], &[]));
    let noise = e.noise.unwrap();
    assert_eq!((noise.left_out, noise.n), (vec![LeftOut::Baseline(2)], 9));
    assert!(noise.std < 0.5, "{}", noise.std);
    assert_eq!(e.resolution, Resolution::BeyondNoise);
}

#[test]
fn a_throughput_of_zero_has_no_noise_and_stays_a_loss_of_all() {
    let e = only(headline(&[250.0; 3], &[0.0, 0.0, 0.0], &[250.0; 6]));
    assert_eq!((e.delta, e.resolution), (Some(-100.0), Resolution::Unknown));
    let lost = only(headline(&[250.0; 3], &[], &[]));
    assert_eq!((lost.delta, lost.resolution), (None, Resolution::Unknown));
    assert_eq!(only(headline(&[0.0], &[250.0], &[])).delta, None);
}

#[test]
fn three_equal_trials_are_not_a_noiseless_server() {
    let e = only(headline(&[250.0; 3], &[249.9; 3], &[]));
    assert_eq!(e.resolution, Resolution::InsideNoise);
    close(
        e.noise.unwrap().std,
        0.1,
        1e-12,
        "least standard deviation, percent",
    );
}

#[test]
fn rates_are_tested_on_their_own_scale_and_may_be_zero() {
    let cell = |baseline: [f64; 3], current: [f64; 3]| Cell {
        metric: "prefix_cache_hit_rate_post",
        level: "server",
        adverse: Adverse::Down,
        tolerance: Tolerance::Absolute(0.02),
        baseline: some(&baseline),
        current: some(&current),
        history: Vec::new(),
        headline: false,
    };
    let e = only(cell([0.80, 0.81, 0.79], [0.0, 0.01, 0.0]));
    close(e.delta.unwrap(), -0.80, 1e-12, "delta");
    assert_eq!(e.resolution, Resolution::BeyondNoise);
    let same = only(cell([0.0; 3], [0.0; 3]));
    assert_eq!(
        (same.delta, same.resolution),
        (Some(0.0), Resolution::InsideNoise)
    );
    // Two equal arms: their least deviation is 2 % of the tolerance.
    close(same.noise.unwrap().std, 0.0004, 1e-12, "std");
}

#[test]
fn a_row_among_many_needs_more_than_alone() {
    let row = |metric: &'static str, now: [f64; 3]| Cell {
        metric,
        headline: false,
        ..headline(&[250.0, 252.0, 248.0], &now, &[])
    };
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let mut cells = vec![row("x", [242.0, 241.0, 243.0])];
    let alone = only(cells[0].clone());
    assert_eq!(alone.resolution, Resolution::BeyondNoise);
    cells.extend(names.map(|name| row(name, [250.0, 248.0, 252.0])));
    let among = assess(&cells, &[], &Options::default()).remove(0);
    assert_eq!(alone.p_value, among.p_value);
    close(
        among.p_adjusted.unwrap(),
        11.0 * alone.p_value.unwrap(),
        1e-12,
        "adjusted",
    );
    assert_eq!(among.resolution, Resolution::InsideNoise);
}

#[test]
fn exactly_the_tolerance_is_within() {
    let t = Tolerance::Percent(5.0);
    assert_eq!(
        status(5.0 + 4e-9, t, Adverse::Up, Resolution::BeyondNoise),
        Status::Within
    );
    assert_eq!(
        status(5.1, t, Adverse::Up, Resolution::InsideNoise),
        Status::Unresolved
    );
    assert_eq!(
        status(-5.1, t, Adverse::Up, Resolution::BeyondNoise),
        Status::Improved
    );
    let points = Tolerance::Absolute(0.02);
    let fall = 0.78 - 0.80;
    assert_eq!(
        status(fall, points, Adverse::Down, Resolution::Unknown),
        Status::Within
    );
}
