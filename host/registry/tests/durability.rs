//! Writers that die, and many writers at once. Each writer is a process of its own: this test program, started again
//! with the test `writer`.

mod common;

use common::copy_tree;
use perfbridge_registry::{Embedded, Grants, Kind, Registry, Surroundings, Verbs, verify};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// What a writer is told, by environment variables.
#[derive(Clone, Default)]
struct Orders {
    root: PathBuf,
    source: PathBuf,
    /// So many records.
    count: u64,
    /// Abort before this step that changes the disk; steps count from 1.
    crash_at: Option<u64>,
    /// The clock stands still at this second, so that all writers want the same name.
    second: Option<u64>,
    /// Write a diff against this entry instead of a record.
    baseline: Option<PathBuf>,
}

impl Orders {
    fn start(&self) -> Child {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "writer", "--ignored", "--nocapture"]);
        command
            .env("WRITER_ROOT", &self.root)
            .env("WRITER_SOURCE", &self.source);
        command.env("WRITER_COUNT", self.count.to_string());
        for (name, value) in [
            ("WRITER_CRASH_AT", self.crash_at),
            ("WRITER_SECOND", self.second),
        ] {
            value.map(|value| command.env(name, value.to_string()));
        }
        self.baseline
            .as_ref()
            .map(|dir| command.env("WRITER_BASELINE", dir));
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a writer")
    }

    /// Waits; true if it was not killed.
    fn run(&self) -> bool {
        self.start()
            .wait_with_output()
            .expect("a writer")
            .status
            .success()
    }
}

struct Mortal {
    crash_at: Option<u64>,
    second: Option<u64>,
    steps: AtomicU64,
}

impl Surroundings for Mortal {
    fn now(&self) -> SystemTime {
        let still = |second| SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        self.second.map_or_else(SystemTime::now, still)
    }

    fn git_sha(&self, _root: &Path) -> Option<String> {
        None
    }

    fn step(&self, _what: &str) {
        if Some(self.steps.fetch_add(1, Ordering::Relaxed) + 1) == self.crash_at {
            std::process::abort();
        }
    }
}

#[test]
#[ignore = "the other tests run it in a process of its own"]
#[allow(clippy::print_stdout, reason = "the parent counts the lines")]
fn writer() {
    let text = |name: &str| std::env::var(name).ok();
    let number = |name: &str| text(name).map(|text| text.parse::<u64>().expect("a number"));
    let root = text("WRITER_ROOT").expect("WRITER_ROOT");
    let source = text("WRITER_SOURCE").expect("WRITER_SOURCE");
    let mortal = Mortal {
        crash_at: number("WRITER_CRASH_AT"),
        second: number("WRITER_SECOND"),
        steps: AtomicU64::new(0),
    };
    let registry = Embedded::new(Grants::new(&root, &root)).with_surroundings(Box::new(mortal));
    for _ in 0..number("WRITER_COUNT").expect("WRITER_COUNT") {
        let reply = match text("WRITER_BASELINE") {
            Some(dir) => registry.diff(&common::owned(&["--baseline", &dir, "--current", &source])),
            None => registry.record(&common::owned(&[
                "--family",
                "f",
                "--measurement",
                "m",
                "--source",
                &source,
                "--direction",
                "two-sided",
            ])),
        };
        let reply = reply.expect("an envelope");
        assert_eq!((reply.returncode, reply.stderr.as_str()), (0, ""));
        println!("\nwritten");
    }
}

/// A root with a source directory of three files.
fn root() -> (tempfile::TempDir, Orders) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let root = dir.path().canonicalize().expect("an existing directory");
    let source = root.join("source");
    copy_tree(&common::golden().join("inputs/bundle-dir"), &source);
    let orders = Orders {
        root,
        source,
        count: 1,
        ..Orders::default()
    };
    (dir, orders)
}

/// Entries in the registry, all of them whole, and no problem but the kinds that are explained.
fn whole_entries(root: &Path, explained: &[Kind]) -> usize {
    let report = verify(root);
    for problem in &report.problems {
        assert!(explained.contains(&problem.kind), "{problem:?}");
    }
    assert!(report.is_sound());
    report.entries
}

#[test]
fn a_record_killed_at_any_step_leaves_the_whole_entry_or_none() {
    let mut outcomes = [0; 2];
    for step in 1.. {
        let (_dir, orders) = root();
        let finished = Orders {
            crash_at: Some(step),
            ..orders.clone()
        }
        .run();
        let entries = whole_entries(&orders.root, &[Kind::Leftover, Kind::MissingRow]);
        outcomes[entries] += 1;
        // The next record works, and gives every entry its row.
        assert!(orders.run(), "after a crash at step {step}");
        assert_eq!(whole_entries(&orders.root, &[Kind::Leftover]), entries + 1);
        let report = verify(&orders.root);
        assert_eq!(report.rows, entries + 1, "after a crash at step {step}");
        if finished {
            assert_eq!(report.problems, []);
            break;
        }
    }
    assert!(
        outcomes[0] > 20,
        "so many steps come before the entry appears: {outcomes:?}"
    );
    assert!(outcomes[1] > 3, "so many come after it: {outcomes:?}");
}

