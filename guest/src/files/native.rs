//! A tree over a real directory, for native tests and benchmarks only: the component has no such module.

use super::path::join;
use super::tree::{self, Child, FileType, ReadAt, Tree};
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
}

impl Tree for NativeTree {
    fn children(&self, folder: &str) -> Result<Vec<Child>> {
        let listing =
            std::fs::read_dir(self.root.join(folder)).map_err(|error| system(&error, folder))?;
        let mut children = Vec::new();
        for item in listing {
            let item = item.map_err(|error| system(&error, folder))?;
            let Ok(name) = item.file_name().into_string() else {
                return Err(tree::not_utf8_name(folder));
            };
            let kind = item
                .file_type()
                .map_err(|error| system(&error, &join(folder, &name)))?;
            let file_type = file_type(kind);
            tree::push(&mut children, Child { name, file_type })?;
        }
        children.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(children)
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>> {
        open(&self.root.join(path), path)
    }

    fn is_folder(&self, path: &str) -> bool {
        std::fs::symlink_metadata(self.root.join(path)).is_ok_and(|found| found.is_dir())
    }
}

fn file_type(kind: std::fs::FileType) -> FileType {
    if kind.is_dir() {
        FileType::Folder
    } else if kind.is_file() {
        FileType::File
    } else if kind.is_symlink() {
        FileType::Link
    } else {
        FileType::Special
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
        tree::refused(error.kind() == std::io::ErrorKind::NotFound),
    )
    .at(path)
}
