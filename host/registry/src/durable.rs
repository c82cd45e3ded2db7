//! Writing so that a reader, or a crash, finds the old state or the new one and nothing between: write aside,
//! flush to the device, rename, flush the directory.

use crate::names;
use crate::refusal::Refusal;
use crate::surroundings::{Real, Surroundings};
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, RenameFlags};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The disk, with a hook before every step that changes it.
#[derive(Clone, Copy)]
pub struct Disk<'a>(pub &'a dyn Surroundings);

impl<'a> Disk<'a> {
    fn step(&self, what: &str) {
        self.0.step(what);
    }

    /// Creates a directory and what is missing above it, each flushed into its parent.
    pub fn create_dirs(&self, dir: &Path) -> io::Result<()> {
        if dir.is_dir() {
            return Ok(());
        }
        let parent = dir
            .parent()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        self.create_dirs(parent)?;
        self.step("create directory");
        match fs::create_dir(dir) {
            // Somebody else was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {}
            other => other?,
        }
        sync_dir(parent)
    }

    /// A new hidden directory in `dir`, to be filled and then published there. Missing directories are created, and
    /// removed again with it if it is not published.
    pub fn stage(&self, dir: &Path, name: &str) -> io::Result<Staging<'a>> {
        let made = dir
            .ancestors()
            .take_while(|dir| !dir.exists())
            .map(Path::to_path_buf)
            .collect();
        let path = dir.join(names::partial(name));
        let staging = Staging {
            disk: *self,
            dir: path,
            made,
            published: false,
        };
        loop {
            self.create_dirs(dir)?;
            self.step("create staging directory");
            match fs::create_dir(staging.path()) {
                Ok(()) => return Ok(staging),
                // Another writer gave up and tidied `dir` away.
                Err(error) if error.kind() == io::ErrorKind::NotFound && !dir.exists() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes a file that must not exist yet and flushes it.
    pub fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let file = self.write_only(path, bytes)?;
        self.step("flush file");
        file.sync_data()
    }

    /// Writes a file that must not exist yet. It does not last before it is flushed.
    fn write_only(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        self.step("create file");
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        self.step("write file");
        file.write_all(bytes)?;
        Ok(file)
    }

    /// Files that are all written before the first is flushed.
    pub fn batch(&self) -> Batch<'a> {
        Batch {
            disk: *self,
            open: Vec::new(),
        }
    }

    /// Replaces a file, or creates it: a reader sees the old bytes or the new ones.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.place(path, bytes, |from, to| fs::rename(from, to))
    }

    /// Writes a file beside its place, flushes it and gives it its name by `rename`. What failed leaves nothing.
    fn place(
        &self,
        path: &Path,
        bytes: &[u8],
        rename: impl FnOnce(&Path, &Path) -> io::Result<()>,
    ) -> io::Result<()> {
        let temporary = aside(path)?;
        let written = self.write_new(&temporary, bytes).and_then(|()| {
            self.step("rename file");
            rename(&temporary, path)
        });
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written?;
        sync_dir(parent_of(path)?)
    }

    /// Appends to an existing file in one write. `flush` makes it last.
    pub fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).open(path)?;
        self.step("append");
        file.write_all(bytes)
    }

    /// Flushes what anybody wrote to a file.
    pub fn flush(&self, path: &Path) -> io::Result<()> {
        self.step("flush file");
        File::open(path)?.sync_data()
    }
}

/// So many files are held open until they are flushed.
const OPEN: usize = 16;

/// New files that nobody can rely on before [`Batch::flush`]: written first and then flushed, since what the first flush
/// makes the file system write is of all of them.
pub struct Batch<'a> {
    disk: Disk<'a>,
    open: Vec<(File, PathBuf)>,
}

impl Batch<'_> {
    /// Writes a file that must not exist yet.
    pub fn write_new(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
        let written = self.disk.write_only(path, bytes);
        let file = written.map_err(|e| Refusal::io("write", path, &e))?;
        self.add(file, path)
    }

    /// Takes a file that was written.
    pub fn add(&mut self, file: File, path: &Path) -> Result<(), Refusal> {
        self.open.push((file, path.to_path_buf()));
        if self.open.len() < OPEN {
            return Ok(());
        }
        self.flush()
    }

    /// Makes everything last that was written.
    pub fn flush(&mut self) -> Result<(), Refusal> {
        for (file, path) in std::mem::take(&mut self.open) {
            self.disk.step("flush file");
            file.sync_all()
                .map_err(|e| Refusal::io("write", &path, &e))?;
        }
        Ok(())
    }
}

/// A directory that is being filled. Dropped before it was published, it is removed.
pub struct Staging<'a> {
    disk: Disk<'a>,
    dir: PathBuf,
    /// Directories that were missing, innermost first.
    made: Vec<PathBuf>,
    published: bool,
}

