//! How much is said, and in which colours.

use clap::{Args, ValueEnum};

/// When escape codes for colour are written: everywhere, nowhere, or on a terminal unless `NO_COLOR` is set and wherever
/// `CLICOLOR_FORCE` is.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "clap would show what stands here in the help of every command"
)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// What every command takes.
#[derive(Args, Clone, Copy, Debug)]
pub struct Talk {
    /// Say nothing on stderr but errors
    #[arg(
        long,
        short,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    pub quiet: bool,
    /// Say on stderr what was read
    #[arg(long, short, global = true, help_heading = "Output")]
    pub verbose: bool,
    /// Colour the text
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value = "auto",
        help_heading = "Output"
    )]
    pub color: Color,
}
