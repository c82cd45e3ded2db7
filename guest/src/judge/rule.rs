//! The answers and the rules that give them, in the order in which they are asked: the one table of both.
//! `docs/verdicts.md` is checked against it.

use serde::{Serialize, Serializer};

/// Makes the answers and their texts of the same rows.
macro_rules! verdicts {
    ($($variant:ident = $name:literal, $meaning:literal;)*) => {
        /// The answer. It stands in order of severity.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Verdict {
            $(#[doc = $meaning] $variant,)*
        }

        impl Verdict {
            /// Every answer, mildest first.
            pub const ALL: &[Verdict] = &[$(Verdict::$variant,)*];

            /// The verdict as it is printed.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Verdict::$variant => $name,)*
                }
            }

            /// What it means, for the manual.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Verdict::$variant => $meaning,)*
                }
            }
        }
    };
}

verdicts! {
    Green = "GREEN", "no judged number is beyond its tolerance in the adverse direction";
    Yellow = "YELLOW", "something small, local, unsure or missing";
    Red = "RED", "a regression";
    NoVerdict = "NO_VERDICT", "nothing can be said about the two runs";
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Makes the rules and their texts of the same rows.
macro_rules! rules {
    ($($variant:ident = $name:literal, $verdict:ident, $meaning:literal;)*) => {
        /// A rule of the overall verdict. The names are public.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $meaning] $variant,)*
        }

        impl Rule {
            /// Every rule, in the order in which they are asked; the first that applies decides.
            pub const ALL: &[Rule] = &[$(Rule::$variant,)*];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Rule::$variant => $name,)*
                }
            }

            /// The answer that it gives.
            pub fn verdict(self) -> Verdict {
                match self {
                    $(Rule::$variant => Verdict::$verdict,)*
                }
            }

            /// When it applies, for the manual.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Rule::$variant => $meaning,)*
                }
            }
        }
    };
}

rules! {
    NotComparable = "not-comparable", NoVerdict,
        "an identity field differs, and nobody declared it as what was changed";
    FailedLevel = "failed-level", Red,
        "at a place of both sides no request of the current run succeeded where some did in the baseline, or more than 10 % failed and the row of errors is `REGRESSED`";
    NothingComparable = "nothing-comparable", NoVerdict,
        "no row of throughput or latency could be judged";
    Headline = "headline", Red,
        "the headline row is `REGRESSED`";
    Many = "many", Red,
        "three or more rows are `REGRESSED`, and not all of one single level";
    HeadlineUnmeasured = "headline-unmeasured", NoVerdict,
        "the headline row is missing, `UNRELIABLE` or `DEFINITION_MISMATCH`, or the current run has no number for it";
    Localized = "localized", Yellow,
        "three or more rows are `REGRESSED`, all of one level";
    Few = "few", Yellow,
        "one or two rows are `REGRESSED`";
    Unresolved = "unresolved", Yellow,
        "a row is `UNRESOLVED`";
    Unhealthy = "unhealthy", Yellow,
        "at a place of both sides more than 10 % of the current run's requests failed, as in the baseline";
    Lost = "lost", Yellow,
        "a place that the baseline has is missing from the current run or from one of its trials, or a finding `LOST_MEASUREMENT`";
    None = "none", Green,
        "no other rule applies";
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
