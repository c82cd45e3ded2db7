//! Opens inputs: a bundle directory once, read-only, and hashes its files, which the component would do more slowly.

use crate::error::{Error, Result};
use crate::sandbox::Grant;
use crate::sandbox::ingest::FileDigest;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::path::Path;

/// A directory that was opened for one operation.
pub struct Bundle<'a> {
    path: &'a Path,
    folders: &'a [String],
    /// The capability.
    dir: Dir,
}

/// Called with the bytes hashed so far.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// How deep and how many: the component refuses more by name, so the walk here only has to end.
const MAX_DEPTH: usize = 20;
const MAX_FILES: usize = 25_000;

impl<'a> Bundle<'a> {
    /// Opens a directory, of which some folders and files are a bundle; none named is all.
    pub fn open(path: &'a Path, folders: &'a [String]) -> Result<Self> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())
            .map_err(|error| Error::io("open the directory", path, &error))?;
        Ok(Bundle { path, folders, dir })
    }

    /// The directory, to be granted under a name.
    pub fn grant(&self, name: &str) -> Result<Grant> {
        let dir = self.dir.try_clone();
        Ok(Grant {
            name: name.to_owned(),
            dir: dir.map_err(|error| Error::io("open the directory", self.path, &error))?,
        })
    }

    /// The hash of every regular file of it, sorted bytewise by path.
    ///
    /// Links and special files are left out here; the component meets them while reading and refuses them by name.
    pub fn hashes(&self, progress: Progress<'_>) -> Result<Vec<FileDigest>> {
        let Bundle { path, folders, dir } = self;
        let mut files = Vec::new();
        let mut hasher = Hasher {
            buffer: vec![0; PIECE],
            hashed: 0,
            progress,
        };
        let walked = if folders.is_empty() {
            walk(dir, "", 0, &mut files, &mut hasher)
        } else {
            folders.iter().try_for_each(|part| {
                // `FILE#2` is the second run of that file.
                let part = match part.rsplit_once('#') {
                    Some((file, _)) if !dir.exists(part) => file,
                    _ => part.as_str(),
                };
                if dir.symlink_metadata(part)?.is_file() {
                    let (sha256, size) = hasher.hash(dir.open(part)?.into_std())?;
                    let path = part.to_owned();
                    files.push(FileDigest { path, size, sha256 });
                    return Ok(());
                }
                let depth = part.split('/').count();
                walk(&dir.open_dir(part)?, part, depth, &mut files, &mut hasher)
            })
        };
        walked.map_err(|error| Error::io("read the directory", path, &error))?;
        files.sort_by(|a: &FileDigest, b| a.path.as_bytes().cmp(b.path.as_bytes()));
        Ok(files)
    }
}

fn walk(
    dir: &Dir,
    below: &str,
    depth: usize,
    files: &mut Vec<FileDigest>,
    hasher: &mut Hasher<'_>,
) -> std::io::Result<()> {
    for item in dir.entries()? {
        let item = item?;
        let (name, kind) = (item.file_name(), item.file_type()?);
        let Some(name) = name.to_str() else { continue };
        let path = if below.is_empty() {
            name.to_owned()
        } else {
            format!("{below}/{name}")
        };
        if kind.is_dir() && depth < MAX_DEPTH {
            walk(&item.open_dir()?, &path, depth + 1, files, hasher)?;
        } else if kind.is_file() && files.len() < MAX_FILES {
            let (sha256, size) = hasher.hash(item.open()?.into_std())?;
            files.push(FileDigest { path, size, sha256 });
        }
    }
    Ok(())
}

/// How many bytes one read asks for.
const PIECE: usize = 256 * 1024;

/// Hashes one file after another by way of one buffer: a bundle has many small files.
struct Hasher<'a> {
    buffer: Vec<u8>,
    hashed: u64,
    progress: Progress<'a>,
}

impl Hasher<'_> {
    /// The hash of a file, and its length.
    fn hash(&mut self, mut file: std::fs::File) -> std::io::Result<(String, u64)> {
        let (mut hash, mut size) = (Sha256::new(), 0);
        loop {
            let read = file.read(&mut self.buffer)?;
            if read == 0 {
                return Ok((hex(&hash.finalize()), size));
            }
            hash.update(&self.buffer[..read]);
            size += read as u64;
            self.hashed += read as u64;
            (self.progress)(self.hashed);
        }
    }
}

/// SHA-256 of bytes, 64 lower-case hex digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| {
            [
                DIGITS[usize::from(byte >> 4)] as char,
                DIGITS[usize::from(byte & 15)] as char,
            ]
        })
        .collect()
}
