//! What is promised, and what is measured of it.

use crate::data::Measured;
use crate::simulate::{Change, Fault, Noise, Setting, shift};
use crate::simulated::{equal, setting};
use crate::tables::{percent, table};
use crate::verdict::Rates;

/// Comparisons for each promise: a share near 1 % has a standard error of 0.14 points.
const MANY: usize = 5_000;
/// Comparisons for a detection rate: at 90 % a standard error of 0.7 points.
const FEW: usize = 2_000;

/// What a promise bounds.
enum Bound {
    /// RED in at most this share.
    AtMost(f64),
    /// RED in at least this share.
    AtLeast(f64),
    /// Only reported.
    None,
}

struct Promises<'a> {
    measured: &'a Measured,
    rows: Vec<Vec<String>>,
}

impl Promises<'_> {
    fn rates(&self, noise: &Noise, trials: usize, change: Change, with: &With) -> (Rates, usize) {
        let comparisons = match change {
            Change::None => MANY,
            _ => FEW,
        };
        let shift = shift(self.measured, change);
        let plain = setting(self.measured, noise, &shift, trials, comparisons);
        let setting = Setting {
            history: with.history,
            fault: with.fault,
            paired: with.alternate,
            as_pairs: with.alternate,
            bare: false,
            ..plain
        };
        (setting.rates(), comparisons)
    }

    fn add(
        &mut self,
        what: String,
        noise: &Noise,
        trials: usize,
        change: Change,
        with: &With,
        bound: Bound,
    ) {
        let (rates, comparisons) = self.rates(noise, trials, change, with);
        let (promised, kept) = match bound {
            Bound::AtMost(share) => (format!("at most {}", percent(share)), rates.red <= share),
            Bound::AtLeast(share) => (format!("at least {}", percent(share)), rates.red >= share),
            Bound::None => ("reported".to_owned(), true),
        };
        self.rows.push(vec![
            what,
            trials.to_string(),
            promised,
            percent(rates.red),
            percent(rates.green),
            comparisons.to_string(),
            if kept { "yes" } else { "**no**" }.to_owned(),
        ]);
    }
}

/// How the runs are given.
struct With {
    alternate: bool,
    history: usize,
    fault: Fault,
}

const ARMS: With = With {
    alternate: false,
    history: 0,
    fault: Fault::None,
};

const PAIRS: With = With {
    alternate: true,
    ..ARMS
};

pub fn table_of(measured: &Measured) -> String {
    let rows = Vec::new();
    let mut promises = Promises { measured, rows };
    independent(&mut promises);
    two_states(&mut promises);
    sessions(&mut promises);
    histories(&mut promises);
    table(
        "What is promised",
        "Each row is one kind of comparison at two levels, drawn as often as it says and judged as `diff` judges it. RED where nothing \
         changed is a false alarm.",
        &[
            "comparison",
            "trials",
            "RED promised",
            "RED",
            "GREEN",
            "drawn",
            "kept",
        ],
        &promises.rows,
    )
}

fn independent(promises: &mut Promises) {
    for std in [0.01, 0.02, 0.05] {
        let noise = equal(promises.measured, std);
        for trials in [3, 5] {
            let what = format!("nothing changed, sd {:.0} %", 100.0 * std);
            let most = Bound::AtMost(0.01);
            promises.add(what, &noise, trials, Change::None, &ARMS, most);
        }
    }
    let noise = equal(promises.measured, 0.02);
    let what = "throughput 10 % lower, sd 2 %".to_owned();
    let least = Bound::AtLeast(0.9);
    promises.add(what, &noise, 3, Change::Throughput(0.1), &ARMS, least);
}

fn two_states(promises: &mut Promises) {
    for (share, words) in [(0.5, "half of the runs"), (0.2, "one run in five")] {
        let mut noise = equal(promises.measured, 0.01);
        noise.slow_state = (share, 0.15);
        for (trials, most) in [(3, 0.02), (5, 0.01)] {
            let what = format!("nothing changed, {words} 15 % slower, sd 1 %");
            let most = Bound::AtMost(most);
            promises.add(what, &noise, trials, Change::None, &ARMS, most);
        }
    }
}

fn sessions(promises: &mut Promises) {
    for session in [0.02, 0.03] {
        let mut noise = equal(promises.measured, 0.01);
        noise.session = session;
        for pairs in [5, 3] {
            for (words, change, bound) in [
                ("nothing changed", Change::None, Bound::AtMost(0.01)),
                (
                    "throughput 5 % lower",
                    Change::Throughput(0.05),
                    Bound::AtLeast(0.9),
                ),
                (
                    "throughput 10 % lower",
                    Change::Throughput(0.1),
                    Bound::AtLeast(0.99),
                ),
            ] {
                let what = format!(
                    "{words}, alternating, sd 1 %, sessions {:.0} %",
                    100.0 * session
                );
                let bound = if pairs == 5 { bound } else { Bound::None };
                promises.add(what, &noise, pairs, change, &PAIRS, bound);
            }
        }
    }
}

fn histories(promises: &mut Promises) {
    let noise = equal(promises.measured, 0.01);
    for (words, fault) in [
        ("no fault", Fault::None),
        ("the older half 10 % slower", Fault::Step(0.1)),
        ("each 2 % faster than the last", Fault::Drift(0.02)),
        ("two bad ones, 20 % slower", Fault::TwoBad(0.2)),
    ] {
        let with = With {
            history: 6,
            fault,
            ..ARMS
        };
        for (what, change, bound) in [
            ("nothing changed", Change::None, Bound::None),
            (
                "everything 15 % worse",
                Change::Everything(0.15),
                Bound::AtLeast(0.99),
            ),
        ] {
            let what = format!("{what}, sd 1 %, six earlier baselines: {words}");
            promises.add(what, &noise, 1, change, &with, bound);
        }
    }
}
