//! Reads runs: their outlines first, since of most nothing else is needed.

use super::super::inputs::{self, Reading};
use super::super::output::Output;
use super::super::runs::Input;
use super::cache::{Cache, Kept};
use crate::bundle::{Bundle, sha256};
use crate::error::{Error, Result};
use crate::sandbox::Sandbox;
use perfbridge_registry::measurement_name;
use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A document that stands in a run in place of a bundle.
const DOCUMENT: &str = "inference_perfbench_v1.json";

/// One run, without its document.
pub struct Found {
    /// What is opened.
    pub path: PathBuf,
    /// What it is called in the answer.
    pub shown: String,
    /// The served model.
    pub model: String,
    /// The measurement that it would be registered under.
    pub measurement: String,
    /// When it began, in seconds since 1970.
    pub start: Option<f64>,
}

impl Found {
    /// By start; a run that states none comes last. Of two that began at once the later name.
    pub fn newest_first(&self, other: &Found) -> Ordering {
        let start = |of: &Found| of.start.unwrap_or(f64::NEG_INFINITY);
        let by_start = start(other).total_cmp(&start(self));
        by_start.then_with(|| other.shown.cmp(&self.shown))
    }
}

/// Reads runs, from the cache where they are kept.
pub struct Reader<'a> {
    pub sandbox: &'a Sandbox,
    pub cache: Option<Cache>,
    pub output: &'a Output,
}

impl Reader<'_> {
    /// What a run is of, and when it began.
    pub fn outline(&self, path: &Path, shown: &str) -> Result<Found> {
        let kept = self.read(path)?;
        Ok(Found {
            path: path.to_owned(),
            shown: shown.to_owned(),
            measurement: measurement_name(&kept.model),
            model: kept.model,
            start: kept.start,
        })
    }

    /// A run with its document.
    pub fn read(&self, path: &Path) -> Result<Kept> {
        let inside = path.join(DOCUMENT);
        let document = match path.is_dir() {
            true => Some(inside).filter(|file| file.is_file()),
            false => Some(path.to_owned()),
        };
        match document {
            Some(file) => self.document(&file),
            None => self.bundle(path),
        }
    }

    fn document(&self, file: &Path) -> Result<Kept> {
        let json = inputs::document_text(file)?;
        let manifest = format!("document {}", sha256(json.as_bytes()));
        if let Some(kept) = self.cache.as_ref().and_then(|cache| cache.get(&manifest)) {
            return Ok(Kept { json, ..kept });
        }
        let kept = self.outlined(String::new(), &json, file)?;
        if let Some(cache) = &self.cache {
            cache.put(&manifest, &kept);
        }
        Ok(Kept { json, ..kept })
    }

    fn bundle(&self, path: &Path) -> Result<Kept> {
        let manifest = match &self.cache {
            Some(_) => Some(self.manifest(path)?),
            None => None,
        };
        let known = self.cache.as_ref().zip(manifest.as_ref());
        if let Some(kept) = known.and_then(|(cache, manifest)| cache.get(manifest)) {
            return Ok(kept);
        }
        let silent = Output::silent();
        let reading = Reading::default();
        let read_one = |run: &Input| inputs::read(self.sandbox, run, &reading, &silent);
        let document = inputs::read_all(self.sandbox, &[path.to_owned()], read_one)?;
        let kept = self.outlined(document.json.clone(), &document.json, path)?;
        if let Some((cache, manifest)) = known {
            cache.put(manifest, &kept);
        }
        Ok(kept)
    }

    fn outlined(&self, json: String, of: &str, path: &Path) -> Result<Kept> {
        let outline = self.sandbox.outline(DOCUMENT, of);
        let outline = outline.map_err(|failure| Error::from(failure).in_input(path))?;
        Ok(Kept {
            model: outline.model,
            start: outline.start,
            json,
        })
    }

    /// The files that a document is made of, those of a profile beside the run among them.
    fn manifest(&self, path: &Path) -> Result<String> {
        let mut manifest = String::new();
        let real = path.canonicalize();
        let beside = match real.as_deref().ok().and_then(Path::to_str) {
            Some(path) => self.sandbox.profile_beside(path)?,
            None => None,
        };
        let beside = beside.map(PathBuf::from).filter(|dir| dir.is_dir());
        for dir in [Some(path.to_owned()), beside].into_iter().flatten() {
            manifest.push_str("directory\n");
            for file in Bundle::open(&dir, &[])?.hashes(&mut |_| {})? {
                manifest.push_str(&format!("{}  {}\n", file.sha256, file.path));
            }
        }
        Ok(manifest)
    }
}

/// The time that `--since` names, in seconds since 1970.
///
/// # Errors
/// It names none.
pub fn since(text: &str) -> Result<f64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let back = || {
        let days: u32 = text.strip_suffix('d')?.parse().ok()?;
        let back = Duration::from_secs(86_400) * days;
        Some(now.ok()?.saturating_sub(back).as_secs_f64())
    };
    let at = || {
        let whole = format!("{text}T00:00:00Z");
        let at = perfbridge_registry::parse_iso(text).or(perfbridge_registry::parse_iso(&whole));
        Some(at?.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
    };
    back().or_else(at).ok_or_else(|| {
        Error::usage(format!(
            "--since is given {text:?}; expected a day as 2026-11-22, a time as 2026-11-22T06:00:00Z, or so many days back as 7d"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::since;

    #[test]
    fn times_are_days_instants_or_days_back() {
        // 1795305600 is 2026-11-22T00:00:00Z by `date -u -d @1795305600`.
        assert_eq!(since("2026-11-22").expect("a day"), 1_795_305_600.0);
        assert_eq!(
            since("2026-11-22T06:00:00Z").expect("a time"),
            1_795_327_200.0
        );
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.expect("after 1970").as_secs_f64();
        assert!((now - 7.0 * 86_400.0 - since("7d").expect("days")).abs() < 60.0);
        for none in ["", "d", "yesterday", "-1d", "2026-13-01", "7"] {
            let error = since(none).expect_err("refused");
            assert!(
                error
                    .message
                    .starts_with(&format!("--since is given {none:?}; expected a day")),
                "{error}"
            );
        }
    }
}
