//! How the client deals with its server.

use super::guard::Guard;
use std::time::Duration;

/// How long it waits, and what becomes of the server.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// How long one answer may take.
    pub timeout: Duration,
    /// Ties the life of the server to ours; see [`Guard`].
    pub guard: Option<Guard>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            guard: None,
        }
    }
}
