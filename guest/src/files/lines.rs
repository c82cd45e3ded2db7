//! Lines of a file of any size in bounded memory.

use super::{BOM, CHUNK, ReadAt};
use crate::fault::{Code, Fault, Result};

/// The longest line that is read, in bytes. A request record with 100 000 streamed chunks has about 2 MB.
pub const MAX_LINE: usize = 16 * 1024 * 1024;

/// Hands out the lines of one file, without their line ends.
pub struct LineReader<'a> {
    file: Box<dyn ReadAt + 'a>,
    path: String,
    buffer: Vec<u8>,
    start: usize,
    offset: u64,
    ended: bool,
    line: u64,
    cut: bool,
}

impl<'a> LineReader<'a> {
    /// Starts at the first byte of `file`, which is called `path` in faults.
    pub fn new(file: Box<dyn ReadAt + 'a>, path: &str) -> Self {
        LineReader {
            file,
            path: path.to_owned(),
            buffer: Vec::new(),
            start: 0,
            offset: 0,
            ended: false,
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
        // Bytes of the pending line that hold no line end, so that each byte is searched once.
        let mut searched = 0;
        let (end, next) = loop {
            if let Some(found) = memchr::memchr(b'\n', &self.buffer[self.start + searched..]) {
                let end = self.start + searched + found;
                break (end, end + 1);
            }
            searched = self.buffer.len() - self.start;
            if self.ended {
                if searched == 0 {
                    return Ok(None);
                }
                break (self.buffer.len(), self.buffer.len());
            }
            self.fill()?;
        };
        Ok(Some(self.take(end, next)))
    }

    fn take(&mut self, end: usize, next: usize) -> &[u8] {
        let line = self.start..end;
        self.start = next;
        self.line += 1;
        self.cut = line.end == next;
        trim_cr(&self.buffer[line])
    }

    fn fill(&mut self) -> Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        if self.buffer.len() > MAX_LINE {
            return Err(Fault::new(
                Code::Limit,
                format!(
                    "found a line longer than {MAX_LINE} bytes, the most that is read of one line"
                ),
            )
            .at_line(&self.path, self.line + 1));
        }
        let next = self.file.read_at(self.offset, CHUNK)?;
        if self.offset == 0 && next.starts_with(BOM.as_bytes()) {
            self.start = BOM.len();
        }
        self.offset += next.len() as u64;
        self.ended = next.is_empty();
        if self.buffer.is_empty() {
            self.buffer = next;
        } else {
            self.buffer.extend_from_slice(&next);
        }
        Ok(())
    }
}

fn trim_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
