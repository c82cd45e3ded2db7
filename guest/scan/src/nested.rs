//! Passing over brackets that hold others, a block at a time.

use super::block::{Block, Marks, SHIFTS, first};
use super::{MAX_DEPTH, Scan, Stop};

const UNCLOSED: &str = "the bracket that closes the last one opened";

/// What is open where brackets are passed over, which may be in pieces.
#[derive(Default)]
pub struct Nest {
    depth: usize,
    /// One bit for each open bracket, the innermost lowest: whether it is that of a list.
    lists: u128,
    /// Inside a string.
    quoted: bool,
    /// The byte before was a backslash that escapes the next.
    escaped: bool,
}

/// The marks outside of strings, which the quotes open and close; `quoted` says whether the block begins inside one.
#[inline]
fn outside(marks: Marks, quotes: Marks, quoted: bool) -> Marks {
    // Each mark becomes the sum without carries of itself and those before it.
    let inside = SHIFTS.iter().fold(quotes, |sum, shift| sum ^ sum << shift);
    marks & if quoted { inside } else { !inside }
}

/// How many bytes from the beginning on, two blocks at a time, hold neither quotes nor brackets nor escapes.
#[inline(always)]
fn dull(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let (Some(one), Some(other)) = (Block::at(bytes, at), Block::at(bytes, at + Block::BYTES))
    {
        if !(one.is_dull() & other.is_dull()) {
            break;
        }
        at += 2 * Block::BYTES;
    }
    at
}

impl Scan<'_> {
    /// Passes over brackets and what they hold. Not part of `skip`, which mostly does without it and is short so.
    #[inline(never)]
    pub(super) fn skip_nested(&mut self) -> Result<(), Stop> {
        let mut nest = Nest::default();
        match nest.pass(self.bytes, &mut self.at) {
            Ok(true) => Ok(()),
            Ok(false) => self.stop(nest.missing()),
            Err(expected) => self.stop(expected),
        }
    }
}

impl Nest {
    /// What is missing where all bytes were passed over.
    pub fn missing(&self) -> &'static str {
        if self.quoted {
            "the end of a string"
        } else {
            UNCLOSED
        }
    }

    /// Passes over brackets and what they hold from `at` on; true behind the one that closes the outermost, false at
    /// the end of the bytes. The error is what was expected at `at`.
    // Never where it is called, which is compiled for size.
    #[inline(never)]
    pub fn pass(&mut self, bytes: &[u8], at: &mut usize) -> Result<bool, &'static str> {
        while let Some(block) = Block::at(bytes, *at) {
            if !self.escaped && block.is_dull() {
                // Numbers and texts, which most of what is passed over is made of.
                *at += Block::BYTES + dull(&bytes[*at + Block::BYTES..]);
                continue;
            }
            let quotes = block.quotes();
            if self.escaped || block.quotes_and_escapes() != quotes {
                // What is escaped may stand in the next block: byte by byte, then.
                if self.pass_bytes(bytes, at, Block::BYTES)? {
                    return Ok(true);
                }
                continue;
            }
            let mut brackets = outside(block.brackets_and_escapes(), quotes, self.quoted);
            let start = *at;
            while let Some(place) = first(brackets) {
                *at = start + place;
                if self.bracket(bytes, at)? {
                    return Ok(true);
                }
                brackets &= brackets - 1;
            }
            self.quoted ^= quotes.count_ones() % 2 == 1;
            *at = start + Block::BYTES;
        }
        self.pass_bytes(bytes, at, Block::BYTES)
    }

    /// Passes over so many bytes, or fewer at the end; true if the outermost bracket was closed by one of them.
    fn pass_bytes(
        &mut self,
        bytes: &[u8],
        at: &mut usize,
        count: usize,
    ) -> Result<bool, &'static str> {
        let end = (*at + count).min(bytes.len());
        while *at < end {
            let byte = bytes[*at];
            let quote = byte == b'"' && !self.escaped;
            self.escaped = self.quoted && byte == b'\\' && !self.escaped;
            if !self.quoted && !quote && self.bracket(bytes, at)? {
                return Ok(true);
            }
            self.quoted ^= quote;
            *at += 1;
        }
        Ok(false)
    }

    /// Looks at the byte that stands here, which is outside of strings; true if it closes the outermost bracket, and
    /// then it is passed over.
    #[inline]
    fn bracket(&mut self, bytes: &[u8], at: &mut usize) -> Result<bool, &'static str> {
        match bytes[*at] {
            b'{' | b'[' if self.depth == MAX_DEPTH => return Err("nesting of at most 128 levels"),
            byte @ (b'{' | b'[') => {
                self.lists = self.lists << 1 | u128::from(byte == b'[');
                self.depth += 1;
            }
            byte @ (b'}' | b']') => {
                if (byte == b']') != (self.lists & 1 == 1) {
                    return Err(UNCLOSED);
                }
                self.lists >>= 1;
                self.depth -= 1;
            }
            _ => {}
        }
        let closed = self.depth == 0;
        *at += usize::from(closed);
        Ok(closed)
    }
}
