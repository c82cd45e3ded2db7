//! Everything that has authority: the sandbox, the registry on disk, the verbs, the command line.
//!
//! The host decides nothing about numbers. It opens directories, hands them read-only to the component,
//! and prints and stores what the component says.

mod advice;
pub mod arbiter;
pub mod artefacts;
pub mod bundle;
pub mod ceilings;
pub mod cli;
pub mod components;
pub mod error;
pub mod exit;
pub mod git_ref;
pub mod kept;
pub mod packed;
pub mod policy_file;
pub mod references;
pub mod registry;
pub mod report;
pub mod seal;
pub mod serve;
pub mod signature;

pub use perfbridge_sandbox as sandbox;
