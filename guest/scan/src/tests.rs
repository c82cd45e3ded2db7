//! Tests of the JSON cursor.

use super::{Part, Scan, Shape};

const RECORD: &str = r#" { "a\"b" : [1, 2.5, -3e2], "c":{"d":[{"e":"]}"}]}, "n": null, "x": 42 } "#;

#[test]
fn reads_what_is_wanted_and_passes_over_the_rest() {
    let mut scan = Scan::new(RECORD.as_bytes());
    scan.open_object().expect("an object");
    let mut seen = Vec::new();
    let mut first = true;
    while let Some(key) = scan.key(first).expect("a key") {
        first = false;
        match key {
            b"x" => seen.push(format!("x={}", scan.whole().expect("a number"))),
            b"n" => seen.push(format!("n={}", scan.null())),
            _ => seen.push(String::from_utf8_lossy(scan.skip().expect("a value")).into_owned()),
        }
    }
    scan.end().expect("the end");
    assert_eq!(
        seen,
        ["[1, 2.5, -3e2]", r#"{"d":[{"e":"]}"}]}"#, "n=true", "x=42"]
    );
}

#[test]
fn every_cut_is_found_out() {
    let text = RECORD.trim_end();
    for cut in 0..text.len() {
        let mut scan = Scan::new(&text.as_bytes()[..cut]);
        let whole = scan.skip().is_ok() && scan.end().is_ok();
        assert!(
            !whole,
            "cut at {cut} was taken for whole: {:?}",
            &text[..cut]
        );
    }
}

#[test]
fn quotes_and_escapes_are_found_wherever_they_stand() {
    for length in 0..40 {
        for at in 0..length {
            for mark in [b'"', b'\\'] {
                let mut text = vec![b'!'; length];
                text[at] = mark;
                assert_eq!(super::quote_or_escape(&text), Some(at));
            }
        }
        assert_eq!(super::quote_or_escape(&vec![0x23; length]), None);
    }
}

#[test]
fn what_two_texts_have_in_common_ends_at_the_first_other_byte() {
    for length in 0..50 {
        let text = vec![b'x'; length];
        assert_eq!(super::common(&text, &text), length);
        assert_eq!(super::common(&text, &[b'x'; 60]), length);
        for at in 0..length {
            let mut other = text.clone();
            other[at] = b'y';
            assert_eq!(super::common(&text, &other), at);
            assert_eq!(super::common(&other, &text[..at]), at);
        }
    }
}

#[test]
fn brackets_inside_strings_do_not_close() {
    for text in [
        r#"{"a":"}"}"#,
        r#"["]"]"#,
        r#"{"a":"]","b":"\""}"#,
        r#"{"a":["}"],"b":1}"#,
    ] {
        assert_eq!(Scan::new(text.as_bytes()).skip(), Ok(text.as_bytes()));
    }
}

#[test]
fn what_is_nested_ends_where_its_first_bracket_closes_wherever_the_strings_lie() {
    // The filler moves quotes, brackets and escapes over the borders of the blocks that are looked at together.
    for filler in 0..80 {
        let filler = "x".repeat(filler);
        for inner in [
            format!(r#""{filler}""#),
            format!(r#""{filler}]}}|""#),
            format!(r#""{filler}\"}}\\""#),
            format!(r#"[["{filler}"],{{}}]"#),
            format!(r#"{{"{filler}\\":["]"]}}"#),
        ] {
            let text = format!(r#"[{{"k":{inner},"|":[1,2]}},{inner}]"#);
            let followed = format!("{text},{text}");
            assert_eq!(
                Scan::new(followed.as_bytes()).skip(),
                Ok(text.as_bytes()),
                "{text}"
            );
            let cut = &text.as_bytes()[..text.len() - 1];
            let stop = Scan::new(cut).skip().expect_err("no end");
            assert_eq!((stop.at, stop.ended), (cut.len(), true), "{text}");
        }
    }
}

#[test]
fn what_holds_no_other_ends_at_its_bracket_whatever_follows() {
    for filler in 0..70 {
        let filler = "x".repeat(filler);
        for text in [
            format!(r#"{{"k":"{filler}"}}"#),
            format!(r#"{{"k":"{filler}}}"}}"#),
            format!(r#"["{filler}",1]"#),
        ] {
            for follows in 0..40 {
                let all = format!("{text}{}", "y".repeat(follows));
                assert_eq!(Scan::new(all.as_bytes()).skip(), Ok(text.as_bytes()));
                let plain = !text.contains("}\"");
                let told = (plain && all.len() >= super::Block::BYTES).then_some(text.len());
                assert_eq!(super::flat(all.as_bytes()).filter(|_| plain), told, "{all}");
            }
        }
    }
}

#[test]
fn a_string_that_does_not_end_is_told_from_a_bracket_that_does_not_close() {
    let expected = |text: &str| Scan::new(text.as_bytes()).skip().expect_err(text).expected;
    for filler in [0, 5, 40] {
        let filler = "x".repeat(filler);
        assert_eq!(expected(&format!(r#"[["{filler}"#)), "the end of a string");
        assert_eq!(
            expected(&format!(r#"[["{filler}\""#)),
            "the end of a string"
        );
        let open = "the bracket that closes the last one opened";
        assert_eq!(expected(&format!(r#"[["{filler}"]"#)), open);
        assert_eq!(expected(&format!(r#"[["{filler}"}}]"#)), open);
    }
}

#[test]
fn numbers_are_those_of_json() {
    for (text, number) in [
        ("0", Some(0.0)),
        ("-1.5e3,", Some(-1500.0)),
        ("1.", Some(1.0)),
        (".5", None),
        ("1.5.5", None),
        ("9007199254740993", Some(9007199254740992.0)),
        ("NaN", None),
        ("inf", None),
        ("1e999", None),
        ("0x1", None),
        ("", None),
    ] {
        assert_eq!(Scan::new(text.as_bytes()).number().ok(), number, "{text:?}");
    }
}

/// Each is held to what the standard library makes of the same digits.
#[test]
fn numbers_are_the_nearest_doubles_and_whole_ones_exact() {
    let mut state = 1_u64;
    for _ in 0..200_000 {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let digits = (state >> 11).to_string();
        let text = &digits[..1 + (state % digits.len() as u64) as usize];
        let point = 1 + (state >> 7) as usize % text.len();
        for text in [
            text.to_owned(),
            format!("{}.{}", &text[..point], &text[point..]),
        ] {
            let expected: f64 = text.parse().expect("a number");
            let read = Scan::new(text.as_bytes()).number().map(f64::to_bits);
            assert_eq!(read, Ok(expected.to_bits()), "{text}");
            let whole = Scan::new(text.as_bytes()).whole().ok();
            assert_eq!(whole, text.parse::<u64>().ok(), "{text}");
        }
    }
    for (text, number) in [
        ("0", Some(0)),
        ("00000000000000000001", Some(1)),
        ("000000000000000000001", None),
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", None),
        ("1234567:", None),
        ("/2345678", None),
        ("12345678x", None),
        ("1 2", Some(1)),
        ("-1", None),
        ("", None),
    ] {
        assert_eq!(Scan::new(text.as_bytes()).whole().ok(), number, "{text}");
    }
}

#[test]
fn lines_are_counted_and_found_wherever_they_end() {
    for length in 0..100 {
        for at in 0..length {
            let mut text = vec![b'x'; length];
            text[at] = b'\n';
            assert_eq!(
                (super::newline(&text), super::newlines(&text)),
                (Some(at), 1)
            );
        }
        assert_eq!(super::newline(&vec![0x0b; length]), None);
        assert_eq!(super::newlines(&vec![b'\n'; length]), length as u64);
    }
}

#[test]
fn brackets_must_match_and_not_nest_too_deep() {
    assert!(Scan::new(b"[{]}").skip().is_err());
    assert!(Scan::new("[".repeat(200).as_bytes()).skip().is_err());
}

/// An object with a string, a number and a list, each filled up.
fn filled(text: &str, number: &str, list: &str) -> String {
    format!(r#"{{"text":"{text}","in":{{"number":{number},"fixed":"as it is"}},"list":[{list}]}}"#)
}

fn learned(line: &str) -> Option<Shape> {
    Shape::learn(line.as_bytes(), |path| match path {
        [b"text"] => Part::Wanted(0),
        [b"in", b"number"] => Part::Wanted(1),
        [b"in", b"fixed"] => Part::Fixed,
        _ => Part::Free,
    })
}

#[test]
fn a_line_of_a_known_shape_is_read_wherever_its_values_end() {
    let shape = learned(&filled("a", "1", "")).expect("a shape");
    for length in 0..80 {
        let (text, number) = ("x".repeat(length), "7".repeat(80 - length));
        let line = filled(&text, &number, &format!("{number}, null"));
        let mut places = [(0, 0); 2];
        assert!(shape.read(line.as_bytes(), &mut places), "{line}");
        let found = places.map(|(start, end)| &line[start..end]);
        assert_eq!(found, [&text[..], &number]);
        for cut in 0..line.len() {
            assert!(
                !shape.read(&line.as_bytes()[..cut], &mut places),
                "{line} {cut}"
            );
        }
        assert!(!shape.read(format!("{line} ").as_bytes(), &mut places));
    }
}

#[test]
fn a_line_with_other_text_or_values_of_another_kind_is_not_of_the_shape() {
    let line = filled("a", "1", "1,2");
    let shape = learned(&line).expect("a shape");
    for other in [
        line.replace("as it is", "as it was"),
        line.replace("list", "lost"),
        line.replace("text", "a longer key than that which was there"),
        filled(r#"a\"b"#, "1", ""),
        filled("a", "", ""),
        filled("a", "\"1\"", ""),
        filled("a", "[1]", ""),
        filled("a", "1}", ""),
        filled("a", "1{", ""),
        filled("a", "1", "[1]"),
        filled("a", "1", "\"1\""),
        filled("a", "1", "{}"),
        format!("{line}{line}"),
        String::new(),
    ] {
        assert!(!shape.read(other.as_bytes(), &mut [(0, 0); 2]), "{other}");
    }
}

#[test]
fn what_is_not_made_of_plain_values_is_not_learned() {
    for line in [
        filled(r#"a\n"#, "1", ""),
        filled("a", "1", "[1]"),
        filled("a", "1", "\"1\""),
        filled("a", &("[".repeat(130) + &"]".repeat(130)), ""),
        filled("a", &("{\"a\":".repeat(20) + "1" + &"}".repeat(20)), ""),
        filled("a", "1", "")[1..].to_owned(),
        format!("{} 1", filled("a", "1", "")),
        format!("{{\"{}\":1}}", "k".repeat(70_000)),
        format!("{{{}\"a\":1}}", "\"a\":1,".repeat(1_100)),
    ] {
        assert!(learned(&line).is_none(), "{line}");
    }
}
