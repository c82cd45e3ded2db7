//! Repeated runs of one configuration as one document.
//!
//! Each number is the median of the runs, because one slow run must not move it; requests and errors are
//! summed, because a failure in any run counts. `trials` keeps the numbers of each run.

use super::{Document, mirror, samples, to_json};
use crate::fault::{Code, Fault, Result};
use crate::fields::{self, FIELDS};
use crate::json::{put, real};
use crate::judge::identity::LENGTH_TOLERANCE;
use crate::measure::metrics::{self, KERNEL_CLASS, METRICS};
use crate::stats::summary;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The numbers of one run by dotted path, for instance `metrics.16.ttft_p50_ms`.
pub type Numbers = BTreeMap<String, f64>;

/// Every judged number of a document, with requests and errors, by dotted path.
pub fn numbers(document: &Document) -> Numbers {
    let mut numbers = Numbers::new();
    for (level, of) in &document.levels {
        let counts = [(metrics::ERRORS, of.errors), ("requests", of.requests)];
        let lengths = [("isl_mean", of.isl_mean), ("osl_mean", of.osl_mean)];
        let judged = of
            .values
            .iter()
            .map(|(name, value)| (name.as_str(), Some(*value)));
        for (name, value) in judged.chain(counts).chain(lengths) {
            numbers.extend(value.map(|value| (format!("metrics.{level}.{name}"), value)));
        }
    }
    numbers.extend(
        document
            .server
            .iter()
            .map(|(name, value)| (format!("server_metrics_delta.{name}"), *value)),
    );
    numbers.extend(
        document
            .kernel_classes
            .iter()
            .map(|(class, value)| (format!("{KERNEL_CLASS}.{class}"), *value)),
    );
    numbers.extend(
        document
            .cpu_spinpoll_pct
            .map(|value| ("cpu_spinpoll_pct".to_owned(), value)),
    );
    numbers
}

/// Makes one document of several.
///
/// Faults: none given, different identities or definitions, a document that already carries trials.
pub fn merge(texts: &[String]) -> Result<Document> {
    let named = texts
        .iter()
        .enumerate()
        .map(|(at, text)| Document::parse(&format!("trial {}", at + 1), text));
    let runs = named.collect::<Result<Vec<Document>>>()?;
    let Some(first) = runs.first() else {
        return Err(Fault::new(
            Code::Usage,
            "found no document; expected the documents of at least one run",
        ));
    };
    for (at, run) in runs.iter().enumerate() {
        let place = format!("trial {}", at + 1);
        if !run.trials.is_empty() {
            let message = "found a document that already carries trials; expected one run. Give the runs themselves";
            return Err(Fault::new(Code::Conflict, message).at(place));
        }
        same_identity(first, run)
            .and_then(|()| same_definitions(&runs[..at], run))
            .map_err(|fault| fault.at(place.as_str()))?;
        another_run(&runs[..at], run).map_err(|fault| fault.at(place))?;
    }
    let of_runs: Vec<Numbers> = runs.iter().map(numbers).collect();
    let mut map = first.map.clone();
    map.retain(|key, _| !mirror::is_mirror(key) && key != samples::KEY);
    if let Some(pooled) = samples::pool(&runs) {
        map.insert(samples::KEY.into(), pooled);
    }
    merge_levels(&mut map, &runs, &of_runs);
    merge_section(&mut map, "server_metrics_delta", &of_runs);
    merge_section(&mut map, KERNEL_CLASS, &of_runs);
    let spin = median(&of_runs, "cpu_spinpoll_pct");
    put(&mut map, "cpu_spinpoll_pct", real(spin));
    put(&mut map, "trials", trials(&runs, &of_runs));
    put(&mut map, "provenance", provenance(&runs));
    put(&mut map, "findings", json!(findings(&runs)));
    if let Some(Value::Object(context)) = map.get_mut("context") {
        put(context, "trials", runs.len().into());
    }
    mirror::add(&mut map);
    Document::parse("document", &to_json(&map))
}

fn same_identity(first: &Document, other: &Document) -> Result<()> {
    match difference(first, other) {
        Some([field, found, first]) => Err(differs(&field, &first, &found)),
        None => Ok(()),
    }
}

