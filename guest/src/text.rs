//! Small helpers for formats that people read: terminal text, printed numbers, Markdown tables.

use std::borrow::Cow;

/// The first of some names, and how many more there are: `a, b and 3 more`.
pub(crate) fn first_of<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let first = names.iter().take(most).map(AsRef::as_ref);
    let listed = first.collect::<Vec<&str>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// The text without terminal escape sequences: colours (`ESC [ … m`), cursor movement, and
/// hyperlinks (`ESC ] … BEL` or `ESC ] … ESC \`). A sequence that is cut by the end is dropped.
pub fn strip_ansi(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(ESC, text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    let mut at = Some(first);
    while let Some(escape) = at {
        plain.push_str(&rest[..escape]);
        rest = after_escape(&rest[escape + 1..]);
        at = memchr::memchr(ESC, rest.as_bytes());
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

const ESC: u8 = 0x1b;

/// What follows an escape sequence whose ESC has been taken off already.
fn after_escape(text: &str) -> &str {
    let mut chars = text.char_indices();
    match chars.next() {
        Some((_, '[')) => chars
            .find(|(_, c)| ('\u{40}'..='\u{7e}').contains(c))
            .map_or("", |(at, _)| &text[at + 1..]),
        Some((_, ']')) => match text.find(['\u{7}', '\u{1b}']) {
            Some(end) => text[end..]
                .strip_prefix("\u{1b}\\")
                .unwrap_or(&text[end + 1..]),
            None => "",
        },
        Some((_, c)) => &text[c.len_utf8()..],
        None => "",
    }
}

/// Whether a text holds another; quick where the answer is no. The standard library prepares each search anew,
/// which costs more than the search of a line.
pub fn holds(text: &str, wanted: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), wanted.as_bytes()).is_some()
}

/// As [`holds`] for many short texts, see [`find_rare`].
pub fn holds_rare(text: &str, wanted: &str, rare: usize) -> bool {
    find_rare(text, wanted, rare).is_some()
}

/// Where a text first holds another, for many short texts: looks for the byte of `wanted` at `rare` first, which should
/// be one that few of them have, and prepares nothing.
pub fn find_rare(text: &str, wanted: &str, rare: usize) -> Option<usize> {
    let (bytes, wanted) = (text.as_bytes(), wanted.as_bytes());
    memchr::memchr_iter(wanted[rare], bytes).find_map(|at| {
        let start = at.checked_sub(rare)?;
        bytes[start..].starts_with(wanted).then_some(start)
    })
}

/// Whether two texts are the same, sixteen bytes at a time and the last ones first: names in a row differ at their
/// end. In a component the comparison of slices goes byte by byte.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    let (Some(end), Some(other_end)) = (one.last_chunk(), other.last_chunk()) else {
        return one == other;
    };
    let alike = |(a, b): (&[u8; 16], &[u8; 16])| u128::from_le_bytes(*a) == u128::from_le_bytes(*b);
    let (chunks, other_chunks) = (one.as_chunks().0, other.as_chunks().0);
    one.len() == other.len()
        && alike((end, other_end))
        && chunks.iter().zip(other_chunks).all(alike)
}

/// Whether a text begins as the pattern does, in which `0` stands for any digit.
pub fn begins_like(text: &str, pattern: &str) -> bool {
    let alike = |(found, wanted): (u8, u8)| match wanted {
        b'0' => found.is_ascii_digit(),
        mark => found == mark,
    };
    text.len() >= pattern.len() && text.bytes().zip(pattern.bytes()).all(alike)
}

/// What a logger put before a line that ends with `wanted`, its digits as `0`: the time and the line number differ
/// from line to line, and not their lengths. `None` where nothing stands before it.
pub fn logger_prefix(line: &str, wanted: &str) -> Option<String> {
    let before = line.strip_suffix(wanted)?.trim_end();
    let digit_as_zero = |c: char| if c.is_ascii_digit() { '0' } else { c };
    (!before.is_empty()).then(|| before.chars().map(digit_as_zero).collect())
}

/// A line without the prefix of its logger, where it has it.
pub fn without_prefix<'a>(line: &'a str, prefix: &str) -> &'a str {
    if begins_like(line, prefix) {
        line[prefix.len()..].trim()
    } else {
        line
    }
}

