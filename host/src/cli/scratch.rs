//! What a command puts down for the time that it runs.

use crate::bundle::sha256;
use crate::error::{Error, Result};
use perfbridge_registry::Verb;
use std::path::PathBuf;

/// A directory of our own; removed when dropped.
pub fn scratch_dir() -> Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("perfbridge-")
        .tempdir()
        .map_err(|error| Error {
            code: "unreadable",
            ..Error::usage(format!(
                "cannot make a scratch directory here: {}. Set TMPDIR to a directory that can be written",
                error.kind()
            ))
            .in_input(&std::env::temp_dir())
        })
}

/// A document in a file of its own, for the verbs; removed when dropped.
pub struct Scratch {
    dir: tempfile::TempDir,
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of the file.
    pub sha256: String,
}

impl Scratch {
    /// Writes the document.
    pub fn new(json: &str) -> Result<Scratch> {
        let dir = scratch_dir()?;
        let path = dir.path().join("inference_perfbench_v1.json");
        std::fs::write(&path, json)
            .map_err(|error| Error::io("write the scratch document", &path, &error))?;
        Ok(Scratch {
            dir,
            path,
            sha256: sha256(json.as_bytes()),
        })
    }

    /// Keeps the file and names it; for when a verb failed.
    pub fn keep(self) -> PathBuf {
        let path = self.path.clone();
        let _ = self.dir.keep();
        path
    }
}

/// A verb that did not answer. The scratch document is kept, so that nothing is lost, and named before the last words
/// of a server.
pub fn kept(error: Error, scratch: Scratch) -> Error {
    let path = scratch.keep();
    Error {
        message: format!(
            "{}. The document is kept at {}",
            error.message,
            path.display()
        ),
        ..error
    }
}

/// A verb that did not do what it was asked to. The scratch document is kept, so that nothing is lost.
pub fn refused(verb: Verb, stderr: &str, scratch: Option<Scratch>) -> Error {
    let words = stderr.trim().trim_start_matches("FATAL: ");
    let kept = scratch
        .map(|scratch| format!(". The document is kept at {}", scratch.keep().display()))
        .unwrap_or_default();
    Error {
        code: "refused",
        ..Error::usage(format!("{} refused: {words}{kept}", verb.tool()))
    }
}
