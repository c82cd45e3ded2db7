//! What repeated runs of one configuration say about the tolerances to use.

use super::policy::Policy;
use crate::document::trials::{Numbers, merge};
use crate::fault::{Code, Fault, Result};
use crate::metrics::{self, Better, KERNEL_CLASS, Kind, METRICS, Metric, Scope};
use crate::stats::calibrate::{Calibration, Repeated, calibrate};
use crate::stats::{Adverse, Tolerance};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The value of `schema` in the report.
pub const SCHEMA: &str = "perfbridge_calibration_v1";

/// Fewest runs that say anything about noise.
const FEWEST: usize = crate::stats::resolve::MIN_TRIALS;

/// One metric at one level over the runs.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its metric.
    pub metric: &'static Metric,
    /// Its name as rows carry it: with the class for kernel classes.
    pub name: String,
    /// The concurrency, `server` or `profile`.
    pub level: String,
    /// What was found, or why nothing can be said.
    pub found: std::result::Result<Calibration, &'static str>,
}

/// Noise and plans of all rows.
#[derive(Clone, Debug)]
pub struct Report {
    /// The model of the runs.
    pub model: String,
    /// How many runs.
    pub runs: usize,
    /// Levels ascending, then server, then profile.
    pub lines: Vec<Line>,
}

impl Report {
    /// Calibrates documents of repeated runs.
    ///
    /// Faults: fewer than three documents, and those of [`merge`].
    pub fn new(texts: &[String]) -> Result<Report> {
        if texts.len() < FEWEST {
            return Err(Fault::new(
                Code::Usage,
                format!(
                    "found {} runs; expected at least {FEWEST} repeated runs of one configuration, which is the least that shows noise",
                    texts.len()
                ),
            ));
        }
        let merged = merge(texts)?;
        let mut lines = places(&merged.trials);
        let values: Vec<Vec<f64>> = lines.iter().map(|l| l.values(&merged.trials)).collect();
        let policy = Policy::default();
        let rows: Vec<Repeated<'_>> = lines
            .iter()
            .zip(values)
            .map(|(line, values)| line.repeated(&policy, values))
            .collect();
        let found: Vec<_> = calibrate(&rows)
            .into_iter()
            .zip(&rows)
            .map(|(found, row)| found.ok_or_else(|| reason(&row.values)))
            .collect();
        drop(rows);
        for (line, found) in lines.iter_mut().zip(found) {
            line.found = if line.is_coalesced(&merged.trials) {
                Err("streams arrived in one read, an artefact of measuring")
            } else {
                found
            };
        }
        Ok(Report {
            model: merged.model,
            runs: texts.len(),
            lines,
        })
    }

    /// The rows that were calibrated.
    pub fn found(&self) -> impl Iterator<Item = (&Line, &Calibration)> {
        let known = |line| -> Option<(&Line, &Calibration)> { Some((line, line_found(line)?)) };
        self.lines.iter().filter_map(known)
    }

    /// Of a hundred whole comparisons of single identical runs, in how many some row would be beyond its own
    /// once-in-a-hundred tolerance if rows were independent: `100 * (1 - 0.99^rows)`.
    pub fn any_row_in_100(&self) -> f64 {
        let quiet = self.found().fold(1.0, |quiet, _| quiet * 0.99);
        100.0 * (1.0 - quiet)
    }

    /// For each metric the largest once-in-a-hundred tolerance over its levels, as users write it (percent or
    /// points), rounded up to two digits.
    pub fn tolerances(&self) -> BTreeMap<&str, f64> {
        let mut largest = BTreeMap::new();
        for (line, found) in self.found() {
            let written = found.plans[0].flaps_once_in_100 / line.metric.per_written;
            // A hair less, so that a number that has two digits already stays as it is.
            let rounded = (written * 100.0 - 1e-9).ceil() / 100.0;
            let of = largest.entry(line.name.as_str()).or_insert(rounded);
            *of = rounded.max(*of);
        }
        largest
    }

    /// A policy file that `diff --policy` takes.
    pub fn policy(&self) -> String {
        let mut out = format!(
            "# Made by perfbridge calibrate from {} runs of {}.\n# Each tolerance is one that identical single runs exceed for the worse once in a hundred\n# comparisons, at the noisiest level of the metric; percent, or points of a share.\n[tolerance]\n",
            self.runs,
            quoted(&self.model)
        );
        for (name, tolerance) in self.tolerances() {
            out.push_str(&format!("{} = {tolerance:.2}\n", quoted(name)));
        }
        out
    }

