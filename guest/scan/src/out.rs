//! Text that is put together of many small pieces.

use std::io::{Result, Write};

/// What is written, in memory.
#[derive(Default)]
pub struct Out(Vec<u8>);

/// Pieces up to so many bytes are copied here: in a component each larger copy is a call into the engine.
const SMALL: usize = 16;

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() <= SMALL {
            // Mostly there is room, and then nothing is called.
            if self.0.capacity() - self.0.len() < SMALL {
                self.0.reserve(SMALL);
            }
            self.0.extend(bytes.iter().copied());
        } else {
            self.0.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Out {
    /// The text of an object that was written with an indent of two spaces, and a newline. Each list of numbers below one
    /// of the top-level `keys` is put on one line. Empty where it is no text.
    pub fn finish(mut self, keys: &[&str]) -> String {
        self.0.push(b'\n');
        let text = &self.0;
        let mut out: Vec<u8> = Vec::new();
        // All before `taken` is in `out`.
        let (mut taken, mut at) = (0, 0);
        let (mut inside, mut in_list) = (false, false);
        while at < text.len() {
            let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |place| at + place + 1);
            let line = &text[at..end];
            inside = is_one(line, keys).unwrap_or(inside);
            let blanks = line.iter().take_while(|byte| **byte == b' ').count();
            let words = &line[blanks..];
            // Only items of a list begin so: members of an object begin with their key.
            let is_item = inside && matches!(words[0], b'0'..=b'9' | b'-' | b'n');
            if is_item || in_list && words[0] == b']' {
                // Without the newline of the line before.
                out.extend_from_slice(&text[taken..at.max(taken + 1) - 1]);
                if text[at - 2] == b',' {
                    out.push(b' ');
                }
                taken = at + blanks;
            }
            in_list = is_item;
            at = end;
        }
        if taken > 0 {
            out.extend_from_slice(&text[taken..]);
            self.0 = out;
        }
        String::from_utf8(self.0).unwrap_or_default()
    }
}

/// Whether a line begins the value of one of the keys; none where it begins none of the top level.
fn is_one(line: &[u8], keys: &[&str]) -> Option<bool> {
    let key = line.strip_prefix(b"  \"")?;
    let is = |wanted: &&str| {
        let rest = key.strip_prefix(wanted.as_bytes());
        rest.is_some_and(|rest| rest.first() == Some(&b'"'))
    };
    Some(keys.iter().any(is))
}
