//! One line of the Prometheus text format 0.0.4 or of OpenMetrics 1.0.
//!
//! Grammar: <https://prometheus.io/docs/instrumenting/exposition_formats/> and
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use crate::json;
use crate::run::Labels;
use crate::text;

/// What a line is.
#[derive(Debug, PartialEq)]
pub enum Line<'a> {
    /// Nothing, or a comment without meaning.
    Blank,
    /// `# HELP name text`.
    Help(&'a str, &'a str),
    /// `# EOF`, after which nothing may follow.
    End,
    /// A value of a series.
    Sample(Sample<'a>),
}

/// A value of a series.
#[derive(Debug, PartialEq)]
pub struct Sample<'a> {
    /// Name of the metric; Prometheus 3 can write it inside the braces.
    pub name: &'a str,
    /// Whether that is the name that was read before.
    pub again: bool,
    /// The text between the braces, still escaped; its quotes are known to be closed.
    pub labels: &'a str,
    /// The end of the line from behind the name and the labels on: the value and what may follow it.
    pub numbers: &'a str,
    /// The value; may be NaN or infinite.
    pub value: f64,
}

/// Reads one line; the error says what was found and what was expected. `last` is a name that was read before, or
/// empty: the series of a metric stand together, and a name that is known need not be checked again.
// Apart from the loop that calls it, as the two below: in one piece they have more values than there are registers.
#[inline(never)]
pub fn parse<'a>(line: &'a str, last: &str) -> Result<Line<'a>, String> {
    // Half of the lines of a scrape are of this kind, and only what they are is asked.
    if line.starts_with("# TYPE ") {
        return Ok(Line::Blank);
    }
    let line = line.trim_ascii();
    if line.is_empty() {
        return Ok(Line::Blank);
    }
    if let Some(comment) = line.strip_prefix('#') {
        return Ok(comment_line(comment.trim_start()));
    }
    // Nearly every line is a sample: one look at each byte of its name both ends and checks it.
    let again = is_next(line, last);
    let name_end = if again {
        last.len()
    } else {
        let not_in_name = |byte: u8| !IN_NAME[usize::from(byte)];
        line.bytes().position(not_in_name).unwrap_or(line.len())
    };
    let (name, rest) = line.split_at(name_end);
    let well_ended = matches!(rest.as_bytes().first(), None | Some(b'{' | b' ' | b'\t'));
    let well_begun = name
        .bytes()
        .next()
        .is_some_and(|first| !first.is_ascii_digit());
    let inside_braces = name.is_empty() && rest.starts_with("{\"");
    let is_sample = inside_braces || well_begun && well_ended;
    if !is_sample {
        return Err(format!(
            "found `{}` where a metric name should begin",
            text::shorten(line)
        ));
    }
    let braces = rest.trim_ascii_start();
    let (labels, rest) = match braces.strip_prefix('{') {
        Some(inside) => {
            let flat = json::flat(braces.as_bytes()).map(|length| length - 2);
            let end = flat
                .or_else(|| closing_brace(inside))
                .ok_or("found `{` without its `}`; expected `name{label=\"value\"} number`")?;
            (&inside[..end], &inside[end + 1..])
        }
        None => ("", rest),
    };
    let value = numbers(rest)?;
    let (name, labels) = if inside_braces {
        named_inside(labels)
    } else {
        (name, labels)
    };
    Ok(Line::Sample(Sample {
        name,
        again,
        labels,
        numbers: rest,
        value,
    }))
}

/// `"name",label="value"` is the name and its labels.
#[inline(never)]
fn named_inside(labels: &str) -> (&str, &str) {
    let quoted = labels.trim_ascii_start().strip_prefix('"');
    let (name, rest) = quoted
        .and_then(|text| text.split_once('"'))
        .unwrap_or_default();
    let rest = rest.trim_ascii_start();
    (name, rest.strip_prefix(',').unwrap_or(rest))
}

fn is_next(line: &str, last: &str) -> bool {
    let (line, last) = (line.as_bytes(), last.as_bytes());
    matches!(line.get(last.len()), Some(b'{' | b' '))
        && !last.is_empty()
        && text::same(&line[..last.len()], last)
}

fn comment_line(comment: &str) -> Line<'_> {
    if comment == "EOF" {
        return Line::End;
    }
    match comment.strip_prefix("HELP ") {
        Some(help) => {
            let help = help.trim_start();
            match memchr::memchr(b' ', help.as_bytes()) {
                Some(at) => Line::Help(&help[..at], &help[at + 1..]),
                None => Line::Help(help, ""),
            }
        }
        None => Line::Blank,
    }
}

