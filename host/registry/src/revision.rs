//! The commit that is checked out. The files of git say it where they are as git makes them for most checkouts; for all
//! others git is asked, which takes longer than the rest of a `record`.

use rustix::fs::{Access, access};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The revision checked out in `root`, as `git rev-parse HEAD` says it; `None` where `root` is no checkout, and where
/// there is no git.
pub fn head(root: &Path) -> Option<String> {
    match read(root) {
        Read::Found(sha) => Some(sha).filter(|_| has_git()),
        Read::NoCheckout => None,
        Read::AskGit => ask(root),
    }
}

/// What the files of git say.
#[derive(Debug, PartialEq)]
enum Read {
    Found(String),
    NoCheckout,
    /// Something that only git itself understands for sure.
    AskGit,
}

/// Variables that make git look elsewhere.
const ELSEWHERE: [&str; 5] = [
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_WORK_TREE",
];

fn read(root: &Path) -> Read {
    if ELSEWHERE
        .iter()
        .any(|name| std::env::var_os(name).is_some())
    {
        return Read::AskGit;
    }
    let Ok(root) = root.canonicalize() else {
        return Read::AskGit;
    };
    let mut device = None;
    for dir in root.ancestors() {
        let (Ok(around), git) = (dir.symlink_metadata(), dir.join(".git")) else {
            return Read::AskGit;
        };
        // Git does not look for a checkout on another file system.
        if *device.get_or_insert(around.dev()) != around.dev() {
            return Read::NoCheckout;
        }
        match git.symlink_metadata() {
            Ok(meta) => return checkout(&around, &git, &meta).unwrap_or(Read::AskGit),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(_) => return Read::AskGit,
        }
        // A bare repository.
        if dir.join("HEAD").symlink_metadata().is_ok() {
            return Read::AskGit;
        }
    }
    Read::NoCheckout
}

/// The revision of a plain checkout: its own directory `.git`, of whoever runs this, without extensions, and a branch that
/// stands in a file of its own.
fn checkout(around: &Metadata, git: &Path, meta: &Metadata) -> Option<Read> {
    let own = rustix::process::geteuid().as_raw();
    let is_ours = |meta: &Metadata| meta.is_dir() && meta.uid() == own;
    let has = |name: &str| access(git.join(name), Access::EXEC_OK).is_ok();
    if !is_ours(around) || !is_ours(meta) || !has("objects") || !has("refs") {
        return None;
    }
    let config = plain_text(&git.join("config"))?.to_ascii_lowercase();
    let is_plain = config.contains("repositoryformatversion = 0")
        && !config.contains("extensions")
        && !config.contains("include");
    if !is_plain || git.join("commondir").symlink_metadata().is_ok() {
        return None;
    }
    let head = plain_text(&git.join("HEAD"))?;
    let Some(name) = head.strip_prefix("ref: ") else {
        return sha(&head).map(Read::Found);
    };
    let is_name = name.starts_with("refs/heads/")
        && name
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.'));
    let branch = plain_text(&git.join(Some(name).filter(|_| is_name)?))?;
    sha(&branch).map(Read::Found)
}

/// The text of a regular file without the line end behind it.
fn plain_text(path: &Path) -> Option<String> {
    let is_file = path.symlink_metadata().ok()?.is_file();
    let text = fs::read_to_string(Some(path).filter(|_| is_file)?).ok()?;
    Some(text.trim_end_matches('\n').to_owned())
}

/// The text, where it is a hash as git writes it.
fn sha(text: &str) -> Option<String> {
    let is_sha = matches!(text.len(), 40 | 64)
        && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_sha.then(|| text.to_owned())
}

fn has_git() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| access(dir.join("git"), Access::EXEC_OK).is_ok())
}

fn ask(root: &Path) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["rev-parse", "HEAD"])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let sha = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let is_sha = (40..=64).contains(&sha.len()) && sha.bytes().all(|b| b.is_ascii_hexdigit());
    Some(sha).filter(|_| output.status.success() && is_sha)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Checkout(tempfile::TempDir);

    impl Checkout {
        fn new() -> Self {
            let checkout = Checkout(tempfile::tempdir().expect("a temporary directory"));
            checkout.git(&["init", "-q", "--initial-branch", "main"]);
            checkout
        }

        fn git(&self, args: &[&str]) {
            let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
            let mut git = Command::new("git");
            git.arg("-C").arg(self.0.path()).args(identity).args(args);
            assert!(git.status().expect("git").success(), "{args:?}");
        }

        fn commit(&self) {
            self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        }

        /// What is read, which is what git says wherever git is not asked.
        fn read(&self, below: &str) -> Read {
            let at = self.0.path().join(below);
            let read = read(&at);
            match &read {
                Read::Found(sha) => assert_eq!(ask(&at).as_ref(), Some(sha)),
                Read::NoCheckout => assert_eq!(ask(&at), None),
                Read::AskGit => {}
            }
            assert_eq!(head(&at), ask(&at));
            read
        }
    }

    #[test]
    fn a_branch_and_a_detached_head_are_read() {
        let checkout = Checkout::new();
        checkout.commit();
        fs::create_dir_all(checkout.0.path().join("a/b")).expect("mkdir");
        for below in ["", "a", "a/b"] {
            assert!(matches!(checkout.read(below), Read::Found(_)), "{below}");
        }
        checkout.git(&["checkout", "-q", "-b", "topic/one"]);
        checkout.commit();
        assert!(matches!(checkout.read(""), Read::Found(_)));
        checkout.git(&["checkout", "-q", "--detach"]);
        assert!(matches!(checkout.read(""), Read::Found(_)));
    }

    #[test]
    fn git_is_asked_for_what_is_not_plain() {
        let checkout = Checkout::new();
        assert_eq!(checkout.read(""), Read::AskGit, "no commit");
        checkout.commit();
        checkout.git(&["worktree", "add", "-q", "tree"]);
        assert_eq!(checkout.read("tree"), Read::AskGit, "a worktree");
        assert!(matches!(checkout.read(""), Read::Found(_)));
        checkout.git(&["pack-refs", "--all"]);
        assert_eq!(checkout.read(""), Read::AskGit, "a packed branch");
        checkout.commit();
        assert!(matches!(checkout.read(""), Read::Found(_)));
        checkout.git(&["symbolic-ref", "refs/heads/main", "refs/heads/tree"]);
        assert_eq!(checkout.read(""), Read::AskGit, "a branch of another name");
        checkout.git(&["checkout", "-q", "--detach"]);
        checkout.git(&["config", "core.repositoryFormatVersion", "1"]);
        checkout.git(&["config", "extensions.noop", "true"]);
        assert_eq!(checkout.read(""), Read::AskGit, "extensions");
        fs::remove_dir_all(checkout.0.path().join(".git/refs")).expect("remove");
        assert_eq!(checkout.read(""), Read::AskGit, "no repository");
    }

    #[test]
    fn without_a_checkout_nobody_is_asked() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        assert_eq!(read(dir.path()), Read::NoCheckout);
        assert_eq!(head(dir.path()), None);
        fs::write(dir.path().join("HEAD"), "ref: refs/heads/main\n").expect("write");
        assert_eq!(read(dir.path()), Read::AskGit, "perhaps a bare repository");
    }
}
