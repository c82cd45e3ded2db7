//! Records that are made as one before them, which most of a file are: they have the same keys in the same order.

use super::record::{METRICS, Record, Trouble, metric_at};
use crate::json::{Part, Scan, Shape};

/// Reads lines as [`Record::parse`] does, and those that are made as an earlier one in less time.
#[derive(Default)]
pub(super) struct Alike {
    /// The one that fitted last comes first.
    known: Vec<Known>,
    learned: usize,
}

struct Known {
    shape: Shape,
    /// Whether its records are of the measured phase.
    measured: bool,
}

/// Of each file there are mostly two: of requests that found a connection, and of those that made one.
const MOST_KNOWN: usize = 4;

/// Where no line is as another, learning ends.
const MOST_LEARNED: usize = 64;

/// The wanted values: three times, then the metrics in their order.
const TIMES: [&[u8]; 3] = [b"credit_issued_ns", b"request_start_ns", b"request_end_ns"];
const WANTED: usize = TIMES.len() + METRICS.len();

type Places = [(usize, usize); WANTED];

impl Alike {
    /// Reads one line.
    pub(super) fn parse(&mut self, line: &[u8]) -> Result<Record, Trouble> {
        let mut places = Places::default();
        let fits = |known: &Known| {
            places = Places::default();
            known.shape.read(line, &mut places)
        };
        if let Some(at) = self.known.iter().position(fits) {
            self.known[..=at].rotate_right(1);
            if let Some(record) = self.known[0].record(line, &places) {
                return Ok(record);
            }
        }
        let record = Record::parse(line)?;
        if !record.failed && self.learned < MOST_LEARNED {
            self.learned += 1;
            if let Some(known) = Known::learn(line, &record) {
                self.known.truncate(MOST_KNOWN - 1);
                self.known.insert(0, known);
            }
        }
        Ok(record)
    }
}

impl Known {
    /// Learns a line that was read. None where a wanted value stands in it twice, or without its unit.
    fn learn(line: &[u8], record: &Record) -> Option<Known> {
        let (mut values, mut units) = ([0_u8; WANTED], [0_u8; WANTED]);
        let shape = Shape::learn(line, |path| {
            let place = match path {
                [b"metadata", key] => TIMES.iter().position(|time| time == key),
                [b"metrics", key, _] => metric_at(key).map(|at| at + TIMES.len()),
                _ => None,
            };
            match (path, place) {
                ([b"metadata", b"benchmark_phase"] | [b"error"], _) => Part::Fixed,
                // What is null here may be an object elsewhere, and must not be anything else.
                ([_] | [b"metrics", _], _) => Part::Fixed,
                ([_, _] | [_, _, b"value"], Some(place)) => {
                    values[place] += 1;
                    Part::Wanted(place as u8)
                }
                ([_, _, b"unit"], Some(place)) => {
                    units[place] += 1;
                    Part::Fixed
                }
                _ => Part::Free,
            }
        })?;
        let once = |place: usize| values[place] <= 1 && units[place] <= 1;
        let has_unit = |place: usize| values[place] == units[place];
        let good = (0..WANTED).all(once) && (TIMES.len()..WANTED).all(has_unit);
        let measured = record.measured;
        good.then_some(Known { shape, measured })
    }

    /// The record of a line of this shape, by the places of its values; none where it has one that it cannot have.
    fn record(&self, line: &[u8], places: &Places) -> Option<Record> {
        let mut record = Record {
            measured: self.measured,
            ..Record::default()
        };
        let at = |place: usize| {
            let (start, end) = places[place];
            let known = end > start && &line[start..end] != b"null";
            known.then(|| Scan::from(line, start))
        };
        let time = |place: usize| at(place).map(|mut scan| scan.whole()).transpose();
        record.credit_ns = time(0).ok()?;
        record.start_ns = Some(time(1).ok()??);
        record.end_ns = Some(time(2).ok()??);
        for (place, metric) in record.metrics.iter_mut().enumerate() {
            if let Some(mut scan) = at(TIMES.len() + place) {
                *metric = Some(scan.number().ok().filter(|value| *value >= 0.0)?);
            }
        }
        Some(record)
    }
}

#[cfg(test)]
mod tests;
