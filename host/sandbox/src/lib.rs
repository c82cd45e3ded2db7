//! Runs the component: one fresh store for each operation, holding just the directories that the
//! operation needs, read-only, and nothing else.

pub mod bindings;
mod case;
pub mod engine;
mod failure;
mod limits;
mod refusal;
mod slim;
mod state;
#[cfg(test)]
mod tests;
mod trust;
mod unhashed;
mod v0_1;

pub use bindings::exports::perfbridge::bridge::{ingest, judge};
pub use bindings::perfbridge::bridge::types::{
    Fault, FaultCode, Finding, Policy, Setting, Severity, Summary, Tier, Tolerance,
    ToleranceOrigin, Verdict,
};
pub use case::Case;
pub use engine::{Carried, Compiled};
pub use failure::Failure;
pub use limits::Limits;
pub use state::Grant;
pub use unhashed::Hashes;

use bindings::{Bridge, BridgePre};
use state::State;
use std::borrow::Cow;
use wasmtime::Result;
use wasmtime::component::{HasSelf, InstancePre, Linker};
use wasmtime::error::Context as _;
use wasmtime::{Engine, Store};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemCtx, WasiFilesystemView as _};

/// The component, ready to run.
pub struct Sandbox {
    engine: Engine,
    watchdog: limits::Watchdog,
    pre: Pre,
    filesystem: WasiFilesystemCtx,
    limits: Limits,
}

/// The component by its contract: today's, or one that was released before and still runs.
enum Pre {
    Today(BridgePre<State>),
    V0_1(bindings::v0_1::BridgePre<State>),
}

impl Pre {
    /// The contract that the component exports; what is neither is told by what today's lacks.
    fn of(pre: InstancePre<State>) -> Result<Self> {
        BridgePre::new(pre.clone())
            .map(Pre::Today)
            .or_else(|error| {
                let old = bindings::v0_1::BridgePre::new(pre);
                old.map(Pre::V0_1).map_err(|_| error)
            })
    }

    fn instantiate(&self, store: &mut Store<State>) -> Result<Loaded> {
        match self {
            Pre::Today(pre) => pre.instantiate(store).map(Loaded::Today),
            Pre::V0_1(pre) => pre.instantiate(store).map(Loaded::V0_1),
        }
    }
}

/// One instance.
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, on the stack of its call"
)]
enum Loaded {
    Today(Bridge),
    V0_1(bindings::v0_1::Bridge),
}

impl Sandbox {
    /// Loads the component, from its compiled form where that fits.
    pub fn new(component: &[u8], compiled: &[u8], limits: Limits) -> Result<Self, Failure> {
        Self::load(&|| component.into(), Compiled::Elsewhere(compiled), limits)
            .map_err(Failure::of_loading)
    }

    /// Loads the component that the binary carries: its compiled form, which is executed where it stands, and a way to
    /// the component itself, which is only gone where that form does not fit.
    pub fn carried(
        component: &dyn Fn() -> Vec<u8>,
        compiled: &'static Carried<[u8]>,
        limits: Limits,
    ) -> Result<Self, Failure> {
        Self::load(&|| component().into(), Compiled::Carried(compiled), limits)
            .map_err(Failure::of_loading)
    }

