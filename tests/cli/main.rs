//! The command line as a program meets it.

mod archives;
mod baselines;
mod diffing;
mod errors;
mod errors_inputs;
mod explain;
mod forms;
mod help;
mod inspecting;
mod kill;
mod listing;
mod multirun;
mod multirun_real;
mod plan;
mod planning;
mod policies;
mod profiles;
mod references;
mod registry;
mod schemas;
mod servers;
mod sides;
mod streams;
mod support;
mod surroundings;
mod terminal;
