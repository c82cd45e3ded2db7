//! What a command line can hold, as tables.

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

/// One option of a command.
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

/// A program that does nothing without one of its commands.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Its name in every text.
    pub name: &'static str,
    /// The commands, in the order of the usage text.
    pub commands: &'static [CommandSpec],
}

/// A command: its name, what it does, its options in the order of the help text.
#[derive(Debug, Clone, Copy)]
pub struct CommandSpec {
    /// The word that chooses it.
    pub name: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// All options; the help option is the first.
    pub options: &'static [OptionSpec],
}
