//! What is said about an entry after it was made: a label, or a role.
//!
//! Entries are never changed, so each mark is a file of its own in a tree beside the baselines. The newest counts, and
//! none is overwritten or deleted; a registry without marks has no such tree.

use crate::durable::{open_regular, write_new_aside};
use crate::entries::{Entry, Registry, Unfinished};
use crate::refusal::Refusal;
use crate::{clock, layout, names};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The role of the entry that stands for its model.
pub const BASELINE_ROLE: &str = "baseline";
/// The longest label, in characters.
const LONGEST_LABEL: usize = 60;
/// A mark is a few hundred bytes, with all scores of a promotion some thousand; more is none.
const LARGEST: u64 = 64 << 10;
/// So often a taken name is moved on by a microsecond.
const ATTEMPTS: u64 = 10_000;

/// One mark, as its file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    schema: Schema,
    /// The entry it is about.
    pub slug: String,
    /// What the entry is called.
    pub label: Option<String>,
    /// The role that the entry has from then on.
    pub role: Option<String>,
    /// Whether the role is taken back, from whichever entry has it.
    pub released: bool,
    /// When it was made.
    pub marked_at_utc: String,
    /// Who made it.
    pub operator_user: Option<String>,
    /// Why the entry got its role, and what was known then; none for a mere pin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion: Option<Promotion>,
    /// Its file.
    #[serde(skip)]
    pub file: PathBuf,
}

/// Why an entry got its role, and what was known then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// One line, as the operator wrote it.
    pub reason: String,
    /// The slug of the entry that had the role before; null where none had, or this one.
    pub replaces: Option<String>,
    /// SHA-256 of the snapshot of the entry.
    pub source_sha256: String,
    /// The quality scores that it was paired with, as a document holds them.
    pub evals: Vec<Value>,
    /// SHA-256 of these scores as compact JSON.
    pub evals_sha256: String,
    /// Whether it was only to go forward.
    pub ratchet: bool,
    /// How the entry was judged against the one before it; null where there was none, or nobody could judge.
    pub against: Option<Against>,
}

/// A judgement on which a promotion rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Against {
    /// The slug of the baseline.
    pub slug: String,
    /// `GREEN`, `YELLOW`, `RED` or `NO_VERDICT`.
    pub verdict: String,
    /// The rule that gave it.
    pub rule: String,
    /// `DRAFT` or `VERDICT`.
    pub tier: String,
    /// The diff bundle of that judgement, relative to the root; null where none was written.
    pub bundle: Option<String>,
}

impl Promotion {
    /// Whether an entry has the snapshot that was promoted, by the hash that it states.
    pub fn is_of(&self, entry: &Entry) -> bool {
        entry.baseline.source_sha256.as_ref() == Some(&self.source_sha256)
    }

    /// The hash that goes with some scores.
    pub fn hash_of(evals: &[Value]) -> String {
        // Texts, numbers and objects of them cannot fail to serialise.
        let text = serde_json::to_string(evals).unwrap_or_default();
        let digest = Sha256::digest(text);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "perfbridge_mark_v1")]
    V1,
}

/// What is to be said about an entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// What people call it: one line, at most 60 characters.
    Label(String),
    /// It has this role from now on, and no other entry of the measurement has it.
    Role(String),
    /// The same, for a reason.
    Promoted(String, Box<Promotion>),
    /// No entry of the measurement has this role from now on.
    Released(String),
}

impl Said {
    /// Whether it can be said; for who writes something else first.
    ///
    /// # Errors
    /// A label that is no line or too long, a role that is no safe segment or looks like a slug.
    pub fn check(&self) -> Result<(), Refusal> {
        match self {
            Said::Label(label) => {
                let long = label.chars().count() > LONGEST_LABEL;
                if label.trim().is_empty() || long || label.chars().any(char::is_control) {
                    return Err(Refusal::new(format!(
                        "label must be one line of 1 to {LONGEST_LABEL} characters"
                    )));
                }
                Ok(())
            }
            Said::Role(role) | Said::Released(role) | Said::Promoted(role, _) => {
                names::require_safe("role", role)?;
                // A name behind @ is looked for among slugs too.
                if role.starts_with(|c: char| c.is_ascii_digit()) {
                    return Err(Refusal::new("role must begin with a letter"));
                }
                Ok(())
            }
        }
    }
}

/// What counts of the marks of one measurement.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Marks {
    /// By slug: the label.
    pub labels: BTreeMap<String, String>,
    /// By role: the slug.
    pub roles: BTreeMap<String, String>,
    /// Every mark, oldest first.
    pub log: Vec<Mark>,
    /// Files that hold no mark. They count for nothing.
    pub unreadable: Vec<Unfinished>,
}

