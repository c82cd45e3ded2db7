//! How the library sees files: a tree of regular files, read in chunks.
//!
//! The library never names an operating system. The component hands in a tree over its WASI
//! preopens, native tests one over memory or over a real directory.

mod head;
mod lines;
mod memory;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
mod part;

pub use head::HeadCache;
pub use lines::{LineReader, MAX_LINE, check_line};
pub use memory::MemoryTree;
pub use part::Part;

use crate::fault::{Code, Fault, Result};

/// How many bytes one read asks for. Large enough that the call itself costs nothing,
/// small enough that memory stays flat whatever the size of the file.
pub const CHUNK: usize = 256 * 1024;

/// How many bytes of a file are looked at to recognise it. One less than hosts hand out at once, since one more byte
/// tells whether that is the whole file.
pub const HEAD: usize = 64 * 1024 - 1;

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

/// What a name in a folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// A symbolic link, to whatever.
    Link,
    /// A pipe, a socket or a device.
    Special,
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// The name.
    pub name: String,
    /// What it stands for.
    pub file_type: FileType,
}

/// A directory that was granted for reading.
pub trait Tree {
    /// What stands in one folder, sorted bytewise by name; the root is the empty path. No link is followed.
    ///
    /// Faults: more than [`MAX_FILES`] names ([`Code::Limit`]), what the system refuses.
    fn children(&self, folder: &str) -> Result<Vec<Child>>;

    /// Opens one file of the tree.
    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>>;

    /// Every regular file below the root, sorted bytewise by path.
    ///
    /// Faults: a symbolic link or a special file anywhere ([`Code::NotUnderstood`], named), more than
    /// [`MAX_FILES`] files or [`MAX_DEPTH`] levels ([`Code::Limit`]), what the system refuses.
    fn list(&self) -> Result<Vec<Entry>> {
        let mut found = Vec::new();
        walk(self, "", 0, &mut found)?;
        sort(&mut found);
        Ok(found)
    }

    /// Whether a folder stands there, and no link to one; quicker than to list the folder around it.
    fn is_folder(&self, path: &str) -> bool {
        let children = self.children(folder(path)).unwrap_or_default();
        let is_it = |child: &Child| child.name == name(path);
        let found = children.into_iter().find(is_it);
        found.is_some_and(|child| child.file_type == FileType::Folder)
    }

    /// The whole of a text file that this tree has read before and remembers; handed out once.
    fn take_text(&self, _path: &str) -> Option<String> {
        None
    }
}

fn walk<T: Tree + ?Sized>(
    tree: &T,
    folder: &str,
    depth: usize,
    found: &mut Vec<Entry>,
) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Fault::new(
            Code::Limit,
            format!("found a folder more than {MAX_DEPTH} levels deep; expected the directory of one benchmark run"),
        )
        .at(folder));
    }
    for child in tree.children(folder)? {
        let path = join(folder, &child.name);
        match child.file_type {
            FileType::Folder => walk(tree, &path, depth + 1, found)?,
            FileType::File => push(found, Entry { path })?,
            FileType::Link | FileType::Special => return Err(not_regular(&path, child.file_type)),
        }
    }
    Ok(())
}

/// Adds one of many, so that a hostile tree cannot fill memory first.
pub(crate) fn push<T>(found: &mut Vec<T>, one: T) -> Result<()> {
    if found.len() == MAX_FILES {
        return Err(Fault::new(
            Code::Limit,
            format!(
                "found more than {MAX_FILES} files; expected the directory of one benchmark run"
            ),
        ));
    }
    found.push(one);
    Ok(())
}

/// By path: of files a folder apart the order is not that in which folders are walked.
fn sort(entries: &mut [Entry]) {
    entries.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
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

/// The path of a name in a folder.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// The fault for whatever is neither a file nor a folder.
pub(crate) fn not_regular(path: &str, file_type: FileType) -> Fault {
    let found = match file_type {
        FileType::Link => "a symbolic link",
        _ => "a special file (pipe, socket or device)",
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
