//! Copies of sources, and their SHA-256. A snapshot holds exactly what its hash covers.

use crate::durable::{Batch, Disk, open_regular, sync_dir};
use crate::paths;
use crate::refusal::Refusal;
use rustix::fs::{Mode, Timespec, Timestamps};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Big enough to keep the hash busy, small enough for any stack of callers.
const CHUNK: usize = 256 * 1024;

/// A source that was looked over and can be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Survey {
    /// One regular file.
    File(PathBuf),
    /// The document that a directory was read into.
    Document(String),
    /// A directory of regular files and directories. Each path is its list of components below the root: that is
    /// the form in which the hash orders them (`logs/x` before `logs-old`).
    Dir {
        /// The directory.
        root: PathBuf,
        /// All directories below it, parents first.
        dirs: Vec<Vec<String>>,
        /// All files below it, in the order of the hash.
        files: Vec<Vec<String>>,
    },
}

/// Looks over a source; `option` (`--source`, `--current`) is named in the refusals.
///
/// # Errors
/// A source, or something inside it, that is neither file nor directory; a symbolic link inside it, since the hash
/// would cover what the link points to and not what the snapshot holds; a name that is not UTF-8.
pub fn survey(option: &str, path: &Path) -> Result<Survey, Refusal> {
    let kind = fs::metadata(path)
        .map_err(|e| Refusal::io("read", path, &e))?
        .file_type();
    if kind.is_file() {
        return Ok(Survey::File(path.to_path_buf()));
    }
    if !kind.is_dir() {
        let path = path.display();
        return Err(Refusal::new(format!(
            "{option} is neither a file nor a directory: {path}"
        )));
    }
    let (mut dirs, mut files) = (Vec::new(), Vec::new());
    walk(option, path, &mut Vec::new(), &mut dirs, &mut files)?;
    dirs.sort();
    files.sort();
    Ok(Survey::Dir {
        root: path.to_path_buf(),
        dirs,
        files,
    })
}

fn walk(
    option: &str,
    dir: &Path,
    below: &mut Vec<String>,
    dirs: &mut Vec<Vec<String>>,
    files: &mut Vec<Vec<String>>,
) -> Result<(), Refusal> {
    for item in fs::read_dir(dir).map_err(|e| Refusal::io("list", dir, &e))? {
        let item = item.map_err(|e| Refusal::io("list", dir, &e))?;
        let path = item.path();
        let name = item.file_name().into_string().map_err(|_| {
            Refusal::new(format!(
                "{option} holds a name that is not UTF-8: {}",
                path.display()
            ))
        })?;
        let kind = item
            .file_type()
            .map_err(|e| Refusal::io("read", &path, &e))?;
        below.push(name);
        if kind.is_symlink() {
            return Err(Refusal::new(format!(
                "{option} holds a symbolic link, which a snapshot cannot keep: {}; replace it by what it points to",
                path.display()
            )));
        } else if kind.is_dir() {
            dirs.push(below.clone());
            walk(option, &path, below, dirs, files)?;
        } else if kind.is_file() {
            files.push(below.clone());
        } else {
            return Err(Refusal::new(format!(
                "{option} holds something that is neither a file nor a directory: {}",
                path.display()
            )));
        }
        below.pop();
    }
    Ok(())
}

/// The SHA-256 of a file's bytes, or of a directory: for each file its relative path, a zero byte and its bytes, in
/// the order of the lists of path components.
///
/// # Errors
/// What cannot be read.
pub fn hash(survey: &Survey) -> Result<String, Refusal> {
    let mut hasher = Sha256::new();
    match survey {
        Survey::File(path) => pour_file(path, &mut hasher, None)?,
        Survey::Document(text) => hasher.update(text.as_bytes()),
        Survey::Dir { root, files, .. } => {
            for file in files {
                feed_name(&mut hasher, file);
                pour_file(&join(root, file), &mut hasher, None)?;
            }
        }
    }
    Ok(hex(hasher))
}

