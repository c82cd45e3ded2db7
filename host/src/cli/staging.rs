//! Puts together one directory for each run where the runs stand below the levels.
//!
//! A component is granted one directory a bundle. So the files of one run are linked, or copied where links
//! cannot be made, into a scratch directory under the paths that they have below the input.

use super::inputs::scratch_dir;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// One directory for each of `runs`, with `<level>/profile_runs/<run>` of every level.
///
/// Errors: what the operating system refuses; links and special files below a run, by name.
pub fn stage(base: &Path, levels: &[&String], runs: &[String]) -> Result<(TempDir, Vec<PathBuf>)> {
    let scratch = scratch_dir()?;
    let mut staged = Vec::new();
    for run in runs {
        let target = scratch.path().join(run);
        for level in levels {
            let below = Path::new(level.as_str()).join("profile_runs").join(run);
            link_tree(&base.join(&below), &target.join(&below))?;
        }
        staged.push(target);
    }
    Ok((scratch, staged))
}

fn link_tree(source: &Path, target: &Path) -> Result<()> {
    std::fs::create_dir_all(target)
        .map_err(|error| Error::io("make the scratch directory", target, &error))?;
    let io = |error: std::io::Error| Error::io("read the directory", source, &error);
    for entry in std::fs::read_dir(source).map_err(io)? {
        let entry = entry.map_err(io)?;
        let (from, to) = (entry.path(), target.join(entry.file_name()));
        let kind = entry.file_type().map_err(io)?;
        if kind.is_dir() {
            link_tree(&from, &to)?;
        } else if kind.is_file() {
            std::fs::hard_link(&from, &to)
                .or_else(|_| std::fs::copy(&from, &to).map(drop))
                .map_err(|error| Error::io("read the file", &from, &error))?;
        } else {
            return Err(Error::usage(
                "found a link or a special file; expected files and directories. Put the file itself there",
            )
            .in_input(&from));
        }
    }
    Ok(())
}
