//! The document `inference_perfbench_v1`: one run, whole, in one JSON object.
//!
//! [`build()`] makes one from a [`crate::run::Run`], [`Document::parse`] reads one. Unknown fields are kept.

pub(crate) mod arm;
pub mod build;
pub mod ceiling;
mod cell;
mod conditions;
mod content;
mod context;
pub(crate) mod copies;
mod definitions;
pub mod evals;
mod facts;
mod levels;
mod load;
mod mirror;
mod origins;
mod parse;
mod reader;
pub mod samples;
mod sections;
mod trial_runs;
pub mod trials;

pub use build::{Options, build};
pub use cell::Cell;
pub(crate) use content::to_json;
pub use content::{Document, Numbers, SAMPLES, SCHEMA, definitions_of};
pub use origins::Origins;
