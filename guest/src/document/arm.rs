//! The trials of one side: different runs of one configuration, in an order that does not depend on how they were given.

use super::{Cell, Document, copies};
use crate::fault::{Fault, Result, Sub};
use crate::fields::{self, FIELDS, Field};
use crate::finding::{Finding, FindingCode};
use crate::json::{put, real};
use crate::measure::{Number, Place, Quantity, metrics};
use crate::order::{Keyed as _, Ordered as _};
use crate::stats::clock::Start;
use crate::stats::summary;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Where more than this share of the requests failed, mean lengths are those of the survivors.
const FAILED: f64 = metrics::ERROR_RATE_POINTS / 100.0;
/// Sizes that the engine works out at its start are the same within this share.
const WORKED_OUT: f64 = 0.01;
const BY_THE_ENGINE: [&str; 2] = ["context.num_gpu_blocks", "context.kv_cache_size_tokens"];
/// What says how many trials there are does not differ between them.
const OF_THE_ARM: &str = "context.trials";
/// The share of a ceiling is a number of each run.
const SHARE: &str = "context.sol_pct";

/// Checks that documents are different runs of one configuration. Faults name them as they were given.
pub(super) fn check(runs: &[Document]) -> Result<()> {
    for (at, run) in runs.iter().enumerate() {
        let of_run = |fault: Fault| fault.at(format!("trial {}", at + 1));
        if !run.trials.is_empty() {
            let message = "found a document that already carries trials; expected one run. Give the runs themselves";
            return Err(of_run(Fault::because(Sub::TrialOfTrials, message)));
        }
        same_identity(&runs[..at], run).map_err(of_run)?;
        same_definitions(&runs[..at], run).map_err(of_run)?;
        another_run(&runs[..at], run).map_err(of_run)?;
    }
    Ok(())
}

