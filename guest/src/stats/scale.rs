//! The scale on which a metric is tested: logarithms for percent tolerances, else its own.

use super::cell::{Adverse, Tolerance};
use crate::order::Ordered as _;

/// Smallest standard deviation believed on the log scale, 0.1 %: three equal values, rounded by the
/// tool that printed them, are no proof of a noiseless server.
const LEAST_LOG_STD: f64 = 1e-3;
/// The same for an absolute tolerance, as a part of it.
const LEAST_PART_OF_TOLERANCE: f64 = 0.02;

/// A value with its place among the runs of its arm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Index of the run.
    pub run: usize,
    /// The value on the scale of the test.
    pub value: f64,
}

impl Tolerance {
    /// A value on the scale of the test; `None` where it has no logarithm.
    pub fn scaled(self, value: f64) -> Option<f64> {
        match self {
            Tolerance::Absolute(_) => Some(value),
            Tolerance::Percent(_) => (value > 0.0).then(|| libm::log(value)),
        }
    }

    /// A change on the scale of the test in the tolerance's own unit: percent of the baseline, or the metric's.
    pub fn shown(self, change: f64) -> f64 {
        match self {
            Tolerance::Absolute(_) => change,
            Tolerance::Percent(_) => 100.0 * libm::expm1(change),
        }
    }

    /// Smallest variance believed, on the scale of the test.
    pub fn least_variance(self) -> f64 {
        let std = match self {
            Tolerance::Percent(_) => LEAST_LOG_STD,
            Tolerance::Absolute(allowed) => LEAST_PART_OF_TOLERANCE * allowed,
        };
        std * std
    }

    /// A standard deviation on the scale of the test as it is shown: percent, or the metric's unit.
    pub fn shown_std(self, std: f64) -> f64 {
        match self {
            Tolerance::Percent(_) => 100.0 * std,
            Tolerance::Absolute(_) => std,
        }
    }

    /// A worsening by `effect > 0` on the scale of the test, as a positive percentage of the baseline or
    /// in the metric's unit. On the log scale a fall never reaches 100 %.
    pub fn worsening(self, adverse: Adverse, effect: f64) -> f64 {
        match (self, adverse) {
            (Tolerance::Absolute(_), _) => effect,
            (Tolerance::Percent(_), Adverse::Up) => 100.0 * libm::expm1(effect),
            (Tolerance::Percent(_), Adverse::Down) => -100.0 * libm::expm1(-effect),
        }
    }

    /// The allowed worsening as a positive effect on the scale of the test; infinite where all may be lost.
    pub fn effect(self, adverse: Adverse) -> f64 {
        match (self, adverse) {
            (Tolerance::Absolute(allowed), _) => allowed,
            (Tolerance::Percent(allowed), Adverse::Up) => libm::log1p(0.01 * allowed),
            (Tolerance::Percent(allowed), Adverse::Down) if allowed < 100.0 => {
                -libm::log1p(-0.01 * allowed)
            }
            (Tolerance::Percent(_), Adverse::Down) => f64::INFINITY,
        }
    }
}

/// The values that an arm has, on the scale of the test, in ascending order: what is summed does not depend on the
/// order in which trials were given. `None` where one cannot be brought there.
pub fn placed(values: &[Option<f64>], tolerance: Tolerance) -> Option<Vec<Placed>> {
    let mut out = Vec::with_capacity(values.len());
    for (run, value) in values.iter().enumerate() {
        if let Some(value) = value {
            let value = tolerance.scaled(*value)?;
            out.push(Placed { run, value });
        }
    }
    out.order_by(|a, b| a.value.total_cmp(&b.value).then(a.run.cmp(&b.run)));
    Some(out)
}

/// The values alone.
pub fn values(placed: &[Placed]) -> Vec<f64> {
    placed.iter().map(|it| it.value).collect()
}

/// The values that the runs of an arm have, as they are.
pub fn present(values: &[Option<f64>]) -> Vec<f64> {
    values.iter().flatten().copied().collect()
}
