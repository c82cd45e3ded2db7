//! YAML as reports have it, read into JSON values: blocks of keys and items, scalars plain, quoted or in blocks, and lists
//! and objects in brackets where they are JSON too. No anchors, aliases, tags or several documents.
//!
//! Numbers without end (`.inf`, `.nan`) become the texts `Infinity` and `NaN`.

use crate::fault::{Code, Fault, Result};
use serde_json::{Map, Value};

/// The longest text that is read, in bytes: the tree of it is some times as large.
const MAX_TEXT: usize = 16 * 1024 * 1024;

/// Deepest nesting.
const MAX_DEPTH: usize = 64;

/// Reads a text of one document.
///
/// Faults: what is none of the above, with its line; a repeated key; too long or too deep.
pub fn parse_yaml(file: &str, text: &str) -> Result<Value> {
    if text.len() > MAX_TEXT {
        let message = format!("found more than {MAX_TEXT} bytes of YAML, the most that is read");
        return Err(Fault::new(Code::Limit, message).at(file));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        let message = "found the end of the file inside a line; expected a line end behind it. The file was cut, or its last line lacks its end: copy it again from the run";
        return Err(Fault::damaged(message).at_line(file, text.lines().count() as u64));
    }
    let mut lines = Vec::new();
    for (at, text) in text.lines().enumerate() {
        if text.trim_end() == "---" && lines.iter().all(Line::is_blank) {
            continue;
        }
        let words = text.trim_start_matches(' ');
        lines.push(Line {
            indent: text.len() - words.len(),
            text: words.trim_end(),
            number: at as u64 + 1,
        });
    }
    let mut reader = Reader { file, lines, at: 0 };
    reader.pass_blanks();
    let value = reader.node(0, 0)?;
    reader.pass_blanks();
    match reader.line() {
        None => Ok(value),
        Some(_) => Err(reader.wrong()),
    }
}

#[derive(Clone, Copy)]
struct Line<'a> {
    indent: usize,
    text: &'a str,
    number: u64,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.text.is_empty() || self.text.starts_with('#')
    }

    fn is_item(&self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }
}

