//! Where a document comes from: hashes, tool, operator.

use crate::fault::Result;
use crate::fields;
use crate::files::{self, Tree};
use crate::order::Ordered as _;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One file with its hash. A host that can makes the hashes itself: SHA-256 inside WebAssembly is slow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigest {
    /// Path below the bundle.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the bytes, 64 lower-case hex digits.
    pub sha256: String,
}

/// The hash of every file of a tree, sorted bytewise by path: for hosts that hand in none.
///
/// Faults: as [`Tree::list`]; what the system refuses to read.
pub fn digests(tree: &dyn Tree) -> Result<Vec<FileDigest>> {
    let digest = |path: String| {
        let (sha256, size) = files::sha256_of_file(tree, &path)?;
        Ok(FileDigest { path, size, sha256 })
    };
    let listed = tree.list()?.into_iter();
    listed.map(digest).collect()
}

/// What the host knows and the bundle does not.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// Every file of the bundle.
    pub files: Vec<FileDigest>,
    /// Every file of the paired profile bundle.
    pub profile_files: Vec<FileDigest>,
    /// Account that ran the command.
    pub operator: Option<String>,
    /// Git commit of the registry's repository.
    pub profile_and_optimize_sha: Option<String>,
    /// Whether the run is kept to be looked at: part of the history, and no baseline.
    pub observation: bool,
}

impl Provenance {
    /// The `provenance` object of the document.
    pub fn to_json(
        &self,
        tool: Option<&str>,
        captured_at: Option<String>,
        stated: &BTreeMap<&str, Value>,
    ) -> Value {
        let mut map = Map::new();
        map.insert(
            "perfbridge_version".into(),
            env!("CARGO_PKG_VERSION").into(),
        );
        map.insert("tool".into(), json!(tool));
        map.insert("captured_at".into(), json!(captured_at));
        map.insert("operator".into(), json!(self.operator));
        map.insert(
            "cluster".into(),
            json!(stated.get("deployment.cluster").map(fields::plain)),
        );
        map.insert(
            "profile_and_optimize_sha".into(),
            json!(self.profile_and_optimize_sha),
        );
        if self.observation {
            map.insert("observation".into(), true.into());
        }
        map.insert("bundle_sha256".into(), json!(manifest_sha256(&self.files)));
        map.insert("files".into(), listed(&self.files));
        if !self.profile_files.is_empty() {
            map.insert(
                "profile_sha256".into(),
                json!(manifest_sha256(&self.profile_files)),
            );
            map.insert("profile_files".into(), listed(&self.profile_files));
        }
        map.into()
    }
}

fn listed(files: &[FileDigest]) -> Value {
    let mut files: Vec<&FileDigest> = files.iter().collect();
    files.order_by(|a, b| a.path.cmp(&b.path));
    files
        .iter()
        .map(|file| json!({"path": file.path, "sha256": file.sha256, "size": file.size}))
        .collect()
}

/// SHA-256 of the manifest that `sha256sum` prints for the files sorted bytewise by path:
/// `find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum`.
/// Null without files.
pub fn manifest_sha256(files: &[FileDigest]) -> Option<String> {
    if files.is_empty() {
        return None;
    }
    let mut files: Vec<&FileDigest> = files.iter().collect();
    files.order_by(|a, b| a.path.cmp(&b.path));
    let manifest: String = files.into_iter().map(line).collect();
    Some(files::sha256(manifest.as_bytes()))
}

/// The line of `sha256sum`, which marks a name that holds one of three characters and writes those as two.
fn line(file: &FileDigest) -> String {
    let (hash, path) = (&file.sha256, &file.path);
    let name = path.replace('\\', "\\\\");
    let name = name.replace('\n', "\\n").replace('\r', "\\r");
    let mark = if name == *path { "" } else { "\\" };
    format!("{mark}{hash}  {name}\n")
}

#[cfg(test)]
mod tests {
    use super::{FileDigest, digests, manifest_sha256};
    use crate::files::MemoryTree;

    const HASH_OF_X: &str = "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac";
    const HASH_OF_NOTHING: &str =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// Expected value: `printf 'x\n' > b; printf '' > a/c; … | sha256sum` with coreutils 9.1.
    #[test]
    fn equals_sha256sum_of_sha256sum() {
        let file = |path: &str, sha256: &str| FileDigest {
            path: path.into(),
            size: 0,
            sha256: sha256.into(),
        };
        let files = [file("b", HASH_OF_X), file("a/c", HASH_OF_NOTHING)];
        assert_eq!(
            manifest_sha256(&files).as_deref(),
            Some("445d63d75500257bab5aa0e17c8fca82ea86efda8567085980c5bb771d7b8a34")
        );
        assert_eq!(manifest_sha256(&[]), None);
        // Names that `sha256sum` writes with a backslash before them.
        let marked = [file("a\\b", HASH_OF_X), file("c", HASH_OF_NOTHING)];
        assert_eq!(
            manifest_sha256(&marked).as_deref(),
            Some("f3e02a722a6f50d976089bb5b7d6c8b00f28e1c866c1aba1ea0b9633d35f4f71")
        );
        let broken = [file("a\nb", HASH_OF_X), file("a\rb", HASH_OF_X)];
        assert_eq!(
            manifest_sha256(&broken).as_deref(),
            Some("92277d3c71cec3958f5dc7f027dd2375679f542829525e7e032086b33b722ad6")
        );
        let tree = MemoryTree::new([("b", "x\n"), ("a/c", "")]);
        let mut made = digests(&tree).expect("digests");
        assert_eq!((made[0].path.as_str(), made[1].size), ("a/c", 2));
        made.iter_mut().for_each(|file| file.size = 0);
        made.reverse();
        assert_eq!(made, files);
    }
}
