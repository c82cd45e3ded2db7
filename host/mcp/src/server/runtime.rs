//! What both transports stand on.

use std::io;

/// How a server presents itself.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// The verbs refuse `record`. This only says so to clients; the refusal itself is in the grants of the registry.
    pub read_only: bool,
}

/// A runtime of one thread for the protocol, with verbs on threads of their own beside it.
///
/// Verbs block on files, and the sandbox may only be entered from a thread that is allowed to block. One thread is
/// enough for the protocol and starts faster than a pool.
///
/// # Errors
/// The system gives no means to wait for sockets.
pub fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(16)
        .build()
}
