//! What a file is that is not what its name says: `curl URL > FILE` writes whatever comes.

/// First bytes, and what begins with them.
const MARKS: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "gzip data"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"BZh", "bzip2 data"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "a program"),
];

/// First words of a text in lower case, and what begins with them.
const WORDS: &[(&str, &str)] = &[
    ("<!doctype html", "an HTML page"),
    ("<html", "an HTML page"),
    ("<head", "an HTML page"),
    ("<?xml", "an XML document"),
    ("<", "a document of markup, as servers answer errors with"),
    (
        "version https://git-lfs",
        "a pointer of Git LFS; fetch the file itself",
    ),
    ("http/1.", "the head of an HTTP answer"),
    ("http/2", "the head of an HTTP answer"),
    ("curl:", ERROR_TEXT),
    ("wget:", ERROR_TEXT),
    ("--20", "the log of wget"),
    ("sh:", ERROR_TEXT),
    ("bash:", ERROR_TEXT),
    ("-bash:", ERROR_TEXT),
    ("zsh:", ERROR_TEXT),
    ("/bin/", ERROR_TEXT),
    ("/usr/bin/", ERROR_TEXT),
    ("ssh:", ERROR_TEXT),
    ("cat:", ERROR_TEXT),
    ("kubectl:", ERROR_TEXT),
    ("docker:", ERROR_TEXT),
    ("error:", ERROR_TEXT),
    ("error from server", ERROR_TEXT),
    ("unable to", ERROR_TEXT),
    ("failed to", ERROR_TEXT),
    ("traceback (most recent call last)", "a traceback of Python"),
    ("upstream connect error", "the error text of a proxy"),
    ("no healthy upstream", "the error text of a proxy"),
];

const ERROR_TEXT: &str = "the error text of a command";

/// What the first bytes of a file say that it is, where they are a known kind of something else; an empty file too.
pub fn nature(head: &[u8]) -> Option<&'static str> {
    let begins = |(mark, _): &&(&[u8], &str)| head.starts_with(mark);
    if let Some((_, what)) = MARKS.iter().find(begins) {
        return Some(what);
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = head.trim_ascii_start();
    match start.first() {
        None => return Some("an empty file"),
        Some(b'[') => return Some("a JSON array"),
        Some(b'{') if is_json_object(start) => return Some("a JSON object"),
        _ => {}
    }
    let start = &start[..start.len().min(64)];
    let lower = String::from_utf8_lossy(start).to_ascii_lowercase();
    let begins = |(word, _): &&(&str, &str)| lower.starts_with(word);
    WORDS.iter().find(begins).map(|(_, what)| *what)
}

/// A metric whose name stands inside the braces begins with `{"` too, but without a colon behind the name.
fn is_json_object(start: &[u8]) -> bool {
    let inside = start[1..].trim_ascii_start();
    match inside.strip_prefix(b"\"") {
        Some(key) => {
            let end = memchr::memchr(b'"', key).unwrap_or(key.len());
            let after = key.get(end + 1..).unwrap_or_default().trim_ascii_start();
            after.first().is_none_or(|next| *next == b':')
        }
        None => inside.first().is_none_or(|next| *next == b'}'),
    }
}

#[cfg(test)]
mod tests {
    use super::nature;

    #[test]
    fn known_kinds_are_named() {
        for (head, expected) in [
            (&b"\x1f\x8b\x08\0"[..], "gzip data"),
            (b"", "an empty file"),
            (b" \r\n\n", "an empty file"),
            (b"[]\n", "a JSON array"),
            (b"{\"detail\": \"Not Found\"}", "a JSON object"),
            (b"{}", "a JSON object"),
            (b"\xef\xbb\xbf<HTML>\r\n", "an HTML page"),
            (b"SQLite format 3\0...", "an SQLite database"),
            (
                b"curl: (7) Failed to connect",
                "the error text of a command",
            ),
            (
                b"bash: curl: command not found",
                "the error text of a command",
            ),
        ] {
            assert_eq!(nature(head), Some(expected), "{head:?}");
        }
        for head in [
            &b"# HELP a b\n"[..],
            b"up 1\n",
            b"{\"my.metric\", job=\"a\"} 1\n",
            b"{\"my.metric\"} 1\n",
            b"error_count 3\n",
        ] {
            assert_eq!(nature(head), None, "{head:?}");
        }
    }
}
