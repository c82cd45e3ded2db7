//! JSON that is mostly skipped: a cursor that reads the wanted values and passes over the rest. A crate of its own, because
//! what every byte goes through is compiled for speed, and the rest of the component for size.
//!
//! AIPerf's exports are large and little of them is judged. What is passed over is checked for its
//! structure (strings and brackets close, in order), so a file that was cut is found out; what is read is
//! checked in full.
//!
//! What it is for: inside a component (V8, one core) it passes over AIPerf's request records 2.1 times and over its
//! JSON export 2.5 times as fast as `serde_json` does with `IgnoredAny`, and most of reading a bundle is that.

use block::{Block, Marks, below, first};
use std::borrow::Cow;

#[cfg_attr(target_arch = "wasm32", path = "block_simd.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "block_word.rs")]
mod block;
mod nested;
mod number;
mod out;
mod shape;
mod value;

pub use nested::Nest;
pub use out::Out;
pub use shape::{Part, Shape};
pub use value::value;

/// Where and why reading stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Offset of the byte at which something else was expected.
    pub at: usize,
    /// What was expected.
    pub expected: &'static str,
    /// Whether the text ended there.
    pub ended: bool,
}

/// A cursor over JSON text.
#[derive(Clone)]
pub struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Nesting of what is passed over; as deep as what is read may be.
const MAX_DEPTH: usize = 128;

impl<'a> Scan<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Scan::from(bytes, 0)
    }

    /// Starts at the byte with that offset.
    pub fn from(bytes: &'a [u8], at: usize) -> Self {
        Scan { bytes, at }
    }

    /// The offset of the next byte.
    pub fn at(&self) -> usize {
        self.at
    }

    fn stop<T>(&self, expected: &'static str) -> Result<T, Stop> {
        Err(Stop {
            at: self.at,
            expected,
            ended: self.at >= self.bytes.len(),
        })
    }

    /// Mostly there is none, and no loop is entered: in a component each turn of one costs a look at the watchdog.
    #[inline]
    fn blanks(&mut self) {
        if self.bytes.get(self.at).is_some_and(|byte| *byte <= b' ') {
            self.pass_blanks();
        }
    }

    #[inline(never)]
    fn pass_blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// The next byte that is no blank.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn byte(&mut self, wanted: u8, expected: &'static str) -> Result<(), Stop> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        self.stop(expected)
    }

    /// Only blanks may be left.
    pub fn end(&mut self) -> Result<(), Stop> {
        if self.peek().is_none() {
            Ok(())
        } else {
            self.stop("the end of the value")
        }
    }

    /// Enters an object.
    pub fn open_object(&mut self) -> Result<(), Stop> {
        self.byte(b'{', "an object")
    }

    /// The next key of an object, escapes as they stand; `None` at its end. `first` is true before the first.
    pub fn key(&mut self, first: bool) -> Result<Option<&'a [u8]>, Stop> {
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(None);
        }
        if !first {
            self.byte(b',', "`,` or `}`")?;
        }
        let key = self.raw_string()?;
        self.byte(b':', "`:`")?;
        Ok(Some(key))
    }

    /// A string without its quotes, escapes as they stand.
    #[inline]
    pub fn raw_string(&mut self) -> Result<&'a [u8], Stop> {
        self.byte(b'"', "a string")?;
        let start = self.at;
        // Most end within one block. Without the loop for the others in it, this is a short piece of code.
        let mark = Block::at(self.bytes, start).and_then(|block| first(block.quotes_and_escapes()));
        match mark {
            Some(place) if self.bytes[start + place] == b'"' => {
                self.at = start + place + 1;
                Ok(&self.bytes[start..start + place])
            }
            _ => self.long_string(start),
        }
    }

    #[inline(never)]
    fn long_string(&mut self, start: usize) -> Result<&'a [u8], Stop> {
        while let Some(found) = quote_or_escape(&self.bytes[self.at..]) {
            self.at += found;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return Ok(&self.bytes[start..self.at - 1]);
            }
            // The escape and what it escapes; a text that ends here is found out by the next round.
            self.at = (self.at + 2).min(self.bytes.len());
        }
        self.at = self.bytes.len();
        self.stop("the end of a string")
    }

    /// A string, escapes resolved.
    pub fn string(&mut self) -> Result<Cow<'a, str>, Stop> {
        self.blanks();
        let start = self.at;
        let raw = self.raw_string()?;
        let wrong = Stop {
            at: start,
            expected: "a string of valid characters and escapes",
            ended: false,
        };
        if !raw.contains(&b'\\') {
            return std::str::from_utf8(raw)
                .map(Cow::Borrowed)
                .map_err(|_| wrong);
        }
        serde_json::from_slice::<String>(&self.bytes[start..self.at])
            .map(Cow::Owned)
            .map_err(|_| wrong)
    }

    /// What stands before the next comma, closing bracket, blank or control character.
    #[inline]
    fn word(&mut self) -> &'a [u8] {
        self.blanks();
        let start = self.at;
        let end = Block::at(self.bytes, start).and_then(|block| first(block.word_ends()));
        self.at = match end {
            Some(place) => start + place,
            None => self.long_word(start),
        };
        &self.bytes[start..self.at]
    }

    #[inline(never)]
    fn long_word(&self, start: usize) -> usize {
        let ends = |byte| byte <= b' ' || matches!(byte, b',' | b'}' | b']');
        find(self.bytes, start, Block::word_ends, ends).unwrap_or(self.bytes.len())
    }

    /// A finite number.
    pub fn number(&mut self) -> Result<f64, Stop> {
        self.blanks();
        let start = self.at;
        let word = self.word();
        match number::decimal(word).or_else(|| number::any(word)) {
            Some(number) => Ok(number),
            None => Err(Stop {
                at: start,
                expected: "a finite number",
                ended: word.is_empty() && start >= self.bytes.len(),
            }),
        }
    }

    /// A whole number from 0 on.
    pub fn whole(&mut self) -> Result<u64, Stop> {
        self.blanks();
        let start = self.at;
        number::whole(self.word()).ok_or(Stop {
            at: start,
            expected: "a whole number from 0 on",
            ended: start >= self.bytes.len(),
        })
    }

    /// Passes over `null` if it stands here.
    pub fn null(&mut self) -> bool {
        self.blanks();
        let is_null = self.bytes[self.at..].starts_with(b"null");
        if is_null {
            self.at += 4;
        }
        is_null
    }

    /// Passes over one value and returns its text.
    pub fn skip(&mut self) -> Result<&'a [u8], Stop> {
        self.blanks();
        let start = self.at;
        match self.bytes.get(start) {
            Some(b'"') => {
                self.raw_string()?;
            }
            Some(b'{' | b'[') => match flat(&self.bytes[start..]) {
                Some(length) => self.at += length,
                None => self.skip_nested()?,
            },
            _ => {
                if self.word().is_empty() {
                    return self.stop("a value");
                }
            }
        }
        Ok(&self.bytes[start..self.at])
    }
}