/// Value, then perhaps a timestamp, then perhaps an exemplar after `#`.
pub fn numbers(text: &str) -> Result<f64, String> {
    if let Ok(value) = text.trim_ascii().parse() {
        return Ok(value);
    }
    let (numbers, exemplar) = match memchr::memchr(b'#', text.as_bytes()) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    if let Some(exemplar) = exemplar
        && !exemplar.trim_start().starts_with('{')
    {
        return Err(format!(
            "found `#{}` after the value; expected an exemplar, `# {{…}} number`",
            text::shorten(exemplar)
        ));
    }
    let mut words = numbers.split_ascii_whitespace();
    let Some(first) = words.next() else {
        return Err("found a series without a value; expected `name{…} number`".to_owned());
    };
    let value = number(first)?;
    if let Some(time) = words.next() {
        number(time)?;
    }
    match words.next() {
        None => Ok(value),
        Some(extra) => Err(format!(
            "found `{}` after the value and its timestamp; expected the end of the line",
            text::shorten(extra)
        )),
    }
}

fn number(word: &str) -> Result<f64, String> {
    word.parse().map_err(|_| {
        format!(
            "found `{}`; expected a number such as `1.0`, `2e+09`, `NaN` or `+Inf`",
            text::shorten(word)
        )
    })
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .clone()
        .next()
        .is_some_and(|first| !first.is_ascii_digit())
        && bytes.all(|byte| IN_NAME[usize::from(byte)])
}

/// The bytes of a metric's name.
const IN_NAME: [bool; 256] = {
    let mut set = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let of_name = byte as u8;
        set[byte] = of_name.is_ascii_alphanumeric() || of_name == b'_' || of_name == b':';
        byte += 1;
    }
    set
};

/// The distance to the next byte that opens, closes or escapes.
fn next_of_interest(bytes: &[u8], quoted: bool) -> Option<usize> {
    let (one, two) = if quoted { (b'"', b'\\') } else { (b'"', b'}') };
    memchr::memchr2(one, two, bytes)
}

/// Where the first `}` outside quotes stands.
#[inline(never)]
fn closing_brace(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut quoted = false;
    // From one byte that matters to the next: label values are long.
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| next_of_interest(rest, quoted))
    {
        at += found;
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'}' if !quoted => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Reads the text between the braces.
#[inline(never)]
pub fn parse_labels(text: &str) -> Result<Labels, String> {
    let mut labels = Vec::new();
    let mut rest = text.trim_ascii();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').ok_or_else(|| {
            format!(
                "found `{}`; expected `label=\"value\"`",
                text::shorten(rest)
            )
        })?;
        let key = key.trim();
        if !is_name(key) {
            return Err(format!(
                "found `{}` as the name of a label; expected letters, digits and `_`",
                text::shorten(key)
            ));
        }
        let quoted = after.trim_start().strip_prefix('"').ok_or_else(|| {
            format!("found the value of label `{key}` without quotes; expected `{key}=\"value\"`")
        })?;
        let (value, after) = unescape(key, quoted)?;
        labels.push((key.to_owned(), value));
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => {
                return Err(format!(
                    "found `{}` after the value of label `{key}`; expected `,` or `}}`",
                    text::shorten(after)
                ));
            }
        };
    }
    Labels::new(labels).map_err(|key| format!("found label `{key}` twice in one series"))
}

/// The value up to its closing quote, and what follows; `\\`, `\"` and `\n` are the escapes that exist.
fn unescape<'a>(key: &str, text: &'a str) -> Result<(String, &'a str), String> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let at = rest
            .find(['"', '\\'])
            .ok_or_else(|| format!("found the value of label `{key}` without its closing quote"))?;
        value.push_str(&rest[..at]);
        let escaped = &rest[at..];
        if let Some(after) = escaped.strip_prefix('"') {
            return Ok((value, after));
        }
        let mut chars = escaped.chars();
        chars.next();
        value.push(match chars.next() {
            Some('\\') => '\\',
            Some('"') => '"',
            Some('n') => '\n',
            _ => {
                return Err(format!(
                    "found an escape in label `{key}` that does not exist; expected `\\\\`, `\\\"` or `\\n`"
                ));
            }
        });
        rest = chars.as_str();
    }
}
