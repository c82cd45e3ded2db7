//! What is measured: the quantities that tools state, the judged metrics among them, where each number
//! stands, and how it is written.

pub mod band;
pub mod definition;
pub mod eval;
pub mod headline;
pub mod level;
pub mod load;
pub mod metrics;
pub mod number;
pub mod place;
pub mod quantity;
pub mod rate;
pub mod shown;
pub mod slo;
pub mod unit;
pub mod validity;

#[cfg(test)]
mod tests;

pub use definition::{Definition, Topic};
pub use load::{Load, LoadKind};
pub use metrics::{METRICS, Metric};
pub use number::{Name, Number};
pub use place::Place;
pub use quantity::{Quantity, Sampled};
pub use rate::Rate;
pub use unit::Unit;
