//! Links among runs: names are all that is read through them.

use crate::made::{Made, OF_RUNS, OF_SWEEP, aggregate, of_levels, repeated, sweep, whole};
use perfbridge_guest::fault::Code;
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::{FileType, Part, Tree};
use perfbridge_guest::sources::runs::find_runs;

/// Names are all that is read through a link: the host opens the directory of such a run itself.
#[test]
fn a_link_to_a_run_is_that_run() {
    let linked = repeated().without("run_0003").tree();
    let linked = linked.with_link("profile_runs/run_0003");
    assert_eq!(
        find_runs(&linked).map(|runs| runs[2].dir.clone()),
        Ok("profile_runs/run_0003".to_owned())
    );

    // With only links there is no run whose values could be counted.
    let all = Made::default()
        .file(&format!("aggregate/{OF_RUNS}"), &aggregate(2))
        .file(
            &format!("aggregate/sweep_aggregate/{OF_SWEEP}"),
            &sweep(&["concurrency"], 2),
        )
        .tree();
    let all = all
        .with_link("profile_runs/run_0001")
        .with_link("profile_runs/run_0002");
    assert_eq!(find_runs(&all).map(|runs| runs.len()), Ok(2));

    // The summaries are read, and so are the folders around the runs.
    let summary = format!("aggregate/{OF_RUNS}");
    for (made, link) in [
        (repeated().without("aggregate"), "aggregate"),
        (repeated().without("aggregate"), summary.as_str()),
        (Made::default().result("aggregate"), "profile_runs"),
    ] {
        let fault = find_runs(&made.tree().with_link(link)).expect_err("refused");
        assert_eq!(
            (fault.code, fault.place.as_deref()),
            (Code::NotUnderstood, Some(link))
        );
        assert!(fault.message.starts_with("found a symbolic link"));
    }

    // Below a directory that is granted as a whole nothing is read through a link.
    let tree = of_levels()
        .without("concurrency_4/profile_runs/trial_0002")
        .tree();
    let link = "concurrency_4/profile_runs/trial_0002";
    let tree = tree.with_link(link);
    let runs = find_runs(&tree).expect("runs");
    assert!(Part::new(&tree, &runs[0].folders).is_ok());
    let fault = Part::new(&tree, &runs[1].folders).err().expect("refused");
    assert_eq!(
        (fault.code, fault.place.as_deref()),
        (Code::NotUnderstood, Some(link))
    );
}

/// A link is a link in a real directory too, and a directory of the system is not followed out of the tree.
#[test]
fn real_links_are_seen_as_links() {
    let root = std::env::temp_dir().join(format!("perfbridge-runs-{}", std::process::id()));
    let make = |path: &str| std::fs::create_dir_all(root.join(path)).expect("made");
    make("profile_runs/run_0001/inside");
    make("elsewhere");
    std::os::unix::fs::symlink(root.join("elsewhere"), root.join("profile_runs/run_0002"))
        .expect("a link");
    let tree = NativeTree::new(&root);
    let children = tree.children("profile_runs").expect("listed");
    let types: Vec<FileType> = children.iter().map(|child| child.file_type).collect();
    let runs = find_runs(&tree);
    let is_folder =
        ["run_0001", "run_0002"].map(|run| tree.is_folder(&format!("profile_runs/{run}")));
    let refused = tree.list();
    std::fs::remove_dir_all(&root).expect("removed");
    assert_eq!(types, [FileType::Folder, FileType::Link]);
    assert_eq!(is_folder, [true, false]);
    assert_eq!(
        runs,
        Ok(whole(&["profile_runs/run_0001", "profile_runs/run_0002"]))
    );
    assert_eq!(
        refused.expect_err("refused").place.as_deref(),
        Some("profile_runs/run_0002")
    );
}
