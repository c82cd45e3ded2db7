//! `--format NAME[=FILE]` as it is typed.

use crate::error::{Error, Result};
use clap::Args;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// For people at a terminal; what is printed where nothing else is asked for.
pub const TEXT: &str = "text";
/// The whole judgement.
pub const JSON: &str = "json";
/// For pull requests.
pub const MARKDOWN: &str = "markdown";
/// The same with a sentence for each row.
pub const EXPLAINED: &str = "markdown-explained";
const WHOLE: &str = "text-all";

/// What can be typed about forms, for every command that judges.
#[derive(Args, Debug, Default)]
pub struct FormArgs {
    /// How to print the judgement, or with =FILE to write it there (repeatable; at most one without a file): text, markdown (for pull requests), json (for programs), answer (1 KB, for agents), junit, sarif, github (annotations), summary (of a job), gitlab (code quality), openmetrics, csv, line (for chat)
    #[arg(long = "format", value_name = "NAME[=FILE]")]
    pub formats: Vec<Asked>,
    /// The same as --format json
    #[arg(long)]
    pub json: bool,
    /// Print the whole text: every row, the whole context, every lever
    #[arg(long, conflicts_with = "json")]
    pub all: bool,
    /// Let the Markdown say for each row why it has its status; JSON always does
    #[arg(long)]
    pub explain: bool,
}

/// One form, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its name, which the component knows.
    pub name: String,
    /// Its file; none is stdout, as is `-`.
    pub file: Option<PathBuf>,
}

impl FromStr for Asked {
    type Err = Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Infallible> {
        let (name, file) = match text.split_once('=') {
            Some((name, "-")) => (name, None),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        Ok(Asked {
            name: name.to_owned(),
            file,
        })
    }
}

impl FormArgs {
    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        self.printed() == JSON
    }

    /// The name of the form that goes to stdout. Where all that are asked for go to files, people still get the text.
    pub fn printed(&self) -> &str {
        let on_stdout = self.formats.iter().find(|asked| asked.file.is_none());
        match on_stdout {
            Some(asked) => self.explained(&asked.name),
            None if self.json => JSON,
            None if self.all => WHOLE,
            None => TEXT,
        }
    }

    /// Before anything is read.
    ///
    /// # Errors
    /// Two forms for stdout, two for one file, a form without a name, a file without one.
    pub fn check(&self) -> Result<()> {
        let names = self.formats.iter().filter(|asked| asked.file.is_none());
        let mut printed: Vec<String> = names
            .map(|asked| format!("--format {}", asked.name))
            .collect();
        printed.extend(self.json.then(|| "--json".to_owned()));
        printed.extend(self.all.then(|| "--all".to_owned()));
        if let [first, second, ..] = printed.as_slice() {
            return Err(Error::usage(format!(
                "found {first} and {second}; expected one form for stdout: give the others a file, --format NAME=FILE"
            )));
        }
        let mut files = BTreeSet::new();
        for Asked { name, file } in &self.formats {
            let Some(file) = file else { continue };
            if name.is_empty() || file.as_os_str().is_empty() {
                return Err(Error::usage(format!(
                    "found --format {name}={}; expected NAME=FILE, as in junit=perfbridge.xml",
                    file.display()
                )));
            }
            if !files.insert(file) {
                return Err(Error::usage(format!(
                    "found {} as the file of two forms; expected a file for each",
                    file.display()
                )));
            }
        }
        Ok(())
    }

    /// What goes into files.
    pub fn written(&self) -> impl Iterator<Item = (&str, &Path)> {
        let file = |asked: &'_ Asked| asked.file.is_some();
        let asked = self.formats.iter().filter(move |asked| file(asked));
        asked.filter_map(|asked| Some((self.explained(&asked.name), asked.file.as_deref()?)))
    }

    fn explained<'a>(&self, name: &'a str) -> &'a str {
        match name {
            MARKDOWN if self.explain => EXPLAINED,
            name => name,
        }
    }
}
