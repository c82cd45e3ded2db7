//! The numbers of one place, and what else is known of its measurement.

use crate::measure::{Load, Name, Place, Quantity};
use crate::run::{FirstWave, Origin};
use serde_json::Value;
use std::collections::BTreeMap;

/// A rate of which less was sent was not reached.
const REACHED: f64 = 0.95;

/// One place.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// By name; null is absent.
    pub numbers: BTreeMap<Name, f64>,
    /// How many requests a statistic rests on, where the tool says so.
    pub samples: BTreeMap<Quantity, f64>,
    /// By how much a number can be more or less, of which few digits were printed.
    pub rounding: BTreeMap<Quantity, f64>,
    /// How load was put on the server.
    pub load: Option<Load>,
    /// Which run of the tool it is of. In a document of several trials each has its own, in
    /// [`super::Document::origins`], and here is what they share.
    pub origin: Origin,
    /// What the tool says against this result, each as `NAME: VALUE`; what follows from a name says
    /// [`crate::measure::validity`].
    pub validity: Vec<String>,
    /// The SLOs that its goodput counts by, in the form of [`crate::measure::slo`]; null where nobody stated them.
    pub slo: Value,
    /// The first requests against the rest, where per-request records were read. Of several trials: the first
    /// trial that has it.
    pub first_wave: Option<FirstWave>,
    /// A finding of the document says that its rate was not reached, in one of its runs at least.
    pub rate_missed: bool,
}

/// By how much the achieved rate may fall short of the offered one.
const RATE_SHORT: f64 = 0.05;

/// A rate of sending of a pattern of arrivals that is drawn at random may fall short by so many of its standard
/// deviations: 5 % of the runs that keep their rate do so by more.
const CHANCE: f64 = 1.645;

/// How far below the offered rate chance alone can bring so many requests of a burstiness, as a share.
pub(super) fn chance(requests: f64, burstiness: f64) -> f64 {
    if requests * burstiness > 0.0 {
        CHANCE / (requests * burstiness).sqrt()
    } else {
        0.0
    }
}

/// Whether such a share of an offered rate is short of it.
pub(super) fn is_short(share: f64, chance: f64) -> bool {
    1.0 - share > RATE_SHORT.max(chance) + 1e-9
}

impl Cell {
    /// A number that was measured.
    pub fn get(&self, quantity: Quantity) -> Option<f64> {
        self.numbers.get(&Name::Of(quantity)).copied()
    }

    /// A number that was measured, or the error rate.
    pub fn number(&self, name: &Name) -> Option<f64> {
        match name {
            Name::Of(Quantity::ErrorRate) => self.error_rate(),
            name => self.numbers.get(name).copied(),
        }
    }

    /// Requests that succeeded, where both numbers are known.
    pub fn succeeded(&self) -> Option<f64> {
        Some(self.get(Quantity::Requests)? - self.get(Quantity::Errors)?)
    }

    /// Planned requests that never ended, neither well nor with an error nor by an order to cancel them.
    pub fn never_ended(&self) -> Option<f64> {
        let cancelled = self.get(Quantity::Cancelled).unwrap_or_default();
        let ended = self.get(Quantity::Requests)? + cancelled;
        Some((self.get(Quantity::RequestsPlanned)? - ended).max(0.0))
    }

    /// Requests that failed or never ended; null where requests or errors are not counted.
    pub fn failed(&self) -> Option<f64> {
        self.get(Quantity::Requests)?;
        Some(self.get(Quantity::Errors)? + self.never_ended().unwrap_or_default())
    }

    /// All requests that were to end: those that were planned, without the ones that the operator ordered to be
    /// cancelled, or all that did where these are more.
    pub fn expected(&self) -> Option<f64> {
        let ended = self.get(Quantity::Requests)?;
        let expected = ended + self.never_ended().unwrap_or_default();
        Some(expected).filter(|expected| *expected > 0.0)
    }

    /// The share of requests that failed or never ended; null where they are not counted, or none was sent.
    pub fn error_rate(&self) -> Option<f64> {
        Some(self.failed()? / self.expected()?)
    }

    /// Whether a rate was kept: at least 95 % of it over the time in which requests were sent. Where nobody measured
    /// that, so many requests a second as a rate and a mean latency let one expect over the whole phase.
    pub fn reaches_rate(&self, place: Place) -> Option<bool> {
        let offered = place.rate()?.per_second();
        let sent = self.get(Quantity::SentRate).or_else(|| {
            let ended = self.get(Quantity::Requests).filter(|ended| *ended > 0.0)?;
            let mean = self.get(Quantity::RequestLatencyMean);
            let latency = mean.or_else(|| self.get(Quantity::RequestLatencyP50))?;
            let whole_phase = ended / (ended / offered + latency / 1e3);
            Some(offered * self.get(Quantity::RequestRate)? / whole_phase)
        })?;
        Some(sent >= REACHED * offered * (1.0 - 1e-9))
    }
}
