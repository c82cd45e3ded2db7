//! Perfbridge's judgement: reads what an LLM serving benchmark left on disk, turns it into one
//! document, and judges a run against a baseline.
//!
//! Data flows one way: bytes -> [`sources`] -> [`run::Run`] -> document -> judgement -> text.
//! The library is pure: it reads only the [`files::Tree`] it is given, and knows no clock, no
//! environment and no randomness.

#![deny(missing_docs)]

pub mod document;
pub mod fault;
pub mod fields;
pub mod files;
pub mod finding;
pub mod json;
pub mod judge;
pub mod measure;
pub mod order;
pub mod profile;
pub mod provenance;
pub mod render;
pub mod run;
pub mod secret;
pub mod server;
pub mod sources;
pub mod stats;
pub mod text;

#[cfg(target_arch = "wasm32")]
mod component;
