//! The lines of a scrape, to read the next one by. Of scrapes taken every few seconds most lines are the same to the last
//! byte, and most others but for their value: what such a line is need not be found out again.

use super::server::Series;
use crate::json::common;

/// What a line is.
#[derive(Clone, Copy, Debug)]
pub enum Is {
    /// Without meaning.
    Blank,
    /// To be read wherever it stands.
    Read,
    /// A value of a metric that is not kept.
    Stranger,
    /// A value of a kept metric in a series that is not meant.
    Other,
    /// A value that is kept, of that row of [`ScrapeLines::kept`].
    Kept(usize),
}

/// One line of a scrape that was read.
#[derive(Clone, Copy, Debug)]
pub struct ScrapeLine {
    /// Its bytes with its end.
    pub length: usize,
    /// Where in it the blank before its value stands; none in what has no value.
    pub value_at: Option<usize>,
    /// Its value.
    pub value: f64,
    /// What it is.
    pub is: Is,
}

/// The lines of one scrape in their order, and how far the next one was compared with them.
#[derive(Clone, Debug, Default)]
pub struct ScrapeLines {
    text: String,
    lines: Vec<ScrapeLine>,
    /// Series that were kept, of this scrape or one before it, each with its row of the catalog.
    pub kept: Vec<(usize, Series)>,
    /// The next line, and where it begins.
    next: usize,
    at: usize,
    /// How many bytes from there on were found to be the same.
    same: usize,
}

impl ScrapeLines {
    /// Goes back to the first line.
    pub fn rewind(&mut self) {
        (self.next, self.at, self.same) = (0, 0, 0);
    }

    /// Puts the lines of a text that was read in place of these.
    pub fn replace(&mut self, text: String, lines: Vec<ScrapeLine>) {
        (self.text, self.lines) = (text, lines);
    }

    /// The next line, if `rest` begins with it: whole (true), or up to the blank before its value.
    ///
    /// Lines that came between them are passed over so; behind lines that are gone there is no next one any more.
    pub fn next(&mut self, rest: &str) -> Option<(ScrapeLine, bool)> {
        let line = *self.lines.get(self.next)?;
        if self.same == 0 {
            self.same = common(rest.as_bytes(), &self.text.as_bytes()[self.at..]);
        }
        let whole = line.length <= self.same;
        let begins = line.value_at.is_some_and(|at| at < self.same);
        if !whole {
            self.same = 0;
        }
        (whole || begins).then_some((line, whole))
    }

    /// Goes on behind the next line.
    pub fn pass(&mut self, line: &ScrapeLine) {
        self.next += 1;
        self.at += line.length;
        self.same = self.same.saturating_sub(line.length);
    }
}
