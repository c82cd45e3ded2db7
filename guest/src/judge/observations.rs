//! What counts for rules that count: rows that tell of one thing are one observation.

use super::row::{Row, beyond};
use super::status::Status;
use crate::finding::{Finding, FindingCode, Where};
use crate::measure::Place;
use crate::measure::metrics::Family;
use crate::order::Keyed as _;
use std::collections::BTreeSet;

/// Beyond so many default tolerances a loss is severe at one place alone.
const SEVERE: f64 = 5.0;

/// Regressed rows as observations.
#[derive(Debug, Default)]
pub struct Observations<'a> {
    /// Of levels, server and errors: ITL and tok/s/user of one place are one, the decode speed.
    pub counted: Vec<&'a Row>,
    /// Of the profile, which are evidence of a cause: together one, and never towards RED.
    pub profile: Vec<&'a Row>,
}

impl<'a> Observations<'a> {
    /// The observations of all regressed rows.
    pub fn of(rows: &'a [Row]) -> Self {
        let mut observations = Observations::default();
        let mut decode: BTreeSet<Place> = BTreeSet::new();
        for row in rows.iter().filter(|row| row.status == Status::Regressed) {
            let place = row.number.place;
            match family(row) {
                _ if place == Place::Profile => observations.profile.push(row),
                Family::Decode if !decode.insert(place) => {}
                _ => observations.counted.push(row),
            }
        }
        observations
    }

    /// How many there are, the profile as one.
    pub fn count(&self) -> usize {
        self.counted.len() + usize::from(!self.profile.is_empty())
    }

    /// The one place that all counted ones are of.
    pub fn place(&self) -> Option<Place> {
        let places: BTreeSet<Place> = self.counted.iter().map(|row| row.number.place).into_set();
        places.first().copied().filter(|_| places.len() == 1)
    }

    /// All rows, the profile's last.
    pub fn rows(&self) -> impl Iterator<Item = &&'a Row> {
        self.counted.iter().chain(&self.profile)
    }
}

/// The family of a row, with the two numbers of decode speed as one.
fn family(row: &Row) -> Family {
    match row.metric.family {
        Family::UserSpeed => Family::Decode,
        family => family,
    }
}

/// What is severe at some place: throughput, or two of the three families of latencies.
pub fn severe<'a>(rows: &'a [Row], findings: &[Finding]) -> Option<Vec<&'a Row>> {
    let is_carried = |row: &Row| {
        let low = findings
            .iter()
            .filter(|finding| finding.code == FindingCode::LowSamples);
        let of_row = |finding: &Finding| matches!(&finding.place, Where::Number(number) if *number == row.number);
        !low.into_iter().any(of_row)
    };
    let is_severe = |row: &&Row| {
        let most = SEVERE * row.metric.default_tolerance();
        let far = row.adverse().is_some_and(|adverse| beyond(adverse, most));
        row.status == Status::Regressed && row.metric.is_performance() && far && is_carried(row)
    };
    let severe: Vec<&Row> = rows.iter().filter(is_severe).collect();
    let places: BTreeSet<Place> = severe.iter().map(|row| row.number.place).into_set();
    places.into_iter().find_map(|place| {
        let here: Vec<&Row> = severe
            .iter()
            .filter(|row| row.number.place == place)
            .copied()
            .collect();
        let mut families: Vec<Family> = Vec::new();
        for row in &here {
            if !families.contains(&family(row)) {
                families.push(family(row));
            }
        }
        let throughput = families.contains(&Family::Throughput);
        (throughput || families.len() >= 2).then_some(here)
    })
}
