//! How the library sees files: a tree of regular files, read in chunks.
//!
//! The library never names an operating system. The component hands in a tree over its WASI
//! preopens, native tests one over memory or over a real directory.

mod head;
mod lines;
mod memory;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;

pub use head::HeadCache;
pub use lines::{LineReader, MAX_LINE, check_line};
pub use memory::MemoryTree;

use crate::fault::{Code, Fault, Result};

/// How many bytes one read asks for. Large enough that the call itself costs nothing,
/// small enough that memory stays flat whatever the size of the file.
pub const CHUNK: usize = 256 * 1024;

/// The largest file that is held in memory as a whole, in bytes. Line-wise formats have no such bound.
pub const MAX_WHOLE_FILE: u64 = 64 * 1024 * 1024;

/// The most files that a bundle can hold.
pub const MAX_FILES: usize = 20_000;

/// The deepest folder that is entered below the bundle.
pub const MAX_DEPTH: usize = 16;

/// One regular file of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path below the root, `/` between the parts.
    pub path: String,
}

/// A directory that was granted for reading.
pub trait Tree {
    /// Every regular file below the root, sorted bytewise by path.
    ///
    /// Faults: a symbolic link or a special file anywhere ([`Code::NotUnderstood`], named), more than
    /// [`MAX_FILES`] files or [`MAX_DEPTH`] levels ([`Code::Limit`]), what the system refuses.
    fn list(&self) -> Result<Vec<Entry>>;

    /// Opens one file of the tree.
    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>>;

    /// The whole of a text file that this tree has read before and remembers; handed out once.
    fn take_text(&self, _path: &str) -> Option<String> {
        None
    }
}

/// An open file.
pub trait ReadAt {
    /// At most `len` bytes from `offset`, fewer where the host reads in smaller pieces; an empty answer is the end
    /// of the file.
    fn read_at(&mut self, offset: u64, len: usize) -> Result<Vec<u8>>;
}

/// What is asked for where the file has probably ended: a host makes room for as much as it is asked for.
const PROBE: usize = 256;

/// The first `len` bytes of a file, fewer only if it has no more.
pub fn read_head(file: &mut dyn ReadAt, len: usize) -> Result<Vec<u8>> {
    let mut head = file.read_at(0, len)?;
    let mut wanted = PROBE;
    while head.len() < len {
        let left = len - head.len();
        let next = file.read_at(head.len() as u64, wanted.min(left))?;
        if next.is_empty() {
            break;
        }
        head.extend_from_slice(&next);
        wanted = left;
    }
    Ok(head)
}

/// Reads a file whole.
///
/// Faults: larger than [`MAX_WHOLE_FILE`].
pub fn read_whole(tree: &dyn Tree, path: &str) -> Result<Vec<u8>> {
    let mut file = tree.open(path)?;
    let mut bytes = file.read_at(0, CHUNK)?;
    loop {
        let next = file.read_at(bytes.len() as u64, CHUNK)?;
        if next.is_empty() {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&next);
        if bytes.len() as u64 > MAX_WHOLE_FILE {
            return Err(Fault::new(
                Code::Limit,
                format!("the file is larger than {MAX_WHOLE_FILE} bytes, the most that is read of one file of this format"),
            )
            .at(path));
        }
    }
}

/// What editors and shells on Windows put before UTF-8 text; it is no part of it.
pub const BOM: &str = "\u{feff}";

/// Reads a file whole as UTF-8 text, without a byte order mark.
pub fn read_text(tree: &dyn Tree, path: &str) -> Result<String> {
    let mut text = match tree.take_text(path) {
        Some(text) => text,
        None => checked_text(read_whole(tree, path)?, path)?,
    };
    if text.starts_with(BOM) {
        text.drain(..BOM.len());
    }
    Ok(text)
}

fn checked_text(bytes: Vec<u8>, path: &str) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..good]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        Fault::new(
            Code::Damaged,
            "found bytes that are not UTF-8; expected text",
        )
        .at_line(path, line as u64)
    })
}

/// The folder of a path; empty for a file at the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Adds an entry while a tree is walked, so that a hostile tree cannot fill memory first.
pub(crate) fn push_entry(found: &mut Vec<Entry>, entry: Entry) -> Result<()> {
    if found.len() == MAX_FILES {
        return Err(Fault::new(
            Code::Limit,
            format!(
                "found more than {MAX_FILES} files; expected the directory of one benchmark run"
            ),
        ));
    }
    found.push(entry);
    Ok(())
}

/// Refuses a folder that lies too deep.
pub(crate) fn check_depth(depth: usize, folder: &str) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Fault::new(
            Code::Limit,
            format!("found a folder more than {MAX_DEPTH} levels deep; expected the directory of one benchmark run"),
        )
        .at(folder));
    }
    Ok(())
}

/// The fault for whatever is neither a file nor a folder.
pub(crate) fn not_regular(path: &str, symlink: bool) -> Fault {
    let found = if symlink {
        "a symbolic link"
    } else {
        "a special file (pipe, socket or device)"
    };
    Fault::new(
        Code::NotUnderstood,
        format!("found {found}; expected only files and folders. Put a copy of the file in its place, or remove it"),
    )
    .at(path)
}

/// The fault for a name that is not text. WASI hands out names as strings only.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn not_utf8_name(folder: &str) -> Fault {
    let folder = if folder.is_empty() { "." } else { folder };
    Fault::new(
        Code::NotUnderstood,
        "found a file name that is not UTF-8; rename the file",
    )
    .at(folder)
}

/// The sentence for a refusal of the operating system; the same in every host.
pub(crate) fn refused(missing: bool) -> &'static str {
    if missing {
        "there is no such file or folder"
    } else {
        "the system refused to read this"
    }
}
