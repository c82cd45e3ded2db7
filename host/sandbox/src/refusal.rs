//! Want of memory: how it is told from other failures, and what to do about it.

use rustix::io::Errno;
use rustix::process::Resource;
use std::io::ErrorKind;

/// What loading the component and running it takes of the address space, with what a process of ours takes besides;
/// under test.
const LEAST_ADDRESS_SPACE: u64 = 256 << 20;

/// Whether the system refused memory, wherever in the chain of causes it says so.
pub(super) fn is_refusal(error: &wasmtime::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        cause.downcast_ref() == Some(&Errno::NOMEM)
            || io.is_some_and(|error| error.kind() == ErrorKind::OutOfMemory)
            || cause.is::<wasmtime::OutOfMemory>()
    })
}

/// What is known of why the system refused memory, and what to do about it.
pub(super) fn why_refused() -> String {
    match rustix::process::getrlimit(Resource::As).current {
        Some(bytes) => format!(
            "Found a bound of {} MiB on the address space of this process; expected {} MiB or more. Raise it (ulimit -v KIB, or the limits of the job)",
            bytes >> 20,
            LEAST_ADDRESS_SPACE >> 20
        ),
        None => "Found no bound on the address space of this process (ulimit -v), so the machine or the container is short of it. Give the job more memory".to_owned(),
    }
}
