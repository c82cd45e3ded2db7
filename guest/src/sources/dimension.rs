//! Units of AIPerf's JSON export, which states one for each metric.

/// What a number measures, and so which units it may be written in.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Dimension {
    Milliseconds,
    Seconds,
    TokensPerSecond,
    Count,
}

impl Dimension {
    /// The factor from the file's unit to ours; `None` for a unit that is not one of this dimension.
    pub(super) fn factor(self, unit: &str) -> Option<f64> {
        let nanoseconds = match unit {
            "ns" => Some(1.0),
            "us" | "µs" => Some(1e3),
            "ms" => Some(1e6),
            "s" | "sec" | "seconds" => Some(1e9),
            _ => None,
        };
        match self {
            Dimension::Milliseconds if unit == "ms" => Some(1.0),
            Dimension::Milliseconds => nanoseconds.map(|ns| ns / 1e6),
            Dimension::Seconds if matches!(unit, "s" | "sec" | "seconds") => Some(1.0),
            Dimension::Seconds => nanoseconds.map(|ns| ns / 1e9),
            Dimension::TokensPerSecond => {
                ["tokens/sec", "tokens/s", "tokens/sec/user", "tokens/s/user"]
                    .contains(&unit)
                    .then_some(1.0)
            }
            Dimension::Count => ["requests", "count", "tokens"]
                .contains(&unit)
                .then_some(1.0),
        }
    }

    pub(super) fn expected(self) -> &'static str {
        match self {
            Dimension::Milliseconds | Dimension::Seconds => "ns, us, ms or sec",
            Dimension::TokensPerSecond => "tokens/sec or tokens/sec/user",
            Dimension::Count => "requests, tokens or count",
        }
    }
}