    /// `perfbridge_calibration_v1`.
    pub fn to_json(&self) -> String {
        let mut left_out = Vec::new();
        let mut rows = Vec::new();
        for line in &self.lines {
            match &line.found {
                Ok(found) => rows.push(line.to_json(found)),
                Err(why) => {
                    left_out.push(json!({"metric": line.name, "level": line.level, "reason": why}))
                }
            }
        }
        let mut map = Map::new();
        map.insert("schema".into(), SCHEMA.into());
        map.insert("model".into(), self.model.as_str().into());
        map.insert("runs".into(), self.runs.into());
        map.insert("any_row_in_100".into(), self.any_row_in_100().into());
        map.insert("tolerance".into(), json!(self.tolerances()));
        map.insert("rows".into(), rows.into());
        map.insert("not_calibrated".into(), left_out.into());
        crate::document::to_json(&map)
    }
}

fn line_found(line: &Line) -> Option<&Calibration> {
    line.found.as_ref().ok()
}

/// A text as a string of JSON, which is one of TOML too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn reason(values: &[f64]) -> &'static str {
    if values.len() < FEWEST {
        "fewer than three runs have a number"
    } else {
        "a run has 0, of which there is no percentage"
    }
}

/// Every judged metric that some run measured. Errors are counted and not measured: they have no noise.
fn places(runs: &[Numbers]) -> Vec<Line> {
    let paths: BTreeSet<&str> =
        crate::order::set(runs.iter().flat_map(Numbers::keys).map(|p| &**p));
    let mut levels: Vec<u32> = paths
        .iter()
        .filter_map(|path| {
            path.strip_prefix("metrics.")?
                .split('.')
                .next()?
                .parse()
                .ok()
        })
        .collect();
    crate::order::sort_by(&mut levels, Ord::cmp);
    levels.dedup();
    let mut lines = Vec::new();
    let mut add = |metric: &'static Metric, name: &str, level: &str| {
        let line = Line {
            metric,
            name: name.to_owned(),
            level: level.to_owned(),
            found: Err(""),
        };
        if paths.contains(line.path().as_str()) {
            lines.push(line);
        }
    };
    for level in levels {
        for (metric, _) in metrics::of_levels() {
            add(metric, metric.name, &level.to_string());
        }
    }
    for metric in METRICS {
        match metric.scope {
            Scope::Server => add(metric, metric.name, "server"),
            Scope::Profile => add(metric, metric.name, "profile"),
            Scope::KernelClass => {
                let of_class = |path: &&&str| {
                    path.strip_prefix(KERNEL_CLASS)
                        .is_some_and(|rest| rest.starts_with('.'))
                };
                for name in paths.iter().filter(of_class) {
                    add(metric, name, "profile");
                }
            }
            Scope::Level(_) | Scope::Errors => {}
        }
    }
    lines
}

impl Line {
    fn path(&self) -> String {
        super::evidence::path_of(&self.name, &self.level)
    }

    fn values(&self, runs: &[Numbers]) -> Vec<f64> {
        let path = self.path();
        runs.iter()
            .filter_map(|run| run.get(&path).copied())
            .collect()
    }

    fn repeated(&self, policy: &Policy, values: Vec<f64>) -> Repeated<'_> {
        let (tolerance, _) = policy.tolerance(self.metric, &self.name);
        Repeated {
            metric: &self.name,
            level: &self.level,
            adverse: if self.metric.better == Better::Higher {
                Adverse::Down
            } else {
                Adverse::Up
            },
            tolerance: if self.metric.kind == Kind::Percent {
                Tolerance::Percent(tolerance)
            } else {
                Tolerance::Absolute(tolerance)
            },
            values,
        }
    }

    /// Whether the judge would call the row an artefact: an ITL of 0 at its level.
    fn is_coalesced(&self, runs: &[Numbers]) -> bool {
        let touched = self.name.starts_with("ttft_")
            || ["itl_p50_ms", "tps_per_user"].contains(&self.name.as_str());
        let itl = super::evidence::path_of("itl_p50_ms", &self.level);
        touched && runs.iter().any(|run| run.get(&itl) == Some(&0.0))
    }

    fn to_json(&self, found: &Calibration) -> Value {
        let plans = found.plans.iter().map(|plan| {
            json!({"trials": plan.trials, "tolerance_once_in_100": plan.flaps_once_in_100, "detectable": plan.detectable})
        });
        json!({
            "metric": self.name,
            "level": self.level,
            "unit": self.metric.unit,
            "scale": self.metric.kind.as_str(),
            "n": found.n,
            "left_out": found.left_out.map(|at| at + 1),
            "mean": found.mean,
            "median": found.median,
            "std_of_these_runs": found.raw_std,
            "std": found.std,
            "degrees_of_freedom": found.degrees_of_freedom,
            "plans": plans.collect::<Vec<Value>>(),
        })
    }
}
