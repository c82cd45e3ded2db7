//! Some folders and files of a tree, with the paths that they have in it, and one of several runs of a file.

use super::path::{self, join};
use super::tree::{Child, FileType, ReadAt, Tree, not_regular, refused, walk};
use crate::fault::{Code, Fault, Result};
use crate::order::Ordered as _;

/// A tree of which only these folders and files are seen; all of it where there are none.
pub struct Part<'a> {
    tree: &'a dyn Tree,
    folders: Vec<String>,
    /// Files of which one run is asked for, and which.
    runs: Vec<(String, usize)>,
}

/// `FILE#2` is the second run of that file.
pub(crate) fn run_of_file(path: &str) -> Option<(&str, usize)> {
    let (file, number) = path.rsplit_once('#')?;
    let number: usize = number.parse().ok()?;
    (number > 0).then_some((file, number))
}

impl<'a> Part<'a> {
    /// What stands at the paths `folders` of `tree`: folders, single files, or one of several runs of a file (`FILE#2`,
    /// where no file is called so).
    ///
    /// Faults: a path that does not stay below the tree ([`Code::Usage`]); nothing there, or a link in its place
    /// or on the way to it.
    pub fn new(tree: &'a dyn Tree, folders: &[String]) -> Result<Self> {
        let mut part = Part {
            tree,
            folders: Vec::new(),
            runs: Vec::new(),
        };
        for folder in folders {
            let run = run_of_file(folder).filter(|_| check(tree, folder, true).is_err());
            if let Some((file, number)) = run {
                part.runs.push((file.to_owned(), number));
            }
            let folder = run.map_or(folder.as_str(), |(file, _)| file);
            part.folders.push(folder.to_owned());
            let ends = folder.match_indices('/').map(|(at, _)| at);
            for end in ends.chain([folder.len()]) {
                let may_be_file = end == folder.len();
                check(tree, &folder[..end], may_be_file)
                    .map_err(|fault| fault.at(&folder[..end]))?;
            }
        }
        Ok(part)
    }

    fn holds(&self, path: &str) -> bool {
        let below = |folder: &String| {
            let rest = path.strip_prefix(folder.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.folders.is_empty() || self.folders.iter().any(below)
    }
}

/// Refuses what is no folder of the tree, nor a file where that may be.
fn check(tree: &dyn Tree, path: &str, may_be_file: bool) -> Result<()> {
    let name = path::name(path);
    if matches!(name, "" | "." | "..") {
        return Err(Fault::new(
            Code::Usage,
            format!(
                "found the folder {path:?}; expected names of folders below the directory, `/` between them"
            ),
        ));
    }
    if tree.is_folder(path) {
        return Ok(());
    }
    let siblings = tree.children(path::folder(path))?;
    Err(
        match siblings.into_iter().find(|child| child.name == name) {
            Some(child) if may_be_file && child.file_type == FileType::File => return Ok(()),
            Some(child) if child.file_type != FileType::File => not_regular(path, child.file_type),
            _ => Fault::new(Code::NotFound, refused(true)),
        },
    )
}

impl Tree for Part<'_> {
    fn children(&self, folder: &str) -> Result<Vec<Child>> {
        let mut children = self.tree.children(folder)?;
        children.retain(|child| {
            let path = join(folder, &child.name);
            let leads_to = |to: &String| to.starts_with(&join(&path, ""));
            self.holds(&path) || self.folders.iter().any(leads_to)
        });
        Ok(children)
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>> {
        if self.holds(path) {
            self.tree.open(path)
        } else {
            Err(Fault::new(Code::NotFound, refused(true)).at(path))
        }
    }

    fn run_of(&self, path: &str) -> Option<usize> {
        let mut runs = self.runs.iter();
        let found = runs.find(|(file, _)| file == path);
        found.map(|(_, number)| *number)
    }

    fn list(&self) -> Result<Vec<String>> {
        if self.folders.is_empty() {
            return self.tree.list();
        }
        let mut found = Vec::new();
        for folder in &self.folders {
            if !self.tree.is_folder(folder) {
                found.push(folder.clone());
                continue;
            }
            let depth = folder.split('/').count();
            walk(self.tree, folder, depth, &mut found)?;
        }
        found.order();
        // A folder may stand in another one.
        found.dedup();
        Ok(found)
    }
}
