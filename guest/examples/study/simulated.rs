//! The tables of simulated runs, as Markdown.

use crate::data::{LEVELS, METRICS, Measured};
use crate::simulate::{Change, Fault, Noise, Setting, shift};
use crate::tables::{percent, table};
use crate::verdict::Rates;

/// Comparisons simulated for a share near 1 % (standard error 0.3 points there).
pub const MANY: usize = 1_000;
/// Comparisons simulated for a detection rate (standard error at most 2.5 points).
pub const FEW: usize = 400;

pub const EFFECTS: [f64; 4] = [0.02, 0.05, 0.10, 0.20];

/// How many comparisons a share of this change rests on.
pub fn comparisons(change: Change) -> usize {
    if matches!(change, Change::None) {
        MANY
    } else {
        FEW
    }
}

/// Bare RED, ours RED and ours not GREEN.
pub fn shares(rates: &Rates) -> [String; 3] {
    [rates.bare_red, rates.red, 1.0 - rates.green].map(percent)
}

/// A comparison at the two measured levels: arms one after the other, no history.
pub fn setting<'a>(
    measured: &'a Measured,
    noise: &'a Noise,
    shift: &'a [f64],
    trials: usize,
    comparisons: usize,
) -> Setting<'a> {
    Setting {
        levels: &LEVELS,
        means: &measured.means,
        noise,
        shift,
        trials,
        history: 0,
        fault: Fault::None,
        paired: false,
        as_pairs: false,
        bare: true,
        comparisons,
    }
}

/// [`shares`] for 1, 3 and 5 trials.
fn by_trials(measured: &Measured, noise: &Noise, change: Change) -> Vec<String> {
    let comparisons = comparisons(change);
    let mut row = Vec::new();
    let shift = shift(measured, change);
    for trials in [1, 3, 5] {
        let r = setting(measured, noise, &shift, trials, comparisons).rates();
        row.extend(shares(&r));
    }
    row
}

const BY_TRIALS: [&str; 10] = [
    "change",
    "1: bare RED",
    "ours RED",
    "not GREEN",
    "3: bare RED",
    "ours RED",
    "not GREEN",
    "5: bare RED",
    "ours RED",
    "not GREEN",
];

pub fn as_measured(measured: &Measured) -> String {
    let noise = Noise::new(measured.stds.clone(), &measured.correlation);
    let mut rows = Vec::new();
    let mut add = |name: String, change| {
        let mut row = vec![name];
        row.extend(by_trials(measured, &noise, change));
        rows.push(row);
    };
    add("none (A/A)".into(), Change::None);
    for x in EFFECTS {
        add(
            format!("everything {:.0} % worse", 100.0 * x),
            Change::Everything(x),
        );
    }
    for x in EFFECTS {
        add(
            format!("throughput {:.0} % lower", 100.0 * x),
            Change::Throughput(x),
        );
    }
    for x in EFFECTS {
        add(format!("TTFT {:.0} % longer", 100.0 * x), Change::Ttft(x));
    }
    table(
        "Simulated runs with the noise and the correlations measured on the identical runs",
        "1, 3 and 5 trials an arm. \"Not GREEN\" is ours: RED or YELLOW.",
        &BY_TRIALS,
        &rows,
    )
}

pub fn equal(measured: &Measured, std: f64) -> Noise {
    Noise::new(vec![std; measured.stds.len()], &measured.correlation)
}

pub fn by_noise(measured: &Measured) -> String {
    let mut rows = Vec::new();
    let kinds = [
        ("none (A/A)", Change::None),
        ("throughput 10 % lower", Change::Throughput(0.1)),
        ("TTFT 10 % longer", Change::Ttft(0.1)),
        (
            "TTFT 10 % longer, nothing else moves",
            Change::TtftAlone(0.1),
        ),
    ];
    for (name, change) in kinds {
        for std in [0.01, 0.02, 0.03, 0.04, 0.05] {
            let mut row = vec![format!("{name}, sd {:.0} %", 100.0 * std)];
            row.extend(by_trials(measured, &equal(measured, std), change));
            rows.push(row);
        }
    }
    table(
        "The same with one standard deviation for all cells, 1 to 5 %",
        "Correlations as measured. The last block is what the rule of three rows costs: with nothing else \
         moving, only the two p50 rows are surely beyond tolerance, and a 10 % rise of p95 lies on its \
         tolerance of 10 %. No test can lift that above the bare rule.",
        &BY_TRIALS,
        &rows,
    )
}

