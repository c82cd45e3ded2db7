//! What the requests inside each run say: how they are spread, how sure the run is of its own percentiles,
//! and whether it was in a steady state. Requests of several trials are pooled, drift is looked for in each trial. Supporting evidence only: within one run there is no noise between
//! runs, so nothing here changes a row or the verdict.

use crate::document::Document;
use crate::document::samples::Requests;
use crate::finding::{Finding, FindingCode, Where};
use crate::json::{put, real};
use crate::measure::quantity::Statistic;
use crate::measure::{Definition, METRICS, Metric, Number, Place, Sampled};
use crate::order::{Keyed as _, Ordered as _};
use crate::run::requests::significant;
use crate::stats::bootstrap::{Plan, Sample, quantile_differences};
use crate::stats::drift::{Drift, drift};
use crate::stats::summary::quantile_of_sorted;
use crate::stats::{rank, samples};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The metrics that are percentiles of one thing that is kept of requests, ascending.
fn percentiles(of: Sampled) -> Vec<(&'static Metric, f64)> {
    let quantile = |metric: &'static Metric| match metric.quantity.statistic() {
        Statistic::Quantile(sampled, q) if sampled == of => Some((metric, q)),
        _ => None,
    };
    METRICS.iter().filter_map(quantile).collect()
}

/// Quantiles of a distribution: 0, 2, ... 100 %.
const STEPS: usize = 50;

/// With these an end of a 95 % interval varies by about a twentieth of its width, for a few milliseconds of
/// work in a diff of five levels.
const RESAMPLES: usize = 100;

/// What is found, level by level.
#[derive(Default)]
struct Inside {
    distributions: Vec<Value>,
    differences: Vec<Value>,
    intervals: BTreeMap<Number, Difference>,
    locations: Vec<Value>,
    drift: Vec<Value>,
}

/// How much a percentile of the requests differs, with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Current minus baseline, in milliseconds.
    pub estimate: f64,
    /// The ends of the interval.
    pub interval: [f64; 2],
}

/// What the requests inside the runs say. The JSON is null where no side has requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// `distributions` of a judgement.
    pub distributions: Value,
    /// `evidence` of a judgement.
    pub evidence: Value,
    /// Differences that have an interval, for the sentences about rows.
    pub intervals: BTreeMap<Number, Difference>,
}

/// The requests of one side at one level.
struct Side {
    requests: Requests,
    block: usize,
    sample: Sample,
}

impl Side {
    fn new(document: &Document, place: Place, of: Sampled) -> Option<Side> {
        let requests = document.samples(place, of)?;
        // Of thinned requests fewer are under way at once.
        let kept = requests.values.len() as f64 / requests.of.max(1) as f64;
        let at_once = f64::from(place.concurrency().unwrap_or(1));
        let block = (at_once * kept + 0.5).floor().max(1.0) as usize;
        Some(Side {
            sample: Sample::new(&requests.values, block),
            requests,
            block,
        })
    }

    fn distribution(&self) -> Value {
        let at = |step: usize| {
            let q = step as f64 / STEPS as f64;
            rounded(quantile_of_sorted(&self.sample.sorted, q))
        };
        let mut map = Map::new();
        put(&mut map, "of", self.requests.of.into());
        put(&mut map, "n", self.requests.values.len().into());
        put(&mut map, "quantiles", (0..=STEPS).map(at).collect());
        map.into()
    }
}

/// What the requests say, and a finding `DRIFT` for each run and level that was not in a steady state.
pub fn weigh(baseline: &Document, current: &Document, findings: &mut Vec<Finding>) -> Evidence {
    let mut inside = Inside::default();
    let documents = [baseline, current];
    let places = documents.iter().flat_map(|side| side.cell_places());
    for at in places.into_set() {
        let mut drifted = Vec::new();
        for of in Sampled::ALL {
            let sides = documents.map(|document| Side::new(document, at, of));
            if sides.iter().all(Option::is_none) {
                continue;
            }
            let mut map = place(of, at);
            for (name, side) in NAMES.iter().zip(&sides) {
                let distribution = side.as_ref().map(Side::distribution);
                put(&mut map, name, distribution.unwrap_or_default());
                if let Some(side) = side {
                    inside.look_for_drift(name, of, at, side, &mut drifted);
                }
            }
            inside.distributions.push(map.into());
            if let [Some(baseline), Some(current)] = &sides {
                inside.locate(of, at, baseline, current);
                inside.compare(&percentiles(of), at, baseline, current, &documents);
            }
        }
        report(at, drifted, findings);
    }
    inside.into_evidence()
}

const NAMES: [&str; 2] = ["baseline", "current"];

impl Inside {
    fn into_evidence(self) -> Evidence {
        if self.distributions.is_empty() {
            return Evidence::default();
        }
        let mut evidence = Map::new();
        put(&mut evidence, "differences", self.differences.into());
        put(&mut evidence, "locations", self.locations.into());
        put(&mut evidence, "drift", self.drift.into());
        Evidence {
            distributions: self.distributions.into(),
            evidence: evidence.into(),
            intervals: self.intervals,
        }
    }

