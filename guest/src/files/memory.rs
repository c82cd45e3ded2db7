//! A tree in memory, for tests and for documents that never were a directory.

use super::path::join;
use super::tree::{Child, FileType, ReadAt, Tree, not_regular, refused};
use crate::fault::{Code, Fault, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Files by path.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    files: BTreeMap<String, Vec<u8>>,
    links: BTreeSet<String>,
}

impl MemoryTree {
    /// A tree of the given files.
    pub fn new<P: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        MemoryTree {
            files: files
                .into_iter()
                .map(|(path, bytes)| (path.into(), bytes.into()))
                .collect(),
            links: BTreeSet::new(),
        }
    }

    /// The same tree with a symbolic link, which leads nowhere.
    #[must_use]
    pub fn with_link(mut self, path: &str) -> Self {
        self.links.insert(path.to_owned());
        self
    }
}

impl Tree for MemoryTree {
    fn children(&self, folder: &str) -> Result<Vec<Child>> {
        let mut children = BTreeMap::new();
        let files = self.files.keys().map(|path| (path, FileType::File));
        let links = self.links.iter().map(|path| (path, FileType::Link));
        let inside = join(folder, "");
        for (path, leaf) in files.chain(links) {
            let Some(below) = path.strip_prefix(&inside) else {
                continue;
            };
            match below.split_once('/') {
                Some((name, _)) => children.insert(name, FileType::Folder),
                None => children.insert(below, leaf),
            };
        }
        if children.is_empty() && !folder.is_empty() {
            return Err(missing(folder));
        }
        let child = |(name, file_type): (&str, FileType)| Child {
            name: name.to_owned(),
            file_type,
        };
        Ok(children.into_iter().map(child).collect())
    }

    fn list(&self) -> Result<Vec<String>> {
        if let Some(link) = self.links.first() {
            return Err(not_regular(link, FileType::Link));
        }
        Ok(self.files.keys().cloned().collect())
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>> {
        match self.files.get(path) {
            Some(bytes) => Ok(Box::new(bytes.as_slice())),
            None => Err(missing(path)),
        }
    }
}

fn missing(path: &str) -> Fault {
    Fault::new(Code::NotFound, refused(true)).at(path)
}

impl ReadAt for &[u8] {
    fn read_at(&mut self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let from = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.len());
        let to = from.saturating_add(len).min(self.len());
        Ok(self[from..to].to_vec())
    }
}
