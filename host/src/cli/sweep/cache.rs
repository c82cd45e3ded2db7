//! Documents of runs that were read before, each a file whose name is the hash of what it was made of: the files of the run and this
//! program. It can be deleted at any time. Nothing of it is believed that its own hash does not cover.

use super::super::output::Output;
use crate::bundle::sha256;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Where it is.
pub struct Cache {
    dir: PathBuf,
    program: String,
}

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The served model.
    pub model: String,
    /// When it began, in seconds since 1970.
    pub start: Option<f64>,
    /// The document; empty where the run is one.
    pub json: String,
}

/// The hash of everything that a file says.
fn hash(model: &str, start: Option<f64>, json: &str) -> String {
    sha256(format!("{model}\n{start:?}\n{json}").as_bytes())
}

impl Cache {
    /// The cache in `dir`, else in the user's; none where there is no place for one. `program` is the hash of this program.
    pub fn open(dir: Option<&Path>, program: &str, output: &Output) -> Option<Cache> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let usual = || {
            let of_user = set("XDG_CACHE_HOME").map(PathBuf::from);
            let of_user = of_user.filter(|path| path.is_absolute());
            let below = of_user.or_else(|| Some(PathBuf::from(set("HOME")?).join(".cache")));
            Some(below?.join("perfbridge"))
        };
        let dir = dir.map(Path::to_owned).or_else(usual)?.join("documents");
        if let Err(error) = std::fs::create_dir_all(&dir) {
            output.say(&format!(
                "note: no documents are kept: cannot make {}: {error}",
                dir.display()
            ));
            return None;
        }
        let program = program.to_owned();
        Some(Cache { dir, program })
    }

    fn path(&self, manifest: &str) -> PathBuf {
        let name = sha256(format!("{}\n{manifest}", self.program).as_bytes());
        self.dir.join(&name[..2]).join(name)
    }

    /// What is kept of the run with this manifest; none where there is nothing that can be believed.
    pub fn get(&self, manifest: &str) -> Option<Kept> {
        let text = std::fs::read_to_string(self.path(manifest)).ok()?;
        let (head, json) = text.split_once('\n')?;
        let head: Value = serde_json::from_str(head).ok()?;
        let (model, start) = (head["model"].as_str()?, head["start"].as_f64());
        let is_whole = head["sha256"] == hash(model, start, json);
        is_whole.then(|| Kept {
            model: model.to_owned(),
            start,
            json: json.to_owned(),
        })
    }

    /// Keeps a run. Where that fails it is read again the next time.
    pub fn put(&self, manifest: &str, kept: &Kept) {
        let Kept { model, start, json } = kept;
        // The first line of a file; the rest is the document.
        let head = json!({"model": model, "start": start, "sha256": hash(model, *start, json)});
        let path = self.path(manifest);
        let Some(folder) = path.parent() else {
            return;
        };
        // Aside and renamed. Not flushed: what a crash leaves is not believed.
        let aside = folder.join(format!(
            ".{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        let written = std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&aside, format!("{head}\n{json}")))
            .and_then(|()| std::fs::rename(&aside, &path));
        if written.is_err() {
            let _ = std::fs::remove_file(&aside);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, Kept};
    use crate::cli::output::Output;

    #[test]
    fn what_is_damaged_or_of_another_program_is_not_believed() {
        let dir = tempfile::tempdir().expect("a directory");
        let open = |program: &str| {
            Cache::open(Some(dir.path()), program, &Output::silent()).expect("a cache")
        };
        let cache = open("one");
        let kept = Kept {
            model: "m".to_owned(),
            start: Some(1.5),
            json: "{}\n".to_owned(),
        };
        assert_eq!(cache.get("a"), None);
        cache.put("a", &kept);
        assert_eq!(cache.get("a"), Some(kept.clone()));
        assert_eq!((cache.get("b"), open("two").get("a")), (None, None));
        let path = cache.path("a");
        let whole = std::fs::read_to_string(&path).expect("read");
        for damaged in [
            whole.replace("{}", "[]"),
            whole.replace("\"m\"", "\"n\""),
            whole.replace("1.5", "2.5"),
            whole[..whole.len() - 1].to_owned(),
            String::new(),
        ] {
            std::fs::write(&path, damaged).expect("written");
            assert_eq!(cache.get("a"), None);
        }
        cache.put("a", &kept);
        assert_eq!(cache.get("a"), Some(kept));
        let folder = path.parent().expect("a folder");
        assert_eq!(std::fs::read_dir(folder).expect("listed").count(), 1);
    }
}
