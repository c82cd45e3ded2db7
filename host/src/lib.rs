//! Everything that has authority: the sandbox, the registry on disk, the verbs, the command line.
//!
//! The host decides nothing about numbers. It opens directories, hands them read-only to the component,
//! and prints and stores what the component says.

pub mod sandbox;