/// Every earlier run is asked: one that lacks a value does not hide the two that have it.
fn same_identity(earlier: &[Document], run: &Document) -> Result<()> {
    for (at, other) in earlier.iter().enumerate() {
        let Some([field, found, expected]) = difference(other, run) else {
            continue;
        };
        let which = match at {
            0 => "the first trial".to_owned(),
            at => format!("trial {}", at + 1),
        };
        return Err(Fault::because(
            Sub::TrialsDiffer,
            format!(
                "found {field} {found}, in {which} {expected}; expected repeated runs of one configuration"
            ),
        ));
    }
    Ok(())
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
            return Err(Fault::because(
                Sub::TrialsDiffer,
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
    first
        .common_cells(other)
        .find_map(|(place, [of_first, of_other])| {
            of_load(place, of_first, of_other).or_else(|| of_lengths(place, of_first, of_other))
        })
}

/// Another kind of load, or another spread of it in time; how much load it is says the place.
fn of_load(place: Place, first: &Cell, other: &Cell) -> Option<[String; 3]> {
    let (name, expected, found) = first.load.as_ref()?.difference(other.load.as_ref()?)?;
    let path = format!("{}.load.{name}", place.path().unwrap_or_default());
    Some([path, found, expected])
}

fn of_lengths(place: Place, first: &Cell, other: &Cell) -> Option<[String; 3]> {
    let failed = |cell: &Cell| cell.error_rate().is_some_and(|rate| rate > FAILED);
    if failed(first) || failed(other) {
        return None;
    }
    [Quantity::IslMean, Quantity::OslMean]
        .into_iter()
        .find_map(|quantity| {
            let (a, b) = (first.get(quantity)?, other.get(quantity)?);
            let path = || Number::new(quantity, place).path();
            fields::lengths_differ(a, b).then(|| [path(), format!("{b:.1}"), format!("{a:.1}")])
        })
}

/// A run that is given twice would halve the noise that is measured between runs.
fn another_run(earlier: &[Document], run: &Document) -> Result<()> {
    let same = |other: &Document| {
        let copied = || copies::same_numbers(other, run);
        let all = "the same numbers at every place";
        same_run(other, run).or_else(|| copied().then(|| all.to_owned()))
    };
    let found = |(at, other): (usize, &Document)| Some((at + 1, same(other)?));
    match earlier.iter().enumerate().find_map(found) {
        Some((at, what)) => Err(Fault::because(
            Sub::TrialRepeated,
            format!(
                "found {what} as trial {at}: one run given twice; expected each run once. Leave it out, or give another run"
            ),
        )),
        None => Ok(()),
    }
}

/// Where the same run stands among earlier ones.
pub(crate) fn place_of(earlier: &[Document], run: &Document) -> Option<usize> {
    earlier.iter().position(|other| is_same_run(other, run))
}

/// Whether two documents are of one run, as far as anybody can tell: what is counted must not count it twice.
pub(crate) fn is_same_run(a: &Document, b: &Document) -> bool {
    same_run(a, b).is_some() || copies::is_copy(a, b)
}

/// By what two documents are of one run: their bundles, or a result of one run or file at some place.
fn same_run(a: &Document, b: &Document) -> Option<String> {
    if a.map == b.map || a.shares_bundle(b) {
        return Some("the same run".to_owned());
    }
    let shared = a
        .cell_places()
        .find(|place| copies::share_a_run(a, b, *place))?;
    Some(format!("the same run or result file at {shared}"))
}

pub(super) fn of_provenance(run: &Document, key: &str) -> Value {
    run.provenance(key).cloned().unwrap_or(Value::Null)
}

/// Puts runs into the order of their start times; runs without one come last, and of two that are equal in that the one
/// with the lesser hash, or else the lesser text, comes first. So the order in which they were given decides nothing.
pub(super) fn in_order(runs: &mut [Document]) {
    let started = |run: &Document| {
        let start = run.origins.first()?.whole.start.as_deref();
        Start::parse(start?).map(|start| start.seconds)
    };
    let by_start = |a: &Document, b: &Document| match (started(a), started(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    let hash = |run: &Document| of_provenance(run, "bundle_sha256").to_string();
    runs.order_by(|a, b| {
        by_start(a, b)
            .then_with(|| hash(a).cmp(&hash(b)))
            .then_with(|| a.to_json().cmp(&b.to_json()))
    });
}

/// Fills the fields of the merged document: a value that some runs lack is that of the others; one in which runs differ is
/// null, and a finding names the values.
pub(super) fn fill(map: &mut Map<String, Value>, runs: &[Document]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for field in FIELDS.iter().filter(|field| field.path != OF_THE_ARM) {
        let known: Vec<(usize, &Value)> = runs
            .iter()
            .enumerate()
            .filter_map(|(at, run)| Some((at, fields::get(&run.map, field.path)?)))
            .collect();
        let Some((_, first)) = known.first() else {
            continue;
        };
        let differing = known.iter().any(|(_, other)| !alike(field, first, other));
        let value = match differing {
            false => (*first).clone(),
            true if field.path == SHARE => {
                let shares: Vec<f64> = known.iter().filter_map(|it| it.1.as_f64()).collect();
                real(summary::median(&shares))
            }
            true => Value::Null,
        };
        fields::set(map, field.path, value);
        // A run on a cache that others filled is no repetition of one that filled it.
        if differing && (field.may_differ || field.path == fields::REGIME) {
            findings.push(differs(field.path.to_owned(), &known));
        }
    }
    findings.extend(other_limits(runs));
    let defined = map
        .entry("definitions")
        .or_insert_with(|| Map::new().into());
    if let Value::Object(defined) = defined {
        for (name, of) in runs.iter().flat_map(|run| &run.definitions) {
            if defined.get(name).is_none_or(Value::is_null) {
                put(defined, name, of.as_str().into());
            }
        }
    }
    findings
}

fn alike(field: &Field, a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) if BY_THE_ENGINE.contains(&field.path) => {
            (a - b).abs() <= WORKED_OUT * a.max(b)
        }
        _ => fields::same(a, b),
    }
}

/// Places at which the runs had other limits of what may be in flight beside their rate.
fn other_limits(runs: &[Document]) -> impl Iterator<Item = Finding> {
    let places = runs.iter().flat_map(Document::cell_places).into_set();
    places.into_iter().filter_map(|place| {
        let limit = |run: &Document| Some(run.cell(place)?.load.as_ref()?.limit().into());
        let runs = runs.iter().enumerate();
        let limits: Vec<(usize, Value)> = runs
            .filter_map(|(at, run)| Some((at, limit(run)?)))
            .collect();
        let known: Vec<(usize, &Value)> = limits.iter().map(|(at, limit)| (*at, limit)).collect();
        let differ = known.windows(2).any(|pair| pair[0].1 != pair[1].1);
        let path = || format!("{}.load.concurrency", place.path().unwrap_or_default());
        differ.then(|| differs(path(), &known))
    })
}

fn differs(path: String, known: &[(usize, &Value)]) -> Finding {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (at, value) in known {
        let (value, trial) = (fields::plain(value), (at + 1).to_string());
        match groups.iter_mut().find(|group| group.0 == value) {
            Some(group) => group.1.push(trial),
            None => groups.push((value, vec![trial])),
        }
    }
    let each: Vec<String> = groups
        .iter()
        .map(|(value, trials)| format!("{value} (trial {})", trials.join(", ")))
        .collect();
    Finding::new(
        FindingCode::TrialsDiffer,
        path,
        format!(
            "the trials are not of one configuration: {}",
            each.join(", ")
        ),
    )
}
