//! The cases below `tests/data/field`.

use perfbridge_guest::document::{Document, Options, build};
use perfbridge_guest::fault::{Fault, Result};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::{MemoryTree, Tree, read_text};
use perfbridge_guest::finding::Finding;
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::judge::{Judgement, judge};
use perfbridge_guest::measure::Place;
use perfbridge_guest::provenance::digests;
use perfbridge_guest::sources::read_bundle;
use serde_json::Value;

/// The directory of a case, or one inside it.
pub fn tree(dir: &str) -> NativeTree {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/field");
    NativeTree::new(format!("{root}/{dir}"))
}

/// Why a directory is refused.
pub fn refused(tree: &dyn Tree) -> Fault {
    let made = read_bundle(tree).and_then(|run| build::build(&run, None, &Options::default()));
    made.map(|document| document.to_json())
        .expect_err("refused")
}

/// The document of files, by path and text, with their hashes.
pub fn of_files(files: &[(&str, String)]) -> Result<Document> {
    let tree = MemoryTree::new(files.iter().map(|(path, text)| (*path, text.as_bytes())));
    let mut options = Options::default();
    options.provenance.files = digests(&tree)?;
    build::build(&read_bundle(&tree)?, None, &options)
}

/// The document of a directory whose files name no model.
pub fn of_model(dir: &str, model: &str) -> Document {
    let run = read_bundle(&tree(dir)).unwrap_or_else(|fault| panic!("{dir}: {fault}"));
    let options = Options {
        model: Some(model.to_owned()),
        ..Options::default()
    };
    build::build(&run, None, &options).unwrap_or_else(|fault| panic!("{dir}: {fault}"))
}

/// A file of a case.
pub fn text(dir: &str, path: &str) -> String {
    read_text(&tree(dir), path).unwrap_or_else(|fault| panic!("{fault}"))
}

/// A JSON file of a case, changed.
pub fn changed(dir: &str, path: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut value = serde_json::from_str(&text(dir, path)).expect("JSON");
    change(&mut value);
    value.to_string()
}

/// Checks the numbers of a cell: `null` is said by `None`.
pub fn holds(document: &Document, place: &str, numbers: &[(&str, Option<f64>)]) {
    let place: Place = place.parse().expect("a place");
    let cell = match place {
        Place::Rate(rate) => &document.map["metrics_by_request_rate"][rate.to_string()],
        place => &document.map["metrics"][place.key()],
    };
    for (name, expected) in numbers {
        match expected {
            Some(expected) => close(&cell[*name], *expected),
            None => assert!(cell[*name].is_null(), "{name}: {}", cell[*name]),
        }
    }
}

/// The document of a directory of the cases.
pub fn document(dir: &str) -> Document {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/field");
    let tree = NativeTree::new(format!("{root}/{dir}"));
    let run = read_bundle(&tree).unwrap_or_else(|fault| panic!("{dir}: {fault}"));
    build::build(&run, None, &Options::default()).unwrap_or_else(|fault| panic!("{dir}: {fault}"))
}

/// The two sides of a case, judged.
pub fn judged(case: &str) -> Judgement {
    let [baseline, current] =
        ["baseline", "current"].map(|side| document(&format!("{case}/{side}")));
    judge(&baseline, &current, &[], &Policy::default()).expect("judged")
}

/// The findings of a code.
pub fn of_finding<'a>(document: &'a Document, code: &str) -> Vec<&'a Finding> {
    let all = document.findings.iter();
    all.filter(|one| one.code.as_str() == code).collect()
}

fn json(judgement: &Judgement) -> Value {
    serde_json::from_str(&judgement.to_json()).expect("JSON")
}

/// The row of a metric at a level, as JSON has it.
pub fn row(judgement: &Judgement, metric: &str, level: &str) -> Value {
    let json = json(judgement);
    let mut rows = json["rows"].as_array().expect("rows").iter();
    let is_it = |row: &&Value| row["metric"] == metric && row["level"] == level;
    rows.find(is_it).expect("the row").clone()
}

/// What changed of a field, from and to.
pub fn change(judgement: &Judgement, field: &str) -> [Value; 2] {
    let json = json(judgement);
    let mut changed = json["changed"].as_array().expect("changes").iter();
    let is_it = |one: &&Value| {
        one["field"]
            .as_str()
            .is_some_and(|path| path.ends_with(field))
    };
    let found = changed.find(is_it).expect("the change");
    ["baseline", "current"].map(|side| found[side].clone())
}

/// Whether a number is the expected one but for the last bits.
pub fn close(found: &Value, expected: f64) {
    let found = found.as_f64().expect("a number");
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs().max(1.0),
        "found {found}, expected {expected}"
    );
}
