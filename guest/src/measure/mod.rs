//! What is measured: the quantities that tools state, the judged metrics among them, where each number
//! stands, and how it is written.

pub mod headline;
pub mod level;
pub mod metrics;
pub mod number;
pub mod quantity;

pub use quantity::{ItlDefinition, Quantity};
