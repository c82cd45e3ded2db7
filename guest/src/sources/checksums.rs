//! `sha256sums.txt` of a profile bundle, as `sha256sum` writes it.

use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};

/// Compares a file with the sum that `sha256sums.txt` beside it states. Without such a file, or without
/// such a line, there is nothing to compare.
///
/// The list may name files with the path they had where they were captured, so only the last part counts.
///
/// Faults: the sums differ, or the list has a line that is none.
pub(crate) fn verify(tree: &dyn Tree, path: &str, bytes: &[u8]) -> Result<()> {
    let sums = files::join(files::folder(path), "sha256sums.txt");
    let list = match files::read_text(tree, &sums) {
        Ok(list) => list,
        Err(fault) if fault.code == Code::NotFound => return Ok(()),
        Err(fault) => return Err(fault),
    };
    for (at, line) in list.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let place = (at + 1) as u64;
        let (sum, listed) = entry(line).ok_or_else(|| {
            Fault::damaged("found a line that is no checksum; expected 64 hexadecimal digits, two spaces and a file name")
            .at_line(&sums, place)
        })?;
        if files::name(listed) == files::name(path)
            && !sum.eq_ignore_ascii_case(&files::sha256(bytes))
        {
            return Err(Fault::damaged(format!(
                    "found {} with the SHA-256 {}; expected {sum}. The file was changed after it was captured: copy the bundle again",
                    files::name(path),
                    files::sha256(bytes)
                ))
            .at_line(&sums, place));
        }
    }
    Ok(())
}

/// `sum  name`, or `sum *name` for a file read as binary.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (sum, name) = line.split_once(' ')?;
    let is_sum = sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = name.strip_prefix([' ', '*']).unwrap_or(name).trim_end();
    (is_sum && !name.is_empty()).then_some((sum, name))
}
