//! What the readers of other tools' JSON share: one result of a file, its numbers by table, its load.

use crate::fault::{Code, Fault, Result, Sub};
use crate::fields;
use crate::files::{Asked, Stream, Tree};
use crate::json::{self, Want};
use crate::measure::{Load, LoadKind, Place, Quantity, Rate, slo};
use crate::run::{Format, LevelResult, Reading, Run, Statement};
use crate::stats::clock;
use serde_json::{Map, Value};

/// Most results of one file.
const MAX_RESULTS: usize = 4096;

/// Where a number stands (keys with dots between) and the factor from its unit there to ours.
pub(super) type Row = (Quantity, &'static str, f64);

/// One result of a file.
pub(super) struct Entry<'a> {
    pub(super) format: &'static Format,
    pub(super) file: &'a str,
    /// The line on which it begins.
    pub(super) line: u64,
    pub(super) map: &'a Map<String, Value>,
}

/// Reads a file of one object or several, each of which adds its results to the run.
///
/// Faults: as [`Stream::next_object`] and `read`; no object at all; more results than are read of one file.
pub(super) fn each(
    format: &'static Format,
    run: &mut Run,
    (tree, file): (&dyn Tree, &str),
    want: Asked<'_>,
    read: fn(&mut Run, &Entry<'_>) -> Result<()>,
) -> Result<()> {
    let mut stream = Stream::open(tree, file)?;
    let (before, mut objects) = (run.results.len(), 0_usize);
    while let Some((line, map)) = stream.next_object(want)? {
        objects += 1;
        let entry = Entry {
            format,
            file,
            line,
            map: &map,
        };
        let read_before = run.results.len();
        read(run, &entry)?;
        for result in &mut run.results[read_before..] {
            result.line = Some(line);
        }
        if run.results.len() - before > MAX_RESULTS {
            let message = format!(
                "found more than {MAX_RESULTS} results in one file, the most that are read of one"
            );
            return Err(Fault::new(Code::Limit, message).at_line(file, line));
        }
    }
    if objects == 0 {
        let message = format!("found an empty file; expected {}", format.title);
        return Err(Fault::damaged(message).at(file));
    }
    if let [only] = &mut run.results[before..] {
        only.line = None;
    }
    Ok(())
}

/// What is wanted of an object whose values are scalars, lists apart, of which `errors` is counted.
pub(super) fn flat(keys: &[&str], path: &[&str]) -> Want {
    match path {
        ["errors"] => Want::Tally,
        [key] if keys.contains(key) => Want::Whole,
        _ => Want::Nothing,
    }
}

impl<'a> Entry<'a> {
    /// An empty result of this one.
    pub(super) fn result(&self) -> LevelResult {
        LevelResult::new(self.format, self.file)
    }

    /// The value at a path; null is none.
    pub(super) fn get(&self, path: &str) -> Option<&'a Value> {
        fields::get(self.map, path)
    }

    /// A text that is not empty.
    pub(super) fn text(&self, path: &str) -> Option<&'a str> {
        self.get(path)?.as_str().filter(|text| !text.is_empty())
    }

    /// A fault at a path.
    pub(super) fn fault(&self, path: &str, found: &str, expected: &str) -> Fault {
        let message = format!("found {found}; expected {expected}");
        Fault::new(Code::BadValue, message).at_field(self.file, Some(self.line), path)
    }

    /// A finite number that is not negative.
    pub(super) fn number(&self, path: &str) -> Result<Option<f64>> {
        let Some(value) = self.get(path) else {
            return Ok(None);
        };
        match value.as_f64() {
            Some(number) if number >= 0.0 => Ok(Some(number)),
            Some(number) => {
                Err(self.fault(path, &number.to_string(), "a number that is not negative"))
            }
            None => {
                let found = value.as_str().unwrap_or_else(|| json::kind(value));
                Err(self.fault(path, found, "a finite number or null"))
            }
        }
    }

    /// A count.
    pub(super) fn count(&self, path: &str) -> Result<Option<u64>> {
        match self.number(path)? {
            Some(number) if number.fract() == 0.0 && number < 1e15 => Ok(Some(number as u64)),
            None => Ok(None),
            Some(number) => Err(self.fault(path, &number.to_string(), "a whole number")),
        }
    }

    /// The SLOs at a path; null where there are none.
    pub(super) fn slo(&self, path: &str) -> Result<Value> {
        let Some(stated) = self.get(path) else {
            return Ok(Value::Null);
        };
        slo::of(stated).ok_or_else(|| {
            let expected = "the limits of SLOs, numbers that are not negative";
            self.fault(path, &stated.to_string(), expected)
        })
    }

    /// A number of requests in flight.
    pub(super) fn concurrency(&self, path: &str) -> Result<Option<u32>> {
        match self.count(path)? {
            None => Ok(None),
            Some(count) => match u32::try_from(count).ok().filter(|count| *count > 0) {
                Some(level) => Ok(Some(level)),
                None => Err(self.fault(path, &count.to_string(), "a whole number from 1 on")),
            },
        }
    }

    /// Requests a second; `None` where they are without limit, which Python and JSON write in several ways.
    pub(super) fn rate(&self, path: &str) -> Result<Option<Rate>> {
        let unlimited = |text: &str| ["inf", "infinity"].contains(&text.to_lowercase().as_str());
        if self.text(path).is_some_and(unlimited) {
            return Ok(None);
        }
        let Some(number) = self.number(path)? else {
            return Ok(None);
        };
        match Rate::new(number) {
            Some(rate) => Ok(Some(rate)),
            None => Err(self.fault(path, &number.to_string(), "a number above 0")),
        }
    }

    /// Adds the numbers of a table that are there; statistics of requests rest on so many.
    pub(super) fn add(
        &self,
        result: &mut LevelResult,
        rows: &[Row],
        samples: Option<u64>,
    ) -> Result<()> {
        for (quantity, path, factor) in rows {
            if let Some(number) = self.number(path)? {
                let reading = Reading {
                    samples,
                    ..Reading::exact(number * factor)
                };
                result.push(*quantity, reading);
            }
        }
        Ok(())
    }

    /// What InferenceX says against its run, in its benchmark's result and in its own made of that.
    pub(super) fn outcome(&self) -> Option<String> {
        let status = self.text("benchmark_outcome.status")?;
        (status != "passed").then(|| format!("benchmark_outcome: {status}"))
    }

    /// Adds that and its counts of requests.
    pub(super) fn add_outcome(&self, result: &mut LevelResult) -> Result<()> {
        result.validity.extend(self.outcome());
        let count = |key: &str| self.count(&format!("benchmark_outcome.{key}"));
        if let (Some(completed), Some(failed)) = (count("completed")?, count("failed")?) {
            add_count(result, Quantity::Errors, failed);
            add_count(result, Quantity::Requests, completed + failed);
        }
        if let Some(requested) = count("requested")? {
            add_count(result, Quantity::RequestsPlanned, requested);
        }
        Ok(())
    }

    /// Refuses a result without a number of its tables: another version names them otherwise.
    pub(super) fn check(&self, result: &LevelResult, tables: &[&[Row]]) -> Result<()> {
        // How long it took is nothing to compare.
        let all = tables.iter().copied().flatten();
        let numbers = all.filter(|row| row.0 != Quantity::BenchmarkSeconds);
        if numbers.clone().any(|row| result.get(row.0).is_some()) {
            return Ok(());
        }
        let mut sought: Vec<&str> = numbers.map(|row| row.1).collect();
        sought.dedup();
        let message = format!(
            "found {} without a single known number; expected at least one of: {}",
            self.format.title,
            sought.join(", ")
        );
        Err(Fault::new(Code::NotUnderstood, message).at_line(self.file, self.line))
    }

    /// States the tool, its version where that is known, and what the result itself says.
    pub(super) fn state(&self, run: &mut Run, result: &LevelResult, version: Option<&str>) {
        let name = self.format.tool.unwrap_or(self.format.name);
        let tool = version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}"));
        self.state_as(run, result, tool);
    }

    /// The same, of a tool with its version.
    pub(super) fn state_as(&self, run: &mut Run, result: &LevelResult, tool: String) {
        run.state(
            self.format,
            "context.bench_backend",
            tool.as_str(),
            self.file,
        );
        run.tool.get_or_insert(tool);
        if let Some(model) = &result.model {
            run.state(self.format, "model", model.as_str(), self.file);
        }
        if let Some(start) = &result.start_time {
            run.began(start);
        }
    }

    /// States a field of the context by the text at a path.
    pub(super) fn state_text(&self, run: &mut Run, field: &str, path: &str) {
        if let Some(text) = self.text(path) {
            run.state(self.format, field, text, self.file);
        }
    }

    /// States fields by the counts at their paths; 0 is none.
    pub(super) fn state_sizes(&self, run: &mut Run, sizes: &[(&str, &str)]) -> Result<()> {
        for (field, path) in sizes {
            if let Some(size) = self.count(path)?.filter(|size| *size > 0) {
                run.state(self.format, field, size, self.file);
            }
        }
        Ok(())
    }

    /// States the data set.
    ///
    /// Faults: as [`Entry::state_workload`].
    pub(super) fn state_dataset(&self, run: &mut Run, dataset: &str) -> Result<()> {
        self.state_workload(run, "workload.dataset", dataset)
    }

    /// States a field that tells one workload from another.
    ///
    /// Faults: those of [`state_workload`], at the line of the entry.
    pub(super) fn state_workload(&self, run: &mut Run, field: &str, value: &str) -> Result<()> {
        let line = Some(self.line);
        state_workload(run, self.format, field, value, (self.file, line))
    }
}

