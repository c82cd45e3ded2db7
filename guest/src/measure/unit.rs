//! Units of numbers.

/// The unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Tokens per second.
    TokensPerSecond,
    /// Tokens per second of one user.
    TokensPerSecondAndUser,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// A number of requests.
    Requests,
    /// Requests per second.
    RequestsPerSecond,
    /// A number of tokens.
    Tokens,
    /// A share from 0 to 1.
    Fraction,
    /// A share from 0 to 100.
    Percent,
}

impl Unit {
    /// The unit as rows carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::TokensPerSecond => "tok/s",
            Unit::TokensPerSecondAndUser => "tok/s/user",
            Unit::Milliseconds => "ms",
            Unit::Seconds => "s",
            Unit::Requests => "requests",
            Unit::RequestsPerSecond => "requests/s",
            Unit::Tokens => "tokens",
            Unit::Fraction => "fraction",
            Unit::Percent => "percent",
        }
    }

    /// True for a time: exactly 0 is then an artefact of measuring.
    pub fn is_duration(self) -> bool {
        matches!(self, Unit::Milliseconds | Unit::Seconds)
    }

    /// True for a speed, of which 0 in a baseline cannot be a yardstick.
    pub fn is_speed(self) -> bool {
        matches!(self, Unit::TokensPerSecond | Unit::TokensPerSecondAndUser)
    }

    /// True for a number of things, which is written without a fraction.
    pub fn is_count(self) -> bool {
        matches!(self, Unit::Requests)
    }

    /// The factor from what people write to the number: 2 points of a fraction are 0.02.
    pub fn per_written(self) -> f64 {
        match self {
            Unit::Fraction => 0.01,
            _ => 1.0,
        }
    }

    /// The most that a number of this unit can be; schedulers that speculate report a usage a hair above 1.
    pub fn most(self) -> Option<f64> {
        match self {
            Unit::Fraction => Some(1.0 + 1e-6),
            Unit::Percent => Some(100.5),
            _ => None,
        }
    }
}
