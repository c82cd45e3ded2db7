//! `perfbridge-build`: what it makes of a core module, and which commit it says that was.

use crate::probe::core;
use crate::sections::sections;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A source with the contract, and a core module of its world beside it.
struct Source {
    dir: tempfile::TempDir,
}

impl Source {
    fn new() -> Source {
        let dir = tempfile::tempdir().expect("a directory");
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit"),
            &dir.path().join("source/wit"),
        );
        fs::write(dir.path().join("core.wasm"), core()).expect("written");
        Source { dir }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("source")
    }

    /// Makes the component anew and gives its bytes.
    fn build(&self) -> Vec<u8> {
        let out = self.dir.path().join("out");
        let done = Command::new(env!("CARGO_BIN_EXE_perfbridge-build"))
            .args([self.dir.path().join("core.wasm"), self.path(), out.clone()])
            .output()
            .expect("it runs");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        fs::read(out.join("perfbridge.wasm")).expect("a component")
    }
}

/// What git says, in a repository at that path.
fn git(at: &Path, arguments: &[&str]) -> String {
    let done = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-C"])
        .arg(at)
        .args(arguments)
        .output()
        .expect("git is there");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout)
        .expect("text")
        .trim()
        .to_owned()
}

/// Makes a commit of all that is there, and gives its name.
fn commit(at: &Path) -> String {
    git(at, &["init", "--quiet"]);
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "--message", "all"]);
    git(at, &["rev-parse", "HEAD"])
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("an entry");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

/// One commit gives one component, and only a whole commit is named.
#[test]
fn the_revision_is_the_commit() {
    let source = Source::new();
    let bare = source.build();
    assert_eq!(sections(&bare, "revision"), [""; 0], "without git");
    let first = commit(&source.path());
    let of_first = source.build();
    assert_eq!(first.len(), 40);
    assert_eq!(sections(&of_first, "revision"), [first.as_str()]);
    assert!(
        of_first == source.build(),
        "the same commit gave other bytes"
    );
    fs::write(source.path().join("more"), "").expect("written");
    assert!(bare == source.build(), "a file is not in the commit");
    let second = commit(&source.path());
    assert_eq!(sections(&source.build(), "revision"), [second.as_str()]);
}

/// What lies in the repository of something else is not named after its commits.
#[test]
fn the_commit_of_another_repository_is_not_the_revision() {
    let source = Source::new();
    fs::write(source.dir.path().join(".gitignore"), "out\n").expect("written");
    commit(source.dir.path());
    assert_eq!(sections(&source.build(), "revision"), [""; 0]);
}

/// Nothing that embeds the component is built anew when it has not changed.
#[test]
fn the_same_bytes_are_not_written_again() {
    let source = Source::new();
    source.build();
    let file = source.dir.path().join("out/perfbridge.cwasm");
    let mut permissions = fs::metadata(&file).expect("there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).expect("set");
    let written = fs::metadata(&file)
        .expect("there")
        .modified()
        .expect("a time");
    source.build();
    assert_eq!(
        fs::metadata(&file)
            .expect("there")
            .modified()
            .expect("a time"),
        written
    );
}
