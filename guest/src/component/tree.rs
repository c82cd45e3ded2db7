//! A tree over a WASI preopen.

use super::bindings::wasi::filesystem::preopens::get_directories;
use super::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};
use crate::fault::{Code, Fault, Result, Sub};
use crate::files::{Child, FileType, ReadAt, Tree, push, refused};
use crate::order::Ordered as _;

/// A directory that the host granted.
pub(super) struct PreopenTree {
    root: Descriptor,
}

impl PreopenTree {
    /// The preopen of that name, or the folder below one: `runs/before` in the preopen `runs`. With several the
    /// longest name counts.
    ///
    /// Faults: no such preopen, whose granted names are listed; no such folder, or a symbolic link in its place.
    pub(super) fn open(name: &str) -> Result<Self> {
        let mut granted = Vec::new();
        let mut nearest: Option<(Descriptor, &str)> = None;
        for (root, preopen) in get_directories() {
            if preopen == name {
                return Ok(PreopenTree { root });
            }
            if let Some(below) = folders_below(name, &preopen)
                && nearest
                    .as_ref()
                    .is_none_or(|(_, other)| below.len() < other.len())
            {
                nearest = Some((root, below));
            }
            granted.push(preopen);
        }
        if let Some((root, below)) = nearest {
            let mut tree = PreopenTree { root };
            for folder in below.split('/') {
                let below = tree.open_at(folder, OpenFlags::DIRECTORY);
                tree.root = below.map_err(|fault| fault.at(name))?;
            }
            return Ok(tree);
        }
        Err(Fault::because(
            Sub::NotGranted,
            format!(
                "no directory {name:?} was granted; granted are: [{}]",
                granted.join(", ")
            ),
        ))
    }

    fn open_at(&self, path: &str, flags: OpenFlags) -> Result<Descriptor> {
        // No symlink is followed: what a link points to is not what the hashes cover.
        self.root
            .open_at(PathFlags::empty(), path, flags, DescriptorFlags::READ)
            .map_err(|code| system(code, path))
    }
}

impl Tree for PreopenTree {
    fn children(&self, folder: &str) -> Result<Vec<Child>> {
        // The Node shim cannot list a preopen itself, only what was opened below it: hence `.`.
        let here = if folder.is_empty() { "." } else { folder };
        let failed = |code| system(code, here);
        let directory = self.open_at(here, OpenFlags::DIRECTORY)?;
        let stream = directory.read_directory().map_err(failed)?;
        let mut children = Vec::new();
        while let Some(item) = stream.read_directory_entry().map_err(failed)? {
            if item.name != "." && item.name != ".." {
                let file_type = file_type(item.type_);
                let name = item.name;
                push(&mut children, Child { name, file_type })?;
            }
        }
        children.order_by(|a, b| a.name.cmp(&b.name));
        Ok(children)
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>> {
        Ok(Box::new(OpenFile {
            descriptor: self.open_at(path, OpenFlags::empty())?,
            path: path.to_owned(),
        }))
    }

    fn is_folder(&self, path: &str) -> bool {
        self.open_at(path, OpenFlags::DIRECTORY).is_ok()
    }
}

fn file_type(kind: DescriptorType) -> FileType {
    match kind {
        DescriptorType::Directory => FileType::Folder,
        DescriptorType::RegularFile => FileType::File,
        DescriptorType::SymbolicLink => FileType::Link,
        _ => FileType::Special,
    }
}

/// What follows the name of a preopen, if it is made of names of folders.
fn folders_below<'a>(name: &'a str, preopen: &str) -> Option<&'a str> {
    let below = name.strip_prefix(preopen)?.strip_prefix('/')?;
    let is_name = |part: &str| !matches!(part, "" | "." | "..");
    below.split('/').all(is_name).then_some(below)
}

struct OpenFile {
    descriptor: Descriptor,
    path: String,
}

impl ReadAt for OpenFile {
    fn read_at(&mut self, offset: u64, len: usize) -> Result<Vec<u8>> {
        self.descriptor
            .read(len as u64, offset)
            .map(|(piece, _)| piece)
            .map_err(|code| system(code, &self.path))
    }
}

fn system(error: ErrorCode, path: &str) -> Fault {
    let missing = error == ErrorCode::NoEntry;
    Fault::new(
        if missing {
            Code::NotFound
        } else {
            Code::Unreadable
        },
        refused(missing),
    )
    .at(path)
}
