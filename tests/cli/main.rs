//! The command line as a program meets it.

mod diffing;
mod errors;
mod help;
mod kill;
mod multirun;
mod planning;
mod registry;
mod schemas;
mod servers;
mod streams;
mod support;
mod terminal;