pub fn matrix(n: usize, entry: impl Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
    (0..n)
        .map(|i| (0..n).map(|j| entry(i, j)).collect())
        .collect()
}

pub fn adverse_noise(measured: &Measured) -> String {
    let n = measured.stds.len();
    let sign: Vec<f64> = (0..n)
        .map(|i| METRICS[i % METRICS.len()].2.sign())
        .collect();
    let together = matrix(n, |i, j| {
        if i == j {
            1.0
        } else {
            0.95 * sign[i] * sign[j]
        }
    });
    let apart = matrix(n, |i, j| f64::from(u8::from(i == j)));
    // The second half of the cells is level 16.
    let uneven: Vec<f64> = (0..n)
        .map(|i| if i < n / 2 { 0.02 } else { 0.06 })
        .collect();
    let cases = [
        (
            "all cells of a run slow or fast together, sd 3 %",
            Noise::new(vec![0.03; n], &together),
        ),
        ("the same, sd 10 %", Noise::new(vec![0.10; n], &together)),
        (
            "cells independent, sd 5 %",
            Noise::new(vec![0.05; n], &apart),
        ),
        ("headline level three times as noisy (6 and 2 %)", {
            Noise::new(uneven.clone(), &measured.correlation)
        }),
        (
            "both: uneven levels, cells together",
            Noise::new(uneven, &together),
        ),
        ("sd as measured, one run in ten up to 20 % worse", {
            let mut noise = Noise::new(measured.stds.clone(), &measured.correlation);
            noise.outliers = 0.1;
            noise
        }),
        (
            "sd 2 %, and each arm is a session with its own sd of 3 %",
            {
                let mut noise = equal(measured, 0.02);
                noise.session = 0.03;
                noise
            },
        ),
    ];
    let mut rows = Vec::new();
    for (name, noise) in &cases {
        let mut row = vec![(*name).to_string()];
        row.extend(by_trials(measured, noise, Change::None));
        rows.push(row);
    }
    table(
        "A/A under noise of unkind shapes",
        "Nothing changed in any of these. The last row shows the limit of trials taken in one go: what \
         differs between two sessions is then taken for a change. Only history, or trials that \
         alternate between the two sides, can see it.",
        &BY_TRIALS,
        &rows,
    )
}

pub fn history(measured: &Measured) -> String {
    let mut rows = Vec::new();
    let mut add = |name: String, noise: &Noise, trials: usize| {
        let mut row = vec![name];
        for entries in [5, 10, 20] {
            let rate = |change, comparisons| -> Rates {
                let shift = shift(measured, change);
                let setting = setting(measured, noise, &shift, trials, comparisons);
                let history = entries;
                Setting { history, ..setting }.rates()
            };
            row.push(percent(rate(Change::None, MANY / 2).red));
            row.push(percent(rate(Change::Throughput(0.1), FEW / 2).red));
            row.push(percent(rate(Change::Ttft(0.1), FEW / 2).red));
        }
        rows.push(row);
    };
    for std in [0.01, 0.02, 0.03, 0.04, 0.05] {
        let name = format!("1 run against 1, sd {:.0} %", 100.0 * std);
        add(name, &equal(measured, std), 1);
    }
    let mut sessions = equal(measured, 0.02);
    sessions.session = 0.03;
    add(
        "1 run against 1, sd 2 % and sessions 3 %".into(),
        &sessions,
        1,
    );
    add(
        "3 trials against 3, sd 2 % and sessions 3 %".into(),
        &sessions,
        3,
    );
    table(
        "With 5, 10 or 20 earlier baselines",
        "RED by ours in A/A, with throughput 10 % lower, and with TTFT 10 % longer.",
        &[
            "noise", "5: A/A", "tput", "TTFT", "10: A/A", "tput", "TTFT", "20: A/A", "tput", "TTFT",
        ],
        &rows,
    )
}
