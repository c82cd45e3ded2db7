//! The components that judged, kept in the registry by their hashes so that a verdict can be made again with the one that
//! made it.

use crate::artefacts::Artefacts;
use crate::bundle::sha256;
use crate::error::{Error, Result};
use perfbridge_registry::{component_path, write_new_aside};
use std::path::Path;

/// Keeps the component that the binary carries below a root, unless it is there.
///
/// # Errors
/// It cannot be written.
pub fn keep(root: &Path, artefacts: &Artefacts) -> Result<()> {
    let path = component_path(root, artefacts.component_sha256());
    if path.is_file() {
        return Ok(());
    }
    let failed = |error: std::io::Error| Error::io("keep the component", &path, &error);
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(failed)?;
    }
    match write_new_aside(&path, &artefacts.component()) {
        // Another command was faster.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        written => written.map_err(failed),
    }
}

/// The component with this hash: the file that was named, else that of the registry; none where neither is there.
///
/// # Errors
/// A file that cannot be read, or whose hash is another one.
pub fn find(sha256_of: &str, named: Option<&Path>, root: Option<&Path>) -> Result<Option<Vec<u8>>> {
    let kept = root.map(|root| component_path(root, sha256_of));
    let path = match (named, kept) {
        (Some(named), _) => named.to_owned(),
        (None, Some(kept)) if kept.is_file() => kept,
        _ => return Ok(None),
    };
    let bytes =
        std::fs::read(&path).map_err(|error| Error::io("read the component", &path, &error))?;
    let found = sha256(&bytes);
    if found == sha256_of {
        return Ok(Some(bytes));
    }
    Err(Error::usage(format!(
        "found a component with another hash; the verdict was made by {sha256_of}, this is {found}"
    ))
    .in_input(&path))
}
