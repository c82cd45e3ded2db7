//! The tables of options.

/// The directions a baseline can have, in the order in which they are listed.
pub const DIRECTIONS: &[&str] = &["higher-is-better", "lower-is-better", "two-sided"];

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing; prints the help text and ends.
    Help,
    /// Nothing; being there is the value.
    Flag,
    /// Any text.
    Text,
    /// What Python's `float()` reads.
    Float,
    /// One of a list.
    Choice(&'static [&'static str]),
}

/// One option of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionSpec {
    /// The long name with its dashes.
    pub name: &'static str,
    /// A short name, if there is one.
    pub short: Option<&'static str>,
    /// What it takes.
    pub kind: Kind,
    /// Whether leaving it out is an error.
    pub required: bool,
    /// Its line in the help text.
    pub help: &'static str,
}

/// A verb: its name, what it does, its options in the order of the help text.
#[derive(Debug, Clone, Copy)]
pub struct VerbSpec {
    /// `record` or `diff`.
    pub name: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// All options; the help option is the first.
    pub options: &'static [OptionSpec],
}

const fn option(name: &'static str, kind: Kind, help: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        short: None,
        kind,
        required: false,
        help,
    }
}

const fn required(name: &'static str, kind: Kind, help: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        short: None,
        kind,
        required: true,
        help,
    }
}

const HELP: OptionSpec = OptionSpec {
    name: "--help",
    short: Some("-h"),
    kind: Kind::Help,
    required: false,
    help: "show this help message and exit",
};
const REPO_ROOT: OptionSpec = option(
    "--repo-root",
    Kind::Text,
    "Override PROFILE_AND_OPTIMIZE_REPO_ROOT",
);
const JSON: OptionSpec = option("--json", Kind::Flag, "Emit JSON envelope");

/// The command line of `record`.
pub const RECORD: VerbSpec = VerbSpec {
    name: "record",
    description: "Register a new perf-baseline entry under experiments/artifacts/perf-baselines/.",
    options: &[
        HELP,
        required(
            "--family",
            Kind::Text,
            "e.g. llama31_8b, gb300-cluster, deepseek-v3-inference",
        ),
        required(
            "--measurement",
            Kind::Text,
            "e.g. nccl_busbw, step_time, nvlink_pairwise_bw",
        ),
        required(
            "--source",
            Kind::Text,
            "Path to the source data file or directory",
        ),
        option(
            "--value",
            Kind::Float,
            "Scalar value (for scalar baselines); omit for structured",
        ),
        option(
            "--unit",
            Kind::Text,
            "Unit string (e.g. GB/s, ms, tokens/s, mfu)",
        ),
        required(
            "--direction",
            Kind::Choice(DIRECTIONS),
            "Comparison direction. Choose two-sided only when either deviation is adverse.",
        ),
        option(
            "--schema",
            Kind::Text,
            "Optional path to a JSON schema for the source",
        ),
        option(
            "--notes",
            Kind::Text,
            "Free-text notes captured in baseline.json + SOURCE.md",
        ),
        REPO_ROOT,
        JSON,
    ],
};

/// The command line of `diff`.
pub const DIFF: VerbSpec = VerbSpec {
    name: "diff",
    description: "Diff a current measurement against a registered baseline.",
    options: &[
        HELP,
        required(
            "--baseline",
            Kind::Text,
            "Directory of the registry entry to compare with",
        ),
        required(
            "--current",
            Kind::Text,
            "File that holds the measurement to judge",
        ),
        option(
            "--tolerance-percent",
            Kind::Float,
            "Allowed change of each key in percent (default: 5)",
        ),
        option(
            "--tolerance-absolute",
            Kind::Float,
            "Allowed change of each key in its own unit; the percent tolerance then plays no part",
        ),
        REPO_ROOT,
        JSON,
    ],
};
