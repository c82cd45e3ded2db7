//! The one configuration of the engine, and the one place that trusts compiled code.

use super::refusal::is_refusal;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec;
use std::borrow::Cow;
use wasmtime::Result;
use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{Config, Engine, Memory, MemoryType, Store};

/// How the memory of the component lies in the address space of the process.
///
/// Code is compiled for one of them. Both forms are in the binary: with that of [`Layout::Tight`] alone, every access of
/// the component would be checked, also where nothing bounds the address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// All that the component could name is reserved, 4 GiB, so that what is out of bounds is a page that is not
    /// there and no access has to be checked.
    Roomy,
    /// Little more is reserved than is used, and each access is checked. For processes whose address space is bounded
    /// (`ulimit -v`), as shared runners do.
    Tight,
}

/// What is reserved at first in [`Layout::Tight`]: more than any bundle of the corpus needs, so that memory seldom moves.
const TIGHT_RESERVATION: u64 = 32 << 20;

/// 1 to 10; beyond 6 little is gained.
const DEFLATE_LEVEL: u8 = 6;

/// The engine that compiles and the engine that runs must be configured alike, or the compiled code is refused.
fn engine(layout: Layout) -> Result<Engine> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    // The world has no async export, so the structures for concurrent calls would only cost time.
    config.concurrency_support(false);
    // A trap is told by its kind; where in the machine code it happened would be an eighth of what is loaded.
    config.generate_address_map(false);
    config.wasm_backtrace_max_frames(None);
    config.native_unwind_info(false);
    if layout == Layout::Tight {
        config.memory_reservation(TIGHT_RESERVATION);
        config.memory_reservation_for_growth(TIGHT_RESERVATION);
        config.memory_guard_size(64 << 10);
        config.guard_before_linear_memory(false);
    }
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

/// Compiles a component ahead of time, for both layouts: the length of the roomy form as eight bytes, that form, and
/// the tight one deflated, since few processes want it.
pub fn precompile(component: &[u8]) -> Result<Vec<u8>> {
    let [roomy, tight] = [Layout::Roomy, Layout::Tight].map(|layout| {
        engine(layout)?
            .precompile_component(component)
            .context("cannot compile the component")
    });
    let (roomy, tight) = (roomy?, compress_to_vec(&tight?, DEFLATE_LEVEL));
    Ok([&(roomy.len() as u64).to_le_bytes()[..], &roomy, &tight].concat())
}

/// The form of that layout in what [`precompile`] made; empty if it is something else.
fn form(compiled: &[u8], layout: Layout) -> Cow<'_, [u8]> {
    let both = compiled.split_first_chunk().and_then(|(length, forms)| {
        forms.split_at_checked(u64::from_le_bytes(*length).try_into().ok()?)
    });
    match (both, layout) {
        (Some((roomy, _)), Layout::Roomy) => roomy.into(),
        (Some((_, tight)), Layout::Tight) => decompress_to_vec(tight).unwrap_or_default().into(),
        (None, _) => Cow::default(),
    }
}

/// What has to be free before anything is loaded: the compiled form, the first memory of the component, the stack of
/// the watchdog, and what the command itself allocates, where want of memory would end the process without a word.
const LEAST_FREE: u64 = 96 << 20;

/// Loads the compiled form if it fits this engine, else compiles the component. The layout is the roomy one where the
/// system allows it.
///
/// `compiled` must come from [`precompile`]: the `perfbridge` binary embeds both, made in one build. `component` is asked
/// only where it does not fit.
pub fn load<'a>(
    component: impl FnOnce() -> Cow<'a, [u8]>,
    compiled: &[u8],
) -> Result<(Engine, Component)> {
    let mut layout = Layout::Roomy;
    let mut engine = self::engine(layout)?;
    // Room for two operations: one would do, but the rest of the process needs some too.
    if try_memories(&engine, 2, 0).is_err() {
        layout = Layout::Tight;
        engine = self::engine(layout)?;
        try_memories(&engine, 1, LEAST_FREE)?;
    }
    let component = match trust(&engine, &form(compiled, layout))? {
        Some(component) => component,
        None => Component::new(&engine, component()).context("cannot compile the component")?,
    };
    Ok((engine, component))
}

/// Whether the system gives that many memories of a component, each of that size. Tried, because a bound has many names
/// (`ulimit -v`, the settings of a container or of the kernel).
fn try_memories(engine: &Engine, count: usize, bytes: u64) -> Result<()> {
    let mut store = Store::new(engine, ());
    for _ in 0..count {
        Memory::new(&mut store, MemoryType::new((bytes >> 16) as u32, None))?;
    }
    Ok(())
}

/// The only unsafe code of the host.
#[allow(unsafe_code, reason = "see the Safety comment")]
fn trust(engine: &Engine, compiled: &[u8]) -> Result<Option<Component>> {
    if compiled.is_empty() {
        return Ok(None);
    }
    // SAFETY: `deserialize` runs whatever machine code it is given, so the bytes must be those that
    // `precompile` made. They are part of this executable, embedded at build time by the same build
    // that made the component; whoever can change them can change the executable itself. Bytes of
    // another engine version or configuration are refused by the header check and compiled anew.
    match unsafe { Component::deserialize(engine, compiled) } {
        Ok(component) => Ok(Some(component)),
        // Compiling would want more still.
        Err(error) if is_refusal(&error) => Err(error),
        Err(_) => Ok(None),
    }
}
