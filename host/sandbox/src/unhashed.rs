//! Reading while somebody else hashes what is read.

use super::bindings::exports::perfbridge::bridge::ingest;
use super::bindings::perfbridge::bridge::types::Fault;
use super::bindings::{self, Bridge};
use super::state::State;
use super::v0_1;
use wasmtime::Store;

/// The hashes of every file of a bundle, and of every file of its profile.
#[derive(Default)]
pub struct Hashes {
    /// Of the bundle.
    pub files: Vec<ingest::FileDigest>,
    /// Of the profile that is paired with it.
    pub of_profile: Vec<ingest::FileDigest>,
}

/// What became of reading: a document, or why there are no hashes; or else the component's fault.
pub(super) type Read<E> = wasmtime::Result<Result<Result<ingest::Document, E>, Fault>>;

/// Reads a bundle, and makes its document of the hashes, which are asked for then; for that it has `ticks` anew.
pub(super) fn read<'h, E>(
    bridge: &Bridge,
    store: &mut Store<State>,
    (dir, options): (&str, &ingest::Options),
    hashes: &dyn Fn() -> Result<&'h Hashes, E>,
    ticks: u64,
) -> Read<E> {
    let ingest = bridge.perfbridge_bridge_ingest();
    let unhashed = match ingest.call_read_unhashed(&mut *store, dir, options)? {
        Ok(unhashed) => unhashed,
        Err(fault) => return Ok(Err(fault)),
    };
    let Hashes { files, of_profile } = match hashes() {
        Ok(hashes) => hashes,
        Err(error) => return Ok(Ok(Err(error))),
    };
    // The wait for them is not the component's time.
    store.set_epoch_deadline(ticks);
    let of = ingest.unhashed();
    let document = of.call_document(store, unhashed, files, of_profile)?;
    Ok(document.map(Ok))
}

/// Reads a bundle that was hashed before, as it had to be then.
pub(super) fn read_v0_1<'h, E>(
    bridge: &bindings::v0_1::Bridge,
    store: &mut Store<State>,
    (dir, options): (&str, &ingest::Options),
    hashes: &dyn Fn() -> Result<&'h Hashes, E>,
) -> Read<E> {
    let Hashes { files, of_profile } = match hashes() {
        Ok(hashes) => hashes,
        Err(error) => return Ok(Ok(Err(error))),
    };
    let options = ingest::Options {
        files: files.clone(),
        profile_files: of_profile.clone(),
        ..options.clone()
    };
    let document = v0_1::read_bundle(bridge, store, dir, &options)?;
    Ok(document.map(Ok))
}
