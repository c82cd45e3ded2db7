//! What a place was: how load was put on it, which run of the tool it is of, and whether an offered rate was kept.

use super::cell::{self, Cell};
use super::levels::Levels;
use crate::files::sha256;
use crate::finding::{Finding, FindingCode};
use crate::measure::{Load, LoadKind, Metric, Number, Place, Quantity};
use crate::provenance::FileDigest;
use crate::run::{LevelResult, Origin, Speaker};
use crate::stats::clock::Start;
use serde_json::Value;

/// What is known of a place beside its numbers: from the best result that says it.
pub(super) fn of_place(place: Place, results: &[&LevelResult], digests: &[FileDigest]) -> Cell {
    let hash = |result: &LevelResult| {
        let of_file = digests.iter().find(|digest| digest.path == result.file)?;
        Some(of_line(result).unwrap_or_else(|| of_file.sha256.clone()))
    };
    let said = |of: fn(&LevelResult) -> Option<&String>| {
        results.iter().find_map(|result| of(result)).cloned()
    };
    let mut validity: Vec<String> = Vec::new();
    for statement in results.iter().flat_map(|result| &result.validity) {
        if !validity.contains(statement) {
            validity.push(statement.clone());
        }
    }
    Cell {
        load: results
            .iter()
            .find_map(|result| result.load.clone())
            .map(|load| at(place, load)),
        origin: Origin {
            id: said(|result| result.run_id.as_ref()),
            start: said(|result| result.start_time.as_ref()),
            sha256: results.first().and_then(|best| hash(best)),
            others: results
                .iter()
                .skip(1)
                .filter(is_of_one_run)
                .filter_map(|it| hash(it))
                .collect(),
        },
        validity,
        slo: stated_slo(results),
        first_wave: place.concurrency().and_then(|concurrency| {
            let sent = results.iter().find_map(|result| result.sent.as_ref());
            let planned = results.iter().find_map(|result| result.warmup_requests);
            sent?.wave(concurrency, planned)
        }),
        ..Cell::default()
    }
}

/// Whether no other run has the same file: a person's report may lie beside each of the runs that it is about, and a
/// result without a throughput or latency may be the same by chance.
fn is_of_one_run(result: &&&LevelResult) -> bool {
    let is_measured =
        |quantity: &Quantity| Metric::of(*quantity).is_some_and(Metric::is_performance);
    let mut quantities = result.readings.iter().map(|(quantity, _)| quantity);
    result.format.speaker != Speaker::Report && quantities.any(is_measured)
}

/// A closed loop whose file does not say how many requests it keeps in flight keeps as many as its place says.
fn at(place: Place, load: Load) -> Load {
    let says = match load.kind {
        LoadKind::Closed => place.concurrency(),
        _ => None,
    };
    Load {
        concurrency: load.concurrency.or(says),
        ..load
    }
}

/// The SLOs of the best result that states them.
fn stated_slo(results: &[&LevelResult]) -> Value {
    let mut stated = results.iter().map(|result| &result.slo);
    let slo = stated.find(|slo| !slo.is_null());
    slo.cloned().unwrap_or_default()
}

/// What one of several results of a file is known by: its numbers, since it is the same run in a file that has grown.
fn of_line(result: &LevelResult) -> Option<String> {
    result.line?;
    let numbers = result.readings.iter();
    let numbers =
        numbers.map(|(quantity, reading)| format!("{} {}\n", quantity.name(), reading.value));
    Some(sha256(numbers.collect::<String>().as_bytes()))
}

/// A sweep over all places is measured within so many seconds.
const SESSION: f64 = 86_400.0;

