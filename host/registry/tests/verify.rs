//! `verify` names every kind of damage and where it is; what an interrupted writer leaves is a warning.

mod common;

use common::Bench;
use perfbridge_registry::{Kind, Registry, Report, Severity, read_snapshot, verify};
use std::fs;
use std::path::{Path, PathBuf};

/// Two entries and a bundle, all sound.
fn sound() -> (Bench, PathBuf, PathBuf) {
    let bench = Bench::new();
    let entry = bench.recorded("m", "inputs/flat_base.json", &[]);
    bench.recorded("m", "inputs/flat_red.json", &[]);
    let args = [
        "--baseline",
        entry.to_str().expect("UTF-8"),
        "--current",
        "inputs/flat_red.json",
    ];
    let reply = bench.diff(&args).json.expect("a payload");
    let bundle = PathBuf::from(reply["diff_dir"].as_str().expect("a path"));
    let report = verify(&bench.root);
    assert_eq!(
        report,
        Report {
            entries: 2,
            rows: 2,
            diffs: 1,
            problems: vec![]
        }
    );
    (bench, entry, bundle)
}

/// Exactly one problem, of this kind, at this place.
fn one(bench: &Bench, kind: Kind, place: &Path, words: &str) {
    let report = verify(&bench.root);
    let [problem] = report.problems.as_slice() else {
        panic!("{:#?}", report.problems)
    };
    assert_eq!(
        (problem.kind, problem.place.as_str()),
        (kind, place.to_str().expect("UTF-8"))
    );
    assert!(problem.message.contains(words), "{}", problem.message);
    assert_eq!(report.is_sound(), problem.severity == Severity::Warning);
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("a file");
    assert!(text.contains(from));
    fs::write(path, text.replace(from, to)).expect("write");
}

#[test]
fn damage_to_snapshots_is_named() {
    let (bench, entry, _) = sound();
    let snapshot = entry.join("source-snapshot.json");
    edit(&snapshot, "742.9", "700.0");
    one(&bench, Kind::EditedSnapshot, &snapshot, "its SHA-256 is");
    let registry = Registry::open(&bench.root);
    let slug = entry
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a slug");
    let read = registry.entry("inference", "m", slug).expect("an entry");
    let refusal = read_snapshot(&read).expect_err("edited");
    assert!(
        refusal
            .message
            .contains("was changed after it was registered"),
        "{refusal}"
    );
    // The golden hash of flat_base.json.
    let stated = "48c0fc236c8208050104ccde1d32995ba0b982c794526e2da554c2b8e148fd22";
    assert!(refusal.message.contains(stated), "{refusal}");
    fs::remove_file(&snapshot).expect("rm");
    one(
        &bench,
        Kind::MissingSnapshot,
        &entry,
        "the source-snapshot is missing",
    );
    assert!(read_snapshot(&read).is_err_and(|e| e.message.contains("is missing")));
}

#[test]
fn damage_to_entries_is_named() {
    let (bench, entry, _) = sound();
    fs::remove_file(entry.join("SOURCE.md")).expect("rm");
    one(&bench, Kind::MissingFile, &entry, "SOURCE.md");
    fs::write(entry.join("SOURCE.md"), "").expect("write");
    edit(
        &entry.join("baseline.json"),
        "\"inference\"",
        "\"training\"",
    );
    one(
        &bench,
        Kind::Metadata,
        &entry,
        "states family training, the directory says inference",
    );
}

#[test]
fn damage_to_the_index_is_named() {
    let (bench, entry, _) = sound();
    let index = entry.parent().expect("a parent").join("INDEX.md");
    let whole = fs::read_to_string(&index).expect("INDEX.md");
    let at = |line: usize| PathBuf::from(format!("{}:{line}", index.display()));
    fs::write(
        &index,
        whole
            .lines()
            .take(7)
            .map(|l| format!("{l}\n"))
            .collect::<String>(),
    )
    .expect("write");
    one(
        &bench,
        Kind::MissingRow,
        &index,
        "has no row; the next record into this measurement adds it",
    );
    fs::write(&index, format!("{whole}broken |\n")).expect("write");
    one(&bench, Kind::MalformedRow, &at(9), "no row of the table");
    let legacy = whole.replace("`structured-json` |  |", "`structured-json` | a | b |");
    let legacy = legacy.replace("_(none)_ |  |", "_(none)_ | a | b |");
    fs::write(&index, &legacy).expect("write");
    let report = verify(&bench.root);
    let kinds: Vec<_> = report.problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(
        kinds,
        [Kind::BrokenRow, Kind::BrokenRow],
        "the row of an entry, with a pipe in its notes"
    );
    bench.recorded("m", "inputs/flat_red.json", &[]);
    let text = fs::read_to_string(&index).expect("INDEX.md");
    assert!(
        text.starts_with(&legacy) && text.lines().count() == 9,
        "no row is written twice: {text}"
    );
    fs::write(
        &index,
        format!("{}{}\n", whole, text.lines().last().expect("a row")),
    )
    .expect("write");
    let whole = fs::read_to_string(&index).expect("INDEX.md");
    let row = whole.lines().last().expect("a row");
    fs::write(&index, format!("{whole}{row}\n")).expect("write");
    one(&bench, Kind::DuplicateRow, &at(10), "has a row already");
    let slug = entry
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a slug");
    let ghost = whole
        .lines()
        .nth(6)
        .expect("a row")
        .replace(slug, "20200101T000000Z");
    fs::write(&index, format!("{whole}{ghost}\n")).expect("write");
    one(
        &bench,
        Kind::RowWithoutEntry,
        &at(10),
        "no usable entry 20200101T000000Z",
    );
}

