//! Bundles of the corpus, changed in memory.

use crate::support;
use perfbridge_guest::document::{Document, Options, build};
use perfbridge_guest::fault::Result;
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::sources::read_bundle;

pub type Files = Vec<(String, Vec<u8>)>;

/// The files of a bundle of the corpus.
pub fn files(name: &str) -> Files {
    let all = support::files(name).into_iter();
    all.map(|(path, text)| (path, text.into_bytes())).collect()
}

pub fn try_made(files: &Files) -> Result<Document> {
    let run = read_bundle(&MemoryTree::new(files.clone()))?;
    let options = Options {
        model: Some("tinyllama-7m".to_owned()),
        ..Options::default()
    };
    build(&run, None, &options)
}

pub fn made(files: &Files) -> Document {
    try_made(files).unwrap_or_else(|fault| panic!("{fault}"))
}

/// Everything that is judged.
pub fn numbers(document: &Document) -> String {
    let sections = ["metrics", "server_metrics_delta", "deployment", "workload"];
    let all = sections.map(|section| document.map[section].to_string());
    all.join("\n")
}

pub const KINDS: [&str; 7] = [
    "base-1",
    "base-1-csv",
    "base-1-records",
    "base-1-console",
    "base-2-console",
    "base-1-report",
    "errors-1-records",
];

/// Edits the text of each file.
pub fn edited(name: &str, edit: impl Fn(&str) -> String) -> Files {
    let mut all = files(name);
    for (_, bytes) in &mut all {
        let text = String::from_utf8(std::mem::take(bytes)).expect("text");
        *bytes = edit(&text).into_bytes();
    }
    all
}
