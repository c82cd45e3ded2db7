//! Bounds on time and memory, each with an error of its own.

use super::Failure;
use super::engine::TICK_MS;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;
use wasmtime::{Engine, ResourceLimiter, Trap};

/// What one operation may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wall time in seconds.
    pub seconds: u64,
    /// Memory of the component in bytes.
    pub memory_bytes: usize,
}

impl Default for Limits {
    /// Five minutes: 200 MB of records take under a second, so only a runaway takes longer. 512 MiB: a bundle
    /// needs a few MiB, a request record 32 bytes.
    fn default() -> Self {
        Limits {
            seconds: 300,
            memory_bytes: 512 * 1024 * 1024,
        }
    }
}

impl Limits {
    pub(super) fn ticks(self) -> u64 {
        (self.seconds * 1000).div_ceil(TICK_MS).max(1)
    }

    pub(super) fn explain(self, meter: &Meter, error: wasmtime::Error) -> Failure {
        if meter.exceeded {
            return Failure::TooMuchMemory {
                bytes: self.memory_bytes,
            };
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => Failure::TooLong {
                seconds: self.seconds,
            },
            _ => Failure::Trap(anyhow::anyhow!("{error:?}")),
        }
    }
}

/// Counts memory and remembers that the bound was met, since the trap alone does not say so.
pub(super) struct Meter {
    bytes: usize,
    exceeded: bool,
}

impl Meter {
    pub(super) fn new(bytes: usize) -> Self {
        Meter {
            bytes,
            exceeded: false,
        }
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired <= self.bytes {
            return Ok(true);
        }
        self.exceeded = true;
        Err(wasmtime::Error::msg("memory bound"))
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= 100_000)
    }
}

/// Moves the engine's epoch on while an operation runs.
pub(super) struct Watchdog {
    // Dropping it ends the thread.
    _stop: Sender<()>,
}

impl Watchdog {
    pub(super) fn start(engine: &Engine) -> Self {
        let (stop, stopped) = channel();
        let engine = engine.weak();
        std::thread::spawn(move || {
            while stopped.recv_timeout(Duration::from_millis(TICK_MS))
                == Err(RecvTimeoutError::Timeout)
            {
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        });
        Watchdog { _stop: stop }
    }
}
