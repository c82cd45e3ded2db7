//! Which paths are runs.

use crate::error::{Error, Result};
use std::path::{Component, Path, PathBuf};

/// Where runs stand below a root.
const RUNS: &str = "experiments/artifacts/inference-perf-bench";

/// Whether a name is like a pattern: `*` stands for any characters, `?` for one.
pub fn is_like(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    // Where the last star stands, and how much of the name it takes.
    let (mut at, mut of, mut star) = (0, 0, None);
    while of < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, of));
                at += 1;
            }
            Some(c) if *c == '?' || *c == name[of] => (at, of) = (at + 1, of + 1),
            _ => match star {
                Some((begin, taken)) => {
                    star = Some((begin, taken + 1));
                    (at, of) = (begin + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// The runs that were named, else those below the root, sorted by path.
///
/// # Errors
/// A pattern that nothing is like.
pub fn runs(patterns: &[String], root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if patterns.is_empty() {
        found = directories(&root.join(RUNS));
    }
    for pattern in patterns {
        let mut like = expand(pattern);
        if like.is_empty() {
            return Err(Error {
                code: "not-found",
                ..Error::usage(format!(
                    "no path is like {pattern:?} (--runs); expected directories of runs or documents, as in 'runs/*'"
                ))
            });
        }
        // A directory of nothing but directories is no run; those in it are.
        if let ([only], false) = (like.as_slice(), is_pattern(pattern))
            && only.is_dir()
        {
            let inside = directories(only);
            let all = std::fs::read_dir(only).map_or(0, Iterator::count);
            if all > 0 && inside.len() == all {
                like = inside;
            }
        }
        found.extend(like);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The names in a directory that are not hidden.
fn names(dir: &Path) -> Vec<String> {
    let dir = match dir.as_os_str().is_empty() {
        true => Path::new("."),
        false => dir,
    };
    let items = std::fs::read_dir(dir).into_iter().flatten();
    let names = items.filter_map(|item| item.ok()?.file_name().into_string().ok());
    names.filter(|name| !name.starts_with('.')).collect()
}

fn directories(dir: &Path) -> Vec<PathBuf> {
    let names = names(dir).into_iter();
    let mut found: Vec<PathBuf> = names.map(|name| dir.join(name)).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

/// What there is of a pattern, part by part.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in Path::new(pattern).components() {
        let text = part.as_os_str().to_string_lossy();
        let mut next = Vec::new();
        for path in found {
            match part {
                Component::Normal(_) if is_pattern(&text) => {
                    let like = names(&path).into_iter();
                    next.extend(
                        like.filter(|name| is_like(&text, name))
                            .map(|name| path.join(name)),
                    );
                }
                part => next.push(path.join(part)),
            }
        }
        found = next;
    }
    found.retain(|path| path.exists());
    found
}

/// A run as it is named in the answer: below the root as it stands there.
pub fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::{expand, is_like, runs};
    use std::path::Path;

    #[test]
    fn patterns_are_like_names() {
        for (pattern, name, like) in [
            ("kimi-*", "kimi-k25", true),
            ("kimi-*", "glm-5", false),
            ("*", "", true),
            ("", "", true),
            ("?", "", false),
            ("m-0??", "m-012", true),
            ("m-0??", "m-12", false),
            ("*-fp8-*x", "a-fp8-b-fp8-cx", true),
            ("*a*a", "ba", false),
            ("org/*", "org/m/1", true),
        ] {
            assert_eq!(is_like(pattern, name), like, "{pattern} {name}");
        }
    }

    #[test]
    fn paths_are_found_part_by_part() {
        let home = tempfile::tempdir().expect("a directory");
        for dir in ["a/run-1", "a/run-2", "b/run-1", "b/.hidden"] {
            std::fs::create_dir_all(home.path().join(dir)).expect("made");
        }
        let below = |text: &str| home.path().join(text).display().to_string();
        let names = |found: Vec<std::path::PathBuf>| -> Vec<String> {
            let name = |path: &Path| {
                path.strip_prefix(home.path())
                    .expect("below")
                    .display()
                    .to_string()
            };
            found.iter().map(|path| name(path)).collect()
        };
        let mut both = names(expand(&below("?/run-1")));
        both.sort();
        assert_eq!(both, ["a/run-1", "b/run-1"]);
        let of = |pattern: &str| runs(&[below(pattern)], home.path());
        assert_eq!(names(of("a").expect("runs")), ["a/run-1", "a/run-2"]);
        assert_eq!(names(of("a/*").expect("runs")), ["a/run-1", "a/run-2"]);
        assert!(
            of("c*")
                .expect_err("nothing")
                .message
                .contains("no path is like")
        );
        assert!(runs(&[], home.path()).expect("none").is_empty());
    }
}