    // Not generic: what it hands to the linker copies every byte of a bundle, and would be compiled with whoever calls it,
    // for size.
    fn load<'a>(
        component: &dyn Fn() -> Cow<'a, [u8]>,
        compiled: Compiled<'_>,
        limits: Limits,
    ) -> Result<Self> {
        let (engine, component) = engine::load(component, compiled)?;
        let mut linker = Linker::<State>::new(&engine);
        // Exactly what the component imports: one that asks for more is refused here.
        wasmtime_wasi::p2::bindings::sync::filesystem::types::add_to_linker::<State, WasiFilesystem>(
            &mut linker,
            |state| state.filesystem(),
        )?;
        wasmtime_wasi::p2::bindings::filesystem::preopens::add_to_linker::<State, HasSelf<State>>(
            &mut linker,
            |state| state,
        )?;
        let pre = linker
            .instantiate_pre(&component)
            .context("the component asks for more than directories")?;
        Ok(Sandbox {
            watchdog: limits::Watchdog::new(&engine),
            engine,
            pre: Pre::of(pre)?,
            filesystem: state::on_this_thread(),
            limits,
        })
    }

    /// The runs that a directory holds.
    pub fn find_runs(&self, granted: Vec<Grant>, dir: &str) -> Result<Vec<ingest::Run>, Failure> {
        self.run(granted, |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge.perfbridge_bridge_ingest().call_find_runs(store, dir),
            Loaded::V0_1(_) => Ok(Ok(v0_1::runs())),
        })
    }

    /// Where the profile of the run in a directory would lie.
    pub fn profile_beside(&self, path: &str) -> Result<Option<String>, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => {
                let ingest = bridge.perfbridge_bridge_ingest();
                ingest.call_profile_beside(store, path).map(Ok)
            }
            Loaded::V0_1(_) => Ok(Ok(None)),
        })
    }

    /// What is read, as the JSON of `perfbridge_formats_v1`.
    pub fn formats(&self) -> Result<String, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge
                .perfbridge_bridge_ingest()
                .call_formats(store)
                .map(Ok),
            Loaded::V0_1(_) => Ok(Err(v0_1::lacks("formats"))),
        })
    }

    /// Reads a bundle into a document.
    pub fn read_bundle(
        &self,
        granted: Vec<Grant>,
        dir: &str,
        options: &ingest::Options,
    ) -> Result<ingest::Document, Failure> {
        self.run(granted, |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge
                .perfbridge_bridge_ingest()
                .call_read_bundle(store, dir, options),
            Loaded::V0_1(bridge) => v0_1::read_bundle(bridge, store, dir, options),
        })
    }

    /// Reads a bundle into a document. `hashes` is asked for those of its files once they are read, so that somebody can make
    /// them meanwhile; why there are none is the inner error.
    pub fn read_unhashed<'h, E>(
        &self,
        granted: Vec<Grant>,
        dir: &str,
        options: &ingest::Options,
        hashes: &dyn Fn() -> Result<&'h Hashes, E>,
    ) -> Result<Result<ingest::Document, E>, Failure> {
        let ticks = self.limits.ticks();
        self.run(granted, |bridge, store| match bridge {
            Loaded::Today(bridge) => unhashed::read(bridge, store, (dir, options), hashes, ticks),
            Loaded::V0_1(bridge) => unhashed::read_v0_1(bridge, store, (dir, options), hashes),
        })
    }

    /// Checks a document.
    pub fn check_document(&self, name: &str, json: &str) -> Result<ingest::Document, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge
                .perfbridge_bridge_ingest()
                .call_check_document(store, name, json),
            Loaded::V0_1(bridge) => v0_1::check_document(bridge, store, name, json),
        })
    }

    /// A document with the quality scores that are given beside it.
    pub fn pair_evals(&self, json: &str, given: &[Setting]) -> Result<ingest::Document, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge
                .perfbridge_bridge_ingest()
                .call_pair_evals(store, json, given),
            Loaded::V0_1(_) => Ok(Err(v0_1::lacks("pair-evals"))),
        })
    }

    /// Makes one document of repeated runs.
    pub fn merge_trials(&self, documents: &[String]) -> Result<ingest::Document, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge
                .perfbridge_bridge_ingest()
                .call_merge_trials(store, documents),
            Loaded::V0_1(bridge) => v0_1::merge_trials(bridge, store, documents),
        })
    }

    /// Calibrates tolerances from repeated runs, for this many trials a side.
    pub fn calibrate(
        &self,
        documents: &[String],
        trials: Option<u32>,
    ) -> Result<judge::Calibration, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge
                .perfbridge_bridge_judge()
                .call_calibrate(store, documents, trials),
            Loaded::V0_1(bridge) => v0_1::calibrate(bridge, store, documents),
        })
    }

    /// Makes the series of one number over registered baselines, oldest first.
    pub fn history(
        &self,
        entries: &[judge::Entry],
        metric: Option<&str>,
        place: Option<&str>,
    ) -> Result<judge::Series, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge
                .perfbridge_bridge_judge()
                .call_history(store, entries, metric, place),
            Loaded::V0_1(bridge) => v0_1::history(bridge, store, entries, metric, place),
        })
    }

    /// What a document is of, and when its run began.
    pub fn outline(&self, name: &str, json: &str) -> Result<ingest::Outlined, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge
                .perfbridge_bridge_ingest()
                .call_outline(store, name, json),
            Loaded::V0_1(_) => Ok(Err(v0_1::lacks("outline"))),
        })
    }

    /// Many judgements in one view.
    pub fn sweep(&self, members: &[String]) -> Result<judge::Swept, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge.perfbridge_bridge_judge().call_sweep(store, members),
            Loaded::V0_1(_) => Ok(Err(v0_1::lacks("sweep"))),
        })
    }

    /// The order in which to run the trials of two sides.
    pub fn plan_trials(&self, trials: u32) -> Result<judge::Plan, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => {
                let plan = bridge
                    .perfbridge_bridge_judge()
                    .call_plan_trials(store, trials)?;
                Ok(Ok(plan))
            }
            Loaded::V0_1(_) => Ok(Err(v0_1::lacks("plan-trials"))),
        })
    }

    /// The `handoff` form of a judgement with what an earlier `HANDOFF.md` of the same model knows.
    pub fn take_over(&self, handoff: &str, earlier: &str) -> Result<String, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => {
                let taken = bridge
                    .perfbridge_bridge_judge()
                    .call_take_over(store, handoff, earlier)?;
                Ok(Ok(taken))
            }
            Loaded::V0_1(_) => Ok(Err(v0_1::lacks("take-over"))),
        })
    }

    /// Checks a policy.
    pub fn check_policy(&self, policy: &Policy) -> Result<(), Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => bridge
                .perfbridge_bridge_judge()
                .call_check_policy(store, policy),
            Loaded::V0_1(bridge) => v0_1::check_policy(bridge, store, policy),
        })
    }

    /// Judges one document against another, and writes the judgement in each of the forms.
    pub fn judge(
        &self,
        case: &Case<'_>,
        forms: &[judge::Form],
    ) -> Result<judge::Judgement, Failure> {
        let documents = judge::Case {
            baseline: case.baseline.to_owned(),
            current: case.current.to_owned(),
            history: case.history.to_vec(),
        };
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => {
                bridge
                    .perfbridge_bridge_judge()
                    .call_judge(store, &documents, case.policy, forms)
            }
            Loaded::V0_1(bridge) => v0_1::judge(bridge, store, case, forms),
        })
    }

    /// Reads, merges and judges granted directories in one call.
    pub fn judge_directories(
        &self,
        granted: Vec<Grant>,
        baseline: &[String],
        current: &[String],
        policy: &Policy,
    ) -> Result<Summary, Failure> {
        self.run(granted, |bridge, store| match bridge {
            Loaded::Today(bridge) => {
                bridge.call_judge_directories(store, baseline, current, Some(policy))
            }
            Loaded::V0_1(_) => Ok(Err(v0_1::lacks("judge-directories"))),
        })
    }

    /// The forms that the component can write.
    pub fn forms(&self) -> Result<Vec<judge::FormInfo>, Failure> {
        self.run(vec![], |bridge, store| match bridge {
            Loaded::Today(bridge) => {
                let forms = bridge.perfbridge_bridge_judge().call_forms(store)?;
                Ok(Ok(forms))
            }
            Loaded::V0_1(_) => Ok(Ok(v0_1::forms())),
        })
    }

    fn run<T>(
        &self,
        granted: Vec<Grant>,
        call: impl FnOnce(&Loaded, &mut Store<State>) -> wasmtime::Result<Result<T, Fault>>,
    ) -> Result<T, Failure> {
        let meter = limits::Meter::new(self.limits.memory_bytes);
        let state = State::new(self.filesystem.clone(), granted, meter);
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.meter);
        store.set_epoch_deadline(self.limits.ticks());
        let _watched = self.watchdog.watch().ok_or(Failure::MemoryRefused)?;
        let outcome = self
            .pre
            .instantiate(&mut store)
            .and_then(|bridge| call(&bridge, &mut store));
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(fault)) => Err(Failure::Fault(fault)),
            Err(error) => Err(self.limits.explain(&store.data().meter, error)),
        }
    }
}

/// Gives the calling thread a runtime that `wasmtime-wasi` finds, so that it starts no threads of its own.
/// Keep the value alive while the sandbox is used; not needed inside an async runtime.
pub fn quiet_runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .context("cannot start a runtime")
}