#[test]
fn a_diff_killed_at_any_step_leaves_the_whole_bundle_or_none() {
    for step in 1.. {
        let (_dir, mut orders) = root();
        orders.source = orders.root.join("flat.json");
        fs::write(&orders.source, "{\"a\": 1}").expect("write");
        assert!(orders.run());
        let newest = Registry::open(&orders.root)
            .newest("f", "m")
            .expect("readable");
        orders.baseline = newest.map(|entry| entry.dir);
        let finished = Orders {
            crash_at: Some(step),
            ..orders.clone()
        }
        .run();
        assert_eq!(whole_entries(&orders.root, &[Kind::Leftover]), 1);
        let report = verify(&orders.root);
        assert!(report.diffs == 0 || report.diffs == 1);
        if finished {
            assert_eq!((report.diffs, report.problems), (1, vec![]));
            break;
        }
    }
}

/// Reads lines until `count` records are reported.
fn read_written(lines: &mut std::io::Lines<BufReader<ChildStdout>>, count: u64) {
    let mut seen = 0;
    while seen < count {
        let line = lines
            .next()
            .expect("the writer ended early")
            .expect("a line");
        seen += u64::from(line == "written");
    }
}

#[test]
fn sigkill_in_the_middle_loses_nothing_that_was_reported() {
    let (_dir, orders) = root();
    let mut reported = 0;
    for round in 0..12 {
        let mut child = Orders {
            count: 10_000,
            ..orders.clone()
        }
        .start();
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        // Somewhere in the record after this one.
        read_written(&mut lines, 1 + round % 4);
        child.kill().expect("SIGKILL");
        child.wait().expect("a status");
        reported += 1 + round % 4;
        let entries = whole_entries(&orders.root, &[Kind::Leftover, Kind::MissingRow]);
        assert!(
            entries as u64 >= reported,
            "{entries} entries, {reported} reported"
        );
        reported = entries as u64;
    }
    assert!(orders.run());
    let report = verify(&orders.root);
    assert_eq!(
        (report.entries as u64, report.rows as u64),
        (reported + 1, reported + 1)
    );
}

fn together(orders: &Orders, writers: usize) {
    let children: Vec<_> = (0..writers).map(|_| orders.start()).collect();
    for child in children {
        assert!(child.wait_with_output().expect("a writer").status.success());
    }
}

#[test]
fn eight_processes_with_200_records_each_lose_no_entry_and_no_row() {
    let (_dir, mut orders) = root();
    orders.source = orders.root.join("source.json");
    fs::write(&orders.source, "{\"a\": 1}").expect("write");
    orders.count = 200;
    together(&orders, 8);
    let report = verify(&orders.root);
    assert_eq!(report.problems, []);
    assert_eq!((report.entries, report.rows), (1600, 1600));
}

#[test]
fn writers_that_want_the_same_microsecond_all_get_an_entry() {
    let (_dir, orders) = root();
    let orders = Orders {
        count: 5,
        second: Some(1_795_488_271),
        ..orders
    };
    together(&orders, 8);
    let listing = Registry::open(&orders.root)
        .entries_of("f", "m")
        .expect("readable");
    let slugs: Vec<_> = listing
        .entries
        .iter()
        .map(|entry| entry.slug.clone())
        .collect();
    let expected: Vec<_> = (0..40).map(|n| format!("20261124T024431{n:06}Z")).collect();
    assert_eq!(slugs, expected);
    assert_eq!(verify(&orders.root).problems, []);
}

#[test]
fn a_torn_index_is_mended_by_the_next_record() {
    let (_dir, orders) = root();
    let orders = Orders { count: 3, ..orders };
    assert!(orders.run());
    let index = orders
        .root
        .join("experiments/artifacts/perf-baselines/f/m/INDEX.md");
    let whole = fs::read_to_string(&index).expect("the index");
    let one = Orders {
        count: 1,
        ..orders.clone()
    };
    for cut in [0, 10, whole.len() - 1, whole.len() - 30, whole.len() - 130] {
        fs::write(&index, &whole[..cut]).expect("write");
        assert!(one.run());
        let report = verify(&orders.root);
        assert_eq!(report.problems, [], "cut at {cut}");
        assert_eq!(report.rows, report.entries);
        let mended = fs::read_to_string(&index).expect("the index");
        assert!(
            mended.starts_with(&whole),
            "the order of the rows is kept, cut at {cut}"
        );
    }
    // A line somebody wrote by hand, without a line end, is nobody's row: it stays.
    fs::write(&index, format!("{whole}checked by hand")).expect("write");
    assert!(one.run());
    let mended = fs::read_to_string(&index).expect("the index");
    assert!(
        mended.starts_with(&format!("{whole}checked by hand\n| `")),
        "{mended}"
    );
}
