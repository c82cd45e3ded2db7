//! Numbers of one place that cannot all be true, and runs that their own tool declares invalid.

use super::failures::fails_at_most;
use crate::document::{Cell, Document};
use crate::finding::{Finding, FindingCode};
use crate::json;
use crate::measure::validity::{Weight, weight};
use crate::measure::{Definition, Place, Quantity, metrics};
use serde_json::Value;

/// Numbers further apart than this factor contradict each other.
const FACTOR: f64 = 3.0;

/// So small a share of the concurrency is no load that was not reached, but another unit.
const LEAST_SHARE: f64 = 0.01;

/// Beyond this share of failed requests the statistics are of too few of them for an equation.
const FAILED: f64 = 0.10;

/// Numbers that are further out of order than this share are not merely rounded apart.
const OUT_OF_ORDER: f64 = 0.25;

/// Numbers of which the first is never above the second: percentiles of one thing, and the first token of a request
/// against the last one.
const ASCENDING: [[Quantity; 2]; 5] = [
    [Quantity::TtftP50, Quantity::TtftP95],
    [Quantity::TtftP95, Quantity::TtftP99],
    [Quantity::TtftP50, Quantity::TtftP99],
    [Quantity::TtftP50, Quantity::RequestLatencyP50],
    [Quantity::TtftMean, Quantity::RequestLatencyMean],
];

/// What `definitions` can say to be no more than the time to the first byte.
const LATENCIES: [Quantity; 2] = [Quantity::RequestLatencyP50, Quantity::RequestLatencyMean];

/// Two numbers of a place that no run gives together, in words.
pub fn impossible(side: &Document, cell: &Cell) -> Option<String> {
    let to_first_byte = Some(Definition::FirstByte.as_str());
    let ends_early = side.definition(Quantity::RequestLatencyP50) == to_first_byte;
    let out_of_order = |[low, high]: [Quantity; 2]| {
        let (a, b) = (cell.get(low)?, cell.get(high)?);
        let of_latency = LATENCIES.contains(&high);
        let is_out = a * (1.0 - OUT_OF_ORDER) > b && !(of_latency && ends_early);
        is_out.then(|| format!("{} is {a:.2} and {} only {b:.2}", low.name(), high.name()))
    };
    let of_nothing = || {
        let throughput = cell.get(metrics::HEADLINE).filter(|value| *value > 0.0)?;
        let nothing = [
            (Quantity::OslMean, "outputs without a token"),
            (Quantity::Requests, "no request that ended"),
        ];
        let is_nothing = |(of, _): &(Quantity, &str)| cell.get(*of) == Some(0.0);
        let (_, of) = nothing.into_iter().find(is_nothing)?;
        Some(format!("{throughput:.2} tok/s of {of}"))
    };
    ASCENDING
        .into_iter()
        .find_map(out_of_order)
        .or_else(of_nothing)
}

/// Why the numbers of a place cannot be used, as a finding of one side.
pub fn invalid(side: &Document, place: Place, cell: &Cell) -> Option<(FindingCode, String)> {
    let declared = || Some((FindingCode::RunInvalid, declared(&cell.validity)?));
    declared().or_else(|| Some((FindingCode::Implausible, equation(side, place, cell)?)))
}

/// An equation between the numbers of a place that does not hold.
pub fn equation(side: &Document, place: Place, cell: &Cell) -> Option<String> {
    too_many(place, cell).or_else(|| parts_differ(side, place, cell))
}

/// What a tool says against its run that makes it invalid.
pub fn declared(validity: &[String]) -> Option<String> {
    let fatal = |statement: &&String| weight(statement) == Weight::Invalid;
    let said: Vec<&str> = validity.iter().filter(fatal).map(String::as_str).collect();
    (!said.is_empty()).then(|| {
        format!(
            "the benchmark tool itself declares it invalid: {}",
            said.join("; ")
        )
    })
}

/// Fewer requests in flight than a third of the concurrency.
pub fn not_reached(name: &str, place: Place, cell: &Cell) -> Option<Finding> {
    let concurrency = f64::from(place.concurrency()?);
    let (in_flight, equation) = in_flight(place, cell)?;
    let is_low = in_flight * FACTOR < concurrency && in_flight >= LEAST_SHARE * concurrency;
    is_low.then(|| {
        Finding::new(
            FindingCode::ConcurrencyNotReached,
            place,
            format!(
                "in the {name} {in_flight:.2} requests were in flight on average, less than a third of the concurrency {concurrency} ({equation}): hung requests, delays between turns, or too few prompts"
            ),
        )
    })
}

/// Requests in flight by Little's law, of a closed loop, with the equation in words.
fn in_flight(place: Place, cell: &Cell) -> Option<(f64, String)> {
    place.concurrency()?;
    let known = |of: Quantity| cell.get(of).filter(|value| *value > 0.0);
    let mean = known(Quantity::RequestLatencyMean);
    let (latency, which) = match mean {
        Some(mean) => (mean, "mean"),
        None => (known(Quantity::RequestLatencyP50)?, "median"),
    };
    let (tokens, length) = (known(metrics::HEADLINE)?, known(Quantity::OslMean)?);
    if !fails_at_most(cell, FAILED) {
        return None;
    }
    let in_flight = tokens * latency / 1e3 / length;
    let words = format!(
        "{tokens:.2} tok/s x {which} latency {latency:.2} ms / {length:.2} output tokens = {in_flight:.2}"
    );
    Some((in_flight, words))
}

/// More requests in flight than there can be, or hardly any.
fn too_many(place: Place, cell: &Cell) -> Option<String> {
    let concurrency = f64::from(place.concurrency()?);
    let (in_flight, equation) = in_flight(place, cell)?;
    let contradicts = in_flight > FACTOR * concurrency || in_flight < LEAST_SHARE * concurrency;
    contradicts.then(|| {
        format!("{equation} requests in flight, but the concurrency is {concurrency}: one of these numbers is of another unit or another run")
    })
}

/// A latency is its first token and the rest. Holds for means that are of the same requests.
fn parts_differ(side: &Document, place: Place, cell: &Cell) -> Option<String> {
    use Quantity::{ItlMean, OslMean, RequestLatencyMean, TtftMean};
    let of_request = side.definition(Quantity::ItlP50) == Some(Definition::TpotPerRequest.as_str());
    let file = |of: Quantity| source_file(side, place, of);
    let one_file = file(TtftMean) == file(ItlMean) && file(ItlMean) == file(RequestLatencyMean);
    if !of_request || !one_file || !fails_at_most(cell, FAILED) {
        return None;
    }
    let known = |of: Quantity| cell.get(of).filter(|value| *value > 0.0);
    let (first, gap, length) = (known(TtftMean)?, known(ItlMean)?, known(OslMean)?);
    let latency = known(RequestLatencyMean)?;
    let parts = first + (length - 1.0).max(0.0) * gap;
    let contradicts = parts > FACTOR * latency || latency > FACTOR * parts;
    contradicts.then(|| {
        format!(
            "mean TTFT {first:.2} ms + ({length:.2} - 1) tokens x mean ITL {gap:.3} ms = {parts:.2} ms, but the mean latency is {latency:.2} ms"
        )
    })
}

fn source_file(side: &Document, place: Place, of: Quantity) -> Option<String> {
    let sources = side.map.get("sources")?.get(place.key())?;
    let file = json::dig(sources, &[of.name(), "file"]);
    file.and_then(Value::as_str).map(str::to_owned)
}
