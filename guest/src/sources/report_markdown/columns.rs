//! Which quantity a column of a report's table is, from its header.

use crate::fault::{Code, Fault, Result};
use crate::measure::Quantity;

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The concurrency level of the row.
    Concurrency,
    /// A number of the level; the exponent is the power of ten that brings it into the quantity's unit.
    Number {
        /// Which number.
        quantity: Quantity,
        /// 3 for a column in seconds that is read into milliseconds.
        exponent: i32,
        /// Whether the numbers are counts.
        whole: bool,
    },
    /// Anything else.
    Other,
}

/// How a header is understood before its unit is looked at.
enum Meaning {
    Concurrency,
    Duration(Quantity),
    Seconds(Quantity),
    TokensPerSecond,
    PerUser,
    Tokens(Quantity),
    Count(Quantity),
}

/// The words of a header and its unit: `TTFT p50 (ms)`, `TTFT p50, ms`, `ttft_p50_ms` are all
/// `ttft p50` and `ms`.
struct Header {
    words: String,
    unit: Option<String>,
}

fn parse(header: &str) -> Header {
    let lower = header.to_lowercase();
    let (name, bracket) = match lower.trim_end().strip_suffix([')', ']']) {
        Some(inner) => match inner.rfind(['(', '[']) {
            Some(open) => (&lower[..open], Some(inner[open + 1..].trim().to_owned())),
            None => (lower.as_str(), None),
        },
        None => (lower.as_str(), None),
    };
    let spaced: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let mut words: Vec<&str> = spaced.split_whitespace().collect();
    let mut unit = bracket;
    if unit.is_none() && words.len() > 1
        && let Some(&last @ ("ms" | "s" | "sec" | "seconds")) = words.last()
        // `tok/s` is a unit of its own.
        && !matches!(words[words.len() - 2], "tok" | "toks" | "token" | "tokens" | "per" | "req" | "requests")
    {
        words.pop();
        unit = Some(last.to_owned());
    }
    Header {
        words: words.join(" "),
        unit,
    }
}

/// A header without its percentile: `ttft p95` and `p95 ttft` are `ttft` and `p95`.
fn percentile(words: &str) -> Option<(String, &'static str)> {
    const NAMES: [(&str, &str); 4] = [
        ("p50", "p50"),
        ("median", "p50"),
        ("p95", "p95"),
        ("p99", "p99"),
    ];
    let parts: Vec<&str> = words.split(' ').collect();
    let (name, which) = NAMES.iter().find(|(name, _)| parts.contains(name))?;
    let rest: Vec<&str> = parts.into_iter().filter(|part| part != name).collect();
    Some((rest.join(" "), which))
}

fn meaning(words: &str) -> Option<Meaning> {
    use Quantity as Q;
    if let Some((name, which)) = percentile(words) {
        return match (name.as_str(), which) {
            ("ttft" | "time to first token", "p50") => Some(Meaning::Duration(Q::TtftP50)),
            ("ttft" | "time to first token", "p95") => Some(Meaning::Duration(Q::TtftP95)),
            ("ttft" | "time to first token", "p99") => Some(Meaning::Duration(Q::TtftP99)),
            ("itl" | "tpot" | "inter token latency" | "time per output token", "p50") => {
                Some(Meaning::Duration(Q::ItlP50))
            }
            (
                "latency" | "request latency" | "req latency" | "e2e" | "e2el" | "e2e latency"
                | "end to end latency",
                "p50",
            ) => Some(Meaning::Duration(Q::RequestLatencyP50)),
            _ => None,
        };
    }
    Some(match words {
        "concurrency" | "conc" | "concurrency level" | "max concurrency" => Meaning::Concurrency,
        "throughput"
        | "output throughput"
        | "output token throughput"
        | "token throughput"
        | "throughput tok s"
        | "throughput toks s"
        | "throughput tokens s"
        | "throughput toks per s"
        | "output throughput tok s"
        | "output tok s"
        | "output tokens s"
        | "tok s"
        | "toks s"
        | "tokens s"
        | "tokens sec"
        | "output tps"
        | "tps" => Meaning::TokensPerSecond,
        "tok s user"
        | "toks s user"
        | "tokens s user"
        | "tokens sec user"
        | "tps user"
        | "tps per user"
        | "tok s per user"
        | "tokens s per user"
        | "throughput per user"
        | "output token throughput per user"
        | "user throughput" => Meaning::PerUser,
        "errors" | "error count" | "failed" | "failed requests" | "error requests" => {
            Meaning::Count(Q::Errors)
        }
        "requests" | "total requests" => Meaning::Count(Q::Requests),
        "isl" | "isl mean" | "mean isl" | "isl avg" | "avg isl" | "input sequence length" => {
            Meaning::Tokens(Q::IslMean)
        }
        "osl" | "osl mean" | "mean osl" | "osl avg" | "avg osl" | "output sequence length" => {
            Meaning::Tokens(Q::OslMean)
        }
        "duration" | "benchmark duration" => Meaning::Seconds(Q::BenchmarkSeconds),
        _ => return None,
    })
}

