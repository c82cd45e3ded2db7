//! The one configuration of the engine, and the one place that trusts compiled code.

use std::time::Duration;
use wasmtime::Result;
use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{Config, Engine};

/// How often the watchdog looks.
pub const TICK: Duration = Duration::from_millis(50);

/// The engine that compiles and the engine that runs must be configured alike, or the compiled code is refused.
pub fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    // The world has no async export, so the structures for concurrent calls would only cost time.
    config.concurrency_support(false);
    // A trap is told by its kind; where in the machine code it happened would be an eighth of what is loaded.
    config.generate_address_map(false);
    config.wasm_backtrace_max_frames(None);
    config.native_unwind_info(false);
    // Without a target the features of the building processor would be required of every other one.
    if let Some(target) = target() {
        config.target(target)?;
    }
    Engine::new(&config).context("cannot set up the WebAssembly engine")
}

fn target() -> Option<&'static str> {
    match (std::env::consts::ARCH, std::env::consts::OS) {
        ("x86_64", "linux") => Some("x86_64-unknown-linux-gnu"),
        ("aarch64", "linux") => Some("aarch64-unknown-linux-gnu"),
        ("x86_64", "macos") => Some("x86_64-apple-darwin"),
        ("aarch64", "macos") => Some("aarch64-apple-darwin"),
        _ => None,
    }
}

/// Compiles a component ahead of time.
pub fn precompile(component: &[u8]) -> Result<Vec<u8>> {
    engine()?
        .precompile_component(component)
        .context("cannot compile the component")
}

/// Loads the compiled form if it fits this engine, else compiles the component.
///
/// `compiled` must come from [`precompile`]: the `perfbridge` binary embeds both, made in one build.
pub fn load(engine: &Engine, component: &[u8], compiled: &[u8]) -> Result<Component> {
    if let Some(component) = trust(engine, compiled) {
        return Ok(component);
    }
    Component::new(engine, component).context("cannot compile the component")
}

/// The only unsafe code of the host.
#[allow(unsafe_code, reason = "see the Safety comment")]
fn trust(engine: &Engine, compiled: &[u8]) -> Option<Component> {
    if compiled.is_empty() {
        return None;
    }
    // SAFETY: `deserialize` runs whatever machine code it is given, so the bytes must be those that
    // `precompile` made. They are part of this executable, embedded at build time by the same build
    // that made the component; whoever can change them can change the executable itself. Bytes of
    // another engine version or configuration are refused by the header check and compiled anew.
    unsafe { Component::deserialize(engine, compiled) }.ok()
}
