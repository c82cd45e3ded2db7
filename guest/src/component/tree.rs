//! A tree over a WASI preopen.

use super::wasi::filesystem::preopens::get_directories;
use super::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};
use crate::fault::{Code, Fault, Result};
use crate::files::{Entry, ReadAt, Tree, check_depth, not_regular, push_entry, refused};

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
        Err(Fault::new(
            Code::NotFound,
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

    fn walk(&self, folder: &str, depth: usize, found: &mut Vec<Entry>) -> Result<()> {
        check_depth(depth, folder)?;
        // The Node shim cannot list a preopen itself, only what was opened below it: hence `.`.
        let here = if folder.is_empty() { "." } else { folder };
        let directory = self.open_at(here, OpenFlags::DIRECTORY)?;
        let stream = directory
            .read_directory()
            .map_err(|code| system(code, here))?;
        while let Some(item) = stream
            .read_directory_entry()
            .map_err(|code| system(code, here))?
        {
            if item.name == "." || item.name == ".." {
                continue;
            }
            let path = if folder.is_empty() {
                item.name
            } else {
                format!("{folder}/{}", item.name)
            };
            match item.type_ {
                DescriptorType::Directory => self.walk(&path, depth + 1, found)?,
                DescriptorType::RegularFile => push_entry(found, Entry { path })?,
                other => return Err(not_regular(&path, other == DescriptorType::SymbolicLink)),
            }
        }
        Ok(())
    }
}

impl Tree for PreopenTree {
    fn list(&self) -> Result<Vec<Entry>> {
        let mut found = Vec::new();
        self.walk("", 0, &mut found)?;
        crate::order::sort_by(&mut found, |a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
        Ok(found)
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>> {
        Ok(Box::new(OpenFile {
            descriptor: self.open_at(path, OpenFlags::empty())?,
            path: path.to_owned(),
        }))
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