/// The line of a log without what carried it here: the name of the container that `kubectl logs --prefix` and
/// `docker compose logs` put before each line, and behind it the time of `--timestamps`.
pub fn without_carrier(line: &str) -> &str {
    without_time(without_container(line))
}

/// `[pod/NAME/CONTAINER] line` and `NAME-1  | line`. A container that was given a name of its own has no number, and
/// then its bar could be one of the log.
fn without_container(line: &str) -> &str {
    if let Some(inside) = line.strip_prefix("[pod/")
        && let Some((name, rest)) = inside.split_once(']')
        && name.split('/').filter(|part| !part.is_empty()).count() == 2
        && !name.contains(' ')
    {
        return rest.strip_prefix(' ').unwrap_or(rest);
    }
    let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let end = line.bytes().position(|byte| !of_name(&byte));
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    let is_numbered = name
        .rsplit_once(['-', '_'])
        .is_some_and(|(service, number)| {
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            !service.is_empty() && !number.is_empty() && digits
        });
    let bar = rest.trim_start_matches(' ').strip_prefix('|');
    match bar {
        Some(rest)
            if is_numbered
                && line[name.len()..].starts_with(' ')
                && (rest.is_empty() || rest.starts_with(' ')) =>
        {
            rest.strip_prefix(' ').unwrap_or(rest)
        }
        _ => line,
    }
}

fn without_time(line: &str) -> &str {
    let is_time = |word: &str| {
        word.len() >= 20 && word.ends_with('Z') && begins_like(word, "0000-00-00T00:00:00")
    };
    match line.split_once(' ') {
        Some((word, rest)) if is_time(word) => rest,
        None if is_time(line) => "",
        _ => line,
    }
}

/// A number as it was printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Printed {
    /// The number; finite and not negative.
    pub value: f64,
    /// Digits after the point; below 0 where the last one is of tens or more.
    pub decimals: i32,
}

/// Why a text is no [`Printed`] number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// It is no number at all.
    NotANumber,
    /// It is NaN or infinite.
    NotFinite,
    /// It is below zero.
    Negative,
}

impl NumberError {
    /// What a cell with such a text should have held, for messages.
    pub fn expected(self) -> &'static str {
        match self {
            NumberError::NotANumber => "a number such as `1,234.56`",
            NumberError::NotFinite => "a finite number",
            NumberError::Negative => "a number that is not negative",
        }
    }
}

/// Reads a printed number, multiplied by ten to the power of `exponent` (3 turns seconds into
/// milliseconds). Groups of three digits may be separated by commas: `1,234.56`.
///
/// The exponent goes into the text before it becomes a double, so that `0.34` s is exactly 340 ms.
pub fn number(text: &str, exponent: i32) -> Result<Printed, NumberError> {
    let word = text.trim_start_matches(['-', '+']).to_ascii_lowercase();
    if ["nan", "inf", "infinity"].contains(&word.as_str()) {
        return Err(NumberError::NotFinite);
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(NumberError::NotANumber),
        None => (unsigned, ""),
    };
    if !is_grouped(whole) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotANumber);
    }
    if text.starts_with('-') {
        return Err(NumberError::Negative);
    }
    let value = format!("{}.{fraction}e{exponent}", whole.replace(',', ""))
        .parse::<f64>()
        .map_err(|_| NumberError::NotANumber)?;
    if !value.is_finite() {
        return Err(NumberError::NotFinite);
    }
    let decimals = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    Ok(Printed {
        value,
        decimals: decimals.saturating_sub(exponent),
    })
}

/// Digits, either plain or in groups of three: `1234567`, `1,234,567`.
fn is_grouped(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once(',') {
        None => digits(text),
        Some((first, rest)) => {
            digits(first)
                && first.len() <= 3
                && rest
                    .split(',')
                    .all(|group| digits(group) && group.len() == 3)
        }
    }
}

/// The cells of one row of a Markdown table, trimmed; `\|` is a bar inside a cell.
pub fn markdown_cells(row: &str) -> Vec<String> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let mut cells = vec![String::new()];
    let mut chars = row.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'|') => {
                chars.next();
                push_to_last(&mut cells, '|');
            }
            '|' if chars.peek().is_none() => {}
            '|' => cells.push(String::new()),
            c => push_to_last(&mut cells, c),
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

fn push_to_last(cells: &mut [String], c: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(c);
    }
}

