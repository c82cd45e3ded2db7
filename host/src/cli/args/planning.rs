//! What can be typed after `explain`, `calibrate` and `history`.

use super::judging::CaseArgs;
use super::managing::RootArgs;
use clap::Args;
use std::path::PathBuf;

/// `explain`.
#[derive(Args, Debug)]
#[command(
    mut_arg("baseline", |arg| arg.required_unless_present_any(["verdict", "model"])),
    mut_arg("current", |arg| arg.required_unless_present("verdict")),
)]
pub struct ExplainArgs {
    /// The row as METRIC@PLACE, for instance ttft_p50_ms@c16, tps@16 or cpu_spinpoll_pct@profile
    #[arg(value_name = "ROW")]
    pub row: String,
    /// A judgement that was written before: verdict.json of a diff bundle
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "current", "model", "policy", "tolerances", "vary", "headline_level", "settings", "profile", "sol_ceilings"])]
    pub verdict: Option<PathBuf>,
    #[command(flatten)]
    pub case: CaseArgs,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `calibrate`.
#[derive(Args, Debug)]
pub struct CalibrateArgs {
    /// Bundle directory, document, or registry entry of a run; at least three of one configuration
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    pub runs: Vec<PathBuf>,
    /// Trials of each side of the later comparisons, for which tolerances are widened where noise asks for it [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub trials: Option<u32>,
    /// Write a policy file that diff --policy takes; an existing file is never replaced
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Served model name; needed where a bundle names none or several
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `plan`.
#[derive(Args, Debug)]
pub struct PlanArgs {
    /// What the baseline is called; its runs are LABEL-1, LABEL-2 and so on
    #[arg(long, value_name = "LABEL", value_parser = label, required_unless_present = "again")]
    pub baseline: Option<String>,
    /// What the current side is called
    #[arg(long, value_name = "LABEL", value_parser = label, required_unless_present = "again")]
    pub current: Option<String>,
    /// Measure this registered baseline anew: a script with its command lines, and what was measured and at which commit
    #[arg(long, value_name = "ENTRY", conflicts_with_all = ["baseline", "current", "run_baseline", "run_current"])]
    pub again: Option<String>,
    /// Runs of each side
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub trials: u32,
    /// Where the runs are to stand
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub dir: PathBuf,
    /// Shell command that makes one run of the baseline in the directory RUN_DIR; a shell script is printed then
    #[arg(long, value_name = "COMMAND", requires = "run_current")]
    pub run_baseline: Option<String>,
    /// The same for the current side
    #[arg(long, value_name = "COMMAND", requires = "run_baseline")]
    pub run_current: Option<String>,
    /// Root of the registry, for --again
    #[arg(long, value_name = "DIR", requires = "again")]
    pub repo_root: Option<PathBuf>,
    /// Print JSON
    #[arg(long, conflicts_with = "run_baseline")]
    pub json: bool,
}

/// A label becomes the name of a directory.
fn label(text: &str) -> Result<String, String> {
    if perfbridge_registry::is_safe_segment(text) {
        return Ok(text.to_owned());
    }
    Err("no name for a directory\n  expected letters, digits, '.', '_' and '-', the first one a letter or a digit".to_owned())
}

/// `history`.
#[derive(Args, Debug)]
pub struct HistoryArgs {
    /// The registered baselines of this model
    #[arg(long, value_name = "NAME", required_unless_present = "measurement")]
    pub model: Option<String>,
    /// The registered baselines of this measurement
    #[arg(long, value_name = "NAME", conflicts_with = "model")]
    pub measurement: Option<String>,
    /// Metric of the series; default: that of the headline
    #[arg(long, value_name = "NAME")]
    pub metric: Option<String>,
    /// Concurrency, server or profile; default: the headline's, or the only place of the metric
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<String>,
    /// Write a page with a plot of every number there
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    #[command(flatten)]
    pub root: RootArgs,
}
