//! Which runs the directories on the command line hold: the component says it, and the host opens each.

use crate::error::{Error, Result};
use crate::sandbox::{Grant, Sandbox};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
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

/// The same inputs, with each directory and each file of several runs replaced by those runs, in order.
///
/// Errors: the faults of `ingest.find-runs`, with the directory that was named in front of their place.
pub fn expand(sandbox: &Sandbox, paths: &[PathBuf]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.is_dir() {
            of_directory(sandbox, path, &mut inputs)?;
        } else if !path.is_file() || is_document(path) {
            inputs.push(Input::of(path));
        } else {
            of_file(sandbox, path, &mut inputs)?;
        }
    }
    Ok(inputs)
}

/// Whether a file begins as documents do, so that nobody needs to be asked for its runs.
fn is_document(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(256).read_to_end(&mut head));
    read.is_ok() && String::from_utf8_lossy(&head).contains("\"inference_perfbench_v1\"")
}

/// The directory that a file is opened in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Adds the runs of a file that a tool appended to, or the file where it is of one.
fn of_file(sandbox: &Sandbox, path: &Path, inputs: &mut Vec<Input>) -> Result<()> {
    let folder = folder_of(path);
    let name = path.file_name().and_then(OsStr::to_str);
    let opened = Dir::open_ambient_dir(folder, ambient_authority());
    let (Some(name), Ok(dir)) = (name, opened) else {
        inputs.push(Input::of(path));
        return Ok(());
    };
    let granted = vec![Grant {
        name: "runs".to_owned(),
        dir,
    }];
    match sandbox.find_runs(granted, &format!("runs/{name}")) {
        Ok(runs) if runs.len() > 1 => inputs.extend(runs.into_iter().map(|run| Input {
            path: folder.to_owned(),
            name: folder.join(&run.name).display().to_string(),
            folders: run.folders,
        })),
        // Whatever else is wrong with the file is said where it is read.
        found => {
            if let Some(error) = found.err().map(Error::from)
                && error.cause.as_deref() == Some("runs-refused")
            {
                return Err(error.in_input(folder));
            }
            inputs.push(Input::of(path));
        }
    }
    Ok(())
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
