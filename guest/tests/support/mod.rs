//! What the tests of the server and profile sources share.
#![allow(dead_code)]

use perfbridge_guest::fault::{Fault, Result};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::{MemoryTree, Tree, read_text};
use perfbridge_guest::measure::Place;
use perfbridge_guest::run::Run;
use perfbridge_guest::server::{Conditions, Load, Resolved, resolve};
use perfbridge_guest::sources::read_bundle;
use serde_json::Value;

/// A bundle of the given files.
pub fn bundle(files: &[(&str, &str)]) -> Result<Run> {
    read_bundle(&MemoryTree::new(
        files.iter().map(|(path, text)| (*path, text.as_bytes())),
    ))
}

/// Why a bundle of one file is refused.
pub fn refusal(path: &str, text: impl AsRef<[u8]>) -> Fault {
    read_bundle(&MemoryTree::new([(path, text.as_ref())])).expect_err("refused")
}

/// The files of a bundle of the corpus, with their texts.
pub fn files(name: &str) -> Vec<(String, String)> {
    let root = format!(
        "{}/../tests/data/bundles/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let tree = NativeTree::new(root);
    let listed = tree.list().expect("a bundle");
    let read = |path: String| {
        let text = read_text(&tree, &path).expect("text");
        (path, text)
    };
    listed.into_iter().map(read).collect()
}

/// The real cuts below `tests/data/server`.
pub fn real(name: &str) -> NativeTree {
    NativeTree::new(format!(
        "{}/../tests/data/server/{name}",
        env!("CARGO_MANIFEST_DIR")
    ))
}

/// A file of the real cuts.
pub fn real_text(name: &str, path: &str) -> String {
    read_text(&real(name), path).expect("a file of the cut")
}

/// The real cut as files in memory, without those that `drop` names.
pub fn real_without(name: &str, drop: &[&str]) -> MemoryTree {
    let tree = real(name);
    let kept = tree.list().expect("listed").into_iter();
    MemoryTree::new(
        kept.filter(|path| !drop.iter().any(|part| path.contains(part)))
            .map(|path| {
                let text = real_text(name, &path);
                (path, text.into_bytes())
            }),
    )
}

/// The scrape before a run.
pub const PRE: &str = "m-metrics-pre.prom";
/// The scrape behind it.
pub const POST: &str = "m-metrics-post.prom";

/// What the scrapes before and behind a run say.
pub fn pair(pre: &str, post: &str) -> Resolved {
    // A comment keeps an empty scrape a scrape.
    resolved(&[
        (PRE, &format!("# pre\n{pre}")),
        (POST, &format!("# post\n{post}")),
    ])
}

/// The answers for a bundle, without any condition.
pub fn resolved(files: &[(&str, &str)]) -> Resolved {
    let run = bundle(files).expect("readable");
    resolve(&run.server, &Conditions::default())
}

/// A level of which nothing is known but how long it was measured.
pub fn load(level: u32, seconds: f64) -> Load {
    Load {
        place: Place::Level(level),
        folders: vec![format!("aiperf-c{level}")],
        seconds: Some(seconds),
        received: None,
        failed: None,
        recounted: None,
    }
}

/// The values that the server's labels state about a field.
pub fn stated(run: &Run, field: &str) -> Vec<Value> {
    let all = run.statements.iter();
    all.filter(|one| one.field == field)
        .map(|one| one.value.clone())
        .collect()
}

/// Whether a number is the expected one but for the last bits.
pub fn close(found: Option<f64>, expected: f64) {
    let found = found.expect("a number");
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs().max(1.0),
        "found {found}, expected {expected}"
    );
}

/// The messages of the findings with a code.
pub fn findings(list: &[perfbridge_guest::finding::Finding], code: &str) -> Vec<String> {
    let all = list.iter().filter(|one| one.code.as_str() == code);
    all.map(|one| one.message.clone()).collect()
}

/// An answer of ClickHouse with these columns and rows.
pub fn answer(columns: &[&str], rows: &[&str]) -> String {
    let meta: Vec<String> = columns
        .iter()
        .map(|name| {
            format!("\t\t{{\n\t\t\t\"name\": \"{name}\",\n\t\t\t\"type\": \"String\"\n\t\t}}")
        })
        .collect();
    let data: Vec<String> = rows.iter().map(|row| format!("\t\t{{{row}}}")).collect();
    format!(
        "{{\n\t\"meta\":\n\t[\n{}\n\t],\n\n\t\"data\":\n\t[\n{}\n\t],\n\n\t\"rows\": {},\n\n\t\"statistics\":\n\t{{\n\t\t\"elapsed\": 0.0015,\n\t\t\"rows_read\": 3,\n\t\t\"bytes_read\": 24\n\t}}\n}}\n",
        meta.join(",\n"),
        data.join(",\n"),
        rows.len()
    )
}
