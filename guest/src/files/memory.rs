//! A tree in memory, for tests and for documents that never were a directory.

use super::{Entry, ReadAt, Tree};
use crate::fault::{Code, Fault, Result};
use std::collections::BTreeMap;

/// Files by path.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryTree {
    /// A tree of the given files.
    pub fn new<P: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        MemoryTree {
            files: files
                .into_iter()
                .map(|(path, bytes)| (path.into(), bytes.into()))
                .collect(),
        }
    }
}

impl Tree for MemoryTree {
    fn list(&self) -> Result<Vec<Entry>> {
        Ok(self
            .files
            .keys()
            .map(|path| Entry { path: path.clone() })
            .collect())
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>> {
        match self.files.get(path) {
            Some(bytes) => Ok(Box::new(bytes.as_slice())),
            None => Err(Fault::new(Code::NotFound, "there is no such file").at(path)),
        }
    }
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
