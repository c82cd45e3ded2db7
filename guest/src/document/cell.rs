//! The numbers of one place.

use crate::measure::{Name, Quantity};
use std::collections::BTreeMap;

/// The numbers of one place.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// By name; null is absent.
    pub numbers: BTreeMap<Name, f64>,
    /// How many requests a statistic rests on, where the tool says so.
    pub samples: BTreeMap<Quantity, f64>,
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

    /// Failed over all requests; null without requests.
    pub fn error_rate(&self) -> Option<f64> {
        let requests = self
            .get(Quantity::Requests)
            .filter(|requests| *requests > 0.0)?;
        Some(self.get(Quantity::Errors)? / requests)
    }
}