/// Copies a source into `dir` as `<stem><suffix>` (a file) or `<stem>/` (a directory), with modes and times, and
/// returns the hash of the bytes that were written, which is the hash of the snapshot even if the source changes
/// meanwhile. The files are flushed with those of `batch`.
///
/// # Errors
/// What cannot be read or written.
pub fn copy(
    disk: &Disk<'_>,
    batch: &mut Batch<'_>,
    survey: &Survey,
    dir: &Path,
    stem: &str,
) -> Result<String, Refusal> {
    let mut hasher = Sha256::new();
    match survey {
        Survey::File(path) => {
            let name = file_name(path)?;
            let to = dir.join(format!("{stem}{}", paths::suffix(&name)));
            copy_file(disk, batch, path, &to, &mut hasher)?;
        }
        Survey::Document(text) => {
            let to = dir.join(format!("{stem}.json"));
            batch.write_new(&to, text.as_bytes())?;
            hasher.update(text.as_bytes());
        }
        Survey::Dir { root, dirs, files } => {
            let top = dir.join(stem);
            for below in std::iter::once(&Vec::new()).chain(dirs) {
                let to = join(&top, below);
                disk.0.step("create snapshot directory");
                fs::create_dir(&to).map_err(|e| Refusal::io("create", &to, &e))?;
            }
            for file in files {
                feed_name(&mut hasher, file);
                let (from, to) = (join(root, file), join(&top, file));
                copy_file(disk, batch, &from, &to, &mut hasher)?;
            }
            // Last, children first: filling a directory changes its time, and its mode may forbid filling it.
            for below in dirs.iter().rev().chain(std::iter::once(&Vec::new())) {
                finish_dir(&join(root, below), &join(&top, below))?;
            }
        }
    }
    Ok(hex(hasher))
}

/// The last component of a path as text.
///
/// # Errors
/// A name that is not UTF-8 cannot stand in a JSON file.
pub fn file_name(path: &Path) -> Result<String, Refusal> {
    let name = path
        .file_name()
        .map(|name| name.to_str().map(str::to_owned));
    name.flatten()
        .ok_or_else(|| Refusal::new(format!("path is not UTF-8: {}", path.display())))
}

fn copy_file(
    disk: &Disk<'_>,
    batch: &mut Batch<'_>,
    from: &Path,
    to: &Path,
    hasher: &mut Sha256,
) -> Result<(), Refusal> {
    disk.0.step("create snapshot file");
    let target = File::create_new(to).map_err(|e| Refusal::io("create", to, &e))?;
    let source = pour_open(from, hasher, Some((disk, &target)))?;
    copy_metadata(&source, &target).map_err(|e| Refusal::io("write", to, &e))?;
    batch.add(target, to)
}

fn pour_file(
    path: &Path,
    hasher: &mut Sha256,
    into: Option<(&Disk<'_>, &File)>,
) -> Result<(), Refusal> {
    pour_open(path, hasher, into).map(|_| ())
}

/// Feeds a file to the hash, and to a copy of it.
fn pour_open(
    path: &Path,
    hasher: &mut Sha256,
    into: Option<(&Disk<'_>, &File)>,
) -> Result<File, Refusal> {
    let mut file = open_regular(path).map_err(|e| Refusal::io("read", path, &e))?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => return Ok(file),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Refusal::io("read", path, &error)),
        };
        hasher.update(&buffer[..count]);
        if let Some((disk, mut target)) = into {
            disk.0.step("write snapshot file");
            target
                .write_all(&buffer[..count])
                .map_err(|e| Refusal::io("write the copy of", path, &e))?;
        }
    }
}

fn finish_dir(from: &Path, to: &Path) -> Result<(), Refusal> {
    let finish = || -> io::Result<()> {
        sync_dir(to)?;
        copy_metadata(&File::open(from)?, &File::open(to)?)
    };
    finish().map_err(|e| Refusal::io("write", to, &e))
}

/// Mode and times, to the nanosecond.
fn copy_metadata(from: &File, to: &File) -> io::Result<()> {
    let meta = from.metadata()?;
    let time = |tv_sec, tv_nsec| Timespec { tv_sec, tv_nsec };
    let times = Timestamps {
        last_access: time(meta.atime(), meta.atime_nsec()),
        last_modification: time(meta.mtime(), meta.mtime_nsec()),
    };
    rustix::fs::futimens(to, &times)?;
    Ok(rustix::fs::fchmod(
        to,
        Mode::from_bits_truncate(meta.mode() & 0o7777),
    )?)
}

fn feed_name(hasher: &mut Sha256, components: &[String]) {
    hasher.update(components.join("/").as_bytes());
    hasher.update([0]);
}

fn join(root: &Path, components: &[String]) -> PathBuf {
    components
        .iter()
        .fold(root.to_path_buf(), |path, part| path.join(part))
}

fn hex(hasher: Sha256) -> String {
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
