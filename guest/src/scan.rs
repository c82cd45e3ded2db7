//! JSON that is mostly skipped: a cursor that reads the wanted values and passes over the rest.
//!
//! AIPerf's exports are large and little of them is judged. What is passed over is checked for its
//! structure (strings and brackets close, in order), so a file that was cut is found out; what is read is
//! checked in full.

use std::borrow::Cow;

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
        Scan { bytes, at: 0 }
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

    fn blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// The next byte that is no blank.
    pub fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.bytes.get(self.at).copied()
    }

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
    pub fn raw_string(&mut self) -> Result<&'a [u8], Stop> {
        self.byte(b'"', "a string")?;
        let start = self.at;
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

    fn word(&mut self) -> &'a [u8] {
        self.blanks();
        let start = self.at;
        while !matches!(
            self.bytes.get(self.at),
            None | Some(b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')
        ) {
            self.at += 1;
        }
        &self.bytes[start..self.at]
    }

    /// A finite number.
    pub fn number(&mut self) -> Result<f64, Stop> {
        self.blanks();
        let start = self.at;
        let word = self.word();
        let digits = word.strip_prefix(b"-").unwrap_or(word);
        let plain = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let parsed = match std::str::from_utf8(word) {
            Ok(text)
                if digits.first().is_some_and(u8::is_ascii_digit) && word.iter().all(plain) =>
            {
                text.parse::<f64>().ok()
            }
            _ => None,
        };
        parsed.filter(|number| number.is_finite()).ok_or_else(|| {
            let ended = word.is_empty() && start >= self.bytes.len();
            Stop {
                at: start,
                expected: "a finite number",
                ended,
            }
        })
    }

    /// A whole number from 0 on.
    pub fn whole(&mut self) -> Result<u64, Stop> {
        self.blanks();
        let start = self.at;
        let word = self.word();
        let mut number = Some(0_u64);
        for byte in word {
            let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
            number = number
                .zip(digit)
                .and_then(|(number, digit)| number.checked_mul(10)?.checked_add(digit));
        }
        number.filter(|_| !word.is_empty()).ok_or(Stop {
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
            Some(b'{' | b'[') => self.skip_nested()?,
            _ => {
                if self.word().is_empty() {
                    return self.stop("a value");
                }
            }
        }
        Ok(&self.bytes[start..self.at])
    }

    /// Passes over brackets and what they hold.
    fn skip_nested(&mut self) -> Result<(), Stop> {
        if let Some(length) = flat(&self.bytes[self.at..]) {
            self.at += length;
            return Ok(());
        }
        let mut closers = [0_u8; MAX_DEPTH];
        let mut depth = 0;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.raw_string()?;
                    continue;
                }
                b'{' | b'[' => {
                    if depth == MAX_DEPTH {
                        return self.stop("nesting of at most 128 levels");
                    }
                    closers[depth] = if *byte == b'{' { b'}' } else { b']' };
                    depth += 1;
                }
                b'}' | b']' => {
                    if closers[depth - 1] != *byte {
                        return self.stop("the bracket that closes the last one opened");
                    }
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return Ok(());
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        self.stop("the bracket that closes the last one opened")
    }
}

/// The length of an object or a list that holds no other, if that can be told by its bytes alone: the first
/// bracket or backslash inside is the bracket that closes it, and the quotes before that come in pairs, so that
/// it does not stand inside a string. Most of a request record is of this kind.
fn flat(text: &[u8]) -> Option<usize> {
    let closer = if text[0] == b'{' { b'}' } else { b']' };
    let mut quotes = 0;
    let mut at = 1;
    while let Some(word) = word_at(text, at) {
        // With bit 5 set, `[ \ ]` become `{ | }`: three tests find all five, and a stray `|` costs a slower look.
        let folded = word | splat(0x20);
        let marks = equal(folded, b'{') | equal(folded, b'|') | equal(folded, b'}');
        let quoted = equal(word, b'"');
        if marks == 0 {
            quotes += quoted.count_ones();
            at += 8;
            continue;
        }
        let place = marks.trailing_zeros() as usize / 8;
        let before = (1_u64 << (8 * place)) - 1;
        quotes += (quoted & before).count_ones();
        return (text[at + place] == closer && quotes % 2 == 0).then_some(at + place + 1);
    }
    None
}

/// Eight bytes as one number, the first lowest; `None` where fewer are left.
fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|chunk| u64::from_le_bytes(*chunk))
}

const fn splat(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// The top bit of each byte that equals `byte`, exactly: no carry crosses from one byte to the next
/// (Warren, Hacker's Delight, section 6-1).
fn equal(word: u64, byte: u8) -> u64 {
    const SEVEN: u64 = splat(0x7f);
    let different = word ^ splat(byte);
    !(((different & SEVEN) + SEVEN) | different | SEVEN)
}

/// The next quote or backslash. Strings are short here, so eight bytes at a time beat a call that sets up
/// vectors, and in a component each turn of a loop costs a look at the watchdog.
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = word_at(bytes, at) {
        let marks = equal(word, b'"') | equal(word, b'\\');
        if marks != 0 {
            return Some(at + marks.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    rest.iter()
        .position(|byte| matches!(byte, b'"' | b'\\'))
        .map(|found| at + found)
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
