//! When runs were made: their order, how far apart the two sides are, and how old the baseline is.

use crate::document::{Document, Origins};
use crate::order::Ordered as _;
use crate::stats::clock::Start;
use crate::stats::pairs::nearest;

/// Sides whose nearest runs are further apart are two sessions, seconds.
const SESSION: f64 = 3600.0;
/// Two times of which one has no zone are in order only when they are further apart: zones reach from UTC-12 to UTC+14.
const ZONES: f64 = 26.0 * 3600.0;
const DAY: f64 = 86_400.0;

/// When the runs of a document began, each as a whole.
pub fn starts(document: &Document) -> Vec<Option<Start>> {
    let start = |run: &Origins| run.whole.start.as_deref().and_then(Start::parse);
    document.origins.iter().map(start).collect()
}

/// When each result of a document began: of every run, every place.
fn results(document: &Document) -> Vec<Option<Start>> {
    let of_run = |run: &Origins| -> Vec<Option<Start>> {
        let places = run.places.values().map(|place| place.start.as_deref());
        let mut all: Vec<Option<&str>> = places.collect();
        all.push(run.whole.start.as_deref());
        all.into_iter()
            .map(|text| text.and_then(Start::parse))
            .collect()
    };
    document.origins.iter().flat_map(of_run).collect()
}

/// Puts documents in the order in which they were made, where each says when and all say it in the same way; else they
/// stay as they are. Of two that were made together the one with the lesser hash comes first.
pub fn in_order(documents: &mut [&Document]) {
    let first = |document: &Document| {
        let all: Option<Vec<Start>> = starts(document).into_iter().collect();
        all?.into_iter()
            .reduce(|a, b| if b.seconds < a.seconds { b } else { a })
    };
    let known: Option<Vec<Start>> = documents.iter().map(|it| first(it)).collect();
    let alike = |all: &Vec<Start>| all.iter().all(|start| start.zoned == all[0].zoned);
    let Some(starts) = known.filter(alike) else {
        return;
    };
    let mut order: Vec<(Start, &Document)> =
        starts.into_iter().zip(documents.iter().copied()).collect();
    order.order_by(|(a, of_a), (b, of_b)| {
        let by_hash = || hash(of_a).cmp(&hash(of_b));
        let by_text = || of_a.to_json().cmp(&of_b.to_json());
        a.seconds
            .total_cmp(&b.seconds)
            .then_with(by_hash)
            .then_with(by_text)
    });
    for (place, (_, document)) in documents.iter_mut().zip(order) {
        *place = document;
    }
}

fn hash(document: &Document) -> Option<&str> {
    document.provenance("bundle_sha256")?.as_str()
}

/// Hours between the nearest runs of the two sides, where that is more than one.
pub fn apart(baseline: &Document, current: &Document) -> Option<f64> {
    let seconds = nearest(&results(baseline), &results(current))?;
    (seconds > SESSION).then_some(seconds / 3600.0)
}

/// Hours by which every run of the baseline came after every current one. Times without a zone are believed only where
/// they are more than 26 hours apart.
pub fn newer_by(baseline: &Document, current: &Document) -> Option<f64> {
    let (baseline, current) = (all(baseline)?, all(current)?);
    let zoned = baseline.zoned && current.zoned;
    let after = baseline.first - current.last;
    (after > if zoned { 0.0 } else { ZONES }).then_some(after / 3600.0)
}

/// Days by which every run of the baseline came before every current one, where that is more than `most`.
pub fn older_by(baseline: &Document, current: &Document, most: f64) -> Option<f64> {
    let (baseline, current) = (all(baseline)?, all(current)?);
    let days = (current.first - baseline.last) / DAY;
    (days > most).then_some(days)
}

/// The first and the last start of the runs of a side, and whether all have a zone.
struct Span {
    first: f64,
    last: f64,
    zoned: bool,
}

/// `None` where a run does not say when it began.
fn all(document: &Document) -> Option<Span> {
    let starts: Option<Vec<Start>> = starts(document).into_iter().collect();
    let starts = starts?;
    let seconds = || starts.iter().map(|start| start.seconds);
    Some(Span {
        first: seconds().reduce(f64::min)?,
        last: seconds().reduce(f64::max)?,
        zoned: starts.iter().all(|start| start.zoned),
    })
}
