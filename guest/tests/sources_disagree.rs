//! Files of one run that say different things: which counts, and that it is said.

mod support;

use perfbridge_guest::document::{Document, Options, build};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::{MemoryTree, Tree, read_text};
use perfbridge_guest::sources::read_bundle;
use support::findings;

const EXPORT: &str = "aiperf-c16/profile_export_aiperf.json";
const REPORT: &str = "perf-bench-report-2026-11-24.md";

/// A bundle of the corpus, each file with its path and text changed.
fn made(name: &str, change: impl Fn(&str, String) -> (String, String)) -> Document {
    let root = format!(
        "{}/../tests/data/bundles/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let tree = NativeTree::new(root);
    let listed = tree.list().expect("a bundle");
    let files = listed.into_iter().map(|path| {
        let (path, text) = change(&path, read_text(&tree, &path).expect("text"));
        (path, text.into_bytes())
    });
    let run = read_bundle(&MemoryTree::new(files)).unwrap_or_else(|fault| panic!("{fault}"));
    build(&run, None, &Options::default()).unwrap_or_else(|fault| panic!("{fault}"))
}

fn unchanged(name: &str) -> Document {
    made(name, |path, text| (path.to_owned(), text))
}

/// The report of `base-1` with one text replaced, which must be there.
fn reported(old: &str, new: &str) -> Document {
    made("base-1", |path, text| {
        if path != REPORT {
            return (path.to_owned(), text);
        }
        assert!(text.contains(old), "{old}");
        (path.to_owned(), text.replace(old, new))
    })
}

/// The places of the findings with a code.
fn places(document: &Document, code: &str) -> Vec<String> {
    let all = document.findings.iter();
    all.filter(|one| one.code.as_str() == code)
        .map(|one| one.place.text().unwrap_or_default())
        .collect()
}

/// The export says 259.76… and the report, rounded, 259.8: that is agreement. 260.8 is none.
#[test]
fn a_number_that_the_export_contradicts() {
    let code = "SOURCES_DISAGREE";
    assert!(findings(&unchanged("base-1").findings, code).is_empty());
    let document = reported("| 16 | 259.8 |", "| 16 | 260.8 |");
    assert_eq!(
        places(&document, code),
        ["metrics.16.throughput_toks_per_s"]
    );
    let said = findings(&document.findings, code);
    assert!(
        said[0].starts_with(&format!("{EXPORT} has 259.")),
        "{said:?}"
    );
    let end = format!("{REPORT} has 260.8; the first is used");
    assert!(said[0].ends_with(&end), "{said:?}");
    assert_eq!(
        document.map["metrics"],
        unchanged("base-1").map["metrics"],
        "the export counts"
    );
}

/// What the server states about itself counts before what somebody wrote down.
#[test]
fn a_context_that_the_server_contradicts() {
    let code = "CONTEXT_DISAGREES";
    assert!(findings(&unchanged("base-1").findings, code).is_empty());
    let document = reported("KV cache dtype: auto", "KV cache dtype: fp8");
    assert_eq!(places(&document, code), ["deployment.kv_cache_dtype"]);
    let said = findings(&document.findings, code);
    let end = format!(" says auto, {REPORT} says fp8; the first is used");
    assert!(said[0].ends_with(&end), "{said:?}");
    assert_eq!(document.map["deployment"]["kv_cache_dtype"], "auto");
}

/// A folder that was renamed does not make another concurrency of its result.
#[test]
fn a_level_that_its_name_contradicts() {
    let code = "LEVEL_NAME_DISAGREES";
    assert!(findings(&unchanged("aa-01").findings, code).is_empty());
    let renamed = "aiperf-c8/profile_export_aiperf.json";
    let document = made("aa-01", |path, text| (path.replace(EXPORT, renamed), text));
    assert_eq!(places(&document, code), [renamed]);
    assert_eq!(
        findings(&document.findings, code),
        ["the name says concurrency 8, the content 16; the content counts"]
    );
    assert_eq!(document.map["metrics"], unchanged("aa-01").map["metrics"]);
}
