//! JSON as documents and judgements are written: an indent of two spaces, and a newline at the end.

use perfbridge_scan::Out;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use std::io::{Result, Write};

/// The text of an object whose values cannot fail to serialise: texts, finite numbers, and lists and objects of them.
/// Each list of numbers below one of the top-level `keys` stands on one line: one number a line would treble the length
/// of long ones.
pub fn pretty(object: &impl Serialize, keys: &[&str]) -> String {
    let mut out = Out::default();
    let format = Pretty::default();
    let written = object.serialize(&mut Serializer::with_formatter(&mut out, format));
    written.map(|()| out.finish(keys)).unwrap_or_default()
}

/// As the `PrettyFormatter` of `serde_json`, with one write for an indent: that has one a level, and they were a third
/// of the time that writing takes.
#[derive(Default)]
struct Pretty {
    depth: usize,
    has_value: bool,
}

/// A newline, and the deepest indent.
const INDENT: &[u8; 129] = &{
    let mut indent = [b' '; 129];
    indent[0] = b'\n';
    indent
};

impl Pretty {
    fn line<W: ?Sized + Write>(&self, out: &mut W) -> Result<()> {
        let indent = 1 + 2 * self.depth;
        let most = indent.min(INDENT.len());
        out.write_all(&INDENT[..most])?;
        (most..indent).try_for_each(|_| out.write_all(b" "))
    }

    fn open<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth += 1;
        self.has_value = false;
        out.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth -= 1;
        if self.has_value {
            self.line(out)?;
        }
        self.has_value = true;
        out.write_all(bracket)
    }

    fn item<W: ?Sized + Write>(&self, out: &mut W, first: bool) -> Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.line(out)
    }
}

impl Formatter for Pretty {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.item(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.item(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::pretty;
    use serde_json::{Value, json};

    /// As `serde_json` writes it, but for the lists that were asked for, and at any depth.
    #[test]
    fn only_the_lists_that_were_asked_for_stand_on_one_line() {
        let value = json!({"a": {"x": [1, -2.5, null], "y": [], "z": {}}, "b": [0.1, 2], "c": ["1", [3, 4], {"d": [5]}]});
        let as_serde = |value: &Value| serde_json::to_string_pretty(value).expect("text") + "\n";
        assert_eq!(pretty(&value, &[]), as_serde(&value));
        let expected = as_serde(&value)
            .replace(
                "[\n      1,\n      -2.5,\n      null\n    ]",
                "[1, -2.5, null]",
            )
            .replace("[\n    0.1,\n    2\n  ]", "[0.1, 2]");
        assert_eq!(pretty(&value, &["a", "b"]), expected);
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner, {"k": "v"}]));
        let deep = json!({"deep": deep});
        assert_eq!(pretty(&deep, &["b"]), as_serde(&deep));
    }
}
