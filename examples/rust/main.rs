//! `cargo run --release -- PERFBRIDGE.wasm DIR BASELINE CURRENT` judges two runs in one read-only directory.
//!
//! `examples/README.md` says what a copy of this folder needs. Inside the repository it is
//! `cargo run --release -p perfbridge --example embed -- ...`.
#![allow(missing_docs, clippy::print_stdout, reason = "generated bindings; an example prints its answer")]

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store, bail};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView, filesystem::FsPerms, p2};

wasmtime::component::bindgen!({ path: "../wit", world: "bridge", with: { "wasi": wasmtime_wasi::p2::bindings::sync }, require_store_data_send: true });
use exports::perfbridge::bridge::ingest::{Guest, Options};
use exports::perfbridge::bridge::judge::{Case, Form};

struct State(WasiCtx, ResourceTable);
impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.0, table: &mut self.1 }
    }
}

/// The document of a directory; a benchmark may have made several runs in it, which are then trials.
fn read(ingest: &Guest, store: &mut Store<State>, name: &str) -> Result<String> {
    let mut documents = Vec::new();
    for run in ingest.call_find_runs(&mut *store, name)?? {
        let dir = if run.dir.is_empty() { name.to_owned() } else { format!("{name}/{}", run.dir) };
        let (settings, files, profile_files, folders, operator) = (vec![], vec![], vec![], run.folders, None);
        let (model, profile_dir, ceiling, profile_and_optimize_sha) = (None, None, None, None);
        let options = Options { model, settings, folders, files, profile_dir, profile_files, ceiling, operator, profile_and_optimize_sha, observation: false };
        documents.push(ingest.call_read_bundle(&mut *store, &dir, &options)??.json);
    }
    Ok(ingest.call_merge_trials(store, &documents)??.json)
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [component, dir, baseline, current] = arguments.as_slice() else { bail!("usage: judge PERFBRIDGE.wasm DIR BASELINE CURRENT") };
    let (engine, mut wasi) = (Engine::default(), WasiCtxBuilder::new());
    let mut linker = Linker::<State>::new(&engine);
    wasi.preopened_dir(dir, "runs", FsPerms::ReadOnly)?;
    p2::add_to_linker_sync(&mut linker)?;
    let mut store = Store::new(&engine, State(wasi.build(), ResourceTable::new()));
    let bridge = Bridge::instantiate(&mut store, &Component::from_file(&engine, component)?, &linker)?;
    let [baseline, current] = [baseline, current].map(|run| read(bridge.perfbridge_bridge_ingest(), &mut store, &format!("runs/{run}")));
    let case = Case { baseline: baseline?, current: current?, history: vec![] };
    let policy = Policy { file: None, choices: vec![], tolerances: vec![], headline: None, vary: vec![], observe_tails: false, baseline_max_age_days: None };
    let json = Form { name: "json".to_owned(), width: 80, colour: false };
    print!("{}", bridge.perfbridge_bridge_judge().call_judge(&mut store, &case, &policy, &[json])??.texts.concat());
    Ok(())
}
