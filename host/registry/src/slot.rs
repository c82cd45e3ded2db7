//! The place of an entry or of a diff bundle: a directory named by its time.

use crate::clock;
use crate::durable::{Disk, Staging};
use crate::refusal::Refusal;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// So often a taken name is moved on by a microsecond. More writers than that cannot meet in one.
const ATTEMPTS: u64 = 10_000;

/// A directory that is being filled; see [`Staging`].
pub struct Slot<'a> {
    staging: Staging<'a>,
    dir: &'a Path,
    at: SystemTime,
}

impl<'a> Slot<'a> {
    /// A directory for `what`, to be filled and then published in `dir` under the name of its time.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn stage(
        disk: Disk<'a>,
        what: &str,
        dir: &'a Path,
        at: SystemTime,
    ) -> Result<Self, Refusal> {
        let staging = disk
            .stage(dir, &clock::slug(at))
            .map_err(|e| Refusal::io(&format!("create {what} in"), dir, &e))?;
        Ok(Self { staging, dir, at })
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        self.staging.path()
    }

    /// Gives the directory the name of its time or, where that is taken, of the next free microsecond.
    ///
    /// # Errors
    /// It cannot be renamed, or no microsecond is free.
    pub fn publish(mut self) -> Result<PathBuf, Refusal> {
        for attempt in 0..ATTEMPTS {
            let at = self.at + Duration::from_micros(attempt);
            let target = self.dir.join(clock::slug(at));
            match self.staging.publish(&target) {
                Ok(()) => return Ok(target),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Refusal::io("create", &target, &error)),
            }
        }
        Err(Refusal::new(format!(
            "every slug is taken in {}",
            self.dir.display()
        )))
    }
}