/// A piece of a hostile or very long text that is fit for a message: one line, at most 80 characters.
pub fn excerpt(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut shown: String = text
        .trim()
        .chars()
        .take(SHOWN)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.trim().chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// At most 60 characters of a text that comes from a file, for messages.
pub fn shorten(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text[..end].escape_debug()),
        None => text.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_go_and_text_stays() {
        assert_eq!(strip_ansi("plain"), "plain");
        assert_eq!(strip_ansi("\u{1b}[1;32mCLI\u{1b}[0m x"), "CLI x");
        assert_eq!(strip_ansi("\u{1b}[2Ka\u{1b}[?25lb"), "ab");
        assert_eq!(
            strip_ansi("\u{1b}]8;id=1;file:///x\u{1b}\\link\u{1b}]8;;\u{7}."),
            "link."
        );
        assert_eq!(strip_ansi("\u{1b}(Bé\u{1b}"), "Bé");
        assert_eq!(strip_ansi("cut\u{1b}[1;3"), "cut");
        assert_eq!(strip_ansi("cut\u{1b}]8;"), "cut");
    }

    #[test]
    fn what_carried_a_line_goes_and_nothing_else() {
        for (line, bare) in [
            ("[pod/bench-x7/aiperf] a", "a"),
            ("[pod/bench-x7/aiperf]   a", "  a"),
            ("[pod/bench-x7/aiperf]", ""),
            ("[pod/bench-x7/aiperf] 2026-11-24T03:06:06.4Z a", "a"),
            ("aiperf-1  | a", "a"),
            ("my_bench_12 |  │ a", " │ a"),
            ("aiperf-1  |", ""),
            ("aiperf-1  | 2026-11-24T03:06:06Z a", "a"),
            ("2026-11-24T03:06:06Z", ""),
        ] {
            assert_eq!(without_carrier(line), bare, "{line}");
        }
        for line in [
            "",
            "a",
            "| a | b |",
            "[pod/bench] a",
            "[pod/a b/c] a",
            "[service/a/b] a",
            "NVIDIA AIPerf | LLM Metrics",
            "aiperf | a",
            "aiperf-1| a",
            "aiperf-1 |a",
            "two words-1 | a",
            "-1 | a",
            "03:06:10.514 INFO a-1 | b",
        ] {
            assert_eq!(without_carrier(line), line);
        }
    }

    #[test]
    fn numbers_keep_their_decimals() {
        let read = |text| number(text, 0).map(|printed| (printed.value, printed.decimals));
        assert_eq!(read("1,465.67"), Ok((1465.67, 2)));
        assert_eq!(read("1,234,567"), Ok((1_234_567.0, 0)));
        assert_eq!(read("0.00"), Ok((0.0, 2)));
        assert_eq!(read("1465.670"), Ok((1465.67, 3)));
        assert_eq!(
            number("0.34", 3),
            Ok(Printed {
                value: 340.0,
                decimals: -1
            })
        );
        assert_eq!(
            number("0.33641", 3),
            Ok(Printed {
                value: 336.41,
                decimals: 2
            })
        );
        assert_eq!(
            number("5080", -3),
            Ok(Printed {
                value: 5.08,
                decimals: 3
            })
        );
    }

    #[test]
    fn what_is_no_number_says_why() {
        for text in [
            "", ".", "1.", "1,46", "1,4655", ",100", "12,34.5", "1e3", "0x1", "1.2.3", "12…",
            "1 000", "１", "+1", "--1",
        ] {
            assert_eq!(number(text, 0), Err(NumberError::NotANumber), "{text}");
        }
        for text in ["nan", "NaN", "inf", "-inf", "Infinity"] {
            assert_eq!(number(text, 0), Err(NumberError::NotFinite), "{text}");
        }
        assert_eq!(number(&"9".repeat(400), 0), Err(NumberError::NotFinite));
        assert_eq!(number("-0.01", 0), Err(NumberError::Negative));
    }

    #[test]
    fn markdown_cells_know_escaped_bars() {
        assert_eq!(markdown_cells("| a | b\\|c |  |"), ["a", "b|c", ""]);
        assert_eq!(markdown_cells("a | b"), ["a", "b"]);
    }

    #[test]
    fn excerpts_are_short_and_on_one_line() {
        assert_eq!(excerpt(" a\tb "), "a b");
        assert_eq!(excerpt(&"x".repeat(81)), format!("{}…", "x".repeat(80)));
    }
}
