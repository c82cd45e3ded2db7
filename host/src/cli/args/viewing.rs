//! What can be typed after `view` and `report`.

use clap::Args;
use std::path::PathBuf;

/// `view`.
#[derive(Args, Debug)]
pub struct ViewArgs {
    /// Bundle directories, documents or registry entries; the first is the baseline, each other one a current run
    #[arg(value_name = "PATH")]
    pub inputs: Vec<PathBuf>,
    /// Paired profile of the current runs: a directory with a zymtrace or Nsight Systems bundle
    #[arg(long, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// Paired profile of the baseline
    #[arg(long, value_name = "DIR")]
    pub baseline_profile: Option<PathBuf>,
    /// Print the address and start no browser
    #[arg(long)]
    pub no_open: bool,
}

/// `report`.
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// A diff bundle: the directory that diff wrote below the registry
    #[arg(value_name = "DIR")]
    pub bundle: PathBuf,
    /// Where the page goes [default: report.html in the bundle]
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}
