//! SHA-256 of files, read in chunks.

use super::read::CHUNK;
use super::tree::Tree;
use crate::fault::Result;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of some bytes, 64 lower-case hex digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::new_with_prefix(bytes))
}

/// The SHA-256 of a file, 64 lower-case hex digits, and its size in bytes.
pub fn sha256_of_file(tree: &dyn Tree, path: &str) -> Result<(String, u64)> {
    let mut file = tree.open(path)?;
    let (mut hash, mut size) = (Sha256::new(), 0);
    loop {
        let piece = file.read_at(size, CHUNK)?;
        if piece.is_empty() {
            return Ok((hex(hash), size));
        }
        hash.update(&piece);
        size += piece.len() as u64;
    }
}

fn hex(hash: Sha256) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let bytes = hash.finalize();
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.collect()
}

#[cfg(test)]
mod tests {
    use super::{sha256, sha256_of_file};
    use crate::files::{CHUNK, MemoryTree};

    /// Expected values: `sha256sum` of coreutils 9.1, of the files that `printf ''`, `printf 'x\n'` and
    /// `head -c 524289 /dev/zero | tr '\0' a` make.
    #[test]
    fn equals_sha256sum_over_several_chunks() {
        let files = [
            (
                String::new(),
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "x\n".to_owned(),
                "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac",
            ),
            (
                "a".repeat(2 * CHUNK + 1),
                "8d666ffa0196841cce7c504d43bf27e311775220d2490a23a2f984a43d901015",
            ),
        ];
        for (text, expected) in files {
            assert_eq!(sha256(text.as_bytes()), expected);
            let size = text.len() as u64;
            let tree = MemoryTree::new([("a", text)]);
            assert_eq!(sha256_of_file(&tree, "a"), Ok((expected.to_owned(), size)));
        }
    }
}
