//! Passing over brackets that hold others, a block at a time.

use super::block::{Block, Marks, SHIFTS, first};
use super::{MAX_DEPTH, Scan, Stop};

const UNCLOSED: &str = "the bracket that closes the last one opened";

/// What is open where brackets are passed over.
#[derive(Default)]
struct Nest {
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

impl Scan<'_> {
    /// Passes over brackets and what they hold. Not part of `skip`, which mostly does without it and is short so.
    #[inline(never)]
    pub(super) fn skip_nested(&mut self) -> Result<(), Stop> {
        let mut nest = Nest::default();
        while let Some(block) = Block::at(self.bytes, self.at) {
            let quotes = block.quotes();
            if nest.escaped || block.quotes_and_escapes() != quotes {
                // What is escaped may stand in the next block: byte by byte, then.
                if self.skip_bytes(&mut nest, Block::BYTES)? {
                    return Ok(());
                }
                continue;
            }
            let mut brackets = outside(block.brackets_and_escapes(), quotes, nest.quoted);
            let start = self.at;
            while let Some(place) = first(brackets) {
                self.at = start + place;
                if self.bracket(&mut nest)? {
                    return Ok(());
                }
                brackets &= brackets - 1;
            }
            nest.quoted ^= quotes.count_ones() % 2 == 1;
            self.at = start + Block::BYTES;
        }
        if self.skip_bytes(&mut nest, Block::BYTES)? {
            return Ok(());
        }
        let in_string = nest.quoted.then_some("the end of a string");
        self.stop(in_string.unwrap_or(UNCLOSED))
    }

    /// Passes over so many bytes, or fewer at the end; true if the outermost bracket was closed by one of them.
    fn skip_bytes(&mut self, nest: &mut Nest, count: usize) -> Result<bool, Stop> {
        let end = (self.at + count).min(self.bytes.len());
        while self.at < end {
            let byte = self.bytes[self.at];
            let quote = byte == b'"' && !nest.escaped;
            nest.escaped = nest.quoted && byte == b'\\' && !nest.escaped;
            if !nest.quoted && !quote && self.bracket(nest)? {
                return Ok(true);
            }
            nest.quoted ^= quote;
            self.at += 1;
        }
        Ok(false)
    }

    /// Looks at the byte that stands here, which is outside of strings; true if it closes the outermost bracket, and
    /// then it is passed over.
    #[inline]
    fn bracket(&mut self, nest: &mut Nest) -> Result<bool, Stop> {
        match self.bytes[self.at] {
            b'{' | b'[' if nest.depth == MAX_DEPTH => {
                return self.stop("nesting of at most 128 levels");
            }
            byte @ (b'{' | b'[') => {
                nest.lists = nest.lists << 1 | u128::from(byte == b'[');
                nest.depth += 1;
            }
            byte @ (b'}' | b']') => {
                if (byte == b']') != (nest.lists & 1 == 1) {
                    return self.stop(UNCLOSED);
                }
                nest.lists >>= 1;
                nest.depth -= 1;
            }
            _ => {}
        }
        let closed = nest.depth == 0;
        self.at += usize::from(closed);
        Ok(closed)
    }
}
