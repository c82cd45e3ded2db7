//! The command lines of `record` and `diff`.

use crate::python::argparse::{self, CommandSpec, Kind, OptionSpec, Outcome, Program};
use crate::verb::Verb;

/// The directions a baseline can have, in the order in which they are listed.
pub const DIRECTIONS: &[&str] = &["higher-is-better", "lower-is-better", "two-sided"];

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

/// Both; the name is that of the reference server's process.
const PROGRAM: Program = Program {
    name: "__main__.py",
    commands: &[RECORD, DIFF],
};

/// Reads the argument list of one of them.
pub fn parse(command: &CommandSpec, args: &[String]) -> Outcome {
    argparse::parse(&PROGRAM, command, args)
}

/// The command line of `record`.
pub const RECORD: CommandSpec = CommandSpec {
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
pub const DIFF: CommandSpec = CommandSpec {
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

/// The long options of a verb, dashes included; none of a search.
pub fn option_names(verb: Verb) -> Vec<&'static str> {
    let options = match verb {
        Verb::Record => RECORD.options,
        Verb::Diff => DIFF.options,
        Verb::Evidence | Verb::Runbooks => &[],
    };
    options.iter().map(|option| option.name).collect()
}
