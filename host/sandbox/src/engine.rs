//! The one configuration of the engine, and how compiled code is laid out and loaded.

use super::slim::without_symbols;
use super::trust;
pub use super::trust::Carried;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec;
use std::borrow::Cow;
use wasmtime::Result;
use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{Config, Engine, Memory, MemoryType, Store};

/// Where the compiled form of a component is.
#[derive(Clone, Copy)]
pub enum Compiled<'a> {
    /// In the binary, where it can be executed as it stands: nothing is copied, and only what is executed is read.
    Carried(&'static Carried<[u8]>),
    /// Anywhere; it is copied.
    Elsewhere(&'a [u8]),
}

impl Compiled<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Compiled::Carried(carried) => &carried.0,
            Compiled::Elsewhere(bytes) => bytes,
        }
    }
}

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
fn config(layout: Layout) -> Result<Config> {
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
    Ok(config)
}

fn engine(layout: Layout) -> Result<Engine> {
    started(&config(layout)?)
}

fn started(config: &Config) -> Result<Engine> {
    Engine::new(config).context("cannot set up the WebAssembly engine")
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

/// Compiles a component ahead of time, for both layouts: the roomy form, the tight one deflated, since few processes want
/// it, and the length of the first as eight bytes. The roomy form comes first, so that it stands where the whole does.
pub fn precompile(component: &[u8]) -> Result<Vec<u8>> {
    let [roomy, tight] = [Layout::Roomy, Layout::Tight].map(|layout| {
        engine(layout)?
            .precompile_component(component)
            .context("cannot compile the component")
            .map(without_symbols)
    });
    let (roomy, tight) = (roomy?, compress_to_vec(&tight?, DEFLATE_LEVEL));
    Ok([&roomy, &tight, &(roomy.len() as u64).to_le_bytes()[..]].concat())
}

/// The form of that layout in what [`precompile`] made; empty if it is something else.
fn form(compiled: &[u8], layout: Layout) -> Cow<'_, [u8]> {
    let both = compiled.split_last_chunk().and_then(|(forms, length)| {
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
    component: &dyn Fn() -> Cow<'a, [u8]>,
    compiled: Compiled<'_>,
) -> Result<(Engine, Component)> {
    let mut layout = Layout::Roomy;
    let mut engine = match compiled {
        Compiled::Carried(_) => started(trust::in_place(&mut config(layout)?))?,
        Compiled::Elsewhere(_) => self::engine(layout)?,
    };
    // Room for two operations: one would do, but the rest of the process needs some too.
    if try_memories(&engine, 2, 0).is_err() {
        layout = Layout::Tight;
        engine = self::engine(layout)?;
        try_memories(&engine, 1, LEAST_FREE)?;
    }
    if let (Compiled::Carried(carried), Layout::Roomy) = (compiled, layout) {
        if let Cow::Borrowed(form) = form(&carried.0, layout)
            && let Ok(component) = trust::component_in_place(&engine, form)
        {
            return Ok((engine, component));
        }
        engine = self::engine(layout)?;
    }
    let component = match trust::component(&engine, &form(compiled.bytes(), layout))? {
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
