//! Takes the lines of a scrape one after the other.

use crate::fault::{Code, Fault, Result};
use crate::files;
use crate::run::server::{Family, Scrape, Series};
use crate::run::{Is, Labels, ScrapeLine, ScrapeLines};
use crate::server::catalog::{self, CATALOG};
use crate::sources::exposition::{self, Line, Sample};
use std::collections::{BTreeSet, HashSet};

/// How many names of metrics that are not kept are remembered.
const NAMED: usize = 64;

/// What was found in the lines so far.
pub(super) struct Reader<'a> {
    scrape: Scrape,
    /// Every series, as soon as one is new to the scrape before: those of that one each stand in it once.
    seen: HashSet<(String, Labels)>,
    ended: bool,
    strangers: BTreeSet<String>,
    /// The last name and its row: the series of a metric stand together, a histogram has dozens.
    last: (&'a str, Option<&'static catalog::Kept>),
    known: &'a mut ScrapeLines,
    lines: Vec<ScrapeLine>,
}

impl<'a> Reader<'a> {
    /// Of a scrape that nothing was read of yet, by the lines of the one before.
    pub(super) fn new(scrape: Scrape, known: &'a mut ScrapeLines) -> Self {
        known.rewind();
        Reader {
            scrape,
            seen: HashSet::new(),
            ended: false,
            strangers: BTreeSet::new(),
            last: ("", None),
            known,
            lines: Vec::new(),
        }
    }

    /// The scrape, names of metrics that are not kept, and the lines.
    pub(super) fn finish(self) -> (Scrape, BTreeSet<String>, Vec<ScrapeLine>) {
        (self.scrape, self.strangers, self.lines)
    }

    /// The number of the line that is taken next, from 1.
    pub(super) fn number(&self) -> u64 {
        self.lines.len() as u64 + 1
    }

    /// Takes the first line of what is left of a text; the answer is its length. None where it has no end. A fault about
    /// a metric has its name as the place.
    pub(super) fn take(&mut self, rest: &'a str) -> Result<Option<usize>> {
        let known = self.known.next(rest);
        if let Some((line, _)) = &known {
            self.known.pass(line);
        }
        let known = known.filter(|(line, _)| !self.must_read(line.is));
        if let Some((line, true)) = known {
            self.again(line)?;
            return Ok(Some(line.length));
        }
        let Some(end) = memchr::memchr(b'\n', rest.as_bytes()) else {
            return Ok(None);
        };
        let text = &rest[..end];
        files::check_line(text.len())?;
        match known.and_then(|(line, _)| with_value(line, text)) {
            Some(line) => self.again(line)?,
            None => {
                let line = self.read(text)?;
                self.lines.push(line);
            }
        }
        Ok(Some(end + 1))
    }

    /// Whether a line of this kind is to be read, although it stood in the scrape before.
    fn must_read(&self, is: Is) -> bool {
        match is {
            Is::Read => true,
            Is::Stranger => self.ended || self.names_strangers(),
            _ => self.ended,
        }
    }

    /// Whether the names of metrics that are not kept are still wanted.
    fn names_strangers(&self) -> bool {
        self.scrape.series.is_empty() && self.strangers.len() < NAMED
    }

    /// Takes a line that stood in the scrape before.
    fn again(&mut self, line: ScrapeLine) -> Result<()> {
        if let Is::Kept(at) = line.is {
            let (row, series) = &self.known.kept[at];
            let value = accepted(&CATALOG[*row], &series.name, line.value)?;
            let series = series.clone();
            self.add(Series { value, ..series }, true)?;
        }
        self.lines.push(line);
        Ok(())
    }

    fn read(&mut self, text: &'a str) -> Result<ScrapeLine> {
        let line = exposition::parse(text, self.last.0).map_err(Fault::damaged)?;
        if self.ended && line != Line::Blank {
            return Err(Fault::damaged(
                "found a line after `# EOF`; expected the end of the file. Keep each scrape in a file of its own",
            ));
        }
        let mut read = ScrapeLine {
            length: text.len() + 1,
            value_at: None,
            value: 0.0,
            is: Is::Read,
        };
        match line {
            Line::Blank => read.is = Is::Blank,
            Line::End => self.ended = true,
            Line::Help(name, text) => read.is = self.help(name, text),
            Line::Sample(sample) => {
                let is = self.keep(&sample)?;
                // Where a value is not set off by a blank, the next line could have another name.
                if sample.numbers.starts_with(' ') {
                    let length = text.trim_ascii_end().len();
                    read.value_at = Some(length - sample.numbers.len());
                    (read.value, read.is) = (sample.value, is);
                }
            }
        }
        Ok(read)
    }

    #[inline(never)]
    fn help(&mut self, name: &str, text: &str) -> Is {
        let base = name.strip_suffix("_total").unwrap_or(name);
        if !base.ends_with("gpu_prefix_cache_queries") {
            return Is::Blank;
        }
        if catalog::lookup(name).is_some_and(|entry| entry.family == Family::VllmGpuQueries) {
            let mut units = ["blocks", "tokens"].into_iter();
            self.scrape.gpu_prefix_unit = units.find(|unit| text.contains(unit));
        }
        Is::Read
    }

    // For the reason of `exposition::parse`.
    #[inline(never)]
    fn keep(&mut self, sample: &Sample<'a>) -> Result<Is> {
        if !sample.again {
            self.last = (sample.name, catalog::lookup(sample.name));
        }
        let Some(entry) = self.last.1 else {
            if !sample.again && self.names_strangers() {
                self.strangers.insert(sample.name.to_owned());
            }
            return Ok(Is::Stranger);
        };
        let labels = exposition::parse_labels(sample.labels)
            .map_err(|found| Fault::damaged(found).at(sample.name))?;
        if !entry.takes(&labels) {
            return Ok(Is::Other);
        }
        let series = Series {
            family: entry.family,
            name: sample.name.to_owned(),
            labels,
            value: accepted(entry, sample.name, sample.value)?,
        };
        self.add(series.clone(), false)?;
        let Some(row) = entry.row() else {
            return Ok(Is::Read);
        };
        self.known.kept.push((row, series));
        Ok(Is::Kept(self.known.kept.len() - 1))
    }

    /// Adds a series to the scrape, `known` where it stood in the one before.
    fn add(&mut self, series: Series, known: bool) -> Result<()> {
        let all = &mut self.scrape.series;
        if !(known && self.seen.is_empty()) {
            let key = |one: &Series| (one.name.clone(), one.labels.clone());
            if self.seen.is_empty() {
                self.seen.extend(all.iter().map(key));
            }
            if !self.seen.insert(key(&series)) {
                let found = format!(
                    "found the series {}{} twice; expected each series once in a scrape. Keep each scrape in a file of its own",
                    series.name, series.labels,
                );
                return Err(Fault::new(Code::Conflict, found).at(&series.name));
            }
        }
        all.push(series);
        Ok(())
    }
}

/// A line of the scrape before with the value that it has here; none where what stands there is no number.
fn with_value(line: ScrapeLine, text: &str) -> Option<ScrapeLine> {
    let numbers = text[line.value_at?..].trim_ascii_end();
    Some(ScrapeLine {
        length: text.len() + 1,
        value: exposition::numbers(numbers).ok()?,
        ..line
    })
}

/// A value that a metric can have.
fn accepted(entry: &catalog::Kept, name: &str, value: f64) -> Result<f64> {
    match entry.refuse(value) {
        None => Ok(value),
        Some(expected) => {
            let found = format!("found {value}; {expected}");
            Err(Fault::new(Code::BadValue, found).at(name))
        }
    }
}
