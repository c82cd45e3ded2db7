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
    SameRun = "same-run", NoVerdict,
        "the place of the headline, or every common place, is one and the same run on both sides; of several trials one is enough";
    FailedLevel = "failed-level", Red,
        "at a common place more than 10 % of the requests failed or never ended, their row is `REGRESSED` and Fisher's exact test over all requests of both sides gives a one-sided p below 2.5 % (against an unknown error rate: more than 10 % and at least two requests); or no request succeeded where some did in the baseline, in any one trial";
    InvalidRun = "invalid-run", NoVerdict,
        "the tool itself declares the place of the headline or the whole of either run invalid, or the numbers of that place contradict each other";
    NothingComparable = "nothing-comparable", NoVerdict,
        "no row of throughput or latency could be judged";
    Headline = "headline", Red,
        "the headline row is `REGRESSED`";
    Severe = "severe", Red,
        "at some place throughput, or two of TTFT, decode speed and request latency, are `REGRESSED` beyond 5 times the default tolerance and beyond the tolerance in force, percentiles of too few requests aside; or the error rate of the headline's place is worse by more than 5 points, by the test of `failed-level`";
    Many = "many", Red,
        "three or more observations of levels, server and errors are `REGRESSED`, and not all of one single place";
    HeadlineUnmeasured = "headline-unmeasured", NoVerdict,
        "the headline lacks a usable number on at least one side, or in some of the trials of a side";
    Localized = "localized", Yellow,
        "three or more observations are `REGRESSED`, all of one place";
    Few = "few", Yellow,
        "one or two observations are `REGRESSED`; all rows of the profile together are one";
    Unresolved = "unresolved", Yellow,
        "a row is `UNRESOLVED`";
    Uneven = "uneven", Yellow,
        "the headline of a current trial is beyond tolerance and outside of what the baseline's trials predict for one run (99 %), although the median is not";
    Unhealthy = "unhealthy", Yellow,
        "at a common place more than 10 % of the current run's requests failed, or more than 1 % and at least two against an unknown error rate, or in one run at least two more than in any of the baseline where the error rate is unknown; or nothing succeeded on a side; or the current server restarted during the run and the baseline's did not; or, where all else is well, other traffic ran in the baseline";
    Creep = "creep", Yellow,
        "the geometric mean over the levels of the headline metric is worse by more than half of the tolerance with p below 0.5 %; or the headline is beyond tolerance and beyond the noise against the best of the last ten baselines of the same identity";
    Lost = "lost", Yellow,
        "a place that the baseline has is missing from the current run or from a larger share of its trials than of the baseline's, a finding `LOST_MEASUREMENT`, or a current run that was cancelled or cut short";
    None = "none", Green,
        "no other rule applies";
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
