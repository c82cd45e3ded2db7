//! Objects of a file of any size, one after another or in one list, each read in part and in bounded memory.
//!
//! Results with the times of every request have hundreds of megabytes on one line, and few numbers of them are wanted.

use super::read::{BOM, CHUNK};
use super::tree::{ReadAt, Tree};
use crate::fault::{Code, Fault, Result};
use crate::json::{Nest, Want, newlines, parse, quote_or_escape};
use serde_json::{Map, Value};

/// Most bytes of one object that are kept.
const MAX_KEPT: usize = 8 * 1024 * 1024;

/// Deepest nesting of what is entered.
const MAX_ENTERED: usize = 24;

/// What is asked which values of an object to keep; the path has no places of lists.
pub type Asked<'w> = &'w dyn Fn(&[&str]) -> Want;

/// One step over the bytes of a piece: true where what is passed over ends; the error is what was expected.
type Step<'s> = &'s mut dyn FnMut(&[u8], &mut usize) -> std::result::Result<bool, &'static str>;

/// Hands out the objects of one file: one alone, several behind each other with or without lines between, or those of a
/// list.
pub struct Stream<'a> {
    file: Box<dyn ReadAt + 'a>,
    path: &'a str,
    piece: Vec<u8>,
    at: usize,
    offset: u64,
    /// Lines before the piece.
    lines: u64,
    kept: usize,
    /// Whether the objects stand in one list, once its first byte is passed.
    listed: Option<bool>,
}

impl<'a> Stream<'a> {
    /// Starts at the first byte of a file.
    pub fn open(tree: &'a dyn Tree, path: &'a str) -> Result<Self> {
        let mut stream = Stream {
            file: tree.open(path)?,
            path,
            piece: Vec::new(),
            at: 0,
            offset: 0,
            lines: 0,
            kept: 0,
            listed: None,
        };
        stream.refill()?;
        if stream.piece.starts_with(BOM.as_bytes()) {
            stream.at = BOM.len();
        }
        Ok(stream)
    }

    /// The next object with the line on which it begins; `None` at the end of the file. `Infinity` and `NaN`, which
    /// Python writes, become texts.
    ///
    /// Faults: anything but an object, a file that ends inside one, a repeated key among what is kept, more than
    /// `MAX_KEPT` bytes of that.
    pub fn next_object(&mut self, want: Asked<'_>) -> Result<Option<(u64, Map<String, Value>)>> {
        let Some(byte) = self.peek()? else {
            return match self.listed {
                Some(true) => Err(self.cut()),
                _ => Ok(None),
            };
        };
        if self.passes_list(byte)? {
            return match self.peek()? {
                None => Ok(None),
                Some(_) => Err(self.unexpected("the end of the file behind the list")),
            };
        }
        match self.peek()? {
            Some(b'{') => {}
            Some(_) => return Err(self.unexpected("an object")),
            None => return Err(self.cut()),
        }
        let line = self.line();
        self.kept = 0;
        Ok(Some((line, self.object(&[], want)?)))
    }

    /// Passes over what a list has before its next object; true where it ends.
    fn passes_list(&mut self, next: u8) -> Result<bool> {
        match self.listed {
            Some(true) => {
                let ends = self.accept(b']')?;
                if !ends {
                    self.expect(b',', "`,` or `]`")?;
                }
                Ok(ends)
            }
            None if next == b'[' => {
                self.at += 1;
                self.listed = Some(true);
                self.accept(b']')
            }
            _ => {
                self.listed = Some(false);
                Ok(false)
            }
        }
    }

    /// The line of the next byte.
    fn line(&self) -> u64 {
        1 + self.lines + newlines(&self.piece[..self.at])
    }

