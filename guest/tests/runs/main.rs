//! Which runs a directory holds, in the layouts of AIPerf's `docs/api/sweep-aggregates.md`.

mod links;
mod made;
mod refused;

use made::{Made, OF_RUNS, aggregate, corpus, one, repeated, whole};
use perfbridge_guest::fault::{Result, Sub};
use perfbridge_guest::files::{Child, MemoryTree, Part, ReadAt, Tree};
use perfbridge_guest::sources::read_bundle;
use perfbridge_guest::sources::runs::{FoundRun, find_runs};
use std::cell::RefCell;

#[test]
fn what_aiperf_wrote() {
    let found = |name| find_runs(&corpus(name)).expect("runs");
    assert_eq!(
        found("aiperf-runs"),
        whole(&[
            "profile_runs/run_0001",
            "profile_runs/run_0002",
            "profile_runs/run_0003"
        ])
    );
    assert_eq!(
        found("aiperf-sweep-runs"),
        whole(&["profile_runs/trial_0001", "profile_runs/trial_0002"])
    );
    let of_levels = |run: &str| FoundRun {
        name: run.to_owned(),
        dir: String::new(),
        folders: vec![
            format!("concurrency_16/profile_runs/{run}"),
            format!("concurrency_4/profile_runs/{run}"),
        ],
    };
    assert_eq!(
        found("aiperf-sweep-each"),
        [of_levels("trial_0001"), of_levels("trial_0002")]
    );
    for name in ["aiperf-sweep", "base-1", "aiperf-older", "zymtrace-after"] {
        assert_eq!(found(name), one(), "{name}");
    }
}

/// The paths of a run below several levels stay those below the directory.
#[test]
fn a_run_of_several_levels_is_read_from_its_folders() {
    let tree = corpus("aiperf-sweep-each");
    let runs = find_runs(&tree).expect("runs");
    let run = read_bundle(&Part::new(&tree, &runs[1].folders).expect("a part")).expect("read");
    let files: Vec<&str> = run.results.iter().map(|one| one.file.as_str()).collect();
    assert_eq!(
        files,
        [
            "concurrency_16/profile_runs/trial_0002/profile_export_aiperf.json",
            "concurrency_4/profile_runs/trial_0002/profile_export_aiperf.json",
        ]
    );
}

#[test]
fn one_run_is_the_whole_directory() {
    let one_below = Made::default().result("profile_runs/run_0001");
    assert_eq!(one_below.runs(), Ok(one()));
    let one_a_level =
        Made::default().results(&["c4/profile_runs/run_0001", "c16/profile_runs/run_0001"]);
    assert_eq!(one_a_level.runs(), Ok(one()));
    assert_eq!(MemoryTree::default().list().map(|all| all.len()), Ok(0));
    assert_eq!(find_runs(&MemoryTree::default()), Ok(one()));
    // Its summary is held against it all the same.
    let counted = one_below.file(&format!("aggregate/{OF_RUNS}"), &aggregate(2));
    assert_eq!(counted.refusal().sub, Some(Sub::RunsRefused));
}

#[test]
fn runs_beside_their_summary_and_a_directory_that_only_looks_like_one() {
    let beside = Made::default().results(&["run_0001", "run_0002", "other"]);
    assert_eq!(beside.runs(), Ok(one()));
    let of_summary = beside
        .clone()
        .file(&format!("aggregate/{OF_RUNS}"), &aggregate(2));
    assert_eq!(of_summary.runs(), Ok(whole(&["run_0001", "run_0002"])));
    let counted = beside.file(&format!("aggregate/{OF_RUNS}"), &aggregate(4));
    assert!(
        counted
            .refusal()
            .message
            .starts_with("found 4, but 2 runs in the directory; expected")
    );
    // Names that are nearly those of runs.
    let named = repeated().results(&[
        "profile_runs/run_",
        "profile_runs/run_1x",
        "profile_runs/logs",
    ]);
    assert_eq!(named.runs().map(|runs| runs.len()), Ok(3));
}

/// What was looked at in a tree.
struct Watched<'a> {
    tree: &'a dyn Tree,
    listed: RefCell<Vec<String>>,
    opened: RefCell<Vec<String>>,
}

impl Tree for Watched<'_> {
    fn children(&self, folder: &str) -> Result<Vec<Child>> {
        self.listed.borrow_mut().push(folder.to_owned());
        self.tree.children(folder)
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>> {
        self.opened.borrow_mut().push(path.to_owned());
        self.tree.open(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.tree.is_folder(path)
    }
}

#[test]
fn a_plain_run_costs_one_listing_and_several_cost_their_summaries() {
    let looked_at = |name: &str| {
        let tree = corpus(name);
        let watched = Watched {
            tree: &tree,
            listed: RefCell::default(),
            opened: RefCell::default(),
        };
        find_runs(&watched).expect("runs");
        (watched.listed.take(), watched.opened.take())
    };
    assert_eq!(looked_at("base-1"), (vec![String::new()], vec![]));
    let (listed, opened) = looked_at("aiperf-runs");
    assert_eq!(opened, [format!("aggregate/{OF_RUNS}")]);
    assert!(
        listed.iter().all(|folder| !folder.contains("run_0002")),
        "{listed:?}"
    );
}
