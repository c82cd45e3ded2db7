//! The variance of each row: from pairs, from trials, from history, pooled and moderated over the places of a metric.

use super::cell::{Cell, LeftOut, Method};
use super::history::{Stationary, stationary};
use super::noise::{Spread, moderate, outlier, pool, squares};
use super::pairs::{MIN_PAIRS, Pair};
use super::scale::{Placed, placed, values};
use super::summary::{median, median_variance};
use crate::order::Ordered as _;

/// Fewest trials in an arm that make the noise known.
pub const MIN_TRIALS: usize = 3;

/// What one row brings to its test, on the scale of the test. Everything but the history is in ascending order.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    /// The baseline's trials.
    pub baseline: Vec<Placed>,
    /// The current trials.
    pub current: Vec<Placed>,
    /// Differences inside pairs, current less baseline; empty unless the row is judged by pairs.
    pub differences: Vec<f64>,
    /// The part of the history that counts.
    pub history: Option<Stationary>,
    /// Runs left out of the noise and of the rank test.
    pub left_out: Vec<LeftOut>,
}

impl Sides {
    /// `None` where the value of a trial has no logarithm: then there is no noise to speak of.
    pub fn new(cell: &Cell, pairs: &[Pair]) -> Option<Sides> {
        let mut sides = Sides {
            baseline: placed(&cell.baseline, cell.tolerance)?,
            current: placed(&cell.current, cell.tolerance)?,
            ..Sides::default()
        };
        let difference = |pair: &Pair| {
            let of =
                |arm: &[Placed], run: usize| arm.iter().find(|it| it.run == run).map(|it| it.value);
            Some(of(&sides.current, pair.current)? - of(&sides.baseline, pair.baseline)?)
        };
        let mut differences: Vec<f64> = pairs.iter().filter_map(difference).collect();
        if differences.len() >= MIN_PAIRS {
            differences.sort_unstable_by(f64::total_cmp);
            sides.differences = differences;
            return Some(sides);
        }
        sides.leave_out();
        if let Some(newest) = median(&values(&sides.baseline)) {
            let mut entries = Vec::new();
            for (run, value) in cell.history.iter().enumerate() {
                // An entry of 0 is no yardstick, and not the end of what the others know.
                if let Some(value) = value.and_then(|value| cell.tolerance.scaled(value)) {
                    entries.push(Placed { run, value });
                }
            }
            sides.history = stationary(&entries, newest, cell.tolerance.least_variance());
        }
        if let Some(history) = &sides.history {
            sides
                .left_out
                .extend(history.bad.iter().map(|run| LeftOut::History(*run)));
        }
        Some(sides)
    }

    /// Whether the row is judged by the differences inside pairs.
    pub fn is_paired(&self) -> bool {
        !self.differences.is_empty()
    }

    /// Names the outlier of each arm. A value that is one in its own arm alone is none: where the other arm has values
    /// near it, the machine has two states, and that is noise.
    fn leave_out(&mut self) {
        let mut both = self.baseline.clone();
        both.extend(&self.current);
        both.order_by(|a, b| a.value.total_cmp(&b.value));
        let of_both = outlier(&values(&both)).map(|at| both[at].value);
        let mut find = |arm: &[Placed], place: fn(usize) -> LeftOut| {
            if let Some(at) = outlier(&values(arm))
                && Some(arm[at].value) == of_both
            {
                self.left_out.push(place(arm[at].run));
            }
        };
        find(&self.baseline, LeftOut::Baseline);
        find(&self.current, LeftOut::Current);
    }

    /// The baseline's trials without those left out.
    pub fn kept_baseline(&self) -> Vec<f64> {
        self.kept(&self.baseline, LeftOut::Baseline)
    }

    /// The current trials without those left out.
    pub fn kept_current(&self) -> Vec<f64> {
        self.kept(&self.current, LeftOut::Current)
    }

    fn kept(&self, arm: &[Placed], place: fn(usize) -> LeftOut) -> Vec<f64> {
        let kept = |it: &&Placed| !self.left_out.contains(&place(it.run));
        arm.iter().filter(kept).map(|it| it.value).collect()
    }

    /// Runs of this row behind its noise.
    pub fn runs(&self) -> usize {
        let trials = match self.is_paired() {
            true => return 2 * self.differences.len(),
            false if self.has_trials() => self.kept_baseline().len() + self.kept_current().len(),
            false => 0,
        };
        trials
            + self
                .history
                .as_ref()
                .map_or(0, |history| history.counted.len())
    }

    fn has_trials(&self) -> bool {
        self.baseline.len().max(self.current.len()) >= MIN_TRIALS
    }

    /// Variance of the trials about their own arms, or of the differences about their mean.
    fn of_trials(&self, least: f64) -> Option<Spread> {
        if self.is_paired() {
            return pool(&[squares(&self.differences)], 2.0 * least);
        }
        let arms = [
            squares(&self.kept_baseline()),
            squares(&self.kept_current()),
        ];
        pool(&arms, least).filter(|_| self.has_trials())
    }

    fn of_history(&self, least: f64) -> Option<Spread> {
        let history = self.history.as_ref()?;
        Some(Spread {
            variance: (history.squares / history.df).max(least),
            df: history.df,
        })
    }
}

