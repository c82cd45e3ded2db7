//! `completions` and `man`: the command line described for shells and for `man`.

use super::args::{Cli, with_examples};
use super::output::Output;
use crate::error::{Error, Result};
use crate::exit::Exit;
use clap::CommandFactory as _;
use clap_complete::Shell;
use perfbridge_registry::write_aside;
use std::path::Path;

/// Prints the completions of a shell.
pub fn completions(shell: Shell, output: &Output) -> Result<Exit> {
    let mut text = Vec::new();
    let mut command = with_examples(Cli::command());
    clap_complete::generate(shell, &mut command, "perfbridge", &mut text);
    output.data(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Pass)
}

/// Writes `perfbridge.1` and a page for each command.
pub fn man(dir: &Path, output: &Output) -> Result<Exit> {
    std::fs::create_dir_all(dir).map_err(|error| Error::io("make", dir, &error))?;
    let mut command = with_examples(Cli::command()).disable_help_subcommand(true);
    command.build();
    let shown = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    for page in std::iter::once(&command).chain(shown) {
        let name = page
            .get_bin_name()
            .unwrap_or("perfbridge")
            .replace(' ', "-");
        let mut text = Vec::new();
        let file = dir.join(format!("{name}.1"));
        clap_mangen::Man::new(page.clone())
            .render(&mut text)
            .and_then(|()| write_aside(&file, &text))
            .map_err(|error| Error::io("write", &file, &error))?;
    }
    output.say(&format!("written: {}", dir.display()));
    Ok(Exit::Pass)
}
