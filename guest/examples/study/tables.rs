//! The tables, as Markdown.

use crate::data::{Data, IDENTICAL, LEVELS, Measured};
use crate::simulate::{Change, Noise, Rates, Setting, rates, worse};
use perfbridge_guest::stats::bootstrap::{Plan, quantile_difference};
use perfbridge_guest::stats::calibrate::{Repeated, calibrate};
use std::fmt::Write;

/// Comparisons simulated for a share near 1 % (standard error 0.07 points there).
const MANY: usize = 20_000;
/// Comparisons simulated for a detection rate (standard error at most 0.7 points).
const FEW: usize = 5_000;

/// Every table with its heading.
pub fn all(data: &Data) -> Vec<String> {
    let measured = data.measured();
    vec![
        noise(data),
        real(data),
        as_measured(&measured),
        by_noise(&measured),
        by_effect(&measured),
        adverse_noise(&measured),
        history(&measured),
        within(data),
    ]
}

/// A table from its heading, its column names and its rows.
fn table(heading: &str, note: &str, columns: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!("## {heading}\n\n{note}\n\n| {} |\n", columns.join(" | "));
    let rules: Vec<&str> = columns
        .iter()
        .enumerate()
        .map(|(i, _)| if i == 0 { "---" } else { "---:" })
        .collect();
    let _ = writeln!(text, "| {} |", rules.join(" | "));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

fn percent(share: f64) -> String {
    let value = 100.0 * share;
    if value > 0.0 && value < 9.95 {
        format!("{value:.1} %")
    } else {
        format!("{value:.0} %")
    }
}

/// Noise of the identical runs, cell by cell.
fn noise(data: &Data) -> String {
    let cells = data.cells(&LEVELS, &IDENTICAL, &[]);
    let repeated: Vec<Repeated> = cells
        .iter()
        .map(|cell| Repeated {
            metric: cell.metric,
            level: cell.level,
            adverse: cell.adverse,
            tolerance: cell.tolerance,
            values: cell.baseline.clone(),
        })
        .collect();
    let mut rows = Vec::new();
    for (cell, result) in cells.iter().zip(calibrate(&repeated)) {
        let Some(c) = result else { continue };
        let two = |v: f64| format!("{v:.1} %");
        let mut row = vec![
            format!("`{}` at {}", cell.metric, cell.level),
            two(c.raw_std),
        ];
        row.push(two(c.plans[0].flaps_once_in_100));
        row.extend(c.plans.iter().map(|plan| two(plan.detectable)));
        rows.push(row);
    }
    table(
        "The noise of eight identical runs",
        "Standard deviation between runs (log scale), the tolerance that this row alone would exceed in \
         one of a hundred comparisons of single runs, and the smallest true worsening seen with chance \
         0.8 (one-sided level 0.5 %) with 1, 3, 5 and 10 trials an arm.",
        &[
            "row",
            "sd",
            "1 in 100",
            "1 trial",
            "3 trials",
            "5 trials",
            "10 trials",
        ],
        &rows,
    )
}

/// Every choice of `size` of the names.
fn choices<'a>(names: &[&'a str], size: u32) -> Vec<Vec<&'a str>> {
    (0u32..1 << names.len())
        .filter(|mask| mask.count_ones() == size)
        .map(|mask| {
            (0..names.len())
                .filter(|i| mask >> i & 1 == 1)
                .map(|i| names[i])
                .collect()
        })
        .collect()
}

/// Every comparison of disjoint choices.
fn pairs<'a>(
    left: &[&'a str],
    n: u32,
    right: &[&'a str],
    m: u32,
) -> Vec<(Vec<&'a str>, Vec<&'a str>)> {
    let mut all = Vec::new();
    for a in choices(left, n) {
        for b in choices(right, m) {
            if !a.iter().any(|name| b.contains(name)) {
                all.push((a.clone(), b));
            }
        }
    }
    all
}

/// Name, levels, and the runs and how many of them on either side.
type Case<'a> = (
    &'a str,
    &'a [&'static str],
    &'a [&'a str],
    u32,
    &'a [&'a str],
    u32,
);

