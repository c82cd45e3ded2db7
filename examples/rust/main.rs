//! `cargo run --release -- PERFBRIDGE.wasm DIR BASELINE CURRENT` judges two bundles of one read-only directory.
//!
//! `examples/README.md` says what a copy of this folder needs. Inside the repository it is
//! `cargo run --release -p perfbridge --example embed -- ...`.
#![allow(missing_docs, clippy::print_stdout, reason = "generated bindings; an example prints its answer")]

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store, bail};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView, filesystem::FsPerms, p2};

wasmtime::component::bindgen!({ path: "../wit", world: "bridge", with: { "wasi": wasmtime_wasi::p2::bindings::sync }, require_store_data_send: true });
use exports::perfbridge::bridge::{ingest::Options, judge::Policy};

struct State(WasiCtx, ResourceTable);
impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.0, table: &mut self.1 }
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [component, dir, baseline, current] = arguments.as_slice() else { bail!("usage: judge PERFBRIDGE.wasm DIR BASELINE CURRENT") };
    let (engine, mut wasi) = (Engine::default(), WasiCtxBuilder::new());
    wasi.preopened_dir(dir, "runs", FsPerms::ReadOnly)?;
    let mut linker = Linker::<State>::new(&engine);
    p2::add_to_linker_sync(&mut linker)?;
    let mut store = Store::new(&engine, State(wasi.build(), ResourceTable::new()));
    let bridge = Bridge::instantiate(&mut store, &Component::from_file(&engine, component)?, &linker)?;
    let (ingest, judge) = (bridge.perfbridge_bridge_ingest(), bridge.perfbridge_bridge_judge());
    let (files, settings, profile_files) = (vec![], vec![], vec![]);
    let options = Options { model: None, settings, files, profile_dir: None, profile_files, ceiling: None, operator: None, profile_and_optimize_sha: None };
    let before = ingest.call_read_bundle(&mut store, &format!("runs/{baseline}"), &options)??;
    let after = ingest.call_read_bundle(&mut store, &format!("runs/{current}"), &options)??;
    let policy = Policy { tolerances: vec![], headline_level: None, vary: vec![], observe_tails: false };
    print!("{}", judge.call_judge(&mut store, &before.json, &after.json, &[], &policy)??.json);
    Ok(())
}
