//! What a guest can reach: the granted directory, for reading, and nothing else.

use crate::probe::{deed, sandbox};
use perfbridge_host::sandbox::Limits;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Letters of error codes: `A` plus the place in the enumeration of wasi:filesystem/types.
const LOOP: &str = "!P";
const NO_ENTRY: &str = "!U";
const NOT_DIRECTORY: &str = "!Y";

fn tree() -> tempfile::TempDir {
    let all = tempfile::tempdir().expect("a directory");
    let granted = all.path().join("granted");
    fs::create_dir_all(granted.join("folder/deep")).expect("made");
    fs::write(granted.join("file"), "inside").expect("written");
    fs::write(granted.join("folder/deep/file"), "deep").expect("written");
    fs::write(all.path().join("secret"), "SECRET").expect("written");
    fs::create_dir(all.path().join("other")).expect("made");
    fs::write(all.path().join("other/secret"), "SECRET").expect("written");
    all
}

fn snapshot(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(snapshot(&path));
        } else {
            found.push((
                path.display().to_string(),
                fs::read(&path).unwrap_or_default(),
            ));
        }
    }
    found.sort();
    found
}

#[test]
fn files_below_can_be_read() {
    let (sandbox, all) = (sandbox(Limits::default()), tree());
    let granted = all.path().join("granted");
    assert_eq!(deed(&sandbox, &granted, "rfile"), "=inside");
    assert_eq!(deed(&sandbox, &granted, "rfolder/deep/file"), "=deep");
    assert_eq!(deed(&sandbox, &granted, "rfolder/../file"), "=inside");
    assert_eq!(deed(&sandbox, &granted, "r./file"), "=inside");
    assert_eq!(deed(&sandbox, &granted, "rmissing"), NO_ENTRY);
    assert_eq!(deed(&sandbox, &granted, "rfile/x"), NOT_DIRECTORY);
}

#[test]
fn nothing_above_or_beside_can_be_read() {
    let (sandbox, all) = (sandbox(Limits::default()), tree());
    let granted = all.path().join("granted");
    let absolute = all.path().join("secret").display().to_string();
    let inside = granted.join("file").display().to_string();
    for path in [
        "../secret",
        "folder/../../secret",
        "../other/secret",
        "..",
        "/",
        "/etc/passwd",
        "../granted/file",
        absolute.as_str(),
        inside.as_str(),
    ] {
        for letter in ["r", "R"] {
            let answer = deed(&sandbox, &granted, &format!("{letter}{path}"));
            assert!(answer.starts_with('!'), "{path}: {answer}");
        }
    }
}

/// A link inside that stays inside may be followed by a guest that asks for it; ours does not ask.
#[test]
fn links_lead_nowhere() {
    let (sandbox, all) = (sandbox(Limits::default()), tree());
    let granted = all.path().join("granted");
    symlink("../secret", granted.join("out")).expect("linked");
    symlink(all.path().join("secret"), granted.join("absolute")).expect("linked");
    symlink("..", granted.join("folder/up")).expect("linked");
    symlink("../../other", granted.join("folder/other")).expect("linked");
    symlink("file", granted.join("inside")).expect("linked");
    symlink("around", granted.join("around")).expect("linked");
    for path in [
        "out",
        "absolute",
        "folder/other/secret",
        "folder/up/../secret",
    ] {
        for letter in ["r", "R"] {
            let answer = deed(&sandbox, &granted, &format!("{letter}{path}"));
            assert!(answer.starts_with('!'), "{letter}{path}: {answer}");
        }
    }
    assert_eq!(deed(&sandbox, &granted, "rinside"), LOOP);
    assert_eq!(deed(&sandbox, &granted, "Rinside"), "=inside");
    assert_eq!(deed(&sandbox, &granted, "Raround"), LOOP);
}

