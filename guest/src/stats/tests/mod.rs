//! Expected values were made by numpy and scipy: `tests/data/stats/vectors.py` writes `vectors.json`.

mod behaviour;
mod comparisons;
mod cover;
mod gate;
mod past;
mod planning;
mod rules;
mod times;
mod vectors;
mod within;

use super::{Adverse, Cell, Evidence, Options, Tolerance, assess};
use serde_json::Value;

/// The committed vectors.
fn expected() -> Value {
    serde_json::from_str(include_str!("../../../../tests/data/stats/vectors.json")).unwrap()
}

/// A list of numbers.
fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

/// One throughput cell at c16, the headline.
fn headline(baseline: &[f64], current: &[f64], history: &[f64]) -> Cell<'static> {
    Cell {
        metric: "throughput_toks_per_s",
        level: "16",
        adverse: Adverse::Down,
        tolerance: Tolerance::Percent(3.0),
        baseline: some(baseline),
        current: some(current),
        history: some(history),
        headline: true,
    }
}

/// The evidence of one row alone.
fn only(cell: Cell) -> Evidence {
    assess(&[cell], &[], &Options::default()).remove(0)
}

/// Runs that all have a value.
fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

/// Fails unless `got` is `want` to `relative` or, near 0, to 1e-300.
#[track_caller]
fn close(got: f64, want: f64, relative: f64, what: &str) {
    let slack = relative * want.abs() + 1e-300;
    assert!(
        (got - want).abs() <= slack,
        "{what}: got {got:e}, scipy says {want:e}"
    );
}
