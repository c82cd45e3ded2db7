//! Units: what a number of AIPerf measures, and so which units it may be written in.

/// What a number measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    /// Read into milliseconds.
    Milliseconds,
    /// Read into seconds.
    Seconds,
    TokensPerSecond,
    TokensPerSecondPerUser,
    Tokens,
    Requests,
    RequestsPerSecond,
    Percent,
}

use Dimension::{
    Milliseconds, Percent, Requests, RequestsPerSecond, Seconds, Tokens, TokensPerSecond,
    TokensPerSecondPerUser,
};

impl Dimension {
    /// The power of ten from a unit of AIPerf's printed tables to ours; `None` for one that is not of this dimension.
    pub(super) fn exponent(self, unit: Option<&str>) -> Option<i32> {
        let one = match (self, unit) {
            (Milliseconds | Seconds, Some("ms" | "s" | "sec" | "seconds")) => {
                return self.time(unit?);
            }
            // The shorter units are those of GenAI-Perf.
            (TokensPerSecond, Some("tokens/sec" | "tokens/s" | "per sec")) => true,
            (TokensPerSecondPerUser, Some("tokens/sec/user" | "tokens/s/user")) => true,
            (Tokens, None | Some("tokens")) => true,
            (Requests, None | Some("requests" | "count")) => true,
            (RequestsPerSecond, Some("requests/sec" | "requests/s" | "per sec")) => true,
            (Percent, Some("%")) => true,
            _ => false,
        };
        one.then_some(0)
    }

    /// The factor from a unit of AIPerf's JSON export to ours. It names units more loosely than the tables do, and
    /// times can be in finer ones.
    pub(super) fn factor(self, unit: &str) -> Option<f64> {
        let one_of = |units: &[&str]| units.contains(&unit).then_some(1.0);
        match self {
            // Each literal is the nearest double to its power of ten.
            Milliseconds | Seconds => match self.time(unit)? {
                3 => Some(1e3),
                0 => Some(1.0),
                -3 => Some(1e-3),
                -6 => Some(1e-6),
                _ => Some(1e-9),
            },
            TokensPerSecond | TokensPerSecondPerUser => {
                one_of(&["tokens/sec", "tokens/s", "tokens/sec/user", "tokens/s/user"])
            }
            RequestsPerSecond => one_of(&["requests/sec", "requests/s"]),
            Tokens | Requests => one_of(&["requests", "count", "tokens"]),
            Percent => one_of(&["%"]),
        }
    }

    /// A unit of a printed table that ends in `…`, completed where only one unit begins so.
    pub(super) fn completed(self, unit: &str) -> String {
        let whole = match self {
            Milliseconds | Seconds => "ms",
            TokensPerSecond => "tokens/sec",
            TokensPerSecondPerUser => "tokens/sec/user",
            Tokens => "tokens",
            Requests => "requests",
            RequestsPerSecond => "requests/sec",
            Percent => "%",
        };
        match unit.strip_suffix('…') {
            Some(stem) if !stem.is_empty() && whole.starts_with(stem) => whole.to_owned(),
            _ => unit.to_owned(),
        }
    }

    fn time(self, unit: &str) -> Option<i32> {
        let of_seconds = match unit {
            "ns" => -9,
            "us" | "µs" => -6,
            "ms" => -3,
            "s" | "sec" | "seconds" => 0,
            _ => return None,
        };
        Some(if self == Milliseconds {
            of_seconds + 3
        } else {
            of_seconds
        })
    }

    /// The units of the printed tables, for messages.
    pub(super) fn printed(self) -> &'static str {
        match self {
            Milliseconds | Seconds => "`(ms)` or `(sec)`",
            TokensPerSecond => "`(tokens/sec)`",
            TokensPerSecondPerUser => "`(tokens/sec/user)`",
            Tokens => "`(tokens)`",
            Requests => "`(requests)` or no unit",
            RequestsPerSecond => "`(requests/sec)`",
            Percent => "`(%)`",
        }
    }

    /// The units of the JSON export, for messages.
    pub(super) fn exported(self) -> &'static str {
        match self {
            Milliseconds | Seconds => "ns, us, ms or sec",
            TokensPerSecond | TokensPerSecondPerUser => "tokens/sec or tokens/sec/user",
            RequestsPerSecond => "requests/sec",
            Tokens | Requests => "requests, tokens or count",
            Percent => "%",
        }
    }
}
