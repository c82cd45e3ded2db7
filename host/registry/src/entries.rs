//! Reading the registry. Written by whatever version: unknown keys are ignored, a missing `direction` is two-sided, both
//! forms of a slug are understood.

use crate::clock;
use crate::durable::open_regular;
use crate::python::float;
use crate::python::json::{self, Value};
use crate::refusal::Refusal;
use crate::{layout, names, snapshot};
use serde::Serialize;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What `baseline.json` says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baseline {
    /// Family of the entry, as its file states it.
    pub family: Option<String>,
    /// Measurement of the entry, as its file states it.
    pub measurement: Option<String>,
    /// `higher-is-better`, `lower-is-better` or `two-sided`.
    pub direction: String,
    /// The value of a scalar baseline in `unit`; `None` for a structured one.
    pub value: Option<f64>,
    /// The unit, if one was given.
    pub unit: Option<String>,
    /// Notes; empty if there are none.
    pub notes: String,
    /// Where the source was.
    pub source_path: Option<String>,
    /// SHA-256 of the source, 64 hexadecimal digits.
    pub source_sha256: Option<String>,
    /// `YYYY-MM-DDTHH:MM:SSZ`
    pub registered_at_utc: Option<String>,
    /// The account that registered it.
    pub operator_user: Option<String>,
    /// The host on which it was registered.
    pub hostname: Option<String>,
    /// The revision of the root at that time.
    pub profile_and_optimize_sha: Option<String>,
}

/// One entry with a readable `baseline.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The directory.
    pub dir: PathBuf,
    /// Family, by the directory.
    pub family: String,
    /// Measurement, by the directory.
    pub measurement: String,
    /// Slug, by the directory.
    pub slug: String,
    /// Its `baseline.json`.
    pub baseline: Baseline,
}

impl Entry {
    /// When it was registered; none where its file does not say so.
    pub fn registered_at(&self) -> Option<SystemTime> {
        clock::parse_iso(self.baseline.registered_at_utc.as_deref()?)
    }
}

/// A directory that looks like an entry and has no usable `baseline.json`. It is reported and never used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unfinished {
    /// The directory.
    pub dir: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

/// Entries, oldest first, and what is no entry.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Listing {
    /// Usable entries.
    pub entries: Vec<Entry>,
    /// Directories without a usable `baseline.json`.
    pub unfinished: Vec<Unfinished>,
}

/// The baselines below one root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    root: PathBuf,
}

