//! Which file speaks of which concurrency level, and which number of a level is taken.

use crate::fault::{Code, Fault, Result, Sub};
use crate::files;
use crate::finding::{Finding, FindingCode};
use crate::measure::level::level_in_path;
use crate::measure::{Load, LoadKind, Number, Place, Quantity, Topic};
use crate::order::Ordered as _;
use crate::run::{Aborted, LevelResult, Planned, Reading, Run};
use std::collections::BTreeMap;

/// A run that lost more than this share of its requests did not do what it was to do.
const MISSING: f64 = 0.01;

/// By how much of its time a phase may fall short, beside two median latencies.
const SHORT: f64 = 0.05;

/// The results of each place, best format first.
pub(super) type Levels<'a> = BTreeMap<Place, Vec<&'a LevelResult>>;

/// The results of one model by concurrency level.
///
/// Faults: a result whose level nothing tells, where no other has one; two runs of one level, two workloads; as [`level_aborted`].
pub(super) fn group<'a>(
    run: &'a Run,
    model: &str,
    findings: &mut Vec<Finding>,
) -> Result<Levels<'a>> {
    let mut levels: Levels<'a> = BTreeMap::new();
    let mut left_out = Vec::new();
    for result in &run.results {
        if result.model.as_deref().is_some_and(|named| named != model) {
            continue;
        }
        match place_of(result, run, findings) {
            Some(place) => levels.entry(place).or_default().push(result),
            None => left_out.push(result),
        }
    }
    if levels.is_empty() {
        // What has no place for lack of a word about it may have it for the schedule beside it.
        let scheduled = left_out.iter().find(|result| is_scheduled(result));
        if let Some(result) = scheduled.or(left_out.first()) {
            return Err(without_place(result));
        }
    }
    for result in left_out {
        let fault = without_place(result);
        findings.push(Finding::new(
            FindingCode::ResultLeftOut,
            fault.place,
            format!("{}. It is left out", fault.message),
        ));
    }
    for results in levels.values_mut() {
        results.order_by_key(|result| (run.rank(result.format), &result.file));
    }
    refuse_two_runs(&levels)?;
    for aborted in &run.aborted {
        findings.push(level_aborted(aborted, &mut levels)?);
    }
    refuse_two_workloads(&levels)?;
    Ok(levels)
}

/// A run that stopped before it measured costs its own level and no other. A result that lies at the same level is of
/// another run, since this one wrote none: it is not judged in its place.
///
/// Faults: the log's own where nothing says which level it is of, or no other level has a result.
fn level_aborted(aborted: &Aborted, levels: &mut Levels<'_>) -> Result<Finding> {
    let fault = &aborted.fault;
    let level = level_in_path(&aborted.file).filter(|_| !levels.is_empty());
    let Some(place) = level.map(Place::Level) else {
        return Err(fault.clone());
    };
    let stale = levels.remove(&place).unwrap_or_default();
    let Some(other) = stale.first() else {
        return Ok(Finding::new(
            FindingCode::LevelAborted,
            fault.place.clone(),
            format!("{}. The other levels are read", fault.message),
        ));
    };
    if levels.is_empty() {
        return Err(Fault {
            sub: fault.sub,
            code: Code::Conflict,
            message: format!(
                "{}. But {} has results of {}; expected both to be of one run. Take away the one that is not of this run",
                fault.message,
                other.file,
                place.words()
            ),
            place: fault.place.clone(),
        });
    }
    let when = other
        .start_time
        .as_ref()
        .map_or(String::new(), |start| format!(", which began {start},"));
    Ok(Finding::new(
        FindingCode::LevelAborted,
        fault.place.clone(),
        format!(
            "{}. {}{when} is then the result of another run and is left out; take the log away if it is the older of the two. The other levels are read",
            fault.message, other.file
        ),
    ))
}

