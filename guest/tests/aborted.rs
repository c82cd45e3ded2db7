//! A run that stopped before it measured, beside levels that were measured.

mod support;

use perfbridge_guest::document::{Document, Options, build, trials};
use perfbridge_guest::fault::{Code, Fault, Result};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::{MemoryTree, Tree, read_text};
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::judge::{Judgement, judge};
use perfbridge_guest::measure::Place;
use perfbridge_guest::sources::read_bundle;
use support::findings;

const ABORTED: &str = "text/aiperf-aborted/aiperf-c16.log";

fn text(folder: &str, path: &str) -> String {
    let root = format!("{}/../tests/{folder}", env!("CARGO_MANIFEST_DIR"));
    read_text(&NativeTree::new(root), path).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The JSON exports of a bundle of the corpus, without those of the level `without`, and further files.
fn bundle(name: &str, without: &str, more: &[(&str, String)]) -> Result<Document> {
    let root = format!(
        "{}/../tests/data/bundles/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let listed = NativeTree::new(root).list()?;
    let without = format!("aiperf-c{without}/");
    let kept = listed
        .into_iter()
        .filter(|path| path.ends_with("profile_export_aiperf.json"))
        .filter(|path| !path.starts_with(&without))
        .map(|path| {
            let content = text(&format!("data/bundles/{name}"), &path);
            (path, content.into_bytes())
        });
    let more = more
        .iter()
        .map(|(path, content)| ((*path).to_owned(), content.clone().into_bytes()));
    let run = read_bundle(&MemoryTree::new(kept.chain(more)))?;
    build(&run, None, &Options::default())
}

fn aborted() -> String {
    text("data", ABORTED)
}

fn aborted_at(name: &str, level: &str) -> Document {
    let log = format!("aiperf-c{level}.log");
    bundle(name, level, &[(&log, aborted())]).unwrap_or_else(|fault| panic!("{fault}"))
}

fn whole(name: &str) -> Document {
    bundle(name, "none", &[]).unwrap_or_else(|fault| panic!("{fault}"))
}

fn refused(result: Result<Document>) -> Fault {
    result
        .map(|document| document.to_json())
        .expect_err("refused")
}

fn said(judgement: &Judgement) -> (&str, &str) {
    (judgement.verdict.as_str(), judgement.rule.as_str())
}

fn said_of(judgement: &Judgement) -> &str {
    judgement.verdict.as_str()
}

/// Both are made of one run's files; the baseline stands for another run with the same numbers.
fn against(baseline: &Document, current: &Document) -> Judgement {
    let mut baseline = baseline.clone();
    baseline.origins.clear();
    baseline.map.insert("another_run".to_owned(), true.into());
    judge(&baseline, current, &[], &Policy::default()).unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn the_other_levels_are_read() {
    let document = aborted_at("base-1", "16");
    let levels: Vec<u32> = document
        .cell_places()
        .filter_map(Place::concurrency)
        .collect();
    assert_eq!(levels, [1, 4, 8, 32]);
    let said = findings(&document.findings, "LEVEL_ABORTED");
    assert_eq!(said.len(), 1);
    assert!(
        said[0].starts_with("AIPerf stopped before it measured: \"Dataset configuration failed"),
        "{said:?}"
    );
    assert!(said[0].contains("concurrency 16 has no result"), "{said:?}");
    assert!(said[0].ends_with("The other levels are read"), "{said:?}");
    let place = document.findings[0].place.text();
    assert_eq!(place.as_deref(), Some("aiperf-c16.log:88"));
    // An error in the log before the end of the measured phase is enough.
    let log = "03:08:10.879 INFO     Starting AIPerf System (x.py:1)\n03:08:10.880 CRITICAL Out of memory (x.py:1)\n";
    let document = bundle("base-1", "8", &[("aiperf-c8.log", log.to_owned())]);
    let document = document.unwrap_or_else(|fault| panic!("{fault}"));
    assert!(document.cell(Place::Level(8)).is_none());
    let said = findings(&document.findings, "LEVEL_ABORTED");
    assert!(said[0].contains("Out of memory (x.py:1)"), "{said:?}");
}

/// A level that was lost is judged as every lost level, whichever it is.
#[test]
fn an_aborted_level_is_never_a_pass() {
    let baseline = whole("base-1");
    assert_eq!(
        said(&against(&baseline, &whole("base-1"))),
        ("GREEN", "none")
    );
    for level in ["1", "4", "8", "32"] {
        let judgement = against(&baseline, &aborted_at("base-1", level));
        assert_eq!(said(&judgement), ("YELLOW", "lost"), "{level}");
        let said = format!("the baseline has concurrency {level}");
        assert!(judgement.reason.contains(&said), "{}", judgement.reason);
        let finding = judgement
            .findings
            .iter()
            .find(|finding| finding.code.as_str() == "LEVEL_ABORTED");
        let place = finding.and_then(|finding| finding.place.text());
        assert_eq!(place, Some(format!("current: aiperf-c{level}.log:88")));
    }
    let judgement = against(&baseline, &aborted_at("base-1", "16"));
    assert_eq!(said(&judgement), ("NO_VERDICT", "headline-unmeasured"));
}

/// The median of the runs that went well hides the one that did not.
#[test]
fn nor_in_one_trial_of_three() {
    let merge = |runs: [Document; 3]| {
        let texts = runs.map(|run| run.to_json());
        trials::merge(&texts).unwrap_or_else(|fault| panic!("{fault}"))
    };
    let baseline = merge(["aa-01", "aa-02", "aa-03"].map(whole));
    let again = merge(["aa-01", "aa-02", "aa-03"].map(whole));
    assert_eq!(said(&against(&baseline, &again)), ("GREEN", "none"));
    for level in ["4", "16"] {
        let runs = [whole("aa-01"), aborted_at("aa-02", level), whole("aa-03")];
        let judgement = against(&baseline, &merge(runs));
        assert_ne!(judgement.verdict.as_str(), "GREEN", "{level}");
        if judgement.rule.as_str() == "lost" {
            let said = format!(
                "the baseline has concurrency {level}, trial 2 of the current run does not"
            );
            assert_eq!(judgement.reason, said);
        }
        let place = "current: trial 2: ";
        let told = judgement.findings.iter().any(|finding| {
            finding.code.as_str() == "LEVEL_ABORTED"
                && finding.place.text().is_some_and(|at| at.starts_with(place))
        });
        assert!(told, "{level}");
    }
}

/// An export that an earlier run left in the same folder would be judged in place of the one that failed.
#[test]
fn a_result_of_the_same_level_is_of_another_run() {
    let document = bundle("base-1", "none", &[("aiperf-c16.log", aborted())]);
    let document = document.unwrap_or_else(|fault| panic!("{fault}"));
    assert!(document.cell(Place::Level(16)).is_none());
    assert!(document.cell(Place::Level(8)).is_some());
    let said = findings(&document.findings, "LEVEL_ABORTED");
    for piece in [
        "AIPerf stopped before it measured",
        "aiperf-c16/profile_export_aiperf.json, which began 2026-11-24T03:06:39.172730, is then the result of another run and is left out",
    ] {
        assert!(said[0].contains(piece), "{said:?}");
    }
    let place = document.findings[0].place.text();
    assert_eq!(place.as_deref(), Some("aiperf-c16.log:88"));
    let judgement = against(&whole("base-1"), &document);
    assert_eq!(said_of(&judgement), "NO_VERDICT");
}

/// Without another level there is nothing left to judge.
#[test]
fn two_runs_of_the_only_level_are_a_conflict() {
    let export = text(
        "data/bundles/base-1",
        "aiperf-c16/profile_export_aiperf.json",
    );
    let path = "aiperf-c16/profile_export_aiperf.json";
    let files = [(path, export), ("aiperf-c16.log", aborted())];
    let run = read_bundle(&MemoryTree::new(
        files.map(|(path, text)| (path, text.into_bytes())),
    ));
    let fault = refused(build(&run.expect("a bundle"), None, &Options::default()));
    assert_eq!(fault.code, Code::Conflict);
    assert_eq!(fault.place.as_deref(), Some("aiperf-c16.log:88"));
    for piece in [
        "AIPerf stopped before it measured",
        "aiperf-c16/profile_export_aiperf.json has results of concurrency 16",
        "Take away the one that is not of this run",
    ] {
        assert!(fault.message.contains(piece), "{fault}");
    }
}

#[test]
fn without_another_level_it_is_the_fault_of_the_bundle() {
    for more in [vec![], vec![("perf.log", "x".to_owned())]] {
        let mut files = vec![("aiperf-c16.log", aborted())];
        files.extend(more);
        let files = files
            .iter()
            .map(|(path, content)| (*path, content.as_bytes()));
        let fault = read_bundle(&MemoryTree::new(files)).expect_err("refused");
        assert_eq!(fault.code, Code::Damaged);
        assert_eq!(fault.place.as_deref(), Some("aiperf-c16.log:88"));
    }
    // Nothing says which level this log is of, so it may be one that an old export stands in for.
    let fault = refused(bundle("base-1", "16", &[("bench.log", aborted())]));
    assert_eq!(fault.code, Code::Damaged);
    assert_eq!(fault.place.as_deref(), Some("bench.log:88"));
    assert!(
        fault.message.contains("this level has no result"),
        "{fault}"
    );
}

/// What was measured and then cut is damaged, and so is what may have been.
#[test]
fn a_cut_log_stays_an_error() {
    let log = text("data/bundles/base-1-console", "aiperf-c16.log");
    let line_before = |text: &str| {
        let at = log.find(text).expect("a line");
        log[..at].rfind('\n').expect("a line before")
    };
    let row = line_before("Request Latency (ms)");
    let start = line_before("Phase profiling");
    for (end, piece) in [
        (row, "bottom border"),
        (start, "no end of the measured phase"),
    ] {
        let files = [("aiperf-c16.log", log[..end].to_owned())];
        let fault = refused(bundle("base-1", "16", &files));
        assert_eq!(fault.code, Code::Damaged);
        assert!(fault.message.contains(piece), "{fault}");
    }
    // An error in the log does not make a cut table of an aborted run.
    let cut = format!("03:08:10.879 ERROR    late (x.py:1)\n{}", &log[..row]);
    let fault = refused(bundle("base-1", "16", &[("aiperf-c16.log", cut)]));
    assert!(fault.message.contains("bottom border"), "{fault}");
}

/// 24 requests at level 16 were refused by the server that was no longer there. AIPerf 0.13.0 wrote a record of
/// each, no export, and "All 24 inference request(s) failed" at the end of its log.
#[test]
fn a_level_of_which_every_request_failed_is_red() {
    let log = || text("data/bundles/aiperf-failed", "aiperf-c16.log");
    let records = || {
        text(
            "data/bundles/aiperf-failed",
            "aiperf-c16/profile_export.jsonl",
        )
    };
    let baseline = ["1", "4", "16"].map(|level| {
        let path = format!("concurrency_{level}/profile_export_aiperf.json");
        let export = text("data/bundles/aiperf-sweep", &path).into_bytes();
        (path, export)
    });
    let run = read_bundle(&MemoryTree::new(baseline)).expect("a bundle");
    let baseline = build(&run, None, &Options::default()).expect("a document");
    for more in [
        vec![("aiperf-c16.log", log())],
        vec![("aiperf-c16/profile_export.jsonl", records())],
        vec![
            ("aiperf-c16.log", log()),
            ("aiperf-c16/profile_export.jsonl", records()),
        ],
    ] {
        let current =
            bundle("aiperf-failed", "none", &more).unwrap_or_else(|fault| panic!("{fault}"));
        let level = &current.map["metrics"]["16"];
        assert_eq!(
            (&level["requests"], &level["errors"]),
            (&24.into(), &24.into())
        );
        assert!(level["ttft_p50_ms"].is_null(), "{level}");
        let judgement = against(&baseline, &current);
        assert_eq!(said(&judgement), ("RED", "failed-level"), "{}", more.len());
    }
}

/// AIPerf opens the file when it starts, and a run that is killed leaves it empty.
#[test]
fn records_without_a_line_are_of_a_run_that_was_stopped() {
    let empty = ("aiperf-c16/profile_export.jsonl", String::new());
    let document = bundle("base-1", "16", std::slice::from_ref(&empty))
        .unwrap_or_else(|fault| panic!("{fault}"));
    let said = findings(&document.findings, "LEVEL_ABORTED");
    assert!(
        said[0].starts_with(
            "found no record; expected one line for each request: AIPerf was stopped before"
        ),
        "{said:?}"
    );
    assert!(document.cell(Place::Level(16)).is_none());
    // A result of the level is then of another run.
    let beside = bundle("base-1", "none", std::slice::from_ref(&empty));
    let beside = beside.unwrap_or_else(|fault| panic!("{fault}"));
    assert!(beside.cell(Place::Level(16)).is_none());
    let said = findings(&beside.findings, "LEVEL_ABORTED");
    assert!(
        said[0].contains("aiperf-c16/profile_export_aiperf.json, which began"),
        "{said:?}"
    );
    // Alone it is damaged.
    let (path, content) = empty;
    let alone = read_bundle(&MemoryTree::new([(path, content.into_bytes())]));
    let fault = alone.map(drop).expect_err("refused");
    assert_eq!(
        (fault.code, fault.place.as_deref()),
        (Code::Damaged, Some(path))
    );
}