/// A median of two quantities that share a name is neither. What a run does not define it did not measure.
fn same_definitions(earlier: &[Document], run: &Document) -> Result<()> {
    for (name, found) in &run.definitions {
        let known = earlier
            .iter()
            .enumerate()
            .find_map(|(at, other)| Some((at + 1, other.definitions.get(name)?)));
        if let Some((at, expected)) = known
            && expected != found
        {
            return Err(Fault::new(
                Code::Conflict,
                format!(
                    "found definitions.{name} {found}, in trial {at} {expected}; expected one definition in all runs, since a median of two quantities is neither. Compare them as runs of their own, or read all of them from the same kind of file"
                ),
            ));
        }
    }
    Ok(())
}

/// The first identity field in which two runs differ: its path, the value of `other`, that of `first`.
pub(crate) fn difference(first: &Document, other: &Document) -> Option<[String; 3]> {
    for field in FIELDS.iter().filter(|field| field.identity) {
        let sides = [first, other].map(|document| fields::get(&document.map, field.path));
        if let [Some(a), Some(b)] = sides
            && !fields::same(a, b)
        {
            return Some([field.path.to_owned(), fields::plain(b), fields::plain(a)]);
        }
    }
    for (level, of_first) in &first.levels {
        let Some(of_other) = other.levels.get(level) else {
            continue;
        };
        for (name, a, b) in [
            ("isl_mean", of_first.isl_mean, of_other.isl_mean),
            ("osl_mean", of_first.osl_mean, of_other.osl_mean),
        ] {
            if let (Some(a), Some(b)) = (a, b)
                && (a - b).abs() > a * LENGTH_TOLERANCE + 1e-9 * a.max(1.0)
            {
                let path = format!("metrics.{level}.{name}");
                return Some([path, format!("{b:.1}"), format!("{a:.1}")]);
            }
        }
    }
    None
}

/// A run that is given twice would halve the noise that is measured between runs.
fn another_run(earlier: &[Document], run: &Document) -> Result<()> {
    match place_of(earlier, run) {
        Some(at) => Err(Fault::new(
            Code::Conflict,
            format!(
                "found the same run as trial {}; expected each run once. Leave it out, or give another run",
                at + 1
            ),
        )),
        None => Ok(()),
    }
}

/// Where the same run stands among earlier ones.
pub(crate) fn place_of(earlier: &[Document], run: &Document) -> Option<usize> {
    let bundle = |run: &Document| of_provenance(run, "bundle_sha256");
    let same = |other: &Document| {
        other.map == run.map || bundle(run).is_string() && bundle(other) == bundle(run)
    };
    earlier.iter().position(same)
}

fn of_provenance(run: &Document, key: &str) -> Value {
    let provenance = run.map.get("provenance");
    let value = provenance.and_then(|all| all.get(key));
    value.cloned().unwrap_or(Value::Null)
}

/// Checks that the numbers of a document are those of its trials.
pub(super) fn check(file: &str, document: &Document) -> Result<()> {
    if document.trials.is_empty() {
        return Ok(());
    }
    let stated = numbers(document);
    let of_runs = document.trials.iter().chain([&stated]);
    for path in crate::order::set(of_runs.flat_map(Numbers::keys)) {
        let values = values(&document.trials, path);
        let is_sum = path.starts_with("metrics.")
            && (path.ends_with(".errors") || path.ends_with(".requests"));
        let expected = if is_sum {
            // Null where one of the runs does not know its count.
            let sum = (!values.is_empty()).then(|| values.iter().sum());
            sum.filter(|_| stated.contains_key(path))
        } else {
            summary::median(&values)
        };
        if stated.get(path).copied() != expected {
            let text = |value: Option<f64>| value.map_or("nothing".to_owned(), |it| it.to_string());
            return Err(Fault::new(
                Code::Conflict,
                format!(
                    "found {}, but its trials have {}; expected the median of the trials, or the sum of counts. The document was edited: make it again from the bundles",
                    text(stated.get(path).copied()),
                    text(expected)
                ),
            )
            .at(format!("{file}: {path}")));
        }
    }
    Ok(())
}

fn differs(field: &str, a: &str, b: &str) -> Fault {
    Fault::new(
        Code::Conflict,
        format!(
            "found {field} {b}, in the first trial {a}; expected repeated runs of one configuration"
        ),
    )
}

/// Values of one number over the runs that have it.
pub(crate) fn values(of_runs: &[Numbers], path: &str) -> Vec<f64> {
    of_runs
        .iter()
        .filter_map(|numbers| numbers.get(path).copied())
        .collect()
}

fn median(of_runs: &[Numbers], path: &str) -> Option<f64> {
    summary::median(&values(of_runs, path))
}

