//! Repeated runs of one configuration as one document.
//!
//! Each number is the median of the runs, because one slow run must not move it; requests and errors are
//! summed, because a failure in any run counts. `trials` keeps the numbers of each run.

use super::arm::{self, of_provenance};
use super::content::{DISAGREES_BY, VALIDITY};
use super::reader::Reader;
use super::sections::whole;
use super::{Cell, Document, Numbers, Origins, SAMPLES, evals, facts, mirror, samples};
use crate::fault::{Code, Fault, Result, Sub};
use crate::finding::Finding;
use crate::json::{put, real};
use crate::measure::quantity::Stands;
use crate::measure::{Name, Number, Place, Quantity, metrics, place};
use crate::order::Keyed as _;
use crate::stats::summary;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Makes one document of several.
///
/// The order in which they are given changes nothing: trials are numbered by their start times.
///
/// Faults: none given, different identities or definitions, one run given twice, a document that already carries trials.
pub fn merge(texts: &[String]) -> Result<Document> {
    let named = texts
        .iter()
        .enumerate()
        .map(|(at, text)| Document::parse(&format!("trial {}", at + 1), text));
    let mut runs = named.collect::<Result<Vec<Document>>>()?;
    if runs.is_empty() {
        return Err(Fault::because(
            Sub::TooFewRuns,
            "found no document; expected the documents of at least one run",
        ));
    }
    arm::check(&runs)?;
    arm::in_order(&mut runs);
    let of_runs: Vec<Numbers> = runs.iter().map(Document::numbers).collect();
    let mut map = runs[0].map.clone();
    map.retain(|key, _| !mirror::is_mirror(key) && key != SAMPLES);
    if let Some(pooled) = samples::pool(&runs) {
        map.insert(SAMPLES.into(), pooled);
    }
    merge_cells(&mut map, &runs, &of_runs);
    merge_section(&mut map, place::SERVER, &of_runs, &|number| {
        (number.place == Place::Server).then(|| number.name.to_string())
    });
    let classes = Quantity::KernelClass.name();
    merge_section(&mut map, classes, &of_runs, &|number| match &number.name {
        Name::Class(class) => Some(class.clone()),
        _ => None,
    });
    let spin = Number::new(Quantity::SpinPoll, Place::Profile);
    let median_spin = real(median(&of_runs, &spin));
    put(&mut map, &spin.path(), median_spin);
    put(&mut map, "trials", trials(&runs, &of_runs));
    put(&mut map, VALIDITY, validity(&runs));
    put(&mut map, "provenance", provenance(&runs));
    let mut findings = findings(&runs);
    findings.extend(arm::fill(&mut map, &runs));
    put(&mut map, "findings", json!(findings));
    evals::of_runs(&mut map, &runs);
    if let Some(Value::Object(context)) = map.get_mut("context") {
        put(context, "trials", runs.len().into());
    }
    mirror::add(&mut map);
    Reader::of_object().document(map)
}

/// Checks that the numbers of a document are those of its trials.
pub(super) fn check(file: &str, document: &Document) -> Result<()> {
    if document.trials.is_empty() {
        return Ok(());
    }
    let stated = document.numbers();
    let of_runs = document.trials.iter().chain([&stated]);
    let all: BTreeSet<&Number> = of_runs.flat_map(Numbers::keys).into_set();
    for number in all {
        let values = values(&document.trials, number);
        let expected = if is_sum(number) {
            // Null where one of the runs does not know its count.
            let sum = (!values.is_empty()).then(|| values.iter().sum());
            sum.filter(|_| stated.contains_key(number))
        } else {
            summary::median(&values)
        };
        if stated.get(number).copied() != expected {
            let text = |value: Option<f64>| value.map_or("nothing".to_owned(), |it| it.to_string());
            return Err(Fault::new(
                Code::Conflict,
                format!(
                    "found {}, but its trials have {}; expected the median of the trials, or the sum of counts. The document was edited: make it again from the bundles",
                    text(stated.get(number).copied()),
                    text(expected)
                ),
            )
            .at(format!("{file}: {number}")));
        }
    }
    Ok(())
}

/// Whether every run adds to it: counts of cells.
fn is_sum(number: &Number) -> bool {
    let quantity = number.name.quantity();
    number.place.is_cell() && quantity.is_some_and(|of| of.unit().is_count())
}