struct Reader<'a> {
    file: &'a str,
    lines: Vec<Line<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn line(&self) -> Option<Line<'a>> {
        self.lines.get(self.at).copied()
    }

    fn pass_blanks(&mut self) {
        while self.line().is_some_and(|line| line.is_blank()) {
            self.at += 1;
        }
    }

    fn fault(&self, code: Code, message: &str) -> Fault {
        let line = self
            .lines
            .get(self.at.min(self.lines.len().saturating_sub(1)));
        let number = line.map_or(1, |line| line.number);
        Fault::new(code, message).at_line(self.file, number)
    }

    fn wrong(&self) -> Fault {
        let message = "found a line that is not YAML as reports have it; expected `key: value` or `- item`, in step with the lines around";
        self.fault(Code::Damaged, message)
    }

    /// What begins on this line, which is indented by at least so much.
    fn node(&mut self, least: usize, depth: usize) -> Result<Value> {
        if depth > MAX_DEPTH {
            return Err(self.fault(
                Code::Limit,
                "found nesting deeper than 64 levels, the most that is read",
            ));
        }
        let Some(line) = self.line().filter(|line| line.indent >= least) else {
            return Ok(Value::Null);
        };
        if line.is_item() {
            self.items(line.indent, depth)
        } else if key_of(line.text).is_some() {
            self.keys(line.indent, depth)
        } else {
            self.at += 1;
            self.scalar(line.text, least)
        }
    }

    fn items(&mut self, indent: usize, depth: usize) -> Result<Value> {
        let mut list = Vec::new();
        while let Some(line) = self
            .line()
            .filter(|line| line.indent == indent && line.is_item())
        {
            let rest = line.text[1..].trim_start();
            if rest.is_empty() || rest.starts_with('#') {
                self.at += 1;
                self.pass_blanks();
                list.push(self.node(indent + 1, depth + 1)?);
            } else {
                // What stands behind the dash is a line of its own.
                let inner = indent + line.text.len() - rest.len();
                self.lines[self.at] = Line {
                    indent: inner,
                    text: rest,
                    ..line
                };
                list.push(self.node(indent + 1, depth + 1)?);
            }
            self.pass_blanks();
        }
        Ok(list.into())
    }

    fn keys(&mut self, indent: usize, depth: usize) -> Result<Value> {
        let mut map = Map::new();
        while let Some(line) = self
            .line()
            .filter(|line| line.indent == indent && !line.is_item())
        {
            let Some((key, rest)) = key_of(line.text) else {
                return Err(self.wrong());
            };
            if map.contains_key(&key) {
                let message = format!(
                    "found the key `{key}` twice in one object; expected each key once in an object"
                );
                return Err(self.fault(Code::Conflict, &message));
            }
            self.at += 1;
            let value = if rest.is_empty() || rest.starts_with('#') {
                self.pass_blanks();
                match self.line() {
                    // The items of a key may stand as far out as the key.
                    Some(next) if next.indent == indent && next.is_item() => {
                        self.items(indent, depth + 1)?
                    }
                    _ => self.node(indent + 1, depth + 1)?,
                }
            } else if rest.starts_with(['|', '>']) {
                self.block(indent)
            } else {
                self.scalar(rest, indent + 1)?
            };
            map.insert(key, value);
            self.pass_blanks();
        }
        if self.line().is_some_and(|line| line.indent > indent) {
            return Err(self.wrong());
        }
        Ok(map.into())
    }

    /// A scalar in a block: its lines, one by one.
    fn block(&mut self, indent: usize) -> Value {
        let mut text = String::new();
        while let Some(line) = self
            .line()
            .filter(|line| line.indent > indent || line.text.is_empty())
        {
            text.push_str(line.text);
            text.push('\n');
            self.at += 1;
        }
        text.into()
    }

    /// A scalar that begins so and may go on on the next lines, which are indented by at least so much.
    fn scalar(&mut self, begun: &str, least: usize) -> Result<Value> {
        let mut text = begun.to_owned();
        let is_open = |text: &str| match text.as_bytes()[0] {
            b'"' => closing(text, b'"').is_none(),
            b'\'' => closing(text, b'\'').is_none(),
            b'[' | b'{' => depth_of(text) > 0,
            _ => false,
        };
        let plain = !text.starts_with(['"', '\'', '[', '{']);
        while let Some(line) = self.line() {
            let goes_on = match plain {
                true => line.indent >= least && !line.is_blank(),
                false => is_open(&text),
            };
            if !goes_on {
                break;
            }
            text.push(' ');
            text.push_str(line.text);
            self.at += 1;
        }
        if is_open(&text) {
            let message = "found the end of the file inside a value; expected the rest of it. The file was cut: copy it again from the run";
            return Err(self.fault(Code::Damaged, message));
        }
        if text.starts_with(['&', '*', '!']) {
            let message = "found an anchor, an alias or a tag; expected a plain value. Write the file again without them";
            return Err(self.fault(Code::NotUnderstood, message));
        }
        Ok(value_of(&text))
    }
}

/// The key at the beginning of a line, and what follows its colon.
fn key_of(text: &str) -> Option<(String, &str)> {
    let quote = text
        .as_bytes()
        .first()
        .filter(|byte| matches!(byte, b'"' | b'\''));
    let (key, rest) = match quote {
        Some(quote) => {
            let end = closing(text, *quote)?;
            (text_of(&text[..end]), text[end..].strip_prefix(':')?)
        }
        None if text.starts_with(['[', '{', '#']) => return None,
        None => {
            let end = text
                .match_indices(':')
                .find(|(at, _)| text[at + 1..].is_empty() || text[at + 1..].starts_with(' '))?
                .0;
            (text[..end].trim_end().to_owned(), &text[end + 1..])
        }
    };
    (rest.is_empty() || rest.starts_with(' ')).then(|| (key, rest.trim_start()))
}

