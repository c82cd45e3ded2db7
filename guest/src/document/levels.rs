//! Which file speaks of which concurrency level, and which number of a level is taken.

use super::cell::Cell;
use crate::fault::{Code, Fault, Result, Sub};
use crate::files;
use crate::finding::{Finding, FindingCode};
use crate::measure::level::level_in_path;
use crate::measure::{Number, Place, Quantity, Topic};
use crate::provenance::FileDigest;
use crate::run::{Aborted, LevelResult, Origin, Planned, Reading, Run};
use std::collections::BTreeMap;

/// A run that lost more than this share of its requests did not do what it was to do.
const MISSING: f64 = 0.01;

/// By how much of its time a phase may fall short, beside two median latencies.
const SHORT: f64 = 0.05;

/// The results of each place, best format first.
pub(super) type Levels<'a> = BTreeMap<Place, Vec<&'a LevelResult>>;

/// The results of one model by concurrency level.
///
/// Faults: a result whose level nothing tells; two runs of one level; as [`level_aborted`].
pub(super) fn group<'a>(
    run: &'a Run,
    model: &str,
    findings: &mut Vec<Finding>,
) -> Result<Levels<'a>> {
    let mut levels: Levels<'a> = BTreeMap::new();
    for result in &run.results {
        if result.model.as_deref().is_some_and(|named| named != model) {
            continue;
        }
        let place = place_of(result, run, findings)?;
        levels.entry(place).or_default().push(result);
    }
    for (level, results) in &mut levels {
        results.sort_by_key(|result| (run.rank(result.format), &result.file));
        refuse_two_runs(*level, results)?;
    }
    for aborted in &run.aborted {
        findings.push(level_aborted(aborted, &levels)?);
    }
    Ok(levels)
}

/// A run that stopped before it measured costs its own level and no other.
///
/// Faults: the log's own where nothing says which level it is of, or no level has a result; a result of
/// this level beside it, which must be of another run and would be judged in its place.
fn level_aborted(aborted: &Aborted, levels: &Levels<'_>) -> Result<Finding> {
    let fault = &aborted.fault;
    let Some(level) = level_in_path(&aborted.file).filter(|_| !levels.is_empty()) else {
        return Err(fault.clone());
    };
    if let Some(other) = levels
        .get(&Place::Level(level))
        .and_then(|results| results.first())
    {
        return Err(Fault {
            sub: aborted.fault.sub,
            code: Code::Conflict,
            message: format!(
                "{}. But {} has results of concurrency {level}; expected both to be of one run. Take away the one that is not of this run",
                fault.message, other.file
            ),
            place: fault.place.clone(),
        });
    }
    Ok(Finding::new(
        FindingCode::LevelAborted,
        fault.place.clone(),
        format!("{}. The other levels are read", fault.message),
    ))
}

fn place_of(result: &LevelResult, run: &Run, findings: &mut Vec<Finding>) -> Result<Place> {
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
    let beside = || {
        let folder = files::folder(&result.file);
        let same_folder = |other: &&LevelResult| {
            files::folder(&other.file) == folder && !other.format.of_many_levels
        };
        run.results
            .iter()
            .filter(same_folder)
            .find_map(|other| other.place)
    };
    result.place.or_else(beside).or(named).ok_or_else(|| {
        Fault::because(
            Sub::PlaceUnknown,
            "cannot tell the concurrency of this result: neither the file nor its name (`aiperf-c<N>`) says it. A run with a request rate alone has none: run with --concurrency too; otherwise rename its folder to aiperf-c<N>",
        )
        .at(&result.file)
    })
}

fn refuse_two_runs(place: Place, results: &[&LevelResult]) -> Result<()> {
    for pair in results.windows(2) {
        let (first, second) = (pair[0], pair[1]);
        if first.format.one_each && first.format == second.format {
            return Err(Fault::because(
                Sub::TwoResults,
                format!(
                    "found two results for {}: {} and {}; expected one a level. Name the directory of one run, and repeated runs one by one",
                    place.words(),
                    first.file,
                    second.file
                ),
            )
            .at(&second.file));
        }
    }
    Ok(())
}

/// A number that was taken.
pub(super) struct Chosen<'a> {
    pub reading: &'a Reading,
    pub from: &'a LevelResult,
}

/// Takes a number from the best source that has it, and says where another source disagrees.
pub(super) fn choose<'a>(
    place: Place,
    quantity: Quantity,
    results: &[&'a LevelResult],
    findings: &mut Vec<Finding>,
) -> Option<Chosen<'a>> {
    let mut all = results
        .iter()
        .filter_map(|from| from.get(quantity).map(|reading| Chosen { reading, from }));
    let best = all.next()?;
    for other in all.filter(|other| is_comparable(quantity, &best, other)) {
        if !agree(best.reading, other.reading) {
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
    !other.reading.is_near && Topic::covering(quantity).all(same)
}

/// Whether two numbers can be the same one, each rounded to the digits that its source prints.
fn agree(a: &Reading, b: &Reading) -> bool {
    let half_digit = |reading: &Reading| {
        reading
            .decimals
            .map_or(0.0, |decimals| 0.5 * 10_f64.powi(-(decimals as i32)))
    };
    let rounding = half_digit(a).max(half_digit(b));
    // Full-precision sources may sum in another order.
    (a.value - b.value).abs() <= rounding + 1e-9 * a.value.abs().max(b.value.abs()).max(1.0)
}

/// What is known of a place beside its numbers: from the best result that says it.
pub(super) fn facts(results: &[&LevelResult], digests: &[FileDigest]) -> Cell {
    let hash = |file: &str| digests.iter().find(|digest| digest.path == file);
    let best = results.first();
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
        load: results.iter().find_map(|result| result.load.clone()),
        origin: Origin {
            id: said(|result| result.run_id.as_ref()),
            start: said(|result| result.start_time.as_ref()),
            sha256: best.and_then(|best| Some(hash(&best.file)?.sha256.clone())),
        },
        validity,
        first_wave: results.iter().find_map(|result| result.first_wave.clone()),
        ..Cell::default()
    }
}
