//! Lines of a file of any size in bounded memory.

use super::read::{BOM, CHUNK};
use super::tree::ReadAt;
use crate::fault::{Code, Fault, Result};
use crate::json::newline;

/// The longest line that is read, in bytes. A request record with 100 000 streamed chunks has about 2 MB.
pub const MAX_LINE: usize = 16 * 1024 * 1024;

/// Refuses a line, or as much of it as was read, of more than [`MAX_LINE`] bytes.
pub fn check_line(length: usize) -> Result<()> {
    if length <= MAX_LINE {
        return Ok(());
    }
    Err(Fault::new(
        Code::Limit,
        format!("found a line longer than {MAX_LINE} bytes, the most that is read of one line"),
    ))
}

/// Hands out the lines of one file, without their line ends.
pub struct LineReader<'a> {
    file: Box<dyn ReadAt + 'a>,
    path: String,
    /// What was read last, and where in it the next line starts.
    piece: Vec<u8>,
    start: usize,
    /// The beginning of a line that goes on in the next piece. Other lines are handed out where they lie.
    begun: Vec<u8>,
    handed_out: bool,
    offset: u64,
    line: u64,
    cut: bool,
}

impl<'a> LineReader<'a> {
    /// Starts at the first byte of `file`, which is called `path` in faults.
    pub fn new(file: Box<dyn ReadAt + 'a>, path: &str) -> Self {
        LineReader {
            file,
            path: path.to_owned(),
            piece: Vec::new(),
            start: 0,
            begun: Vec::new(),
            handed_out: false,
            offset: 0,
            line: 0,
            cut: false,
        }
    }

    /// The number of the line that was handed out last, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether the line that was handed out last has no line end, which only the last one of a file can lack.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The next line without `\n` or `\r\n`, and the first without a byte order mark; `None` at the end.
    ///
    /// Faults: a line longer than [`MAX_LINE`].
    pub fn next_line(&mut self) -> Result<Option<&[u8]>> {
        if std::mem::take(&mut self.handed_out) {
            self.begun.clear();
        }
        loop {
            let rest = &self.piece[self.start..];
            if let Some(found) = newline(rest) {
                let line = self.start..self.start + found;
                self.start = line.end + 1;
                self.line += 1;
                if self.begun.is_empty() {
                    return Ok(Some(trim_cr(&self.piece[line])));
                }
                self.begun.extend_from_slice(&self.piece[line]);
                return Ok(Some(self.hand_out()));
            }
            self.begun.extend_from_slice(rest);
            if !self.read()? {
                if self.begun.is_empty() {
                    return Ok(None);
                }
                self.line += 1;
                self.cut = true;
                return Ok(Some(self.hand_out()));
            }
        }
    }

    fn hand_out(&mut self) -> &[u8] {
        self.handed_out = true;
        trim_cr(&self.begun)
    }

    /// Reads the next piece; false at the end of the file.
    fn read(&mut self) -> Result<bool> {
        check_line(self.begun.len()).map_err(|fault| fault.at_line(&self.path, self.line + 1))?;
        self.piece = self.file.read_at(self.offset, CHUNK)?;
        let marked = self.offset == 0 && self.piece.starts_with(BOM.as_bytes());
        self.start = if marked { BOM.len() } else { 0 };
        self.offset += self.piece.len() as u64;
        Ok(!self.piece.is_empty())
    }
}

fn trim_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that is read a few bytes at a time.
    struct Sips<'a>(&'a [u8], usize);

    impl ReadAt for Sips<'_> {
        fn read_at(&mut self, offset: u64, _: usize) -> Result<Vec<u8>> {
            self.0.read_at(offset, self.1)
        }
    }

    fn lines(text: &str, sip: usize) -> (Vec<String>, bool) {
        let mut reader = LineReader::new(Box::new(Sips(text.as_bytes(), sip)), "x");
        let mut found = Vec::new();
        while let Some(line) = reader.next_line().expect("lines") {
            found.push(String::from_utf8_lossy(line).into_owned());
            assert_eq!(reader.line(), found.len() as u64);
        }
        (found, reader.is_cut())
    }

    #[test]
    fn lines_are_the_same_wherever_the_pieces_end() {
        let whole = "one\r\n\ntwo, longer than a piece\n\r\nthree\n";
        let parts: Vec<&str> = whole
            .strip_suffix('\n')
            .expect("an end")
            .split('\n')
            .collect();
        let expected: Vec<&str> = parts
            .iter()
            .map(|part| part.strip_suffix('\r').unwrap_or(part))
            .collect();
        for sip in 1..whole.len() + 1 {
            assert_eq!(
                lines(whole, sip),
                (expected.iter().map(ToString::to_string).collect(), false),
                "{sip}"
            );
            let (cut, is_cut) = lines(&whole[..whole.len() - 1], sip);
            assert!(is_cut && cut == expected, "{sip}");
        }
        assert_eq!(lines("", 4), (vec![], false));
        assert_eq!(lines("\n", 1), (vec![String::new()], false));
        assert_eq!(
            lines("\u{feff}a\nb", 64),
            (vec!["a".to_owned(), "b".to_owned()], true)
        );
    }
}
