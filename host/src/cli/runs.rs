//! Which runs the directories on the command line hold: the component says it, and the host opens each.

use crate::error::{Error, Result};
use crate::sandbox::{Grant, Sandbox};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use std::path::{Path, PathBuf};

/// One run: a document, an entry, or a bundle.
pub struct Input {
    /// What is opened.
    pub path: PathBuf,
    /// The folders below it that are of this run; empty for all.
    pub folders: Vec<String>,
    /// What it is called in messages.
    pub name: String,
}

impl Input {
    /// All of what is at a path.
    pub fn of(path: &Path) -> Self {
        Input {
            path: path.to_owned(),
            folders: vec![],
            name: path.display().to_string(),
        }
    }
}

/// The same inputs, with each directory of several runs replaced by those runs, in order.
///
/// Errors: the faults of `ingest.find-runs`, with the directory that was named in front of their place.
pub fn expand(sandbox: &Sandbox, paths: &[PathBuf]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.is_dir() {
            of_directory(sandbox, path, &mut inputs)?;
        } else {
            inputs.push(Input::of(path));
        }
    }
    Ok(inputs)
}

fn of_directory(sandbox: &Sandbox, path: &Path, inputs: &mut Vec<Input>) -> Result<()> {
    let dir = Dir::open_ambient_dir(path, ambient_authority())
        .map_err(|error| Error::io("open the directory", path, &error))?;
    let granted = vec![Grant {
        name: "runs".to_owned(),
        dir,
    }];
    let found = sandbox
        .find_runs(granted, "runs")
        .map_err(|failure| Error::from(failure).in_input(path))?;
    let below = |part: &str| match part {
        "" => path.to_owned(),
        part => path.join(part),
    };
    inputs.extend(found.into_iter().map(|run| Input {
        // A link to a run is opened here, by the authority of whoever named the directory.
        path: below(&run.dir),
        name: below(&run.name).display().to_string(),
        folders: run.folders,
    }));
    Ok(())
}
