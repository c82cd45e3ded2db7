//! What the client saw at each place, for the server's counts to be held against.

use super::levels::Levels;
use crate::measure::definition::OUTPUT_TOKENS;
use crate::measure::{Definition, Place, Quantity};
use crate::order::Keyed as _;
use crate::run::Planned;
use crate::server::{self, Load};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What the client saw at a place, whose numbers are `values`. Tokens are the mean length times the requests that
/// succeeded; else throughput by time.
pub(super) fn of(
    place: Place,
    levels: &Levels<'_>,
    values: &Map<String, Value>,
    seconds: Option<f64>,
) -> Load {
    let of = |quantity: Quantity| values.get(quantity.name())?.as_f64();
    let length = of(Quantity::OslMean);
    let failed = of(Quantity::Errors);
    let succeeded = of(Quantity::Requests)
        .zip(failed)
        .map(|(all, failed)| all - failed);
    let by_length = succeeded.zip(length).map(|(count, length)| count * length);
    let by_time = || {
        let pair = of(Quantity::Throughput).zip(seconds);
        pair.map(|(throughput, seconds)| throughput * seconds)
    };
    let tokens_of = |count: f64| match length {
        _ if count == 0.0 => 0.0,
        Some(length) => count * length,
        None => f64::INFINITY,
    };
    let counts = |what| counts(what, place, levels);
    let cancelled = of(Quantity::Cancelled).unwrap_or(0.0);
    // Those that were cancelled by order are none of the requests that ended.
    let never_ended = of(Quantity::RequestsPlanned)
        .zip(of(Quantity::Requests))
        .map_or(0.0, |(planned, ended)| {
            (planned - ended - cancelled).max(0.0)
        });
    let in_flight = if is_timed(place, levels) {
        let by_rate = || Some(of(Quantity::RequestRate)? * of(Quantity::RequestLatencyMean)? / 1e3);
        let concurrency = place.concurrency().map(f64::from);
        concurrency.or_else(by_rate).unwrap_or(0.0)
    } else {
        0.0
    };
    let unseen = cancelled + never_ended + in_flight;
    let lost = failed.map_or(unseen, |failed| failed + unseen);
    Load {
        place,
        folders: own_folders(place, levels),
        seconds,
        received: by_length
            .or_else(by_time)
            .filter(|_| !counts(Definition::Chunks)),
        recounted: succeeded.filter(|_| !counts(Definition::ServerUsage)),
        failed: (failed.is_some() || lost > 0.0).then(|| tokens_of(lost)),
    }
}

/// A phase that a time ends leaves requests under way, of which the server had generated tokens.
fn is_timed(place: Place, levels: &Levels<'_>) -> bool {
    let mut results = levels.get(&place).into_iter().flatten();
    results.any(|result| matches!(result.planned, Some(Planned::Seconds(_))))
}

/// Whether a result of the place counts its output that way. Chunks are no tokens: with speculative decoding one holds
/// several.
fn counts(what: Definition, place: Place, levels: &Levels<'_>) -> bool {
    let mut results = levels.get(&place).into_iter().flatten();
    results.any(|result| result.definitions.contains(&(OUTPUT_TOKENS, what)))
}

/// The folders that hold results of a place and of no other.
fn own_folders(place: Place, levels: &Levels<'_>) -> Vec<String> {
    let folders = |place: &Place| -> BTreeSet<&str> {
        let results = levels.get(place).into_iter().flatten();
        let own = results.filter(|result| !result.format.of_many_levels);
        own.map(|result| server::home(&result.file)).into_set()
    };
    let others: BTreeSet<&str> = levels
        .keys()
        .filter(|other| **other != place)
        .flat_map(folders)
        .into_set();
    let own = folders(&place);
    let own = own.difference(&others);
    own.map(|folder| (*folder).to_owned()).collect()
}
