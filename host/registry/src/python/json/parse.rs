//! `json.loads` of Python: JSON plus `NaN`, `Infinity` and `-Infinity`.

use super::value::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Python stops at about a thousand levels of nesting; so do we, before the stack does.
const MAX_DEPTH: usize = 900;

/// Python refuses to convert longer integers (`sys.int_info.default_max_str_digits`).
const MAX_INT_DIGITS: usize = 4300;

/// What was expected, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// What the reader expected or could not accept.
    pub expected: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: line {} column {}",
            self.expected, self.line, self.column
        )
    }
}

impl std::error::Error for ParseError {}

/// Reads one JSON document.
///
/// # Errors
/// What is no JSON to Python either, nesting deeper than 900 levels, and integers of more than 4300 digits.
pub fn parse(text: &str) -> Result<Value, ParseError> {
    let mut reader = Reader { text, at: 0 };
    let outcome = reader.document();
    outcome.map_err(|expected| {
        let before = &text[..reader.at];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        ParseError {
            expected,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Value, String> {
        if self.text.starts_with('\u{feff}') {
            return Err("unexpected UTF-8 byte order mark".into());
        }
        let value = self.value(0)?;
        self.blanks();
        if self.at == self.text.len() {
            Ok(value)
        } else {
            Err("extra data after the document".into())
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, literal: &str) -> bool {
        let found = self.text[self.at..].starts_with(literal);
        if found {
            self.at += literal.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(format!("nesting deeper than {MAX_DEPTH} levels"));
        }
        self.blanks();
        match self.peek() {
            Some(b'"') => self.string().map(Value::Str),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') if !self.text[self.at..].starts_with("-Infinity") => {
                self.number()
            }
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, String> {
        let words = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ];
        for (word, value) in words {
            if self.take(word) {
                return Ok(value);
            }
        }
        Err("expecting a value".into())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        let _ = self.take("-");
        if !self.take("0") && self.digits() == 0 {
            return Err("expecting a value".into());
        }
        let whole = self.at;
        // A point or an exponent without digits belongs to what follows, where it is an error.
        if self.take(".") && self.digits() == 0 {
            self.at = whole;
        }
        let mantissa = self.at;
        if self.take("e") || self.take("E") {
            let _ = self.take("+") || self.take("-");
            if self.digits() == 0 {
                self.at = mantissa;
            }
        }
        let literal = &self.text[start..self.at];
        if self.at > whole {
            return literal
                .parse()
                .map(Value::Float)
                .map_err(|_| "expecting a number".into());
        }
        if literal.len() > MAX_INT_DIGITS {
            return Err(format!("integer of more than {MAX_INT_DIGITS} digits"));
        }
        // Integers have no negative zero.
        let digits = if literal == "-0" { "0" } else { literal };
        Ok(Value::Int(digits.to_owned()))
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.take("]") {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.take("]") {
                return Ok(Value::List(items));
            }
            if !self.take(",") {
                return Err("expecting ',' delimiter".into());
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut members = BTreeMap::new();
        self.blanks();
        if self.take("}") {
            return Ok(Value::Dict(members));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err("expecting property name enclosed in double quotes".into());
            }
            let key = self.string()?;
            self.blanks();
            if !self.take(":") {
                return Err("expecting ':' delimiter".into());
            }
            members.insert(key, self.value(depth + 1)?);
            self.blanks();
            if self.take("}") {
                return Ok(Value::Dict(members));
            }
            if !self.take(",") {
                return Err("expecting ',' delimiter".into());
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let plain = self.text[self.at..].find(|c: char| c < ' ' || c == '"' || c == '\\');
            let Some(plain) = plain else {
                return Err("unterminated string".into());
            };
            out.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                _ => return Err("invalid control character in a string".into()),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), String> {
        let simple = match self.text.as_bytes().get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(out),
            _ => return Err("invalid \\escape".into()),
        };
        out.push(simple);
        self.at += 2;
        Ok(())
    }

    fn unicode_escape(&mut self, out: &mut String) -> Result<(), String> {
        let first = self.hex4(self.at).ok_or("invalid \\uXXXX escape")?;
        let second = self
            .hex4(self.at + 6)
            .filter(|low| (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(low));
        let code = second.map_or(first, |low| {
            0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00)
        });
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        self.at += if second.is_some() { 12 } else { 6 };
        Ok(())
    }

    fn hex4(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Value, dict};
    use super::parse;

    #[test]
    fn reads_what_json_loads_reads() {
        let text = "{\"a\": NaN, \"b\": [1, -0, 1.5e3, -Infinity], \"a\": \"x\\u00e9\\ud83d\\ude00\\ud800\"}";
        let expected = dict([
            ("a", "x\u{e9}\u{1f600}\u{fffd}".into()),
            (
                "b",
                Value::List(vec![
                    Value::Int("1".into()),
                    Value::Int("0".into()),
                    Value::Float(1500.0),
                    Value::Float(f64::NEG_INFINITY),
                ]),
            ),
        ]);
        assert_eq!(parse(text), Ok(expected));
    }

    #[test]
    fn refuses_what_json_loads_refuses_and_says_where() {
        let cases = [
            ("", "expecting a value: line 1 column 1"),
            (
                "{bad}",
                "expecting property name enclosed in double quotes: line 1 column 2",
            ),
            ("[1,\n 2", "expecting ',' delimiter: line 2 column 3"),
            ("[1,]", "expecting a value: line 1 column 4"),
            ("01", "extra data after the document: line 1 column 2"),
            ("1.", "extra data after the document: line 1 column 2"),
            ("-", "expecting a value: line 1 column 2"),
            (
                "\"a\nb\"",
                "invalid control character in a string: line 1 column 3",
            ),
            ("\"\\x\"", "invalid \\escape: line 1 column 2"),
            (
                "\"\\u12\u{e9}4\"",
                "invalid \\uXXXX escape: line 1 column 2",
            ),
            ("\"abc", "unterminated string: line 1 column 2"),
            (
                "\u{feff}1",
                "unexpected UTF-8 byte order mark: line 1 column 1",
            ),
            ("{\"a\" 1}", "expecting ':' delimiter: line 1 column 6"),
        ];
        for (text, message) in cases {
            assert_eq!(
                parse(text).map_err(|e| e.to_string()),
                Err(message.into()),
                "{text:?}"
            );
        }
        let deep = "[".repeat(5000);
        assert!(parse(&deep).is_err_and(|e| e.expected == "nesting deeper than 900 levels"));
        let huge = "9".repeat(4301);
        assert!(parse(&huge).is_err_and(|e| e.expected == "integer of more than 4300 digits"));
    }
}