/// Variance model of one row: `between` sessions (trials do not reduce it) and `within`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model {
    /// How it was got.
    pub method: Method,
    /// Variance between sessions, from history, beyond what trials explain.
    pub between: f64,
    /// Variance of one run within a session, or of the difference inside a pair.
    pub within: f64,
    /// Degrees of freedom of the test now.
    pub df: f64,
    /// Degrees of freedom that each trial an arm beyond the first brings, those borrowed from other levels included; 0
    /// where the noise is that of the history and more trials do not make it better known.
    pub df_per_trial: f64,
}

impl Model {
    /// Standard error of the difference of two medians of `a` and `b` trials, or of the median of the differences
    /// of as many pairs as the smaller of them.
    pub fn standard_error(&self, a: usize, b: usize) -> f64 {
        match self.method {
            Method::Pairs => (self.within * median_variance(a.min(b))).sqrt(),
            _ => {
                let medians = median_variance(a) + median_variance(b);
                (2.0 * self.between + self.within * medians).sqrt()
            }
        }
    }

    /// Degrees of freedom with `n` trials an arm.
    pub fn df_with(&self, n: u32) -> f64 {
        if self.df_per_trial > 0.0 {
            self.df_per_trial * (f64::from(n) - 1.0)
        } else {
            self.df
        }
    }

    /// Standard deviation of one run.
    pub fn run_std(&self) -> f64 {
        match self.method {
            Method::Pairs => (0.5 * self.within).sqrt(),
            _ => (self.between + self.within).sqrt(),
        }
    }
}

/// The variance model of every row.
pub fn models(cells: &[Cell], sides: &[Option<Sides>]) -> Vec<Option<Model>> {
    let raw = |of: fn(&Sides, f64) -> Option<Spread>| -> Vec<Option<Spread>> {
        let least = cells.iter().map(|cell| cell.tolerance.least_variance());
        let rows = sides.iter().zip(least);
        rows.map(|(sides, least)| of(sides.as_ref()?, least))
            .collect()
    };
    let (raw_trials, raw_history) = (raw(Sides::of_trials), raw(Sides::of_history));
    let trials = moderated(cells, sides, &raw_trials);
    let history = moderated(cells, sides, &raw_history);
    (0..cells.len())
        .map(|i| {
            let sides = sides[i].as_ref()?;
            combine(&cells[i], sides, raw_trials[i], trials[i], history[i])
        })
        .collect()
}

/// Moderates within each metric, pairs apart from arms; rows without a variance stay without.
fn moderated(
    cells: &[Cell],
    sides: &[Option<Sides>],
    raw: &[Option<Spread>],
) -> Vec<Option<Spread>> {
    let paired = |i: usize| sides[i].as_ref().is_some_and(Sides::is_paired);
    let alike = |i: usize, j: usize| cells[i].metric == cells[j].metric && paired(i) == paired(j);
    let mut all = raw.to_vec();
    for first in 0..cells.len() {
        if (0..first).any(|earlier| alike(earlier, first)) {
            continue;
        }
        let group: Vec<usize> = (first..cells.len())
            .filter(|&i| alike(first, i) && raw[i].is_some())
            .collect();
        let spreads: Vec<Spread> = group.iter().filter_map(|&i| raw[i]).collect();
        for (&i, spread) in group.iter().zip(moderate(&spreads)) {
            all[i] = Some(spread);
        }
    }
    all
}

/// Pairs alone, trials alone, history alone, or trials and history: then the session variance is what history has
/// beyond the trials' (method of moments), with degrees of freedom by Satterthwaite (1946), Biometrics 2,
/// 110-114. An entry of the history counts as one run.
fn combine(
    cell: &Cell,
    sides: &Sides,
    raw_trials: Option<Spread>,
    trials: Option<Spread>,
    history: Option<Spread>,
) -> Option<Model> {
    let (method, own) = match sides.is_paired() {
        true => (Method::Pairs, 1.0),
        false => (Method::Trials, 2.0),
    };
    let from_trials = trials.zip(raw_trials).map(|(t, raw)| Model {
        method,
        between: 0.0,
        within: t.variance,
        df: t.df,
        df_per_trial: own * t.df / raw.df,
    });
    let Some(h) = history else { return from_trials };
    let Some(t) = trials else {
        return Some(Model {
            method: Method::History,
            between: 0.0,
            within: h.variance,
            df: h.df,
            df_per_trial: 0.0,
        });
    };
    let between = h.variance - t.variance;
    if between <= 0.0 {
        return from_trials.map(|m| Model {
            method: Method::TrialsAndHistory,
            ..m
        });
    }
    let counts = [&cell.baseline, &cell.current].map(|arm| arm.iter().flatten().count());
    let medians = median_variance(counts[0]) + median_variance(counts[1]);
    let total = 2.0 * between + medians * t.variance;
    let (a, b) = (2.0 * h.variance, (medians - 2.0) * t.variance);
    let df = total * total / (a * a / h.df + b * b / t.df);
    let df = df.clamp(1.0, h.df + t.df);
    Some(Model {
        method: Method::TrialsAndHistory,
        between,
        within: t.variance,
        df,
        df_per_trial: 0.0,
    })
}
