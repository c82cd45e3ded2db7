//! The component as the binary carries it, loaded once for all tests of a process.

use perfbridge_host::sandbox::{Limits, Sandbox};
use std::sync::OnceLock;

/// The component.
pub const COMPONENT: &[u8] = include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.wasm"));
/// Its compiled form.
pub const COMPILED: &[u8] = include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.cwasm"));

/// The sandbox with the limits of the command line.
pub fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        Sandbox::new(COMPONENT, COMPILED, Limits::default()).expect("the component loads")
    })
}
