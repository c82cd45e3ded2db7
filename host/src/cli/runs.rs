//! Which runs the directories on the command line hold: the component says it, and the host opens each.

use super::archive::{self, Unpacked};
use crate::error::{Error, Result};
use crate::sandbox::{Grant, Sandbox};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// One run: a document, an entry, or a bundle.
pub struct Input {
    /// What is opened.
    pub path: PathBuf,
    /// The folders below it that are of this run; empty for all.
    pub folders: Vec<String>,
    /// What it is called in messages.
    pub name: String,
    /// What `path` is called in messages: itself, or the archive that it was unpacked from.
    pub called: PathBuf,
    /// What holds the files while they are read.
    pub unpacked: Option<Rc<Unpacked>>,
}

impl Input {
    /// All of what is at a path.
    pub fn of(path: &Path) -> Self {
        Input {
            path: path.to_owned(),
            folders: vec![],
            name: path.display().to_string(),
            called: path.to_owned(),
            unpacked: None,
        }
    }

    /// The same error without the name of the directory that an archive was unpacked into.
    pub fn in_archive(&self, error: Error) -> Error {
        if self.unpacked.is_none() {
            return error;
        }
        let (from, to) = (self.path.display().to_string(), self.called.display());
        let named = |text: String| text.replace(&from, &to.to_string());
        Error {
            message: named(error.message),
            place: error.place.map(named),
            ..error
        }
    }
}

/// A directory that holds runs.
#[derive(Clone)]
pub struct Place {
    /// What is opened.
    pub path: PathBuf,
    /// What that is called in messages.
    pub called: PathBuf,
    /// What holds its files, where they were unpacked.
    pub unpacked: Option<Rc<Unpacked>>,
}

impl Place {
    /// What is at a path; what an archive holds in its place. One inside another stays closed: it is a file there.
    pub fn of(path: &Path) -> Result<Place> {
        if !archive::is_archive(path) {
            return Ok(Place {
                path: path.to_owned(),
                called: path.to_owned(),
                unpacked: None,
            });
        }
        let unpacked = archive::unpack(path)?;
        Ok(Place {
            path: unpacked.path(),
            called: unpacked.called(path),
            unpacked: Some(Rc::new(unpacked)),
        })
    }

    /// A file or folder directly in it.
    pub fn part(&self, name: &OsStr) -> Place {
        Place {
            path: self.path.join(name),
            called: self.called.join(name),
            unpacked: self.unpacked.clone(),
        }
    }
}

/// The same inputs, with each directory, each archive and each file of several runs replaced by those runs, in order.
///
/// Errors: those of [`archive::unpack`], and the faults of `ingest.find-runs` with the directory that was named in front of
/// their place.
pub fn expand(sandbox: &Sandbox, paths: &[PathBuf]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in paths {
        inputs.extend(expand_place(sandbox, &Place::of(path)?)?);
    }
    Ok(inputs)
}

/// The runs at one place.
pub fn expand_place(sandbox: &Sandbox, place: &Place) -> Result<Vec<Input>> {
    if place.path.is_dir() {
        return of_directory(sandbox, place);
    }
    let file = vec![Input {
        called: place.called.clone(),
        name: place.called.display().to_string(),
        unpacked: place.unpacked.clone(),
        ..Input::of(&place.path)
    }];
    match !place.path.is_file() || is_document(&place.path) {
        true => Ok(file),
        false => Ok(of_file(sandbox, place)?.unwrap_or(file)),
    }
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

/// The runs of a file that a tool appended to; none where it is of one.
fn of_file(sandbox: &Sandbox, place: &Place) -> Result<Option<Vec<Input>>> {
    let (folder, called) = (folder_of(&place.path), folder_of(&place.called));
    let name = place.path.file_name().and_then(OsStr::to_str);
    let opened = Dir::open_ambient_dir(folder, ambient_authority());
    let (Some(name), Ok(dir)) = (name, opened) else {
        return Ok(None);
    };
    let granted = vec![Grant {
        name: "runs".to_owned(),
        dir,
    }];
    match sandbox.find_runs(granted, &format!("runs/{name}")) {
        Ok(runs) if runs.len() > 1 => {
            let each = runs.into_iter().map(|run| Input {
                path: folder.to_owned(),
                name: called.join(&run.name).display().to_string(),
                folders: run.folders,
                called: called.to_owned(),
                unpacked: place.unpacked.clone(),
            });
            Ok(Some(each.collect()))
        }
        // Whatever else is wrong with the file is said where it is read.
        found => match found.err().map(Error::from) {
            Some(error) if error.cause.as_deref() == Some("runs-refused") => {
                Err(error.in_input(called))
            }
            _ => Ok(None),
        },
    }
}

fn of_directory(sandbox: &Sandbox, place: &Place) -> Result<Vec<Input>> {
    let dir = Dir::open_ambient_dir(&place.path, ambient_authority())
        .map_err(|error| Error::io("open the directory", &place.called, &error))?;
    let granted = vec![Grant {
        name: "runs".to_owned(),
        dir,
    }];
    let found = sandbox
        .find_runs(granted, "runs")
        .map_err(|failure| Error::from(failure).in_input(&place.called))?;
    let below = |of: &Path, part: &str| match part {
        "" => of.to_owned(),
        part => of.join(part),
    };
    let each = found.into_iter().map(|run| Input {
        // A link to a run is opened here, by the authority of whoever named the directory.
        path: below(&place.path, &run.dir),
        name: below(&place.called, &run.name).display().to_string(),
        called: below(&place.called, &run.dir),
        folders: run.folders,
        unpacked: place.unpacked.clone(),
    });
    Ok(each.collect())
}
