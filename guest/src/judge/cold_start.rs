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

/// A cold start of one side alone, at each common place.
pub fn findings(baseline: &Document, current: &Document) -> Vec<Finding> {
    let of_place = |(place, cells): (Place, [&Cell; 2])| {
        let cold = cells.map(|cell| cell.first_wave.as_ref().is_some_and(is_cold));
        let at = match cold {
            [true, false] => 0,
            [false, true] => 1,
            _ => return None,
        };
        let wave = cells[at].first_wave.as_ref()?;
        let message = words(place, at, wave) + &share(cells, at).unwrap_or_default();
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

/// Mean latency, or where nobody measured it the mean TTFT.
fn mean(part: &Part) -> Option<f64> {
    part.latency_mean.or(part.ttft_mean)
}

fn is_cold(wave: &FirstWave) -> bool {
    let slower = |first: Option<f64>, rest: Option<f64>| match (first, rest) {
        (Some(first), Some(rest)) => rest > 0.0 && first > SLOWER * rest,
        _ => false,
    };
    let (first, rest) = (&wave.first, &wave.rest);
    slower(mean(first), mean(rest)) || slower(first.ttft_mean, rest.ttft_mean)
}

fn words(place: Place, at: usize, wave: &FirstWave) -> String {
    let ms = |value: Option<f64>| value.map_or("unknown".to_owned(), |ms| format!("{ms:.1} ms"));
    format!(
        "at {} the first {} requests of the {} took {} on average, the other {} took {}",
        place.words(),
        wave.first.requests,
        SIDES[at],
        ms(mean(&wave.first)),
        wave.rest.requests,
        ms(mean(&wave.rest))
    )
}

/// By how much the first requests raise the mean of all, and that mean.
fn raised(wave: &FirstWave) -> Option<(f64, f64)> {
    let (first, rest) = (mean(&wave.first)?, mean(&wave.rest)?);
    let all = (wave.first.requests + wave.rest.requests) as f64;
    let part = wave.first.requests as f64 / all;
    Some((part * (first - rest), part * first + (1.0 - part) * rest))
}

/// The share of the difference in mean latency that the first requests are.
fn share(cells: [&Cell; 2], at: usize) -> Option<String> {
    let of = |at: usize| raised(cells[at].first_wave.as_ref()?);
    let (by_this, mean_this) = of(at)?;
    let (by_other, mean_other) = of(1 - at)?;
    let slower = mean_this - mean_other;
    if slower <= 0.0 {
        return None;
    }
    let percent = (100.0 * (by_this - by_other) / slower).clamp(0.0, 100.0);
    Some(format!(
        ", which is {percent:.0} % of its loss in mean latency; without them it is {:.1} ms",
        mean_this - by_this
    ))
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
