//! What can be typed after `diff`, and what is judged by it.

use super::bundle::Additions;
use crate::registry::ServerArgs;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// When `diff` ends with 1.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// On RED
    Red,
    /// On RED and on YELLOW
    Yellow,
}

/// What to do with percentiles of too few requests.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tails {
    /// Judge them, with a finding
    Judge,
    /// Show them only
    Observe,
}

/// How much a judgement must carry.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Anything
    Draft,
    /// Three trials a side and what else `promote` lists
    Verdict,
}

/// What is judged, against what, and by which policy.
#[derive(Args, Debug)]
#[command(
    mut_arg("settings", |arg| arg.help("State a field of the current run's context (repeatable)")),
    mut_arg("profile", |arg| arg.help("Paired profile of the current run")),
    mut_arg("sol_ceilings", |arg| arg.help("File of speed-of-light ceilings (YAML), for the current run's sol_pct")),
)]
pub struct CaseArgs {
    /// Registry entry, bundle directory, document, or NAME@SLUG; repeated: trials
    #[arg(long, value_name = "BASELINE", required_unless_present = "model")]
    pub baseline: Vec<PathBuf>,
    /// Take the newest registered baseline of this model
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Bundle directory, document, or registry entry; repeated: trials
    #[arg(long, value_name = "PATH", required = true)]
    pub current: Vec<PathBuf>,
    #[command(flatten)]
    pub additions: Additions,
    /// Override a tolerance; also written --tolerance.METRIC VALUE (repeatable)
    #[arg(
        long = "tolerance",
        value_name = "METRIC=VALUE",
        help_heading = "Judging"
    )]
    pub tolerances: Vec<String>,
    /// Policy file (TOML) with headline_level, vary and a [tolerance] table
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    pub policy: Option<PathBuf>,
    /// Where the headline is taken, 16 or c16; default 16, else the baseline's nearest level
    #[arg(long, value_name = "PLACE", help_heading = "Judging")]
    pub headline_level: Option<String>,
    /// Declare an identity field as what you changed (repeatable)
    #[arg(long, value_name = "FIELD", help_heading = "Judging")]
    pub vary: Vec<String>,
    /// Keep percentiles that the sample cannot carry out of the verdict
    #[arg(
        long,
        value_name = "MODE",
        value_enum,
        default_value = "judge",
        help_heading = "Judging"
    )]
    pub tails: Tails,
}

/// `diff`.
#[derive(Args, Debug)]
#[command(after_help = TOLERANCES)]
pub struct DiffArgs {
    #[command(flatten)]
    pub case: CaseArgs,
    /// End with exit code 3 unless the judgement is of this tier
    #[arg(
        long,
        value_name = "TIER",
        value_enum,
        default_value = "draft",
        help_heading = "Judging"
    )]
    pub require_tier: Tier,
    /// When to end with exit code 1
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value = "red",
        help_heading = "Judging"
    )]
    pub fail_on: FailOn,
    /// How to print the judgement: text, markdown (for pull requests), json (for programs), or answer (1 KB, for agents)
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// Let the Markdown say for each row why it has its status; JSON always does
    #[arg(long)]
    pub explain: bool,
    /// Write the report as one HTML file, which opens anywhere and judges anew with other tolerances
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write verdict.json, verdict.md and report.html here as well
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    #[command(flatten)]
    pub server: ServerArgs,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

const TOLERANCES: &str = "\
Tolerances are in percent, or in absolute points for shares and rates:
  throughput_toks_per_s (tps)             3 %    ttft_p50_ms (ttft)             5 %
  tps_per_user (user)                     3 %    ttft_p95_ms                   10 %
  itl_p50_ms (itl)                        3 %    ttft_p99_ms                   15 %
  request_latency_p50_ms (latency)        5 %    error_rate                    1 pt
  prefix_cache_hit_rate_post (hit-rate)   2 pt   kernel_class_gpu_pct.<class>  3 pt
  gpu_cache_usage_perc_peak               5 pt   cpu_spinpoll_pct              5 pt
  errors (where requests are not counted) 1 request
Example: --tolerance.tps 5 --tolerance.hit-rate=4";

#[cfg(test)]
mod tests {
    use super::TOLERANCES;
    use perfbridge_guest::measure::metrics::{Kind, METRICS};
    use std::collections::BTreeSet;

    /// The rows of the help table as `name (short) default unit`, whatever blanks and columns are between them.
    fn rows() -> BTreeSet<String> {
        let mut rows = BTreeSet::new();
        let mut row: Vec<&str> = Vec::new();
        let table = TOLERANCES.lines().filter(|line| line.starts_with("  "));
        for word in table.flat_map(str::split_whitespace) {
            row.push(word);
            if ["%", "pt", "request"].contains(&word) {
                rows.insert(row.join(" "));
                row.clear();
            }
        }
        assert!(row.is_empty(), "the table ends with {row:?}");
        rows
    }

    #[test]
    fn the_help_table_is_that_of_the_guest() {
        let expected = METRICS.iter().map(|metric| {
            let unit = match metric.kind {
                Kind::Percent => "%",
                Kind::Absolute if metric.name() == "errors" => "request",
                Kind::Absolute => "pt",
            };
            let class = match metric.name() {
                "kernel_class_gpu_pct" => ".<class>",
                "errors" => " (where requests are not counted)",
                _ => "",
            };
            let short = metric
                .short
                .map_or(String::new(), |short| format!(" ({short})"));
            format!("{}{class}{short} {} {unit}", metric.name(), metric.default)
        });
        assert_eq!(rows(), expected.collect());
    }
}
