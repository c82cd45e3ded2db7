//! Objects read in part, whatever the pieces of their file.

use super::*;
use crate::files::{Child, MemoryTree};

/// A tree whose files are read a few bytes at a time.
struct Sips(MemoryTree, usize);

struct Sip<'a>(Box<dyn ReadAt + 'a>, usize);

impl ReadAt for Sip<'_> {
    fn read_at(&mut self, offset: u64, _: usize) -> Result<Vec<u8>> {
        self.0.read_at(offset, self.1)
    }
}

impl Tree for Sips {
    fn children(&self, folder: &str) -> Result<Vec<Child>> {
        self.0.children(folder)
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>> {
        Ok(Box::new(Sip(self.0.open(path)?, self.1)))
    }
}

fn want(path: &[&str]) -> Want {
    match path {
        ["a" | "s" | "deep", ..] if path.len() < 3 => Want::Enter,
        ["errors"] => Want::Tally,
        ["x"] => Want::Whole,
        ["deep", "er", "y"] => Want::Whole,
        _ => Want::Nothing,
    }
}

fn read(text: &str, sip: usize) -> Result<Vec<(u64, Value)>> {
    let tree = Sips(MemoryTree::new([("f", text)]), sip);
    let mut stream = Stream::open(&tree, "f")?;
    let mut found = Vec::new();
    while let Some((line, map)) = stream.next_object(&want)? {
        found.push((line, Value::Object(map)));
    }
    Ok(found)
}

#[test]
fn objects_are_the_same_wherever_the_pieces_end() {
    let text = "\u{feff}{\"x\": 1.5e3, \"skipped\": [[\"]\\\\\\\"\", {}], 0.1, {\"k\": [1, 2]}],\n \"errors\": [\"\", \"a\\\"b\", \"\", null],\n\"deep\": {\"er\": {\"y\": \"\\u00e9\", \"n\": NaN}}}\n{\"x\":Infinity}{\"a\":[{\"b\":1},{}], \"x\": \"\\\\\"}\n\n";
    let expected = vec![
        (
            1,
            serde_json::json!({"x": 1500.0, "errors": [4, 1], "deep": {"er": {"y": "é"}}}),
        ),
        (4, serde_json::json!({"x": "Infinity"})),
        (4, serde_json::json!({"a": [{"b": 1}, {}], "x": "\\"})),
    ];
    for sip in 4..text.len() + 1 {
        assert_eq!(read(text, sip), Ok(expected.clone()), "{sip}");
    }
}

#[test]
fn every_cut_is_found_out() {
    let text = "{\"x\": [1, {\"k\": \"v\\\"\"}], \"skipped\": [\"\", 1], \"errors\": [\"\"]}";
    assert!(read(text, 7).is_ok());
    for end in 1..text.len() {
        let fault = read(&text[..end], 7).expect_err("cut");
        assert!(fault.message.contains("The file was cut"), "{end}: {fault}");
        assert_eq!(fault.place.as_deref(), Some("f:1"));
    }
}

#[test]
fn the_objects_of_a_list_are_those_without_it() {
    let text = "\n[ {\"x\": 1} ,\n {\"x\": 2}\n]\n";
    let expected = vec![
        (2, serde_json::json!({"x": 1})),
        (3, serde_json::json!({"x": 2})),
    ];
    for sip in 1..text.len() + 1 {
        assert_eq!(read(text, sip), Ok(expected.clone()), "{sip}");
    }
    assert_eq!(read("[]", 7), Ok(Vec::new()));
    let text = text.trim();
    for end in 1..text.len() {
        let fault = read(&text[..end], 7).expect_err("cut");
        assert!(fault.message.contains("The file was cut"), "{end}: {fault}");
    }
    for (text, expected) in [
        ("[{\"x\": 1} {\"x\": 2}]", "`,` or `]`"),
        ("[{\"x\": 1}, ]", "an object"),
        ("[[{\"x\": 1}]]", "an object"),
        (
            "[{\"x\": 1}]{\"x\": 2}",
            "the end of the file behind the list",
        ),
        ("{\"x\": 1}, {\"x\": 2}", "an object"),
    ] {
        let fault = read(text, 7).expect_err(text);
        assert!(fault.message.ends_with(expected), "{text}: {fault}");
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_line() {
    for (text, expected) in [
        (
            "{\"x\": 1}\n[2]",
            "f:2: found text that is not JSON; expected an object",
        ),
        (
            "{\"x\": 1,\n \"x\": 2}",
            "f:2: found the key `x` twice in one object; expected each key once in an object",
        ),
        (
            "{\"x\" 1}",
            "f:1: found text that is not JSON; expected `:`",
        ),
        (
            "{\"x\": 1 \"y\": 2}",
            "f:1: found text that is not JSON; expected `,` or `}`",
        ),
        (
            "{\"y\": ]}",
            "f:1: found text that is not JSON; expected a value",
        ),
        (
            "{\"y\": [}]}",
            "f:1: found text that is not JSON; expected the bracket that closes the last one opened",
        ),
        ("{1: 2}", "f:1: found text that is not JSON; expected a key"),
        (
            "{\"errors\": [1 2]}",
            "f:1: found text that is not JSON; expected `,` or `]`",
        ),
        (
            "{\"x\":\n {\"y\": tru}}",
            "f:2: x: found text that is not JSON (expected ident); expected a JSON value",
        ),
    ] {
        let fault = read(text, 5).expect_err("refused");
        assert_eq!(fault.to_string(), expected);
    }
    let deep = format!("{{\"a\":{}", "[".repeat(200));
    assert!(
        read(&deep, 9)
            .expect_err("deep")
            .message
            .contains("less nesting")
    );
    let wide = format!("{{\"x\":\"{}\"}}", "a".repeat(MAX_KEPT));
    assert_eq!(read(&wide, 1 << 20).expect_err("wide").code, Code::Limit);
}
