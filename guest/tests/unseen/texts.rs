//! Texts as machines carry them: marks, line ends, encodings, prefixes of logs, boxes of tables.

use crate::made::{KINDS, edited, files, made, numbers, try_made};
use perfbridge_guest::fault::Code;

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    for kind in KINDS {
        let original = files(kind);
        let mut marked = original.clone();
        for (_, bytes) in &mut marked {
            bytes.splice(0..0, *b"\xef\xbb\xbf");
        }
        assert_eq!(numbers(&made(&marked)), numbers(&made(&original)), "{kind}");
    }
}

#[test]
fn line_ends_of_windows_change_nothing() {
    for kind in KINDS {
        let original = files(kind);
        let mut edited = original.clone();
        for (_, bytes) in &mut edited {
            let text = String::from_utf8(std::mem::take(bytes)).expect("text");
            let bare = text.replace("\r\n", "\n");
            *bytes = bare.replace('\n', "\r\n").into_bytes();
        }
        assert_eq!(numbers(&made(&edited)), numbers(&made(&original)), "{kind}");
    }
}

#[test]
fn utf_16_is_named() {
    let mut all = files("base-1-console");
    let text = String::from_utf8(all[0].1.clone()).expect("text");
    for little in [true, false] {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        all[0].1 = units
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect();
        let fault = try_made(&all).map(drop).expect_err("refused");
        assert_eq!(fault.code, Code::NotUnderstood);
        assert_eq!(fault.place.as_deref(), Some("aiperf-c16.log:1"));
        assert!(
            fault
                .message
                .starts_with("found text in UTF-16, as PowerShell writes it; expected UTF-8"),
            "{fault}"
        );
    }
    // A file that is of no format is not looked into.
    let mut others = files("base-1");
    others.push(("Thumbs.db".to_owned(), vec![0xff, 0xfe, 0, 1]));
    made(&others);
}

/// `kubectl logs` and `docker compose logs` put the container's name and a time before each line, whatever is in it.
#[test]
fn logs_that_were_carried_by_a_container() {
    const TIME: &str = "2026-11-24T03:06:06.422513817Z ";
    const POD: &str = "[pod/aiperf-bench-x7k2p/aiperf] ";
    const COMPOSE: &str = "aiperf-1      | ";
    const COLOURED: &str = "\u{1b}[36maiperf-1  | \u{1b}[0m";
    let pod_and_time = format!("{POD}{TIME}");
    let compose_and_time = format!("{COMPOSE}{TIME}");
    for kind in ["base-1-console", "base-2-console"] {
        let original = numbers(&made(&files(kind)));
        for before in [
            TIME,
            POD,
            COMPOSE,
            COLOURED,
            &pod_and_time,
            &compose_and_time,
        ] {
            let mut carried = edited(kind, |text| {
                let lines = text.split_inclusive('\n');
                lines.map(|line| format!("{before}{line}")).collect()
            });
            assert_eq!(numbers(&made(&carried)), original, "{kind}: {before:?}");
            // Under a name that says nothing; the footer knows the level.
            for (path, _) in &mut carried {
                *path = path.replace("aiperf-c", "job-");
            }
            assert_eq!(numbers(&made(&carried)), original, "{kind}: {before:?}");
        }
    }
}

/// Boxes as Rich draws them where it may not use heavy lines, or no lines at all.
#[test]
fn tables_in_other_boxes() {
    const LIGHT: [(char, char); 8] = [
        ('┏', '┌'),
        ('━', '─'),
        ('┳', '┬'),
        ('┓', '┐'),
        ('┃', '│'),
        ('┡', '├'),
        ('╇', '┼'),
        ('┩', '┤'),
    ];
    let light = |text: &str| {
        let swap = |c: char| {
            LIGHT
                .iter()
                .find(|(from, _)| *from == c)
                .map_or(c, |(_, to)| *to)
        };
        text.chars().map(swap).collect::<String>()
    };
    let ascii = |text: &str| {
        let swap = |c: char| match c {
            '━' | '─' => '-',
            '┃' | '│' => '|',
            '┏' | '┳' | '┓' | '┡' | '╇' | '┩' | '└' | '┴' | '┘' => '+',
            other => other,
        };
        text.chars().map(swap).collect::<String>()
    };
    let original = numbers(&made(&files("base-1-console")));
    assert_eq!(numbers(&made(&edited("base-1-console", light))), original);
    assert_eq!(numbers(&made(&edited("base-1-console", ascii))), original);
}

#[test]
fn paths_of_windows_in_the_footer() {
    let windows = |text: &str| {
        text.replace("/bench/", "C:\\Users\\a b\\")
            .replace("/aiperf-c", "\\aiperf-c")
    };
    let original = numbers(&made(&files("base-1-console")));
    assert_eq!(numbers(&made(&edited("base-1-console", windows))), original);
}
