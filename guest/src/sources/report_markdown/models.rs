//! Which model a section of a report is about.

use super::outline::{Item, Section};
use super::properties;
use crate::fault::{Fault, Result};

/// Headings over a table that name no model.
const GENERIC: [&str; 10] = [
    "results",
    "summary",
    "performance",
    "metrics",
    "benchmark",
    "benchmarks",
    "sweep",
    "measurements",
    "overview",
    "concurrency",
];

/// Goes through the sections of one report in order.
pub struct Models<'a> {
    file: &'a str,
    several: bool,
    /// A section that named a model and had no table; the next section with a table belongs to it.
    waiting: Option<(&'a Section, &'a Item)>,
}

impl<'a> Models<'a> {
    /// For the sections of `file`.
    pub fn new(file: &'a str, sections: &[Section]) -> Self {
        let with_tables = sections.iter().filter(|section| {
            section
                .tables()
                .any(|table| super::columns::looks_like_results(&table.header))
        });
        Models {
            file,
            several: with_tables.count() > 1,
            waiting: None,
        }
    }

    /// The served model of the next section: what its list says, what a section before it says that
    /// has no table of its own, else its heading.
    ///
    /// Faults: see [`Models::finish`].
    pub fn of(&mut self, section: &'a Section, has_results: bool) -> Result<Option<String>> {
        let served = section
            .items()
            .find(|item| properties::is_served_model(&item.key));
        let named = served.or_else(|| {
            section
                .items()
                .find(|item| properties::is_model_path(&item.key))
        });
        let own = served.map(|item| item.value.clone());
        if !has_results {
            if let Some(item) = named {
                self.finish()?;
                self.waiting = Some((section, item));
            }
            return Ok(own);
        }
        if named.is_some() {
            self.finish()?;
        }
        let before = self.waiting.take();
        let inherited = before
            .map(|(_, item)| properties::is_served_model(&item.key).then(|| item.value.clone()));
        Ok(match (own, inherited) {
            (Some(own), _) => Some(own),
            (None, Some(inherited)) => inherited,
            (None, None) => self.heading(section),
        }
        .filter(|model| !model.is_empty()))
    }

    fn heading(&self, section: &Section) -> Option<String> {
        let title = section.title.as_str();
        let is_name = !title.contains(' ') && !GENERIC.contains(&title.to_lowercase().as_str());
        (section.level >= 2 && (self.several || is_name)).then(|| title.to_owned())
    }

    /// The fault for a section that names a model and has no table, as in a file that was cut.
    /// The head of the report may name a model that its sections name again.
    pub fn finish(&mut self) -> Result<()> {
        let Some((section, item)) = self
            .waiting
            .take()
            .filter(|(section, _)| section.level >= 2)
        else {
            return Ok(());
        };
        Err(Fault::damaged(format!(
                "found the section `{}` without a table of results; expected a table with a `Concurrency` column. The report was cut, or this model has no result: complete it or take the section out",
                section.title
            ))
        .at_field(self.file, Some(item.line), &item.key))
    }
}
