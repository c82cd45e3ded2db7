//! What can be typed after `list`, `show`, `pin`, `verify` and `init`.

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
    /// Entry directory, NAME (the pinned or newest), NAME@SLUG, NAME@ROLE or NAME@LABEL; a slug may be cut
    #[arg(value_name = "ENTRY")]
    pub entry: String,
    #[command(flatten)]
    pub root: RootArgs,
}

/// `pin`.
#[derive(Args, Debug)]
pub struct PinArgs {
    /// Entry directory, NAME (the newest), NAME@SLUG; a slug may be cut
    #[arg(value_name = "ENTRY")]
    pub entry: String,
    /// The role; the entry with the role `baseline` is the one that --model takes [default: baseline, without --label]
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// What the entry is called in list, and behind @ in a name
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// Take the role back
    #[arg(long)]
    pub release: bool,
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