/// `STARTS_APART`: the place that began first did so long before another one. A tool that dies before it writes leaves
/// what an earlier run wrote.
pub(super) fn starts_apart(levels: &Levels<'_>) -> Option<Finding> {
    type Began<'a> = (Start, Place, &'a LevelResult, &'a String);
    let mut starts: Vec<Began<'_>> = Vec::new();
    for (place, results) in levels {
        let said = results.iter().find_map(|result| {
            let text = result.start_time.as_ref()?;
            Some((Start::parse(text)?, *place, *result, text))
        });
        // With a zone and without one are in no order.
        starts.extend(said.filter(|said| {
            let first = starts.first();
            first.is_none_or(|first| first.0.zoned == said.0.zoned)
        }));
    }
    let by_time = |a: &&Began<'_>, b: &&Began<'_>| a.0.seconds.total_cmp(&b.0.seconds);
    let (first, last) = (
        starts.iter().min_by(by_time)?,
        starts.iter().max_by(by_time)?,
    );
    let apart = last.0.seconds - first.0.seconds;
    let told = |(_, place, result, text): &Began<'_>| {
        format!("{} ({}) began {text}", place.words(), result.file)
    };
    (apart > SESSION).then(|| {
        Finding::new(
            FindingCode::StartsApart,
            first.1,
            format!(
                "{}, {}: {:.1} hours apart. The earlier one is of an earlier run that was left in the directory, or this is no single run",
                told(first),
                told(last),
                apart / 3600.0
            ),
        )
    })
}

/// An achieved rate.
pub(super) struct Achieved {
    /// Requests a second.
    pub(super) per_second: f64,
    /// How it was found.
    how: String,
    /// How far below the offered rate chance alone can bring it, as a share.
    chance: f64,
}

/// The rate at which requests were really sent; `None` where none was offered or nothing tells.
///
/// Where the times of sending are known, it is their number over the time from the first to the last. Elsewhere a run
/// of `n` requests that keeps its rate lasts `n / rate` and one latency more, and what it took longer it fell short.
pub(super) fn achieved(place: Place, results: &[&LevelResult]) -> Option<Achieved> {
    let Place::Rate(rate) = place else {
        return None;
    };
    let offered = rate.per_second();
    let sent = results.iter().find_map(|result| result.sent.as_ref());
    let window = sent.and_then(|sent| Some((sent.requests as f64, sent.seconds()?)));
    if let Some((requests, seconds)) = window.filter(|(_, seconds)| *seconds > 0.0) {
        let load = results.iter().find_map(|result| result.load.as_ref());
        let shape = load.and_then(|load| load.burstiness);
        return Some(Achieved {
            per_second: requests / seconds,
            how: format!("{requests} requests sent in {seconds:.1} s"),
            chance: shape.map_or(0.0, |shape| cell::chance(requests, shape)),
        });
    }
    let number = |of| {
        results
            .iter()
            .find_map(|result| Some(result.get(of)?.value))
    };
    let requests = number(Quantity::Requests).filter(|requests| *requests > 0.0)?;
    let seconds = number(Quantity::BenchmarkSeconds).or_else(|| {
        let per_second = number(Quantity::RequestRate)?;
        (per_second > 0.0).then(|| requests / per_second)
    });
    let seconds = seconds.filter(|seconds| *seconds > 0.0)?;
    // Some consoles have the parts of the latency alone.
    let parts = || {
        let [first, gap] = [Quantity::TtftMean, Quantity::ItlMean].map(number);
        let length = number(Quantity::OslMean)
            .or_else(|| Some(number(Quantity::Throughput)? * seconds / requests))?;
        Some(first? + gap? * (length - 1.0).max(0.0))
    };
    let latency = number(Quantity::RequestLatencyMean)
        .or(number(Quantity::RequestLatencyP50))
        .or_else(parts)?
        / 1e3;
    let expected = requests / offered + latency;
    Some(Achieved {
        per_second: offered * expected / seconds,
        how: format!(
            "{requests} requests took {seconds:.1} s; at the offered rate and a mean latency of {latency:.2} s they would have taken {expected:.1} s"
        ),
        chance: 0.0,
    })
}

/// `RATE_NOT_REACHED`: the tool sent requests more slowly than it was to.
pub(super) fn rate_not_reached(place: Place, achieved: &Achieved) -> Option<Finding> {
    let Place::Rate(rate) = place else {
        return None;
    };
    let offered = rate.per_second();
    let share = achieved.per_second / offered;
    cell::is_short(share, achieved.chance).then(|| {
        Finding::new(
            FindingCode::RateNotReached,
            Number::new(Quantity::SentRate, place),
            format!(
                "offered {offered} requests/s, achieved {:.3} ({:.1} % short: {}): its latencies are those of a lighter load",
                achieved.per_second,
                100.0 * (1.0 - share),
                achieved.how
            ),
        )
    })
}