/// Values of one number over the runs that have it.
pub(crate) fn values(of_runs: &[Numbers], number: &Number) -> Vec<f64> {
    let of_run = |numbers: &Numbers| numbers.get(number).copied();
    of_runs.iter().filter_map(of_run).collect()
}

fn median(of_runs: &[Numbers], number: &Number) -> Option<f64> {
    summary::median(&values(of_runs, number))
}

fn merge_cells(map: &mut Map<String, Value>, runs: &[Document], of_runs: &[Numbers]) {
    let places: BTreeSet<Place> = runs.iter().flat_map(Document::cell_places).into_set();
    let (mut levels, mut rates, mut sources) = (Map::new(), Map::new(), Map::new());
    for place in &places {
        let (of_place, of_sources) = merge_cell(*place, runs, of_runs);
        match place {
            Place::Rate(rate) => put(&mut rates, &rate.to_string(), of_place.into()),
            place => put(&mut levels, &place.key(), of_place.into()),
        }
        put(&mut sources, &place.key(), of_sources.into());
    }
    put(map, place::LEVELS, levels.into());
    if !rates.is_empty() {
        put(map, place::RATES, rates.into());
    }
    let profile = Place::Profile.key();
    let is_read = |of: &&Value| {
        let numbers = [Quantity::KernelClass, Quantity::SpinPoll].map(Quantity::name);
        numbers.iter().any(|name| of[*name].get("files").is_some())
    };
    let of_run = |run: &'_ Document| run.map.get("sources")?.get(&profile).cloned();
    let mut of_runs = runs.iter().filter_map(of_run);
    if let Some(of_profile) = of_runs.find(|of| is_read(&of)) {
        put(&mut sources, &profile, of_profile);
    }
    put(map, "sources", sources.into());
    if let Some(Value::Object(workload)) = map.get_mut("workload") {
        let levels = places.iter().filter_map(|place| place.concurrency());
        let levels: Vec<Value> = levels.map(Value::from).collect();
        put(workload, "concurrency_sweep", levels.into());
    }
}

/// One cell of all runs, and what its numbers rest on.
fn merge_cell(
    place: Place,
    runs: &[Document],
    of_runs: &[Numbers],
) -> (Map<String, Value>, Map<String, Value>) {
    let (mut of_place, mut of_sources) = (Map::new(), Map::new());
    let with: Vec<&Cell> = runs.iter().filter_map(|run| run.cell(place)).collect();
    for quantity in Quantity::standing(Stands::Cell) {
        let number = Number::new(quantity, place);
        let values = values(of_runs, &number);
        if values.is_empty() && quantity.is_asked_for() {
            continue;
        }
        let merged = if is_sum(&number) {
            let sum = (values.len() == with.len()).then(|| whole(values.iter().sum()));
            sum.unwrap_or_default()
        } else {
            real(summary::median(&values))
        };
        put(&mut of_place, quantity.name(), merged);
    }
    facts::insert(&mut of_place, &facts::merge(&with));
    for metric in metrics::of_cells() {
        let count = values(of_runs, &Number::new(metric.quantity, place)).len();
        if count == 0 && metric.quantity.is_asked_for() {
            continue;
        }
        let behind = with
            .iter()
            .filter_map(|cell| cell.samples.get(&metric.quantity));
        let behind: Vec<f64> = behind.copied().collect();
        let mut source = Map::new();
        put(&mut source, "median_of_trials", count.into());
        if behind.len() == count && count > 0 {
            put(&mut source, "requests", whole(behind.iter().sum()));
        }
        let rounding = with
            .iter()
            .filter_map(|cell| cell.rounding.get(&metric.quantity));
        if let Some(most) = rounding.copied().reduce(f64::max) {
            put(&mut source, "rounding", most.into());
        }
        put(&mut of_sources, metric.name(), source.into());
    }
    disagreements(place, runs, &mut of_sources);
    (of_place, of_sources)
}

