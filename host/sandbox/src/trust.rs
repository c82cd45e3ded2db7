//! The one place that trusts compiled code, and the only unsafe code of the host.

#![allow(unsafe_code, reason = "see each Safety comment")]

use super::refusal::is_refusal;
use rustix::mm::{MprotectFlags, mprotect};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmtime::component::Component;
use wasmtime::{Config, CustomCodeMemory, Engine, Result};

/// Compiled code as the binary carries it: it begins where a page does, so that it can be executed where it stands.
#[cfg_attr(target_arch = "aarch64", repr(C, align(65536)))]
#[cfg_attr(not(target_arch = "aarch64"), repr(C, align(4096)))]
pub struct Carried<B: ?Sized>(pub B);

/// Makes pages of the binary executable that were readable. They stay so: other operations may run what is there.
struct InPlace;

impl CustomCodeMemory for InPlace {
    /// The system tells what it does not take, and then the code is copied.
    fn required_alignment(&self) -> usize {
        1
    }

    fn publish_executable(&self, from: *const u8, length: usize) -> Result<()> {
        // SAFETY: no reference is made. The engine that has this is only given code of `component_in_place`, so these are
        // pages of a `Carried` static, which stay readable and which nobody writes to.
        let executable = MprotectFlags::READ | MprotectFlags::EXEC;
        unsafe { mprotect(from.cast_mut().cast(), length, executable) }?;
        Ok(())
    }

    fn unpublish_executable(&self, _: *const u8, _: usize) -> Result<()> {
        Ok(())
    }
}

/// Makes an engine of this configuration one for [`component_in_place`], and for nothing else.
pub(super) fn in_place(config: &mut Config) -> &Config {
    config.with_custom_code_memory(Some(Arc::new(InPlace)))
}

/// Whether the code in the binary is in use: the engine keeps account of code by its place, and knows each place once.
static IN_USE: AtomicBool = AtomicBool::new(false);

/// The component of compiled code in a [`Carried`] static, not copied. Only the first in a process is to be had.
///
/// Errors: a later one; code of another engine version or configuration; a system that does not let pages of the binary
/// be executed.
pub(super) fn component_in_place(engine: &Engine, compiled: &'static [u8]) -> Result<Component> {
    if IN_USE.swap(true, Ordering::Relaxed) {
        return Err(wasmtime::Error::msg("the code in the binary is in use"));
    }
    // SAFETY: as in `component`; and the bytes are there and unchanged as long as the process is, because they are a static.
    unsafe { Component::deserialize_raw(engine, NonNull::from(compiled)) }
}

/// The component of compiled code, copied; none if it is of another engine version or configuration.
pub(super) fn component(engine: &Engine, compiled: &[u8]) -> Result<Option<Component>> {
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
