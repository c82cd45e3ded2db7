//! Bounds on time and memory, each with an error of its own.

use super::failure::Failure;
use super::refusal::is_refusal;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use wasmtime::{Engine, ResourceLimiter, Trap};

/// How often the watchdog looks.
const TICK: Duration = Duration::from_millis(50);

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
        (self.seconds * 1000)
            .div_ceil(TICK.as_millis() as u64)
            .max(1)
    }

    pub(super) fn explain(self, meter: &Meter, error: wasmtime::Error) -> Failure {
        if meter.exceeded {
            return Failure::TooMuchMemory {
                bytes: self.memory_bytes,
            };
        }
        if meter.refused || is_refusal(&error) {
            return Failure::MemoryRefused;
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => Failure::TooLong {
                seconds: self.seconds,
            },
            _ => Failure::Trap(anyhow::anyhow!("{error:?}")),
        }
    }
}

/// Counts memory and remembers why there was no more of it, since the trap alone does not say so.
pub(super) struct Meter {
    bytes: usize,
    exceeded: bool,
    refused: bool,
}

impl Meter {
    pub(super) fn new(bytes: usize) -> Self {
        Meter {
            bytes,
            exceeded: false,
            refused: false,
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

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.refused = is_refusal(&error);
        if self.refused { Err(error) } else { Ok(()) }
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

/// Moves the engine's epoch on while operations run: one thread, started with the first of them.
pub(super) struct Watchdog {
    engine: Engine,
    shared: Arc<Shared>,
    started: OnceLock<bool>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Operations that run.
    running: usize,
    /// The thread waits for an operation.
    asleep: bool,
    /// The sandbox is gone.
    stopped: bool,
}

/// After so many ticks without an operation the thread sleeps until there is one.
const IDLE_TICKS: u32 = 20;

/// The thread does no more than wait and count.
const STACK: usize = 128 << 10;

impl Watchdog {
    pub(super) fn new(engine: &Engine) -> Self {
        Watchdog {
            engine: engine.clone(),
            shared: Arc::default(),
            started: OnceLock::new(),
        }
    }

    /// The epoch moves on until the answer is dropped. None where the system gives no memory for the thread.
    pub(super) fn watch(&self) -> Option<Watched<'_>> {
        let started = self.started.get_or_init(|| {
            let (engine, shared) = (self.engine.clone(), Arc::clone(&self.shared));
            let thread = std::thread::Builder::new().stack_size(STACK);
            thread.spawn(move || shared.tick(&engine)).is_ok()
        });
        if !started {
            return None;
        }
        let mut state = self.shared.state();
        state.running += 1;
        if state.asleep {
            self.shared.changed.notify_all();
        }
        Some(Watched(&self.shared))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.state().stopped = true;
        self.shared.changed.notify_all();
    }
}

/// An operation that the watchdog looks at.
pub(super) struct Watched<'a>(&'a Shared);

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.0.state().running -= 1;
    }
}

impl Shared {
    /// No code that holds the lock can panic, so a poisoned state is still a sound one.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self, engine: &Engine) {
        let mut idle = 0;
        let mut state = self.state();
        while !state.stopped {
            state.asleep = idle == IDLE_TICKS;
            let wait = if state.asleep { Duration::MAX } else { TICK };
            let woken = self.changed.wait_timeout(state, wait);
            (state, _) = woken.unwrap_or_else(PoisonError::into_inner);
            if state.running > 0 {
                engine.increment_epoch();
                idle = 0;
            } else {
                idle = (idle + 1).min(IDLE_TICKS);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{Config, Instance, Module, Store};

    /// A module whose function `f` never ends: the magic number and version, then type, function, export and code.
    const ENDLESS: [u8; 36] = *b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x09\x01\x07\0\x03\x40\x0c\0\x0b\x0b";

    #[test]
    fn a_watchdog_that_sleeps_wakes_for_the_next_operation() {
        let engine = Engine::new(Config::new().epoch_interruption(true)).expect("an engine");
        let module = Module::new(&engine, ENDLESS).expect("a module");
        let watchdog = Watchdog::new(&engine);
        drop(watchdog.watch());
        while !watchdog.shared.state().asleep {
            std::thread::yield_now();
        }
        let mut store = Store::new(&engine, ());
        store.set_epoch_deadline(2);
        let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
        let endless = instance
            .get_typed_func::<(), ()>(&mut store, "f")
            .expect("f");
        let _watched = watchdog.watch().expect("a thread");
        let error = endless.call(&mut store, ()).expect_err("it is stopped");
        assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    }
}