fn place_of(result: &LevelResult, run: &Run, findings: &mut Vec<Finding>) -> Option<Place> {
    let named = level_in_path(&result.file).map(Place::Level);
    if let (Some(stated), Some(named)) = (result.place, named)
        && stated != named
    {
        findings.push(Finding::new(
            FindingCode::LevelNameDisagrees,
            Some(result.file.clone()),
            format!(
                "the name says {}, the content {}; the content counts",
                named.words(),
                stated.key()
            ),
        ));
    }
    if result.place.is_some() {
        return result.place;
    }
    let folder = files::folder(&result.file);
    let same_folder =
        |other: &&LevelResult| files::folder(&other.file) == folder && !other.format.of_many_levels;
    let beside = || run.results.iter().filter(same_folder);
    let loads = || {
        result
            .load
            .iter()
            .chain(beside().filter_map(|other| other.load.as_ref()))
    };
    // A schedule has no place, whatever else says a concurrency, which then is a limit.
    if loads().any(|load| load.kind == LoadKind::Schedule) {
        return None;
    }
    // A name that says a concurrency says nothing about a run that had none.
    let has_none = |load: &Load| load.kind != LoadKind::Closed;
    let named = named.filter(|_| !loads().any(has_none));
    beside().find_map(|other| other.place).or(named)
}

fn is_scheduled(result: &LevelResult) -> bool {
    let load = result.load.as_ref();
    load.is_some_and(|load| load.kind == LoadKind::Schedule)
}

fn without_place(result: &LevelResult) -> Fault {
    let of_other_tool = result.format.tool != Some("AIPerf");
    let scheduled = result.load.as_ref().and_then(|load| load.schedule.as_ref());
    let scheduled = scheduled.filter(|_| of_other_tool && is_scheduled(result));
    if let Some(schedule) = result.varies.or(scheduled.map(String::as_str)) {
        let message = format!(
            "found a load without one concurrency or rate: {schedule}; expected one at which it can be compared"
        );
        return Fault::because(Sub::PlaceUnknown, message).at(&result.file);
    }
    let message = match is_scheduled(result) {
        true => {
            "found a run of a fixed schedule; expected one with a concurrency or a request rate, at which it can be compared. Judge such runs by a rate: give their requests at one with --request-rate"
        }
        false => {
            "cannot tell the concurrency of this result: neither the file nor its name (`aiperf-c<N>`) says it, nor a request rate. Rename its folder to aiperf-c<N>, or give the JSON export of the run, which echoes it"
        }
    };
    Fault::because(Sub::PlaceUnknown, message).at(&result.file)
}

/// Two results of one format at one place are two runs. All such places are named, and what tells the runs apart.
fn refuse_two_runs(levels: &Levels<'_>) -> Result<()> {
    let twice = |results: &[&'_ LevelResult]| -> Option<[String; 2]> {
        let is_pair =
            |pair: &&[&LevelResult]| pair[0].format.one_each && pair[0].format == pair[1].format;
        let pair = results.windows(2).find(is_pair)?;
        Some([described(pair[0]), described(pair[1])])
    };
    let mut found = levels
        .iter()
        .filter_map(|(place, results)| Some((place, results, twice(results)?)));
    let Some((place, results, [first, second])) = found.next() else {
        return Ok(());
    };
    let others: Vec<String> = found.map(|(place, ..)| place.words()).collect();
    let others = match others.as_slice() {
        [] => String::new(),
        others => format!(" (and two for {})", others.join(", ")),
    };
    let last = results
        .last()
        .map_or(String::new(), |result| result.file.clone());
    Err(Fault::because(
        Sub::TwoResults,
        format!(
            "found two results for {}: {first} and {second}{others}; expected one a level. Name the directory of one run, and repeated runs one by one",
            place.words()
        ),
    )
    .at(last))
}

/// Input lengths of one workload differ by less between its levels, though requests are drawn at random.
const OTHER_LENGTH: f64 = 1.75;

