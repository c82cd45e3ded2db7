//! The numbers of one place, and what else is known of its measurement.

use crate::measure::{Load, Name, Quantity};
use crate::run::{FirstWave, Origin};
use std::collections::BTreeMap;

/// One place.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// By name; null is absent.
    pub numbers: BTreeMap<Name, f64>,
    /// How many requests a statistic rests on, where the tool says so.
    pub samples: BTreeMap<Quantity, f64>,
    /// How load was put on the server.
    pub load: Option<Load>,
    /// Which run of the tool it is of. In a document of several trials each has its own, in
    /// [`super::Document::origins`], and here is what they share.
    pub origin: Origin,
    /// What the tool says against this result, each as `NAME: VALUE`; what follows from a name says
    /// [`crate::measure::validity`].
    pub validity: Vec<String>,
    /// The first requests against the rest, where per-request records were read. Of several trials: the first
    /// trial that has it.
    pub first_wave: Option<FirstWave>,
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

    /// Failed over all requests; null without requests.
    pub fn error_rate(&self) -> Option<f64> {
        let requests = self
            .get(Quantity::Requests)
            .filter(|requests| *requests > 0.0)?;
        Some(self.get(Quantity::Errors)? / requests)
    }
}
