//! What a format must offer: how its files are known, and how one is read.

use crate::fault::Result;
use crate::files::{self, Tree};
use crate::json::Scan;
use crate::run::{Format, Run};
use crate::text;
use std::cell::OnceCell;

/// A file that is to be recognised.
pub struct Candidate<'a> {
    /// Path below the bundle.
    pub path: &'a str,
    /// The first [`files::HEAD`] bytes, invalid UTF-8 replaced.
    pub head: &'a str,
    /// Found when a format first asks, since most of them ask.
    keys: OnceCell<Vec<&'a str>>,
}

impl<'a> Candidate<'a> {
    /// The file of that path, whose head is this.
    pub fn new(path: &'a str, head: &'a str) -> Self {
        Candidate {
            path,
            head,
            keys: OnceCell::new(),
        }
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        files::name(self.path)
    }

    /// Whether the head holds a text; quick, since each file is asked by each format.
    pub fn has(&self, text: &str) -> bool {
        text::holds(self.head, text)
    }

    /// The keys of the JSON object that the head is or begins, without those of the objects inside it.
    pub fn top_level_keys(&self) -> &[&'a str] {
        self.keys.get_or_init(|| keys_of(self.head))
    }

    /// Whether the head looks like a JSON object with all of these keys.
    pub fn has_keys(&self, names: &[&str]) -> bool {
        self.is_json_object()
            && names
                .iter()
                .all(|name| self.top_level_keys().contains(name))
    }

    /// Whether the head looks like a JSON object.
    pub fn is_json_object(&self) -> bool {
        self.head.trim_start().starts_with('{')
    }
}

fn keys_of(head: &str) -> Vec<&str> {
    let mut scan = Scan::new(head.as_bytes());
    let mut keys = Vec::new();
    if scan.open_object().is_err() {
        return keys;
    }
    while let Ok(Some(key)) = scan.key(keys.is_empty()) {
        keys.extend(std::str::from_utf8(key));
        if scan.skip().is_err() {
            break;
        }
    }
    keys
}

/// One format: a row of [`super::SOURCES`].
pub struct Source {
    /// What it is called, who writes it, what it states.
    pub format: Format,
    /// How every file of this format begins and none of another, where that is so: such a file is asked about this
    /// format alone. A bundle can hold hundreds of scrapes.
    pub begins: Option<&'static str>,
    /// Whether the content is of this format.
    pub by_content: fn(&Candidate<'_>) -> bool,
    /// Whether the name says that the content should be of this format; such a file that cannot be
    /// read is damaged and not simply unknown.
    pub by_name: fn(&str) -> bool,
    /// Reads the file of that path into the run: results, or what else it states. A file of several results adds one for each.
    pub read: fn(&mut Run, &dyn Tree, &str) -> Result<()>,
}
