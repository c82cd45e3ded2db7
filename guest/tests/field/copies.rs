//! One run that is given twice through files of which none stands on both sides.

use crate::support::{of_model, tree};
use perfbridge_guest::document::{Document, Options, build};
use perfbridge_guest::files::{MemoryTree, Tree, read_text};
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::judge::{Judgement, judge};
use perfbridge_guest::sources::read_bundle;

const MODEL: &str = "tinyllama-7m";

fn of(bundle: &str) -> Document {
    of_model(&format!("../bundles/{bundle}"), MODEL)
}

/// The exports of a bundle and nothing else: without scrapes and reports.
fn exports(bundle: &str) -> Document {
    let tree = tree(&format!("../bundles/{bundle}"));
    let paths = tree.list().expect("listed").into_iter();
    let paths: Vec<String> = paths
        .filter(|path| path.ends_with("profile_export_aiperf.json"))
        .collect();
    let texts = paths.iter().map(|path| read_text(&tree, path));
    let texts: Vec<String> = texts.map(|text| text.expect("text")).collect();
    let files = paths.iter().zip(&texts);
    let files = MemoryTree::new(files.map(|(path, text)| (path.as_str(), text.as_bytes())));
    let run = read_bundle(&files).expect("read");
    build::build(&run, None, &Options::default()).expect("built")
}

fn of_sides(baseline: &Document, current: &Document) -> Judgement {
    judge(baseline, current, &[], &Policy::default()).unwrap_or_else(|fault| panic!("{fault}"))
}

fn copies(judgement: &Judgement) -> usize {
    let all = judgement.findings.iter();
    all.filter(|finding| finding.code.as_str() == "SAME_NUMBERS")
        .count()
}

/// The export says 03:43:22.471737 without a zone; the first credit of the records is of 03:43:22.474753 UTC.
#[test]
fn records_and_the_export_of_one_run_began_together() {
    let records = of("base-1-records");
    let start = records.map["metrics"]["16"]["start_time"].as_str();
    assert!(start.is_some_and(|start| start.ends_with('Z')), "{start:?}");
    assert_eq!(
        records.map["provenance"]["captured_at"].as_str(),
        records.map["metrics"]["4"]["start_time"].as_str()
    );
    for (baseline, current) in [
        (exports("base-1"), records.clone()),
        (records, exports("base-1")),
        (exports("aa-01"), of("aa-01-records")),
    ] {
        let judgement = of_sides(&baseline, &current);
        assert_eq!(judgement.rule.as_str(), "same-run");
    }
}

/// A CSV and a console log state neither a name nor a time: their numbers are those of the export, rounded.
#[test]
fn what_was_printed_of_one_run_is_a_copy() {
    for (baseline, current) in [
        (exports("base-1"), of("base-1-csv")),
        (of("base-1-console"), exports("base-1")),
        (of("base-1-csv"), of("base-1-records")),
        (of("base-1-records"), of("base-1-console")),
        (exports("errors-1"), of("errors-1-csv")),
    ] {
        let judgement = of_sides(&baseline, &current);
        assert_eq!(copies(&judgement), 1);
        assert_eq!(judgement.tier.as_str(), "DRAFT");
    }
}

/// Runs of one configuration, through whatever file, are none.
#[test]
fn repeated_runs_are_no_copies() {
    let names = ["aa-01", "aa-02", "aa-03", "aa-04", "aa-05", "aa-06"];
    let mut all: Vec<Document> = names.map(exports).into();
    all.extend(["base-1", "base-2"].map(exports));
    for (at, baseline) in all.iter().enumerate() {
        for current in &all[at + 1..] {
            let judgement = of_sides(baseline, current);
            assert_eq!(copies(&judgement), 0);
            assert_ne!(judgement.rule.as_str(), "same-run");
        }
    }
    for (baseline, current) in [
        ("base-1-console", "base-2-console"),
        ("base-1-csv", "base-2-console"),
        ("base-1-records", "base-2-console"),
        ("aa-01-records", "aa-03-records"),
    ] {
        let judgement = of_sides(&of(baseline), &of(current));
        assert_eq!(copies(&judgement), 0, "{baseline} {current}");
        assert_ne!(judgement.rule.as_str(), "same-run");
    }
}
