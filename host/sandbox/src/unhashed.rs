//! Reading while somebody else hashes what is read.

use super::{Failure, Grant, Loaded, Sandbox, ingest, v0_1};

/// The hashes of every file of a bundle, and of every file of its profile.
#[derive(Default)]
pub struct Hashes {
    /// Of the bundle.
    pub files: Vec<ingest::FileDigest>,
    /// Of the profile that is paired with it.
    pub of_profile: Vec<ingest::FileDigest>,
}

impl Sandbox {
    /// Reads a bundle into a document. `hashes` is asked for those of its files once they are read, so that somebody can make
    /// them meanwhile; why there are none is the inner error.
    pub fn read_unhashed<'h, E>(
        &self,
        granted: Vec<Grant>,
        dir: &str,
        options: &ingest::Options,
        hashes: &dyn Fn() -> Result<&'h Hashes, E>,
    ) -> Result<Result<ingest::Document, E>, Failure> {
        self.run(granted, |bridge, store| match bridge {
            Loaded::Today(bridge) => {
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
                store.set_epoch_deadline(self.limits.ticks());
                let of = ingest.unhashed();
                let document = of.call_document(&mut *store, unhashed, files, of_profile)?;
                Ok(document.map(Ok))
            }
            Loaded::V0_1(bridge) => {
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
        })
    }
}
