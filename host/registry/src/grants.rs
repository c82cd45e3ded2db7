//! What a caller may touch.

use crate::refusal::Refusal;
use crate::{layout, paths};
use std::path::{Path, PathBuf};

/// The authority behind the verbs.
///
/// Sources, current files, schemas and entries need no grant: the caller names them, wherever they are. But a symbolic
/// link below a granted root that leads out of all of them is refused, since it is not the caller who named what is
/// behind it. The directories of baselines and of diffs may themselves be links; what they lead to counts as the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grants {
    /// The root that is used when the arguments name none. The registry is `experiments/artifacts` below it.
    pub root: PathBuf,
    /// Roots that `--repo-root` may name, each with all below it; `root` itself always may. `None` allows any, which is
    /// right where the caller is the user at the command line.
    pub allowed_roots: Option<Vec<PathBuf>>,
    /// Refuses `record`. `diff` and the searches still work.
    pub read_only: bool,
    /// What relative paths are relative to; those for reading that lead nowhere from here are looked for below the root.
    pub cwd: PathBuf,
    /// What `~` stands for; `None` asks the account database.
    pub home: Option<PathBuf>,
    /// The account that registers; `None` is recorded as `(unknown)`.
    pub user: Option<String>,
}

impl Grants {
    /// Grants for the root alone, writable, with the user and the home directory of the environment (`USER`, else
    /// `USERNAME`; empty counts as unset).
    pub fn new(root: impl Into<PathBuf>, cwd: impl Into<PathBuf>) -> Self {
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            root: root.into(),
            allowed_roots: Some(Vec::new()),
            read_only: false,
            cwd: cwd.into(),
            home: text("HOME").map(PathBuf::from),
            user: text("USER").or_else(|| text("USERNAME")),
        }
    }

    /// The place a path of an argument list names.
    pub(crate) fn locate(&self, text: &str) -> Result<PathBuf, Refusal> {
        paths::locate(text, &self.cwd, self.home.as_deref())
    }

    /// The place that an option names for reading. A relative path that leads nowhere from the working directory is
    /// looked for below the root too.
    ///
    /// # Errors
    /// As [`paths::locate`]; a symbolic link that leads out, unless the caller is the user at the command line.
    pub(crate) fn locate_input(&self, option: &str, text: &str) -> Result<PathBuf, Refusal> {
        let from = |dir: &Path| {
            let mut links: Vec<PathBuf> = Vec::new();
            let note = |link: &Path| links.push(link.to_path_buf());
            let found = paths::locate_noting(text, dir, self.home.as_deref(), note)?;
            Ok::<_, Refusal>((found, links))
        };
        let mut named = from(&self.cwd)?;
        if !named.0.exists() {
            // Where it is in neither place, the message names the first.
            let below = from(&self.default_root())?;
            if below.0.exists() {
                named = below;
            }
        }
        let (found, links) = named;
        let Some(allowed) = self.allowed_roots.as_ref().filter(|_| !links.is_empty()) else {
            return Ok(found);
        };
        let roots: Vec<PathBuf> = std::iter::once(self.default_root())
            .chain(
                allowed
                    .iter()
                    .map(|root| paths::resolve(&self.cwd.join(root))),
            )
            .collect();
        let is_of = |root: &PathBuf| {
            found.starts_with(root)
                || [layout::baselines(root), layout::diffs(root)]
                    .iter()
                    .any(|top| found.starts_with(paths::resolve(top)))
        };
        let left = links
            .iter()
            .find(|link| roots.iter().any(|root| link.starts_with(root)))
            .filter(|_| !roots.iter().any(is_of));
        match left {
            None => Ok(found),
            Some(link) => Err(Refusal::new(format!(
                "{option} leads out of the root by a symbolic link: {} leads to {}; name that place itself",
                link.display(),
                found.display()
            ))),
        }
    }

    /// The default root, resolved.
    pub(crate) fn default_root(&self) -> PathBuf {
        paths::resolve(&self.cwd.join(&self.root))
    }

    /// The root for one call: the one that `--repo-root` names, if it may.
    pub(crate) fn root_for(&self, repo_root: Option<&str>) -> Result<PathBuf, Refusal> {
        let default = self.default_root();
        let Some(text) = repo_root else {
            return Ok(default);
        };
        let named = self.locate(text)?;
        let Some(allowed) = &self.allowed_roots else {
            return Ok(named);
        };
        let permits = |root: &PathBuf| named.starts_with(paths::resolve(&self.cwd.join(root)));
        if named == default || allowed.iter().any(permits) {
            return Ok(named);
        }
        Err(Refusal::new(format!(
            "--repo-root is not allowed here: {}; allowed is {}",
            named.display(),
            list(
                std::iter::once(&self.root)
                    .chain(allowed)
                    .map(PathBuf::as_path)
            )
        )))
    }
}

fn list<'a>(roots: impl Iterator<Item = &'a Path>) -> String {
    roots
        .map(|root| root.display().to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
