//! Usage and help texts, laid out as `argparse` does on a terminal of 80 columns.

use super::spec::{CommandSpec, Kind, OptionSpec, Program};

/// 80 columns less the two that `argparse` leaves free.
const WIDTH: usize = 78;

/// The column at which the help texts of the options begin.
const HELP_COLUMN: usize = 24;

/// The usage of the program as a whole, which is what an unknown option is answered with.
pub fn program_usage(program: &Program) -> String {
    let commands: Vec<_> = program.commands.iter().map(|one| one.name).collect();
    format!(
        "usage: {} [-h] {{{}}} ...\n",
        program.name,
        commands.join(",")
    )
}

/// The usage of one command, with a line end.
pub fn usage(program: &Program, command: &CommandSpec) -> String {
    let prefix = format!("usage: {} {}", program.name, command.name);
    let indent = " ".repeat(prefix.len());
    let mut lines = vec![prefix];
    for part in command.options.iter().flat_map(usage_parts) {
        let line = lines.last_mut().map_or(0, |line| line.len());
        if line + 1 + part.len() > WIDTH {
            lines.push(indent.clone());
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(&part);
        }
    }
    lines.join("\n") + "\n"
}

/// The pieces between which a usage line may be broken: a required option and its value are two, an optional one
/// in its brackets is one.
fn usage_parts(option: &OptionSpec) -> Vec<String> {
    let name = option.short.unwrap_or(option.name);
    match (placeholder(option), option.required) {
        (Some(value), true) => vec![name.to_owned(), value],
        (Some(value), false) => vec![format!("[{name} {value}]")],
        (None, _) => vec![format!("[{name}]")],
    }
}

/// What stands for the value: the name in capitals or the list of choices.
fn placeholder(option: &OptionSpec) -> Option<String> {
    match option.kind {
        Kind::Help | Kind::Flag => None,
        Kind::Choice(choices) => Some(format!("{{{}}}", choices.join(","))),
        Kind::Text | Kind::Float => Some(
            option
                .name
                .trim_start_matches('-')
                .replace('-', "_")
                .to_uppercase(),
        ),
    }
}

/// The whole help text of one command.
pub fn help(program: &Program, command: &CommandSpec) -> String {
    let mut out = usage(program, command);
    out.push('\n');
    for line in wrap(command.description, WIDTH) {
        out.push_str(&line);
        out.push('\n');
    }
    out.push_str("\noptions:\n");
    for option in command.options {
        out.push_str(&option_help(option));
    }
    out
}

fn option_help(option: &OptionSpec) -> String {
    let names = option
        .short
        .map_or(String::new(), |short| format!("{short}, "))
        + option.name;
    let value = placeholder(option).map_or(String::new(), |value| format!(" {value}"));
    let head = format!("  {names}{value}");
    let mut texts = wrap(option.help, WIDTH - HELP_COLUMN).into_iter();
    let mut out = String::new();
    if head.len() <= HELP_COLUMN - 2 {
        let first = texts.next().unwrap_or_default();
        out.push_str(&format!("{head:HELP_COLUMN$}{first}\n"));
    } else {
        out.push_str(&format!("{head}\n"));
    }
    for text in texts {
        out.push_str(&format!("{:HELP_COLUMN$}{text}\n", ""));
    }
    out
}

/// Fills lines as Python's `textwrap` does: a line may also be broken after a hyphen between two letters.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut glue = " ";
        for chunk in hyphen_chunks(word) {
            let last = lines.len() - 1;
            let line = &mut lines[last];
            if line.is_empty() {
                line.push_str(chunk);
            } else if line.len() + glue.len() + chunk.len() <= width {
                line.push_str(glue);
                line.push_str(chunk);
            } else {
                lines.push(chunk.to_owned());
            }
            glue = "";
        }
    }
    lines
}

fn hyphen_chunks(word: &str) -> Vec<&str> {
    let bytes = word.as_bytes();
    let letter = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphabetic);
    let mut chunks = Vec::new();
    let mut start = 0;
    for i in 1..bytes.len() {
        if bytes[i] == b'-' && letter(i - 1) && letter(i + 1) && letter(i + 2) {
            chunks.push(&word[start..=i]);
            start = i + 1;
        }
    }
    chunks.push(&word[start..]);
    chunks
}
