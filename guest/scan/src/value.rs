//! JSON read whole, where it is as it should be: what is not is left to a parser that says what is wrong with it.

use super::block::Block;
use super::{Scan, find, number};
use serde_json::{Map, Value};

/// Nesting up to which values are read here.
const MAX_DEPTH: usize = 64;

/// The value of a JSON text as `serde_json` reads it, if no key stands twice in an object. None for everything else: text
/// that is not JSON, a repeated key, a number beyond the range of a double, deep nesting.
pub fn value(text: &str) -> Option<Value> {
    let mut reader = Reader {
        text,
        scan: Scan::new(text.as_bytes()),
        depth: 0,
    };
    let value = reader.value()?;
    reader.scan.end().ok()?;
    Some(value)
}

struct Reader<'a> {
    text: &'a str,
    scan: Scan<'a>,
    depth: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Option<Value> {
        let bracket = match self.scan.peek()? {
            b'"' => return self.string().map(Value::String),
            bracket @ (b'{' | b'[') if self.depth < MAX_DEPTH => bracket,
            b'{' | b'[' => return None,
            _ => return self.word(),
        };
        self.scan.at += 1;
        self.depth += 1;
        let value = if bracket == b'{' {
            self.object().map(Value::Object)
        } else {
            self.list().map(Value::Array)
        };
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Option<Map<String, Value>> {
        let mut map = Map::new();
        while self.goes_on(b'}', map.is_empty())? {
            if self.scan.peek()? != b'"' {
                return None;
            }
            let key = self.string()?;
            self.scan.byte(b':', "`:`").ok()?;
            if map.insert(key, self.value()?).is_some() {
                return None;
            }
        }
        Some(map)
    }

    fn list(&mut self) -> Option<Vec<Value>> {
        let mut list = Vec::new();
        while self.goes_on(b']', list.is_empty())? {
            list.push(self.value()?);
        }
        Some(list)
    }

    /// Whether another item follows; what stands between two is passed over.
    fn goes_on(&mut self, closing: u8, is_first: bool) -> Option<bool> {
        let byte = self.scan.peek()?;
        if byte == closing {
            self.scan.at += 1;
            return Some(false);
        }
        if !is_first {
            self.scan.byte(b',', "`,`").ok()?;
        }
        Some(true)
    }

    /// The string that begins here.
    fn string(&mut self) -> Option<String> {
        let (bytes, start) = (self.text.as_bytes(), self.scan.at + 1);
        let end = string_end(bytes, start)?;
        if bytes[end] == b'"' {
            self.scan.at = end + 1;
            return self.text.get(start..end).map(str::to_owned);
        }
        self.scan.raw_string().ok()?;
        serde_json::from_str(self.text.get(start - 1..self.scan.at)?).ok()
    }

    fn word(&mut self) -> Option<Value> {
        match self.scan.word() {
            b"null" => Some(Value::Null),
            b"true" => Some(Value::Bool(true)),
            b"false" => Some(Value::Bool(false)),
            word => number::json(word).map(Value::Number),
        }
    }
}

/// The first quote, backslash or control character from `at` on.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let ends = |byte| matches!(byte, b'"' | b'\\' | ..b' ');
    find(bytes, at, Block::string_ends, ends)
}