/// A hard link is a file like any other: whoever made it could read the original.
#[test]
fn a_hard_link_is_a_file() {
    let (sandbox, all) = (sandbox(Limits::default()), tree());
    let granted = all.path().join("granted");
    fs::hard_link(all.path().join("secret"), granted.join("hard")).expect("linked");
    assert_eq!(deed(&sandbox, &granted, "rhard"), "=SECRET");
    assert!(deed(&sandbox, &granted, "rhard/").starts_with('!'));
}

#[test]
fn nothing_can_be_changed() {
    let (sandbox, all) = (sandbox(Limits::default()), tree());
    let granted = all.path().join("granted");
    let before = snapshot(all.path());
    for what in [
        "wfile", "cnew", "cfile", "dnew", "ufile", "mfile", "lfile", "hfile", "c../new", "tfile",
        "sfile",
    ] {
        let answer = deed(&sandbox, &granted, what);
        assert!(answer.starts_with('!'), "{what} was answered {answer}");
        assert!(snapshot(all.path()) == before, "{what} changed something");
    }
}

/// A directory that is not granted does not exist.
#[test]
fn no_grant_is_no_directory() {
    use perfbridge_host::sandbox::Failure;
    let all = tree();
    let ours = crate::component::sandbox();
    let options = crate::probe::options();
    let answer = ours.read_bundle(crate::probe::grant(all.path(), "bundle"), "other", &options);
    let Err(Failure::Fault(fault)) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(
        fault.message,
        "no directory \"other\" was granted; granted are: [bundle]"
    );
    let answer = ours.read_bundle(vec![], "bundle", &options);
    let Err(Failure::Fault(fault)) = answer else {
        panic!("{answer:?}")
    };
    assert!(
        fault.message.ends_with("granted are: []"),
        "{}",
        fault.message
    );
}

/// Hashes that cannot be made are no document, and what says so is the host's own.
#[test]
fn a_bundle_whose_hashes_cannot_be_made_is_no_document() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/bundles/base-1");
    let granted = crate::probe::grant(&path, "bundle");
    let options = crate::probe::options();
    let read = crate::component::sandbox().read_unhashed(granted, "bundle", &options, &|| Err(7));
    assert_eq!(
        read.expect("it was read").map(|document| document.json),
        Err(7)
    );
}

/// One grant can hold several bundles: a folder below it is named with its path, and nothing above or beside it.
#[test]
fn a_folder_below_a_grant_is_named_by_its_path() {
    use perfbridge_host::sandbox::Failure;
    let all = tempfile::tempdir().expect("a directory");
    let run = all.path().join("runs/deep/one/aiperf-c4");
    fs::create_dir_all(&run).expect("made");
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/bundles/aiperf-raw");
    let name = "profile_export_aiperf.json";
    fs::copy(bundle.join("aiperf-c4").join(name), run.join(name)).expect("copied");
    symlink("deep", all.path().join("runs/link")).expect("a link");
    let runs = all.path().join("runs");
    let ours = crate::component::sandbox();
    let options = crate::probe::options();
    let read = |granted: &Path, at: &str, dir: &str| {
        let granted = crate::probe::grant(granted, at);
        ours.read_bundle(granted, dir, &options)
    };
    let expected = read(&runs.join("deep/one"), "bundle", "bundle").expect("a document");
    for (at, dir) in [("runs", "runs/deep/one"), ("a/b", "a/b/deep/one")] {
        assert_eq!(
            read(&runs, at, dir).expect("a document").json,
            expected.json,
            "{dir}"
        );
    }
    for (dir, message) in [
        ("runs/missing", "there is no such file or folder"),
        ("runs/link/one", "the system refused to read this"),
        (
            "runs/deep/../deep/one",
            "no directory \"runs/deep/../deep/one\" was granted",
        ),
        ("runs/..", "no directory \"runs/..\" was granted"),
        ("runs//deep", "no directory \"runs//deep\" was granted"),
        ("runsdeep", "no directory \"runsdeep\" was granted"),
    ] {
        let Err(Failure::Fault(fault)) = read(&runs, "runs", dir) else {
            panic!("{dir} was read")
        };
        assert!(
            fault.message.starts_with(message),
            "{dir}: {}",
            fault.message
        );
    }
}
