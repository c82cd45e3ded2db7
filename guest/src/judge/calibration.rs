//! What repeated runs of one configuration say about the tolerances to use.

use super::policy::Policy;
use super::{noise, reliability};
use crate::document::trials::{merge, values};
use crate::document::{Document, Numbers};
use crate::fault::{Fault, Result, Sub};
use crate::json::{put, real, word};
use crate::measure::quantity::Stands;
use crate::measure::{METRICS, Metric, Name, Number, Place, metrics};
use crate::stats::Advice;
use crate::stats::advice::most_demanding;
use crate::stats::calibrate::{Calibration, Planned, Repeated, calibrate};
use serde_json::{Map, Value};

/// The value of `schema` in the report.
pub const SCHEMA: &str = "perfbridge_calibration_v1";

/// Trials a side that are planned for where nobody says how many.
pub const TRIALS: u32 = 3;

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
    /// Trials a side that tolerances are written for.
    pub trials: u32,
    /// Levels ascending, then server, then profile.
    pub lines: Vec<Line>,
}

impl Report {
    /// Calibrates documents of repeated runs, for `trials` trials a side; 3 where nobody says how many.
    ///
    /// Faults: no trial, fewer than three documents, and those of [`merge`].
    pub fn new(texts: &[String], trials: Option<u32>) -> Result<Report> {
        let trials = trials.unwrap_or(TRIALS);
        if trials == 0 {
            return Err(Fault::because(
                Sub::TooFewRuns,
                "found 0 trials a side to plan for; expected a whole number from 1 on",
            ));
        }
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
        for ((line, row), found) in lines
            .iter_mut()
            .zip(&rows)
            .zip(calibrate(&rows, trials as usize))
        {
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
            trials,
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

    /// The trials that would show a change of the size of every tolerance in force: the most demanding row with its advice.
    pub fn advice(&self) -> Option<(&Line, Advice)> {
        let found: Vec<(&Line, &Calibration)> = self.found().collect();
        let (at, advice) = most_demanding(found.iter().map(|(_, found)| Some(found.advice)))?;
        Some((found[at].0, advice))
    }

    /// The tolerances that are wider than those in force, for the number of trials asked for, as users write them (percent or
    /// points), rounded up to two digits, but never above the cap.
    pub fn tolerances(&self) -> Vec<(String, f64)> {
        let wider = |(line, found): (&Line, &Calibration)| {
            let widened = found.widened?;
            let written = widened.tolerance / line.metric.per_written();
            // A hair less, so that a number that has two digits already stays as it is.
            let hundredths = written * 100.0;
            let rounded = match widened.capped {
                true => hundredths.round(),
                false => (hundredths - 1e-9).ceil(),
            };
            Some((line.written(), rounded / 100.0))
        };
        self.found().filter_map(wider).collect()
    }

    /// A policy file in TOML.
    pub fn policy(&self) -> String {
        let mut out = format!(
            "# Made by Perfbridge from {} runs of {}, for {} a side.\n",
            self.runs,
            quoted(&self.model),
            self.trials_in_words()
        );
        let wider: Vec<(String, f64)> = self.tolerances();
        if wider.is_empty() {
            out.push_str(
                "# Every default tolerance holds with them: nothing is widened.\n[tolerance]\n",
            );
            return out;
        }
        out.push_str("# Only what identical runs would exceed for the worse more than once in a hundred comparisons is\n# widened, never beyond three times the default; percent, or points of a share.\n[tolerance]\n");
        let widened = self
            .found()
            .filter_map(|(line, found)| Some((line, found.widened?)));
        for ((name, tolerance), (line, widened)) in wider.iter().zip(widened) {
            let shows = widened.shows / line.metric.per_written();
            out.push_str(&format!(
                "{} = {tolerance:.2} # no longer sees a worsening below {shows:.1}{}\n",
                quoted(name),
                if widened.capped {
                    "; capped, identical runs exceed it more often"
                } else {
                    ""
                }
            ));
        }
        out
    }

    /// `1 trial`, `3 trials`.
    pub fn trials_in_words(&self) -> String {
        format!(
            "{} trial{}",
            self.trials,
            if self.trials == 1 { "" } else { "s" }
        )
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
            put(&mut tolerance, &name, real(Some(value)));
        }
        let mut map = Map::new();
        put(&mut map, "schema", word(Some(SCHEMA)));
        put(&mut map, "model", word(Some(&self.model)));
        put(&mut map, "runs", self.runs.into());
        put(&mut map, "trials", self.trials.into());
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

    /// As policies name it: with the place, where the metric has more than one.
    fn written(&self) -> String {
        match self.number.place.is_cell() {
            true => format!("{}@{}", self.name(), self.number.place),
            false => self.name(),
        }
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
        let tolerance = policy.tolerance(self.metric, &self.number.name);
        Repeated {
            metric,
            level,
            adverse: noise::adverse(self.metric),
            tolerance: noise::tolerance(self.metric, tolerance),
            values: values(runs, &self.number),
        }
    }

    fn put(&self, map: &mut Map<String, Value>, found: &Calibration) {
        let plans: Vec<Value> = found.plans.iter().map(planned).collect();
        let (trials, quieter) = match found.advice {
            Advice::Trials(trials) => (Value::from(trials), None),
            Advice::Quieter(shows) => (Value::Null, Some(shows)),
        };
        let widened = found.widened.map_or(Value::Null, |widened| {
            let mut map = Map::new();
            put(&mut map, "tolerance", real(Some(widened.tolerance)));
            put(&mut map, "capped", widened.capped.into());
            put(&mut map, "shows", real(Some(widened.shows)));
            map.into()
        });
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
        put(map, "asked", planned(&found.asked));
        put(map, "trials_for_tolerance", trials);
        put(map, "shown_by_20_trials", real(quieter));
        put(map, "widened", widened);
    }
}

/// What a number of trials gives, as an object.
fn planned(plan: &Planned) -> Value {
    let mut map = Map::new();
    put(&mut map, "trials", plan.trials.into());
    put(
        &mut map,
        "tolerance_once_in_100",
        real(Some(plan.flaps_once_in_100)),
    );
    put(&mut map, "detectable", real(Some(plan.detectable)));
    put(&mut map, "shows", real(Some(plan.shows)));
    map.into()
}
