//! Some folders of a tree, as those of one run.

use perfbridge_guest::fault::{Code, Fault};
use perfbridge_guest::files::{MemoryTree, Part, Tree};

#[test]
fn part_of_a_tree_is_those_folders_and_no_more() {
    let files = ["a/x", "a/b/y", "ab/z", "c/d/w", "root"];
    let tree = MemoryTree::new(files.map(|path| (path, path.as_bytes())));
    let part = |folders: &[&str]| {
        let folders: Vec<String> = folders.iter().map(|folder| (*folder).to_owned()).collect();
        let part = Part::new(&tree, &folders)?;
        let read = part.open("a/x").and_then(|mut file| file.read_at(0, 9));
        let names = |folder| {
            part.children(folder)
                .map(|all| all.into_iter().map(|child| child.name).collect::<Vec<_>>())
        };
        let listed = part.list()?;
        Ok::<_, Fault>((listed, read.is_ok(), names("")?, names("c")))
    };
    let strings = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        part(&[]),
        Ok((
            strings(&["a/b/y", "a/x", "ab/z", "c/d/w", "root"]),
            true,
            strings(&["a", "ab", "c", "root"]),
            Ok(strings(&["d"]))
        ))
    );
    assert_eq!(
        part(&["c/d", "a"]),
        Ok((
            strings(&["a/b/y", "a/x", "c/d/w"]),
            true,
            strings(&["a", "c"]),
            Ok(strings(&["d"]))
        ))
    );
    assert_eq!(
        part(&["ab"]).map(|found| (found.0, found.1)),
        Ok((strings(&["ab/z"]), false))
    );
    // A folder in another one is read once.
    assert_eq!(
        part(&["a", "a/b"]).map(|found| found.0),
        Ok(strings(&["a/b/y", "a/x"]))
    );

    let refused = |folder: &str| part(&[folder]).expect_err("refused");
    for folder in ["", "..", "a/../c", "a/", "/a", "./a", "a//b"] {
        let fault = refused(folder);
        assert_eq!(fault.code, Code::Usage, "{folder}");
        assert!(
            fault
                .message
                .contains("expected names of folders below the directory")
        );
    }
    // A file alone.
    assert_eq!(
        part(&["root", "a/b"]).map(|found| found.0),
        Ok(strings(&["a/b/y", "root"]))
    );
    for folder in ["none", "a/none", "root/none"] {
        let fault = refused(folder);
        assert_eq!(
            (
                fault.code,
                fault
                    .place
                    .as_deref()
                    .is_some_and(|place| folder.starts_with(place))
            ),
            (Code::NotFound, true)
        );
    }
}
