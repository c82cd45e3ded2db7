//! A server that compiled or filled its caches while it was measured: as many requests as are in flight at once
//! are slow, and no more.

use super::reliability::SIDES;
use crate::document::{Cell, Document};
use crate::finding::{Finding, FindingCode};
use crate::measure::Place;
use crate::run::FirstWave;
use crate::run::first_wave::Part;

/// First requests this many times slower than the rest are a cold start.
const SLOWER: f64 = 1.5;

/// A smaller share of the loss than this explains nothing of it.
const LEAST_SHARE: f64 = 0.1;

/// A time of requests: what it is called, until when it lasts, its mean and its median in a part.
struct Time {
    name: &'static str,
    until: &'static str,
    mean: fn(&Part) -> Option<f64>,
    median: fn(&Part) -> Option<f64>,
}

/// The latency, which TTFT is a part of, first.
const TIMES: [Time; 2] = [
    Time {
        name: "latency",
        until: "",
        mean: |part| part.latency_mean,
        median: |part| part.latency_p50,
    },
    Time {
        name: "TTFT",
        until: "to their first token ",
        mean: |part| part.ttft_mean,
        median: |part| part.ttft_p50,
    },
];

/// A cold start of one side alone, at each common place.
pub fn findings(baseline: &Document, current: &Document) -> Vec<Finding> {
    let of_place = |(place, cells): (Place, [&Cell; 2])| {
        let [of_baseline, of_current] = cells.map(|cell| cold(cell.first_wave.as_ref()?));
        let (at, time) = match (of_baseline, of_current) {
            (Some(time), None) => (0, time),
            (None, Some(time)) => (1, time),
            _ => return None,
        };
        let wave = cells[at].first_wave.as_ref()?;
        let share = match share(cells, at, time) {
            Some((share, _)) if share < LEAST_SHARE => return None,
            Some((share, without)) => format!(
                ", which is {:.0} % of its loss in mean {}; without them it is {without:.1} ms",
                100.0 * share,
                time.name
            ),
            None => String::new(),
        };
        let message = words(place, at, wave, time) + &share;
        let warmup = warm_up(wave);
        Some(Finding::new(
            FindingCode::ColdStart,
            place,
            format!("{message}; {warmup}"),
        ))
    };
    baseline
        .common_cells(current)
        .filter_map(of_place)
        .collect()
}

/// The time by which the first requests were cold. A server that is cold is so for all that are in flight: where
/// their median is not slower a few of them were, which is a tail.
fn cold(wave: &FirstWave) -> Option<&'static Time> {
    let slower = |of: fn(&Part) -> Option<f64>| {
        let (first, rest) = (of(&wave.first)?, of(&wave.rest)?);
        Some(rest > 0.0 && first > SLOWER * rest)
    };
    let is_cold =
        |time: &&Time| slower(time.mean) == Some(true) && slower(time.median) != Some(false);
    TIMES.iter().find(is_cold)
}

fn words(place: Place, at: usize, wave: &FirstWave, time: &Time) -> String {
    let ms = |part| (time.mean)(part).map_or("unknown".to_owned(), |ms| format!("{ms:.1} ms"));
    format!(
        "at {} the first {} requests of the {} took {} {}on average, the other {} took {}",
        place.words(),
        wave.first.requests,
        SIDES[at],
        ms(&wave.first),
        time.until,
        wave.rest.requests,
        ms(&wave.rest)
    )
}

/// By how much the first requests raise the mean of all, and that mean.
fn raised(wave: &FirstWave, time: &Time) -> Option<(f64, f64)> {
    let (first, rest) = ((time.mean)(&wave.first)?, (time.mean)(&wave.rest)?);
    let all = (wave.first.requests + wave.rest.requests) as f64;
    let part = wave.first.requests as f64 / all;
    Some((part * (first - rest), part * first + (1.0 - part) * rest))
}

/// The share of the difference in the mean that the first requests are, and the mean without them.
fn share(cells: [&Cell; 2], at: usize, time: &Time) -> Option<(f64, f64)> {
    let of = |at: usize| raised(cells[at].first_wave.as_ref()?, time);
    let (by_this, mean_this) = of(at)?;
    let (by_other, mean_other) = of(1 - at)?;
    let slower = mean_this - mean_other;
    let share = ((by_this - by_other) / slower).clamp(0.0, 1.0);
    (slower > 0.0).then_some((share, mean_this - by_this))
}

fn warm_up(wave: &FirstWave) -> String {
    match wave.warmup_requests {
        Some(sent) if sent < wave.first.requests => {
            format!("the warm-up sent {sent} requests, fewer than the concurrency")
        }
        Some(sent) => format!("the warm-up sent {sent} requests"),
        None => "how many requests the warm-up sent is not known".to_owned(),
    }
}
