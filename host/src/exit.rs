//! Exit codes: public, and the same for every command.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; for `diff`: GREEN or YELLOW.
    Pass = 0,
    /// The gate failed: RED, or YELLOW with `--fail-on yellow`; for `verify`: something is wrong.
    Failed = 1,
    /// Usage, or input that cannot be read.
    Usage = 2,
    /// Nothing can be said about the two runs.
    NoVerdict = 3,
    /// A bug of ours: a trap of the component, a broken invariant.
    Internal = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
