//! Why an operation gave no value, in words.

use super::bindings::perfbridge::bridge::types::Fault;
use super::refusal::{is_refusal, why_refused};

/// Why an operation gave no value.
#[derive(Debug)]
pub enum Failure {
    /// The component says why it could not read or judge.
    Fault(Fault),
    /// It ran longer than it may.
    TooLong {
        /// The bound, in seconds.
        seconds: u64,
    },
    /// It wanted more memory than it may have.
    TooMuchMemory {
        /// The bound, in bytes.
        bytes: usize,
    },
    /// The system gave it no more memory, or none at all.
    MemoryRefused,
    /// It trapped, which is a bug of the component.
    Trap(anyhow::Error),
    /// It is no component that this host can run.
    NotLoaded(anyhow::Error),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Fault(fault) => match &fault.where_ {
                Some(place) => write!(f, "{place}: {}", fault.message),
                None => f.write_str(&fault.message),
            },
            Failure::TooLong { seconds } => write!(
                f,
                "reading took longer than {seconds} s and was stopped. Raise the bound with --timeout SECONDS"
            ),
            Failure::TooMuchMemory { bytes } => write!(
                f,
                "reading wanted more than {} MiB of memory and was stopped. Raise the bound with --memory MIB",
                bytes / (1024 * 1024)
            ),
            Failure::MemoryRefused => write!(
                f,
                "not enough memory: the system refused the component what it needs. {}",
                why_refused()
            ),
            Failure::Trap(error) => write!(f, "the component trapped, which is a bug: {error:#}"),
            Failure::NotLoaded(error) => write!(f, "cannot load the component: {error:#}"),
        }
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// Why the component cannot be loaded.
    pub(super) fn of_loading(error: wasmtime::Error) -> Self {
        if is_refusal(&error) {
            return Failure::MemoryRefused;
        }
        Failure::NotLoaded(anyhow::anyhow!("{error:?}"))
    }
}
