//! Texts as Python shows and cuts them.

use std::fmt::Write as _;

/// `repr(str)`: in single quotes, or in double ones when the text holds a single quote and no double one.
pub fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            _ if is_printable(c) => out.push(c),
            _ => {
                let code = u32::from(c);
                let _ = match code {
                    0..0x100 => write!(out, "\\x{code:02x}"),
                    0x100..0x10000 => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(quote);
    out
}

fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    // The standard library escapes what is unassigned, private or invisible, and combining marks only at
    // the beginning of a text.
    let shown = format!("a{c}").escape_debug().to_string();
    !c.is_whitespace() && !c.is_control() && !shown.contains('\\')
}

/// The first `count` code points, and whether there were more.
pub fn cut(text: &str, count: usize) -> (&str, bool) {
    match text.char_indices().nth(count) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Printed by CPython 3.11.
    #[test]
    fn shows_what_python_repr_shows() {
        let cases = [
            ("fast", "'fast'"),
            ("it's", "\"it's\""),
            ("'\"", "'\\'\"'"),
            ("a\\b\n\t\r\u{7f}\u{0}", "'a\\\\b\\n\\t\\r\\x7f\\x00'"),
            (
                "\u{e9}\u{a0}\u{2028}\u{1f600}",
                "'\u{e9}\\xa0\\u2028\u{1f600}'",
            ),
            (
                "\u{e000}\u{10ffff}\u{ad}\u{301}",
                "'\\ue000\\U0010ffff\\xad\u{301}'",
            ),
        ];
        for (text, shown) in cases {
            assert_eq!(repr(text), shown);
        }
    }

    #[test]
    fn cuts_at_code_points() {
        assert_eq!(cut("\u{e9}\u{1f600}x", 2), ("\u{e9}\u{1f600}", true));
        assert_eq!(cut("ab", 2), ("ab", false));
    }
}
