//! What a registry entry records about where and when it was made, and the points at which a test may kill the
//! writer. All of it can be replaced, so that the bytes of an entry are reproducible.

use std::path::Path;
use std::process::{Command, Stdio};
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
        git_head(root)
    }

    /// Called before every step that changes the disk. Tests count the calls and stop at one of them.
    fn step(&self, _what: &str) {}
}

/// The real surroundings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Real;

impl Surroundings for Real {}

fn git_head(root: &Path) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["rev-parse", "HEAD"])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let sha = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let is_sha = (40..=64).contains(&sha.len()) && sha.bytes().all(|b| b.is_ascii_hexdigit());
    Some(sha).filter(|_| output.status.success() && is_sha)
}
