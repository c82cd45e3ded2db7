//! Reading files whole or from their beginning.

use super::tree::{ReadAt, Tree};
use crate::fault::{Code, Fault, Result};

/// How many bytes one read asks for. Large enough that the call itself costs nothing,
/// small enough that memory stays flat whatever the size of the file.
pub const CHUNK: usize = 256 * 1024;

/// How many bytes of a file are looked at to recognise it. One less than hosts hand out at once, since one more byte
/// tells whether that is the whole file.
pub const HEAD: usize = 64 * 1024 - 1;

/// The largest file that is held in memory as a whole, in bytes. Line-wise formats have no such bound.
pub const MAX_WHOLE_FILE: u64 = 64 * 1024 * 1024;

/// What is asked for where the file has probably ended: a host makes room for as much as it is asked for.
const PROBE: usize = 256;

/// The first `len` bytes of a file, fewer only if it has no more.
pub fn read_head(file: &mut dyn ReadAt, len: usize) -> Result<Vec<u8>> {
    let mut head = file.read_at(0, len)?;
    let mut wanted = PROBE;
    while head.len() < len {
        let left = len - head.len();
        let next = file.read_at(head.len() as u64, wanted.min(left))?;
        if next.is_empty() {
            break;
        }
        head.extend_from_slice(&next);
        wanted = left;
    }
    Ok(head)
}

/// Reads a file whole.
///
/// Faults: larger than [`MAX_WHOLE_FILE`].
pub fn read_whole(tree: &dyn Tree, path: &str) -> Result<Vec<u8>> {
    let mut file = tree.open(path)?;
    let mut bytes = file.read_at(0, CHUNK)?;
    loop {
        let next = file.read_at(bytes.len() as u64, CHUNK)?;
        if next.is_empty() {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&next);
        if bytes.len() as u64 > MAX_WHOLE_FILE {
            return Err(Fault::new(
                Code::Limit,
                format!("the file is larger than {MAX_WHOLE_FILE} bytes, the most that is read of one file of this format"),
            )
            .at(path));
        }
    }
}

/// What editors and shells on Windows put before UTF-8 text; it is no part of it.
pub const BOM: &str = "\u{feff}";

/// Reads a file whole as UTF-8 text, without a byte order mark.
pub fn read_text(tree: &dyn Tree, path: &str) -> Result<String> {
    let mut text = match tree.take_text(path) {
        Some(text) => text,
        None => checked_text(read_whole(tree, path)?, path)?,
    };
    if text.starts_with(BOM) {
        text.drain(..BOM.len());
    }
    Ok(text)
}

fn checked_text(bytes: Vec<u8>, path: &str) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..good]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        Fault::new(
            Code::Damaged,
            "found bytes that are not UTF-8; expected text",
        )
        .at_line(path, line as u64)
    })
}
