//! Machines that do not behave: two states, and long sweeps.

use crate::data::{METRICS, Measured, SWEEP};
use crate::simulate::{Change, Fault, Noise, Setting, shift};
use crate::simulated::{FEW, MANY, equal, matrix, setting, shares};
use crate::tables::{percent, table};

const COLUMNS: [&str; 10] = [
    "noise",
    "3: bare RED",
    "ours RED",
    "not GREEN",
    "4: bare RED",
    "ours RED",
    "not GREEN",
    "5: bare RED",
    "ours RED",
    "not GREEN",
];

/// Runs that are either fast or slow, with nothing changed.
pub fn two_states(measured: &Measured) -> String {
    let none = vec![0.0; measured.means.len()];
    let mut rows = Vec::new();
    for (share, words) in [(0.5, "half of the runs"), (0.2, "one run in five")] {
        for (slower, std) in [(0.15, 0.01), (0.15, 0.02), (0.10, 0.01)] {
            let mut noise = equal(measured, std);
            noise.slow_state = (share, slower);
            let mut row = vec![format!(
                "{words} {:.0} % slower, sd {:.0} %",
                100.0 * slower,
                100.0 * std
            )];
            for trials in [3, 4, 5] {
                row.extend(shares(
                    &setting(measured, &noise, &none, trials, MANY).rates(),
                ));
            }
            rows.push(row);
        }
    }
    let shift = shift(measured, Change::Everything(0.15));
    for (share, words) in [(0.5, "half of the runs"), (0.2, "one run in five")] {
        let mut noise = equal(measured, 0.01);
        noise.slow_state = (share, 0.15);
        let mut row = vec![format!("{words} 15 % slower, and everything 15 % worse")];
        for trials in [3, 4, 5] {
            row.extend(shares(
                &setting(measured, &noise, &shift, trials, FEW).rates(),
            ));
        }
        rows.push(row);
    }
    table(
        "Machines with two states",
        "A run is in the fast or in the slow state as a whole; nothing changed, but in the last two rows. Three fast \
         trials and then three slow ones come by luck once in 64 comparisons where the states are equally likely: \
         without a look at what lies between, that is the least that three trials can err.",
        &COLUMNS,
        &rows,
    )
}

/// Sweeps of five levels, whose cells are independent, alike or one.
pub fn five_levels() -> String {
    let n = SWEEP.len() * METRICS.len();
    let sign = |i: usize| METRICS[i % METRICS.len()].2.sign();
    let mut rows = Vec::new();
    for (share, words) in [
        (0.0, "independent"),
        (0.5, "half shared"),
        (0.95, "together"),
    ] {
        let correlation = matrix(n, |i, j| match i == j {
            true => 1.0,
            false => share * sign(i) * sign(j),
        });
        for std in [0.01, 0.02, 0.05] {
            let noise = Noise::new(vec![std; n], &correlation);
            rows.push(of_sweep(
                &noise,
                &format!("cells {words}, sd {:.0} %", 100.0 * std),
                0.0,
            ));
        }
        let mut noise = Noise::new(vec![0.01; n], &correlation);
        noise.slow_state = (0.5, 0.15);
        let name = format!("cells {words}, sd 1 %, half of the runs 15 % slower");
        rows.push(of_sweep(&noise, &name, 0.0));
        let noise = Noise::new(vec![0.02; n], &correlation);
        let name = format!("cells {words}, sd 2 %, throughput 10 % lower");
        rows.push(of_sweep(&noise, &name, 0.1));
    }
    let mut columns = COLUMNS.to_vec();
    columns.drain(4..7);
    table(
        "Sweeps of five levels",
        "Nothing changed, but in the rows that say so. More levels are more chances for a false alarm, and more \
         knowledge of the noise.",
        &columns,
        &rows,
    )
}

fn of_sweep(noise: &Noise, name: &str, lower: f64) -> Vec<String> {
    let n = noise.stds.len();
    let throughput = |i: usize| i.is_multiple_of(METRICS.len());
    let shift: Vec<f64> = (0..n)
        .map(|i| {
            if throughput(i) {
                libm::log1p(-lower)
            } else {
                0.0
            }
        })
        .collect();
    let mut row = vec![name.to_owned()];
    for trials in [3, 5] {
        let setting = Setting {
            levels: &SWEEP,
            means: &vec![5.0; n],
            noise,
            shift: &shift,
            trials,
            history: 0,
            fault: Fault::None,
            paired: false,
            as_pairs: false,
            bare: true,
            comparisons: if lower > 0.0 { FEW / 2 } else { MANY / 2 },
        };
        row.extend(shares(&setting.rates()));
    }
    row
}

/// The GREEN shares where nothing changed, and what made the others YELLOW is the tolerance.
pub fn green(measured: &Measured) -> String {
    let none = vec![0.0; measured.means.len()];
    let mut rows = Vec::new();
    for std in [0.005, 0.01, 0.02, 0.05] {
        let noise = equal(measured, std);
        let mut row = vec![format!("{:.1} %", 100.0 * std)];
        for trials in [1, 3, 5, 10] {
            let r = setting(measured, &noise, &none, trials, FEW).rates();
            row.push(percent(r.green));
        }
        rows.push(row);
    }
    table(
        "How often identical runs are GREEN",
        "One standard deviation for all cells, correlations as measured, two levels, 1, 3, 5 and 10 trials an arm. The rest is \
         YELLOW, but for the RED of the tables above: some row is beyond its tolerance, if inside the noise.",
        &["sd", "1", "3", "5", "10"],
        &rows,
    )
}
