//! The one error type: why an operation could not be carried out.
//!
//! A judgement is a value, never a fault. A fault means "could not read" or "could not judge",
//! and names the file, the line and the field, what was found, what was expected and what to do next.

use crate::secret;
use std::fmt;

/// Makes the codes and their table of the same rows.
macro_rules! codes {
    ($($variant:ident = $name:literal, $meaning:literal;)*) => {
        /// What kind of thing went wrong. The names are public: they cross the component boundary.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the manual.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// Stable text of the code, as it stands in JSON output.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)*
                }
            }

            /// What it means, for the manual.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Code::$variant => $meaning,)*
                }
            }
        }
    };
}

codes! {
    Usage = "usage", "an option, a setting, a policy or a metric name is not one that exists";
    NotFound = "not-found", "a file or a directory that was asked for is not there";
    Unreadable = "unreadable", "the operating system refused to read";
    NotUnderstood = "not-understood", "the file is not of a format that is known";
    Damaged = "damaged", "the format is known, but the file is cut, garbled or contradicts itself";
    BadValue = "bad-value", "a number is NaN, infinite, negative where it cannot be, or in an unexpected unit";
    Conflict = "conflict", "two inputs claim the same place: two results for one level, a repeated key";
    Limit = "limit", "a bound of the component: a line, a file or a nesting beyond what is read";
}

/// Makes the sub-codes and their table of the same rows.
macro_rules! subs {
    ($($variant:ident = $name:literal, $code:ident, $meaning:literal;)*) => {
        /// The cause of a fault, where a host can word advice in its own options. The names are public.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sub {
            $(#[doc = $meaning] $variant,)*
        }

        impl Sub {
            /// Every sub-code, in the order of the manual.
            pub const ALL: &[Sub] = &[$(Sub::$variant,)*];

            /// The kind that it belongs to.
            pub fn code(self) -> Code {
                match self {
                    $(Sub::$variant => Code::$code,)*
                }
            }

            /// Stable text of the sub-code.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Sub::$variant => $name,)*
                }
            }

            /// What it means, for the manual.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Sub::$variant => $meaning,)*
                }
            }
        }
    };
}

subs! {
    NothingRecognised = "nothing-recognised", NotUnderstood, "no file of the directory is of a known format";
    NoProfile = "no-profile", NotUnderstood, "no file of the profile's directory is a known profile";
    NoResult = "no-result", NotUnderstood, "nothing was measured of the model that was asked for";
    PlaceUnknown = "place-unknown", NotUnderstood, "neither a result nor its name says at which concurrency it was measured";
    OnlyForeign = "only-foreign", NotUnderstood, "one file that is known for what it is, and that is no result that is read";
    TwoResults = "two-results", Conflict, "two results of one place in one run";
    WorkloadsDiffer = "workloads-differ", Conflict, "results of several workloads, or of several tools, in one run";
    ModelUnknown = "model-unknown", NotFound, "the model that was asked for is none of the bundle's";
    ModelUnstated = "model-unstated", NotUnderstood, "nothing in the bundle names the model";
    ModelAmbiguous = "model-ambiguous", Usage, "the bundle holds several models and none was chosen";
    SettingUnknown = "setting-unknown", Usage, "a setting names no field of the document";
    SettingInvalid = "setting-invalid", Usage, "the value of a setting is not of its field's type";
    CeilingUnmeasured = "ceiling-unmeasured", NotUnderstood, "a ceiling was given, but the headline level has no throughput";
    MetricUnknown = "metric-unknown", Usage, "no metric has that name";
    ToleranceInvalid = "tolerance-invalid", Usage, "a tolerance is not a finite number from 0 on";
    PolicyInvalid = "policy-invalid", Usage, "a policy file has a key that does not exist, or a value that is none of its key";
    VaryUnknown = "vary-unknown", Usage, "no identity field has that name";
    HeadlineUnknown = "headline-unknown", Usage, "the baseline has no such headline level";
    PlaceInvalid = "place-invalid", Usage, "a place is neither a concurrency nor a request rate";
    FormUnknown = "form-unknown", Usage, "no output form has that name";
    SeriesUnmeasured = "series-unmeasured", Usage, "the newest entry has no such number";
    TooFewRuns = "too-few-runs", Usage, "fewer runs than the operation needs";
    TrialRepeated = "trial-repeated", Conflict, "one run was given twice";
    TrialsDiffer = "trials-differ", Conflict, "runs of one arm are of different configurations or definitions";
    TrialOfTrials = "trial-of-trials", Conflict, "a document that already carries trials was given as one run";
    RunsRefused = "runs-refused", Conflict, "the runs of a directory are not those that its summaries count, failed, or are of different workloads";
    NotGranted = "not-granted", NotFound, "no directory of that name was granted";
}

/// Could not read, or could not judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind.
    pub code: Code,
    /// The cause, where it has a name.
    pub sub: Option<Sub>,
    /// One or more sentences: found, expected, next step; without secrets.
    pub message: String,
    /// Where: `file`, `file:line` or `file:line: field`, relative to the input directory.
    pub place: Option<String>,
}

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// A fault without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Fault::of(code, None, message.into())
    }

    /// In the component once, not once for each kind of text.
    #[inline(never)]
    fn of(code: Code, sub: Option<Sub>, message: String) -> Self {
        Fault {
            code,
            sub,
            message: secret::redact(&message),
            place: None,
        }
    }

    /// A fault of a damaged file, without a place.
    pub fn damaged(message: impl Into<String>) -> Self {
        Fault::new(Code::Damaged, message)
    }

    /// A fault of a named cause, without a place.
    pub fn because(sub: Sub, message: impl Into<String>) -> Self {
        Fault::of(sub.code(), Some(sub), message.into())
    }

    /// The same fault, at `place`; a place that is already there stays, since it is nearer to the cause.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place.get_or_insert_with(|| place.into());
        self
    }

    /// The same fault, with the input in front of its place: for an input of several that is read by itself.
    pub fn below(mut self, input: &str) -> Self {
        self.place = Some(match self.place {
            Some(place) => format!("{input}: {place}"),
            None => input.to_owned(),
        });
        self
    }

    /// The same fault, at a line of a file.
    pub fn at_line(self, file: &str, line: u64) -> Self {
        self.at(format!("{file}:{line}"))
    }

    /// The same fault, at a field on a line of a file.
    pub fn at_field(self, file: &str, line: Option<u64>, field: &str) -> Self {
        match line {
            Some(line) => self.at(format!("{file}:{line}: {field}")),
            None => self.at(format!("{file}: {field}")),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{place}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Fault {}
