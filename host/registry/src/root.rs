//! Where the registry is.

use crate::durable::Disk;
use crate::surroundings::Real;
use crate::{layout, paths};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The variable that names the root.
pub const ROOT_VARIABLE: &str = "PROFILE_AND_OPTIMIZE_REPO_ROOT";

/// No root was named, and none lies above the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRoot {
    /// Where the search began.
    pub cwd: PathBuf,
}

impl fmt::Display for NoRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no registry found: neither {} nor a directory above it holds {}; make one with `perfbridge init`, or name \
             one with --repo-root or {ROOT_VARIABLE}",
            self.cwd.display(),
            layout::ARTIFACTS
        )
    }
}

impl std::error::Error for NoRoot {}

/// The root: the one named on the command line, else the one in the environment, else the nearest directory upwards
/// that has `experiments/artifacts`. Empty texts count as not given. `~` stands for `home`, or for the home of the
/// account where that is `None`, because no shell reads the configuration of an MCP client.
///
/// # Errors
/// None of these.
pub fn find_root(
    explicit: Option<&Path>,
    variable: Option<&str>,
    cwd: &Path,
    home: Option<&Path>,
) -> Result<PathBuf, NoRoot> {
    let named = explicit.filter(|path| !path.as_os_str().is_empty());
    if let Some(path) = named.or(variable.filter(|text| !text.is_empty()).map(Path::new)) {
        let expanded = path.to_str().map(|text| paths::locate(text, cwd, home));
        return Ok(match expanded {
            Some(Ok(root)) => root,
            _ => paths::resolve(&cwd.join(path)),
        });
    }
    let start = paths::resolve(cwd);
    let nearest = start
        .ancestors()
        .find(|dir| dir.join(layout::ARTIFACTS).is_dir());
    nearest
        .map(Path::to_path_buf)
        .ok_or_else(|| NoRoot { cwd: start.clone() })
}

/// Makes an empty registry below `root`; an existing one is left as it is.
///
/// # Errors
/// What the file system refuses.
pub fn init(root: &Path) -> io::Result<PathBuf> {
    let dir = layout::baselines(root);
    Disk(&Real).create_dirs(&dir)?;
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_root_in_the_documented_order() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let top = paths::resolve(dir.path());
        let below = top.join("a/b");
        std::fs::create_dir_all(&below).expect("mkdir");
        let missing = find_root(None, Some(""), &below, None).expect_err("there is none");
        assert!(missing.to_string().contains("perfbridge init"), "{missing}");
        assert!(
            missing.to_string().contains(&below.display().to_string()),
            "{missing}"
        );
        init(&top.join("a")).expect("init");
        init(&top.join("a")).expect("a second init changes nothing");
        assert_eq!(find_root(None, None, &below, None), Ok(top.join("a")));
        assert_eq!(
            find_root(None, Some("/elsewhere"), &below, None),
            Ok("/elsewhere".into())
        );
        assert_eq!(
            find_root(Some(Path::new("x")), Some("/elsewhere"), &below, None),
            Ok(below.join("x"))
        );
    }
}
