//! What can be typed after `sweep`.

use super::forms::{Asked, FormArgs};
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// `sweep`.
#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub struct SweepArgs {
    /// Runs: directories or documents, with * and ? in any part of the path [default: those below experiments/artifacts/inference-perf-bench of the root]
    #[arg(long, value_name = "GLOB", num_args = 1..)]
    pub runs: Vec<String>,
    /// Only runs that began at this time or later: 2026-11-22, 2026-11-22T06:00:00Z, or so many days back, as 7d
    #[arg(long, value_name = "DATE|Nd")]
    pub since: Option<String>,
    /// Only models whose name is like this, with * and ?
    #[arg(long, value_name = "GLOB")]
    pub model: Option<String>,
    /// Policy file; none for no policy [default: the nearest perfbridge.toml]
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    pub policy: Option<PathBuf>,
    /// How to print the sweep, or with =FILE to write it there (repeatable; at most one without a file): text, json (lines), markdown, junit, page (HTML)
    #[arg(long = "format", value_name = "NAME[=FILE]")]
    pub formats: Vec<Asked>,
    /// Write the page there; the same as --format page=FILE
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Print a line of JSON for each group and each measurement
    #[arg(long)]
    pub json: bool,
    /// So many at a time [default: as the machine has processors]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Where documents of runs that were read before are kept [default: perfbridge in $XDG_CACHE_HOME or ~/.cache]
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Read every run anew, and keep none
    #[arg(long, conflicts_with = "cache")]
    pub no_cache: bool,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
}

const EXITS: &str = "\
Exit codes, the first that applies:
  1   RED: a measurement regressed
  2   usage, or a run or a baseline that cannot be read
  3   nothing was judged of a measurement: NO_VERDICT, no run, no baseline
  0   every measurement is GREEN or YELLOW";

impl SweepArgs {
    /// The forms that are asked for, the page among them.
    pub fn forms(&self) -> FormArgs {
        let mut formats = self.formats.clone();
        formats.extend(self.html.as_ref().map(|file| Asked {
            name: "page".to_owned(),
            file: Some(file.clone()),
        }));
        FormArgs {
            formats,
            json: self.json,
            ..FormArgs::default()
        }
    }
}
