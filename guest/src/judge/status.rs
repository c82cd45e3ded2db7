//! What a row says: the one table of statuses. `docs/verdicts.md` is checked against it.

use serde::{Serialize, Serializer};

/// Makes the statuses and their texts of the same rows.
macro_rules! statuses {
    ($($variant:ident = $name:literal, $short:literal, $rank:literal, $meaning:literal;)*) => {
        /// What a row says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Status {
            $(#[doc = $meaning] $variant,)*
        }

        impl Status {
            /// Every status, in the order of the manual.
            pub const ALL: &[Status] = &[$(Status::$variant,)*];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Status::$variant => $name,)*
                }
            }

            /// A name that fits 80 columns beside the numbers.
            pub fn short(self) -> &'static str {
                match self {
                    $(Status::$variant => $short,)*
                }
            }

            /// What comes first in a table: regressions, what could not be judged, the rest.
            pub fn rank(self) -> u8 {
                match self {
                    $(Status::$variant => $rank,)*
                }
            }

            /// What it means, for the manual.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Status::$variant => $meaning,)*
                }
            }
        }
    };
}

statuses! {
    Regressed = "REGRESSED", "REGRESSED", 0,
        "beyond tolerance in the adverse direction; only this counts against the run";
    Unresolved = "UNRESOLVED", "UNRESOLVED", 1,
        "beyond tolerance in the adverse direction, but inside the noise between runs, or not to be told from a change in output length or from rounding";
    Improved = "IMPROVED", "IMPROVED", 5,
        "beyond tolerance in the favourable direction, and beyond the noise where it is known";
    Within = "WITHIN", "WITHIN", 5,
        "within tolerance in either direction";
    NullLegacyBaseline = "NULL_LEGACY_BASELINE", "NULL", 4,
        "not measured on either side or on one of them, or a kernel class on one side only";
    UnmatchedLevel = "UNMATCHED_LEVEL", "UNMATCHED", 3,
        "the place is on one side only";
    DefinitionMismatch = "DEFINITION_MISMATCH", "DEFINITION", 2,
        "the two numbers are not the same quantity";
    Unreliable = "UNRELIABLE", "UNRELIABLE", 2,
        "the number is an artefact of measuring, or of so few digits that they decide nothing";
    Observed = "OBSERVED", "OBSERVED", 2,
        "a percentile that its number of requests cannot carry, kept out of the verdict by request";
}

impl Status {
    /// Whether the change was compared with its tolerance.
    pub fn is_judged(self) -> bool {
        matches!(
            self,
            Status::Regressed | Status::Unresolved | Status::Improved | Status::Within
        )
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
