//! One case: what is compared, how, and what must come out.

use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// `case.toml`. Paths are relative to `tests/data/cases`; several are trials.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub baseline: Vec<PathBuf>,
    pub current: Vec<PathBuf>,
    pub model: Option<String>,
    pub baseline_profile: Option<PathBuf>,
    pub profile: Option<PathBuf>,
    #[serde(default)]
    pub set: Vec<String>,
    #[serde(default)]
    pub vary: Vec<String>,
    pub headline_level: Option<u32>,
    pub tails: Option<String>,
}

/// A directory of `tests/data/cases`.
pub struct Case {
    pub name: String,
    pub settings: Settings,
    pub expected: Value,
}

/// One side of a case.
pub struct Side<'a> {
    pub paths: &'a [PathBuf],
    pub profile: Option<&'a PathBuf>,
    pub settings: &'a [String],
    pub model: Option<&'a str>,
}

/// `tests/data/cases`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/cases")
}

impl Case {
    /// All cases; a directory that is no whole case fails here.
    pub fn all() -> Vec<Case> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(folder())
            .expect("tests/data/cases")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_dir())
            .filter(|path| path.file_name().is_some_and(|name| name != "__pycache__"))
            .collect();
        names.sort();
        names.iter().map(|path| Case::read(path)).collect()
    }

    /// Reads one case.
    pub fn read(path: &Path) -> Case {
        let text = |file: &str| {
            std::fs::read_to_string(path.join(file))
                .unwrap_or_else(|error| panic!("{}: {file}: {error}", path.display()))
        };
        let mut settings: Settings = toml::from_str(&text("case.toml"))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let absolute = |of: &mut PathBuf| {
            *of = folder()
                .join(&of)
                .canonicalize()
                .unwrap_or_else(|error| panic!("{}: {}: {error}", path.display(), of.display()));
        };
        settings.baseline.iter_mut().for_each(absolute);
        settings.current.iter_mut().for_each(absolute);
        settings.baseline_profile.iter_mut().for_each(absolute);
        settings.profile.iter_mut().for_each(absolute);
        Case {
            name: path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            settings,
            expected: serde_json::from_str(&text("expected.json"))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        }
    }

    pub fn baseline(&self) -> Side<'_> {
        Side {
            paths: &self.settings.baseline,
            profile: self.settings.baseline_profile.as_ref(),
            settings: &[],
            model: self.settings.model.as_deref(),
        }
    }

    pub fn current(&self) -> Side<'_> {
        Side {
            paths: &self.settings.current,
            profile: self.settings.profile.as_ref(),
            settings: &self.settings.set,
            model: self.settings.model.as_deref(),
        }
    }

    pub fn observes_tails(&self) -> bool {
        self.settings.tails.as_deref() == Some("observe")
    }
}

impl Side<'_> {
    /// `FIELD=VALUE` as pairs.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let split = |text: &String| {
            let (field, value) = text.split_once('=').expect("FIELD=VALUE");
            (field.to_owned(), value.to_owned())
        };
        self.settings.iter().map(split).collect()
    }
}