/// States a field that tells one workload from another.
///
/// Faults: another one than that of an earlier result of the tool, which was another workload.
pub(super) fn state_workload(
    run: &mut Run,
    format: &Format,
    field: &str,
    value: &str,
    (file, line): (&str, Option<u64>),
) -> Result<()> {
    let differs = |other: &&Statement| {
        let of_tool = other.field == field && other.speaker == format.speaker;
        of_tool && other.value.as_str().is_some_and(|other| other != value)
    };
    if let Some(other) = run.statements.iter().find(differs) {
        let what = match field.rsplit('.').next() {
            Some("input_token_band") => "input length",
            Some("output_token_band") => "output length",
            _ => "data set",
        };
        let message = format!(
            "found a result of the {what} {value:?}, and in {} one of {}; expected one workload. Give the results of each on their own",
            other.file, other.value
        );
        let fault = Fault::because(Sub::WorkloadsDiffer, message);
        return Err(match line {
            Some(line) => fault.at_line(file, line),
            None => fault.at(file),
        });
    }
    run.state(format, field, value, file);
    Ok(())
}

/// Adds a mean that the file holds as a sum and a count.
pub(super) fn add_mean(
    result: &mut LevelResult,
    quantity: Quantity,
    sum: Option<f64>,
    count: Option<u64>,
) {
    if let (Some(sum), Some(count)) = (sum, count.filter(|count| *count > 0)) {
        let reading = Reading {
            method: Some("the sum over the successful requests by their number"),
            samples: Some(count),
            ..Reading::exact(sum / count as f64)
        };
        result.push(quantity, reading);
    }
}

