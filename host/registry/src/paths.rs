//! Paths as callers write them: relative to a directory, with `~`, through symbolic links.

use crate::python::str::repr;
use crate::refusal::Refusal;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// As many symbolic links as the kernel follows in one path.
const MAX_LINKS: usize = 40;

/// The place `text` names: `~` expanded, relative to `cwd`, symbolic links resolved as far as the path exists.
///
/// # Errors
/// A home directory that nobody knows; a path with a zero byte, which no file can have.
pub fn locate(text: &str, cwd: &Path, home: Option<&Path>) -> Result<PathBuf, Refusal> {
    locate_noting(text, cwd, home, |_| ())
}

/// As [`locate`]; calls `on_link` with the place of each symbolic link that was followed.
///
/// # Errors
/// As [`locate`].
pub fn locate_noting(
    text: &str,
    cwd: &Path,
    home: Option<&Path>,
    on_link: impl FnMut(&Path),
) -> Result<PathBuf, Refusal> {
    if text.contains('\0') {
        return Err(Refusal::new(format!(
            "path holds a zero byte: {}",
            repr(text)
        )));
    }
    Ok(resolve_noting(&cwd.join(expand_user(text, home)?), on_link))
}

fn expand_user(text: &str, home: Option<&Path>) -> Result<PathBuf, Refusal> {
    let Some(rest) = text.strip_prefix('~') else {
        return Ok(PathBuf::from(text));
    };
    let (user, below) = rest.split_once('/').unwrap_or((rest, ""));
    let found = match (user, home) {
        ("", Some(home)) => Some(home.to_path_buf()),
        _ => home_of(user),
    };
    let home = found.ok_or_else(|| {
        Refusal::new(format!(
            "cannot expand {text}: the home directory of ~{user} is not known"
        ))
    })?;
    Ok(home.join(below.trim_start_matches('/')))
}

fn home_of(user: &str) -> Option<PathBuf> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let uid = rustix::process::getuid().as_raw().to_string();
    accounts.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        let is_it = if user.is_empty() {
            fields.get(2) == Some(&uid.as_str())
        } else {
            fields[0] == user
        };
        fields.get(5).filter(|_| is_it).map(PathBuf::from)
    })
}

/// Resolves symbolic links and `..`; what does not exist is kept as written.
pub fn resolve(path: &Path) -> PathBuf {
    resolve_noting(path, |_| ())
}

fn resolve_noting(path: &Path, mut on_link: impl FnMut(&Path)) -> PathBuf {
    let mut left: VecDeque<OsString> = path.components().map(owned).collect();
    let mut out = PathBuf::from("/");
    let mut links = 0;
    while let Some(name) = left.pop_front() {
        if name.is_empty() {
            continue;
        } else if name == "/" {
            out = PathBuf::from("/");
        } else if name == ".." {
            out.pop();
        } else {
            let next = out.join(&name);
            match std::fs::read_link(&next) {
                Ok(target) if links < MAX_LINKS => {
                    links += 1;
                    on_link(&next);
                    for part in target.components().rev().map(owned) {
                        left.push_front(part);
                    }
                }
                _ => out = next,
            }
        }
    }
    out
}

fn owned(part: Component<'_>) -> OsString {
    match part {
        Component::CurDir => OsString::from(""),
        other => other.as_os_str().to_owned(),
    }
}

/// Joins names to a directory, symbolic links resolved, and refuses a result outside of it.
///
/// # Errors
/// A symbolic link below `root` leads out of it.
pub fn contained(root: &Path, names: &[&str]) -> Result<PathBuf, Refusal> {
    let root = resolve(root);
    let joined = resolve(
        &names
            .iter()
            .fold(root.clone(), |path, name| path.join(name)),
    );
    if joined.starts_with(&root) {
        return Ok(joined);
    }
    Err(Refusal::new("artifact path escapes its registry root"))
}

/// A path as text. JSON holds no other.
///
/// # Errors
/// It is not UTF-8.
pub fn text_of(path: &Path) -> Result<String, Refusal> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| Refusal::new(format!("path is not UTF-8: {}", path.display())))
}

/// The last suffix of a file name, with its dot, by the rules of Python's `pathlib`: none for `.env` and `name.`.
pub fn suffix(name: &str) -> &str {
    match name.rfind('.') {
        Some(dot) if dot > 0 && dot + 1 < name.len() => &name[dot..],
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    // Printed by CPython 3.11: pathlib.PurePosixPath(name).suffix
    #[test]
    fn suffixes() {
        let cases = [
            ("a.json", ".json"),
            ("a.tar.gz", ".gz"),
            ("plain", ""),
            (".env", ""),
            (".env.json", ".json"),
            ("name.", ""),
            ("a..b", ".b"),
            ("..x", ".x"),
            ("a. b", ". b"),
        ];
        for (name, expected) in cases {
            assert_eq!(suffix(name), expected, "{name}");
        }
    }

    #[test]
    fn resolves_links_and_keeps_what_is_missing() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let root = resolve(dir.path());
        std::fs::create_dir_all(root.join("real/sub")).expect("mkdir");
        symlink("real", root.join("link")).expect("symlink");
        symlink("loop", root.join("loop")).expect("symlink");
        symlink(".", root.join("real/here")).expect("symlink");
        assert_eq!(
            resolve(&root.join("link/sub/./../nope/x")),
            root.join("real/nope/x")
        );
        assert_eq!(resolve(&root.join("link/..")), root);
        assert_eq!(
            resolve(&root.join("real/here")).as_os_str(),
            root.join("real").as_os_str()
        );
        assert_eq!(resolve(&root.join("loop")), root.join("loop"));
        let home = root.join("link");
        assert_eq!(
            locate("~//sub", &root, Some(&home)),
            Ok(root.join("real/sub"))
        );
        assert_eq!(
            locate("~/sub", &root, Some(&home)),
            Ok(root.join("real/sub"))
        );
        assert_eq!(locate("", &root, None), Ok(root.clone()));
        assert_eq!(locate("real/~", &root, None), Ok(root.join("real/~")));
        let unknown = locate("~nobody-has-this-name/x", &root, None).expect_err("no such account");
        assert!(
            unknown
                .message
                .contains("home directory of ~nobody-has-this-name"),
            "{unknown}"
        );
        assert!(locate("a\0b", &root, None).is_err_and(|e| e.message.contains("zero byte")));
    }

    #[test]
    fn refuses_a_link_that_leads_out() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir_all(dir.path().join("in")).expect("mkdir");
        symlink("/", dir.path().join("in/out")).expect("symlink");
        let refused = contained(&dir.path().join("in"), &["out", "m"]);
        assert_eq!(
            refused,
            Err(Refusal::new("artifact path escapes its registry root"))
        );
    }
}
