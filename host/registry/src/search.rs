//! Searching evidence and runbooks for a regular expression, line by line.
//!
//! Order: the trees as listed, in each the files sorted by path, in each file the lines. Every file counts, hidden and
//! git-ignored ones too (evidence usually is ignored), except binary ones (those with a zero byte), pages (HTML), what is
//! still being written, and symbolic links, which could lead out of the root.
//!
//! Codes: 0 with a hit, 1 without one, 2 for a bad pattern, and where a tree is missing and nothing was found: it may
//! have held the hit. A missing tree is named on stderr and hides no hit of the other.

use crate::durable::open_regular;
use crate::envelope::{Envelope, VerbError};
use crate::names;
use crate::verb::{Query, Verb};
use regex::bytes::{Regex, RegexBuilder};
use serde_json::json;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The trees of [`Verb::Evidence`].
pub const EVIDENCE: &[&str] = &["experiments/artifacts"];
/// The trees of [`Verb::Runbooks`].
pub const RUNBOOKS: &[&str] = &["runbooks", "docs"];

/// Compiled patterns may take this many bytes.
const MAX_PATTERN: usize = 4 << 20;
/// Lines are looked at up to this many bytes.
const MAX_LINE: usize = 1 << 20;
/// Matches are shown up to this many characters of their line.
const MAX_SHOWN: usize = 300;

/// Runs one search below `root`.
pub(crate) fn run(
    root: &Path,
    verb: Verb,
    trees: &[&str],
    query: &Query,
) -> Result<Envelope, VerbError> {
    let Query { pattern, limit } = query;
    if !(1..=100).contains(limit) {
        return Err(VerbError::Argument(
            "limit must be between 1 and 100".to_owned(),
        ));
    }
    let (returncode, matches, stderr) = match compile(pattern) {
        Err(message) => (2, Vec::new(), message),
        Ok(regex) => search(root, trees, &regex, *limit as usize),
    };
    let mut args = vec![
        pattern.clone(),
        "--limit".into(),
        limit.to_string(),
        "--paths".into(),
    ];
    args.extend(trees.iter().map(|&tree| tree.to_owned()));
    Ok(Envelope {
        returncode,
        stdout: matches.iter().map(|line| format!("{line}\n")).collect(),
        stderr,
        json: Some(json!({ "query": pattern, "paths": trees, "matches": matches })),
        ..Envelope::of(verb, args)
    })
}

fn compile(query: &str) -> Result<Regex, String> {
    if query.contains('\n') {
        return Err(
            "the pattern holds a line end, and a search looks at one line at a time\n".to_owned(),
        );
    }
    let pattern = RegexBuilder::new(query)
        .size_limit(MAX_PATTERN)
        .dfa_size_limit(MAX_PATTERN)
        .build();
    pattern.map_err(|error| format!("{error}\n"))
}

fn search(
    root: &Path,
    trees: &[&str],
    pattern: &Regex,
    limit: usize,
) -> (i32, Vec<String>, String) {
    let mut found = Found {
        pattern,
        limit,
        matches: Vec::new(),
        problems: String::new(),
    };
    let mut present = 0;
    for tree in trees {
        let path = root.join(tree);
        if path.is_dir() {
            present += 1;
            found.directory(&path, tree);
        } else {
            found.problems.push_str(&format!(
                "{tree}: no such directory in {}\n",
                root.display()
            ));
        }
    }
    let code = match (found.matches.is_empty(), present == trees.len()) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => 2,
    };
    (code, found.matches, found.problems)
}

struct Found<'a> {
    pattern: &'a Regex,
    limit: usize,
    matches: Vec<String>,
    problems: String,
}

impl Found<'_> {
    fn is_full(&self) -> bool {
        self.matches.len() >= self.limit
    }

    fn directory(&mut self, dir: &Path, shown: &str) {
        let items = fs::read_dir(dir).and_then(|items| items.collect::<io::Result<Vec<_>>>());
        let mut items = match items {
            Ok(items) => items,
            Err(error) => return self.problems.push_str(&format!("{shown}: {error}\n")),
        };
        // A directory sorts as its path with the slash, so that whole paths come out in order.
        let is_dir = |item: &fs::DirEntry| item.file_type().is_ok_and(|kind| kind.is_dir());
        items.sort_by_cached_key(|item| {
            let mut key = item.file_name().into_encoded_bytes();
            key.extend(is_dir(item).then_some(b'/'));
            key
        });
        for item in items {
            let name = item.file_name().to_string_lossy().into_owned();
            if self.is_full() || names::is_partial(&name) {
                continue;
            }
            let shown = format!("{shown}/{name}");
            match item.file_type() {
                Ok(kind) if kind.is_dir() => self.directory(&item.path(), &shown),
                Ok(kind) if kind.is_file() && !is_page(&name) => {
                    if let Err(error) = self.file(&item.path(), &shown) {
                        self.problems.push_str(&format!("{shown}: {error}\n"));
                    }
                }
                _ => {}
            }
        }
    }

    fn file(&mut self, path: &Path, shown: &str) -> io::Result<()> {
        let mut reader = BufReader::with_capacity(64 << 10, open_regular(path)?);
        let before = self.matches.len();
        let mut line = Vec::new();
        let mut number = 0_u64;
        while !self.is_full() && read_line(&mut reader, &mut line)? {
            number += 1;
            if line.contains(&0) {
                // A binary file, whatever it looked like so far.
                self.matches.truncate(before);
                return Ok(());
            }
            if self.pattern.is_match(&line) {
                self.matches
                    .push(format!("{shown}:{number}:{}", show(&line)));
            }
        }
        Ok(())
    }
}

/// Reads the next line without its end, at most `MAX_LINE` bytes of it; false at the end of the file.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    if reader
        .by_ref()
        .take(MAX_LINE as u64)
        .read_until(b'\n', line)?
        == 0
    {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    } else if line.len() == MAX_LINE {
        reader.skip_until(b'\n')?;
    }
    Ok(true)
}

fn show(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.into_owned(),
    }
}

/// Whether a file is a page: one line of it can be a whole report, and what it says stands in the files beside it.
fn is_page(name: &str) -> bool {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ["html", "htm"].contains(&ending.as_str()))
}