impl Marks {
    /// The roles of an entry, sorted.
    pub fn roles_of(&self, slug: &str) -> Vec<&str> {
        let of_entry = self.roles.iter().filter(|(_, has)| *has == slug);
        of_entry.map(|(role, _)| role.as_str()).collect()
    }

    /// The slug of the entry with this role or, newest first, with this label.
    pub fn meant(&self, name: &str) -> Option<&str> {
        let labelled = || {
            let mut all = self.labels.iter().rev();
            all.find(|(_, label)| *label == name).map(|(slug, _)| slug)
        };
        let found = self.roles.get(name).or_else(labelled);
        found.map(String::as_str)
    }

    /// The scores that promotions of an entry were paired with, oldest first; later ones can repeat earlier ones.
    pub fn evals_of(&self, slug: &str) -> Vec<Value> {
        let of_entry = self.log.iter().filter(|mark| mark.slug == slug);
        let promotions = of_entry.filter_map(|mark| mark.promotion.as_ref());
        promotions.flat_map(|one| one.evals.clone()).collect()
    }

    fn add(&mut self, mark: Mark) {
        if let Some(label) = &mark.label {
            self.labels.insert(mark.slug.clone(), label.clone());
        }
        match &mark.role {
            Some(role) if mark.released => {
                self.roles.remove(role);
            }
            Some(role) => {
                self.roles.insert(role.clone(), mark.slug.clone());
            }
            None => {}
        }
        self.log.push(mark);
    }
}

impl Registry {
    /// What counts of the marks of a measurement.
    ///
    /// # Errors
    /// An unsafe name, or a directory that cannot be listed.
    pub fn marks(&self, family: &str, measurement: &str) -> Result<Marks, Refusal> {
        let dir = layout::measurement(&layout::marks(self.root()), family, measurement)?;
        let items = match fs::read_dir(&dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Marks::default()),
            items => items.map_err(|error| Refusal::io("list", &dir, &error))?,
        };
        let mut files: Vec<PathBuf> = Vec::new();
        for item in items {
            let path = item
                .map_err(|error| Refusal::io("list", &dir, &error))?
                .path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if names::is_safe_segment(&name) {
                files.push(path);
            }
        }
        // Their names are the times at which they were made.
        files.sort();
        let mut marks = Marks::default();
        for path in files {
            match read(&path) {
                Ok(mark) => marks.add(mark),
                Err(why) => marks.unreadable.push(Unfinished { dir: path, why }),
            }
        }
        Ok(marks)
    }

    /// Says something about an entry; gives the file of the mark. `user` is the account that says it.
    ///
    /// # Errors
    /// A role that is no safe segment or looks like a slug, a label that is none, a mark that cannot be written.
    pub fn mark(&self, entry: &Entry, said: Said, user: Option<&str>) -> Result<PathBuf, Refusal> {
        said.check()?;
        let top = layout::marks(self.root());
        let dir = layout::measurement(&top, &entry.family, &entry.measurement)?;
        fs::create_dir_all(&dir).map_err(|error| Refusal::io("create", &dir, &error))?;
        let released = matches!(said, Said::Released(_));
        let (label, role, promotion) = match said {
            Said::Label(label) => (Some(label), None, None),
            Said::Role(role) | Said::Released(role) => (None, Some(role), None),
            Said::Promoted(role, promotion) => (None, Some(role), Some(*promotion)),
        };
        let now = SystemTime::now();
        let mark = Mark {
            schema: Schema::V1,
            slug: entry.slug.clone(),
            label,
            role,
            released,
            marked_at_utc: clock::iso(now),
            operator_user: user.map(str::to_owned),
            promotion,
            file: PathBuf::new(),
        };
        let text = serde_json::to_string_pretty(&mark);
        let text = text.map_err(|error| Refusal::new(format!("cannot write the mark: {error}")))?;
        for attempt in 0..ATTEMPTS {
            let name = clock::slug(now + Duration::from_micros(attempt));
            let path = dir.join(format!("{name}.json"));
            match write_new_aside(&path, format!("{text}\n").as_bytes()) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Refusal::io("write", &path, &error)),
                Ok(()) => return Ok(path),
            }
        }
        Err(Refusal::new(format!(
            "no name is free for a mark in {}",
            dir.display()
        )))
    }
}

fn read(path: &Path) -> Result<Mark, String> {
    let mut text = String::new();
    let read = open_regular(path).and_then(|file| file.take(LARGEST).read_to_string(&mut text));
    read.map_err(|error| error.to_string())?;
    let mark: Mark = serde_json::from_str(&text).map_err(|error| format!("no mark: {error}"))?;
    let is_whole = |one: &Promotion| one.evals_sha256 == Promotion::hash_of(&one.evals);
    if !mark.promotion.as_ref().is_none_or(is_whole) {
        return Err(
            "its scores are not those of their hash: it was changed after it was written"
                .to_owned(),
        );
    }
    Ok(Mark {
        file: path.to_owned(),
        ..mark
    })
}
