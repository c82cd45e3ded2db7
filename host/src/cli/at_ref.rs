//! The registry and the policy file of a git ref, for `gate --baseline-ref`.

use super::output::Output;
use super::policy;
use super::scratch::scratch_dir;
use crate::error::{Error, Result};
use crate::git_ref::GitRef;
use crate::policy_file::{MOST, PolicyFile};
use crate::registry::{self, FAMILY};
use std::path::Path;

/// What of a registry is taken: the baselines that can be judged against, and what was said about them.
const TREES: [&str; 2] = ["perf-baselines", "perf-baseline-marks"];
const ARTIFACTS: &str = "experiments/artifacts";

/// A ref whose registry was put down.
pub struct AtRef {
    of: GitRef,
    dir: tempfile::TempDir,
    /// Where in the repository the registry has its root; empty for the top.
    below: String,
}

impl AtRef {
    /// Puts down the registry of a ref; `explicit` is the root that was named, in the working tree.
    ///
    /// # Errors
    /// Those of [`GitRef`], and no scratch directory.
    pub fn read(name: &str, explicit: Option<&Path>) -> Result<AtRef> {
        let cwd = registry::cwd()?;
        let named = explicit.map(|root| cwd.join(root));
        let within = named.as_deref().filter(|root| root.is_dir());
        let of = GitRef::of(name, within.unwrap_or(&cwd))?;
        // A registry that the working tree does not have yet, or no longer, is at the top.
        let found = || registry::root(None).ok();
        let root = named.or_else(found).unwrap_or_else(|| of.top.clone());
        let below = match explicit {
            Some(_) => of.inside(&root)?,
            None => of.inside(&root).unwrap_or_default(),
        };
        let dir = scratch_dir()?;
        for tree in TREES {
            let artifacts = join(&below, ARTIFACTS);
            of.extract(&format!("{artifacts}/{tree}/{FAMILY}"), dir.path())?;
        }
        Ok(AtRef { of, dir, below })
    }

    /// The root of the registry that was put down.
    pub fn root(&self) -> std::path::PathBuf {
        self.dir.path().join(&self.below)
    }

    /// A path of the registry that was put down, as it would be in the working tree.
    pub fn in_tree(&self, path: &Path) -> std::path::PathBuf {
        let path = path.strip_prefix(self.dir.path()).unwrap_or(path);
        self.of.top.join(path)
    }

    /// The ref as it was named.
    pub fn ref_name(&self) -> &str {
        &self.of.name
    }

    /// The policy file of the ref: the one that was named, else the nearest from the working directory up. The one of the
    /// working tree does not count; it is said where that makes a difference.
    ///
    /// # Errors
    /// One that was named and is not there, or cannot be read.
    pub fn policy(&self, named: Option<&Path>, output: &Output) -> Result<Option<PolicyFile>> {
        if named.is_some_and(|path| path.as_os_str() == policy::NONE) {
            return Ok(None);
        }
        let cwd = registry::cwd()?;
        let candidates = match named {
            Some(path) => vec![self.of.inside(&cwd.join(path))?],
            None => upwards(&self.of.inside(&cwd)?),
        };
        for path in &candidates {
            let Some(bytes) = self.of.file(path, MOST)? else {
                continue;
            };
            let here = std::fs::read(self.of.top.join(path)).ok();
            let beside = match here.as_deref() == Some(&bytes) {
                true => "",
                false => "; the one of the working tree differs and does not count",
            };
            let shown = self.of.shown(path);
            output.say(&format!("policy: {shown}{beside}"));
            let mut file = PolicyFile::of_bytes(shown, bytes)?;
            file.path = self.of.top.join(path);
            return Ok(Some(file));
        }
        if named.is_some() {
            return Err(Error {
                code: "not-found",
                place: candidates.first().map(|path| self.of.shown(path)),
                ..Error::usage("there is no such policy file in the ref")
            });
        }
        if let Some(path) = candidates
            .iter()
            .find(|path| self.of.top.join(path).is_file())
        {
            output.say(&format!(
                "policy: none in {}; the {path} of the working tree does not count",
                self.of.name
            ));
        }
        Ok(None)
    }

    /// A text without the path of what was put down: the ref and the path in it stand there.
    pub fn named(&self, text: &str) -> String {
        let root = self.dir.path().display().to_string();
        let shown = format!("{}:", self.of.name);
        let shorter = text.replace(&format!("{root}/"), &shown);
        shorter.replace(&root, &self.of.name)
    }

    /// The same error, which names no path of what was put down.
    pub fn of_error(&self, error: Error) -> Error {
        Error {
            message: self.named(&error.message),
            place: error.place.map(|place| self.named(&place)),
            ..error
        }
    }
}

fn join(below: &str, path: &str) -> String {
    match below.is_empty() {
        true => path.to_owned(),
        false => format!("{below}/{path}"),
    }
}

/// The policy files that may apply in a directory of the repository, nearest first.
fn upwards(dir: &str) -> Vec<String> {
    let mut dirs = Path::new(dir).ancestors();
    let paths = dirs.by_ref().filter_map(Path::to_str);
    paths.map(|dir| join(dir, policy::FILE)).collect()
}
