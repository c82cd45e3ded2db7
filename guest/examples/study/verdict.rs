//! The judge's own verdict over simulated or real cells: each comparison is two documents and a history.

use crate::data::HEADLINE;
use perfbridge_guest::document::{Document, Numbers, Origins};
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::judge::rule::Verdict;
use perfbridge_guest::judge::{Judgement, judge};
use perfbridge_guest::measure::{Name, Number, Quantity};
use perfbridge_guest::run::Origin;
use perfbridge_guest::stats::Cell;
use perfbridge_guest::stats::pairs::{Arm, alternating};
use perfbridge_guest::stats::summary::median;
use serde_json::{Value, json};

/// What a comparison ends in.
#[derive(Clone, Copy)]
pub struct Ends {
    /// By the bare tolerances: the medians alone, without the runs behind them.
    pub bare: Verdict,
    /// By the judge as it is.
    pub ours: Verdict,
    /// Whether the noise of the headline was known.
    pub known: bool,
}

/// How the runs of comparisons are given, and what is asked.
#[derive(Clone, Copy)]
pub struct Given {
    /// Whether the trials say that they ran in turns.
    pub alternate: bool,
    /// Whether the bare tolerances are asked too.
    pub bare: bool,
}

impl Given {
    /// Arms of runs that say nothing of when they ran.
    pub const ARMS: Given = Given {
        alternate: false,
        bare: true,
    };
}

/// Makes documents of cells.
pub struct Bench {
    given: Given,
    template: Document,
    /// Requests of each level, none of which failed: so many that they carry every percentile.
    requests: f64,
}

impl Bench {
    pub fn new(given: Given) -> Self {
        let text = json!({
            "schema": "inference_perfbench_v1", "model": "m",
            "deployment": {"cluster": "dev", "quantization": "FP8"},
            "context": {"hardware": "B200"},
            "metrics": {"16": {"throughput_toks_per_s": 1.0}},
            "provenance": {"bundle_sha256": null},
        });
        let template = Document::parse("template", &text.to_string());
        Bench {
            given,
            template: template.expect("a document"),
            requests: 2_000.0,
        }
    }

    /// The numbers of each run of one arm.
    fn runs(&self, cells: &[Cell], arm: impl Fn(&Cell) -> Vec<Option<f64>>) -> Vec<Numbers> {
        let mut runs: Vec<Numbers> = Vec::new();
        for cell in cells {
            let place = cell.level.parse().expect("a level");
            let of = |quantity| Number {
                place,
                name: Name::Of(quantity),
            };
            let quantity = Quantity::of(cell.metric).expect("a quantity");
            let values = arm(cell);
            runs.resize(values.len(), Numbers::new());
            for (run, value) in runs.iter_mut().zip(values) {
                run.extend(value.map(|value| (of(quantity), value)));
                run.insert(of(Quantity::Requests), self.requests);
                run.insert(of(Quantity::Errors), 0.0);
            }
        }
        runs
    }

    /// One document of runs, as the merging of trials makes it; `name` tells it from the others.
    fn document(&self, name: &str, runs: Vec<Numbers>, starts: &[Option<String>]) -> Document {
        let mut document = self.template.clone();
        document.map["provenance"]["bundle_sha256"] = Value::from(name);
        document.places.retain(|place, _| !place.is_cell());
        for number in runs[0].keys() {
            let values = runs.iter().filter_map(|run| run.get(number).copied());
            let values: Vec<f64> = values.collect();
            let merged = match number.name {
                Name::Of(Quantity::Requests | Quantity::Errors) => values.iter().sum(),
                _ => median(&values).expect("a value"),
            };
            let cell = document.places.entry(number.place).or_default();
            cell.numbers.insert(number.name.clone(), merged);
        }
        let origin = |at: usize| Origins {
            whole: Origin {
                start: starts.get(at).cloned().flatten(),
                ..Origin::default()
            },
            ..Origins::default()
        };
        document.origins = (0..runs.len()).map(origin).collect();
        if runs.len() > 1 {
            document.trials = runs;
        }
        document
    }

    fn judged(&self, baseline: &Document, current: &Document, history: &[Document]) -> Judgement {
        let policy = Policy::default();
        judge(baseline, current, history, &policy).expect("a judgement")
    }

    /// Verdicts of one comparison.
    pub fn judge(&self, cells: &[Cell]) -> Ends {
        let baseline = self.runs(cells, |cell| cell.baseline.clone());
        let current = self.runs(cells, |cell| cell.current.clone());
        let starts = |arm| match self.given.alternate {
            true => in_turns(arm, baseline.len()),
            false => Vec::new(),
        };
        let history: Vec<Document> = self
            .runs(cells, |cell| cell.history.clone())
            .into_iter()
            .enumerate()
            .map(|(at, run)| self.document(&format!("history {at}"), vec![run], &[]))
            .collect();
        let (of_baseline, of_current) = (starts(Arm::Baseline), starts(Arm::Current));
        let baseline = self.document("baseline", baseline, &of_baseline);
        let current = self.document("current", current, &of_current);
        let ours = self.judged(&baseline, &current, &history);
        let bare = match !self.given.bare || baseline.trials.is_empty() && history.is_empty() {
            true => ours.verdict,
            false => self.judged(&alone(baseline), &alone(current), &[]).verdict,
        };
        let headline = ours.rows.iter().find(|row| row.number == ours.headline);
        Ends {
            bare,
            ours: ours.verdict,
            known: headline.is_some_and(|row| row.known.noise.is_some()),
        }
    }
}

/// The medians without the runs behind them.
fn alone(mut document: Document) -> Document {
    document.trials.clear();
    document.origins = vec![Origins::default()];
    document
}

/// When the runs of an arm began, ten minutes apart in the order of the plan.
fn in_turns(arm: Arm, trials: usize) -> Vec<Option<String>> {
    let order = alternating(trials).into_iter().enumerate();
    let of_arm = order.filter(|(_, of)| *of == arm);
    let start = |(at, _): (usize, Arm)| {
        let (hour, minute) = (at / 6, at % 6 * 10);
        Some(format!("2026-11-25T{hour:02}:{minute:02}:00Z"))
    };
    of_arm.map(start).collect()
}

/// Shares of comparisons.
#[derive(Clone, Copy, Default)]
pub struct Rates {
    pub bare_red: f64,
    pub bare_green: f64,
    pub red: f64,
    pub green: f64,
    pub known: f64,
}

/// Share of each verdict over comparisons of real or simulated cells, and how many there were.
pub fn rates(
    comparisons: impl Iterator<Item = Vec<Cell<'static>>>,
    given: Given,
) -> (Rates, usize) {
    let bench = Bench::new(given);
    let mut sums = Rates::default();
    let mut count = 0usize;
    for cells in comparisons {
        debug_assert!(cells.iter().any(|cell| cell.metric == HEADLINE));
        let ends = bench.judge(&cells);
        let one = |yes: bool| f64::from(u8::from(yes));
        sums.bare_red += one(ends.bare == Verdict::Red);
        sums.bare_green += one(ends.bare == Verdict::Green);
        sums.red += one(ends.ours == Verdict::Red);
        sums.green += one(ends.ours == Verdict::Green);
        sums.known += one(ends.known);
        count += 1;
    }
    let n = count.max(1) as f64;
    let rates = Rates {
        bare_red: sums.bare_red / n,
        bare_green: sums.bare_green / n,
        red: sums.red / n,
        green: sums.green / n,
        known: sums.known / n,
    };
    (rates, count)
}
