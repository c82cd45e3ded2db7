//! What one operation may reach: the directories that were granted for it, read-only.

use super::limits::Meter;
use cap_std::fs::Dir;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::filesystem::{
    Descriptor, Dir as WasiDir, FsPerms, OpenMode, WasiFilesystemCtx, WasiFilesystemCtxView,
    WasiFilesystemView,
};

/// A directory for one operation, under the name by which the component asks for it.
pub struct Grant {
    /// The name.
    pub name: String,
    /// The directory, opened once by whoever has the authority.
    pub dir: Dir,
}

/// What the host keeps for one operation.
pub(super) struct State {
    pub(super) table: ResourceTable,
    filesystem: WasiFilesystemCtx,
    granted: Vec<Grant>,
    pub(super) meter: Meter,
}

impl State {
    pub(super) fn new(filesystem: WasiFilesystemCtx, granted: Vec<Grant>, meter: Meter) -> Self {
        State {
            table: ResourceTable::new(),
            filesystem,
            granted,
            meter,
        }
    }
}

impl WasiFilesystemView for State {
    fn filesystem(&mut self) -> WasiFilesystemCtxView<'_> {
        WasiFilesystemCtxView {
            ctx: &mut self.filesystem,
            table: &mut self.table,
        }
    }
}

impl wasmtime_wasi::p2::bindings::filesystem::preopens::Host for State {
    /// The granted directories; made here because the one of `wasmtime-wasi` opens them by ambient path.
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let mut listed = Vec::new();
        for grant in &self.granted {
            let file = grant.dir.try_clone()?.into_std_file();
            let dir = WasiDir::new(file, FsPerms::ReadOnly, OpenMode::READ, true);
            listed.push((self.table.push(Descriptor::Dir(dir))?, grant.name.clone()));
        }
        Ok(listed)
    }
}

/// No directory, and files are read where the component runs. Otherwise each read is handed to a thread and waited for.
pub(super) fn on_this_thread() -> WasiFilesystemCtx {
    let mut wasi = WasiCtxBuilder::new();
    wasi.allow_blocking_current_thread(true);
    wasi.build().filesystem().clone()
}
