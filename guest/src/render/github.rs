//! Text from outside in Markdown that GitHub renders.

use super::screen::is_hidden;

/// Makes text inert: no table, line or HTML, no emphasis, link or formula, and nobody is mentioned.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        match c {
            '|' | '\\' | '`' | '*' | '[' | ']' | '~' => {
                safe.push('\\');
                safe.push(c);
            }
            // Inside a word it is no emphasis, and names are full of it.
            '_' if !(before.is_alphanumeric() && next.is_alphanumeric()) => safe.push_str("\\_"),
            // What begins a heading, a list or a line, where the text begins one.
            '#' | '-' | '+' | '=' if safe.is_empty() && (next == c || next.is_whitespace()) => {
                safe.push('\\');
                safe.push(c);
            }
            '.' | ')' if next.is_whitespace() && !safe.is_empty() && is_number(&safe) => {
                safe.push('\\');
                safe.push(c);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '$' => safe.push_str("<span>$</span>"),
            // A comment parts what GitHub would make a mention, a reference or a link of.
            '@' | '#' if next.is_alphanumeric() => {
                safe.push(c);
                safe.push_str(APART);
            }
            ':' if next == '/' => {
                safe.push(c);
                safe.push_str(APART);
            }
            '.' if before.eq_ignore_ascii_case(&'w') && next.is_alphanumeric() => {
                safe.push_str(APART);
                safe.push(c);
            }
            c if is_hidden(c) => safe.push(' '),
            c => safe.push(c),
        }
        before = c;
    }
    safe
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

const APART: &str = "<!-- -->";

/// A name of our own in the type of code; one from outside may hold what ends it, and stands as text.
pub(super) fn code(name: &str) -> String {
    let ours = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.chars().all(ours) {
        format!("`{name}`")
    } else {
        escape(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_inert() {
        for (text, safe) in [
            ("a|b\\`c`", "a\\|b\\\\\\`c\\`"),
            (
                "**x** _y_ ttft_p50_ms ~~z~~",
                "\\*\\*x\\*\\* \\_y\\_ ttft_p50_ms \\~\\~z\\~\\~",
            ),
            ("<b>&lt;", "&lt;b&gt;&amp;lt;"),
            ("[a](b)", "\\[a\\](b)"),
            (
                "@octocat #12 a@b",
                "@<!-- -->octocat #<!-- -->12 a@<!-- -->b",
            ),
            ("https://x.y", "https:<!-- -->//x.y"),
            ("www.x.y", "www<!-- -->.x.y"),
            ("v0.32.0 c16: 5 / 6 @ #", "v0.32.0 c16: 5 / 6 @ #"),
            ("# a ## b", "\\# a ## b"),
            ("## a", "\\## a"),
            ("- a - b", "\\- a - b"),
            ("-1.0 %", "-1.0 %"),
            ("12. a", "12\\. a"),
            ("1.5 a. b", "1.5 a. b"),
            ("---", "\\---"),
            ("$a$", "<span>$</span>a<span>$</span>"),
            ("a\nb\u{1b}[\u{202e}c", "a b \\[ c"),
        ] {
            assert_eq!(escape(text), safe, "{text}");
        }
    }

    #[test]
    fn only_plain_names_are_code() {
        assert_eq!(code("LOW_SAMPLES"), "`LOW_SAMPLES`");
        assert_eq!(code("X`<b>"), "X\\`&lt;b&gt;");
    }
}
