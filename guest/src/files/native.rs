//! A tree over a real directory, for native tests and benchmarks only: the component has no such module.

use super::{Entry, ReadAt, Tree};
use crate::fault::{Code, Fault, Result};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// A directory of the operating system.
#[derive(Clone, Debug)]
pub struct NativeTree {
    root: PathBuf,
}

impl NativeTree {
    /// The tree below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        NativeTree { root: root.into() }
    }

    fn walk(&self, folder: &str, depth: usize, found: &mut Vec<Entry>) -> Result<()> {
        super::check_depth(depth, folder)?;
        let listing =
            std::fs::read_dir(self.root.join(folder)).map_err(|error| system(&error, folder))?;
        for item in listing {
            let item = item.map_err(|error| system(&error, folder))?;
            let file_name = item.file_name();
            let Some(part) = file_name.to_str() else {
                return Err(super::not_utf8_name(folder));
            };
            let path = if folder.is_empty() {
                part.to_owned()
            } else {
                format!("{folder}/{part}")
            };
            let kind = item.file_type().map_err(|error| system(&error, &path))?;
            if kind.is_dir() {
                self.walk(&path, depth + 1, found)?;
            } else if kind.is_file() {
                super::push_entry(found, Entry { path })?;
            } else {
                return Err(super::not_regular(&path, kind.is_symlink()));
            }
        }
        Ok(())
    }
}

impl Tree for NativeTree {
    fn list(&self) -> Result<Vec<Entry>> {
        let mut found = Vec::new();
        self.walk("", 0, &mut found)?;
        found.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
        Ok(found)
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>> {
        open(&self.root.join(path), path)
    }
}

fn open(full: &Path, path: &str) -> Result<Box<dyn ReadAt>> {
    let file = File::open(full).map_err(|error| system(&error, path))?;
    Ok(Box::new(NativeFile {
        file,
        path: path.to_owned(),
    }))
}

struct NativeFile {
    file: File,
    path: String,
}

impl ReadAt for NativeFile {
    fn read_at(&mut self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let left = self
            .file
            .metadata()
            .map_err(|error| system(&error, &self.path))?
            .len()
            .saturating_sub(offset);
        let len = len.min(usize::try_from(left).unwrap_or(len));
        let mut bytes = vec![0; len];
        let mut filled = 0;
        self.file
            .seek(SeekFrom::Start(offset))
            .map_err(|error| system(&error, &self.path))?;
        while filled < len {
            match self
                .file
                .read(&mut bytes[filled..])
                .map_err(|error| system(&error, &self.path))?
            {
                0 => break,
                n => filled += n,
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}

fn system(error: &std::io::Error, path: &str) -> Fault {
    let code = if error.kind() == std::io::ErrorKind::NotFound {
        Code::NotFound
    } else {
        Code::Unreadable
    };
    Fault::new(
        code,
        super::refused(error.kind() == std::io::ErrorKind::NotFound),
    )
    .at(path)
}
