//! The flow of modules: no circle between files, and in the guest no import from a lower floor to a higher one.

mod graph;
mod rust;
mod typescript;

use graph::Graph;
use std::path::{Path, PathBuf};

/// The rooms of the guest from the top floor down. Data comes in at the bottom and is judged and drawn at the top, so
/// that a room knows only of what is below it. The rooms that are not listed serve several floors.
const FLOORS: &[&[&str]] = &[
    &["component"],
    &["render"],
    &["judge"],
    &["document"],
    &["sources"],
    &["server", "profile"],
    &["run"],
    &["measure"],
    &["stats"],
    &["files"],
    &["json"],
];

fn root(tree: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(tree)
}

/// Every import of the tree that lies on a circle or runs up, one a line; empty where all is well.
fn offences(tree: &str, graph: &Graph, floors: &[&[&str]]) -> String {
    let read = graph.imports().count();
    assert!(
        read > 10,
        "{tree}: {read} imports, so hardly anything was read"
    );
    let circular = graph
        .circular()
        .into_iter()
        .map(|found| (found, "on a circle"));
    let upwards = graph
        .upwards(floors)
        .into_iter()
        .map(|found| (found, "runs up"));
    let mut lines = String::new();
    for ((from, to), what) in circular.chain(upwards) {
        lines.push_str(&format!("{what}: {tree}/{from} -> {tree}/{to}\n"));
    }
    lines
}

const ADVICE: &str = "move what is imported to where both sides can take it from below";

#[test]
fn the_guest_has_no_circle_and_no_import_upwards() {
    let found = offences("guest/src", &rust::read(&root("guest/src")), FLOORS);
    assert!(found.is_empty(), "{ADVICE}\n{found}");
}

#[test]
fn the_host_has_no_circle() {
    let trees = [
        "host/src",
        "host/registry/src",
        "host/sandbox/src",
        "host/mcp/src",
    ];
    let found = trees.map(|tree| offences(tree, &rust::read(&root(tree)), &[]));
    let found = found.concat();
    assert!(found.is_empty(), "{ADVICE}\n{found}");
}

#[test]
fn the_page_has_no_circle() {
    let found = offences("web/src", &typescript::read(&root("web/src")), &[]);
    assert!(found.is_empty(), "{ADVICE}\n{found}");
}