/// The length of an object or a list that holds no other, if that can be told by its bytes alone: the first
/// bracket or backslash inside is the bracket that closes it, and the quotes before that come in pairs, so that
/// it does not stand inside a string. Most of a request record is of this kind.
pub fn flat(text: &[u8]) -> Option<usize> {
    let closer = if text[0] == b'{' { b'}' } else { b']' };
    // Only whether they come in pairs is asked, and that of a sum is that of a sum without carries.
    let mut quotes = 0;
    let mut at = 1;
    while at < text.len() {
        // The last block may overlap the one before it, whose marks are not looked at again.
        let start = at.min(text.len().checked_sub(Block::BYTES)?);
        let block = Block::at(text, start)?;
        let quoted = from(block.quotes(), at - start);
        if let Some(place) = first(from(block.brackets_and_escapes(), at - start)) {
            quotes ^= below(quoted, place);
            let flat = text[start + place] == closer && quotes.count_ones() % 2 == 0;
            return flat.then_some(start + place + 1);
        }
        quotes ^= quoted;
        at = start + Block::BYTES;
    }
    None
}

/// The marks from a place on.
#[inline]
fn from(marks: Marks, place: usize) -> Marks {
    marks & !below(!0, place)
}

/// How many bytes two texts have in common from their beginning on.
pub fn common(one: &[u8], other: &[u8]) -> usize {
    let mut at = 0;
    while let (Some(a), Some(b)) = (Block::at(one, at), Block::at(other, at)) {
        if let Some(place) = first(a.different(b)) {
            return at + place;
        }
        at += Block::BYTES;
    }
    let rest = one[at..].iter().zip(&other[at..]);
    at + rest.take_while(|(one, other)| one == other).count()
}

/// How many lines end in these bytes.
pub fn newlines(bytes: &[u8]) -> u64 {
    let (mut count, mut at) = (0, 0);
    while let Some(block) = Block::at(bytes, at) {
        count += u64::from(block.newlines().count_ones());
        at += Block::BYTES;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    count + rest.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// The first newline. (Not memchr's: to be fast it wants to be inlined where it is called, which is compiled for size.)
#[inline(never)]
pub fn newline(bytes: &[u8]) -> Option<usize> {
    find(bytes, 0, Block::newlines, |byte| byte == b'\n')
}

/// The next quote or backslash. Strings are short here, so a block at a time beats a call that sets up
/// vectors, and in a component each turn of a loop costs a look at the watchdog.
pub fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    let is = |byte| matches!(byte, b'"' | b'\\');
    find(bytes, 0, Block::quotes_and_escapes, is)
}

/// The place of the first byte of a kind, from `at` on: by the marks of whole blocks, and by `is` of the last bytes.
#[inline(always)]
fn find(
    bytes: &[u8],
    mut at: usize,
    marks: impl Fn(Block) -> Marks,
    is: impl Fn(u8) -> bool,
) -> Option<usize> {
    while let Some(block) = Block::at(bytes, at) {
        if let Some(place) = first(marks(block)) {
            return Some(at + place);
        }
        at += Block::BYTES;
    }
    let rest = bytes.get(at..)?;
    let place = rest.iter().position(|byte| is(*byte));
    place.map(|place| at + place)
}

#[cfg(test)]
mod tests;
