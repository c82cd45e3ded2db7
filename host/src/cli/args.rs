//! What can be typed.

mod planning;
mod viewing;

pub use planning::{CalibrateArgs, ExplainArgs, HistoryArgs};
pub use viewing::ViewArgs;

use crate::registry::ServerArgs;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

const AFTER: &str = "\
Exit codes:
  0   pass: done, or GREEN, or YELLOW
  1   gate failed: RED, or YELLOW with --fail-on yellow; verify: something is wrong
  2   usage, or input that cannot be read
  3   no verdict: nothing can be said about the two runs
  70  internal error";

/// Is this inference performance regression real?
#[derive(Parser, Debug)]
#[command(name = "perfbridge", version, after_help = AFTER, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Stop the component after this many seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400), help_heading = "Limits")]
    pub timeout: u64,
    /// Give the component at most this much memory, in MiB
    #[arg(long, global = true, value_name = "MIB", default_value_t = 512, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=4096), help_heading = "Limits")]
    pub memory: usize,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Read a bundle and print its document
    Ingest(IngestArgs),
    /// Read a bundle and register it as a baseline
    Record(RecordArgs),
    /// Judge a run against a baseline
    Diff(Box<DiffArgs>),
    /// Say in one sentence why a row of a judgement has its status
    Explain(Box<ExplainArgs>),
    /// Measure the noise of repeated runs, and what tolerance it asks for
    Calibrate(CalibrateArgs),
    /// Show one number over the registered baselines, and where it changed
    History(HistoryArgs),
    /// Open runs in the browser: the first is the baseline
    View(ViewArgs),
    /// List registered baselines
    List(ListArgs),
    /// Show one registered baseline
    Show(ShowArgs),
    /// Check every hash and every row of the registry
    Verify(RootArgs),
    /// Make an empty registry
    Init(InitArgs),
    /// Serve the four verbs to MCP clients, on stdio or HTTP
    Mcp(McpArgs),
    /// Say which registry the verbs go to, and whether it works
    Doctor(DoctorArgs),
    /// Become a command that ends when the parent does
    #[command(name = crate::registry::CHILD_COMMAND, hide = true)]
    McpChild {
        /// The command
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
}

impl Command {
    /// Whether data goes to stdout as JSON, errors included.
    pub fn wants_json(&self) -> bool {
        match self {
            Command::Ingest(args) => args.json,
            Command::Record(args) => args.json,
            Command::Diff(args) => args.json || args.format == Some(DiffFormat::Json),
            Command::Explain(args) => args.json,
            Command::Calibrate(args) => args.json,
            Command::History(args) => args.root.json,
            Command::View(_) => false,
            Command::List(args) => args.root.json,
            Command::Show(args) => args.root.json,
            Command::Verify(args) => args.json,
            Command::Init(args) => args.json,
            Command::Doctor(args) => args.json,
            Command::Mcp(_) | Command::McpChild { .. } => false,
        }
    }
}

/// How a bundle is read.
#[derive(Args, Debug)]
pub struct BundleArgs {
    /// Served model name; needed where the bundle names none or several
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// State a field of the context, for instance deployment.quantization=NVFP4 (repeatable)
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub settings: Vec<String>,
    /// Paired profile: a directory with a zymtrace or Nsight Systems bundle
    #[arg(long, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// File of speed-of-light ceilings (YAML), for sol_pct
    #[arg(long, value_name = "FILE", requires = "sol_key")]
    pub sol_ceilings: Option<PathBuf>,
    /// Dotted key of the ceiling in that file
    #[arg(long, value_name = "KEY", requires = "sol_ceilings")]
    pub sol_key: Option<String>,
}

/// `ingest`.
#[derive(Args, Debug)]
pub struct IngestArgs {
    /// Directory of the benchmark run, or a document; repeated: trials of one configuration
    #[arg(long, value_name = "PATH", required = true)]
    pub source: Vec<PathBuf>,
    #[command(flatten)]
    pub bundle: BundleArgs,
    /// Errors as JSON too; the document is JSON in any case
    #[arg(long)]
    pub json: bool,
}

/// `record`.
#[derive(Args, Debug)]
pub struct RecordArgs {
    /// Directory of the benchmark run, or a document; repeated: trials of one configuration
    #[arg(long, value_name = "PATH", required = true)]
    pub source: Vec<PathBuf>,
    #[command(flatten)]
    pub bundle: BundleArgs,
    /// Kept with the entry, for instance "GPQA=0.31. MMLU-Pro=0.12"
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        allow_hyphen_values = true
    )]
    pub notes: String,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    #[command(flatten)]
    pub server: ServerArgs,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
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

/// How a judgement is printed.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffFormat {
    /// For people
    Text,
    /// For pull requests
    Markdown,
    /// For programs
    Json,
}

/// What is judged, against what, and by which policy.
#[derive(Args, Debug)]
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
    /// State a field of the current run's context (repeatable)
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub settings: Vec<String>,
    /// Paired profile of the current run
    #[arg(long, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// File of speed-of-light ceilings (YAML), for the current run's sol_pct
    #[arg(long, value_name = "FILE", requires = "sol_key")]
    pub sol_ceilings: Option<PathBuf>,
    /// Dotted key of the ceiling in that file
    #[arg(long, value_name = "KEY", requires = "sol_ceilings")]
    pub sol_key: Option<String>,
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
    /// Concurrency of the headline; default 16, else the baseline's nearest level
    #[arg(long, value_name = "N", help_heading = "Judging")]
    pub headline_level: Option<u32>,
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
    /// How to print the judgement
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<DiffFormat>,
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
Example: --tolerance.tps 5 --tolerance.hit-rate=4";

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

/// `mcp`.
#[derive(Args, Debug)]
pub struct McpArgs {
    /// Serve Streamable HTTP at this address instead of stdio, for instance 127.0.0.1:8931
    #[arg(long, value_name = "ADDRESS")]
    pub http: Option<SocketAddr>,
    /// Serve diff and search without any right to write baselines
    #[arg(long)]
    pub read_only: bool,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    /// Let callers name this root, or one below it, with --repo-root (repeatable)
    #[arg(long, value_name = "DIR")]
    pub allow_root: Vec<PathBuf>,
    /// Let --http listen where other machines can reach it
    #[arg(long, requires = "http")]
    pub allow_non_loopback: bool,
    /// A further name that clients may use for this server (repeatable)
    #[arg(long, value_name = "HOST", requires = "http")]
    pub allow_host: Vec<String>,
    /// A web page that may call this server, as https://name:port (repeatable)
    #[arg(long, value_name = "ORIGIN", requires = "http")]
    pub allow_origin: Vec<String>,
}

/// `doctor`.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
