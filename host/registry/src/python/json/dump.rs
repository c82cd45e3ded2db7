//! `json.dumps(value, sort_keys=True)` of Python, with `indent=2` and without.

use super::value::Value;
use crate::python::float;
use std::fmt::Write as _;

/// Two spaces of indent, keys sorted by code point, ASCII only, no newline at the end.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value, 0);
    out
}

/// One line with a blank after each comma and colon, keys sorted by code point, ASCII only.
pub fn line(value: &Value) -> String {
    let mut out = String::new();
    write_inline(&mut out, value);
    out
}

fn write_inline(out: &mut String, value: &Value) {
    match value {
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_inline(out, item);
            }
            out.push(']');
        }
        Value::Dict(members) => {
            out.push('{');
            for (at, (key, item)) in members.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_string(out, key);
                out.push_str(": ");
                write_inline(out, item);
            }
            out.push('}');
        }
        scalar => write_value(out, scalar, 0),
    }
}

fn write_value(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(digits) => out.push_str(digits),
        // Python would write `Infinity` here, which no JSON reader has to take.
        Value::Float(f) if !f.is_finite() => out.push_str("null"),
        Value::Float(f) => out.push_str(&float::repr(*f)),
        Value::Str(text) => write_string(out, text),
        Value::List(items) => {
            write_items(out, '[', ']', depth, items, |out, item| {
                write_value(out, item, depth + 1)
            });
        }
        Value::Dict(members) => write_items(out, '{', '}', depth, members, |out, (key, item)| {
            write_string(out, key);
            out.push_str(": ");
            write_value(out, item, depth + 1);
        }),
    }
}

fn write_items<I: IntoIterator>(
    out: &mut String,
    open: char,
    close: char,
    depth: usize,
    items: I,
    write_item: impl Fn(&mut String, I::Item),
) {
    out.push(open);
    let mut empty = true;
    for item in items {
        out.push_str(if empty { "\n" } else { ",\n" });
        empty = false;
        indent(out, depth + 1);
        write_item(out, item);
    }
    if !empty {
        out.push('\n');
        indent(out, depth);
    }
    out.push(close);
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::{Value, dict};
    use super::{line, pretty};

    // Printed by CPython 3.11: json.dumps({...}, indent=2, sort_keys=True)
    #[test]
    fn writes_what_json_dumps_writes() {
        let value = dict([
            ("\u{e9}", Value::Bool(true)),
            (
                "a",
                "\u{e9}\u{2028}\u{1f600}\u{7f}\u{0}\"\\/\u{8}\u{c}\n\r\t".into(),
            ),
            ("b", Value::List(vec![])),
            ("c", dict([])),
            (
                "d",
                Value::List(vec![Value::Int("1".into()), dict([("x", Value::Null)])]),
            ),
        ]);
        let expected = "{\n  \"a\": \"\\u00e9\\u2028\\ud83d\\ude00\\u007f\\u0000\\\"\\\\/\\b\\f\\n\\r\\t\",\n  \"b\": [],\n  \"c\": {},\n  \"d\": [\n    1,\n    {\n      \"x\": null\n    }\n  ],\n  \"\\u00e9\": true\n}";
        assert_eq!(pretty(&value), expected);
    }

    // Printed by CPython 3.11: json.dumps({...}, sort_keys=True)
    #[test]
    fn writes_one_line_as_json_dumps_does() {
        let value = dict([
            ("b", Value::List(vec![Value::Int("1".into()), Value::Null])),
            ("a", "\u{e9}\n".into()),
            ("c", dict([("x", Value::Float(1e20)), ("w", dict([]))])),
            ("d", Value::List(vec![])),
        ]);
        let expected = r#"{"a": "\u00e9\n", "b": [1, null], "c": {"w": {}, "x": 1e+20}, "d": []}"#;
        assert_eq!(line(&value), expected);
    }

    #[test]
    fn never_writes_infinity_or_nan() {
        for f in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            assert_eq!(pretty(&Value::Float(f)), "null");
            assert_eq!(pretty(&f.into()), "null");
        }
    }
}
