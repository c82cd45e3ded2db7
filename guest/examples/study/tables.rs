//! The tables of real runs, as Markdown.

use crate::data::{Data, IDENTICAL, LEVELS, Measured};
use crate::past;
use crate::proof;
use crate::resampled;
use crate::sessions;
use crate::simulated;
use crate::unkind;
use crate::verdict::{Given, rates};
use perfbridge_guest::stats::bootstrap::{Plan, Sample, quantile_differences};
use perfbridge_guest::stats::calibrate::{Repeated, calibrate};
use perfbridge_guest::stats::scale::present;
use std::fmt::Write;

/// Makes one table with its heading.
type Make = fn(&Data, &Measured) -> String;

/// Every table, by the name that picks it alone.
pub const ALL: [(&str, Make); 14] = [
    ("proof", |_, measured| proof::table_of(measured)),
    ("noise", |data, _| noise(data)),
    ("real", |data, _| real(data)),
    ("resampled", |data, _| resampled::table_of(data)),
    ("measured", |_, measured| simulated::as_measured(measured)),
    ("by-noise", |_, measured| simulated::by_noise(measured)),
    ("unkind", |_, measured| simulated::adverse_noise(measured)),
    ("history", |_, measured| simulated::history(measured)),
    ("green", |_, measured| unkind::green(measured)),
    ("two-states", |_, measured| unkind::two_states(measured)),
    ("sweeps", |_, _| unkind::five_levels()),
    ("sessions", |_, measured| sessions::table_of(measured)),
    ("past", |_, measured| past::table_of(measured)),
    ("within", |data, _| within(data)),
];

/// A table from its heading, its column names and its rows.
pub fn table(heading: &str, note: &str, columns: &[&str], rows: &[Vec<String>]) -> String {
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

pub fn percent(share: f64) -> String {
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
            values: present(&cell.baseline),
        })
        .collect();
    let mut rows = Vec::new();
    for (cell, result) in cells.iter().zip(calibrate(&repeated, 3)) {
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
        let (r, count) = rates(
            all.iter().map(|(a, b)| data.cells(levels, a, b)),
            Given::ARMS,
        );
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

fn within(data: &Data) -> String {
    let mut rows = Vec::new();
    for level in LEVELS {
        for metric in ["ttft_ms", "request_latency_ms"] {
            for q in [0.5, 0.95] {
                let excluded = |block: usize| {
                    let plan = Plan {
                        resamples: 500,
                        ..Plan::default()
                    };
                    let all = pairs(&IDENTICAL, 1, &IDENTICAL, 1);
                    let n = all.len() as f64;
                    let fires = |(a, b): &&(Vec<&str>, Vec<&str>)| {
                        let [a, b] = [a, b]
                            .map(|arm| Sample::new(&data.requests(arm[0], level, metric), block));
                        quantile_differences(&a, &b, &[q], &plan)
                            .first()
                            .is_some_and(|difference| difference.excludes_zero())
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