/// By how much the files of a run disagree at most; unknown where a run does not say it.
fn disagreements(place: Place, runs: &[Document], of_sources: &mut Map<String, Value>) {
    for quantity in Quantity::standing(Stands::Cell) {
        let number = Number::new(quantity, place);
        let told = |run: &&Document| run.disagreeing().any(|other| other == number);
        let told = runs.iter().filter(told);
        let by: Option<Vec<f64>> = told.map(|run| run.disagrees_by(&number)).collect();
        let Some(most) = by.into_iter().flatten().reduce(f64::max) else {
            continue;
        };
        let source = of_sources.entry(quantity.name());
        if let Value::Object(source) = source.or_insert_with(|| Map::new().into()) {
            put(source, DISAGREES_BY, real(Some(most)));
        }
    }
}

/// Merges the numbers of a section whose keys `key` knows.
fn merge_section(
    map: &mut Map<String, Value>,
    section: &str,
    of_runs: &[Numbers],
    key: &dyn Fn(&Number) -> Option<String>,
) {
    let with_key = |number| Some((key(number)?, number));
    let all = of_runs.iter().flat_map(Numbers::keys).filter_map(with_key);
    let numbers: BTreeSet<(String, &Number)> = all.into_set();
    if numbers.is_empty() {
        return;
    }
    if let Value::Object(target) = map.entry(section).or_insert_with(|| Map::new().into()) {
        for (key, number) in numbers {
            put(target, &key, real(median(of_runs, number)));
        }
    }
}

/// Numbers in the order of their paths.
fn by_path<'a>(numbers: impl Iterator<Item = &'a Number>) -> Vec<(String, &'a Number)> {
    let all: BTreeSet<(String, &Number)> = numbers.map(|number| (number.path(), number)).into_set();
    all.into_iter().collect()
}

/// Summaries are of what is judged, and of the throughput that the server itself counted.
fn is_summarised(number: &Number) -> bool {
    number.name.metric().is_some() || number.name.is(Quantity::GenerationThroughput)
}

fn trials(runs: &[Document], of_runs: &[Numbers]) -> Value {
    let mut summaries = Map::new();
    let all = of_runs.iter().flat_map(Numbers::keys);
    for (path, number) in by_path(all.filter(|number| is_summarised(number))) {
        let values = values(of_runs, number);
        let mut of = Map::new();
        put(&mut of, "n", values.len().into());
        put(&mut of, "mean", real(summary::mean(&values)));
        put(&mut of, "std", real(summary::std(&values)));
        put(&mut summaries, &path, of.into());
    }
    let mut listed = Vec::new();
    for (run, numbers) in runs.iter().zip(of_runs) {
        let mut values = Map::new();
        for (path, number) in by_path(numbers.keys()) {
            put(&mut values, &path, real(numbers.get(number).copied()));
        }
        let mut of = Map::new();
        for key in ["bundle_sha256", "captured_at"] {
            put(&mut of, key, of_provenance(run, key));
        }
        let origins = run.origins.first().map(Origins::to_json);
        put(&mut of, "run", origins.unwrap_or_default());
        put(&mut of, "values", values.into());
        listed.push(Value::Object(of));
    }
    let mut map = Map::new();
    put(&mut map, "n", runs.len().into());
    put(&mut map, "summary", summaries.into());
    put(&mut map, "runs", listed.into());
    map.into()
}

/// The first run's circumstances, with the files of every run under `runs`.
fn provenance(runs: &[Document]) -> Value {
    let of = |run: &Document| run.map.get("provenance").cloned().unwrap_or(Value::Null);
    let mut map = of(&runs[0]).as_object().cloned().unwrap_or_default();
    put(&mut map, "bundle_sha256", Value::Null);
    put(&mut map, "files", Vec::<Value>::new().into());
    put(&mut map, "runs", runs.iter().map(of).collect());
    map.into()
}

/// What a tool says against one of the runs, it says against their medians.
fn validity(runs: &[Document]) -> Value {
    let all: BTreeSet<&str> = runs
        .iter()
        .flat_map(|run| &run.validity)
        .map(String::as_str)
        .into_set();
    all.into_iter().collect()
}

fn findings(runs: &[Document]) -> Vec<Finding> {
    let of_run = |(at, run): (usize, &Document)| {
        let marked = |finding: &Finding| Finding {
            place: finding.place.within(&format!("trial {}", at + 1)),
            ..finding.clone()
        };
        run.findings.iter().map(marked).collect::<Vec<_>>()
    };
    runs.iter().enumerate().flat_map(of_run).collect()
}
