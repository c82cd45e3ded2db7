//! Files of other tools, from `tests/data/tools` or made here.

use perfbridge_guest::document::Document;
use perfbridge_guest::document::build::{Options, build};
use perfbridge_guest::fault::{Fault, Result};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::{MemoryTree, Tree, read_text};
use perfbridge_guest::measure::Place;
use perfbridge_guest::sources::read_bundle;
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/tools");

/// The text of a sample.
pub fn text(path: &str) -> String {
    read_text(&NativeTree::new(ROOT), path).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The document of a tree whose model is `m` unless its files name one.
pub fn made(tree: &dyn Tree) -> Result<Document> {
    let run = read_bundle(tree)?;
    let named = run.results.iter().any(|result| result.model.is_some());
    let options = Options {
        model: (!named).then(|| "m".to_owned()),
        ..Options::default()
    };
    build(&run, None, &options)
}

/// The document of files by path and text.
pub fn of_files<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Result<Document> {
    made(&MemoryTree::new(
        files.iter().map(|(path, text)| (*path, text.as_ref())),
    ))
}

/// The document of one file.
pub fn of_text(text: &str) -> Document {
    of_files(&[("result.json", text)]).unwrap_or_else(|fault| panic!("{fault}"))
}

/// Why one file is refused.
pub fn refused(text: &str) -> Fault {
    of_files(&[("result.json", text)])
        .map(|document| document.to_json())
        .expect_err("refused")
}

/// The cell of a place.
pub fn cell<'a>(document: &'a Document, place: &str) -> &'a Value {
    let place: Place = place.parse().expect("a place");
    match place {
        Place::Rate(rate) => &document.map["metrics_by_request_rate"][rate.to_string()],
        place => &document.map["metrics"][place.key()],
    }
}

/// The places of a document, as people write them.
pub fn places(document: &Document) -> Vec<String> {
    let of = |section: &str| {
        let section = document.map.get(section).and_then(Value::as_object);
        section.into_iter().flat_map(|cells| cells.keys().cloned())
    };
    let rates = of("metrics_by_request_rate").map(|rate| format!("{rate}/s"));
    of("metrics").chain(rates).collect()
}

/// Codes and texts of the findings.
pub fn findings(document: &Document) -> Vec<(String, String)> {
    let all = document.findings.iter();
    all.map(|one| (one.code.as_str().to_owned(), one.message.clone()))
        .collect()
}

/// A result of vLLM.
pub fn vllm() -> Value {
    serde_json::from_str(&text("vllm-bench-0.10.2/levels/c4.json")).expect("JSON")
}

/// The same, changed.
pub fn vllm_with(change: impl FnOnce(&mut Value)) -> String {
    let mut value = vllm();
    change(&mut value);
    value.to_string()
}