impl Registry {
    /// The registry of a root. A root without one is an empty registry.
    pub fn open(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The families, sorted.
    ///
    /// # Errors
    /// A directory that cannot be listed.
    pub fn families(&self) -> Result<Vec<String>, Refusal> {
        subdirectories(&layout::baselines(&self.root))
    }

    /// The measurements of a family, sorted; none for an unknown family.
    ///
    /// # Errors
    /// An unsafe name, or a directory that cannot be listed.
    pub fn measurements(&self, family: &str) -> Result<Vec<String>, Refusal> {
        names::require_safe("family", family)?;
        subdirectories(&layout::baselines(&self.root).join(family))
    }

    /// All entries of a family, by measurement and then by age, oldest first.
    ///
    /// # Errors
    /// As `measurements`.
    pub fn entries(&self, family: &str) -> Result<Listing, Refusal> {
        let mut all = Listing::default();
        for measurement in self.measurements(family)? {
            let one = self.entries_of(family, &measurement)?;
            all.entries.extend(one.entries);
            all.unfinished.extend(one.unfinished);
        }
        Ok(all)
    }

    /// The entries of one measurement, oldest first.
    ///
    /// # Errors
    /// An unsafe name, or a directory that cannot be listed.
    pub fn entries_of(&self, family: &str, measurement: &str) -> Result<Listing, Refusal> {
        let dir = layout::measurement(&layout::baselines(&self.root), family, measurement)?;
        let mut slugs = subdirectories(&dir)?;
        slugs.sort_by(|a, b| clock::slug_key(a).cmp(&clock::slug_key(b)));
        let mut listing = Listing::default();
        for slug in slugs {
            let dir = dir.join(&slug);
            match read_baseline(&dir) {
                Ok(baseline) => {
                    let (family, measurement) = (family.to_owned(), measurement.to_owned());
                    listing.entries.push(Entry {
                        dir,
                        family,
                        measurement,
                        slug,
                        baseline,
                    });
                }
                Err(refusal) => listing.unfinished.push(Unfinished {
                    dir,
                    why: refusal.message,
                }),
            }
        }
        Ok(listing)
    }

    /// The entries of a measurement and of the observations beside it, oldest first.
    ///
    /// # Errors
    /// As `entries_of`.
    pub fn with_observations(&self, family: &str, measurement: &str) -> Result<Listing, Refusal> {
        let mut all = self.entries_of(family, measurement)?;
        let observations = names::observations_of(measurement);
        let dir = layout::measurement(&layout::baselines(&self.root), family, &observations)?;
        if dir.is_dir() {
            let observed = self.entries_of(family, &observations)?;
            all.entries.extend(observed.entries);
            all.unfinished.extend(observed.unfinished);
            all.entries
                .sort_by(|a, b| clock::slug_key(&a.slug).cmp(&clock::slug_key(&b.slug)));
        }
        Ok(all)
    }

    /// The newest usable entry of a measurement.
    ///
    /// # Errors
    /// As `entries_of`.
    pub fn newest(&self, family: &str, measurement: &str) -> Result<Option<Entry>, Refusal> {
        Ok(self.entries_of(family, measurement)?.entries.pop())
    }

    /// One entry.
    ///
    /// # Errors
    /// An unsafe name, an entry that does not exist (the message names the newest one there is) or is unfinished.
    pub fn entry(&self, family: &str, measurement: &str, slug: &str) -> Result<Entry, Refusal> {
        names::require_safe("slug", slug)?;
        let top = layout::measurement(&layout::baselines(&self.root), family, measurement)?;
        let dir = top.join(slug);
        if !dir.is_dir() {
            let newest = self.newest(family, measurement)?;
            let hint = newest.map_or_else(
                || "this measurement has no entry".to_owned(),
                |newest| format!("the newest is {}", newest.slug),
            );
            return Err(Refusal::new(format!(
                "no such registry entry: {}; {hint}",
                dir.display()
            )));
        }
        let baseline = read_baseline(&dir)?;
        let (family, measurement, slug) = (family.into(), measurement.into(), slug.into());
        Ok(Entry {
            dir,
            family,
            measurement,
            slug,
            baseline,
        })
    }
}

/// The entry in a directory that need not be in a registry; its names are those of the directories above it.
///
/// # Errors
/// No usable `baseline.json`.
pub fn read_entry(dir: &Path) -> Result<Entry, Refusal> {
    let dir = fs::canonicalize(dir).map_err(|error| Refusal::io("open the entry", dir, &error))?;
    let baseline = read_baseline(&dir)?;
    let mut names = dir.ancestors().map(|dir| {
        dir.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    });
    let mut next = || names.next().unwrap_or_default();
    let (slug, measurement, family) = (next(), next(), next());
    Ok(Entry {
        dir,
        family,
        measurement,
        slug,
        baseline,
    })
}

/// A snapshot that was just hashed and found unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// `source-snapshot<suffix>` or `source-snapshot/`.
    pub path: PathBuf,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// Its SHA-256.
    pub sha256: String,
}

/// Finds the snapshot of an entry and hashes it.
///
/// # Errors
/// No snapshot; one whose hash is not the one `baseline.json` states (both are named); an entry that states none.
pub fn read_snapshot(entry: &Entry) -> Result<Snapshot, Refusal> {
    let path = find_snapshot(&entry.dir, "source-snapshot").ok_or_else(|| {
        Refusal::new(format!(
            "the source-snapshot is missing: {}",
            entry.dir.display()
        ))
    })?;
    let stated = entry.baseline.source_sha256.as_deref().ok_or_else(|| {
        Refusal::new(format!(
            "baseline.json states no source_sha256: {}",
            entry.dir.display()
        ))
    })?;
    let sha256 = check_hash(&path, stated)?;
    Ok(Snapshot {
        is_dir: path.is_dir(),
        path,
        sha256,
    })
}