    /// Reads the next piece; false at the end of the file.
    fn refill(&mut self) -> Result<bool> {
        self.lines += newlines(&self.piece);
        self.piece = self.file.read_at(self.offset, CHUNK)?;
        self.offset += self.piece.len() as u64;
        self.at = 0;
        Ok(!self.piece.is_empty())
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            let rest = &self.piece[self.at..];
            let blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            match rest.iter().position(|byte| !blank(byte)) {
                Some(place) => {
                    self.at += place;
                    return Ok(Some(self.piece[self.at]));
                }
                None => {
                    self.at = self.piece.len();
                    if !self.refill()? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Passes over a byte if it is the next one that is no blank.
    fn accept(&mut self, wanted: u8) -> Result<bool> {
        match self.peek()? {
            Some(byte) => {
                self.at += usize::from(byte == wanted);
                Ok(byte == wanted)
            }
            None => Err(self.cut()),
        }
    }

    fn expect(&mut self, wanted: u8, expected: &str) -> Result<()> {
        match self.accept(wanted)? {
            true => Ok(()),
            false => Err(self.unexpected(expected)),
        }
    }

    fn unexpected(&self, expected: &str) -> Fault {
        let message = format!("found text that is not JSON; expected {expected}");
        Fault::damaged(message).at_line(self.path, self.line())
    }

    fn cut(&self) -> Fault {
        Fault::damaged("found the end of the file inside a JSON value; expected the rest of it. The file was cut: copy it again from the run")
            .at_line(self.path, self.line())
    }

    fn object(&mut self, path: &[&str], want: Asked<'_>) -> Result<Map<String, Value>> {
        self.expect(b'{', "an object")?;
        let mut map = Map::new();
        let mut first = true;
        while !self.accept(b'}')? {
            if !first {
                self.expect(b',', "`,` or `}`")?;
            }
            first = false;
            let key = self.key()?;
            self.expect(b':', "`:`")?;
            let here: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
            let Some(value) = self.value(&here, want, 0)? else {
                continue;
            };
            if map.contains_key(&key) {
                let message = format!(
                    "found the key `{key}` twice in one object; expected each key once in an object"
                );
                return Err(Fault::new(Code::Conflict, message).at_line(self.path, self.line()));
            }
            map.insert(key, value);
        }
        Ok(map)
    }

    fn key(&mut self) -> Result<String> {
        match self.peek()? {
            Some(b'"') => {}
            Some(_) => return Err(self.unexpected("a key")),
            None => return Err(self.cut()),
        }
        let bytes = self.text()?;
        serde_json::from_slice(&bytes).map_err(|_| self.unexpected("a key"))
    }

    /// What is kept of a value.
    fn value(&mut self, path: &[&str], want: Asked<'_>, depth: usize) -> Result<Option<Value>> {
        let Some(next) = self.peek()? else {
            return Err(self.cut());
        };
        Ok(Some(match (want(path), next) {
            (Want::Nothing, _) => {
                self.pass_value(None)?;
                return Ok(None);
            }
            (Want::Enter, b'{') => {
                if path.len() > MAX_ENTERED {
                    return Err(self.unexpected("less nesting"));
                }
                self.object(path, want)?.into()
            }
            (Want::Enter, b'[') => {
                let mut list = Vec::new();
                self.list(depth, |stream| {
                    list.extend(stream.value(path, want, depth + 1)?);
                    stream.count(64)
                })?;
                list.into()
            }
            (Want::Tally, b'[') => {
                let (mut all, mut filled) = (0_u64, 0_u64);
                self.list(depth, |stream| {
                    let mut text = Vec::new();
                    stream.pass_value(Some((&mut text, 8)))?;
                    all += 1;
                    filled += u64::from(!matches!(text.as_slice(), b"\"\"" | b"null"));
                    Ok(())
                })?;
                vec![all, filled].into()
            }
            _ => {
                let line = self.line();
                let mut text = Vec::new();
                self.pass_value(Some((&mut text, MAX_KEPT + 1)))?;
                self.count(text.len())?;
                self.parsed(text, path, line)?
            }
        }))
    }

    /// Calls for each item of a list, which is passed over by that.
    fn list(&mut self, depth: usize, mut item: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        if depth > MAX_ENTERED {
            return Err(self.unexpected("less nesting"));
        }
        self.expect(b'[', "a list")?;
        let mut first = true;
        while !self.accept(b']')? {
            if !first {
                self.expect(b',', "`,` or `]`")?;
            }
            first = false;
            item(self)?;
        }
        Ok(())
    }

    /// Counts what is kept.
    fn count(&mut self, bytes: usize) -> Result<()> {
        self.kept += bytes;
        if self.kept <= MAX_KEPT {
            return Ok(());
        }
        let message = format!(
            "found more than {MAX_KEPT} bytes of settings and statistics in one object, the most that is read of one"
        );
        Err(Fault::new(Code::Limit, message).at_line(self.path, self.line()))
    }

    fn parsed(&self, text: Vec<u8>, path: &[&str], line: u64) -> Result<Value> {
        let field = path.join(".");
        if matches!(text.as_slice(), b"Infinity" | b"-Infinity" | b"NaN") {
            return Ok(String::from_utf8_lossy(&text).into());
        }
        let text = String::from_utf8(text).map_err(|_| {
            Fault::damaged("found bytes that are not UTF-8; expected text").at_field(
                self.path,
                Some(line),
                &field,
            )
        })?;
        parse("", &text).map_err(|fault| {
            Fault {
                place: None,
                ..fault
            }
            .at_field(self.path, Some(line), &field)
        })
    }

    fn text(&mut self) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        self.pass_value(Some((&mut text, 4096)))?;
        Ok(text)
    }

    /// Passes over one value; its bytes are added to a text as long as there is room in it.
    fn pass_value(&mut self, keep: Option<(&mut Vec<u8>, usize)>) -> Result<()> {
        match self.peek()? {
            Some(b'{' | b'[') => {
                let mut nest = Nest::default();
                self.pass(keep, &mut |bytes, at| nest.pass(bytes, at))
            }
            Some(b'"') => {
                let (mut begun, mut escaped) = (false, false);
                self.pass(keep, &mut |bytes, at| {
                    if !begun {
                        (begun, *at) = (true, *at + 1);
                    }
                    if escaped && *at < bytes.len() {
                        (escaped, *at) = (false, *at + 1);
                    }
                    while let Some(found) = quote_or_escape(&bytes[*at..]) {
                        *at += found + 1;
                        if bytes[*at - 1] == b'"' {
                            return Ok(true);
                        }
                        if *at == bytes.len() {
                            escaped = true;
                            return Ok(false);
                        }
                        *at += 1;
                    }
                    *at = bytes.len();
                    Ok(false)
                })
            }
            _ => {
                let mut length = 0;
                self.pass(keep, &mut |bytes, at| {
                    let ends = |byte: &u8| *byte <= b' ' || b",}]:\"{[".contains(byte);
                    let end = bytes[*at..].iter().position(ends);
                    let passed = end.unwrap_or(bytes.len() - *at);
                    (length, *at) = (length + passed, *at + passed);
                    match end {
                        Some(_) if length == 0 => Err("a value"),
                        end => Ok(end.is_some()),
                    }
                })
            }
        }
    }

    fn pass(&mut self, mut keep: Option<(&mut Vec<u8>, usize)>, step: Step<'_>) -> Result<()> {
        loop {
            let start = self.at;
            let mut at = start;
            let done = step(&self.piece, &mut at);
            self.at = at;
            let done = done.map_err(|expected| self.unexpected(expected))?;
            if let Some((text, most)) = &mut keep {
                let room = most.saturating_sub(text.len());
                let end = at.min(start + room);
                text.extend_from_slice(&self.piece[start..end]);
            }
            if done {
                return Ok(());
            }
            if !self.refill()? {
                return Err(self.cut());
            }
        }
    }
}

#[cfg(test)]
mod tests;
