//! Perfbridge's judgement: reads what an LLM serving benchmark left on disk, turns it into one
//! document, and judges a run against a baseline.
//!
//! Data flows one way: bytes -> [`sources`] -> [`run::Run`] -> document -> judgement -> text.
//! The library is pure: it reads only the [`files::Tree`] it is given, and knows no clock, no
//! environment and no randomness.

#![deny(missing_docs)]

pub mod fault;
pub mod files;
pub mod finding;
pub mod json;
pub mod profile;
pub mod run;
pub mod server;
pub mod sources;
pub mod text;
