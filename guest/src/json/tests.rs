//! Tests of the two ways of reading JSON: they must make no difference.

use super::{strict, value};
use serde_json::Value;

/// What is read in a short way must be what the strict parser reads, to the bit; what it leaves is that parser's.
fn held(text: &str) -> bool {
    let short = value(text);
    if let Some(found) = &short {
        let whole = strict("file", text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        assert_eq!(found, &whole, "{text}");
        // Negative zeros are equal, the order of keys is not compared, and neither is how a number was written.
        assert_eq!(format!("{found:?}"), format!("{whole:?}"), "{text}");
    }
    short.is_some()
}

#[test]
fn values_are_those_of_the_strict_parser() {
    for text in [
        "0",
        "-0",
        "-1",
        "1.0",
        "-0.0",
        "1e3",
        "1E+3",
        "1.5e-3",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "9007199254740993.0",
        "0.1",
        "56.157811227405865",
        "2.2250738585072014e-308",
        "5e-324",
        "1.7976931348623157e308",
        "true",
        "false",
        "null",
        "\"\"",
        r#""a\"b\\\u00e9\ud83d\ude00""#,
        "\"\u{e9}\u{1f600}, and longer than what is looked at together\"",
        "[]",
        "{}",
        " [ 1 , [ ] , { } ] \r\n\t",
        r#"{"b":1,"a":{"c":[1,-2.5,"x"]}}"#,
    ] {
        assert!(held(text), "{text} was left");
    }
}

#[test]
fn what_is_wrong_is_left_to_the_strict_parser() {
    for text in [
        "",
        " ",
        "01",
        "-",
        "-01",
        "1.",
        ".5",
        "1.e5",
        "1e",
        "1e+",
        "+1",
        "0x1",
        "1_0",
        "1e999",
        "NaN",
        "Infinity",
        "nul",
        "truefalse",
        "\"a",
        "\"a\nb\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "[1",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1,,2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,\"a\":2}",
        "{\"\\u0061\":1,\"a\":2}",
        "1 2",
        "{}}",
        "\u{feff}1",
        "\u{a0}1",
        "\"\u{1}\"",
        "\"a tab\tin a string that is longer than what is looked at together\"",
    ] {
        assert!(!held(text), "{text} was read");
        assert!(strict("file", text).is_err(), "{text}");
    }
    let deep = "[".repeat(100) + &"]".repeat(100);
    assert!(!held(&deep) && strict("file", &deep).is_ok());
}

/// Each byte of a real export in turn is left out, becomes another, or has another before it.
#[test]
fn damaged_text_is_never_read_as_something_else() {
    let text =
        include_str!("../../../tests/data/bundles/base-1/aiperf-c1/profile_export_aiperf.json");
    let text: Value = serde_json::from_str(text).expect("JSON");
    let mut text = text.to_string();
    text.truncate(1_500);
    let open: String = text.chars().filter(|byte| "{}".contains(*byte)).collect();
    let depth = open.matches('{').count() - open.matches('}').count();
    let end = text.rfind(',').expect("a comma");
    text.truncate(end);
    text.push_str(&"}".repeat(depth));
    let (mut read, mut left) = (0, 0);
    for at in 0..text.len() {
        for other in [
            "", "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "0", "-", ".", "e", "x", "\u{1}",
            "\u{e9}",
        ] {
            for end in [at, at + 1] {
                if held(&[&text[..at], other, &text[end..]].concat()) {
                    read += 1;
                } else {
                    left += 1;
                }
            }
        }
    }
    assert!(read > text.len() && left > text.len(), "{read} {left}");
}
