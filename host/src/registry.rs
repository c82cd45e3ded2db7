//! Which registry, and who writes it.

use crate::error::{Error, Result};
use perfbridge_registry::{Embedded, Grants, ROOT_VARIABLE, Verbs, find_root};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the registry: the one named, else the environment's, else the nearest one upwards.
pub fn root(explicit: Option<&Path>) -> Result<PathBuf> {
    let variable = std::env::var(ROOT_VARIABLE).ok();
    Ok(find_root(explicit, variable.as_deref(), &cwd()?)?)
}

/// The verbs of the registry at `root`. On the command line the root that was named is the grant.
pub fn verbs(root: &Path) -> Result<Box<dyn Verbs>> {
    let grants = Grants {
        allowed_roots: None,
        ..Grants::new(root, cwd()?)
    };
    Ok(Box::new(Embedded::new(grants)))
}

fn cwd() -> Result<PathBuf> {
    std::env::current_dir()
        .map_err(|error| Error::io("find the working directory", Path::new("."), &error))
}

/// The commit that is checked out at `root`; none without git or outside a checkout.
pub fn revision(root: &Path) -> Option<String> {
    if !root.ancestors().any(|dir| dir.join(".git").exists()) {
        return None;
    }
    let output = Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let revision = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    ((40..=64).contains(&revision.len()) && revision.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then_some(revision)
}
