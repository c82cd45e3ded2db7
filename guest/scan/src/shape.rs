//! Lines of JSON that are alike: what one of them is made of, to read the next ones by.
//!
//! The records of one file have the same keys in the same order, and only the values between them differ. A line that has
//! the text of a known one between its values is passed over by comparing that text, a block at a time, and its values need
//! not be looked for. Any other line is told to be different, and nothing is known of it.

use super::block::{Block, below, first};
use super::{Scan, find};

/// What a value is to the reader of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It must stand there as it stood in the line that was learned.
    Fixed,
    /// Any value of its kind: a string, a number or a word, a list of those.
    Free,
    /// As `Free`, and where it stands is wanted: the place in what [`Shape::read`] fills.
    Wanted(u8),
}

/// Of what kind a value is, by what it ends at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A number, `true`, `false` or `null`.
    Word,
    /// A string without escapes.
    Text,
    /// A list of words.
    List,
}

/// Some text, and the value behind it.
struct Step {
    /// Bytes of the text; what `Shape::text` has of it is filled up to whole blocks.
    text: usize,
    kind: Kind,
    /// Its place among the wanted; that of [`NOT_WANTED`] otherwise.
    place: u8,
}

const NOT_WANTED: u8 = u8::MAX;

/// The most that is learned of one line: deeper, longer or more than any record is.
const MAX_DEPTH: usize = 16;
const MAX_STEPS: usize = 1024;
const MAX_TEXT: usize = 64 * 1024;

/// What a line is made of.
#[derive(Default)]
pub struct Shape {
    text: Vec<u8>,
    steps: Vec<Step>,
    /// Bytes of the text behind the last value.
    end: usize,
}

impl Shape {
    /// Learns a line, which is an object that [`Scan::skip`] passes over. `part` is asked for each value that is no object,
    /// by the keys that lead to it; the wanted are numbered from 0 on, and each stands in the line once.
    ///
    /// None for a line that is not made of words, strings without escapes, lists of words, and objects of these.
    pub fn learn(line: &[u8], part: impl FnMut(&[&[u8]]) -> Part) -> Option<Shape> {
        let mut learner = Learner {
            line,
            scan: Scan::new(line),
            shape: Shape::default(),
            from: 0,
            path: Vec::new(),
            part,
        };
        learner.value()?;
        learner.scan.end().ok()?;
        let mut shape = learner.shape;
        shape.end = line.len() - learner.from;
        shape.push(&line[learner.from..])?;
        Some(shape)
    }

    /// Appends text, and what fills up its last block; after whole blocks there is one that holds nothing.
    fn push(&mut self, text: &[u8]) -> Option<()> {
        self.text.extend_from_slice(text);
        let filled = self.text.len() + Block::BYTES - text.len() % Block::BYTES;
        self.text.resize(filled, 0);
        (self.text.len() <= MAX_TEXT && self.steps.len() <= MAX_STEPS).then_some(())
    }

    /// Whether a line is made as the learned one; if so, `wanted` has where its wanted values begin and end: strings
    /// without their quotes, lists without their brackets.
    // Never where it is called, which is compiled for size.
    #[inline(never)]
    pub fn read(&self, line: &[u8], wanted: &mut [(usize, usize)]) -> bool {
        let (mut at, mut text) = (0, 0);
        for step in &self.steps {
            if !self.has(line, &mut at, &mut text, step.text) {
                return false;
            }
            let start = at;
            at = step.kind.end(line, at);
            if step.kind == Kind::Word && at == start {
                return false;
            }
            if let Some(place) = wanted.get_mut(usize::from(step.place)) {
                *place = (start, at);
            }
        }
        self.has(line, &mut at, &mut text, self.end) && at == line.len()
    }

    /// Passes over text of that length, in the line and in what was learned, if it is the same.
    #[inline(always)]
    fn has(&self, line: &[u8], at: &mut usize, text: &mut usize, length: usize) -> bool {
        let mut left = length;
        loop {
            let (Some(found), Some(learned)) = (Block::at(line, *at), Block::at(&self.text, *text))
            else {
                return self.has_near_the_end(line, at, text, left);
            };
            let differ = found.different(learned);
            *text += Block::BYTES;
            if left < Block::BYTES {
                *at += left;
                return below(differ, left) == 0;
            }
            if differ != 0 {
                return false;
            }
            *at += Block::BYTES;
            left -= Block::BYTES;
        }
    }

    #[inline(never)]
    fn has_near_the_end(&self, line: &[u8], at: &mut usize, text: &mut usize, left: usize) -> bool {
        let found = line.get(*at..*at + left);
        let has = found.is_some() && found == self.text.get(*text..*text + left);
        *at += left;
        *text += left - left % Block::BYTES + Block::BYTES;
        has
    }
}

impl Kind {
    /// Where a value of this kind ends, which begins at `at`: at the first byte that it cannot hold, or with the line.
    #[inline(always)]
    fn end(self, line: &[u8], at: usize) -> usize {
        let place = Block::at(line, at).and_then(|block| first(self.marks(block)));
        match place {
            Some(place) => at + place,
            None => self.long(line, at),
        }
    }

    #[inline(always)]
    fn marks(self, block: Block) -> super::Marks {
        match self {
            Kind::Word => block.value_ends(),
            Kind::Text => block.quotes_and_escapes(),
            Kind::List => block.quotes() | block.brackets_and_escapes(),
        }
    }

    #[inline(never)]
    fn long(self, line: &[u8], at: usize) -> usize {
        let ends = |byte| match byte {
            b'"' | b'\\' => true,
            b'{' | b'}' | b'[' | b']' | b'|' => self != Kind::Text,
            other => self == Kind::Word && (other == b',' || other <= b' '),
        };
        find(line, at, |block| self.marks(block), ends).unwrap_or(line.len())
    }
}

struct Learner<'a, F> {
    line: &'a [u8],
    scan: Scan<'a>,
    shape: Shape,
    /// Where the text begins that no step has yet.
    from: usize,
    /// The keys that lead to the value which is read.
    path: Vec<&'a [u8]>,
    part: F,
}

impl<F: FnMut(&[&[u8]]) -> Part> Learner<'_, F> {
    fn value(&mut self) -> Option<()> {
        let kind = match self.scan.peek()? {
            b'{' if self.path.len() < MAX_DEPTH => return self.object(),
            b'{' => return None,
            b'"' => Kind::Text,
            b'[' => Kind::List,
            _ => Kind::Word,
        };
        let inner = usize::from(kind != Kind::Word);
        let start = self.scan.at() + inner;
        self.scan.skip().ok()?;
        let end = self.scan.at() - inner;
        let place = match (self.part)(&self.path) {
            Part::Fixed => return Some(()),
            Part::Free => NOT_WANTED,
            Part::Wanted(place) => place,
        };
        let text = &self.line[self.from..start];
        self.shape.steps.push(Step {
            text: text.len(),
            kind,
            place,
        });
        self.shape.push(text)?;
        self.from = end;
        (kind.end(self.line, start) == end).then_some(())
    }

    fn object(&mut self) -> Option<()> {
        self.scan.open_object().ok()?;
        let mut first = true;
        while let Some(key) = self.scan.key(first).ok()? {
            first = false;
            self.path.push(key);
            self.value()?;
            self.path.pop();
        }
        Some(())
    }
}