fn merge_levels(map: &mut Map<String, Value>, runs: &[Document], of_runs: &[Numbers]) {
    let levels: BTreeSet<u32> =
        crate::order::set(runs.iter().flat_map(|run| run.levels.keys().copied()));
    let (mut merged, mut sources) = (Map::new(), Map::new());
    for level in &levels {
        let (mut of_level, mut of_sources) = (Map::new(), Map::new());
        let path = |name: &str| format!("metrics.{level}.{name}");
        for (metric, _) in metrics::of_levels() {
            let count = values(of_runs, &path(metric.name)).len();
            let of_runs = median(of_runs, &path(metric.name));
            put(&mut of_level, metric.name, real(of_runs));
            let behind: Vec<f64> = runs
                .iter()
                .filter_map(|run| run.levels.get(level)?.samples.get(metric.name).copied())
                .collect();
            let mut source = Map::new();
            put(&mut source, "median_of_trials", count.into());
            if behind.len() == count && count > 0 {
                put(&mut source, "requests", whole(behind.iter().sum()));
            }
            put(&mut of_sources, metric.name, source.into());
        }
        for name in [metrics::ERRORS, "requests"] {
            let values = values(of_runs, &path(name));
            let with_level = runs
                .iter()
                .filter(|run| run.levels.contains_key(level))
                .count();
            let complete = values.len() == with_level;
            let sum = if complete {
                whole(values.iter().sum())
            } else {
                Value::Null
            };
            put(&mut of_level, name, sum);
        }
        for name in ["isl_mean", "osl_mean"] {
            put(&mut of_level, name, real(median(of_runs, &path(name))));
        }
        put(&mut merged, &level.to_string(), of_level.into());
        put(&mut sources, &level.to_string(), of_sources.into());
    }
    put(map, "metrics", merged.into());
    put(map, "sources", sources.into());
    if let Some(Value::Object(workload)) = map.get_mut("workload") {
        let levels: Vec<Value> = levels.iter().map(|level| (*level).into()).collect();
        put(workload, "concurrency_sweep", levels.into());
    }
}

fn whole(value: f64) -> Value {
    if value.fract() == 0.0 && value < 9e15 {
        Value::from(value as u64)
    } else {
        Value::from(value)
    }
}

fn merge_section(map: &mut Map<String, Value>, section: &str, of_runs: &[Numbers]) {
    let prefix = format!("{section}.");
    let paths: BTreeSet<&String> = crate::order::set(
        of_runs
            .iter()
            .flat_map(Numbers::keys)
            .filter(|path| path.starts_with(&prefix)),
    );
    if paths.is_empty() {
        return;
    }
    if let Value::Object(target) = map.entry(section).or_insert_with(|| Map::new().into()) {
        for path in paths {
            put(target, &path[prefix.len()..], real(median(of_runs, path)));
        }
    }
}

fn trials(runs: &[Document], of_runs: &[Numbers]) -> Value {
    let paths: BTreeSet<&String> = crate::order::set(of_runs.iter().flat_map(Numbers::keys));
    let judged = |path: &&&String| METRICS.iter().any(|metric| path.contains(metric.name));
    let mut summaries = Map::new();
    for path in paths.iter().filter(judged) {
        let values = values(of_runs, path);
        let mut of = Map::new();
        put(&mut of, "n", values.len().into());
        put(&mut of, "mean", real(summary::mean(&values)));
        put(&mut of, "std", real(summary::std(&values)));
        put(&mut summaries, path, of.into());
    }
    let mut listed = Vec::new();
    for (run, numbers) in runs.iter().zip(of_runs) {
        let mut values = Map::new();
        for (path, value) in numbers {
            put(&mut values, path, real(Some(*value)));
        }
        let mut of = Map::new();
        for key in ["bundle_sha256", "captured_at"] {
            put(&mut of, key, of_provenance(run, key));
        }
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

fn findings(runs: &[Document]) -> Vec<crate::finding::Finding> {
    let of_run = |(at, run): (usize, &Document)| {
        run.findings
            .iter()
            .map(|finding| {
                let place = finding
                    .place
                    .as_deref()
                    .map(|place| format!(": {place}"))
                    .unwrap_or_default();
                crate::finding::Finding {
                    place: Some(format!("trial {}{place}", at + 1)),
                    ..finding.clone()
                }
            })
            .collect::<Vec<_>>()
    };
    runs.iter().enumerate().flat_map(of_run).collect()
}