/// Places whose prompts are of other lengths are of two workloads, though no file names one. AIPerf does name its data
/// set.
fn refuse_two_workloads(levels: &Levels<'_>) -> Result<()> {
    let mut shortest: Option<(&LevelResult, f64)> = None;
    let mut longest = shortest;
    for results in levels.values() {
        let known = |result: &&&LevelResult| {
            result.format.tool != Some("AIPerf") && result.get(Quantity::IslMean).is_some()
        };
        let Some(result) = results.iter().find(known) else {
            continue;
        };
        let isl = result.get(Quantity::IslMean).map_or(0.0, |isl| isl.value);
        if shortest.is_none_or(|(_, other)| isl < other) {
            shortest = Some((result, isl));
        }
        if longest.is_none_or(|(_, other)| isl > other) {
            longest = Some((result, isl));
        }
    }
    match shortest.zip(longest) {
        Some(((one, short), (other, long))) if short > 0.0 && long >= OTHER_LENGTH * short => {
            let message = format!(
                "found results of two input lengths: {} and {}; expected one workload. Give the results of each on their own",
                described(one),
                described(other)
            );
            Err(Fault::because(Sub::WorkloadsDiffer, message).at(&other.file))
        }
        _ => Ok(()),
    }
}

/// A result by its file, with the length of its prompts where that is known: two workloads differ in it.
fn described(result: &LevelResult) -> String {
    let line = result.line.map_or(String::new(), |line| format!(":{line}"));
    let isl = result.get(Quantity::IslMean);
    let isl = isl.map_or(String::new(), |isl| format!(" (ISL {:.0})", isl.value));
    format!("{}{line}{isl}", result.file)
}

/// A number that was taken.
pub(super) struct Chosen<'a> {
    pub reading: &'a Reading,
    pub from: &'a LevelResult,
    /// By how much the source that is furthest from it differs, in the unit of the number.
    pub disagrees_by: Option<f64>,
}

/// Takes a number from the best source that has it, and says where another source disagrees.
pub(super) fn choose<'a>(
    place: Place,
    quantity: Quantity,
    results: &[&'a LevelResult],
    findings: &mut Vec<Finding>,
) -> Option<Chosen<'a>> {
    let of = |from: &&'a LevelResult| {
        Some(Chosen {
            reading: from.get(quantity)?,
            from,
            disagrees_by: None,
        })
    };
    let mut all: Vec<Chosen<'_>> = results.iter().filter_map(of).collect();
    // Requests that somebody counted are better than those that succeeded.
    all.order_by_key(|one| quantity == Quantity::Requests && one.reading.is_near);
    let mut all = all.into_iter();
    let mut best = all.next()?;
    for other in all {
        if is_comparable(quantity, &best, &other) && !agree(best.reading, other.reading) {
            let by = (best.reading.value - other.reading.value).abs();
            best.disagrees_by = Some(best.disagrees_by.map_or(by, |most| most.max(by)));
            findings.push(Finding::new(
                FindingCode::SourcesDisagree,
                Number::new(quantity, place),
                format!(
                    "{} has {}, {} has {}; the first is used",
                    best.from.file, best.reading.value, other.from.file, other.reading.value
                ),
            ));
        }
    }
    Some(best)
}

/// `INCOMPLETE_RUN`: what its tool or its log says to have been cancelled or cut short.
pub(super) fn incomplete(results: &[&LevelResult]) -> Option<Finding> {
    let cut = results.iter().find(|result| !result.complete)?;
    Some(Finding::new(
        FindingCode::IncompleteRun,
        cut.file.clone(),
        "AIPerf says that this run was cancelled or cut short; its numbers are those of the requests that had ended",
    ))
}

/// The number of requests that were to end the measured phase.
pub(super) fn planned_requests(results: &[&LevelResult]) -> Option<u64> {
    match results.iter().find_map(|from| from.planned)? {
        Planned::Requests(count) => Some(count),
        Planned::Seconds(_) => None,
    }
}

