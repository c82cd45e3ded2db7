//! Command lines read by the rules of Python's `argparse`.
//!
//! The reference server hands the argument list of a tool call to `argparse`, and clients see its rules and its
//! messages: unique prefixes, `--option=value`, negative numbers as values, the text of a usage error.

mod help;
mod parser;
mod spec;

pub use parser::{Outcome, Parsed, parse};
pub use spec::{CommandSpec, Kind, OptionSpec, Program};
