//! What repeated runs of one configuration say about the tolerances to use.

use super::evidence::path_of;
use super::policy::Policy;
use super::reliability;
use crate::document::Document;
use crate::document::trials::{Numbers, merge};
use crate::fault::{Code, Fault, Result};
use crate::json::{put, real, word};
use crate::measure::metrics::{self, Better, KERNEL_CLASS, Kind, METRICS, Metric, Scope};
use crate::stats::calibrate::{Calibration, Repeated, calibrate};
use crate::stats::{Adverse, Tolerance};
use serde_json::{Map, Value};

/// The value of `schema` in the report.
pub const SCHEMA: &str = "perfbridge_calibration_v1";

/// Fewest runs that say anything about noise.
const FEWEST: usize = crate::stats::model::MIN_TRIALS;

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
        let mut lines = places(&merged);
        let policy = Policy::default();
        let mut rows = Vec::new();
        for line in &lines {
            rows.push(line.repeated(&policy, &merged.trials));
        }
        let mut results = Vec::new();
        for (row, found) in rows.iter().zip(calibrate(&rows, 1)) {
            results.push(match found {
                _ if is_coalesced(row, &merged.trials) => {
                    Err("streams arrived in one read, an artefact of measuring")
                }
                Some(found) => Ok(found),
                None if row.values.len() < FEWEST => Err("fewer than three runs have a number"),
                None => Err("a run has 0, of which there is no percentage"),
            });
        }
        drop(rows);
        for (line, found) in lines.iter_mut().zip(results) {
            line.found = found;
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
    pub fn tolerances(&self) -> Vec<(&str, f64)> {
        let mut largest: Vec<(&str, f64)> = Vec::new();
        for (line, found) in self.found() {
            let written = found.plans[0].flaps_once_in_100 / line.metric.per_written;
            // A hair less, so that a number that has two digits already stays as it is.
            let rounded = (written * 100.0 - 1e-9).ceil() / 100.0;
            match largest.iter_mut().find(|of| of.0 == line.name) {
                Some(of) => of.1 = rounded.max(of.1),
                None => largest.push((&line.name, rounded)),
            }
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
        let (mut rows, mut left_out) = (Vec::new(), Vec::new());
        for line in &self.lines {
            let mut map = Map::new();
            put(&mut map, "metric", word(Some(&line.name)));
            put(&mut map, "level", word(Some(&line.level)));
            match &line.found {
                Ok(found) => {
                    line.put(&mut map, found);
                    rows.push(Value::Object(map));
                }
                Err(why) => {
                    put(&mut map, "reason", word(Some(why)));
                    left_out.push(Value::Object(map));
                }
            }
        }
        let mut tolerance = Map::new();
        for (name, value) in self.tolerances() {
            put(&mut tolerance, name, real(Some(value)));
        }
        let mut map = Map::new();
        put(&mut map, "schema", word(Some(SCHEMA)));
        put(&mut map, "model", word(Some(&self.model)));
        put(&mut map, "runs", self.runs.into());
        put(
            &mut map,
            "any_row_in_100",
            real(Some(self.any_row_in_100())),
        );
        put(&mut map, "tolerance", tolerance.into());
        put(&mut map, "rows", rows.into());
        put(&mut map, "not_calibrated", left_out.into());
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

/// Every judged metric that some run measured. Errors are counted and not measured: they have no noise.
fn places(merged: &Document) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |metric: &'static Metric, name: &str, level: &str| {
        let path = path_of(name, level);
        if merged.trials.iter().any(|run| run.contains_key(&path)) {
            lines.push(Line {
                metric,
                name: name.to_owned(),
                level: level.to_owned(),
                found: Err(""),
            });
        }
    };
    for level in merged.levels.keys() {
        for (metric, _) in metrics::of_levels() {
            add(metric, metric.name, &level.to_string());
        }
    }
    for metric in METRICS {
        match metric.scope {
            Scope::Server => add(metric, metric.name, "server"),
            Scope::Profile => add(metric, metric.name, "profile"),
            Scope::KernelClass => {
                for class in merged.kernel_classes.keys() {
                    add(metric, &format!("{KERNEL_CLASS}.{class}"), "profile");
                }
            }
            Scope::Level(_) | Scope::Errors => {}
        }
    }
    lines
}

/// Whether the judge would call the row an artefact: an ITL of 0 at its level.
fn is_coalesced(row: &Repeated<'_>, runs: &[Numbers]) -> bool {
    let itl = path_of(reliability::ITL, row.level);
    reliability::is_of_streams(row.metric) && runs.iter().any(|run| run.get(&itl) == Some(&0.0))
}

impl Line {
    fn repeated(&self, policy: &Policy, runs: &[Numbers]) -> Repeated<'_> {
        let (tolerance, _) = policy.tolerance(self.metric, &self.name);
        let path = path_of(&self.name, &self.level);
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
            values: crate::document::trials::values(runs, &path),
        }
    }

    fn put(&self, map: &mut Map<String, Value>, found: &Calibration) {
        let mut plans = Vec::new();
        for plan in &found.plans {
            let mut of_plan = Map::new();
            put(&mut of_plan, "trials", plan.trials.into());
            let tolerance = real(Some(plan.flaps_once_in_100));
            put(&mut of_plan, "tolerance_once_in_100", tolerance);
            put(&mut of_plan, "detectable", real(Some(plan.detectable)));
            plans.push(Value::Object(of_plan));
        }
        let left_out = found.left_out.map(|at| at as f64 + 1.0);
        put(map, "unit", word(Some(self.metric.unit)));
        put(map, "scale", word(Some(self.metric.kind.as_str())));
        put(map, "n", found.n.into());
        put(map, "outlier_run", real(left_out));
        put(map, "mean", real(Some(found.mean)));
        put(map, "median", real(Some(found.median)));
        put(map, "std_of_these_runs", real(Some(found.raw_std)));
        put(map, "std", real(Some(found.std)));
        let df = found.degrees_of_freedom;
        put(map, "degrees_of_freedom", real(Some(df)));
        put(map, "plans", plans.into());
    }
}
