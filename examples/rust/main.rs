//! `cargo run --release -- PERFBRIDGE.wasm DIR BASELINE CURRENT` judges two bundles of one read-only directory.
//!
//! `examples/README.md` says what a copy of this folder needs. Inside the repository it is
//! `cargo run --release -p perfbridge --example embed -- ...`.

#![allow(
    missing_docs,
    clippy::print_stdout,
    reason = "generated bindings; an example prints its answer"
)]

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store, error::Context as _};
use wasmtime_wasi::filesystem::FsPerms;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

wasmtime::component::bindgen!({ path: "../wit", world: "bridge", with: { "wasi": wasmtime_wasi::p2::bindings::sync }, require_store_data_send: true });
use exports::perfbridge::bridge::{ingest::Options, judge::Policy};

struct State(WasiCtx, ResourceTable);
impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.0,
            table: &mut self.1,
        }
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [component, dir, baseline, current] = arguments.as_slice() else {
        wasmtime::bail!("usage: judge PERFBRIDGE.wasm DIR BASELINE CURRENT")
    };
    let engine = Engine::default();
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    let mut wasi = WasiCtxBuilder::new();
    for bundle in [baseline, current] {
        wasi.preopened_dir(format!("{dir}/{bundle}"), bundle, FsPerms::ReadOnly)?;
    }
    let mut store = Store::new(&engine, State(wasi.build(), ResourceTable::new()));
    let bridge = Bridge::instantiate(
        &mut store,
        &Component::from_file(&engine, component)?,
        &linker,
    )?;
    let mut read = |name: &str| {
        let options = Options {
            model: None,
            settings: vec![],
            files: vec![],
            profile_dir: None,
            profile_files: vec![],
            ceiling: None,
            operator: None,
            profile_and_optimize_sha: None,
        };
        let read = bridge
            .perfbridge_bridge_ingest()
            .call_read_bundle(&mut store, name, &options)?;
        read.map_err(|fault| {
            wasmtime::format_err!("{}: {}", fault.where_.unwrap_or_default(), fault.message)
        })
    };
    let (before, after) = (read(baseline)?.json, read(current)?.json);
    let policy = Policy {
        tolerances: vec![],
        headline_level: None,
        vary: vec![],
        observe_tails: false,
    };
    let judged =
        bridge
            .perfbridge_bridge_judge()
            .call_judge(&mut store, &before, &after, &[], &policy)?;
    let judged = judged
        .map_err(|fault| wasmtime::format_err!("{}", fault.message))
        .context("cannot judge")?;
    print!("{}", judged.json);
    Ok(())
}