/// `REQUESTS_MISSING` or `DURATION_SHORT`: the measured phase ended before what was to end it.
pub(super) fn ended_early(place: Place, results: &[&LevelResult]) -> Option<Finding> {
    let with = results.iter().find(|from| from.planned.is_some())?;
    match with.planned? {
        Planned::Requests(count) => requests_missing(place, count as f64, &with.file, results),
        Planned::Seconds(seconds) => duration_short(place, seconds, &with.file, results),
    }
}

fn first<'a>(results: &[&'a LevelResult], quantity: Quantity) -> Option<(f64, &'a str)> {
    let found = |from: &&'a LevelResult| Some((from.get(quantity)?.value, from.file.as_str()));
    results.iter().find_map(found)
}

/// Fewer requests ended, failed ones included, than the phase was to send. What is missing never had a latency,
/// so the statistics are of the requests that came back.
fn requests_missing(
    place: Place,
    planned: f64,
    said_by: &str,
    results: &[&LevelResult],
) -> Option<Finding> {
    let (ended, counted_by) = first(results, Quantity::Requests)?;
    let cancelled = first(results, Quantity::Cancelled).map_or(0.0, |(count, _)| count);
    let planned = planned - cancelled;
    (ended < planned * (1.0 - MISSING) - 1e-9).then(|| {
        Finding::new(
            FindingCode::RequestsMissing,
            Number::new(Quantity::Requests, place),
            format!(
                "{ended} of {planned} planned requests ended ({:.1} % are missing; planned: {said_by}, ended: {counted_by}): the numbers are those of the requests that came back",
                100.0 * (planned - ended) / planned
            ),
        )
    })
}

/// The phase lasted less than it was to. Requests under way at its end may have been dropped, so that it
/// ends up to a latency early, of which the median is known.
fn duration_short(
    place: Place,
    planned: f64,
    said_by: &str,
    results: &[&LevelResult],
) -> Option<Finding> {
    let (lasted, measured_by) = first(results, Quantity::BenchmarkSeconds)?;
    let latency = first(results, Quantity::RequestLatencyP50).map_or(0.0, |(value, _)| value);
    (lasted + 2.0 * latency / 1e3 < planned * (1.0 - SHORT)).then(|| {
        Finding::new(
            FindingCode::DurationShort,
            place,
            format!(
                "the measured phase was to last {planned} s and lasted {lasted:.1} s (planned: {said_by}, measured: {measured_by}): the numbers are those of a part of the run"
            ),
        )
    })
}

/// What is only near the tool's own number cannot disagree with it, and numbers of different definitions never
/// agree or disagree.
fn is_comparable(quantity: Quantity, best: &Chosen<'_>, other: &Chosen<'_>) -> bool {
    let same = |topic: &Topic| {
        let of = |chosen: &Chosen<'_>| chosen.from.definition(topic.name);
        match (of(best), of(other)) {
            (Some(best), Some(other)) => best == other,
            _ => true,
        }
    };
    // What one file counts as failed another may know to have been cancelled by order.
    let is_count = [Quantity::Errors, Quantity::Requests].contains(&quantity);
    let counts_alike = !is_count || !(best.from.cancels || other.from.cancels);
    let is_near = best.reading.is_near || other.reading.is_near;
    !is_near && counts_alike && Topic::covering(quantity).all(same)
}

/// Whether two numbers can be the same one, each rounded to the digits that its source prints.
fn agree(a: &Reading, b: &Reading) -> bool {
    let half_digit = |reading: &Reading| reading.half_unit().unwrap_or(0.0);
    let rounding = half_digit(a).max(half_digit(b));
    // Full-precision sources may sum in another order.
    (a.value - b.value).abs() <= rounding + 1e-9 * a.value.abs().max(b.value.abs()).max(1.0)
}
