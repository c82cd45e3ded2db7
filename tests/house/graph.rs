//! Who imports whom, and where that goes in a circle or upwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files of one tree and their imports of each other; paths below its root, with slashes.
#[derive(Default)]
pub struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    /// Adds a file.
    pub fn file(&mut self, file: &str) {
        self.0.entry(file.to_owned()).or_default();
    }

    /// Adds an import. A file that names itself imports nothing.
    pub fn import(&mut self, from: &str, to: &str) {
        if from != to {
            let imports = self.0.entry(from.to_owned()).or_default();
            imports.insert(to.to_owned());
        }
    }

    /// Every import of the tree.
    pub fn imports(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .flat_map(|(from, all)| all.iter().map(|to| (from.as_str(), to.as_str())))
    }

    /// The imports that lie on a circle: those whose file can be reached back from what they import.
    pub fn circular(&self) -> Vec<(&str, &str)> {
        self.imports()
            .filter(|(from, to)| self.reaches(to, from))
            .collect()
    }

    fn reaches(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut left = vec![from];
        while let Some(file) = left.pop() {
            if file == to {
                return true;
            }
            if seen.insert(file) {
                left.extend(self.0.get(file).into_iter().flatten().map(String::as_str));
            }
        }
        false
    }

    /// The imports that run from a room to one on a floor above it. A file is in the room of the first part of its
    /// path; rooms that stand on no floor are free.
    pub fn upwards<'a>(&'a self, floors: &[&[&str]]) -> Vec<(&'a str, &'a str)> {
        let floor = |file: &str| {
            let room = file.split('/').next().unwrap_or_default();
            let room = room.strip_suffix(".rs").unwrap_or(room);
            floors.iter().position(|rooms| rooms.contains(&room))
        };
        self.imports()
            .filter(|(from, to)| match (floor(from), floor(to)) {
                (Some(from), Some(to)) => to < from,
                _ => false,
            })
            .collect()
    }
}

/// Every file below `root` with this extension, as its path there with slashes, sorted.
pub fn files(root: &Path, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![PathBuf::new()];
    while let Some(dir) = left.pop() {
        let items = std::fs::read_dir(root.join(&dir));
        for item in items.unwrap_or_else(|error| panic!("{}: {error}", root.display())) {
            let item = item.expect("an item");
            let path = dir.join(item.file_name());
            if item.file_type().expect("a type").is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|end| end == extension) {
                found.push(path.to_str().expect("UTF-8").to_owned());
            }
        }
    }
    found.sort();
    found
}
