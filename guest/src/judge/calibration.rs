//! What repeated runs of one configuration say about the tolerances to use.

use super::policy::Policy;
use super::{noise, reliability};
use crate::document::trials::{merge, values};
use crate::document::{Document, Numbers};
use crate::fault::{Fault, Result, Sub};
use crate::json::{put, real, word};
use crate::measure::quantity::Stands;
use crate::measure::{METRICS, Metric, Name, Number, Place, metrics};
use crate::stats::calibrate::{Calibration, Repeated, calibrate};
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
    /// Which number of it, and where.
    pub number: Number,
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
            return Err(Fault::because(
                Sub::TooFewRuns,
                format!(
                    "found {} runs; expected at least {FEWEST} repeated runs of one configuration, which is the least that shows noise",
                    texts.len()
                ),
            ));
        }
        let merged = merge(texts)?;
        let mut lines = places(&merged);
        let policy = Policy::default();
        let names: Vec<[String; 2]> = lines
            .iter()
            .map(|line| [line.name(), line.level()])
            .collect();
        let rows: Vec<Repeated<'_>> = lines
            .iter()
            .zip(&names)
            .map(|(line, names)| line.repeated(names, &policy, &merged.trials))
            .collect();
        for ((line, row), found) in lines.iter_mut().zip(&rows).zip(calibrate(&rows, 1)) {
            line.found = match found {
                _ if is_coalesced(&line.number, &merged.trials) => {
                    Err("streams arrived in one read, an artefact of measuring")
                }
                Some(found) => Ok(found),
                None if row.values.len() < FEWEST => Err("fewer than three runs have a number"),
                None => Err("a run has 0, of which there is no percentage"),
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
    pub fn tolerances(&self) -> Vec<(&Name, f64)> {
        let mut largest: Vec<(&Name, f64)> = Vec::new();
        for (line, found) in self.found() {
            let written = found.plans[0].flaps_once_in_100 / line.metric.per_written();
            // A hair less, so that a number that has two digits already stays as it is.
            let rounded = (written * 100.0 - 1e-9).ceil() / 100.0;
            match largest.iter_mut().find(|of| *of.0 == line.number.name) {
                Some(of) => of.1 = rounded.max(of.1),
                None => largest.push((&line.number.name, rounded)),
            }
        }
        largest
    }

    /// A policy file in TOML.
    pub fn policy(&self) -> String {
        let mut out = format!(
            "# Made by Perfbridge from {} runs of {}.\n# Each tolerance is one that identical single runs exceed for the worse once in a hundred\n# comparisons, at the noisiest level of the metric; percent, or points of a share.\n[tolerance]\n",
            self.runs,
            quoted(&self.model)
        );
        for (name, tolerance) in self.tolerances() {
            out.push_str(&format!("{} = {tolerance:.2}\n", quoted(&name.to_string())));
        }
        out
    }

    /// `perfbridge_calibration_v1`.
    pub fn to_json(&self) -> String {
        let (mut rows, mut left_out) = (Vec::new(), Vec::new());
        for line in &self.lines {
            let mut map = Map::new();
            put(&mut map, "metric", word(Some(&line.name())));
            put(&mut map, "level", word(Some(&line.level())));
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
            put(&mut tolerance, &name.to_string(), real(Some(value)));
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
    let mut add = |metric: &'static Metric, name: Name, place: Place| {
        let number = Number { place, name };
        if merged.trials.iter().any(|run| run.contains_key(&number)) {
            lines.push(Line {
                metric,
                number,
                found: Err(""),
            });
        }
    };
    for place in merged.cell_places() {
        for metric in metrics::of_cells() {
            add(metric, Name::Of(metric.quantity), place);
        }
    }
    for metric in METRICS {
        let name = Name::Of(metric.quantity);
        match metric.quantity.stands() {
            Stands::Server => add(metric, name, Place::Server),
            Stands::Top => add(metric, name, Place::Profile),
            Stands::Class => {
                for class in &merged.kernel_classes {
                    add(metric, Name::Class(class.clone()), Place::Profile);
                }
            }
            Stands::Cell | Stands::Judged | Stands::Making => {}
        }
    }
    lines
}

/// Whether the judge would call the row an artefact: an ITL of 0 at its level.
fn is_coalesced(number: &Number, runs: &[Numbers]) -> bool {
    let itl = Number::new(reliability::ITL, number.place);
    let of_streams = number.name.metric().is_some_and(|metric| metric.of_streams);
    of_streams && runs.iter().any(|run| run.get(&itl) == Some(&0.0))
}

impl Line {
    /// The name as rows carry it: with the class for kernel classes.
    pub fn name(&self) -> String {
        self.number.name.to_string()
    }

    /// The place as rows carry it.
    pub fn level(&self) -> String {
        self.number.place.key()
    }

    fn repeated<'a>(
        &self,
        [metric, level]: &'a [String; 2],
        policy: &Policy,
        runs: &[Numbers],
    ) -> Repeated<'a> {
        let (tolerance, _) = policy.tolerance(self.metric, &self.number.name);
        Repeated {
            metric,
            level,
            adverse: noise::adverse(self.metric),
            tolerance: noise::tolerance(self.metric, tolerance),
            values: values(runs, &self.number),
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
        put(map, "unit", word(Some(self.metric.unit().as_str())));
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