/// What the column under `header` is.
///
/// Faults: a known quantity in an unknown unit, or a duration without any ([`Code::BadValue`]).
pub fn column(file: &str, line: u64, header: &str) -> Result<Column> {
    let parsed = parse(header);
    let unit = parsed.unit.as_deref();
    let number = |quantity, exponent, whole| Column::Number {
        quantity,
        exponent,
        whole,
    };
    let Some(meaning) = meaning(&parsed.words) else {
        return Ok(Column::Other);
    };
    let (found, expected) = match (meaning, unit) {
        (Meaning::Concurrency, _) => (Some(Column::Concurrency), ""),
        (Meaning::Duration(quantity), unit) => (
            match unit {
                Some("ms") => Some(number(quantity, 0, false)),
                Some("s" | "sec" | "seconds") => Some(number(quantity, 3, false)),
                _ => None,
            },
            "`(ms)` or `(s)`",
        ),
        (Meaning::Seconds(quantity), unit) => (
            match unit {
                Some("s" | "sec" | "seconds") => Some(number(quantity, 0, false)),
                Some("ms") => Some(number(quantity, -3, false)),
                _ => None,
            },
            "`(s)`",
        ),
        // Request throughput is another quantity and not one that is judged.
        (
            Meaning::TokensPerSecond,
            Some("req/s" | "reqs/s" | "requests/s" | "requests/sec" | "rps"),
        ) => (Some(Column::Other), ""),
        (Meaning::TokensPerSecond, unit) => {
            let known = match unit {
                Some(unit) => matches!(
                    unit,
                    "tok/s"
                        | "toks/s"
                        | "tokens/s"
                        | "tokens/sec"
                        | "tok/sec"
                        | "tps"
                        | "t/s"
                        | "output tok/s"
                        | "output tokens/s"
                ),
                None => has_token_unit(&parsed.words),
            };
            (
                known.then(|| number(Quantity::Throughput, 0, false)),
                "`(tok/s)`",
            )
        }
        (Meaning::PerUser, unit) => (
            match unit {
                None
                | Some(
                    "tok/s/user" | "toks/s/user" | "tokens/s/user" | "tokens/sec/user" | "tok/s"
                    | "tokens/s" | "tokens/sec" | "mean" | "avg",
                ) => Some(number(Quantity::TpsPerUser, 0, false)),
                Some(_) => None,
            },
            "`(tok/s/user)`",
        ),
        (Meaning::Tokens(quantity), unit) => (
            matches!(unit, None | Some("tokens" | "tok" | "mean" | "avg"))
                .then(|| number(quantity, 0, false)),
            "`(tokens)`",
        ),
        (Meaning::Count(quantity), unit) => (
            // An error rate is no count.
            matches!(unit, None | Some("count" | "requests")).then(|| number(quantity, 0, true)),
            "no unit, since it is a count",
        ),
    };
    found.ok_or_else(|| {
        Fault::new(
            Code::BadValue,
            format!(
                "found {}; expected {expected}. Write the unit into the header of the column",
                unit.map_or_else(|| "no unit".to_owned(), |unit| format!("the unit `{unit}`"))
            ),
        )
        .at_field(file, Some(line), header)
    })
}

fn has_token_unit(words: &str) -> bool {
    words.contains("tok") && words != "token throughput" && words != "output token throughput"
        || words.contains("tps")
}

/// Whether a table with these columns holds results: the concurrency and at least two numbers.
pub fn looks_like_results(header: &[String]) -> bool {
    let meanings: Vec<Meaning> = header
        .iter()
        .filter_map(|cell| meaning(&parse(cell).words))
        .collect();
    let levels = meanings
        .iter()
        .filter(|one| matches!(one, Meaning::Concurrency))
        .count();
    levels > 0 && meanings.len() - levels >= 2
}

/// Whether a table has a column of throughput or latency, so that it must say for which concurrency.
pub fn has_measurements(header: &[String]) -> bool {
    header
        .iter()
        .filter_map(|cell| meaning(&parse(cell).words))
        .any(|meaning| {
            matches!(
                meaning,
                Meaning::Duration(_) | Meaning::TokensPerSecond | Meaning::PerUser
            )
        })
}

/// The place of the column that holds the concurrency.
pub fn concurrency(header: &[String]) -> Option<usize> {
    header
        .iter()
        .position(|cell| matches!(meaning(&parse(cell).words), Some(Meaning::Concurrency)))
}

/// A report with both TPOT and ITL means by ITL the gaps between chunks; the quantity that AIPerf
/// calls ITL, one value a request, is then the TPOT.
pub fn prefer_tpot(header: &[String], columns: &mut [Column]) {
    let is_itl = |column: &Column| {
        matches!(
            column,
            Column::Number {
                quantity: Quantity::ItlP50,
                ..
            }
        )
    };
    let is_tpot = |header: &str| {
        let words = parse(header).words;
        words.contains("tpot") || words.contains("time per output token")
    };
    let has_tpot = header
        .iter()
        .zip(columns.iter())
        .any(|(header, column)| is_itl(column) && is_tpot(header));
    for (header, column) in header.iter().zip(columns) {
        if has_tpot && is_itl(column) && !is_tpot(header) {
            *column = Column::Other;
        }
    }
}
