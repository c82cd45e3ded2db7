//! What a registry entry records about where and when it was made, and the points at which a test may kill the
//! writer. All of it can be replaced, so that the bytes of an entry are reproducible.

use crate::revision;
use std::path::Path;
use std::time::SystemTime;

/// The clock, the machine and the source revision.
pub trait Surroundings: Send + Sync {
    /// The time now.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// The name of this host.
    fn hostname(&self) -> String {
        rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned()
    }

    /// System name, node name, release, version and machine, joined with blanks.
    fn uname(&self) -> String {
        let name = rustix::system::uname();
        [
            name.sysname(),
            name.nodename(),
            name.release(),
            name.version(),
            name.machine(),
        ]
        .map(|part| part.to_string_lossy().into_owned())
        .join(" ")
    }

    /// The revision checked out in `root`; `None` where `root` is no checkout, and where there is no git: containers
    /// have none.
    fn git_sha(&self, root: &Path) -> Option<String> {
        revision::head(root)
    }

    /// Called before every step that changes the disk. Tests count the calls and stop at one of them.
    fn step(&self, _what: &str) {}
}

/// The real surroundings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Real;

impl Surroundings for Real {}
