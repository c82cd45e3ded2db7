//! What can be typed after `list`, `show`, `verify` and `init`.

use clap::Args;
use std::path::PathBuf;

/// The registry and the form of the answer.
#[derive(Args, Debug)]
pub struct RootArgs {
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Only this model, or this measurement
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Only this family
    #[arg(long, value_name = "FAMILY")]
    pub family: Option<String>,
    #[command(flatten)]
    pub root: RootArgs,
}

/// `show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// Entry directory, NAME (the newest) or NAME@SLUG
    #[arg(value_name = "ENTRY")]
    pub entry: String,
    #[command(flatten)]
    pub root: RootArgs,
}

/// `init`.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// Where; default: here
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
