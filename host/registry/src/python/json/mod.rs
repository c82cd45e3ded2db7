//! JSON as the reference server reads and writes it.
//!
//! Python's reader takes `NaN` and `Infinity`, keeps the last of two equal keys and has integers of any size;
//! its writer escapes everything outside ASCII and sorts keys by code point. `serde_json` does none of that, and
//! the files of the registry are compared byte by byte with those of the reference server.

mod dump;
mod parse;
mod value;

pub use dump::{line, pretty};
pub use parse::{ParseError, parse};
pub use value::{Value, dict};