/// Adds a count.
pub(super) fn add_count(result: &mut LevelResult, quantity: Quantity, count: u64) {
    result.push(quantity, Reading::exact(count as f64));
}

/// The load of a tool that sends at a rate, keeps so many requests in flight, or sends all of them at once: a rate that
/// is limited by a number in flight is a rate.
pub(super) fn put_load(
    result: &mut LevelResult,
    concurrency: Option<u32>,
    rate: Option<Rate>,
    burstiness: Option<f64>,
    all: Option<u64>,
) {
    let all = all.and_then(|all| u32::try_from(all).ok());
    let all = all.filter(|all| *all > 0);
    let (load, place) = match (rate, concurrency, all) {
        (Some(rate), ..) => {
            let load = Load {
                concurrency,
                request_rate: Some(rate.per_second()),
                burstiness,
                ..Load::new(LoadKind::Rate)
            };
            (load, Place::Rate(rate))
        }
        (None, Some(level), _) => (Load::closed(level), Place::Level(level)),
        (None, None, Some(all)) => {
            let load = Load {
                schedule: Some("all at once".to_owned()),
                ..Load::closed(all)
            };
            (load, Place::Level(all))
        }
        (None, None, None) => return,
    };
    (result.load, result.place) = (Some(load), Some(place));
}

/// When a phase began that ended at `YYYYMMDD-HHMMSS` after so many seconds, to the second.
pub(super) fn began(ended: &str, seconds: f64) -> Option<String> {
    let (date, time) = ended.split_once('-')?;
    let digits = |text: &str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
    let text = format!(
        "{}-{}-{}T{}:{}:{}",
        digits(date, 0, 4)?,
        digits(date, 4, 6)?,
        digits(date, 6, 8)?,
        digits(time, 0, 2)?,
        digits(time, 2, 4)?,
        digits(time, 4, 6)?
    );
    let end = clock::Start::parse(&text)?;
    Some(clock::written((end.seconds - seconds).floor(), 0))
}
