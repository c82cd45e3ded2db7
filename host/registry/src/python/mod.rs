//! What must be as Python does it.
//!
//! The files and the messages of the registry are compared byte for byte with those of the reference server, a Python
//! program. Nothing here knows anything about baselines.

pub mod argparse;
pub mod float;
pub mod json;
pub mod str;