/// The real runs against each other.
fn real(data: &Data) -> String {
    let slow = ["slow-01", "slow-02", "slow-03"];
    let slight = ["slight-01", "slight-02"];
    let base = ["base-1", "base-2", "base-4"];
    let wide: &[&'static str] = &["4", "8", "16", "32"];
    let cases: [Case; 8] = [
        (
            "identical, 1 against 1",
            &LEVELS,
            &IDENTICAL,
            1,
            &IDENTICAL,
            1,
        ),
        (
            "identical, 3 against 3",
            &LEVELS,
            &IDENTICAL,
            3,
            &IDENTICAL,
            3,
        ),
        (
            "identical, 4 against 4",
            &LEVELS,
            &IDENTICAL,
            4,
            &IDENTICAL,
            4,
        ),
        (
            "`base-*`, one of three slower, 1 against 1",
            wide,
            &base,
            1,
            &base,
            1,
        ),
        (
            "3 % heavier model, 1 against 1",
            &LEVELS,
            &IDENTICAL,
            1,
            &slight,
            1,
        ),
        (
            "3 % heavier model, 2 against 3",
            &LEVELS,
            &IDENTICAL,
            3,
            &slight,
            2,
        ),
        (
            "10 to 16 % heavier model, 1 against 1",
            &LEVELS,
            &IDENTICAL,
            1,
            &slow,
            1,
        ),
        (
            "10 to 16 % heavier model, 3 against 3",
            &LEVELS,
            &IDENTICAL,
            3,
            &slow,
            3,
        ),
    ];
    let mut rows = Vec::new();
    for (name, levels, left, n, right, m) in cases {
        let all = pairs(left, n, right, m);
        let (r, count) = rates(all.iter().map(|(a, b)| data.cells(levels, a, b)));
        let mut row = vec![name.to_string(), count.to_string()];
        row.extend([r.bare_red, r.bare_green, r.red, r.green].map(percent));
        rows.push(row);
    }
    table(
        "Real runs against real runs",
        "Every ordered choice of disjoint runs, as many as there are; they share runs, so they are far \
         from independent. One run against one run has no known noise: there ours is the bare rule.",
        &[
            "comparison",
            "count",
            "bare RED",
            "bare GREEN",
            "ours RED",
            "ours GREEN",
        ],
        &rows,
    )
}

const EFFECTS: [f64; 4] = [0.02, 0.05, 0.10, 0.20];

/// Bare RED, ours RED and ours not GREEN for 1, 3 and 5 trials.
fn by_trials(measured: &Measured, noise: &Noise, change: Change) -> Vec<String> {
    let comparisons = if matches!(change, Change::None) {
        MANY
    } else {
        FEW
    };
    let mut row = Vec::new();
    for trials in [1, 3, 5] {
        let r = Setting {
            measured,
            noise,
            change,
            trials,
            history: 0,
            comparisons,
        }
        .rates();
        row.extend([percent(r.bare_red), percent(r.red), percent(1.0 - r.green)]);
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

fn as_measured(measured: &Measured) -> String {
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

fn equal(measured: &Measured, std: f64) -> Noise {
    Noise::new(vec![std; measured.stds.len()], &measured.correlation)
}

fn by_noise(measured: &Measured) -> String {
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

fn by_effect(measured: &Measured) -> String {
    let noise = equal(measured, 0.02);
    let mut rows = Vec::new();
    for x in EFFECTS {
        let kinds = [
            ("throughput", "lower", Change::Throughput(x)),
            ("TTFT", "longer", Change::Ttft(x)),
            ("everything", "worse", Change::Everything(x)),
        ];
        for (what, how, change) in kinds {
            let mut row = vec![format!("{what} {:.0} % {how}", 100.0 * x)];
            row.extend(by_trials(measured, &noise, change));
            rows.push(row);
        }
    }
    table(
        "Detection by effect at a standard deviation of 2 %",
        "Columns as above.",
        &BY_TRIALS,
        &rows,
    )
}

fn matrix(n: usize, entry: impl Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
    (0..n)
        .map(|i| (0..n).map(|j| entry(i, j)).collect())
        .collect()
}

fn adverse_noise(measured: &Measured) -> String {
    let n = measured.stds.len();
    let sign = worse();
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

fn history(measured: &Measured) -> String {
    let mut rows = Vec::new();
    let mut add = |name: String, noise: &Noise, trials: usize| {
        let mut row = vec![name];
        for entries in [5, 10, 20] {
            let rate = |change, comparisons| -> Rates {
                Setting {
                    measured,
                    noise,
                    change,
                    trials,
                    history: entries,
                    comparisons,
                }
                .rates()
            };
            row.push(percent(rate(Change::None, MANY).red));
            row.push(percent(rate(Change::Throughput(0.1), FEW).red));
            row.push(percent(rate(Change::Ttft(0.1), FEW).red));
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

fn within(data: &Data) -> String {
    let mut rows = Vec::new();
    for level in LEVELS {
        for metric in ["ttft_ms", "request_latency_ms"] {
            for q in [0.5, 0.95] {
                let excluded = |block: usize| {
                    let plan = Plan {
                        resamples: 500,
                        ..Plan::new(q, block)
                    };
                    let all = pairs(&IDENTICAL, 1, &IDENTICAL, 1);
                    let n = all.len() as f64;
                    let fires = |(a, b): &&(Vec<&str>, Vec<&str>)| {
                        let runs = [a, b].map(|arm| data.requests(arm[0], level, metric));
                        quantile_difference(&runs[0], &runs[1], &plan)
                            .is_some_and(|d| d.low > 0.0 || d.high < 0.0)
                    };
                    percent(all.iter().filter(fires).count() as f64 / n)
                };
                let block = level.parse().unwrap_or(1);
                let name = format!("`{metric}` p{:.0} at {level}", 100.0 * q);
                rows.push(vec![name, excluded(1), excluded(block)]);
            }
        }
    }
    table(
        "Why samples from inside one run never decide",
        "Share of the 56 ordered pairs of identical single runs in which the 95 % bootstrap interval of \
         the difference, from the 64 requests of each run, excludes 0. If such intervals told noise from \
         change this would be 5 %. Requests drawn one by one, and in blocks as long as the concurrency.",
        &["statistic", "one by one", "blocks"],
        &rows,
    )
}