impl Staging<'_> {
    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Flushes the directory and gives it its name.
    ///
    /// # Errors
    /// `AlreadyExists` when the name is taken; the directory can then be published under another.
    pub fn publish(&mut self, target: &Path) -> io::Result<()> {
        self.disk.step("flush staging directory");
        sync_dir(&self.dir)?;
        self.disk.step("publish");
        rename_new(&self.dir, target)?;
        self.published = true;
        self.disk.step("flush parent directory");
        sync_dir(parent_of(target)?)
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        if !self.published {
            let _ = remove_tree(&self.dir);
            for dir in &self.made {
                // Fails, rightly, where another writer has put something.
                let _ = fs::remove_dir(dir);
            }
        }
    }
}

/// Renames without ever replacing anything.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // The file system cannot promise it. A directory still never replaces one that holds something.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            if to.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        other => Ok(other?),
    }
}

/// Removes a tree of ours even where a copied mode forbids it (a snapshot of a read-only directory).
fn remove_tree(dir: &Path) -> io::Result<()> {
    let _ = fs::set_permissions(dir, fs::Permissions::from_mode(0o700));
    for item in fs::read_dir(dir)? {
        let item = item?;
        if item.file_type()?.is_dir() {
            remove_tree(&item.path())?;
        } else {
            fs::remove_file(item.path())?;
        }
    }
    fs::remove_dir(dir)
}

/// A hidden name beside `target`.
fn aside(target: &Path) -> io::Result<PathBuf> {
    let name = target.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
    Ok(parent_of(target)?.join(names::partial(name)))
}

/// The directory that holds a name; for a bare one the current directory.
fn parent_of(path: &Path) -> io::Result<&Path> {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Ok(Path::new(".")),
        Some(parent) => Ok(parent),
        None => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Flushes the names in a directory.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Opens a regular file for reading. A fifo, a socket or a device is an error and never blocks, and neither does
/// one that takes the file's place at the last moment.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::other("not a regular file"))
}

/// Holds the exclusive lock of a directory until it is dropped. It is advisory: it keeps out writers that take
/// it too. The kernel releases it when the process ends, however it ends.
pub struct DirLock {
    _file: File,
}

impl DirLock {
    /// Waits for the lock.
    pub fn acquire(dir: &Path) -> io::Result<Self> {
        let file = File::open(dir)?;
        match exclusive(&file) {
            // Network file systems lock only what is open for writing, which a directory never is.
            Err(rustix::io::Errno::BADF | rustix::io::Errno::INVAL | rustix::io::Errno::NOTSUP) => {
                let path = dir.join(".index-lock");
                let file = OpenOptions::new()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(path)?;
                exclusive(&file)?;
                Ok(Self { _file: file })
            }
            other => {
                other?;
                Ok(Self { _file: file })
            }
        }
    }
}

fn exclusive(file: &File) -> rustix::io::Result<()> {
    rustix::io::retry_on_intr(|| rustix::fs::flock(file, FlockOperation::LockExclusive))
}

/// Writes a file beside others, for example `verdict.json` into a diff bundle: aside, flushed, renamed. An existing
/// file of that name is replaced as a whole.
///
/// # Errors
/// Whatever the file system refuses; the old file, if any, is then untouched.
pub fn write_aside(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Disk(&Real).replace(path, bytes)
}

/// Writes a file that must not exist yet: it appears whole or not at all, and never in place of another.
pub fn write_new_aside(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Disk(&Real).place(path, bytes, rename_file_new)
}

/// As [`rename_new`], for a file, which a plain rename would replace: where the file system cannot promise not to,
/// a second name is made, which fails where there is one.
fn rename_file_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            fs::hard_link(from, to).and_then(|()| fs::remove_file(from))
        }
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staging_directory_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let target = dir.path().join("entry");
        let disk = Disk(&Real);
        {
            let staging = disk
                .stage(&dir.path().join("new/dir"), "entry")
                .expect("stage");
            let sub = staging.path().join("read-only");
            fs::create_dir(&sub).expect("mkdir");
            fs::write(sub.join("file"), b"x").expect("write");
            fs::set_permissions(&sub, fs::Permissions::from_mode(0o555)).expect("chmod");
        }
        assert_eq!(
            fs::read_dir(dir.path()).expect("list").count(),
            0,
            "an abandoned one leaves nothing"
        );
        let mut staging = disk.stage(dir.path(), "entry").expect("stage");
        disk.write_new(&staging.path().join("f"), b"1")
            .expect("write");
        staging.publish(&target).expect("publish");
        drop(staging);
        assert_eq!(fs::read(target.join("f")).expect("read"), b"1");
        let mut second = disk.stage(dir.path(), "entry").expect("stage");
        let taken = second.publish(&target).expect_err("the name is taken");
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(target.join("f")).expect("read"), b"1");
    }

    #[test]
    fn write_aside_replaces_a_file_and_leaves_no_other() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("verdict.json");
        write_aside(&path, b"old").expect("write");
        write_aside(&path, b"new").expect("write");
        assert_eq!(fs::read(&path).expect("read"), b"new");
        assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 1);
        assert!(write_aside(&dir.path().join("no/such/dir"), b"").is_err());
    }
}
