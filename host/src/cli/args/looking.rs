//! What can be typed after `inspect` and `formats`.

use clap::Args;
use std::path::PathBuf;

/// `inspect`.
#[derive(Args, Debug)]
pub struct InspectArgs {
    /// Directory with results of any tools, a .zip of one, or one file
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `formats`.
#[derive(Args, Debug)]
pub struct FormatsArgs {
    /// Print the fields of this format
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
