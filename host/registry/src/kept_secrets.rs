//! What a snapshot of raw files keeps beside what is compared: keys, passwords, headers.

use crate::durable::open_regular;
use crate::snapshot::Survey;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// The file of the guest: what a secret is, is said once.
#[path = "../../../guest/src/secret.rs"]
#[allow(dead_code, reason = "the registry looks, and redacts nothing")]
mod secret;

/// What is looked at of a file, in bytes.
const MOST: u64 = 16 << 20;

/// A line for stderr where a source holds what looks like a secret; nothing where it does not. A file that cannot be
/// read is found out by who copies it.
pub fn warning(source: &Survey) -> String {
    let files: Vec<(String, PathBuf)> = match source {
        // Made by the component, which keeps none.
        Survey::Document(_) => Vec::new(),
        Survey::File(path) => {
            let name = path.file_name().unwrap_or_default();
            vec![(name.to_string_lossy().into_owned(), path.clone())]
        }
        Survey::Dir { root, files, .. } => {
            let names = files.iter().map(|parts| parts.join("/"));
            names.map(|name| (name.clone(), root.join(name))).collect()
        }
    };
    let found = files
        .iter()
        .filter_map(|(name, path)| Some(format!("{name}:{}", line_of_secret(path)?)));
    let found: Vec<String> = found.collect();
    let Some(first) = found.first() else {
        return String::new();
    };
    format!(
        "WARNING: the snapshot keeps what looks like a key or a password in {} of its files, first at {first}; whoever reads this registry can read it\n",
        found.len()
    )
}

/// The first line that would not stay as it is.
fn line_of_secret(path: &Path) -> Option<usize> {
    let file = open_regular(path).ok()?;
    let mut lines = BufReader::new(file.take(MOST));
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        if lines.read_until(b'\n', &mut bytes).ok()? == 0 || bytes.contains(&0) {
            return None;
        }
        let line = String::from_utf8_lossy(&bytes);
        if secret::redact(&line) != line {
            return Some(number);
        }
    }
    None
}
