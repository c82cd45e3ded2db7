//! What can be typed after `diff`, and what is judged by it.

use super::bundle::Additions;
use super::forms::FormArgs;
use crate::error::{Error, Result};
use crate::registry::ServerArgs;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Whether a path stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

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
    /// Registry entry, bundle directory, document, or NAME@SLUG (a slug may be cut; a role or a label may stand for it); repeated: trials
    #[arg(long, value_name = "BASELINE")]
    pub baseline: Vec<PathBuf>,
    /// Take the registered baseline of this model: the pinned one, else the newest
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Bundle directory, document, or registry entry; repeated: trials
    #[arg(long, value_name = "PATH")]
    pub current: Vec<PathBuf>,
    #[command(flatten)]
    pub additions: Additions,
    /// Quality score of the current run: NAME=NUMBER as in GPQA=0.71, or a result file of lm-evaluation-harness or NeMo Evaluator (repeatable)
    #[arg(long = "eval", value_name = "SCORE")]
    pub evals: Vec<String>,
    /// Override a tolerance; also written --tolerance.METRIC VALUE (repeatable)
    #[arg(
        long = "tolerance",
        value_name = "METRIC=VALUE",
        help_heading = "Judging"
    )]
    pub tolerances: Vec<String>,
    /// Policy file (TOML) with headline_level, vary and a [tolerance] table; none: not even the perfbridge.toml found here or above
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
#[command(
    after_help = TOLERANCES,
    mut_arg("current", |arg| arg.num_args(1..)
        .help("Bundle directory, document, registry entry, or - for a document on stdin; several: trials")),
)]
pub struct DiffArgs {
    /// The baseline and the current run; more of them are trials of the current one. With --model or --baseline all are current
    #[arg(value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    #[command(flatten)]
    pub case: CaseArgs,
    /// End with exit code 3 unless the judgement is of this tier; what fails ends with 1 at every tier
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
    #[command(flatten)]
    pub forms: FormArgs,
    /// Write the report as one HTML file, which opens anywhere and judges anew with other tolerances
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write verdict.json, verdict.md, HANDOFF.md and report.html here as well
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Sign the verdict that is written with this private key, through ssh-keygen
    #[arg(long, value_name = "FILE")]
    pub sign_key: Option<PathBuf>,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    #[command(flatten)]
    pub server: ServerArgs,
    /// Nothing is asked; taken because `record` takes it
    #[arg(long, short, hide = true)]
    pub yes: bool,
}

impl DiffArgs {
    /// Puts the runs that were named without an option on their sides.
    ///
    /// Errors: one run alone, which cannot be both sides, with a line that would do.
    pub fn place(&mut self) -> Result<()> {
        const EXPECTED: &str =
            "perfbridge diff BASELINE CURRENT, or --model NAME for the newest registered baseline";
        let named = !self.case.baseline.is_empty() || self.case.model.is_some();
        let mut runs = std::mem::take(&mut self.runs);
        let missing = match (named, runs.len(), self.case.current.len()) {
            (false, 0, 0) => Some("no run"),
            (false, 1, 0) => Some("one run"),
            (false, 0, _) => Some("no baseline"),
            (true, 0, 0) => Some("no current run"),
            _ => None,
        };
        if let Some(found) = missing {
            return Err(Error::usage(format!(
                "found {found}; expected two sides: {EXPECTED}"
            )));
        }
        if !named {
            self.case.baseline.push(runs.remove(0));
        }
        self.case.current.append(&mut runs);
        let both = [&self.case.baseline, &self.case.current];
        if both
            .into_iter()
            .flatten()
            .filter(|path| is_stdin(path))
            .count()
            > 1
        {
            return Err(Error::usage(
                "found - more than once; standard input holds one document",
            ));
        }
        Ok(())
    }
}

const TOLERANCES: &str = "\
Tolerances are in percent, or in absolute points for shares and rates:
  throughput_toks_per_s (tps)             3 %    ttft_p50_ms (ttft)             5 %
  tps_per_user (user)                     3 %    ttft_p95_ms                   10 %
  itl_p50_ms (itl)                        3 %    ttft_p99_ms                   15 %
  request_latency_p50_ms (latency)        5 %    error_rate                    1 pt
  prefix_cache_hit_rate_post (hit-rate)   2 pt   kernel_class_gpu_pct.<class>  3 pt
  gpu_cache_usage_perc_peak               5 pt   cpu_spinpoll_pct              5 pt
  goodput_per_s (goodput)                 3 %
  errors (where requests are not counted) 1 request
Example: --tolerance.tps 5 --tolerance.hit-rate=4";

/// The full name of a metric that is called by its short one, with its place left on; any other text as it is.
pub fn full_name(row: &str) -> String {
    let (metric, place) = row.split_once('@').unwrap_or((row, ""));
    let words: Vec<&str> = TOLERANCES.split_whitespace().collect();
    let short = format!("({metric})");
    let mut pairs = words.windows(2);
    match pairs.find(|pair| pair[1] == short) {
        Some(pair) => format!("{}@{place}", pair[0]),
        None => row.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{TOLERANCES, full_name};
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
    fn every_short_name_of_the_guest_stands_for_its_metric() {
        for metric in METRICS {
            let full = format!("{}@c16", metric.name());
            assert_eq!(full_name(&full), full);
            if let Some(short) = metric.short {
                assert_eq!(full_name(&format!("{short}@c16")), full);
            }
        }
        assert_eq!(full_name("tps"), "throughput_toks_per_s@");
        assert_eq!(full_name("nonsense@16"), "nonsense@16");
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
