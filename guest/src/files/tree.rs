//! A tree of files, and what is refused in one.

use super::path::{folder, join, name};
use crate::fault::{Code, Fault, Result};
use crate::order::Ordered as _;

/// The most files that a bundle can hold.
pub const MAX_FILES: usize = 20_000;

/// The deepest folder that is entered below the bundle.
pub const MAX_DEPTH: usize = 16;

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

    /// The path of every regular file below the root, sorted bytewise.
    ///
    /// Faults: a symbolic link anywhere but below a folder `wandb`, or a special file ([`Code::NotUnderstood`], named), more than
    /// [`MAX_FILES`] files or [`MAX_DEPTH`] levels ([`Code::Limit`]), what the system refuses.
    fn list(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        walk(self, "", 0, &mut found)?;
        // Of `a/x` and `a-b` the second sorts first, and the folder is walked first.
        found.order();
        Ok(found)
    }

    /// Whether a folder stands there, and no link to one; quicker than to list the folder around it.
    fn is_folder(&self, path: &str) -> bool {
        let children = self.children(folder(path)).unwrap_or_default();
        let is_it = |child: &Child| child.name == name(path);
        let found = children.into_iter().find(is_it);
        found.is_some_and(|child| child.file_type == FileType::Folder)
    }

    /// Which of several runs of a file is asked for, from 1; `None` for all that it holds.
    fn run_of(&self, _path: &str) -> Option<usize> {
        None
    }

    /// The whole of a text file that this tree has read before and remembers; handed out once.
    fn take_text(&self, _path: &str) -> Option<String> {
        None
    }
}

pub(super) fn walk<T: Tree + ?Sized>(
    tree: &T,
    folder: &str,
    depth: usize,
    found: &mut Vec<String>,
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
            FileType::File => push(found, path)?,
            // AIPerf lets W&B keep its state beside the results, with links to the log of the last run.
            FileType::Link if folder.split('/').any(|name| name == "wandb") => {}
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

/// An open file.
pub trait ReadAt {
    /// At most `len` bytes from `offset`, fewer where the host reads in smaller pieces; an empty answer is the end
    /// of the file.
    fn read_at(&mut self, offset: u64, len: usize) -> Result<Vec<u8>>;
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
pub(super) fn not_utf8_name(folder: &str) -> Fault {
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