/// Hashes a snapshot and compares.
pub(crate) fn check_hash(path: &Path, stated: &str) -> Result<String, Refusal> {
    let found = snapshot::hash(&snapshot::survey("snapshot", path)?)?;
    if found.eq_ignore_ascii_case(stated) {
        return Ok(found);
    }
    Err(Refusal::new(format!(
        "the snapshot was changed after it was registered: {}: its SHA-256 is {found}, the entry states {stated}; \
         restore it or record a new baseline",
        path.display()
    )))
}

/// The first `<stem>` or `<stem>.<anything>` in a directory, by name.
pub(crate) fn find_snapshot(dir: &Path, stem: &str) -> Option<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(dir)
        .ok()?
        .filter_map(|item| item.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(stem))
        .collect();
    found.sort();
    found.first().map(|name| dir.join(name))
}

/// Whether a text is a SHA-256 in hexadecimal.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The members of a directory that are directories with a safe name, sorted.
pub(crate) fn subdirectories(dir: &Path) -> Result<Vec<String>, Refusal> {
    let items = match fs::read_dir(dir) {
        Ok(items) => items,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Refusal::io("list", dir, &error)),
    };
    let mut found = Vec::new();
    for item in items {
        let item = item.map_err(|e| Refusal::io("list", dir, &e))?;
        let Ok(name) = item.file_name().into_string() else {
            continue;
        };
        if names::is_safe_segment(&name) && item.path().is_dir() {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a UTF-8 file.
pub(crate) fn read_text(path: &Path) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    open_regular(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(|e| Refusal::io("read", path, &e))?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Refusal::new(format!("not UTF-8 at byte {at}: {}", path.display()))
    })
}

/// Reads a `baseline.json` as it stands.
pub(crate) fn read_baseline_value(dir: &Path) -> Result<Value, Refusal> {
    let path = dir.join("baseline.json");
    let value = json::parse(&read_text(&path)?).map_err(|error| {
        Refusal::new(format!(
            "baseline.json is not valid JSON: {}: {error}",
            path.display()
        ))
    })?;
    if matches!(value, Value::Dict(_)) {
        return Ok(value);
    }
    Err(Refusal::new(format!(
        "baseline.json is not a JSON object: {}",
        path.display()
    )))
}

pub(crate) fn read_baseline(dir: &Path) -> Result<Baseline, Refusal> {
    let value = read_baseline_value(dir)?;
    let text_of = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let text = |key: &str| text_of(value.get(key));
    let nested = |outer: &str, key: &str| text_of(value.get(outer).and_then(|v| v.get(key)));
    Ok(Baseline {
        family: text("family"),
        measurement: text("measurement"),
        direction: text("direction").unwrap_or_else(|| "two-sided".to_owned()),
        value: value.get("value").and_then(to_float),
        unit: text("unit"),
        notes: text("notes").unwrap_or_default(),
        source_path: text("source_path"),
        source_sha256: text("source_sha256"),
        registered_at_utc: text("registered_at_utc"),
        operator_user: nested("registered_by", "operator_user"),
        hostname: nested("workstation", "hostname"),
        profile_and_optimize_sha: text("profile_and_optimize_sha"),
    })
}

/// What Python's `float()` makes of a JSON value: numbers, booleans and numeric texts; possibly infinite or NaN. An
/// integer beyond the range of a float becomes an infinity.
pub(crate) fn to_float(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        Value::Int(digits) => digits.parse().ok(),
        Value::Float(f) => Some(*f),
        Value::Str(text) => float::parse(text),
        Value::Null | Value::List(_) | Value::Dict(_) => None,
    }
}
