//! The one question before something is written.

use super::progress;
use crate::error::{Error, Result};
use std::io::{BufRead as _, IsTerminal as _, Write as _, stderr, stdin};

/// Whether somebody can be asked.
pub fn interactive() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Shows what will happen and asks once; anything but yes ends the command.
pub fn ask(what: &str) -> Result<()> {
    let mut answer = String::new();
    let answered = progress::paused(|| {
        let mut err = stderr();
        write!(err, "{what}\nContinue? [y/N] ").and_then(|()| err.flush())?;
        stdin().lock().read_line(&mut answer)
    });
    if answered.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Error::usage(
        "not confirmed; nothing was written. Pass --yes to skip the question",
    ))
}