/// Where a quoted text ends, behind its closing quote.
fn closing(text: &str, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            // Two single quotes are one.
            byte if byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 1,
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// How many brackets of a text are open.
fn depth_of(text: &str) -> usize {
    let (mut depth, mut quoted) = (0_usize, false);
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth
}

/// The text of a quoted one.
fn text_of(text: &str) -> String {
    let inside = &text[1..text.len() - 1];
    match text.starts_with('"') {
        true => serde_json::from_str(text).unwrap_or_else(|_| inside.to_owned()),
        false => inside.replace("''", "'"),
    }
}

fn value_of(text: &str) -> Value {
    match text.as_bytes()[0] {
        quote @ (b'"' | b'\'') => {
            let end = closing(text, quote).unwrap_or(text.len());
            return text_of(&text[..end]).into();
        }
        b'[' | b'{' => return serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => {}
    }
    let text = text.split(" #").next().unwrap_or(text).trim_end();
    match text {
        "null" | "~" | "Null" | "NULL" => return Value::Null,
        "true" | "True" => return true.into(),
        "false" | "False" => return false.into(),
        ".inf" | ".Inf" | "+.inf" => return "Infinity".into(),
        ".nan" | ".NaN" => return "NaN".into(),
        _ => {}
    }
    let digits = text.trim_start_matches(['-', '+']);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if is_number {
        if let Ok(whole) = text.parse::<u64>() {
            return whole.into();
        }
        if let Ok(number) = text.parse::<f64>()
            && number.is_finite()
        {
            return number.into();
        }
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// As `yaml.safe_load` of PyYAML 6 reads it, but for numbers without end and dates, which are texts here.
    #[test]
    fn what_reports_hold_is_read() {
        let text = "# a comment\n---\nversion: '0.2'\na:\n- x: 1\n  y: [1, 2.5]\n- - z\n  - {}\n-\n  w: ~\nb:\n  c: .inf\n  d: \"q\\n: #\" # why\n  e: it''s: no\n  'k k': 'it''s'\n  long: words that go\n    on here\n  script: |\n    a: b\n\n    - c\n  empty:\n  last: -1.5e-3\nt: 2025-11-05T18:00:42Z\n";
        let expected = json!({
            "version": "0.2", "a": [{"x": 1, "y": [1, 2.5]}, ["z", {}], {"w": null}],
            "b": {"c": "Infinity", "d": "q\n: #", "e": "it''s: no", "k k": "it's", "long": "words that go on here",
                "script": "a: b\n\n- c\n", "empty": null, "last": -0.0015},
            "t": "2025-11-05T18:00:42Z"
        });
        assert_eq!(parse_yaml("f", text), Ok(expected));
        assert_eq!(parse_yaml("f", ""), Ok(Value::Null));
        assert_eq!(
            parse_yaml("f", "{\"a\": [1,\n2]}\n"),
            Ok(json!({"a": [1, 2]}))
        );
    }

    #[test]
    fn what_is_something_else_is_refused_with_its_line() {
        for (text, expected) in [
            (
                "a: 1\n  b: 2\nc\n",
                "f:3: found a line that is not YAML as reports have it; expected `key: value` or `- item`, in step with the lines around",
            ),
            (
                "a:\n  b: 1\n c: 2\n",
                "f:3: found a line that is not YAML as reports have it; expected `key: value` or `- item`, in step with the lines around",
            ),
            (
                "a: 1\na: 2\n",
                "f:2: found the key `a` twice in one object; expected each key once in an object",
            ),
            (
                "a: *b\n",
                "f:1: found an anchor, an alias or a tag; expected a plain value. Write the file again without them",
            ),
            (
                "a: \"b\nc\n",
                "f:2: found the end of the file inside a value; expected the rest of it. The file was cut: copy it again from the run",
            ),
        ] {
            let fault = parse_yaml("f", text).expect_err(text);
            assert_eq!(fault.to_string(), expected, "{text}");
        }
        let deep: String = (0..100)
            .map(|depth| format!("{}a:\n", " ".repeat(depth)))
            .collect();
        assert_eq!(parse_yaml("f", &deep).expect_err("deep").code, Code::Limit);
        let long = "a: b\n".repeat(MAX_TEXT / 5 + 1);
        assert_eq!(parse_yaml("f", &long).expect_err("long").code, Code::Limit);
    }
}