    fn locate(&mut self, of: Sampled, at: Place, baseline: &Side, current: &Side) {
        let sorted = [&baseline.sample.sorted, &current.sample.sorted];
        if let Some(test) = rank::of_sorted(sorted[0], sorted[1]) {
            let mut map = place(of, at);
            put(&mut map, "superiority", rounded(Some(test.superiority)));
            put(&mut map, "p_value", rounded(Some(test.p_value)));
            self.locations.push(map.into());
        }
    }

    fn compare(
        &mut self,
        percentiles: &[(&Metric, f64)],
        at: Place,
        baseline: &Side,
        current: &Side,
        documents: &[&Document; 2],
    ) {
        let quantiles: Vec<f64> = percentiles.iter().map(|(_, q)| *q).collect();
        let sides = [&baseline.sample, &current.sample];
        let found = quantile_differences(sides[0], sides[1], &quantiles, &plan());
        for ((metric, q), difference) in percentiles.iter().zip(found) {
            // The records hold TPOT, and latencies to the end of the stream; a row of another quantity is not what is
            // compared here.
            let other = |document: &&Document| {
                let of_records = [Definition::TpotPerRequest, Definition::StreamEnd];
                let definition = document.definition(metric.quantity).map(Definition::of);
                definition.is_some_and(|is| is.is_none_or(|is| !of_records.contains(&is)))
            };
            if documents.iter().any(other) {
                continue;
            }
            let n = [
                baseline.requests.values.len(),
                current.requests.values.len(),
            ];
            let fewest = n[0].min(n[1]) as u64;
            let carried = samples::low_samples(*q, fewest).is_none();
            let interval = difference.interval.filter(|_| carried);
            if let Some(ends) = interval {
                let of_row = Difference {
                    estimate: significant(difference.estimate),
                    interval: ends.map(significant),
                };
                let number = Number::new(metric.quantity, at);
                self.intervals.insert(number, of_row);
            }
            let [low, high] = ends(interval);
            let mut map = Map::new();
            put(&mut map, "metric", metric.name().into());
            put(&mut map, "level", at.key().into());
            put(&mut map, "requests", n.to_vec().into());
            put(&mut map, "estimate", rounded(Some(difference.estimate)));
            put(&mut map, "low", low);
            put(&mut map, "high", high);
            self.differences.push(map.into());
        }
    }

    fn look_for_drift(
        &mut self,
        name: &str,
        of: Sampled,
        at: Place,
        side: &Side,
        drifted: &mut Vec<Drifted>,
    ) {
        let of_trials = side.requests.of_trials.len() > 1;
        let mut rest = side.requests.values.as_slice();
        for (trial, length) in side.requests.of_trials.iter().enumerate() {
            let (of_trial, later) = rest.split_at(*length);
            rest = later;
            let Some(found) = drift(of_trial, side.block, &plan()) else {
                continue;
            };
            let [low, high] = ends(found.difference.interval);
            let mut map = Map::new();
            put(&mut map, "side", name.into());
            if of_trials {
                put(&mut map, "trial", (trial + 1).into());
            }
            map.extend(place(of, at));
            put(&mut map, "first", rounded(Some(found.first)));
            put(&mut map, "last", rounded(Some(found.last)));
            put(&mut map, "change_percent", rounded(found.change_percent));
            put(&mut map, "low", low);
            put(&mut map, "high", high);
            put(&mut map, "p_value", rounded(found.p_value));
            put(&mut map, "drifted", found.drifted.into());
            self.drift.push(map.into());
            if found.drifted {
                let trial = of_trials.then_some(trial + 1);
                describe(&found, of, (name == NAMES[1], trial), drifted);
            }
        }
    }
}

/// The quantities of a run that drifted, in words, with its side (whether current) and its trial, where there are
/// several.
type Drifted = ((bool, Option<usize>), String);

fn report(at: Place, mut drifted: Vec<Drifted>, findings: &mut Vec<Finding>) {
    drifted.order_by_key(|(run, _)| *run);
    for ((is_current, trial), what) in drifted {
        let run = match trial {
            None => Where::from(at),
            Some(trial) => Where::from(at).within(&format!("trial {trial}")),
        };
        findings.push(Finding::new(
            FindingCode::Drift,
            run.within(NAMES[usize::from(is_current)]),
            format!(
                "between the first and the last third of its requests the median of {what}: the run was not in a steady state"
            ),
        ));
    }
}

fn describe(found: &Drift, of: Sampled, run: (bool, Option<usize>), drifted: &mut Vec<Drifted>) {
    let words = format!(
        "{} went from {} to {} ({:+.1} %)",
        of.as_str(),
        significant(found.first),
        significant(found.last),
        found.change_percent.unwrap_or_default()
    );
    match drifted.iter_mut().find(|(of, _)| *of == run) {
        Some((_, earlier)) => {
            earlier.push_str(", of ");
            earlier.push_str(&words);
        }
        None => drifted.push((run, words)),
    }
}

fn plan() -> Plan {
    Plan {
        resamples: RESAMPLES,
        ..Plan::default()
    }
}

fn place(of: Sampled, at: Place) -> Map<String, Value> {
    let mut map = Map::new();
    put(&mut map, "quantity", of.as_str().into());
    put(&mut map, "level", at.key().into());
    map
}

fn ends(interval: Option<[f64; 2]>) -> [Value; 2] {
    [0, 1].map(|at| rounded(interval.map(|ends| ends[at])))
}

fn rounded(value: Option<f64>) -> Value {
    real(value.map(significant))
}