#[test]
fn unfinished_entries_are_reported_and_never_used() {
    let (bench, entry, _) = sound();
    let half = entry
        .parent()
        .expect("a parent")
        .join("20991231T235959000000Z");
    fs::create_dir(&half).expect("mkdir");
    one(&bench, Kind::UnfinishedEntry, &half, "baseline.json");
    let registry = Registry::open(&bench.root);
    let listing = registry.entries("inference").expect("readable");
    assert_eq!((listing.entries.len(), listing.unfinished.len()), (2, 1));
    let newest = registry
        .newest("inference", "m")
        .expect("readable")
        .expect("an entry");
    assert_ne!(newest.dir, half);
    let refusal = registry
        .entry("inference", "m", "20991231T235959000000Z")
        .expect_err("unfinished");
    assert!(refusal.message.starts_with("cannot read "), "{refusal}");
    fs::write(half.join("baseline.json"), "[]").expect("write");
    one(&bench, Kind::UnfinishedEntry, &half, "not a JSON object");
    let gone = registry
        .entry("inference", "m", "20200101T000000Z")
        .expect_err("no such entry");
    assert!(
        gone.message
            .contains(&format!("the newest is {}", newest.slug)),
        "{gone}"
    );
    assert!(
        registry
            .entry("inference", "m", "../m")
            .is_err_and(|e| e.message.starts_with("slug must be"))
    );
    assert!(
        registry
            .entries("../x")
            .is_err_and(|e| e.message.starts_with("family must be"))
    );
}

#[test]
fn leftovers_are_warnings() {
    let (bench, entry, _) = sound();
    let left = entry
        .parent()
        .expect("a parent")
        .join(".20261124T024431681970Z.partial-77-0");
    fs::create_dir(&left).expect("mkdir");
    one(
        &bench,
        Kind::Leftover,
        &left,
        "left behind by a writer that was killed",
    );
    assert!(verify(&bench.root).is_sound());
}

#[test]
fn damage_to_diff_bundles_is_named() {
    let (bench, entry, bundle) = sound();
    edit(&bundle.join("current-snapshot.json"), "91.0", "90.0");
    one(
        &bench,
        Kind::EditedSnapshot,
        &bundle.join("current-snapshot.json"),
        "its SHA-256 is",
    );
    edit(&bundle.join("current-snapshot.json"), "90.0", "91.0");
    edit(&bundle.join("baseline-ref.txt"), "inference", "training");
    let report = verify(&bench.root);
    assert!(
        report
            .problems
            .iter()
            .all(|problem| problem.kind == Kind::BaselineReference)
    );
    assert_eq!(report.problems.len(), 2, "{:#?}", report.problems);
    edit(&bundle.join("baseline-ref.txt"), "training", "inference");
    let hidden = bench.path("hidden");
    fs::rename(entry.join("baseline.json"), &hidden).expect("mv");
    let report = verify(&bench.root);
    let gone = report
        .problems
        .iter()
        .find(|problem| problem.kind == Kind::BaselineReference);
    assert!(
        gone.expect("a problem")
            .message
            .starts_with("the baseline is gone")
    );
    fs::rename(&hidden, entry.join("baseline.json")).expect("mv");
    fs::write(bundle.join("diff.json"), "{").expect("write");
    one(
        &bench,
        Kind::Metadata,
        &bundle,
        "diff.json is not valid JSON",
    );
}

#[test]
fn older_entries_are_read() {
    let bench = Bench::new();
    let dir = "experiments/artifacts/perf-baselines/inference/m/20261124T022651Z";
    bench.write(
        &format!("{dir}/baseline.json"),
        "{\"family\": \"inference\", \"measurement\": \"m\", \"registered_by\": {\"operator_user\": \"o\", \"team\": \"t\"}, \
         \"value\": \"12\", \"later\": {}}",
    );
    let entry = Registry::open(&bench.root)
        .newest("inference", "m")
        .expect("readable")
        .expect("an entry");
    assert_eq!(entry.slug, "20261124T022651Z");
    assert_eq!(entry.baseline.direction, "two-sided");
    assert_eq!(
        (
            entry.baseline.value,
            entry.baseline.operator_user.as_deref()
        ),
        (Some(12.0), Some("o"))
    );
    let json = serde_json::to_value(verify(&bench.root)).expect("JSON");
    assert_eq!(json["problems"][0]["severity"], "warning");
    assert!(json["problems"][0]["where"].is_string());
}
